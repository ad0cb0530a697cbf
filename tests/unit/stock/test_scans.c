/* The scan flows, from the label to the balance: every flow, every refusal, and who is told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "stock/domain/reservation.h"
#include "unit/stock/wand.h"

/* Three drills D1 to D3 in bin A-01. */
static void receive_drills(struct wand *wand)
{
    wand_do(wand, DONE_, "command:RECEIVE product:2 asset:D1 asset:D2 asset:D3 bin:A-01");
}

/* ---- receive, put away ---- */

static void test_receive_bulk_counts_each_scan(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_do(&wand, OK_, "command:RECEIVE product:1 product:1 gtin:00012345678905");
    wand_do(&wand, OK_, "sgtin:00012345678905.77");
    assert_int_equal(site_available(*state, BULK), 10); /* nothing is booked before the bin */
    wand_do(&wand, DONE_, "bin:B-01");
    assert_int_equal(site_available(*state, BULK), 13);
    assert_int_equal(site_registered(*state, BULK), 13);
    assert_int_equal(site_number(*state, "SELECT registration FROM stock WHERE product_id = 1"), 2);
    wand_is_refused(&wand, "bin:B-01", SCAN_RESULT_NOT_ALLOWED); /* the flow has ended */
}

static void test_receive_serialised_makes_assets(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_do(&wand, OK_, "command:RECEIVE product:2 asset:D1 grai:4012345678901.5 giai:40123");
    wand_do(&wand, OK_, "sgtin:" GTIN ".S9");
    assert_int_equal(site_assets_in(*state, "dock:scanner-1"), 4);
    assert_int_equal(site_registered(*state, SERIALISED), 0);
    wand_is_refused(&wand, "asset:D1", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "product:2", SCAN_RESULT_NOT_ALLOWED);
    wand_is_refused(&wand, "sgtin:00099999999990.1", SCAN_RESULT_UNKNOWN_LABEL);
    wand_do(&wand, DONE_, "bin:A-01");
    assert_int_equal(site_assets_in(*state, "bin:A-01"), 4);
    assert_int_equal(site_registered(*state, SERIALISED), 4);
    assert_int_equal(site_available(*state, SERIALISED), 4);
    wand_do(&wand, OK_, "command:RECEIVE");
    wand_is_refused(&wand, "asset:D1", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "asset:D9", SCAN_RESULT_NOT_ALLOWED); /* of which product? */
}

static void test_receive_sgtin_needs_no_product_label(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_do(&wand, DONE_, "command:RECEIVE sgtin:" GTIN ".1 bin:A-01");
    assert_int_equal(site_available(*state, SERIALISED), 1);
}

static void test_receive_mixing_is_refused(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_do(&wand, OK_, "command:RECEIVE product:1");
    wand_is_refused(&wand, "asset:D1", SCAN_RESULT_WRONG_ITEM);
    wand_do(&wand, OK_, "product:1");
    wand_is_refused(&wand, "sgtin:" GTIN ".1", SCAN_RESULT_NOT_ALLOWED);
    wand_is_refused(&wand, "product:2", SCAN_RESULT_NOT_ALLOWED);
    wand_is_refused(&wand, "tote:T1", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, OK_, "command:CANCEL");
    assert_non_null(strstr(wand_verdict(&wand)->prompt, "1 counted: forgotten"));
    assert_int_equal(site_available(*state, BULK), 10);
}

static void test_putaway_takes_what_a_canceled_receive_left(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_do(&wand, OK_, "command:RECEIVE product:2 asset:D1 asset:D2 command:CANCEL");
    wand_do(&wand, OK_, "command:PUTAWAY asset:D1");
    wand_is_refused(&wand, "asset:D1", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "asset:D7", SCAN_RESULT_UNKNOWN_LABEL);
    wand_do(&wand, DONE_, "bin:A-02");
    assert_int_equal(site_available(*state, SERIALISED), 1);
    assert_int_equal(site_assets_in(*state, "bin:A-02"), 1);
    wand_do(&wand, OK_, "command:PUTAWAY");
    wand_is_refused(&wand, "asset:D1", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "bin:A-02", SCAN_RESULT_NOT_ALLOWED);
}

/* ---- pick, load, collect ---- */

static void test_locker_order_from_shelf_to_customer_and_back(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    receive_drills(&wand);
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "REQUESTED", "");
    wand_do(&wand, DONE_, "command:PICK order:7 tote:T1 asset:D1 asset:D3");
    assert_int_equal(site_order_state(site, 7), RESERVATION_PICKED);
    assert_int_equal(site_events(site, "StockPicked", 7), 1);
    assert_true(site_is_scanned(site, "StockPicked", "scanner-1"));
    assert_int_equal(site_assets_in(site, "tote:T1"), 2);

    wand_do(&wand, OK_, "command:LOAD");
    wand_is_refused(&wand, "tote:T1", SCAN_RESULT_NOT_ALLOWED); /* no compartment yet */
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "PICKED", "\"reason\":\"locker-1 is full\",");
    wand_is_refused(&wand, "order:7", SCAN_RESULT_NOT_ALLOWED);
    assert_string_equal(wand_verdict(&wand)->prompt, "locker-1 is full");
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "PICKED", IN_LOCKER("assigned"));
    wand_do(&wand, OK_, "tote:T1");
    wand_is_refused(&wand, "compartment:LOCKER-1-04", SCAN_RESULT_WRONG_PLACE);
    wand_is_refused(&wand, "compartment:LOCKER-2-03", SCAN_RESULT_WRONG_PLACE);
    wand_do(&wand, DONE_, "compartment:LOCKER-1-03");
    assert_int_equal(site_events(site, "CompartmentRequested", 7), 1);

    site_locker_order(site, 7, PIECES(SERIALISED, 2), "READY", IN_LOCKER("loaded"));
    assert_int_equal(site_order_state(site, 7), RESERVATION_LOADED);
    assert_int_equal(site_assets_in(site, "compartment:locker-1/03"), 2);
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "DELIVERED", "");
    assert_int_equal(site_order_state(site, 7), RESERVATION_RENTED);
    assert_int_equal(site_assets_in(site, "customer:7"), 2);
    assert_null(site_audit(site));

    site_locker_order(site, 7, PIECES(SERIALISED, 2), "RETURNING", "");
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "RETURNING", IN_LOCKER("loaded"));
    wand_do(&wand, OK_, "command:RETURN compartment:LOCKER-1-03 asset:D1 command:OK");
    assert_int_equal(site_events(site, "CompartmentRequested", 7), 2);
    wand_is_refused(&wand, "asset:D1", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "asset:D2", SCAN_RESULT_WRONG_ITEM);
    wand_do(&wand, DONE_, "asset:D3 command:DAMAGED bin:A-05");
    assert_int_equal(site_order_state(site, 7), RESERVATION_RETURNED);
    assert_int_equal(site_events(site, "StockReturned", 7), 1);
    assert_int_equal(site_number(site, "SELECT envelope ->> '$.data.damagedQty' FROM event_log"
                                       " WHERE envelope ->> '$.type' = 'StockReturned'"),
                     1);
    assert_int_equal(site_available(site, SERIALISED), 2);
    assert_int_equal(site_registered(site, SERIALISED), 2);
    assert_int_equal(site_assets_in(site, "quarantine:scanner-1"), 1);
    assert_true(site_is_scanned(site, "StockReturned", "scanner-1"));
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "RETURNED", ""); /* the door was closed */
    wand_do(&wand, OK_, "command:RETURN");
    wand_is_refused(&wand, "order:7", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "compartment:LOCKER-1-03", SCAN_RESULT_WRONG_PLACE);
}

/* It is free as soon as the goods lie in the locker, not only when somebody has them. */
static void test_tote_of_a_loaded_order_is_picked_into_again(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_picks_for_locker(&wand, 7, 1);
    site_locker_order(site, 8, PIECES(BULK, 1), "REQUESTED", "");
    wand_do(&wand, OK_, "command:PICK order:8");
    wand_is_refused(&wand, "tote:T1", SCAN_RESULT_WRONG_PLACE);
    site_locker_order(site, 7, PIECES(BULK, 1), "READY", IN_LOCKER("loaded"));
    assert_int_equal(site_order_state(site, 7), RESERVATION_LOADED);
    wand_do(&wand, DONE_, "tote:T1 product:1");
    assert_int_equal(site_order_state(site, 8), RESERVATION_PICKED);
}

static void test_pick_refusals(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1"), other = wand_new(site, "scanner-2");
    receive_drills(&wand);
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "REQUESTED", "");
    site_locker_order(site, 8, PIECES(BULK, 2), "REQUESTED", "");
    site_locker_order(site, 9, PIECES(BULK, 99), "REQUESTED", "");
    site_delivery(site, 10, BULK, 1, "REQUESTED");
    wand_do(&wand, OK_, "command:PICK");
    wand_is_refused(&wand, "order:99", SCAN_RESULT_UNKNOWN_LABEL);
    wand_is_refused(&wand, "order:9", SCAN_RESULT_WRONG_ORDER);
    wand_is_refused(&wand, "order:10", SCAN_RESULT_WRONG_ORDER);
    wand_is_refused(&wand, "bin:A-01", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, OK_, "order:7");
    wand_do(&other, OK_, "command:PICK");
    wand_is_refused(&other, "order:7", SCAN_RESULT_WRONG_ORDER);
    wand_do(&wand, OK_, "tote:T1");
    wand_do(&other, OK_, "order:8");
    wand_is_refused(&other, "tote:T1", SCAN_RESULT_WRONG_PLACE);
    wand_do(&other, OK_, "tote:T2 product:1");
    wand_is_refused(&other, "product:2", SCAN_RESULT_WRONG_ITEM);
    wand_is_refused(&wand, "product:2", SCAN_RESULT_NOT_ALLOWED);
    wand_is_refused(&wand, "product:1", SCAN_RESULT_WRONG_ITEM);
    wand_do(&wand, OK_, "asset:D1");
    wand_is_refused(&wand, "asset:D1", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "asset:D8", SCAN_RESULT_UNKNOWN_LABEL);
    wand_do(&other, DONE_, "product:1"); /* once for each piece */
    wand_do(&wand, OK_, "command:PICK");
    wand_is_refused(&wand, "order:8", SCAN_RESULT_ALREADY_DONE);
    wand_do(&other, OK_, "command:PICK order:7"); /* its scanner has left it for another flow */
    wand_is_refused(&other, "tote:T2", SCAN_RESULT_WRONG_PLACE);
    wand_is_refused(&other, "tote:T3", SCAN_RESULT_WRONG_PLACE);
    wand_do(&other, DONE_, "tote:T1 asset:D2");
}

static void test_order_is_free_again_after_ten_minutes(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1"), other = wand_new(site, "scanner-2");
    site_locker_order(site, 8, PIECES(BULK, 2), "REQUESTED", "");
    wand_do(&wand, OK_, "command:PICK order:8 tote:T1 product:1");
    wand_do(&other, OK_, "command:PICK");
    fake_world_advance(site->world, 600000);
    wand_is_refused(&other, "order:8", SCAN_RESULT_WRONG_ORDER);
    fake_world_advance(site->world, 1);
    wand_do(&other, OK_, "order:8 tote:T1");
    wand_is_refused(&wand, "product:1", SCAN_RESULT_WRONG_ORDER);
    wand_do(&other, DONE_, "product:1");
}

static void test_handover_at_the_counter_and_return_by_order(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    site_locker_order(site, 8, PIECES(BULK, 2), "REQUESTED", "");
    wand_do(&wand, OK_, "command:HANDOVER");
    wand_is_refused(&wand, "order:8", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, DONE_, "command:PICK order:8 tote:T1 product:1 product:1");
    wand_do(&wand, DONE_, "command:HANDOVER order:8");
    assert_int_equal(site_events(site, "StockHandedOver", 8), 1);
    assert_true(site_is_scanned(site, "StockHandedOver", wand.name));
    site_locker_order(site, 8, PIECES(BULK, 2), "DELIVERED", ""); /* delivery follows */
    site_locker_order(site, 8, PIECES(BULK, 2), "CANCELED",
                      ""); /* R9: it crossed, the goods are out */
    assert_int_equal(site_order_state(site, 8), RESERVATION_RENTED);
    wand_do(&wand, OK_, "command:LOAD");
    wand_is_refused(&wand, "order:8", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "tote:T1", SCAN_RESULT_WRONG_PLACE); /* empty again */

    wand_do(&wand, OK_, "command:RETURN order:8");
    wand_is_refused(&wand, "product:2", SCAN_RESULT_WRONG_ITEM);
    wand_do(&wand, OK_, "product:1");
    wand_is_refused(&wand, "product:1", SCAN_RESULT_NOT_ALLOWED);
    wand_is_refused(&wand, "command:PICK", SCAN_RESULT_NOT_ALLOWED);
    wand_is_refused(&wand, "command:CANCEL", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, OK_, "command:OK product:1 command:OK");
    wand_is_refused(&wand, "product:1", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, DONE_, "bin:B-01");
    assert_int_equal(site_available(site, BULK), 10);
    assert_int_equal(site_events(site, "StockReturned", 8), 1);
}

static void test_return_all_damaged_needs_no_bin(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    site_locker_order(site, 8, PIECES(BULK, 1), "REQUESTED", "");
    wand_do(&wand, DONE_, "command:PICK order:8 tote:T1 product:1");
    wand_do(&wand, DONE_, "command:HANDOVER order:8");
    wand_do(&wand, DONE_, "command:RETURN order:8 product:1 command:DAMAGED");
    assert_int_equal(site_order_state(site, 8), RESERVATION_RETURNED);
    assert_int_equal(site_registered(site, BULK), 9);
}

static void test_return_goes_on_where_another_session_left_it(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1"), other = wand_new(site, "scanner-2");
    receive_drills(&wand);
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "REQUESTED", "");
    wand_do(&wand, DONE_, "command:PICK order:7 tote:T1 asset:D1 asset:D2");
    wand_do(&wand, DONE_, "command:HANDOVER order:7");
    wand_do(&wand, OK_, "command:RETURN order:7 asset:D1 command:OK command:COUNT");
    wand_do(&other, OK_, "command:RETURN order:7 asset:D2");
    assert_int_equal(site_assets_in(site, "dock:scanner-2"), 1);
    wand_do(&other, OK_, "command:OK");
    wand_do(&wand, OK_, "command:PUTAWAY asset:D1"); /* one of them alone */
    wand_do(&wand, DONE_, "bin:A-07");
    assert_int_equal(site_order_state(site, 7), RESERVATION_RENTED);
    wand_do(&other, DONE_, "bin:A-08");
    assert_int_equal(site_order_state(site, 7), RESERVATION_RETURNED);
    assert_int_equal(site_available(site, SERIALISED), 3);
}

/* ---- what is canceled or expires ---- */

static void test_cancel_before_the_pick_frees_at_once(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    site_locker_order(site, 8, PIECES(BULK, 2), "REQUESTED", "");
    wand_do(&wand, OK_, "command:PICK order:8 tote:T1");
    site_locker_order(site, 8, PIECES(BULK, 2), "CANCELED", "");
    assert_int_equal(site_events(site, "StockReleased", 8), 1);
    assert_int_equal(site_events(site, "StockScanned", 8), 0); /* delivery's word freed it */
    assert_int_equal(site_available(site, BULK), 10);
    wand_is_refused(&wand, "product:1", SCAN_RESULT_WRONG_ORDER);
}

static void test_cancel_after_the_pick_comes_back_by_tote(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    receive_drills(&wand);
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "REQUESTED", "");
    wand_do(&wand, OK_, "command:PICK order:7 tote:T1 asset:D1");
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "CANCELED", "");
    assert_int_equal(site_order_state(site, 7), RESERVATION_COMING_BACK);
    assert_int_equal(site_available(site, SERIALISED), 2);
    assert_int_equal(site_events(site, "StockReleased", 7), 0);
    wand_is_refused(&wand, "asset:D2", SCAN_RESULT_WRONG_ORDER);
    wand_do(&wand, OK_, "command:LOAD");
    wand_is_refused(&wand, "tote:T1", SCAN_RESULT_WRONG_ORDER);
    wand_do(&wand, DONE_, "command:PUTAWAY tote:T1 bin:A-01");
    assert_int_equal(site_order_state(site, 7), RESERVATION_RELEASED);
    assert_int_equal(site_events(site, "StockReleased", 7), 1);
    assert_true(site_is_scanned(site, "StockReleased", wand.name));
    assert_int_equal(site_available(site, SERIALISED), 3);
    wand_do(&wand, OK_, "command:PUTAWAY");
    wand_is_refused(&wand, "order:7", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "tote:T1", SCAN_RESULT_WRONG_PLACE);
}

static void test_expired_order_is_fetched_from_its_compartment(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_picks_for_locker(&wand, 8, 2);
    site_locker_order(site, 8, PIECES(BULK, 2), "READY", IN_LOCKER("loaded"));
    wand_do(&wand, OK_, "command:RETURN");
    wand_is_refused(&wand, "compartment:LOCKER-1-03", SCAN_RESULT_WRONG_ORDER);
    site_locker_order(site, 8, PIECES(BULK, 2), "EXPIRED", IN_LOCKER("loaded"));
    wand_is_refused(&wand, "order:8", SCAN_RESULT_WRONG_PLACE); /* it is in the locker */
    wand_do(&wand, OK_, "command:PUTAWAY");
    wand_is_refused(&wand, "order:8", SCAN_RESULT_WRONG_PLACE);
    wand_do(&wand, OK_, "command:RETURN compartment:LOCKER-1-03 compartment:LOCKER-1-03");
    assert_int_equal(site_events(site, "CompartmentRequested", 8),
                     2); /* it did not open at first */
    wand_do(&wand, DONE_, "product:1 command:OK product:1 command:OK bin:B-01");
    assert_int_equal(site_order_state(site, 8), RESERVATION_RELEASED);
    assert_int_equal(site_events(site, "StockReleased", 8), 1);
    assert_true(site_is_scanned(site, "StockReleased", wand.name));
    assert_int_equal(site_available(site, BULK), 10);
}

static void test_direct_order_takes_the_oldest_and_brings_it_back(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_do(&wand, DONE_, "command:RECEIVE product:2 asset:D1 bin:A-01");
    fake_world_advance(site->world, 1000);
    wand_do(&wand, DONE_, "command:RECEIVE product:2 asset:D2 bin:A-02");
    site_delivery(site, 20, SERIALISED, 1, "REQUESTED");
    site_delivery(site, 20, SERIALISED, 1, "DELIVERED");
    assert_int_equal(site_number(site, "SELECT state = 5 AND place = 'customer:20' FROM asset"
                                       " WHERE label = 'asset:D1'"),
                     1);
    assert_null(site_audit(site));
    site_delivery(site, 20, SERIALISED, 1, "CANCELED");
    assert_int_equal(site_assets_in(site, "bin:A-01"), 1);
    assert_int_equal(site_available(site, SERIALISED), 2);
}

/* ---- count ---- */

static void test_count_bin_finds_lost_and_misplaced(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    receive_drills(&wand);
    wand_do(&wand, DONE_, "command:RECEIVE product:2 asset:D4 bin:A-02");
    wand_do(&wand, OK_, "command:COUNT bin:A-01 asset:D1 asset:D4");
    wand_is_refused(&wand, "asset:D1", SCAN_RESULT_ALREADY_DONE);
    wand_is_refused(&wand, "product:1", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, DONE_, "command:DONE");
    assert_string_equal(wand_verdict(&wand)->prompt, "A-01: 2, 2 lost, 1 from elsewhere");
    assert_int_equal(site_assets_in(site, "quarantine:lost"), 2);
    assert_int_equal(site_assets_in(site, "bin:A-01"), 2);
    assert_int_equal(site_registered(site, SERIALISED), 2);
    wand_do(&wand, DONE_, "command:COUNT bin:A-01 asset:D1 asset:D4 command:DONE");
    assert_string_equal(wand_verdict(&wand)->prompt, "A-01: 2, as booked");
}

static void test_count_bin_never_takes_what_is_promised(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    receive_drills(&wand);
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "REQUESTED", "");
    wand_do(&wand, OK_, "command:COUNT bin:A-01 asset:D1");
    wand_do(&wand, DONE_, "command:DONE");
    assert_string_equal(wand_verdict(&wand)->prompt, "1 lost, 1 not found but promised: office!");
    assert_int_equal(site_available(site, SERIALISED), 0);
    assert_int_equal(site_registered(site, SERIALISED), 2);
}

static void test_count_bulk_sets_what_is_available(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    site_locker_order(site, 8, PIECES(BULK, 3), "REQUESTED", "");
    wand_do(&wand, OK_, "command:PICK order:8 tote:T1 product:1"); /* one is off the shelf */
    wand_do(&wand, OK_, "command:COUNT product:1 product:1 product:1 product:1 product:1");
    wand_is_refused(&wand, "bin:A-01", SCAN_RESULT_NOT_ALLOWED);
    wand_is_refused(&wand, "product:2", SCAN_RESULT_WRONG_ITEM);
    wand_do(&wand, DONE_, "command:DONE"); /* 5 there, 2 of them promised */
    assert_int_equal(site_available(site, BULK), 3);
    assert_int_equal(site_registered(site, BULK), 6);
    wand_do(&wand, DONE_, "command:COUNT product:1 command:DONE"); /* fewer than promised */
    assert_int_equal(site_available(site, BULK), 0);
    assert_non_null(strstr(wand_verdict(&wand)->prompt, "1 short"));
}

/* ---- labels, commands ---- */

static void test_labels_that_mean_nothing(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    static const char *const labels[] = {
        "product:99",
        "product:0",
        "product:01",
        "product:1x",
        "product:",
        "gtin:0",
        "asset:D1",
        "sscc:1",
        "gln:1",
        "text:hello",
        "damaged:x",
        "command:DANCE",
        "command:",
        "bin:a b",
        "bin:",
        "tote:t1",
        "order:0",
        "order:99",
        "compartment:",
        "compartment:LOCKER-1",
        "compartment:-03",
        "compartment:LOCKER-1-17",
        "order:99999999999999999999",
    };
    static const char *const commands[] = { "RECEIVE",  "PUTAWAY", "PICK", "LOAD",
                                            "HANDOVER", "RETURN",  "COUNT" };
    for (size_t k = 0; k < KIT_COUNT(commands); k++) {
        char command[32];
        snprintf(command, sizeof(command), "command:%s", commands[k]);
        wand_do(&wand, OK_, command);
        for (size_t i = 0; i < KIT_COUNT(labels); i++) {
            bool is_new_asset = strcmp(labels[i], "asset:D1") == 0 && k == 0;
            wand_is_refused(&wand, labels[i],
                            is_new_asset ? SCAN_RESULT_NOT_ALLOWED : SCAN_RESULT_UNKNOWN_LABEL);
        }
    }
}

static void test_without_a_command_nothing_is_allowed(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    static const char *const labels[] = { "product:1",
                                          "bin:A-01",
                                          "tote:T1",
                                          "command:DONE",
                                          "command:OK",
                                          "command:DAMAGED",
                                          "compartment:LOCKER-1-03" };
    for (size_t i = 0; i < KIT_COUNT(labels); i++)
        wand_is_refused(&wand, labels[i], SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, OK_, "command:CANCEL");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shelf_setup, site_teardown)

/* ---- errands (rules 7.14) ---- */

static void test_errand_tells_delivery_and_moves_nothing(void **state)
{
    static const struct {
        const char *command, *told;
    } CASES[] = { { "command:OUT", "\"act\":\"out\"" },
                  { "command:IN", "\"act\":\"in\"" },
                  { "command:OPEN", "\"act\":\"open\"" } };
    struct wand wand = wand_new(*state, "scanner-1");
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char row[512];
        wand_do(&wand, OK_, CASES[i].command);
        wand_is_refused(&wand, "product:1", SCAN_RESULT_NOT_ALLOWED);
        wand_do(&wand, DONE_, "compartment:LOCKER-1-03");
        const int64_t seq = site_number(*state, "SELECT max(seq) FROM event_log");
        assert_true(fake_log_row(&((struct site *)*state)->stock, seq, row, sizeof(row)));
        assert_non_null(strstr(row, "CompartmentActed"));
        assert_non_null(strstr(row, "\"locker\":\"locker-1\",\"compartment\":3,"));
        assert_non_null(strstr(row, CASES[i].told));
        assert_non_null(strstr(row, "\"scanner\":\"scanner-1\""));
        wand_is_refused(&wand, "compartment:LOCKER-1-03", SCAN_RESULT_NOT_ALLOWED); /* once */
    }
}

static void test_errand_ends_with_the_next_command(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_do(&wand, OK_, "command:OUT command:COUNT");
    wand_is_refused(&wand, "compartment:LOCKER-1-03", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, OK_, "command:OPEN command:CANCEL");
    wand_is_refused(&wand, "compartment:LOCKER-1-03", SCAN_RESULT_NOT_ALLOWED);
}

/* Whose goods may lie in it, a scan does not open it for; out of service it goes all the same. */
static void test_errand_open_where_goods_lie_is_refused(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_picks_for_locker(&wand, 1, 1);
    site_locker_order(*state, 1, PIECES(BULK, 1), "READY", IN_LOCKER("loaded"));
    wand_do(&wand, OK_, "command:OPEN");
    wand_is_refused(&wand, "compartment:LOCKER-1-03", SCAN_RESULT_NOT_ALLOWED);
    assert_non_null(strstr(wand_verdict(&wand)->prompt, "Goods of order 1 are in it"));
    wand_do(&wand, DONE_, "compartment:LOCKER-1-04");
    wand_do(&wand, OK_, "command:OUT");
    wand_do(&wand, DONE_, "compartment:LOCKER-1-03");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_receive_bulk_counts_each_scan),
        TEST(test_receive_serialised_makes_assets),
        TEST(test_receive_sgtin_needs_no_product_label),
        TEST(test_receive_mixing_is_refused),
        TEST(test_putaway_takes_what_a_canceled_receive_left),
        TEST(test_locker_order_from_shelf_to_customer_and_back),
        TEST(test_tote_of_a_loaded_order_is_picked_into_again),
        TEST(test_pick_refusals),
        TEST(test_order_is_free_again_after_ten_minutes),
        TEST(test_handover_at_the_counter_and_return_by_order),
        TEST(test_return_all_damaged_needs_no_bin),
        TEST(test_return_goes_on_where_another_session_left_it),
        TEST(test_cancel_before_the_pick_frees_at_once),
        TEST(test_cancel_after_the_pick_comes_back_by_tote),
        TEST(test_expired_order_is_fetched_from_its_compartment),
        TEST(test_direct_order_takes_the_oldest_and_brings_it_back),
        TEST(test_count_bin_finds_lost_and_misplaced),
        TEST(test_count_bin_never_takes_what_is_promised),
        TEST(test_count_bulk_sets_what_is_available),
        TEST(test_labels_that_mean_nothing),
        TEST(test_without_a_command_nothing_is_allowed),
        TEST(test_errand_tells_delivery_and_moves_nothing),
        TEST(test_errand_ends_with_the_next_command),
        TEST(test_errand_open_where_goods_lie_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Scans at the edge: long prompts, large bins, records that cannot be handled, goods that an order
 * left behind, two people with one order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/store/db.h"
#include "stock/domain/reservation.h"
#include "stock/domain/scan.h"
#include "unit/stock/wand.h"

#define MINUTE_MS 60000
#define CLOSE_BY "LOCKER-1-03"

#define UNIT_MS 20 /* between two units: no scanner may say more (devices 7.11) */

static void units_scan(struct wand *wand, int from, int count)
{
    char label[24];
    for (int i = from; i < from + count; i++) {
        snprintf(label, sizeof(label), "asset:D%d", i);
        wand_do(wand, OK_, label);
        wand->site->world->mono_ms += UNIT_MS;
    }
}

/* ---- prompts (rules 7.1) ---- */

static void test_long_prompt_is_cut_and_the_scanner_goes_on(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1"), other = wand_new(site, "scanner-2");
    wand_do(&wand, OK_, "command:RECEIVE product:2");
    units_scan(&wand, 1, 110);
    wand_do(&other, OK_, "command:PUTAWAY");
    units_scan(&other, 1, 10);
    wand_do(&other, DONE_, "bin:A-01");
    wand_do(&wand, DONE_, "bin:ABCDEFGHIJKLMNOPQRSTUVWX"); /* 24 characters */
    assert_int_equal(strlen(wand_verdict(&wand)->prompt), SCAN_PROMPT_POINTS_MAX);
    assert_memory_equal(wand_verdict(&wand)->prompt, "100 put away in ABCDEFGH", 24);
    assert_int_equal(site_registered(site, SERIALISED), 110);
    wand_do(&wand, OK_, "command:RECEIVE");
}

/* ---- room for pieces (rules 7.4) ---- */

/* Each of two scanners saw room for its piece; what the second would put away does not fit. */
static void test_receive_bin_refuses_pieces_that_another_scanner_left_no_room_for(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1"), other = wand_new(site, "scanner-2");
    site_item(site, 3, STOCK_QTY_MAX - 1, "bulk", "");
    wand_do(&wand, OK_, "command:RECEIVE product:3 product:3");
    wand_do(&other, OK_, "command:RECEIVE product:3 product:3");
    wand_do(&wand, DONE_, "bin:A-01");
    assert_int_equal(site_registered(site, 3), STOCK_QTY_MAX);
    wand_is_refused(&other, "bin:A-01", SCAN_RESULT_NOT_ALLOWED);
    assert_string_equal(wand_verdict(&other)->prompt,
                        "No more than 1000000 of item 3 are possible");
    wand_do(&other, OK_, "command:CANCEL");
}

/* ---- records that cannot be handled (rules 7.11) ---- */

static void run_sql(struct site *site, const char *sql)
{
    sqlite3 *handle = kit_db_handle(kit_service_db(site->stock.service));
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* The trigger stands for a bug of ours: it strikes after goods have been moved already. */
static void test_record_that_cannot_be_handled_is_answered_and_undone(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    site_locker_order(site, 8, PIECES(BULK, 1), "REQUESTED", "");
    wand_do(&wand, OK_, "command:PICK order:8 tote:T1");
    run_sql(site, "CREATE TRIGGER broken BEFORE INSERT ON verdict WHEN new.signal = 2"
                  " BEGIN SELECT RAISE(ABORT, 'a bug'); END");
    const int64_t events = site_number(site, "SELECT count(*) FROM event_log");
    wand_read(&wand, "product:1");
    wand_read(&wand, "text:x");
    wand_send(&wand);
    assert_true(wand.is_acked);
    assert_int_equal(wand.ack.verdicts_count, 2);
    assert_int_equal(wand.ack.verdicts[0].result, SCAN_RESULT_NOT_ALLOWED);
    assert_string_equal(wand.ack.verdicts[0].prompt, WAND_GAVE_UP);
    assert_int_equal(wand.ack.verdicts[1].result, SCAN_RESULT_UNKNOWN_LABEL);
    assert_int_equal(site_order_state(site, 8), RESERVATION_RESERVED);
    assert_int_equal(site_number(site, "SELECT count(*) FROM event_log"), events);
    assert_int_equal(site_metric(site, "stock_scans_failed_total"), 1);
    const struct msg_device_ack first = wand.ack;
    run_sql(site, "DROP TRIGGER broken");
    wand_send(&wand); /* the acknowledgement was lost: the same verdicts, and nothing moves */
    assert_memory_equal(&wand.ack.verdicts, &first.verdicts, sizeof(first.verdicts));
    assert_int_equal(site_order_state(site, 8), RESERVATION_RESERVED);
    wand_free_acked(&wand);
    wand_do(&wand, DONE_, "product:1");
    assert_int_equal(site_order_state(site, 8), RESERVATION_PICKED);
}

/* Neither OK nor a command leads out of a check whose record always fails: it ends. */
static void test_record_that_fails_in_a_check_leaves_the_scanner_free(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    site_locker_order(site, 8, PIECES(BULK, 2), "REQUESTED", "");
    wand_do(&wand, DONE_, "command:PICK order:8 tote:T1 product:1 product:1");
    wand_do(&wand, DONE_, "command:HANDOVER order:8");
    for (int time = 0; time < 2; time++) {
        wand_do(&wand, OK_, "command:RETURN order:8 product:1");
        run_sql(site, "CREATE TRIGGER broken BEFORE INSERT ON verdict WHEN new.signal <> 3"
                      " BEGIN SELECT RAISE(ABORT, 'a bug'); END");
        wand_read(&wand, "command:OK");
        wand_send(&wand);
        assert_string_equal(wand_verdict(&wand)->prompt, WAND_GAVE_UP);
        wand_free_acked(&wand);
        run_sql(site, "DROP TRIGGER broken");
        wand_do(&wand, OK_, "command:RECEIVE");
    }
    wand_do(&wand, OK_, "command:RETURN order:8 product:1 command:OK");
    assert_int_equal(site_number(site, "SELECT checked FROM reservation WHERE id = 8"), 1);
}

/* ---- large bins (rules 7.9) ---- */

static void test_count_of_a_large_bin_loses_nothing(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    for (int batch = 0; batch < 2; batch++) {
        wand_do(&wand, OK_, "command:RECEIVE product:2");
        units_scan(&wand, batch * 150, 150);
        wand_do(&wand, DONE_, batch == 0 ? "bin:A-01" : "bin:A-02");
    }
    wand_do(&wand, OK_, "command:COUNT bin:A-01");
    units_scan(&wand, 0, 300);
    wand_do(&wand, DONE_, "command:DONE");
    assert_string_equal(wand_verdict(&wand)->prompt, "A-01: 300, 0 lost, 150 from elsewhere");
    assert_int_equal(site_assets_in(site, "bin:A-01"), 300);
    assert_int_equal(site_registered(site, SERIALISED), 300);
}

static void test_count_that_did_not_fit_cannot_end(void **state)
{
    (void)state;
    const struct scan_session session = {
        .flow = SCAN_COUNT, .step = SCAN_STEP_UNITS, .bin = "A-01", .units = SCAN_COUNT_MAX
    };
    struct scan_found found = { .thing = SCAN_THING_ASSET, .asset.state = ASSET_STATE_ON_SHELF };
    struct scan_decision decision;
    scan_decide(&session, &found, 1, &decision);
    assert_int_equal(decision.verdict.result, SCAN_RESULT_NOT_ALLOWED);
    found = (struct scan_found){ .thing = SCAN_THING_COMMAND,
                                 .command = SCAN_COMMAND_DONE,
                                 .missing = 1 };
    scan_decide(&session, &found, 1, &decision);
    assert_int_equal(decision.verdict.result, SCAN_RESULT_NOT_ALLOWED);
    assert_int_equal(decision.act, SCAN_ACT_NONE);
}

/* ---- goods that an ended order left in its compartment (rules 7.8) ---- */

/* Order 8, two chairs, returned at the counter while its return door was open. */
static void return_with_the_door_open(struct site *site, struct wand *wand)
{
    wand_picks_for_locker(wand, 8, 2);
    site_locker_order(site, 8, PIECES(BULK, 2), "READY", IN_LOCKER("loaded"));
    site_locker_order(site, 8, PIECES(BULK, 2), "DELIVERED", "");
    site_locker_order(site, 8, PIECES(BULK, 2), "RETURNING", IN_LOCKER("assigned"));
    wand_do(wand, DONE_, "command:RETURN order:8 product:1 command:OK product:1 command:OK bin:B");
    assert_int_equal(site_order_state(site, 8), RESERVATION_RETURNED);
}

static void test_compartment_of_an_ended_order_opens_by_return(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    return_with_the_door_open(site, &wand);
    wand_do(&wand, OK_, "command:RETURN");
    wand_is_refused(&wand, "compartment:" CLOSE_BY, SCAN_RESULT_WRONG_PLACE);
    site_locker_order(site, 8, PIECES(BULK, 2), "RETURNED", IN_LOCKER("loaded"));
    wand_is_refused(&wand, "order:8", SCAN_RESULT_WRONG_PLACE);
    assert_non_null(strstr(wand_verdict(&wand)->prompt, "scan compartment 03"));
    for (int i = 0; i < 2; i++) { /* it did not open at first */
        wand_do(&wand, OK_, "command:RETURN");
        wand_do(&wand, DONE_, "compartment:" CLOSE_BY);
        assert_string_equal(wand_verdict(&wand)->prompt, "Take out what is in it, close the door");
        assert_int_equal(site_events(site, "CompartmentRequested", 8), i + 1);
    }
    assert_int_equal(site_registered(site, BULK), 10);
    site_locker_order(site, 8, PIECES(BULK, 2), "RETURNED", "");
    wand_do(&wand, OK_, "command:RETURN");
    wand_is_refused(&wand, "compartment:" CLOSE_BY, SCAN_RESULT_WRONG_PLACE);
    wand_is_refused(&wand, "order:8", SCAN_RESULT_ALREADY_DONE);
}

/* It was loaded before the last scan ended the order: the spot stays until delivery frees it. */
static void test_spot_outlives_its_order_while_it_is_loaded(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_picks_for_locker(&wand, 8, 2);
    site_locker_order(site, 8, PIECES(BULK, 2), "READY", IN_LOCKER("loaded"));
    site_locker_order(site, 8, PIECES(BULK, 2), "EXPIRED", IN_LOCKER("loaded"));
    wand_do(&wand, OK_, "command:RETURN compartment:" CLOSE_BY);
    wand_do(&wand, DONE_, "product:1 command:OK product:1 command:OK bin:B-01");
    assert_int_equal(site_order_state(site, 8), RESERVATION_RELEASED);
    wand_do(&wand, OK_, "command:RETURN");
    wand_do(&wand, DONE_, "compartment:" CLOSE_BY);
    assert_int_equal(site_events(site, "CompartmentRequested", 8), 2);
}

/* Order 7 is in the compartment already, and we have not heard yet that 8 left it. */
static void test_compartment_belongs_to_the_order_that_still_runs(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    return_with_the_door_open(site, &wand);
    site_locker_order(site, 8, PIECES(BULK, 2), "RETURNED", IN_LOCKER("loaded"));
    wand_picks_for_locker(&wand, 7, 1);
    site_locker_order(site, 7, PIECES(BULK, 1), "READY", IN_LOCKER("loaded"));
    wand_do(&wand, OK_, "command:RETURN");
    wand_is_refused(&wand, "compartment:" CLOSE_BY, SCAN_RESULT_WRONG_ORDER);
    site_locker_order(site, 7, PIECES(BULK, 1), "EXPIRED", IN_LOCKER("loaded"));
    wand_do(&wand, OK_, "compartment:" CLOSE_BY);
    assert_int_equal(site_events(site, "CompartmentRequested", 7), 1);
}

/* ---- hand over while it is being loaded (rules 7.7) ---- */

static void test_handover_waits_for_the_end_of_a_load(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1"), other = wand_new(site, "scanner-2");
    wand_picks_for_locker(&wand, 8, 1);
    wand_do(&wand, DONE_, "command:LOAD order:8 compartment:" CLOSE_BY);
    wand_do(&other, OK_, "command:HANDOVER");
    wand_is_refused(&other, "order:8", SCAN_RESULT_NOT_ALLOWED);
    fake_service_crash(&site->stock);
    wand_is_refused(&other, "order:8", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, DONE_, "command:LOAD order:8 compartment:" CLOSE_BY); /* it may open again */
    site_locker_order(site, 8, PIECES(BULK, 1), "PICKED",
                      IN_LOCKER("assigned") "\"reason\":\"the lock is jammed\",");
    wand_do(&other, DONE_, "order:8");
    assert_int_equal(site_order_state(site, 8), RESERVATION_RENTED);
}

static void test_handover_does_not_wait_for_ever(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_picks_for_locker(&wand, 8, 1);
    wand_do(&wand, DONE_, "command:LOAD order:8 compartment:" CLOSE_BY);
    fake_world_advance(site->world, SCAN_LOAD_MS - 1);
    wand_do(&wand, OK_, "command:HANDOVER");
    wand_is_refused(&wand, "order:8", SCAN_RESULT_NOT_ALLOWED);
    fake_world_advance(site->world, 1);
    wand_do(&wand, DONE_, "order:8");
}

/* Delivery says that the compartment of a loaded order is empty: the goods were found (7.7). */
static void test_load_again_when_the_compartment_is_empty(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_picks_for_locker(&wand, 8, 1);
    site_locker_order(site, 8, PIECES(BULK, 1), "READY", IN_LOCKER("loaded"));
    wand_do(&wand, OK_, "command:LOAD");
    wand_is_refused(&wand, "order:8", SCAN_RESULT_ALREADY_DONE);
    site_locker_order(site, 8, PIECES(BULK, 1), "READY", IN_LOCKER("assigned"));
    wand_do(&wand, OK_, "order:8");
    wand_is_refused(&wand, "compartment:LOCKER-1-04", SCAN_RESULT_WRONG_PLACE);
    wand_do(&wand, DONE_, "compartment:" CLOSE_BY);
    assert_int_equal(site_events(site, "CompartmentRequested", 8), 1);
    site_locker_order(site, 8, PIECES(BULK, 1), "READY", IN_LOCKER("loaded"));
    wand_do(&wand, OK_, "command:LOAD");
    wand_is_refused(&wand, "order:8", SCAN_RESULT_ALREADY_DONE);
    site_locker_order(site, 8, PIECES(BULK, 1), "DELIVERED", "");
    assert_int_equal(site_order_state(site, 8), RESERVATION_RENTED);
}

/* ---- put away (rules 7.5) ---- */

static void test_putaway_leaves_no_unit_behind_that_another_scanner_took_back(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1"), other = wand_new(site, "scanner-2");
    wand_do(&wand, DONE_, "command:RECEIVE product:2 asset:D1 asset:D2 bin:A-01");
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "REQUESTED", "");
    wand_do(&wand, DONE_, "command:PICK order:7 tote:T1 asset:D1 asset:D2");
    site_locker_order(site, 7, PIECES(SERIALISED, 2), "CANCELED", "");
    wand_do(&wand, OK_, "command:PUTAWAY order:7");
    fake_world_advance(site->world, SCAN_ORDER_LOCK_MS + MINUTE_MS);
    wand_do(&other, OK_, "command:RETURN order:7 asset:D1");
    fake_world_advance(site->world, SCAN_ORDER_LOCK_MS + MINUTE_MS);
    wand_is_refused(&wand, "bin:A-01", SCAN_RESULT_NOT_ALLOWED);
    assert_int_equal(site_order_state(site, 7), RESERVATION_COMING_BACK);
    wand_do(&other, OK_, "command:OK asset:D2 command:OK");
    wand_do(&other, DONE_, "bin:A-02");
    assert_int_equal(site_order_state(site, 7), RESERVATION_RELEASED);
}

/* ---- an order of a scanner that is gone (rules 7.6) ---- */

static void say(struct site *site, const char *name, const char *status)
{
    char json[256], leaf[48];
    snprintf(json, sizeof(json),
             "{\"status\":\"%s\",\"kind\":\"scanner\",\"epoch\":\"" WAND_EPOCH "\",\"boot\":1,"
             "\"firmware\":\"1.0.0\"}",
             status);
    snprintf(leaf, sizeof(leaf), "%s/state", name);
    fake_device(&site->stock, "scanner", leaf, json);
}

static void test_order_of_an_offline_scanner_is_taken_over_at_once(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1"), other = wand_new(site, "scanner-2");
    say(site, "scanner-1", "online");
    site_locker_order(site, 8, PIECES(BULK, 3), "REQUESTED", "");
    wand_do(&wand, OK_, "command:PICK order:8 tote:T1 product:1");
    wand_do(&other, OK_, "command:PICK");
    wand_is_refused(&other, "order:8", SCAN_RESULT_WRONG_ORDER);
    say(site, "scanner-1", "offline");
    fake_world_advance(site->world, 1);
    wand_do(&other, OK_, "order:8 tote:T1 product:1");
    say(site, "scanner-1", "online");
    wand_is_refused(&wand, "product:1", SCAN_RESULT_WRONG_ORDER);
    wand_do(&other, DONE_, "product:1");
}

/* ---- many pieces by one scan (rules 7.2) ---- */

static void test_times_from_takes_1_to_999(void **state)
{
    (void)state;
    assert_int_equal(scan_times_from("QTY-1"), 1);
    assert_int_equal(scan_times_from("QTY-999"), 999);
    static const char *const bad[] = { "",         "QTY",    "QTY-",   "QTY-0",
                                       "QTY-1000", "QTY-01", "QTY-2X", "XQTY-2" };
    for (size_t i = 0; i < KIT_COUNT(bad); i++)
        assert_int_equal(scan_times_from(bad[i]), 0);
}

static void test_times_receive_pick_and_count_many_pieces(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_do(&wand, OK_, "command:RECEIVE command:QTY-20 product:1");
    wand_do(&wand, OK_, "product:1 command:QTY-5 command:QTY-7 product:1"); /* 20, 1, 7 */
    wand_do(&wand, DONE_, "bin:A-01");
    assert_int_equal(site_registered(site, BULK), 38);
    site_locker_order(site, 8, PIECES(BULK, 6), "REQUESTED", "");
    wand_do(&wand, OK_, "command:PICK order:8 tote:T1 product:1 command:QTY-6");
    wand_is_refused(&wand, "product:1", SCAN_RESULT_NOT_ALLOWED); /* 5 are left */
    wand_do(&wand, DONE_, "command:QTY-5 product:1");
    assert_int_equal(site_order_state(site, 8), RESERVATION_PICKED);
    wand_do(&wand, DONE_, "command:COUNT command:QTY-30 product:1 product:1 command:DONE");
    assert_int_equal(site_number(site, "SELECT available FROM stock WHERE product_id = 1"), 31);
}

static void test_times_without_a_product_are_not_lost(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_is_refused(&wand, "command:QTY-2", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, OK_, "command:RECEIVE product:1 product:1 command:QTY-20");
    wand_is_refused(&wand, "bin:A-01", SCAN_RESULT_NOT_ALLOWED);
    wand_is_refused(&wand, "command:QTY-1000", SCAN_RESULT_UNKNOWN_LABEL);
    wand_do(&wand, DONE_, "product:1 bin:A-01");
    assert_int_equal(site_registered(site, BULK), 31);
    wand_do(&wand, OK_, "command:COUNT product:1 command:QTY-20");
    wand_is_refused(&wand, "command:DONE", SCAN_RESULT_NOT_ALLOWED);
    wand_do(&wand, OK_, "command:COUNT bin:A-01");
    wand_is_refused(&wand, "command:QTY-2", SCAN_RESULT_NOT_ALLOWED);
    assert_int_equal(site_registered(site, BULK), 31);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shelf_setup, site_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_long_prompt_is_cut_and_the_scanner_goes_on),
        TEST(test_receive_bin_refuses_pieces_that_another_scanner_left_no_room_for),
        TEST(test_record_that_cannot_be_handled_is_answered_and_undone),
        TEST(test_record_that_fails_in_a_check_leaves_the_scanner_free),
        TEST(test_count_of_a_large_bin_loses_nothing),
        TEST(test_count_that_did_not_fit_cannot_end),
        TEST(test_compartment_of_an_ended_order_opens_by_return),
        TEST(test_spot_outlives_its_order_while_it_is_loaded),
        TEST(test_compartment_belongs_to_the_order_that_still_runs),
        TEST(test_handover_waits_for_the_end_of_a_load),
        TEST(test_handover_does_not_wait_for_ever),
        TEST(test_load_again_when_the_compartment_is_empty),
        TEST(test_putaway_leaves_no_unit_behind_that_another_scanner_took_back),
        TEST(test_order_of_an_offline_scanner_is_taken_over_at_once),
        TEST(test_times_from_takes_1_to_999),
        TEST(test_times_receive_pick_and_count_many_pieces),
        TEST(test_times_without_a_product_are_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

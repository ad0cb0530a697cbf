/* The database fails, in each statement of each step of an order's life: what a step began is
 * undone as a whole, the process starts again, and the same step is taken as if for the first time.
 */
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "stock/domain/reservation.h"
#include "unit/stock/wand.h"

static struct site *site;
static struct wand wand;
static struct {
    const char *label, *status, *more;
    int64_t seq;
} step;

static void send_event(void *context)
{
    (void)context;
    site->delivery_seq = step.seq;
    site_locker_order(site, 8, PIECES(SERIALISED, 1), step.status, step.more);
}

static void delivery_says(const char *status, const char *more)
{
    step.status = status;
    step.more = more;
    step.seq = site->delivery_seq;
    assert_true(fake_tried(&site->stock, send_event, NULL) > 0);
}

static void send_records(void *context)
{
    (void)context;
    wand_send(&wand);
}

static void person_scans(enum scan_signal signal, const char *label)
{
    wand_read(&wand, label);
    assert_true(fake_tried(&site->stock, send_records, NULL) > 0);
    if (!wand.is_acked) /* the last failure came behind the commit */
        wand_send(&wand);
    assert_int_equal(wand_verdict(&wand)->signal, signal);
    wand_free_acked(&wand);
}

static void test_order_whose_every_statement_fails_once_ends_as_any_other(void **state)
{
    site = *state;
    wand = wand_new(site, "scanner-1");
    person_scans(OK_, "command:RECEIVE");
    person_scans(OK_, "product:2");
    person_scans(OK_, "asset:D1");
    person_scans(DONE_, "bin:A-01");
    assert_int_equal(site_registered(site, SERIALISED), 1);
    delivery_says("REQUESTED", "");
    person_scans(OK_, "command:PICK");
    person_scans(OK_, "order:8");
    person_scans(OK_, "tote:T1");
    person_scans(DONE_, "asset:D1");
    assert_int_equal(site_order_state(site, 8), RESERVATION_PICKED);
    delivery_says("PICKED", IN_LOCKER("assigned"));
    person_scans(OK_, "command:LOAD");
    person_scans(OK_, "tote:T1");
    person_scans(DONE_, "compartment:LOCKER-1-03");
    delivery_says("READY", IN_LOCKER("loaded"));
    assert_int_equal(site_assets_in(site, "compartment:locker-1/03"), 1);
    delivery_says("DELIVERED", "");
    assert_int_equal(site_order_state(site, 8), RESERVATION_RENTED);
    delivery_says("RETURNING", "");
    delivery_says("RETURNING", IN_LOCKER("loaded"));
    person_scans(OK_, "command:RETURN");
    person_scans(OK_, "compartment:LOCKER-1-03");
    person_scans(OK_, "asset:D1");
    person_scans(OK_, "command:OK");
    person_scans(DONE_, "bin:A-05");
    assert_int_equal(site_order_state(site, 8), RESERVATION_RETURNED);
    assert_int_equal(site_events(site, "StockPicked", 8), 1);
    assert_int_equal(site_events(site, "StockReturned", 8), 1);
    assert_int_equal(site_events(site, "CompartmentRequested", 8), 2);
    assert_int_equal(site_available(site, SERIALISED), 1);
    assert_int_equal(site_assets_in(site, "bin:A-05"), 1);
    assert_int_equal(site_number(site, "SELECT count(*) FROM dead_letter"), 0);
    assert_int_equal(site_number(site, "SELECT max(seq) - count(*) FROM event_log"), 0);
}

static void move_asset(void *context)
{
    (void)context;
    (void)fake_request(&site->stock, "bridge", "scan", "key-1",
                       "{\"station\":\"desk-1\",\"label\":\"LS:X:PICK:R\"}");
}

static void read_lists(void *context)
{
    (void)context;
    static const char *const methods[] = { "device-list", "asset-list", "pick-list" };
    for (size_t i = 0; i < KIT_COUNT(methods); i++)
        (void)fake_request(&site->stock, "bridge", methods[i], "", "{\"page\":0,\"size\":5}");
}

static void test_request_whose_every_statement_fails_once_has_one_effect(void **state)
{
    site = *state;
    assert_true(fake_tried(&site->stock, move_asset, NULL) > 0);
    assert_int_equal(site_number(site, "SELECT count(*) FROM scanner"), 1);
    assert_true(fake_tried(&site->stock, read_lists, NULL) > 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, shelf_setup, site_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order_whose_every_statement_fails_once_ends_as_any_other),
        TEST(test_request_whose_every_statement_fails_once_has_one_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The log that pages read: an order once for each commit, as customers see it; what product and
 * stock say as they said it; and a database that had no log gets one (rules 2). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "information/app.h"
#include "information_fixture.h"
#include "kit/stream/log.h"

#define ROW_SIZE 4096

static void rental(struct fixture *f, int64_t seq, int64_t id, int64_t version, const char *status)
{
    char data[512], subject[32];
    (void)snprintf(data, sizeof(data),
                   "{\"id\":%" PRId64 ",\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\","
                   "\"status\":\"%s\",\"version\":%" PRId64
                   ",\"orderedAt\":\"2026-01-01T00:00:00.000Z\"}",
                   id, status, version);
    (void)snprintf(subject, sizeof(subject), "rental/%" PRId64, id);
    fake_event(&f->fake,
               &(struct fake_event){ "rental", seq, "RentalUpdated", subject, version, data });
}

static void delivery(struct fixture *f, int64_t seq, int64_t id, int64_t version,
                     const char *status)
{
    char data[512], subject[32];
    (void)snprintf(data, sizeof(data),
                   "{\"id\":%" PRId64 ",\"rentalId\":%" PRId64 ",\"productId\":7,\"qty\":3,"
                   "\"fulfilment\":\"direct\",\"status\":\"%s\",\"version\":%" PRId64 "}",
                   id, id, status, version);
    (void)snprintf(subject, sizeof(subject), "delivery/%" PRId64, id);
    fake_event(&f->fake,
               &(struct fake_event){ "delivery", seq, "DeliveryUpdated", subject, version, data });
}

/* The open batch is saved. */
static void commit(struct fixture *f)
{
    fake_world_advance(f->world, KIT_SERVICE_QUIET_MS);
    fake_settle(&f->fake);
}

static int64_t log_rows(struct fixture *f)
{
    return fake_sql_int(&f->fake, "SELECT count(*) FROM event_log");
}

static void assert_row(struct fixture *f, int64_t seq, const char *part)
{
    char row[ROW_SIZE];
    assert_true(fake_log_row(&f->fake, seq, row, sizeof(row)));
    if (strstr(row, part) == NULL)
        fail_msg("row %" PRId64 " is %s, without %s", seq, row, part);
}

/* Rules 2.2. */
static void test_order_is_told_once_for_each_commit_as_it_is_then(void **state)
{
    struct fixture *f = *state;
    rental(f, 1, 1, 1, "ORDERED");
    delivery(f, 1, 1, 1, "REQUESTED");
    rental(f, 2, 2, 1, "ORDERED");
    delivery(f, 2, 1, 2, "DELIVERED");
    rental(f, 3, 1, 2, "DELIVERED");
    assert_int_equal(fake_count(f->world, "lockstock/v1/stream/information"), 0);
    commit(f);
    assert_int_equal(log_rows(f), 2);
    assert_row(f, 1, "\"type\":\"OrderChanged\",\"subject\":\"order/1\"");
    assert_row(f, 1, "\"version\":4,");
    assert_row(f, 1,
               "\"data\":{\"id\":1,\"rentalId\":1,\"productId\":7,\"rentalQty\":3,"
               "\"rentalStatus\":\"DELIVERED\",\"deliveryStatus\":\"DELIVERED\","
               "\"orderedAt\":\"2026-01-01T00:00:00.000Z\"");
    assert_row(f, 2, "\"subject\":\"order/2\"");
    assert_int_equal(fake_count(f->world, "lockstock/v1/stream/information"), 1);

    delivery(f, 3, 2, 1, "REQUESTED");
    commit(f);
    assert_int_equal(log_rows(f), 3);
    assert_row(f, 3, "\"deliveryStatus\":\"REQUESTED\"");
}

static void test_order_that_does_not_change_or_show_is_not_told(void **state)
{
    struct fixture *f = *state;
    delivery(f, 1, 1, 2, "DELIVERED"); /* not shown yet: rules 1.5 */
    commit(f);
    assert_int_equal(log_rows(f), 0);
    rental(f, 1, 1, 2, "DELIVERED");
    commit(f);
    assert_int_equal(log_rows(f), 1);
    rental(f, 2, 1, 1, "ORDERED"); /* stale: rules 1.2 */
    commit(f);
    assert_int_equal(log_rows(f), 1);
}

/* More orders in one batch than there are notes: each is told all the same. */
static void test_more_orders_than_notes_are_all_told(void **state)
{
    struct fixture *f = *state;
    struct information_app *app = test_calloc(1, sizeof(*app));
    const size_t room = KIT_COUNT(app->changed);
    test_free(app);
    for (size_t i = 1; i <= room + 10; i++)
        rental(f, (int64_t)i, (int64_t)i, 1, "ORDERED");
    commit(f);
    assert_int_equal(fake_sql_int(&f->fake, "SELECT count(DISTINCT json_extract(envelope,"
                                            " '$.subject')) FROM event_log"),
                     room + 10);
}

/* Rules 2.3. */
static void test_product_and_stock_are_passed_on(void **state)
{
    static const char PRODUCT[] = "{\"id\":7,\"name\":\"Desk\",\"registeredQty\":5,"
                                  "\"registration\":1,\"version\":2,\"tracking\":\"bulk\","
                                  "\"size\":\"S\"}";
    static const char STOCK[] = "{\"productId\":7,\"registeredQty\":5,\"registration\":1,"
                                "\"availableQty\":2,\"reservedQty\":3,\"rentedQty\":0,"
                                "\"version\":9}";
    struct fixture *f = *state;
    fake_event(&f->fake,
               &(struct fake_event){ "product", 1, "ProductSaved", "product/7", 2, PRODUCT });
    fake_event(&f->fake, &(struct fake_event){ "stock", 1, "StockChanged", "stock/7", 9, STOCK });
    commit(f);
    assert_int_equal(log_rows(f), 2);
    assert_row(f, 1, "\"source\":\"information\",\"type\":\"ProductSaved\"");
    assert_row(f, 1, "\"subject\":\"product/7\"");
    assert_row(f, 1, "\"name\":\"Desk\"");
    assert_row(f, 2, "\"type\":\"StockChanged\",\"subject\":\"stock/7\"");
    assert_row(f, 2, "\"version\":9,");
    assert_row(f, 2, "\"availableQty\":2,\"reservedQty\":3,\"rentedQty\":0");
}

/* Rules 2.3: under the locker's name. */
static void test_lockers_and_doors_are_passed_on(void **state)
{
    static const char LOCKER[] = "{\"device\":\"locker-1\",\"site\":\"main\",\"status\":\"online\","
                                 "\"wrongCodes\":0,\"compartments\":[{\"number\":1,\"size\":\"S\","
                                 "\"door\":\"closed\",\"presence\":\"absent\",\"use\":\"free\"}]}";
    static const char DOOR[] = "{\"locker\":\"locker-1\",\"at\":\"2026-01-01T00:00:09.000Z\","
                               "\"what\":\"started\"}";
    struct fixture *f = *state;
    fake_event(&f->fake,
               &(struct fake_event){ "delivery", 1, "LockerChanged", "locker/5", 3, LOCKER });
    fake_event(&f->fake,
               &(struct fake_event){ "delivery", 2, "DoorReported", "locker/5", 4, DOOR });
    commit(f);
    assert_int_equal(log_rows(f), 2);
    assert_row(f, 1, "\"type\":\"LockerChanged\",\"subject\":\"locker/locker-1\"");
    assert_row(f, 1, "\"version\":3,");
    assert_row(f, 1, "\"status\":\"online\"");
    assert_row(f, 2, "\"type\":\"DoorReported\",\"subject\":\"locker/locker-1\"");
    assert_row(f, 2, "\"what\":\"started\"");
    assert_int_equal(fake_sql_int(&f->fake, "SELECT count(*) FROM step"), 0);
}

/* A batch that was lost is read again, and tells then. */
static void test_crash_before_the_commit_tells_nothing_and_later_everything(void **state)
{
    struct fixture *f = *state;
    rental(f, 1, 1, 1, "ORDERED");
    fake_service_crash(&f->fake);
    assert_int_equal(log_rows(f), 0);
    rental(f, 1, 1, 1, "ORDERED");
    commit(f);
    assert_int_equal(log_rows(f), 1);
}

/* The follower of the log asks, and is answered with it. */
static void test_bridge_may_ask_for_the_log(void **state)
{
    struct fixture *f = *state;
    rental(f, 1, 1, 1, "ORDERED");
    commit(f);
    const struct fake_message *reply = fake_request(&f->fake, "bridge", "replay", "",
                                                    "{\"after\":0,\"limit\":9}");
    assert_string_equal(reply->status, "ok");
    assert_non_null(strstr(reply->payload, "\"head\":1,\"events\":[{"));
    assert_non_null(strstr(reply->payload, "order/1"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_order_is_told_once_for_each_commit_as_it_is_then),
        TEST(test_order_that_does_not_change_or_show_is_not_told),
        TEST(test_more_orders_than_notes_are_all_told),
        TEST(test_product_and_stock_are_passed_on),
        TEST(test_lockers_and_doors_are_passed_on),
        TEST(test_crash_before_the_commit_tells_nothing_and_later_everything),
        TEST(test_bridge_may_ask_for_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

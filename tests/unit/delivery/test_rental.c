/* Orders and cancels (rules 1 and 4), and the races of rules 5.1 and 5.4. */
#include "delivery_fixture.h"

static void test_ordered_is_requested_and_asks_stock(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 3, "RentalOrdered", 1);
    assert_int_equal(status_of(fixture, 3), DELIVERY_STATUS_REQUESTED);
    assert_int_equal(log_size(fixture), 1);
    assert_log(fixture, 1, "\"type\":\"DeliveryRequested\"", "\"subject\":\"delivery/3\"");
    assert_log(fixture, 1, "\"id\":3,\"rentalId\":3,\"productId\":7,\"qty\":3",
               "\"status\":\"REQUESTED\",\"version\":1");
    assert_metric(fixture, "lockstock_deliveries_total{outcome=\"requested\"} 1\n");
}

static void test_ordered_twice_is_one_delivery(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 3, "RentalOrdered", 1);
    feed_reserved(fixture, 3);
    feed_rental(fixture, 3, "RentalOrdered", 1);
    assert_int_equal(status_of(fixture, 3), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(log_size(fixture), 2);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery"), 1);
}

/* Rules 5.1: the cancel overtakes the order. */
static void test_cancel_before_the_order_leaves_a_tombstone_and_never_asks_stock(void **state)
{
    struct fixture *fixture = *state;

    assert_reply(cancel(fixture, 3), "ok", "\"status\":\"CANCELED\",\"version\":1");
    assert_log(fixture, 1, "\"type\":\"DeliveryUpdated\"", "\"status\":\"CANCELED\"");
    feed_rental(fixture, 3, "RentalOrdered", 1);
    assert_int_equal(status_of(fixture, 3), DELIVERY_STATUS_CANCELED);
    assert_int_equal(log_size(fixture), 1);
    feed_rental(fixture, 3, "RentalCanceled", 2);
    assert_int_equal(log_size(fixture), 1);
    kit_service_drain(fixture->delivery.service);
    assert_int_equal(sql_int(fixture, "SELECT seq FROM stream_cursor WHERE source = 'rental'"), 2);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 0);
    assert_metric(fixture, "lockstock_deliveries_total{outcome=\"tombstone\"} 1\n");
    assert_metric(fixture, "lockstock_deliveries_total{outcome=\"requested\"} 0\n");
}

static void test_cancel_requested_and_delivered_become_canceled(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 1, "RentalOrdered", 1);
    feed_rental(fixture, 2, "RentalOrdered", 1);
    feed_reserved(fixture, 2);
    assert_reply(cancel(fixture, 1), "ok", "\"status\":\"CANCELED\",\"version\":2");
    assert_reply(cancel(fixture, 2), "ok", "\"status\":\"CANCELED\",\"version\":3");
    assert_log(fixture, 4, "DeliveryUpdated", "delivery/1");
    assert_log(fixture, 5, "DeliveryUpdated", "delivery/2");
    assert_metric(fixture, "lockstock_deliveries_total{outcome=\"canceled\"} 2\n");
}

/* Rules 5.4: the cancel arrives twice, under one key and under another. */
static void test_cancel_twice_appends_once(void **state)
{
    struct fixture *fixture = *state;
    static const char body[] =
        "{\"rentalId\":3,\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}";

    feed_rental(fixture, 3, "RentalOrdered", 1);
    for (int i = 0; i < 2; i++)
        assert_reply(fake_request(&fixture->delivery, "rental", "cancel", "rental:3:cancel", body),
                     "ok", "\"status\":\"CANCELED\",\"version\":2");
    assert_reply(cancel(fixture, 3), "ok", "\"status\":\"CANCELED\",\"version\":2");
    assert_int_equal(log_size(fixture), 2);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery_history"), 2);
}

static void test_cancel_rejected_delivery_is_answered_as_it_is(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 3, "RentalOrdered", 1);
    feed_rejected(fixture, 3, "out_of_stock");
    assert_reply(cancel(fixture, 3), "ok", "\"status\":\"CANCELED_OutOfStock\"");
    assert_int_equal(log_size(fixture), 2);
}

static void test_cancel_that_disagrees_with_the_order_is_refused(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 3, "RentalOrdered", 1);
    assert_reply(request(fixture, "rental", "cancel",
                         "{\"rentalId\":3,\"productId\":8,\"qty\":3,\"fulfilment\":\"direct\"}"),
                 "refused", "order as delivery keeps it (/productId)");
    assert_reply(request(fixture, "rental", "cancel",
                         "{\"rentalId\":3,\"productId\":7,\"qty\":4,\"fulfilment\":\"direct\"}"),
                 "refused", "order as delivery keeps it (/qty)");
    assert_reply(request(fixture, "rental", "cancel",
                         "{\"rentalId\":3,\"productId\":7,\"qty\":4,\"fulfilment\":\"direct\"}"),
                 "refused", "\"type\":\"order-mismatch\"");
    assert_reply(request(fixture, "rental", "cancel", "{\"rentalId\":3}"), "invalid", "/productId");
    assert_int_equal(status_of(fixture, 3), DELIVERY_STATUS_REQUESTED);
    assert_int_equal(log_size(fixture), 1);
}

/* Rules 4.5: the safety net. */
static void test_rental_canceled_event_cancels_what_still_runs(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 1, "RentalOrdered", 1);
    feed_rental(fixture, 2, "RentalOrdered", 1);
    feed_reserved(fixture, 2);
    feed_rental(fixture, 1, "RentalCanceled", 2);
    feed_rental(fixture, 2, "RentalCanceled", 3);
    feed_rental(fixture, 4, "RentalCanceled", 2);
    for (int id = 1; id <= 2; id++)
        assert_int_equal(status_of(fixture, id), DELIVERY_STATUS_CANCELED);
    assert_int_equal(status_of(fixture, 4), DELIVERY_STATUS_CANCELED);
    assert_int_equal(log_size(fixture), 6);
}

static void feed_order(struct fixture *fixture, const char *members, const char *ordered_at)
{
    char json[256];
    (void)snprintf(json, sizeof(json),
                   "{\"id\":3,\"fulfilment\":\"direct\",\"status\":\"ORDERED\",\"version\":1,"
                   "\"orderedAt\":\"%s\",%s}",
                   ordered_at, members);
    struct fake_event event = { "rental", ++fixture->rental_seq, "RentalOrdered", "rental/3", 1,
                                json };
    fake_event(&fixture->delivery, &event);
}

/* Rules 1.2: rental has lost its database, and its numbers begin again. */
static void test_another_order_of_a_known_number_is_parked_and_says_so(void **state)
{
    static const char SAME[] = "\"productId\":7,\"qty\":3";
    static const char AT[] = "2026-01-01T00:00:00.000Z";
    static const struct {
        const char *members, *ordered_at, *pointer;
    } OTHERS[] = {
        { "\"productId\":8,\"qty\":3", AT, "(/productId)" },
        { "\"productId\":7,\"qty\":4", AT, "(/qty)" },
        { SAME, "2026-01-01T00:00:00.001Z", "(/orderedAt)" },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < KIT_COUNT(OTHERS); i++) {
        feed_order(fixture, SAME, AT);
        feed_reserved(fixture, 3);
        feed_order(fixture, OTHERS[i].members, OTHERS[i].ordered_at);
        assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 1);
        char sql[200];
        (void)snprintf(sql, sizeof(sql),
                       "SELECT instr(reason, 'rental has lost its database') > 0"
                       " AND instr(reason, '%s') > 0 FROM dead_letter",
                       OTHERS[i].pointer);
        assert_int_equal(sql_int(fixture, sql), 1);
        assert_int_equal(
            kit_service_dead_letter_skip(fixture->delivery.service,
                                         sql_int(fixture, "SELECT id FROM dead_letter"), NULL),
            KIT_OK);
    }
    assert_int_equal(status_of(fixture, 3), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(log_size(fixture), 2);
}

/* A tombstone does not know when its order was placed; nor does what 0.3 has kept. */
static void test_when_it_was_ordered_counts_only_where_it_is_known(void **state)
{
    struct fixture *fixture = *state;

    assert_reply(cancel(fixture, 3), "ok", "\"status\":\"CANCELED\"");
    feed_order(fixture, "\"productId\":7,\"qty\":3", "2026-01-01T00:00:00.001Z");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 0);
}

static void test_unreadable_order_is_parked_and_others_flow(void **state)
{
    struct fixture *fixture = *state;
    struct fake_event bad = { "rental", ++fixture->rental_seq,  "RentalOrdered", "rental/1",
                              1,        "{\"id\":1,\"qty\":-1}" };

    fake_event(&fixture->delivery, &bad);
    feed_rental(fixture, 2, "RentalOrdered", 1);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_REQUESTED);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery"), 1);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_ordered_is_requested_and_asks_stock),
        TEST(test_ordered_twice_is_one_delivery),
        TEST(test_cancel_before_the_order_leaves_a_tombstone_and_never_asks_stock),
        TEST(test_cancel_requested_and_delivered_become_canceled),
        TEST(test_cancel_twice_appends_once),
        TEST(test_cancel_rejected_delivery_is_answered_as_it_is),
        TEST(test_cancel_that_disagrees_with_the_order_is_refused),
        TEST(test_rental_canceled_event_cancels_what_still_runs),
        TEST(test_another_order_of_a_known_number_is_parked_and_says_so),
        TEST(test_when_it_was_ordered_counts_only_where_it_is_known),
        TEST(test_unreadable_order_is_parked_and_others_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

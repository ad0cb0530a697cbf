/* Delivery's word, from its stream (rules 3), and the race of rules 6.1. */
#include "rental/domain.h"
#include "rental_fixture.h"

static void test_delivered_moves_and_appends(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    feed_delivery(fixture, 1, "REQUESTED", 1, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_ORDERED);
    feed_delivery(fixture, 1, "DELIVERED", 2, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_DELIVERED);
    assert_int_equal(log_size(fixture), 2);
    assert_log(fixture, 2, "\"type\":\"RentalUpdated\"", "\"status\":\"DELIVERED\"");
    assert_log(fixture, 2, "\"version\":2", "\"subject\":\"rental/1\"");
}

static void test_rejections_move_with_reason(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    order(fixture);
    feed_delivery(fixture, 1, "CANCELED_OutOfStock", 2, "3 ordered, 1 available");
    feed_delivery(fixture, 2, "CANCELED_UnregisteredProduct", 2, "product 7 is not registered");
    assert_reply(request(fixture, "get", "{\"id\":1}"), "ok",
                 "\"reason\":\"3 ordered, 1 available\"");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED_OUT_OF_STOCK);
    assert_int_equal(status_of(fixture, 2), RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT);
    assert_log(fixture, 3, "RentalUpdated", "CANCELED_OutOfStock");
    assert_log(fixture, 4, "RentalUpdated", "product 7 is not registered");
}

static void test_canceled_moves_from_ordered_and_from_delivered(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    order(fixture);
    feed_delivery(fixture, 1, "CANCELED", 1, "");
    feed_delivery(fixture, 2, "DELIVERED", 2, "");
    feed_delivery(fixture, 2, "CANCELED", 3, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED);
    assert_int_equal(status_of(fixture, 2), RENTAL_STATUS_CANCELED);
    assert_log(fixture, 3, "\"type\":\"RentalCanceled\"", "rental/1");
    assert_log(fixture, 5, "\"type\":\"RentalCanceled\"", "rental/2");
}

/* Rules 3.7. */
static void test_locker_order_passes_its_stations_forward_only(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *status;
        int expected;
    } steps[] = {
        { "RESERVED", RENTAL_STATUS_RESERVED },
        { "READY", RENTAL_STATUS_READY }, /* PICKED was missed */
        { "PICKED", RENTAL_STATUS_READY },
        { "DELIVERED", RENTAL_STATUS_DELIVERED },
        { "RETURNING", RENTAL_STATUS_DELIVERED },
        { "EXPIRED", RENTAL_STATUS_DELIVERED },
        { "RETURNED", RENTAL_STATUS_RETURNED },
        { "DELIVERED", RENTAL_STATUS_RETURNED },
    };

    order(fixture);
    for (size_t i = 0; i < KIT_COUNT(steps); i++) {
        feed_delivery(fixture, 1, steps[i].status, (int)i + 2, "");
        assert_int_equal(status_of(fixture, 1), steps[i].expected);
    }
    assert_int_equal(log_size(fixture), 5); /* ordered, and four moves */
    assert_log(fixture, 3, "\"type\":\"RentalUpdated\"", "\"status\":\"READY\"");
}

/* Rules 3.8: one of the two has lost its database. */
static void test_news_of_other_goods_is_parked(void **state)
{
    struct fixture *fixture = *state;
    static const char *const OTHERS[] = {
        "\"productId\":8,\"qty\":3,\"fulfilment\":\"direct\"",
        "\"productId\":7,\"qty\":4,\"fulfilment\":\"direct\"",
        "\"productId\":7,\"qty\":3,\"fulfilment\":\"locker\"",
    };

    for (int i = 0; i < (int)KIT_COUNT(OTHERS); i++) {
        char json[256], subject[32];
        order(fixture);
        (void)snprintf(json, sizeof(json),
                       "{\"id\":%d,\"rentalId\":%d,\"status\":\"CANCELED\",\"version\":2,%s}",
                       i + 1, i + 1, OTHERS[i]);
        (void)snprintf(subject, sizeof(subject), "delivery/%d", i + 1);
        const struct fake_event event = {
            "delivery", ++fixture->delivery_seq, "DeliveryUpdated", subject, 2, json
        };
        fake_event(&fixture->rental, &event);
        assert_int_equal(status_of(fixture, i + 1), RENTAL_STATUS_ORDERED);
        assert_int_equal(fake_sql_int(&fixture->rental, "SELECT count(*) FROM dead_letter"), i + 1);
    }
    assert_int_equal(fake_sql_int(&fixture->rental,
                                  "SELECT count(*) FROM dead_letter WHERE instr(reason,"
                                  " 'is for another order than rental') > 0"),
                     3);
}

static void test_expired_ends_what_was_ready(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    feed_delivery(fixture, 1, "READY", 4, "");
    feed_delivery(fixture, 1, "EXPIRED", 5, "not collected in time");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_EXPIRED);
    assert_reply(request(fixture, "get", "{\"id\":1}"), "ok",
                 "\"reason\":\"not collected in time\"");
}

/* Rules 6.1: a late yes after a cancel. */
static void test_late_or_repeated_delivered_after_cancel_changes_nothing(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    feed_delivery(fixture, 1, "CANCELED", 2, "");
    int64_t size = log_size(fixture);
    feed_delivery(fixture, 1, "DELIVERED", 2, ""); /* same version: stale */
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT delivery_version FROM rental"), 2);
    feed_delivery(fixture, 1, "DELIVERED", 3, ""); /* higher: no move, only noted (rules 3.5) */
    feed_delivery(fixture, 1, "CANCELED_OutOfStock", 4, "late");
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT delivery_version FROM rental"), 4);
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED);
    assert_int_equal(log_size(fixture), size);
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT version FROM rental"), 2);
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT count(*) FROM rental_history"), 2);
}

static void test_unknown_rental_is_counted_and_passed(void **state)
{
    struct fixture *fixture = *state;

    feed_delivery(fixture, 99, "DELIVERED", 2, "");
    order(fixture);
    feed_delivery(fixture, 1, "DELIVERED", 2, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_DELIVERED);
    assert_metric(fixture, "lockstock_rental_news_unknown_total 1\n");
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT count(*) FROM dead_letter"), 0);
}

static void test_unreadable_news_is_parked_and_others_flow(void **state)
{
    struct fixture *fixture = *state;
    struct fake_event bad = {
        "delivery", ++fixture->delivery_seq, "DeliveryUpdated", "delivery/1", 2, "{\"id\":1}"
    };

    order(fixture);
    order(fixture);
    fake_event(&fixture->rental, &bad);
    feed_delivery(fixture, 2, "DELIVERED", 2, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_ORDERED);
    assert_int_equal(status_of(fixture, 2), RENTAL_STATUS_DELIVERED);
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT count(*) FROM dead_letter"), 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_delivered_moves_and_appends),
        TEST(test_rejections_move_with_reason),
        TEST(test_canceled_moves_from_ordered_and_from_delivered),
        TEST(test_locker_order_passes_its_stations_forward_only),
        TEST(test_news_of_other_goods_is_parked),
        TEST(test_expired_ends_what_was_ready),
        TEST(test_late_or_repeated_delivered_after_cancel_changes_nothing),
        TEST(test_unknown_rental_is_counted_and_passed),
        TEST(test_unreadable_news_is_parked_and_others_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

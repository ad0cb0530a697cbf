/* Stock's answers (rules 3), and the races of rules 5.2 and 5.3. */
#include "delivery_fixture.h"

static void test_reserved_is_delivered(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 3, "RentalOrdered", 1);
    feed_reserved(fixture, 3);
    assert_int_equal(status_of(fixture, 3), DELIVERY_STATUS_DELIVERED);
    assert_log(fixture, 2, "\"type\":\"DeliveryUpdated\"",
               "\"status\":\"DELIVERED\",\"version\":2");
    assert_metric(fixture, "lockstock_deliveries_total{outcome=\"delivered\"} 1\n");
}

static void test_rejected_is_canceled_with_the_reason(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 1, "RentalOrdered", 1);
    feed_rental(fixture, 2, "RentalOrdered", 1);
    feed_rejected(fixture, 1, "out_of_stock");
    feed_rejected(fixture, 2, "unregistered_product");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED_OUT_OF_STOCK);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT);
    assert_log(fixture, 3, "CANCELED_OutOfStock", "\"reason\":\"3 ordered, 1 available\"");
    assert_log(fixture, 4, "CANCELED_UnregisteredProduct",
               "\"reason\":\"product 7 is not registered\"");
    assert_metric(fixture, "lockstock_deliveries_total{outcome=\"rejected\"} 2\n");
}

/* Rules 5.2: the cancel arrives while stock decides. */
static void test_answer_after_the_cancel_changes_nothing(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 1, "RentalOrdered", 1);
    feed_rental(fixture, 2, "RentalOrdered", 1);
    assert_reply(cancel(fixture, 1), "ok", "CANCELED");
    assert_reply(cancel(fixture, 2), "ok", "CANCELED");
    int64_t size = log_size(fixture);
    feed_reserved(fixture, 1);                 /* 3a */
    feed_rejected(fixture, 2, "out_of_stock"); /* 3b */
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_CANCELED);
    assert_int_equal(log_size(fixture), size);
    assert_metric(fixture, "lockstock_deliveries_total{outcome=\"ignored\"} 2\n");
}

/* Rules 5.3: the answer arrives twice, or another one late. */
static void test_second_answer_changes_nothing(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 1, "RentalOrdered", 1);
    feed_reserved(fixture, 1);
    feed_reserved(fixture, 1);
    feed_rejected(fixture, 1, "out_of_stock");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    feed_rental(fixture, 2, "RentalOrdered", 1);
    feed_rejected(fixture, 2, "out_of_stock");
    feed_reserved(fixture, 2);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_CANCELED_OUT_OF_STOCK);
    assert_int_equal(log_size(fixture), 4);
}

static void test_released_needs_no_action(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 1, "RentalOrdered", 1);
    assert_reply(cancel(fixture, 1), "ok", "CANCELED");
    struct fake_event released = { "stock",
                                   ++fixture->stock_seq,
                                   "StockReleased",
                                   "reservation/1",
                                   2,
                                   "{\"deliveryId\":1,\"productId\":7,\"qty\":3}" };
    fake_event(&fixture->delivery, &released);
    assert_int_equal(log_size(fixture), 2);
    kit_service_drain(fixture->delivery.service);
    assert_int_equal(sql_int(fixture, "SELECT seq FROM stream_cursor WHERE source = 'stock'"), 1);
}

/* Rules 3.4. */
static void test_answer_about_unknown_delivery_is_parked_and_others_flow(void **state)
{
    struct fixture *fixture = *state;

    feed_reserved(fixture, 9);
    feed_rental(fixture, 1, "RentalOrdered", 1);
    feed_reserved(fixture, 1);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(sql_int(fixture,
                             "SELECT count(*) FROM dead_letter WHERE subject = 'reservation/9'"
                             " AND reason LIKE '%delivery 9, which is not here%'"),
                     1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_reserved_is_delivered),
        TEST(test_rejected_is_canceled_with_the_reason),
        TEST(test_answer_after_the_cancel_changes_nothing),
        TEST(test_second_answer_changes_nothing),
        TEST(test_released_needs_no_action),
        TEST(test_answer_about_unknown_delivery_is_parked_and_others_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

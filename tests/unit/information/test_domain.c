/* The merges of information: versions, times, and that the two commute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "information/domain.h"

static struct information_rental rental_part(int64_t version)
{
    return (struct information_rental){
        .version = version,
        .product_id = { 7 },
        .qty = 3,
        .status = RENTAL_STATUS_ORDERED,
        .reason = "the rental's",
        .ordered_at_ms = 1000,
    };
}

static struct information_delivery delivery_part(int64_t version)
{
    return (struct information_delivery){
        .version = version,
        .status = DELIVERY_STATUS_REQUESTED,
        .reason = "delivery's",
    };
}

static void test_merge_newer_version_replaces_and_older_changes_nothing(void **state)
{
    (void)state;
    for (int64_t known = 0; known <= 3; known++) {
        for (int64_t given = 1; given <= 3; given++) {
            struct information_order order = { .rental = { .version = known },
                                               .delivery = { .version = known },
                                               .updated_at_ms = 50 };
            struct information_rental rental = rental_part(given);
            struct information_delivery delivery = delivery_part(given);
            bool newer = given > known;

            assert_int_equal(information_merge_rental(&order, &rental, 60), newer);
            assert_int_equal(information_merge_delivery(&order, &delivery, 70), newer);
            assert_int_equal(order.rental.version, newer ? given : known);
            assert_int_equal(order.rental.qty, newer ? 3 : 0);
            assert_int_equal(order.rental.ordered_at_ms, newer ? 1000 : 0);
            assert_int_equal(order.delivery.version, newer ? given : known);
            assert_string_equal(order.delivery.reason, newer ? "delivery's" : "");
            assert_int_equal(order.updated_at_ms, newer ? 70 : 50);
        }
    }
}

/* The end wins, then the delivery, which is further than the rental (rules 1.7). */
static void test_merge_gives_the_state(void **state)
{
    static const struct {
        enum rental_status rental;
        enum delivery_status delivery; /* 0: not known */
        enum order_state state;
    } rows[] = {
        { RENTAL_STATUS_ORDERED, 0, ORDER_STATE_ORDERED },
        { RENTAL_STATUS_ORDERED, DELIVERY_STATUS_REQUESTED, ORDER_STATE_ORDERED },
        { RENTAL_STATUS_ORDERED, DELIVERY_STATUS_RESERVED, ORDER_STATE_RESERVED },
        { RENTAL_STATUS_RESERVED, DELIVERY_STATUS_PICKED, ORDER_STATE_PICKED },
        { RENTAL_STATUS_READY, DELIVERY_STATUS_DELIVERED, ORDER_STATE_DELIVERED },
        { RENTAL_STATUS_DELIVERED, DELIVERY_STATUS_RETURNING, ORDER_STATE_RETURNING },
        { RENTAL_STATUS_DELIVERED, DELIVERY_STATUS_RETURNED, ORDER_STATE_RETURNED },
        { RENTAL_STATUS_CANCELED, DELIVERY_STATUS_RESERVED, ORDER_STATE_CANCELED },
        { RENTAL_STATUS_EXPIRED, DELIVERY_STATUS_READY, ORDER_STATE_EXPIRED },
        { RENTAL_STATUS_ORDERED, DELIVERY_STATUS_CANCELED_OUT_OF_STOCK,
          ORDER_STATE_CANCELED_OUT_OF_STOCK },
        { RENTAL_STATUS_PICKED, 0, ORDER_STATE_PICKED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct information_order order = { 0 };
        struct information_rental rental = rental_part(1);
        struct information_delivery delivery = delivery_part(1);

        rental.status = rows[i].rental;
        delivery.status = rows[i].delivery;
        if (rows[i].delivery != 0) {
            assert_true(information_merge_delivery(&order, &delivery, 1));
            assert_int_equal(order.state, 0); /* not shown yet */
        }
        assert_true(information_merge_rental(&order, &rental, 1));
        assert_int_equal(order.state, rows[i].state);
    }
}

static void test_merge_updated_at_is_the_latest_time(void **state)
{
    (void)state;
    struct information_order order = { 0 };
    struct information_rental rental = rental_part(1);
    struct information_delivery delivery = delivery_part(1);

    assert_true(information_merge_delivery(&order, &delivery, 90));
    assert_true(information_merge_rental(&order, &rental, 80));
    assert_int_equal(order.updated_at_ms, 90);
}

static void test_is_shown_only_with_the_rental_part(void **state)
{
    (void)state;
    struct information_order order = { 0 };
    struct information_rental rental = rental_part(1);
    struct information_delivery delivery = delivery_part(1);

    assert_false(information_is_shown(&order));
    assert_true(information_merge_delivery(&order, &delivery, 90));
    assert_false(information_is_shown(&order));
    assert_true(information_merge_rental(&order, &rental, 80));
    assert_true(information_is_shown(&order));
}

static void test_reason_is_deliverys_once_it_is_here(void **state)
{
    (void)state;
    struct information_order order = { 0 };
    struct information_rental rental = rental_part(1);
    struct information_delivery delivery = delivery_part(1);

    assert_string_equal(information_reason(&order), "");
    assert_true(information_merge_rental(&order, &rental, 80));
    assert_string_equal(information_reason(&order), "the rental's");
    assert_true(information_merge_delivery(&order, &delivery, 90));
    assert_string_equal(information_reason(&order), "delivery's");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge_newer_version_replaces_and_older_changes_nothing),
        cmocka_unit_test(test_merge_gives_the_state),
        cmocka_unit_test(test_merge_updated_at_is_the_latest_time),
        cmocka_unit_test(test_is_shown_only_with_the_rental_part),
        cmocka_unit_test(test_reason_is_deliverys_once_it_is_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

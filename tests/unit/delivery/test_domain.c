/* The decisions of delivery, exhaustively: every state, every incident. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/domain.h"

#define NOW_MS 5000

/* Columns: RESERVED, OUT_OF_STOCK, UNREGISTERED_PRODUCT, CANCEL. 0: no move. */
static const int EXPECTED[DELIVERY_STATUS_MAX + 1][DELIVERY_INCIDENT_MAX + 1] = {
    [DELIVERY_REQUESTED] = { DELIVERY_DELIVERED, DELIVERY_CANCELED_OUT_OF_STOCK,
                             DELIVERY_CANCELED_UNREGISTERED_PRODUCT, DELIVERY_CANCELED },
    [DELIVERY_DELIVERED] = { 0, 0, 0, DELIVERY_CANCELED },
    [DELIVERY_CANCELED] = { 0, 0, 0, 0 },
    [DELIVERY_CANCELED_OUT_OF_STOCK] = { 0, 0, 0, 0 },
    [DELIVERY_CANCELED_UNREGISTERED_PRODUCT] = { 0, 0, 0, 0 },
};

static void test_decide_every_state_and_incident_moves_as_the_rules_say(void **state)
{
    (void)state;
    static const struct delivery_change untouched = { .to = DELIVERY_REQUESTED,
                                                      .reason = "x",
                                                      .at_ms = -1 };
    for (int status = DELIVERY_REQUESTED; status <= DELIVERY_STATUS_MAX; status++) {
        for (int incident = 0; incident <= DELIVERY_INCIDENT_MAX; incident++) {
            struct delivery delivery = { .status = (enum delivery_status)status };
            struct delivery_change change = untouched;
            int expected = EXPECTED[status][incident];

            enum delivery_decision decision = delivery_decide(
                &delivery, (enum delivery_incident)incident, "because", NOW_MS, &change);
            if (expected == 0) {
                assert_int_equal(decision, DELIVERY_UNCHANGED);
                assert_string_equal(change.reason, "x");
                assert_int_equal(change.at_ms, -1);
                continue;
            }
            assert_int_equal(decision, DELIVERY_MOVED);
            assert_int_equal(change.to, expected);
            assert_string_equal(change.reason, "because");
            assert_int_equal(change.at_ms, NOW_MS);
        }
    }
}

static void test_may_move_every_pair_only_forward(void **state)
{
    (void)state;
    int moves = 0;
    for (int from = DELIVERY_REQUESTED; from <= DELIVERY_STATUS_MAX; from++) {
        for (int to = DELIVERY_REQUESTED; to <= DELIVERY_STATUS_MAX; to++) {
            if (!delivery_may_move((enum delivery_status)from, (enum delivery_status)to))
                continue;
            moves++;
            assert_true(to > from);
            assert_true(from == DELIVERY_REQUESTED || from == DELIVERY_DELIVERED);
        }
    }
    assert_int_equal(moves, 5);
}

static void test_order_difference_names_the_first_member_that_differs(void **state)
{
    (void)state;
    struct delivery_order kept = { { 1 }, { 7 }, 3, DELIVERY_FULFILMENT_DIRECT };
    struct delivery_order given = kept;

    assert_null(delivery_order_difference(&kept, &given));
    given.qty = 4;
    assert_string_equal(delivery_order_difference(&kept, &given), "/qty");
    given.product_id.v = 8;
    assert_string_equal(delivery_order_difference(&kept, &given), "/productId");
    given = kept;
    given.fulfilment = (enum delivery_fulfilment)2;
    assert_string_equal(delivery_order_difference(&kept, &given), "/fulfilment");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_every_state_and_incident_moves_as_the_rules_say),
        cmocka_unit_test(test_may_move_every_pair_only_forward),
        cmocka_unit_test(test_order_difference_names_the_first_member_that_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

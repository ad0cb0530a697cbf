/* The decisions of delivery, exhaustively: every state, every incident. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/domain/delivery.h"

#define NOW_MS 5000

/* Columns: RESERVED, OUT_OF_STOCK, UNREGISTERED_PRODUCT, CANCEL, PICKED, HANDED_OVER, LOADED,
 * COLLECTED, RETURN_ASKED, RETURNED, EXPIRED, GIVEN_UP. 0: no move. */
static const int DIRECT[DELIVERY_STATUS_MAX + 1][DELIVERY_INCIDENT_MAX + 1] = {
    [DELIVERY_STATUS_REQUESTED] = { DELIVERY_STATUS_DELIVERED,
                                    DELIVERY_STATUS_CANCELED_OUT_OF_STOCK,
                                    DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT,
                                    DELIVERY_STATUS_CANCELED },
    [DELIVERY_STATUS_DELIVERED] = { [DELIVERY_INCIDENT_CANCEL] = DELIVERY_STATUS_CANCELED,
                                    [DELIVERY_INCIDENT_RETURNED] = DELIVERY_STATUS_RETURNED },
};
static const int LOCKER[DELIVERY_STATUS_MAX + 1][DELIVERY_INCIDENT_MAX + 1] = {
    [DELIVERY_STATUS_REQUESTED] = { DELIVERY_STATUS_RESERVED, DELIVERY_STATUS_CANCELED_OUT_OF_STOCK,
                                    DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT,
                                    DELIVERY_STATUS_CANCELED },
    [DELIVERY_STATUS_RESERVED] = { [DELIVERY_INCIDENT_CANCEL] = DELIVERY_STATUS_CANCELED,
                                   [DELIVERY_INCIDENT_PICKED] = DELIVERY_STATUS_PICKED },
    [DELIVERY_STATUS_PICKED] = { [DELIVERY_INCIDENT_CANCEL] = DELIVERY_STATUS_CANCELED,
                                 [DELIVERY_INCIDENT_HANDED_OVER] = DELIVERY_STATUS_DELIVERED,
                                 [DELIVERY_INCIDENT_LOADED] = DELIVERY_STATUS_READY },
    [DELIVERY_STATUS_READY] = { [DELIVERY_INCIDENT_CANCEL] = DELIVERY_STATUS_CANCELED,
                                [DELIVERY_INCIDENT_COLLECTED] = DELIVERY_STATUS_DELIVERED,
                                [DELIVERY_INCIDENT_EXPIRED] = DELIVERY_STATUS_EXPIRED },
    [DELIVERY_STATUS_DELIVERED] = { [DELIVERY_INCIDENT_RETURN_ASKED] = DELIVERY_STATUS_RETURNING,
                                    [DELIVERY_INCIDENT_RETURNED] = DELIVERY_STATUS_RETURNED },
    [DELIVERY_STATUS_RETURNING] = { [DELIVERY_INCIDENT_RETURNED] = DELIVERY_STATUS_RETURNED,
                                    [DELIVERY_INCIDENT_GIVEN_UP] = DELIVERY_STATUS_DELIVERED },
};

static void check_decision(const struct delivery *delivery, int incident, int expected)
{
    static const struct delivery_change untouched = { .to = DELIVERY_STATUS_REQUESTED,
                                                      .reason = "x",
                                                      .at_ms = -1 };
    struct delivery_change change = untouched;
    enum delivery_decision decision = delivery_decide(delivery, (enum delivery_incident)incident,
                                                      "because", NOW_MS, &change);
    if (decision != (expected == 0 ? DELIVERY_UNCHANGED : DELIVERY_MOVED))
        fail_msg("status %d, incident %d", (int)delivery->status, incident);
    if (expected == 0) {
        assert_string_equal(change.reason, "x");
        assert_int_equal(change.at_ms, -1);
        return;
    }
    assert_int_equal(change.to, expected);
    assert_string_equal(change.reason, "because");
    assert_int_equal(change.at_ms, NOW_MS);
    assert_int_equal(change.deadline_ms, 0);
    assert_int_equal(change.spot.compartment, delivery->spot.compartment);
}

static void test_decide_every_state_and_incident_moves_as_the_rules_say(void **state)
{
    (void)state;
    for (int status = DELIVERY_STATUS_REQUESTED; status <= DELIVERY_STATUS_MAX; status++) {
        for (int incident = 0; incident <= DELIVERY_INCIDENT_MAX; incident++) {
            struct delivery delivery = { .status = (enum delivery_status)status,
                                         .deadline_ms = 77,
                                         .spot = { .compartment = 3 } };
            delivery.order.fulfilment = FULFILMENT_DIRECT;
            if (status != DELIVERY_STATUS_RESERVED && status != DELIVERY_STATUS_PICKED &&
                status != DELIVERY_STATUS_READY && status != DELIVERY_STATUS_RETURNING)
                check_decision(&delivery, incident, DIRECT[status][incident]);
            delivery.order.fulfilment = FULFILMENT_LOCKER;
            check_decision(&delivery, incident, LOCKER[status][incident]);
        }
    }
}

static void test_may_move_every_pair_never_out_of_an_end(void **state)
{
    (void)state;
    int moves = 0;
    for (int from = DELIVERY_STATUS_REQUESTED; from <= DELIVERY_STATUS_MAX; from++) {
        for (int to = DELIVERY_STATUS_REQUESTED; to <= DELIVERY_STATUS_MAX; to++) {
            if (!delivery_may_move((enum delivery_status)from, (enum delivery_status)to))
                continue;
            moves++;
            assert_int_not_equal(to, DELIVERY_STATUS_REQUESTED);
            assert_int_not_equal(to, from);
            assert_int_not_equal(from, DELIVERY_STATUS_RETURNED);
            assert_int_not_equal(from, DELIVERY_STATUS_EXPIRED);
            assert_false(from >= DELIVERY_STATUS_CANCELED &&
                         from <= DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT);
        }
    }
    assert_int_equal(moves, 18);
}

static void test_decide_cancel_every_state_follows_the_goods(void **state)
{
    (void)state;
    static const enum delivery_cancel locker[DELIVERY_STATUS_MAX + 1] = {
        [DELIVERY_STATUS_REQUESTED] = DELIVERY_CANCEL_NOW,
        [DELIVERY_STATUS_DELIVERED] = DELIVERY_CANCEL_COLLECTED,
        [DELIVERY_STATUS_CANCELED] = DELIVERY_CANCEL_SETTLED,
        [DELIVERY_STATUS_CANCELED_OUT_OF_STOCK] = DELIVERY_CANCEL_SETTLED,
        [DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT] = DELIVERY_CANCEL_SETTLED,
        [DELIVERY_STATUS_RESERVED] = DELIVERY_CANCEL_NOW,
        [DELIVERY_STATUS_PICKED] = DELIVERY_CANCEL_NOW,
        [DELIVERY_STATUS_READY] = DELIVERY_CANCEL_ASK,
        [DELIVERY_STATUS_RETURNING] = DELIVERY_CANCEL_COLLECTED,
        [DELIVERY_STATUS_RETURNED] = DELIVERY_CANCEL_COLLECTED,
        [DELIVERY_STATUS_EXPIRED] = DELIVERY_CANCEL_SETTLED,
    };
    for (int status = DELIVERY_STATUS_REQUESTED; status <= DELIVERY_STATUS_MAX; status++) {
        struct delivery delivery = { .status = (enum delivery_status)status };
        delivery.order.fulfilment = FULFILMENT_LOCKER;
        assert_int_equal(delivery_decide_cancel(&delivery), locker[status]);
    }
    struct delivery direct = { .status = DELIVERY_STATUS_DELIVERED };
    direct.order.fulfilment = FULFILMENT_DIRECT;
    assert_int_equal(delivery_decide_cancel(&direct), DELIVERY_CANCEL_NOW);
}

/* Rules 8.7: READY is to be loaded while nothing lies in it, and then there is no code. */
static void test_is_to_be_loaded_every_state_and_use_never_with_a_code(void **state)
{
    (void)state;
    for (int status = DELIVERY_STATUS_REQUESTED; status <= DELIVERY_STATUS_MAX; status++) {
        for (int use = DELIVERY_USE_NONE; use <= COMPARTMENT_USE_LOADED; use++) {
            struct delivery delivery = {
                .status = (enum delivery_status)status,
                .spot = { .use = (enum compartment_use)use },
            };
            bool is_due = (status == DELIVERY_STATUS_PICKED || status == DELIVERY_STATUS_READY) &&
                          use == COMPARTMENT_USE_ASSIGNED;
            assert_int_equal(delivery_is_to_be_loaded(&delivery), is_due);
            assert_false(is_due && delivery_may_have_code(&delivery));
            delivery.wish = DELIVERY_WISH_EXPIRE;
            assert_false(delivery_is_to_be_loaded(&delivery));
        }
    }
}

static void test_order_difference_names_the_first_member_that_differs(void **state)
{
    (void)state;
    struct delivery_order kept = {
        .id = { 1 }, .product_id = { 7 }, .qty = 3, .fulfilment = FULFILMENT_DIRECT
    };
    struct delivery_order given = kept;

    assert_null(delivery_order_difference(&kept, &given));
    given.qty = 4;
    assert_string_equal(delivery_order_difference(&kept, &given), "/qty");
    given.product_id.v = 8;
    assert_string_equal(delivery_order_difference(&kept, &given), "/productId");
    given = kept;
    given.fulfilment = FULFILMENT_LOCKER;
    assert_string_equal(delivery_order_difference(&kept, &given), "/fulfilment");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_every_state_and_incident_moves_as_the_rules_say),
        cmocka_unit_test(test_may_move_every_pair_never_out_of_an_end),
        cmocka_unit_test(test_decide_cancel_every_state_follows_the_goods),
        cmocka_unit_test(test_is_to_be_loaded_every_state_and_use_never_with_a_code),
        cmocka_unit_test(test_order_difference_names_the_first_member_that_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

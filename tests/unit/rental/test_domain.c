/* The decisions of rental, exhaustively: every state, every kind of news, every order of versions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/check.h"
#include "rental/domain.h"

#define NOW_MS 5000

/* What each kind of news, from a version not seen yet, makes of each state. 0: no move. Columns:
 * REQUESTED, DELIVERED, CANCELED, OUT_OF_STOCK, UNREGISTERED_PRODUCT, RESERVED, PICKED, READY,
 * RETURNING, RETURNED, EXPIRED. */
static const int EXPECTED[RENTAL_STATUS_MAX + 1][DELIVERY_STATUS_MAX] = {
    [RENTAL_STATUS_ORDERED] = { 0, RENTAL_STATUS_DELIVERED, RENTAL_STATUS_CANCELED,
                                RENTAL_STATUS_CANCELED_OUT_OF_STOCK,
                                RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT, RENTAL_STATUS_RESERVED,
                                RENTAL_STATUS_PICKED, RENTAL_STATUS_READY, 0,
                                RENTAL_STATUS_RETURNED, RENTAL_STATUS_EXPIRED },
    [RENTAL_STATUS_RESERVED] = { 0, RENTAL_STATUS_DELIVERED, RENTAL_STATUS_CANCELED, 0, 0, 0,
                                 RENTAL_STATUS_PICKED, RENTAL_STATUS_READY, 0,
                                 RENTAL_STATUS_RETURNED, RENTAL_STATUS_EXPIRED },
    [RENTAL_STATUS_PICKED] = { 0, RENTAL_STATUS_DELIVERED, RENTAL_STATUS_CANCELED, 0, 0, 0, 0,
                               RENTAL_STATUS_READY, 0, RENTAL_STATUS_RETURNED,
                               RENTAL_STATUS_EXPIRED },
    [RENTAL_STATUS_READY] = { 0, RENTAL_STATUS_DELIVERED, RENTAL_STATUS_CANCELED, 0, 0, 0, 0, 0, 0,
                              RENTAL_STATUS_RETURNED, RENTAL_STATUS_EXPIRED },
    [RENTAL_STATUS_DELIVERED] = { 0, 0, RENTAL_STATUS_CANCELED, 0, 0, 0, 0, 0, 0,
                                  RENTAL_STATUS_RETURNED, 0 },
};

static const struct rental_change UNTOUCHED = { .to = RENTAL_STATUS_ORDERED,
                                                .reason = "x",
                                                .at_ms = -1 };

static void assert_untouched(const struct rental_change *change)
{
    assert_int_equal(change->to, UNTOUCHED.to);
    assert_string_equal(change->reason, UNTOUCHED.reason);
    assert_int_equal(change->delivery_version, UNTOUCHED.delivery_version);
    assert_int_equal(change->at_ms, UNTOUCHED.at_ms);
}

static void test_decide_news_every_state_and_kind_moves_as_the_rules_say(void **state)
{
    (void)state;
    for (int status = RENTAL_STATUS_ORDERED; status <= RENTAL_STATUS_MAX; status++) {
        for (int kind = DELIVERY_STATUS_REQUESTED; kind <= DELIVERY_STATUS_MAX; kind++) {
            struct rental rental = { .status = (enum rental_status)status, .delivery_version = 3 };
            struct rental_news news = { (enum delivery_status)kind, 4, "because" };
            struct rental_change change = UNTOUCHED;
            int expected = EXPECTED[status][kind - 1];

            enum rental_decision decision = rental_decide_news(&rental, &news, NOW_MS, &change);
            if (expected == 0) {
                assert_int_equal(decision, RENTAL_NOTED);
                assert_untouched(&change);
                continue;
            }
            assert_int_equal(decision, RENTAL_MOVED);
            assert_int_equal(change.to, expected);
            assert_string_equal(change.reason, "because");
            assert_int_equal(change.delivery_version, 4);
            assert_int_equal(change.at_ms, NOW_MS);
        }
    }
}

static void test_decide_news_version_seen_before_is_stale_in_every_state(void **state)
{
    (void)state;
    for (int status = RENTAL_STATUS_ORDERED; status <= RENTAL_STATUS_MAX; status++) {
        for (int kind = DELIVERY_STATUS_REQUESTED; kind <= DELIVERY_STATUS_MAX; kind++) {
            for (int64_t version = 1; version <= 3; version++) {
                struct rental rental = { .status = (enum rental_status)status,
                                         .delivery_version = 3 };
                struct rental_news news = { (enum delivery_status)kind, version, "" };
                struct rental_change change = UNTOUCHED;

                assert_int_equal(rental_decide_news(&rental, &news, NOW_MS, &change), RENTAL_STALE);
                assert_untouched(&change);
            }
        }
    }
}

/* Rules 3.7: forward only; what was canceled, returned or has expired stays so. */
static void test_may_move_every_pair_only_forward(void **state)
{
    (void)state;
    static const int way[RENTAL_STATUS_MAX + 1] = {
        [RENTAL_STATUS_ORDERED] = 1,
        [RENTAL_STATUS_RESERVED] = 2,
        [RENTAL_STATUS_PICKED] = 3,
        [RENTAL_STATUS_READY] = 4,
        [RENTAL_STATUS_DELIVERED] = 5,
        [RENTAL_STATUS_RETURNED] = 6,
        [RENTAL_STATUS_EXPIRED] = 6,
        [RENTAL_STATUS_CANCELED] = 6,
        [RENTAL_STATUS_CANCELED_OUT_OF_STOCK] = 6,
        [RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT] = 6,
    };
    int moves = 0;
    for (int from = RENTAL_STATUS_ORDERED; from <= RENTAL_STATUS_MAX; from++) {
        for (int to = RENTAL_STATUS_ORDERED; to <= RENTAL_STATUS_MAX; to++) {
            if (!rental_may_move((enum rental_status)from, (enum rental_status)to))
                continue;
            moves++;
            assert_true(way[to] > way[from]);
        }
    }
    assert_int_equal(moves, 26);
}

static void test_is_cancelable_every_state(void **state)
{
    (void)state;
    static const bool settled[RENTAL_STATUS_MAX + 1] = {
        [RENTAL_STATUS_CANCELED] = true,
        [RENTAL_STATUS_CANCELED_OUT_OF_STOCK] = true,
        [RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT] = true,
        [RENTAL_STATUS_EXPIRED] = true,
    };
    for (int status = RENTAL_STATUS_ORDERED; status <= RENTAL_STATUS_MAX; status++) {
        struct rental rental = { .status = (enum rental_status)status };
        assert_int_equal(rental_is_cancelable(&rental), !settled[status]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide_news_every_state_and_kind_moves_as_the_rules_say),
        cmocka_unit_test(test_decide_news_version_seen_before_is_stale_in_every_state),
        cmocka_unit_test(test_may_move_every_pair_only_forward),
        cmocka_unit_test(test_is_cancelable_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

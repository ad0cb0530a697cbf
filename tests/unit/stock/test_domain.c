/* Stock's decisions: every state with every event, every kind of registration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/base/check.h"
#include "stock/domain.h"

#define QTY 6

static struct stock stock_make(int64_t available, int64_t reserved, int64_t rented)
{
    return (struct stock){
        .product = { 1 },
        .registered = available + reserved + rented,
        .registration = 3,
        .available = available,
        .reserved = reserved,
        .rented = rented,
        .version = 9,
    };
}

static void assert_change_adds_up(const struct stock *before, const struct stock_change *change)
{
    const struct stock *after = &change->after;
    const struct stock_movement *movement = &change->movement;
    assert_int_equal(after->registered, before->registered + movement->d_registered);
    assert_int_equal(after->available, before->available + movement->d_available);
    assert_int_equal(after->reserved, before->reserved + movement->d_reserved);
    assert_int_equal(after->rented, before->rented + movement->d_rented);
    assert_int_equal(after->registered, after->available + after->reserved + after->rented);
    assert_true(after->available >= 0 && after->reserved >= 0 && after->rented >= 0);
    assert_int_equal(after->version, before->version + 1);
    assert_int_equal(after->product.v, 1);
}

/* ---- reservations ---- */

enum known { UNKNOWN, ENOUGH, SHORT };
#define KNOWN_COUNT 3
#define NOTHING (-1)

struct expectation {
    int state; /* NOTHING: no decision */
    enum reservation_reason reason;
    bool moves_goods;
};

#define NONE                                                                                       \
    {                                                                                              \
        NOTHING, RESERVATION_FINE, false                                                           \
    }
#define WAITS                                                                                      \
    {                                                                                              \
        RESERVATION_WAITING, RESERVATION_FINE, false                                               \
    }
#define RESERVES                                                                                   \
    {                                                                                              \
        RESERVATION_RESERVED, RESERVATION_FINE, true                                               \
    }
#define OUT                                                                                        \
    {                                                                                              \
        RESERVATION_REJECTED, RESERVATION_OUT_OF_STOCK, false                                      \
    }
#define UNREGISTERED                                                                               \
    {                                                                                              \
        RESERVATION_REJECTED, RESERVATION_UNREGISTERED_PRODUCT, false                              \
    }
#define RENTS                                                                                      \
    {                                                                                              \
        RESERVATION_RENTED, RESERVATION_FINE, true                                                 \
    }
#define FREES                                                                                      \
    {                                                                                              \
        RESERVATION_RELEASED, RESERVATION_FINE, true                                               \
    }
#define DROPS                                                                                      \
    {                                                                                              \
        RESERVATION_RELEASED, RESERVATION_FINE, false                                              \
    }
#define ALL(x)                                                                                     \
    {                                                                                              \
        x, x, x                                                                                    \
    }

/* by state, event, and what is known of the product */
static const struct expectation
    EXPECTED[RESERVATION_STATE_COUNT][RESERVATION_EVENT_COUNT][KNOWN_COUNT] = {
        [RESERVATION_NEW] = { { WAITS, RESERVES, OUT }, ALL(NONE), ALL(NONE), ALL(NONE) },
        [RESERVATION_WAITING] = { ALL(NONE),
                                  { UNREGISTERED, RESERVES, OUT },
                                  ALL(NONE),
                                  ALL(DROPS) },
        [RESERVATION_RESERVED] = { ALL(NONE), ALL(NONE), ALL(RENTS), ALL(FREES) },
        [RESERVATION_RENTED] = { ALL(NONE), ALL(NONE), ALL(NONE), ALL(FREES) },
        [RESERVATION_RELEASED] = { ALL(NONE), ALL(NONE), ALL(NONE), ALL(NONE) },
        [RESERVATION_REJECTED] = { ALL(NONE), ALL(NONE), ALL(NONE), ALL(NONE) },
    };

/* The balance as it must be for a reservation of QTY in that state. */
static struct stock stock_for(enum reservation_state state, enum known known)
{
    int64_t available = known == ENOUGH ? QTY : QTY - 1;
    return stock_make(available, state == RESERVATION_RESERVED ? QTY : 0,
                      state == RESERVATION_RENTED ? QTY : 0);
}

static void assert_decision(enum reservation_state state, enum reservation_event event,
                            enum known known)
{
    const struct expectation *expected = &EXPECTED[state][event][known];
    bool holds_goods = state == RESERVATION_RESERVED || state == RESERVATION_RENTED;
    if (known == UNKNOWN && holds_goods)
        return; /* goods of an unknown product cannot be: the store's foreign keys see to it */

    const struct reservation reservation = { { 7 }, { 1 }, QTY, state, state == 0 ? 0 : 2, 0 };
    struct stock stock = stock_for(state, known);
    const struct reservation_decision untouched = { .state = RESERVATION_NEW, .available = 4711 };
    struct reservation_decision decision = untouched;
    bool is_decided = reservation_decide(&reservation, event, known == UNKNOWN ? NULL : &stock,
                                         &decision);
    if (expected->state == NOTHING) {
        assert_false(is_decided);
        assert_int_equal(decision.available, untouched.available);
        return;
    }
    assert_true(is_decided);
    assert_int_equal(decision.state, expected->state);
    assert_int_equal(decision.reason, expected->reason);
    assert_int_equal(decision.moves_goods, expected->moves_goods);
    assert_true(reservation_may_move(state, decision.state));
    if (decision.reason == RESERVATION_OUT_OF_STOCK)
        assert_int_equal(decision.available, QTY - 1);
    if (!decision.moves_goods)
        return;
    assert_change_adds_up(&stock, &decision.change);
    assert_int_equal(decision.change.movement.d_registered, 0);
}

static void test_reservation_decide_every_state_and_event_as_in_table(void **state)
{
    (void)state;
    for (int from = 0; from < RESERVATION_STATE_COUNT; from++)
        for (int event = 0; event < RESERVATION_EVENT_COUNT; event++)
            for (int known = 0; known < KNOWN_COUNT; known++)
                assert_decision((enum reservation_state)from, (enum reservation_event)event,
                                (enum known)known);
}

static void test_reservation_decide_exact_quantity_takes_all(void **state)
{
    (void)state;
    const struct reservation reservation = { { 7 }, { 1 }, QTY, RESERVATION_NEW, 0, 0 };
    struct stock stock = stock_make(QTY, 1, 2);
    struct reservation_decision decision;
    assert_true(reservation_decide(&reservation, RESERVATION_ON_REQUESTED, &stock, &decision));
    assert_int_equal(decision.change.after.available, 0);
    assert_int_equal(decision.change.after.reserved, QTY + 1);
    assert_int_equal(decision.change.after.rented, 2);
    assert_int_equal(decision.change.movement.kind, STOCK_MOVEMENT_RESERVED);
}

static void test_reservation_decide_life_ends_where_it_began(void **state)
{
    (void)state;
    struct stock stock = stock_make(10, 0, 0);
    struct reservation reservation = { { 7 }, { 1 }, QTY, RESERVATION_NEW, 0, 0 };
    static const struct {
        enum reservation_event event;
        enum stock_movement_kind kind;
        int64_t available, reserved, rented;
    } steps[] = {
        { RESERVATION_ON_REQUESTED, STOCK_MOVEMENT_RESERVED, 4, 6, 0 },
        { RESERVATION_ON_DELIVERED, STOCK_MOVEMENT_RENTED, 4, 0, 6 },
        { RESERVATION_ON_CANCELED, STOCK_MOVEMENT_RELEASED, 10, 0, 0 },
    };
    for (size_t i = 0; i < KIT_COUNT(steps); i++) {
        struct reservation_decision decision;
        assert_true(reservation_decide(&reservation, steps[i].event, &stock, &decision));
        assert_int_equal(decision.change.movement.kind, steps[i].kind);
        stock = decision.change.after;
        reservation.state = decision.state;
        assert_int_equal(stock.available, steps[i].available);
        assert_int_equal(stock.reserved, steps[i].reserved);
        assert_int_equal(stock.rented, steps[i].rented);
    }
}

static void test_reservation_may_move_ends_lead_nowhere(void **state)
{
    (void)state;
    for (int to = 0; to < RESERVATION_STATE_COUNT; to++) {
        assert_false(reservation_may_move(RESERVATION_RELEASED, (enum reservation_state)to));
        assert_false(reservation_may_move(RESERVATION_REJECTED, (enum reservation_state)to));
        assert_false(reservation_may_move((enum reservation_state)to, RESERVATION_NEW));
    }
}

/* ---- registered quantities: stock_make has registration 3 ---- */

struct registration_case {
    int64_t available, reserved, rented; /* all 0: not known */
    int64_t qty, registration;           /* wished or reported */
    enum stock_verdict verdict;
    int64_t ret_available, ret_registration;
    enum stock_movement_kind kind;
};

static const struct stock *case_stock(const struct registration_case *row, struct stock *storage)
{
    *storage = stock_make(row->available, row->reserved, row->rented);
    return storage->registered == 0 ? NULL : storage;
}

static void assert_case(const struct registration_case *row, const struct stock *before,
                        enum stock_verdict verdict, const struct stock_change *change)
{
    assert_int_equal(verdict, row->verdict);
    if (verdict != STOCK_CHANGED) {
        assert_int_equal(change->after.registration, 4711); /* untouched */
        return;
    }
    const struct stock none = { .product = { 1 } };
    assert_change_adds_up(before == NULL ? &none : before, change);
    assert_int_equal(change->after.available, row->ret_available);
    assert_int_equal(change->after.registration, row->ret_registration);
    assert_int_equal(change->after.reserved, row->reserved);
    assert_int_equal(change->after.rented, row->rented);
    assert_int_equal(change->movement.kind, row->kind);
}

#define REGISTERED STOCK_MOVEMENT_REGISTERED
#define ADJUSTED STOCK_MOVEMENT_ADJUSTED
#define CLAMPED STOCK_MOVEMENT_CLAMPED
#define BELOW STOCK_REFUSED_BELOW_COMMITTED

static void test_stock_decide_registered_set_every_case(void **state)
{
    (void)state;
    static const struct registration_case cases[] = {
        { 0, 0, 0, 20, 1, STOCK_CHANGED, 20, 2, REGISTERED }, /* unknown: 2.6 */
        { 10, 0, 0, 20, 3, STOCK_CHANGED, 20, 4, ADJUSTED },  /* more */
        { 10, 0, 0, 1, 3, STOCK_CHANGED, 1, 4, ADJUSTED },    /* fewer */
        { 4, 2, 4, 20, 3, STOCK_CHANGED, 14, 4, ADJUSTED },   /* what is out stays */
        { 4, 2, 4, 6, 3, STOCK_CHANGED, 0, 4, ADJUSTED },     /* exactly what is out */
        { 4, 2, 4, 5, 3, BELOW, 0, 0, 0 },                    /* one less: 2.3 */
        { 0, 10, 0, 9, 3, BELOW, 0, 0, 0 },
        { 0, 0, 10, 1, 3, BELOW, 0, 0, 0 },
        { 4, 2, 4, 10, 3, STOCK_SAME, 0, 0, 0 },           /* the same: 2.4 */
        { 4, 2, 4, 10, 1, STOCK_SAME, 0, 0, 0 },           /* R1 of product: tried again */
        { 4, 2, 4, 10, 7, STOCK_CHANGED, 4, 8, ADJUSTED }, /* we are the older copy: 2.4 */
        { 4, 2, 4, 11, 7, STOCK_CHANGED, 5, 8, ADJUSTED }, /* max(own, given) + 1 */
        { 4, 2, 4, 11, 1, STOCK_CHANGED, 5, 4, ADJUSTED },
    };
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct stock storage;
        const struct stock *stock = case_stock(&cases[i], &storage);
        const struct stock_registration wish = { { 1 }, cases[i].qty, cases[i].registration };
        struct stock_change change = { .after.registration = 4711 };
        enum stock_verdict verdict = stock_decide_registered_set(stock, &wish, &change);
        assert_case(&cases[i], stock, verdict, &change);
    }
}

static void test_stock_decide_product_saved_every_case(void **state)
{
    (void)state;
    static const struct registration_case cases[] = {
        { 0, 0, 0, 20, 1, STOCK_CHANGED, 20, 1, REGISTERED }, /* new: the event's registration */
        { 4, 2, 4, 99, 1, STOCK_SAME, 0, 0, 0 },              /* stale */
        { 4, 2, 4, 99, 3, STOCK_SAME, 0, 0, 0 },              /* what we agreed to */
        { 4, 2, 4, 12, 5, STOCK_CHANGED, 6, 5, ADJUSTED },    /* we are the older copy: 2.5 */
        { 4, 2, 4, 10, 5, STOCK_CHANGED, 4, 5, ADJUSTED },    /* only the registration */
        { 4, 2, 4, 6, 5, STOCK_CHANGED, 0, 5, ADJUSTED },     /* exactly what is out */
        { 4, 2, 4, 5, 5, STOCK_CHANGED, 0, 6, CLAMPED }, /* not below it, and product is told */
    };
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct stock storage;
        const struct stock *stock = case_stock(&cases[i], &storage);
        const struct stock_registration report = { { 1 }, cases[i].qty, cases[i].registration };
        struct stock_change change = { .after.registration = 4711 };
        enum stock_verdict verdict = stock_decide_product_saved(stock, &report, &change);
        assert_case(&cases[i], stock, verdict, &change);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reservation_decide_every_state_and_event_as_in_table),
        cmocka_unit_test(test_reservation_decide_exact_quantity_takes_all),
        cmocka_unit_test(test_reservation_decide_life_ends_where_it_began),
        cmocka_unit_test(test_reservation_may_move_ends_lead_nowhere),
        cmocka_unit_test(test_stock_decide_registered_set_every_case),
        cmocka_unit_test(test_stock_decide_product_saved_every_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Stock's decisions: every state with every event, every kind of registration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/base/check.h"
#include "stock/domain/reservation.h"

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

#define DIRECT_STATE_COUNT 6 /* those that an order without a locker comes to */
#define DIRECT_EVENT_COUNT 4

/* by state, event, and what is known of the product */
static const struct expectation EXPECTED[DIRECT_STATE_COUNT][DIRECT_EVENT_COUNT][KNOWN_COUNT] = {
    [RESERVATION_NEW] = { { WAITS, RESERVES, OUT }, ALL(NONE), ALL(NONE), ALL(NONE) },
    [RESERVATION_WAITING] = { ALL(NONE), { UNREGISTERED, RESERVES, OUT }, ALL(NONE), ALL(DROPS) },
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

    const struct reservation reservation = {
        .id = { 7 }, .product = { 1 }, .qty = QTY, .state = state, .version = state == 0 ? 0 : 2
    };
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
    for (int from = 0; from < DIRECT_STATE_COUNT; from++)
        for (int event = 0; event < DIRECT_EVENT_COUNT; event++)
            for (int known = 0; known < KNOWN_COUNT; known++)
                assert_decision((enum reservation_state)from, (enum reservation_event)event,
                                (enum known)known);
}

/* ---- fulfilment locker (rules 6) ---- */

/* What an order of QTY pieces, of which all but one are picked while it is RESERVED, becomes. */
static int locker_expected(enum reservation_state from, enum reservation_event event)
{
    static const struct {
        enum reservation_state from;
        enum reservation_event event;
        int to;
    } moves[] = {
        { RESERVATION_RESERVED, RESERVATION_ON_CANCELED, RESERVATION_COMING_BACK },
        { RESERVATION_PICKED, RESERVATION_ON_READY, RESERVATION_LOADED },
        { RESERVATION_PICKED, RESERVATION_ON_HANDED_OVER, RESERVATION_RENTED },
        { RESERVATION_PICKED, RESERVATION_ON_DELIVERED, RESERVATION_RENTED },
        { RESERVATION_PICKED, RESERVATION_ON_CANCELED, RESERVATION_COMING_BACK },
        { RESERVATION_PICKED, RESERVATION_ON_EXPIRED, RESERVATION_COMING_BACK },
        { RESERVATION_LOADED, RESERVATION_ON_DELIVERED, RESERVATION_RENTED },
        { RESERVATION_LOADED, RESERVATION_ON_CANCELED, RESERVATION_COMING_BACK },
        { RESERVATION_LOADED, RESERVATION_ON_EXPIRED, RESERVATION_COMING_BACK },
        { RESERVATION_RENTED, RESERVATION_ON_UNIT_CHECKED, RESERVATION_RENTED },
        { RESERVATION_COMING_BACK, RESERVATION_ON_UNIT_CHECKED, RESERVATION_COMING_BACK },
    };
    for (size_t i = 0; i < KIT_COUNT(moves); i++) {
        if (moves[i].from == from && moves[i].event == event)
            return moves[i].to;
    }
    return NOTHING;
}

static struct reservation locker_order(enum reservation_state state)
{
    return (struct reservation){
        .id = { 7 },
        .product = { 1 },
        .qty = QTY,
        .fulfilment = FULFILMENT_LOCKER,
        .state = state,
        .version = 3,
        .progress = { .picked = state == RESERVATION_RESERVED ? QTY - 1 : QTY },
    };
}

static void test_reservation_decide_locker_every_state_and_event(void **state)
{
    (void)state;
    for (int from = RESERVATION_RESERVED; from < RESERVATION_STATE_COUNT; from++) {
        for (int event = RESERVATION_ON_DELIVERED; event < RESERVATION_EVENT_COUNT; event++) {
            const struct reservation order = locker_order((enum reservation_state)from);
            bool is_rented = from == RESERVATION_RENTED;
            struct stock stock = stock_make(3, is_rented ? 0 : QTY, is_rented ? QTY : 0);
            struct reservation_decision decision = { 0 };
            int expected = locker_expected(order.state, (enum reservation_event)event);
            bool is_decided = reservation_decide(&order, (enum reservation_event)event, &stock,
                                                 &decision);
            if (is_decided != (expected != NOTHING))
                print_error("state %d, event %d\n", from, event);
            assert_int_equal(is_decided, expected != NOTHING);
            if (!is_decided)
                continue;
            assert_int_equal(decision.state, expected);
            if (decision.moves_goods)
                assert_change_adds_up(&stock, &decision.change);
        }
    }
}

static void test_reservation_decide_partly_picked_cancel_frees_the_rest_at_once(void **state)
{
    (void)state;
    const struct reservation order = locker_order(RESERVATION_RESERVED);
    struct stock stock = stock_make(3, QTY, 0);
    struct reservation_decision decision;
    assert_true(reservation_decide(&order, RESERVATION_ON_CANCELED, &stock, &decision));
    assert_int_equal(decision.change.after.available, 4);
    assert_int_equal(decision.change.after.reserved, QTY - 1);
    assert_int_equal(decision.progress.picked, QTY);
    assert_int_equal(decision.progress.home, 1);
}

static void test_reservation_decide_unpicked_cancel_frees_all(void **state)
{
    (void)state;
    struct reservation order = locker_order(RESERVATION_RESERVED);
    order.progress.picked = 0;
    struct stock stock = stock_make(3, QTY, 0);
    struct reservation_decision decision;
    assert_true(reservation_decide(&order, RESERVATION_ON_CANCELED, &stock, &decision));
    assert_int_equal(decision.state, RESERVATION_RELEASED);
    assert_int_equal(decision.change.after.available, 3 + QTY);
}

static void test_reservation_decide_picked_ends_with_the_last_unit(void **state)
{
    (void)state;
    struct reservation order = locker_order(RESERVATION_RESERVED);
    struct reservation_decision decision;
    order.progress.picked = 0;
    assert_true(reservation_decide_picked(&order, QTY - 1, &decision));
    assert_int_equal(decision.state, RESERVATION_RESERVED);
    assert_int_equal(decision.progress.picked, QTY - 1);
    assert_false(decision.moves_goods);
    order.progress = decision.progress;
    assert_true(reservation_decide_picked(&order, 1, &decision));
    assert_int_equal(decision.state, RESERVATION_PICKED);
    assert_int_equal(decision.progress.picked, QTY);
    assert_false(decision.moves_goods);
}

static void test_reservation_decide_picked_more_than_it_lacks_is_refused(void **state)
{
    (void)state;
    const struct reservation order = locker_order(RESERVATION_RESERVED);
    struct reservation_decision decision;
    assert_false(reservation_decide_picked(&order, 2, &decision));
    for (int from = 0; from < RESERVATION_STATE_COUNT; from++) {
        struct reservation other = locker_order((enum reservation_state)from);
        other.progress.picked = 0;
        assert_int_equal(reservation_decide_picked(&other, 1, &decision),
                         from == RESERVATION_RESERVED);
    }
    struct reservation direct = order;
    direct.fulfilment = FULFILMENT_DIRECT;
    assert_false(reservation_decide_picked(&direct, 1, &decision));
}

/* QTY pieces come back: one broken, the others in two goes. */
static void test_reservation_decide_back_ends_with_the_last_unit(void **state)
{
    (void)state;
    static const struct {
        enum reservation_state from, to;
        enum stock_movement_kind kind;
    } ways[] = { { RESERVATION_RENTED, RESERVATION_RETURNED, STOCK_MOVEMENT_RETURNED },
                 { RESERVATION_COMING_BACK, RESERVATION_RELEASED, STOCK_MOVEMENT_RELEASED } };
    for (size_t i = 0; i < KIT_COUNT(ways); i++) {
        bool is_rented = ways[i].from == RESERVATION_RENTED;
        struct reservation order = locker_order(ways[i].from);
        struct stock stock = stock_make(0, is_rented ? 0 : QTY, is_rented ? QTY : 0);
        const struct reservation_back goes[] = { { .damaged = 1 },
                                                 { .home = 1 },
                                                 { .home = QTY - 2, .checked = 1 } };
        order.progress.checked = 1;
        for (size_t k = 0; k < KIT_COUNT(goes); k++) {
            struct reservation_decision decision;
            assert_int_equal(order.state, ways[i].from);
            assert_true(reservation_decide_back(&order, &goes[k], &stock, &decision));
            assert_change_adds_up(&stock, &decision.change);
            assert_int_equal(decision.change.movement.kind,
                             goes[k].damaged > 0 ? STOCK_MOVEMENT_DAMAGED : ways[i].kind);
            stock = decision.change.after;
            order.progress = decision.progress;
            order.state = decision.state;
        }
        assert_int_equal(order.state, ways[i].to);
        assert_int_equal(order.progress.checked, 0);
        assert_int_equal(reservation_out(&order), 0);
        assert_int_equal(stock.available, QTY - 1);
        assert_int_equal(stock.registered, QTY - 1);
        assert_int_equal(stock.reserved + stock.rented, 0);
    }
}

static void test_reservation_decide_back_more_than_is_out_is_refused(void **state)
{
    (void)state;
    const struct reservation order = locker_order(RESERVATION_RENTED);
    const struct reservation_back many = { .home = QTY + 1 },
                                  unchecked = { .home = 1, .checked = 1 };
    const struct reservation_back one = { .home = 1 };
    struct stock stock = stock_make(0, 0, QTY);
    struct reservation_decision decision;
    assert_false(reservation_decide_back(&order, &many, &stock, &decision));
    assert_false(reservation_decide_back(&order, &unchecked, &stock, &decision));
    for (int from = 0; from < RESERVATION_STATE_COUNT; from++) {
        struct reservation other = locker_order((enum reservation_state)from);
        if (!reservation_takes_back(&other))
            assert_false(reservation_decide_back(&other, &one, &stock, &decision));
    }
    struct reservation direct = order;
    direct.fulfilment = FULFILMENT_DIRECT;
    assert_false(reservation_decide_back(&direct, &one, &stock, &decision));
}

/* ---- quantities that scans change (rules 4) ---- */

static void test_stock_decide_pieces_every_limit(void **state)
{
    (void)state;
    struct stock stock = stock_make(4, 2, 4);
    struct stock_change change;
    assert_int_equal(stock_decide_pieces(&stock, STOCK_MOVEMENT_RECEIVED, 3, &change),
                     STOCK_CHANGED);
    assert_int_equal(change.after.available, 7);
    assert_int_equal(change.after.registered, 13);
    assert_int_equal(change.after.registration, stock.registration + 1);
    assert_int_equal(stock_decide_pieces(&stock, STOCK_MOVEMENT_COUNTED, -4, &change),
                     STOCK_CHANGED);
    assert_int_equal(change.after.available, 0);
    assert_int_equal(stock_decide_pieces(&stock, STOCK_MOVEMENT_COUNTED, 0, &change), STOCK_SAME);
    assert_int_equal(stock_decide_pieces(&stock, STOCK_MOVEMENT_COUNTED, -5, &change),
                     STOCK_REFUSED_BELOW_COMMITTED);
    assert_int_equal(
        stock_decide_pieces(&stock, STOCK_MOVEMENT_RECEIVED, STOCK_QTY_MAX - 10, &change),
        STOCK_CHANGED);
    assert_int_equal(
        stock_decide_pieces(&stock, STOCK_MOVEMENT_RECEIVED, STOCK_QTY_MAX - 9, &change),
        STOCK_REFUSED_LIMIT);
}

static void test_stock_decide_serialised_quantity_is_ours(void **state)
{
    (void)state;
    struct stock_change change;
    struct stock_registration report = {
        .product = { 1 }, .qty = 0, .registration = 1, .tracking = TRACKING_SERIALISED
    };
    assert_int_equal(stock_decide_product_saved(NULL, &report, &change), STOCK_CHANGED);
    assert_int_equal(change.after.registered, 0);
    assert_int_equal(change.after.registration, 1);

    report.qty = 5; /* a catalogue that knows more than we: it adopts what is here */
    report.registration = 9;
    assert_int_equal(stock_decide_product_saved(NULL, &report, &change), STOCK_CHANGED);
    assert_int_equal(change.after.registered, 0);
    assert_int_equal(change.after.registration, 10);

    struct stock stock = stock_make(3, 1, 1);
    stock.tracking = TRACKING_SERIALISED;
    assert_int_equal(stock_decide_product_saved(&stock, &report, &change), STOCK_CHANGED);
    assert_int_equal(change.after.registered, 5);
    assert_int_equal(change.after.registration, 9);
    report.registration = stock.registration;
    assert_int_equal(stock_decide_product_saved(&stock, &report, &change), STOCK_SAME);
    assert_int_equal(stock_decide_registered_set(&stock, &report, &change), STOCK_REFUSED_COUNTED);
}

static void test_reservation_decide_exact_quantity_takes_all(void **state)
{
    (void)state;
    const struct reservation reservation = {
        .id = { 7 }, .product = { 1 }, .qty = QTY, .state = RESERVATION_NEW
    };
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
    struct reservation reservation = {
        .id = { 7 }, .product = { 1 }, .qty = QTY, .state = RESERVATION_NEW
    };
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
        const struct stock_registration wish = { .product = { 1 },
                                                 .qty = cases[i].qty,
                                                 .registration = cases[i].registration };
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
        const struct stock_registration report = { .product = { 1 },
                                                   .qty = cases[i].qty,
                                                   .registration = cases[i].registration };
        struct stock_change change = { .after.registration = 4711 };
        enum stock_verdict verdict = stock_decide_product_saved(stock, &report, &change);
        assert_case(&cases[i], stock, verdict, &change);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reservation_decide_every_state_and_event_as_in_table),
        cmocka_unit_test(test_reservation_decide_locker_every_state_and_event),
        cmocka_unit_test(test_reservation_decide_partly_picked_cancel_frees_the_rest_at_once),
        cmocka_unit_test(test_reservation_decide_unpicked_cancel_frees_all),
        cmocka_unit_test(test_reservation_decide_picked_ends_with_the_last_unit),
        cmocka_unit_test(test_reservation_decide_picked_more_than_it_lacks_is_refused),
        cmocka_unit_test(test_reservation_decide_back_ends_with_the_last_unit),
        cmocka_unit_test(test_reservation_decide_back_more_than_is_out_is_refused),
        cmocka_unit_test(test_stock_decide_pieces_every_limit),
        cmocka_unit_test(test_stock_decide_serialised_quantity_is_ours),
        cmocka_unit_test(test_reservation_decide_exact_quantity_takes_all),
        cmocka_unit_test(test_reservation_decide_life_ends_where_it_began),
        cmocka_unit_test(test_reservation_may_move_ends_lead_nowhere),
        cmocka_unit_test(test_stock_decide_registered_set_every_case),
        cmocka_unit_test(test_stock_decide_product_saved_every_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

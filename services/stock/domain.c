/* Stock's decisions. Pure; see domain.h. */
#include "stock/domain.h"

#include <stddef.h>

#include "kit/base/check.h"

/* ---- quantities ---- */

/* The one place where a balance moves. */
static void change_make(const struct stock *before, const struct stock_movement *movement,
                        struct stock_change *ret_change)
{
    struct stock after = *before;
    after.registered += movement->d_registered;
    after.available += movement->d_available;
    after.reserved += movement->d_reserved;
    after.rented += movement->d_rented;
    after.version++;
    POST(after.available >= 0 && after.reserved >= 0 && after.rented >= 0);
    POST(after.registered == after.available + after.reserved + after.rented);
    *ret_change = (struct stock_change){ .after = after, .movement = *movement };
}

static void registration_make(const struct stock *stock, const struct stock_registration *goal,
                              enum stock_movement_kind kind, struct stock_change *ret_change)
{
    struct stock before = { .product = goal->product };
    if (stock != NULL)
        before = *stock;
    int64_t delta = goal->qty - before.registered;
    const struct stock_movement movement = {
        .kind = kind,
        .d_registered = delta,
        .d_available = delta,
    };
    change_make(&before, &movement, ret_change);
    ret_change->after.registration = goal->registration;
}

enum stock_verdict stock_decide_registered_set(const struct stock *stock,
                                               const struct stock_registration *wish,
                                               struct stock_change *ret_change)
{
    PRE(stock == NULL || stock->product.v == wish->product.v);
    struct stock_registration goal = *wish;
    goal.registration++;
    if (stock == NULL) {
        registration_make(NULL, &goal, STOCK_MOVEMENT_REGISTERED, ret_change);
        return STOCK_CHANGED;
    }
    if (wish->qty == stock->registered && wish->registration <= stock->registration)
        return STOCK_SAME;
    if (wish->qty < stock_committed(stock))
        return STOCK_REFUSED_BELOW_COMMITTED;
    if (goal.registration <= stock->registration)
        goal.registration = stock->registration + 1;
    registration_make(stock, &goal, STOCK_MOVEMENT_ADJUSTED, ret_change);
    return STOCK_CHANGED;
}

enum stock_verdict stock_decide_product_saved(const struct stock *stock,
                                              const struct stock_registration *report,
                                              struct stock_change *ret_change)
{
    PRE(stock == NULL || stock->product.v == report->product.v);
    if (stock == NULL) {
        registration_make(NULL, report, STOCK_MOVEMENT_REGISTERED, ret_change);
        return STOCK_CHANGED;
    }
    if (report->registration <= stock->registration)
        return STOCK_SAME;
    if (report->qty >= stock_committed(stock)) {
        registration_make(stock, report, STOCK_MOVEMENT_ADJUSTED, ret_change);
        return STOCK_CHANGED;
    }
    const struct stock_registration clamped = {
        .product = report->product,
        .qty = stock_committed(stock),
        .registration = report->registration + 1,
    };
    registration_make(stock, &clamped, STOCK_MOVEMENT_CLAMPED, ret_change);
    return STOCK_CHANGED;
}

/* ---- reservations ---- */

static const bool MOVES[RESERVATION_STATE_COUNT][RESERVATION_STATE_COUNT] = {
    [RESERVATION_NEW] = { [RESERVATION_WAITING] = true,
                          [RESERVATION_RESERVED] = true,
                          [RESERVATION_REJECTED] = true },
    [RESERVATION_WAITING] = { [RESERVATION_RESERVED] = true,
                              [RESERVATION_REJECTED] = true,
                              [RESERVATION_RELEASED] = true },
    [RESERVATION_RESERVED] = { [RESERVATION_RENTED] = true, [RESERVATION_RELEASED] = true },
    [RESERVATION_RENTED] = { [RESERVATION_RELEASED] = true },
};

bool reservation_may_move(enum reservation_state from, enum reservation_state to)
{
    PRE((unsigned)from < RESERVATION_STATE_COUNT && (unsigned)to < RESERVATION_STATE_COUNT);
    return MOVES[from][to];
}

static void goods_move(const struct stock *stock, const struct stock_movement *movement,
                       struct reservation_decision *ret_decision)
{
    PRE(stock != NULL);
    ret_decision->moves_goods = true;
    change_make(stock, movement, &ret_decision->change);
}

static void goods_allot(const struct reservation *reservation, const struct stock *stock,
                        struct reservation_decision *ret_decision)
{
    int64_t qty = reservation->qty;
    if (stock->available < qty) {
        *ret_decision = (struct reservation_decision){
            .state = RESERVATION_REJECTED,
            .reason = RESERVATION_OUT_OF_STOCK,
            .available = stock->available,
        };
        return;
    }
    const struct stock_movement movement = {
        .kind = STOCK_MOVEMENT_RESERVED,
        .d_available = -qty,
        .d_reserved = qty,
    };
    *ret_decision = (struct reservation_decision){ .state = RESERVATION_RESERVED };
    goods_move(stock, &movement, ret_decision);
}

static bool decide_requested(const struct reservation *reservation, const struct stock *stock,
                             struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_NEW)
        return false; /* R4: told twice */
    if (stock != NULL)
        goods_allot(reservation, stock, ret_decision);
    else /* R1: the order may have overtaken its product */
        *ret_decision = (struct reservation_decision){ .state = RESERVATION_WAITING };
    return true;
}

static bool decide_waiting(const struct reservation *reservation, const struct stock *stock,
                           struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_WAITING)
        return false;
    if (stock != NULL) {
        goods_allot(reservation, stock, ret_decision);
    } else {
        *ret_decision = (struct reservation_decision){
            .state = RESERVATION_REJECTED,
            .reason = RESERVATION_UNREGISTERED_PRODUCT,
        };
    }
    return true;
}

static bool decide_delivered(const struct reservation *reservation, const struct stock *stock,
                             struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_RESERVED)
        return false; /* R4 double, R5 late: released before, so nothing may leave again */
    const struct stock_movement movement = {
        .kind = STOCK_MOVEMENT_RENTED,
        .d_reserved = -reservation->qty,
        .d_rented = reservation->qty,
    };
    *ret_decision = (struct reservation_decision){ .state = RESERVATION_RENTED };
    goods_move(stock, &movement, ret_decision);
    return true;
}

static bool decide_canceled(const struct reservation *reservation, const struct stock *stock,
                            struct reservation_decision *ret_decision)
{
    struct stock_movement movement = {
        .kind = STOCK_MOVEMENT_RELEASED,
        .d_available = reservation->qty,
    };
    switch (reservation->state) {
    case RESERVATION_NEW:      /* R6: never asked for goods */
    case RESERVATION_RELEASED: /* R4: double */
    case RESERVATION_REJECTED: /* R3: our answer and the cancel crossed; there is nothing to free */
        return false;
    case RESERVATION_WAITING: /* R2: canceled while we were deciding */
        *ret_decision = (struct reservation_decision){ .state = RESERVATION_RELEASED };
        return true;
    case RESERVATION_RESERVED:
        movement.d_reserved = -reservation->qty;
        break;
    case RESERVATION_RENTED:
        movement.d_rented = -reservation->qty;
        break;
    }
    *ret_decision = (struct reservation_decision){ .state = RESERVATION_RELEASED };
    goods_move(stock, &movement, ret_decision);
    return true;
}

bool reservation_decide(const struct reservation *reservation, enum reservation_event event,
                        const struct stock *stock, struct reservation_decision *ret_decision)
{
    PRE(stock == NULL || stock->product.v == reservation->product.v);
    bool is_decided = false;
    switch (event) {
    case RESERVATION_ON_REQUESTED:
        is_decided = decide_requested(reservation, stock, ret_decision);
        break;
    case RESERVATION_ON_DECIDE:
        is_decided = decide_waiting(reservation, stock, ret_decision);
        break;
    case RESERVATION_ON_DELIVERED:
        is_decided = decide_delivered(reservation, stock, ret_decision);
        break;
    case RESERVATION_ON_CANCELED:
        is_decided = decide_canceled(reservation, stock, ret_decision);
        break;
    }
    POST(!is_decided || reservation_may_move(reservation->state, ret_decision->state));
    return is_decided;
}

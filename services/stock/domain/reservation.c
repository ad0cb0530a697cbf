/* Decisions about reservations. Pure; see reservation.h. */
#include "stock/domain/reservation.h"

#include <stddef.h>

#include "kit/base/check.h"

static const bool MOVES[RESERVATION_STATE_COUNT][RESERVATION_STATE_COUNT] = {
    [RESERVATION_NEW] = { [RESERVATION_WAITING] = true,
                          [RESERVATION_RESERVED] = true,
                          [RESERVATION_REJECTED] = true },
    [RESERVATION_WAITING] = { [RESERVATION_RESERVED] = true,
                              [RESERVATION_REJECTED] = true,
                              [RESERVATION_RELEASED] = true },
    [RESERVATION_RESERVED] = { [RESERVATION_RENTED] = true,
                               [RESERVATION_RELEASED] = true,
                               [RESERVATION_PICKED] = true,
                               [RESERVATION_COMING_BACK] = true },
    [RESERVATION_PICKED] = { [RESERVATION_LOADED] = true,
                             [RESERVATION_RENTED] = true,
                             [RESERVATION_COMING_BACK] = true },
    [RESERVATION_LOADED] = { [RESERVATION_RENTED] = true, [RESERVATION_COMING_BACK] = true },
    [RESERVATION_RENTED] = { [RESERVATION_RELEASED] = true, [RESERVATION_RETURNED] = true },
    [RESERVATION_COMING_BACK] = { [RESERVATION_RELEASED] = true },
};

bool reservation_may_move(enum reservation_state from, enum reservation_state to)
{
    PRE((unsigned)from < RESERVATION_STATE_COUNT && (unsigned)to < RESERVATION_STATE_COUNT);
    return MOVES[from][to];
}

static void move_goods(const struct stock *stock, const struct stock_movement *movement,
                       struct reservation_decision *ret_decision)
{
    PRE(stock != NULL);
    ret_decision->moves_goods = true;
    stock_change_make(stock, movement, &ret_decision->change);
}

static void allot_goods(const struct reservation *reservation, const struct stock *stock,
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
    move_goods(stock, &movement, ret_decision);
}

static bool decide_requested(const struct reservation *reservation, const struct stock *stock,
                             struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_NEW)
        return false; /* R4: told twice */
    if (stock != NULL)
        allot_goods(reservation, stock, ret_decision);
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
        allot_goods(reservation, stock, ret_decision);
    } else {
        *ret_decision = (struct reservation_decision){
            .state = RESERVATION_REJECTED,
            .reason = RESERVATION_UNREGISTERED_PRODUCT,
        };
    }
    return true;
}

/* The goods leave the house. */
static void hand_out_goods(const struct reservation *reservation, const struct stock *stock,
                           struct reservation_decision *ret_decision)
{
    const struct stock_movement movement = {
        .kind = STOCK_MOVEMENT_RENTED,
        .d_reserved = -reservation->qty,
        .d_rented = reservation->qty,
    };
    *ret_decision = (struct reservation_decision){ .state = RESERVATION_RENTED };
    ret_decision->progress.picked = reservation->qty;
    move_goods(stock, &movement, ret_decision);
}

static bool decide_delivered(const struct reservation *reservation, const struct stock *stock,
                             struct reservation_decision *ret_decision)
{
    bool is_locker = reservation->fulfilment == FULFILMENT_LOCKER;
    bool is_due = is_locker ? reservation->state == RESERVATION_PICKED ||
                                  reservation->state == RESERVATION_LOADED
                            : reservation->state == RESERVATION_RESERVED;
    if (!is_due)
        return false; /* R4 double, R5 late: released before, so nothing may leave again */
    hand_out_goods(reservation, stock, ret_decision);
    return true;
}

static bool decide_handed_over(const struct reservation *reservation, const struct stock *stock,
                               struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_PICKED)
        return false;
    hand_out_goods(reservation, stock, ret_decision);
    return true;
}

static bool decide_ready(const struct reservation *reservation,
                         struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_PICKED)
        return false;
    *ret_decision = (struct reservation_decision){
        .state = RESERVATION_LOADED,
        .progress = reservation->progress,
    };
    return true;
}

bool reservation_takes_back(const struct reservation *reservation)
{
    return reservation->state == RESERVATION_COMING_BACK ||
           (reservation->state == RESERVATION_RENTED &&
            reservation->fulfilment == FULFILMENT_LOCKER);
}

static bool decide_unit_checked(const struct reservation *reservation,
                                struct reservation_decision *ret_decision)
{
    if (!reservation_takes_back(reservation) ||
        reservation->progress.checked >= reservation_out(reservation))
        return false;
    *ret_decision = (struct reservation_decision){
        .state = reservation->state,
        .progress = reservation->progress,
    };
    ret_decision->progress.checked++;
    return true;
}

/* Everything goes back at once: nothing has left the shelf, or a direct order ends. */
static void release_goods(const struct reservation *reservation, const struct stock *stock,
                          struct reservation_decision *ret_decision)
{
    struct stock_movement movement = {
        .kind = STOCK_MOVEMENT_RELEASED,
        .d_available = reservation->qty,
    };
    if (reservation->state == RESERVATION_RENTED)
        movement.d_rented = -reservation->qty;
    else
        movement.d_reserved = -reservation->qty;
    *ret_decision = (struct reservation_decision){ .state = RESERVATION_RELEASED };
    ret_decision->progress.picked = reservation->qty;
    ret_decision->progress.home = reservation->qty;
    move_goods(stock, &movement, ret_decision);
}

/* Scans bring back what was picked; what was not is available at once (rules 6.2). */
static void recall_goods(const struct reservation *reservation, const struct stock *stock,
                         struct reservation_decision *ret_decision)
{
    const int64_t rest = reservation->qty - reservation->progress.picked;
    *ret_decision = (struct reservation_decision){
        .state = RESERVATION_COMING_BACK,
        .progress = { .picked = reservation->qty, .home = rest },
    };
    const struct stock_movement movement = {
        .kind = STOCK_MOVEMENT_RELEASED,
        .d_available = rest,
        .d_reserved = -rest,
    };
    if (rest > 0)
        move_goods(stock, &movement, ret_decision);
}

static bool decide_canceled(const struct reservation *reservation, const struct stock *stock,
                            struct reservation_decision *ret_decision)
{
    switch (reservation->state) {
    case RESERVATION_NEW:      /* R6: never asked for goods */
    case RESERVATION_RELEASED: /* R4: double */
    case RESERVATION_REJECTED: /* R3: our answer and the cancel crossed; there is nothing to free */
    case RESERVATION_RETURNED:
    case RESERVATION_COMING_BACK: /* R4 */
        return false;
    case RESERVATION_WAITING: /* R2: canceled while we were deciding */
        *ret_decision = (struct reservation_decision){ .state = RESERVATION_RELEASED };
        return true;
    case RESERVATION_RESERVED:
        if (reservation->progress.picked > 0)
            recall_goods(reservation, stock, ret_decision);
        else
            release_goods(reservation, stock, ret_decision);
        return true;
    case RESERVATION_PICKED:
    case RESERVATION_LOADED:
        recall_goods(reservation, stock, ret_decision);
        return true;
    case RESERVATION_RENTED:
        if (reservation->fulfilment == FULFILMENT_LOCKER)
            return false; /* R9: handed over meanwhile; it comes back by a return */
        release_goods(reservation, stock, ret_decision);
        return true;
    }
    UNREACHABLE("state of a reservation");
}

static bool decide_expired(const struct reservation *reservation, const struct stock *stock,
                           struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_PICKED && reservation->state != RESERVATION_LOADED)
        return false;
    recall_goods(reservation, stock, ret_decision);
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
    case RESERVATION_ON_READY:
        is_decided = decide_ready(reservation, ret_decision);
        break;
    case RESERVATION_ON_EXPIRED:
        is_decided = decide_expired(reservation, stock, ret_decision);
        break;
    case RESERVATION_ON_HANDED_OVER:
        is_decided = decide_handed_over(reservation, stock, ret_decision);
        break;
    case RESERVATION_ON_UNIT_CHECKED:
        is_decided = decide_unit_checked(reservation, ret_decision);
        break;
    }
    POST(!is_decided || ret_decision->state == reservation->state ||
         reservation_may_move(reservation->state, ret_decision->state));
    return is_decided;
}

bool reservation_decide_picked(const struct reservation *reservation, int64_t pieces,
                               struct reservation_decision *ret_decision)
{
    PRE(pieces > 0);
    if (reservation->state != RESERVATION_RESERVED || reservation->fulfilment != FULFILMENT_LOCKER)
        return false;
    if (pieces > reservation->qty - reservation->progress.picked)
        return false;

    struct reservation_progress progress = reservation->progress;
    progress.picked += pieces;
    *ret_decision = (struct reservation_decision){
        .state = progress.picked == reservation->qty ? RESERVATION_PICKED : RESERVATION_RESERVED,
        .progress = progress,
    };
    return true;
}

static struct stock_movement make_back_movement(const struct reservation *reservation,
                                                const struct reservation_back *back)
{
    bool is_rented = reservation->state == RESERVATION_RENTED;
    const int64_t pieces = back->home + back->damaged;
    struct stock_movement movement = {
        .kind = is_rented ? STOCK_MOVEMENT_RETURNED : STOCK_MOVEMENT_RELEASED,
        .d_available = back->home,
        .d_registered = -back->damaged,
        .d_rented = is_rented ? -pieces : 0,
        .d_reserved = is_rented ? 0 : -pieces,
    };
    if (back->damaged > 0)
        movement.kind = STOCK_MOVEMENT_DAMAGED;
    return movement;
}

bool reservation_decide_back(const struct reservation *reservation,
                             const struct reservation_back *back, const struct stock *stock,
                             struct reservation_decision *ret_decision)
{
    PRE(back->home >= 0 && back->damaged >= 0 && (back->home == 0) != (back->damaged == 0));
    if (!reservation_takes_back(reservation) || back->checked > reservation->progress.checked)
        return false;
    if (back->home + back->damaged > reservation_out(reservation))
        return false;

    struct reservation_progress progress = reservation->progress;
    progress.home += back->home;
    progress.damaged += back->damaged;
    progress.checked -= back->checked;
    POST(progress.checked >= 0);
    enum reservation_state state = reservation->state;
    if (progress.home + progress.damaged == reservation->qty)
        state = state == RESERVATION_RENTED ? RESERVATION_RETURNED : RESERVATION_RELEASED;
    *ret_decision = (struct reservation_decision){ .state = state, .progress = progress };
    const struct stock_movement movement = make_back_movement(reservation, back);
    move_goods(stock, &movement, ret_decision);
    return true;
}

/* Stock's decisions. Pure; see domain.h. */
#include "stock/domain/balance.h"

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
    after.registration += movement->d_registered != 0 ? 1 : 0;
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
    if (stock != NULL && stock->tracking == TRACKING_SERIALISED)
        return STOCK_REFUSED_COUNTED;
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

/* What product reports about a serialised product: its quantity is ours to tell (rules 4.2), so
 * that a report that differs is answered with a higher registration. */
static enum stock_verdict decide_serialised_saved(const struct stock *stock,
                                                  const struct stock_registration *report,
                                                  struct stock_change *ret_change)
{
    struct stock_registration ours = { .product = report->product };
    if (stock != NULL && report->registration <= stock->registration)
        return STOCK_SAME;
    ours.qty = stock != NULL ? stock->registered : 0;
    ours.registration = report->registration + (report->qty != ours.qty ? 1 : 0);
    registration_make(stock, &ours,
                      stock == NULL ? STOCK_MOVEMENT_REGISTERED : STOCK_MOVEMENT_CLAMPED,
                      ret_change);
    ret_change->after.tracking = TRACKING_SERIALISED;
    return STOCK_CHANGED;
}

enum stock_verdict stock_decide_product_saved(const struct stock *stock,
                                              const struct stock_registration *report,
                                              struct stock_change *ret_change)
{
    PRE(stock == NULL || stock->product.v == report->product.v);
    if (report->tracking == TRACKING_SERIALISED)
        return decide_serialised_saved(stock, report, ret_change);
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

enum stock_verdict stock_decide_pieces(const struct stock *stock, enum stock_movement_kind kind,
                                       int64_t pieces, struct stock_change *ret_change)
{
    if (pieces == 0)
        return STOCK_SAME;
    if (stock->registered + pieces > STOCK_QTY_MAX)
        return STOCK_REFUSED_LIMIT;
    if (stock->available + pieces < 0)
        return STOCK_REFUSED_BELOW_COMMITTED;
    const struct stock_movement movement = {
        .kind = kind,
        .d_registered = pieces,
        .d_available = pieces,
    };
    change_make(stock, &movement, ret_change);
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

/* The goods leave the house. */
static void goods_hand_out(const struct reservation *reservation, const struct stock *stock,
                           struct reservation_decision *ret_decision)
{
    const struct stock_movement movement = {
        .kind = STOCK_MOVEMENT_RENTED,
        .d_reserved = -reservation->qty,
        .d_rented = reservation->qty,
    };
    *ret_decision = (struct reservation_decision){ .state = RESERVATION_RENTED };
    ret_decision->progress.picked = reservation->qty;
    goods_move(stock, &movement, ret_decision);
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
    goods_hand_out(reservation, stock, ret_decision);
    return true;
}

static bool decide_handed_over(const struct reservation *reservation, const struct stock *stock,
                               struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_PICKED)
        return false;
    goods_hand_out(reservation, stock, ret_decision);
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

static bool decide_unit_picked(const struct reservation *reservation,
                               struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_RESERVED || reservation->fulfilment != FULFILMENT_LOCKER)
        return false;
    struct reservation_progress progress = reservation->progress;
    progress.picked++;
    POST(progress.picked <= reservation->qty);
    *ret_decision = (struct reservation_decision){
        .state = progress.picked == reservation->qty ? RESERVATION_PICKED : RESERVATION_RESERVED,
        .progress = progress,
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
static void goods_release(const struct reservation *reservation, const struct stock *stock,
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
    goods_move(stock, &movement, ret_decision);
}

/* Scans bring back what was picked; what was not is available at once (rules 6.2). */
static void goods_recall(const struct reservation *reservation, const struct stock *stock,
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
        goods_move(stock, &movement, ret_decision);
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
            goods_recall(reservation, stock, ret_decision);
        else
            goods_release(reservation, stock, ret_decision);
        return true;
    case RESERVATION_PICKED:
    case RESERVATION_LOADED:
        goods_recall(reservation, stock, ret_decision);
        return true;
    case RESERVATION_RENTED:
        if (reservation->fulfilment == FULFILMENT_LOCKER)
            return false; /* R9: handed over meanwhile; it comes back by a return */
        goods_release(reservation, stock, ret_decision);
        return true;
    }
    UNREACHABLE("state of a reservation");
}

static bool decide_expired(const struct reservation *reservation, const struct stock *stock,
                           struct reservation_decision *ret_decision)
{
    if (reservation->state != RESERVATION_PICKED && reservation->state != RESERVATION_LOADED)
        return false;
    goods_recall(reservation, stock, ret_decision);
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
    case RESERVATION_ON_UNIT_PICKED:
        is_decided = decide_unit_picked(reservation, ret_decision);
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

static struct stock_movement back_movement(const struct reservation *reservation,
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
    const struct stock_movement movement = back_movement(reservation, back);
    goods_move(stock, &movement, ret_decision);
    return true;
}

/* How quantities move. Pure; see balance.h. */
#include "stock/domain/balance.h"

#include <stddef.h>

#include "kit/base/check.h"

void stock_change_make(const struct stock *before, const struct stock_movement *movement,
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

static void make_registration(const struct stock *stock, const struct stock_registration *goal,
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
    stock_change_make(&before, &movement, ret_change);
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
        make_registration(NULL, &goal, STOCK_MOVEMENT_REGISTERED, ret_change);
        return STOCK_CHANGED;
    }
    if (wish->qty == stock->registered && wish->registration <= stock->registration)
        return STOCK_SAME;
    if (wish->qty < stock_committed(stock))
        return STOCK_REFUSED_BELOW_COMMITTED;
    if (goal.registration <= stock->registration)
        goal.registration = stock->registration + 1;
    make_registration(stock, &goal, STOCK_MOVEMENT_ADJUSTED, ret_change);
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
    make_registration(stock, &ours,
                      stock == NULL ? STOCK_MOVEMENT_REGISTERED : STOCK_MOVEMENT_CLAMPED,
                      ret_change);
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
        make_registration(NULL, report, STOCK_MOVEMENT_REGISTERED, ret_change);
        return STOCK_CHANGED;
    }
    if (report->registration <= stock->registration)
        return STOCK_SAME;
    if (report->qty >= stock_committed(stock)) {
        make_registration(stock, report, STOCK_MOVEMENT_ADJUSTED, ret_change);
        return STOCK_CHANGED;
    }
    const struct stock_registration clamped = {
        .product = report->product,
        .qty = stock_committed(stock),
        .registration = report->registration + 1,
    };
    make_registration(stock, &clamped, STOCK_MOVEMENT_CLAMPED, ret_change);
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
    stock_change_make(stock, &movement, ret_change);
    return STOCK_CHANGED;
}

/* Assets on the move: one by one, or with the state of their order. Runs on the loop inside the
 * open transaction. */
#ifndef STOCK_WORK_GOODS_H
#define STOCK_WORK_GOODS_H

#include "stock/app.h"

/* Moves one asset by the one rule for it (rules 5.3) and adds its history. *asset is brought up to
 * date. KIT_E_CONFLICT when there is no such move; nothing to do is KIT_OK. */
int goods_move(struct stock_app *app, struct asset *asset, const struct asset_wish *wish,
               struct kit_error *err) KIT_MUST_CHECK;

/* Puts one asset on the shelf, into `bin`. The balance is the caller's. */
int goods_shelve(struct stock_app *app, struct asset *asset, const char *bin,
                 struct kit_error *err) KIT_MUST_CHECK;

/* Lets the assets follow an order of a serialised product that has come to a state: into the
 * locker, to the customer, or, when a direct order is canceled, back into the bins they came from
 * (rules 5.5). */
int goods_follow(struct stock_app *app, const struct reservation *reservation,
                 enum reservation_state before, struct kit_error *err) KIT_MUST_CHECK;

/* How an asset leaves the shelf for quarantine. */
struct goods_aside {
    const char *place;             /* "quarantine:..." */
    enum stock_movement_kind kind; /* DAMAGED or COUNTED */
};
/* Takes an asset from the shelf into quarantine, and out of the balance. *ret_done is false when
 * every piece of its product is promised: nothing moved. */
int goods_set_aside(struct stock_app *app, struct asset *asset, const struct goods_aside *aside,
                    bool *ret_done, struct kit_error *err) KIT_MUST_CHECK;

#endif

/* Assets on the move: with the state of their order, or one by one. Runs on the loop inside the
 * open transaction. */
#ifndef STOCK_GOODS_H
#define STOCK_GOODS_H

#include "stock/app.h"

/* Moves one asset by the one rule for it (rules 5.3) and adds its history. *asset is brought up to
 * date. KIT_E_CONFLICT when there is no such move; nothing to do is KIT_OK. */
int goods_move(struct stock_app *app, struct asset *asset, const struct asset_wish *wish,
               struct kit_error *err) KIT_MUST_CHECK;

/* The order of a serialised product has come to a state; so do its assets: in the locker, with the
 * customer, or, when a direct order is canceled, back in the bins they came from (rules 5.5). */
int goods_follow(struct stock_app *app, const struct reservation *reservation,
                 enum reservation_state before, struct kit_error *err) KIT_MUST_CHECK;

/* An asset comes to the shelf in `bin`: received, out of quarantine, or back from an order; the
 * balance follows. *ret_done is false when the asset was changed meanwhile: nothing moved. */
int goods_put_away(struct stock_app *app, struct asset *asset, const char *bin, bool *ret_done,
                   struct kit_error *err) KIT_MUST_CHECK;

/* All that is out of an order that comes back goes to the shelf: `is_checked` says only what was
 * checked (rules 7.5, 7.8). */
int goods_put_away_order(struct stock_app *app, struct reservation *reservation, const char *bin,
                         bool is_checked, struct kit_error *err) KIT_MUST_CHECK;

/* An asset leaves the shelf for quarantine, and the balance. *ret_done is false when every piece of
 * its product is promised: nothing moved. */
int goods_set_aside(struct stock_app *app, struct asset *asset, const struct asset_wish *wish,
                    enum stock_movement_kind kind, bool *ret_done,
                    struct kit_error *err) KIT_MUST_CHECK;

#endif

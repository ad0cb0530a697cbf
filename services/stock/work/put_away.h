/* Assets come to the shelf, and the balance or their order follows. Runs on the loop inside the
 * open transaction. */
#ifndef STOCK_WORK_PUT_AWAY_H
#define STOCK_WORK_PUT_AWAY_H

#include "stock/app.h"

/* Puts an asset away in `bin`: received, out of quarantine, or back from an order. *ret_done is
 * false when it cannot come to the shelf, as it was changed meanwhile: nothing moved. */
int put_away_asset(struct stock_app *app, struct asset *asset, const char *bin, bool *ret_done,
                   struct kit_error *err) KIT_MUST_CHECK;

/* Puts away all that is out of an order that comes back; with `is_checked` only what was checked
 * (rules 7.5, 7.8). *reservation is brought up to date. */
int put_away_order(struct stock_app *app, struct reservation *reservation, const char *bin,
                   bool is_checked, struct kit_error *err) KIT_MUST_CHECK;

#endif

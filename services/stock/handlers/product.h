/* What product says and asks: registered quantities. Runs on the loop inside the open transaction.
 * Source: schemas/rules/stock.md 2, 3.2. */
#ifndef STOCK_HANDLERS_PRODUCT_H
#define STOCK_HANDLERS_PRODUCT_H

#include "msg/event_product.gen.h"
#include "msg/rpc_registered_set_request.gen.h"
#include "msg/rpc_registered_set_response.gen.h"
#include "stock/app.h"

/* Changes the registered quantity; appends StockChanged. KIT_E_REFUSED below what is committed
 * (rules 2.2), and for a product whose units scans count (rules 4.2). */
int stock_on_registered_set(struct stock_app *app, const struct msg_rpc_registered_set_request *in,
                            struct msg_rpc_registered_set_response *out, struct kit_error *err);

/* Takes a new product's first quantities, and decides who waited for it; keeps name and GTIN. */
int stock_on_product_saved(struct stock_app *app, const struct msg_event_product *event,
                           struct kit_error *err);

/* Product's log is applied as far as it reached when question `ask` was put: reservations that wait
 * since then are decided for good (rules 3.2). */
int stock_on_product_confirmed(void *app, int64_t ask, struct kit_error *err);

#endif

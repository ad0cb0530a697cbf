/* One function per message of stock: decode, load, decide, save, append events. They run on the
 * loop inside the open transaction. The table that names them is service.c. */
#ifndef STOCK_HANDLERS_H
#define STOCK_HANDLERS_H

#include "stock/app.h"

/* WAITING reservations decided by one message; the rest follow after the next confirmation. */
#define STOCK_DECIDE_MAX 256

int stock_on_registered_set(void *app, const struct kit_rpc_request *request,
                            struct kit_buf *response, struct kit_error *err);
int stock_on_product_saved(void *app, const struct kit_event *event, struct kit_error *err);
int stock_on_delivery_requested(void *app, const struct kit_event *event, struct kit_error *err);
int stock_on_delivery_updated(void *app, const struct kit_event *event, struct kit_error *err);

/* Product's log is applied as far as it reached when question `ask` was put: reservations that wait
 * since then are decided for good (rules 3.2). */
int stock_on_product_confirmed(void *app, int64_t ask, struct kit_error *err);

#endif

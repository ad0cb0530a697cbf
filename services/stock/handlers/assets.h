/* Requests about assets, from staff at a desk. Runs on the loop inside the open transaction. */
#ifndef STOCK_ASSETS_H
#define STOCK_ASSETS_H

#include "stock/app.h"

int stock_on_asset_get(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                       struct kit_error *err);
int stock_on_asset_list(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                        struct kit_error *err);
/* The same rule as for scans (rules 5.3, 5.4). */
int stock_on_asset_move(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                        struct kit_error *err);

#endif

/* Requests about assets, from staff at a desk. Runs on the loop inside the open transaction. */
#ifndef STOCK_HANDLERS_ASSETS_H
#define STOCK_HANDLERS_ASSETS_H

#include "msg/rpc_asset_list_request.gen.h"
#include "msg/rpc_asset_list_response.gen.h"
#include "msg/rpc_asset_move_request.gen.h"
#include "msg/rpc_asset_response.gen.h"
#include "msg/rpc_asset_search_request.gen.h"
#include "msg/rpc_asset_search_response.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "stock/app.h"

/* KIT_E_NOT_FOUND for an asset that nobody has received. */
int stock_on_asset_get(struct stock_app *app, const struct msg_rpc_get_request *in,
                       struct msg_rpc_asset_response *out, struct kit_error *err);

/* A page in id order, or the one with the label. */
int stock_on_asset_list(struct stock_app *app, const struct msg_rpc_asset_list_request *in,
                        struct msg_rpc_asset_list_response *out, struct kit_error *err);

/* Those of an order, of a product, at a place, or all, in id order behind a place of the list.
 * KIT_E_INVALID when more than one of the three is given. */
int stock_on_asset_search(struct stock_app *app, const struct msg_rpc_asset_search_request *in,
                          struct msg_rpc_asset_search_response *out, struct kit_error *err);

/* Moves an asset by the same rule as a scan (rules 5.3, 5.4); appends StockChanged when the balance
 * moves. KIT_E_REFUSED for a move that is none, an asset of an order, and one that is promised. */
int stock_on_asset_move(struct stock_app *app, const struct msg_rpc_asset_move_request *in,
                        struct msg_rpc_asset_response *out, struct kit_error *err);

#endif

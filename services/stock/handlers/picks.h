/* What is to be picked, for staff. Runs on the loop inside the open transaction. Source:
 * schemas/rules/stock.md 9. */
#ifndef STOCK_HANDLERS_PICKS_H
#define STOCK_HANDLERS_PICKS_H

#include "msg/rpc_pick_list_request.gen.h"
#include "msg/rpc_pick_list_response.gen.h"
#include "stock/app.h"

/* A page of the orders that wait to be picked, each with units and bins; changes nothing. */
int stock_on_pick_list(struct stock_app *app, const struct msg_rpc_pick_list_request *in,
                       struct msg_rpc_pick_list_response *out, struct kit_error *err);

#endif

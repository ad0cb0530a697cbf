/* What delivery shows. Changes nothing. Runs on the loop inside the open transaction. */
#ifndef DELIVERY_HANDLERS_READS_H
#define DELIVERY_HANDLERS_READS_H

#include "delivery/app.h"
#include "msg/rpc_delivery_list_response.gen.h"
#include "msg/rpc_delivery_response.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"

/* KIT_E_NOT_FOUND for a rental that no order or cancel has told us of. */
int delivery_on_get(struct delivery_app *app, const struct msg_rpc_get_request *in,
                    struct msg_rpc_delivery_response *out, struct kit_error *err);

/* Fills a page in the order of the rentals' ids. */
int delivery_on_list(struct delivery_app *app, const struct msg_rpc_list_request *in,
                     struct msg_rpc_delivery_list_response *out, struct kit_error *err);

#endif

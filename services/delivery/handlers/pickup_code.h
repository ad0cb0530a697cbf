/* The request for a pick-up code. Changes nothing. Runs on the loop inside the open transaction. */
#ifndef DELIVERY_HANDLERS_PICKUP_CODE_H
#define DELIVERY_HANDLERS_PICKUP_CODE_H

#include "delivery/app.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_pickup_code_response.gen.h"

/* The code that opens the delivery's compartment, derived again (rules 9.2). KIT_E_NOT_FOUND
 * (no-code) when there is none, or when its locker has not stored it yet. */
int delivery_on_pickup_code(struct delivery_app *app, const struct msg_rpc_get_request *in,
                            struct msg_rpc_pickup_code_response *out, struct kit_error *err);

#endif

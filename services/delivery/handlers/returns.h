/* The request to bring goods back by a locker. Runs on the loop inside the open transaction. */
#ifndef DELIVERY_HANDLERS_RETURNS_H
#define DELIVERY_HANDLERS_RETURNS_H

#include "delivery/app.h"
#include "msg/rpc_delivery_response.gen.h"
#include "msg/rpc_get_request.gen.h"

/* Moves a delivery to RETURNING, with a compartment and a code (rules 8.4); asking twice is fine.
 * Appends DeliveryUpdated. KIT_E_REFUSED (no-free-compartment; refused) when it cannot be. */
int delivery_on_return(struct delivery_app *app, const struct msg_rpc_get_request *in,
                       struct msg_rpc_delivery_response *out, struct kit_error *err);

#endif

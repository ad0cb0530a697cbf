/* Compartments that staff take out of service, and back. Runs on the loop inside the open
 * transaction. Rules: schemas/rules/delivery.md 7.7. */
#ifndef DELIVERY_HANDLERS_IN_SERVICE_H
#define DELIVERY_HANDLERS_IN_SERVICE_H

#include "delivery/app.h"
#include "msg/rpc_compartment_request.gen.h"
#include "msg/rpc_locker_response.gen.h"

/* From now on no order gets the compartment; one that was to be loaded there gets another. Twice is
 * fine. KIT_E_NOT_FOUND: no such locker, or compartment of it. */
int delivery_on_compartment_out(struct delivery_app *app,
                                const struct msg_rpc_compartment_request *in,
                                struct msg_rpc_locker_response *out,
                                struct kit_error *err) KIT_MUST_CHECK;
/* It may be given to orders again; those that wait are looked at. Twice is fine. KIT_E_NOT_FOUND as
 * above. */
int delivery_on_compartment_in(struct delivery_app *app,
                               const struct msg_rpc_compartment_request *in,
                               struct msg_rpc_locker_response *out,
                               struct kit_error *err) KIT_MUST_CHECK;

#endif

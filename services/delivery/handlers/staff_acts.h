/* What staff do with compartments without an order: take them out of service and back, open them,
 * say which door opened. Each is in the history of the locker. Runs on the loop inside the open
 * transaction. Rules: schemas/rules/delivery.md 7.7 to 7.10. */
#ifndef DELIVERY_HANDLERS_STAFF_ACTS_H
#define DELIVERY_HANDLERS_STAFF_ACTS_H

#include "delivery/app.h"
#include "msg/event_compartment_act.gen.h"
#include "msg/rpc_compartment_request.gen.h"
#include "msg/rpc_locker_act_request.gen.h"
#include "msg/rpc_locker_acts_response.gen.h"
#include "msg/rpc_locker_get_request.gen.h"
#include "msg/rpc_locker_response.gen.h"

/* Carries an act out. Taking out or in what is so already changes nothing.
 *
 * Errors: KIT_E_NOT_FOUND: no such locker, or compartment of it. KIT_E_INVALID: a member is
 *         missing that the act needs. KIT_E_REFUSED: the rules do not allow it now; the sentence
 *         says what to do. KIT_E_UNAVAILABLE: the locker does not hear us.
 * Source: rules 7.7 to 7.9. */
int delivery_on_locker_act(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                           struct msg_rpc_locker_response *out,
                           struct kit_error *err) KIT_MUST_CHECK;

/* Reads the history of a locker, the newest first; empty for one that there is not (any more). */
int delivery_on_locker_acts(struct delivery_app *app, const struct msg_rpc_locker_get_request *in,
                            struct msg_rpc_locker_acts_response *out,
                            struct kit_error *err) KIT_MUST_CHECK;

/* As delivery_on_locker_act() with `out`, for clients that say neither why nor who they are. */
int delivery_on_compartment_out(struct delivery_app *app,
                                const struct msg_rpc_compartment_request *in,
                                struct msg_rpc_locker_response *out,
                                struct kit_error *err) KIT_MUST_CHECK;
/* The same with `in`. */
int delivery_on_compartment_in(struct delivery_app *app,
                               const struct msg_rpc_compartment_request *in,
                               struct msg_rpc_locker_response *out,
                               struct kit_error *err) KIT_MUST_CHECK;

/* Staff have scanned OUT, IN or OPEN, and a compartment's label. To open it takes it out of service
 * first, as nobody asks further; whoever has gone meanwhile is not served. What the rules do not
 * allow is undone as a whole, logged, and counted as ignored.
 * Source: rules 7.12. */
int delivery_on_compartment_acted(struct delivery_app *app,
                                  const struct msg_event_compartment_act *event,
                                  struct kit_error *err) KIT_MUST_CHECK;

#endif

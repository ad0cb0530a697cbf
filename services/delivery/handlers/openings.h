/* Openings of compartments that staff ask for by a scan. Runs on the loop inside the open
 * transaction. Source: schemas/rules/delivery.md 8.1. */
#ifndef DELIVERY_HANDLERS_OPENINGS_H
#define DELIVERY_HANDLERS_OPENINGS_H

#include "delivery/app.h"
#include "msg/event_compartment_requested.gen.h"

/* Sends the locker a command that opens the delivery's own compartment. Nothing when that is not
 * for staff to open, when the request is old, or when the locker would not hear of it in time. */
int delivery_on_compartment_requested(struct delivery_app *app,
                                      const struct msg_event_compartment_requested *event,
                                      struct kit_error *err);

#endif

/* Lockers as devices: their state, their records, and what staff ask of them. Runs on the loop
 * inside the open transaction. `app` is struct delivery_app.
 * Rules: schemas/rules/devices.md 1, schemas/rules/delivery.md 7.1, 8.1. */
#ifndef DELIVERY_LOCKERS_H
#define DELIVERY_LOCKERS_H

#include "kit/service/service.h"

/* `state` of a locker: it makes itself known, comes online or goes. */
int lockers_on_state(void *app, const struct kit_device_message *message, struct kit_error *err);

/* `up` of a locker: each record once, then one `ack`. KIT_E_CONFLICT, and no `ack`, before its
 * `state` was seen: it says it again. */
int lockers_on_up(void *app, const struct kit_device_message *message, struct kit_error *err);

/* Stream stock, CompartmentRequested: opens the delivery's own compartment. */
int lockers_on_requested(void *app, const struct kit_event *event, struct kit_error *err);

#endif

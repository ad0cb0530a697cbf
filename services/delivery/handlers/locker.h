/* Lockers as devices: their state and their records. Runs on the loop inside the open transaction.
 * Rules: schemas/rules/devices.md 1, schemas/rules/delivery.md 7.1. */
#ifndef DELIVERY_HANDLERS_LOCKER_H
#define DELIVERY_HANDLERS_LOCKER_H

#include "delivery/app.h"
#include "msg/device_state.gen.h"
#include "msg/device_up.gen.h"

/* Notes that a locker is connected, with its compartments, or has gone; one that is connected gets
 * its configuration. KIT_E_NOT_FOUND for one without a key. */
int delivery_on_locker_state(struct delivery_app *app, const char *device,
                             const struct msg_device_state *state, struct kit_error *err);

/* Takes each record once, then sends one `ack`. KIT_E_CONFLICT, and no `ack`, before its `state`
 * was seen: it says it again. */
int delivery_on_locker_up(struct delivery_app *app, const char *device,
                          const struct msg_device_up *up, struct kit_error *err);

#endif

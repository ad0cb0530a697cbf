/* The state that lockers publish, retained, and that the broker publishes in their name when they
 * are gone. Runs on the loop inside the open transaction. Rules: schemas/rules/devices.md 1.8,
 * schemas/rules/delivery.md 7.1. */
#ifndef DELIVERY_HANDLERS_LOCKER_STATE_H
#define DELIVERY_HANDLERS_LOCKER_STATE_H

#include "delivery/app.h"
#include "msg/device_state.gen.h"

/* Notes that a locker is connected, with its compartments, or has gone; one that is connected gets
 * its configuration. KIT_E_NOT_FOUND for one without a key. */
int delivery_on_locker_state(struct delivery_app *app, const char *device,
                             const struct msg_device_state *state, struct kit_error *err);

#endif

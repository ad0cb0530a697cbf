/* The records of lockers. Runs on the loop inside the open transaction. Rules:
 * schemas/rules/devices.md 1. */
#ifndef DELIVERY_HANDLERS_LOCKER_H
#define DELIVERY_HANDLERS_LOCKER_H

#include "delivery/app.h"
#include "msg/device_up.gen.h"

/* Takes each record once, then sends one `ack`. KIT_E_CONFLICT, and no `ack`, before its `state`
 * was seen: it says it again. */
int delivery_on_locker_up(struct delivery_app *app, const char *device,
                          const struct msg_device_up *up, struct kit_error *err);

#endif

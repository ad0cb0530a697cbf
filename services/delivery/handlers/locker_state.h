/* The state that lockers publish, retained, and that the broker publishes in their name when they
 * are gone. Runs on the loop inside the open transaction. Rules: schemas/rules/devices.md 1.8,
 * schemas/rules/delivery.md 7.1. */
#ifndef DELIVERY_HANDLERS_LOCKER_STATE_H
#define DELIVERY_HANDLERS_LOCKER_STATE_H

#include "delivery/app.h"
#include "msg/device_state.gen.h"

/* Adds a locker that has come for the first time. KIT_E_NOT_FOUND for one without a key. As
 * kit_device_owner's admit. */
int locker_admit(void *app, const char *device, const struct msg_device_state *state,
                 struct kit_error *err);

/* Notes the compartments that it has, and sends its configuration. As kit_device_owner's on_online.
 */
int locker_on_online(void *app, const char *device, const struct msg_device_state *state,
                     struct kit_error *err);

#endif

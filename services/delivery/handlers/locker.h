/* What lockers publish: records have their effects, and what waits for a word of the locker goes
 * on. kit/device follows their logs. Runs on the loop inside the open transaction. Rules:
 * schemas/rules/devices.md 1. */
#ifndef DELIVERY_HANDLERS_LOCKER_H
#define DELIVERY_HANDLERS_LOCKER_H

#include "delivery/app.h"

extern const struct kit_device_owner delivery_lockers;

#endif

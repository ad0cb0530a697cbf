/* A locker as it is shown: what staff read, and what the world is told. Changes nothing. Runs on
 * the loop inside the open transaction. Rules: schemas/rules/delivery.md 7.1, 10. */
#ifndef DELIVERY_WORK_LOCKER_VIEW_H
#define DELIVERY_WORK_LOCKER_VIEW_H

#include "delivery/app.h"
#include "msg/device_health.gen.h"
#include "msg/locker.gen.h"

/* Fills *ret, which is zeroed, with a locker and its compartments as they are now. */
int locker_view_fill(struct delivery_app *app, const struct locker *locker, struct msg_locker *ret,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Fills *ret, which is zeroed, with how the locker is; doors and goods are not of it. */
int locker_view_health(struct delivery_app *app, const struct locker *locker,
                       struct msg_device_health *ret, struct kit_error *err) KIT_MUST_CHECK;

#endif

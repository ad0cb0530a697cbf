/* Tells the world what lockers show, and what happened at their doors. Runs on the loop inside the
 * open transaction. Rules: schemas/rules/delivery.md 10. */
#ifndef DELIVERY_WORK_TELL_H
#define DELIVERY_WORK_TELL_H

#include "delivery/app.h"
#include "msg/event_door.gen.h"

/* Lockers told about by one commit; the others follow with the next one. */
#define TELL_LOCKERS_MAX 64

/* The service's hook before each commit: appends one LockerChanged for each locker that shows
 * something else than was told last (rules 10.1). A locker that cannot be read is logged and passed
 * over until it changes again: no commit fails for it. */
int tell_lockers(void *app, struct kit_error *err) KIT_MUST_CHECK;

/* Appends DoorReported (rules 10.3). KIT_E_CORRUPT for a locker that was never known. */
int tell_door(struct delivery_app *app, const struct msg_event_door *door,
              struct kit_error *err) KIT_MUST_CHECK;

#endif

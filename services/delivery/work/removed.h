/* Lockers that have no key any more: deploy/add-device --remove took them away, or their key file
 * is damaged. A locker without a key sends nothing, so that time and stock's word decide what
 * becomes of the orders in it. Runs on the loop inside the open transaction. Rules:
 * schemas/rules/delivery.md 6.3, 7.6. */
#ifndef DELIVERY_WORK_REMOVED_H
#define DELIVERY_WORK_REMOVED_H

#include "delivery/app.h"

/* Looks after the next few lockers in the order of their names: in those without a key, overdue
 * orders end, and those that hold nothing any more are forgotten. */
int removed_on_sweep(struct delivery_app *app, struct kit_error *err) KIT_MUST_CHECK;

#endif

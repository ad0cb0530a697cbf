/* Lockers that have no key any more: deploy/add-device --remove took them away, or their key file
 * is damaged. Who has no key never says a word, so others decide what became of what it holds. Runs
 * on the loop inside the open transaction. Rules: schemas/rules/delivery.md 6.3, 7.6. */
#ifndef DELIVERY_REMOVED_H
#define DELIVERY_REMOVED_H

#include "delivery/app.h"

/* Looks after the next few lockers by name. */
int removed_on_sweep(struct delivery_app *app, struct kit_error *err) KIT_MUST_CHECK;

#endif

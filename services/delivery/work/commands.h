/* Commands that open a compartment for staff (rules/delivery.md 7.8, 8.1). Runs on the loop inside
 * the open transaction. */
#ifndef DELIVERY_WORK_COMMANDS_H
#define DELIVERY_WORK_COMMANDS_H

#include "delivery/app.h"

/* Will it open, or is it open, for somebody who was served? One door, one command (rules 8.1). */
bool commands_is_opening(const struct delivery_app *app,
                         const struct locker_compartment *compartment);

/* Sends a command that expires after life_ms, and keeps it with its story and the order that has
 * the compartment now; the compartment is pending until then. It must not be opening, and its
 * locker must hear us, else it opens nothing. */
int commands_open(struct delivery_app *app, struct locker_compartment *compartment,
                  enum locker_story story, int64_t life_ms, struct kit_error *err) KIT_MUST_CHECK;

#endif

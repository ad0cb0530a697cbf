/* What happens at the doors of lockers, as their records tell it (rules/devices.md 2), and what it
 * means for the delivery whose compartment it is. Runs on the loop inside the open transaction.
 * A record that names what is not there, or not the locker's, is counted and changes nothing.
 * Rules: schemas/rules/delivery.md 8. */
#ifndef DELIVERY_HANDLERS_DOORS_H
#define DELIVERY_HANDLERS_DOORS_H

#include "delivery/app.h"
#include "msg/device_record.gen.h"

/* Notes the effect of a command of staff, as it was sensed (rules 8.1, 8.5). */
int doors_on_command(struct delivery_app *app, const char *locker,
                     const struct msg_device_record *record, struct kit_error *err) KIT_MUST_CHECK;
/* Notes the use of a code; one that did not open the door is replaced (rules 8.3, 8.5). */
int doors_on_grant(struct delivery_app *app, const char *locker,
                   const struct msg_device_record *record, struct kit_error *err) KIT_MUST_CHECK;
/* Notes a door and its sensor; a door that has closed ends what it was opened for (rules 8). */
int doors_on_door(struct delivery_app *app, const char *locker,
                  const struct msg_device_record *record, struct kit_error *err) KIT_MUST_CHECK;

#endif

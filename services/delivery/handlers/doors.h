/* What happens at the doors of lockers, as their records tell it (rules/devices.md 2), and what it
 * means for the delivery whose compartment it is. Runs on the loop inside the open transaction.
 * A record that names what is not there, or not the locker's, is counted and changes nothing.
 * Rules: schemas/rules/delivery.md 8. */
#ifndef DELIVERY_DOORS_H
#define DELIVERY_DOORS_H

#include "delivery/app.h"
#include "msg/device_record.gen.h"

int doors_on_command(struct delivery_app *app, const char *locker,
                     const struct msg_device_record *record, struct kit_error *err) KIT_MUST_CHECK;
int doors_on_grant(struct delivery_app *app, const char *locker,
                   const struct msg_device_record *record, struct kit_error *err) KIT_MUST_CHECK;
int doors_on_door(struct delivery_app *app, const char *locker,
                  const struct msg_device_record *record, struct kit_error *err) KIT_MUST_CHECK;

#endif

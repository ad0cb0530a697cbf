/* READY: do the customer's goods still lie where they were laid? Only a sensor that can be trusted
 * says no (rules/delivery.md 8.7). Runs on the loop inside the open transaction. */
#ifndef DELIVERY_WORK_READY_H
#define DELIVERY_WORK_READY_H

#include "delivery/app.h"

/* Checks after a door or sensor record of the delivery's compartment that has ended no opening. Of
 * a delivery that is not READY, only the compartment may be given back. */
int ready_check(struct delivery_app *app, struct delivery *delivery,
                const struct locker_compartment *compartment, struct kit_error *err) KIT_MUST_CHECK;

/* Checks every READY delivery in a locker by what its sensors said last. */
int ready_check_locker(struct delivery_app *app, const char *locker,
                       struct kit_error *err) KIT_MUST_CHECK;

/* Notes that goods lie again in a compartment that was empty: loaded until deadline_ms, with a code
 * if the delivery may have one. */
int ready_on_goods(struct delivery_app *app, struct delivery *delivery, int64_t deadline_ms,
                   struct kit_error *err) KIT_MUST_CHECK;

#endif

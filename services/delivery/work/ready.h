/* READY: do the customer's goods still lie where they were laid? Only a sensor that can be trusted
 * says no (rules/delivery.md 8.7). Runs on the loop inside the open transaction. */
#ifndef DELIVERY_READY_H
#define DELIVERY_READY_H

#include "delivery/app.h"

/* A door or a sensor of the delivery's compartment has spoken, and no story has ended with it. Of a
 * delivery that is not READY, only the compartment may be given back. */
int ready_check(struct delivery_app *app, struct delivery *delivery,
                const struct locker_compartment *compartment, struct kit_error *err) KIT_MUST_CHECK;

/* The same for all that is READY in a locker, by what its sensors said last. */
int ready_check_locker(struct delivery_app *app, const char *locker,
                       struct kit_error *err) KIT_MUST_CHECK;

/* It was empty, and goods lie in it again: loaded until deadline_ms, with a code if it may have
 * one. */
int ready_on_goods(struct delivery_app *app, struct delivery *delivery, int64_t deadline_ms,
                   struct kit_error *err) KIT_MUST_CHECK;

#endif

/* Who has which compartment: given to orders that wait, taken back when nothing of theirs lies in
 * it. Runs on the loop inside the open transaction. Rules: schemas/rules/delivery.md 7, 8.4. */
#ifndef DELIVERY_PLACES_H
#define DELIVERY_PLACES_H

#include "delivery/app.h"

/* Gives compartments to the orders that wait, lowest id first, if app->is_serving_due; those that
 * get none are told why (rules 7.3). Handlers call it last. */
int places_serve(struct delivery_app *app, struct kit_error *err) KIT_MUST_CHECK;

/* Tells some of those that wait why, in turn: what they wait for may have changed. */
int places_remind(struct delivery_app *app, struct kit_error *err) KIT_MUST_CHECK;

/**
 * places_find() - Look for a compartment for one delivery, now.
 *
 * @ret_spot: ASSIGNED; only when LOCKER_CHOSEN is written to *ret_choice.
 *
 * Errors: KIT_E_UNAVAILABLE while the product's size is not known here yet.
 */
int places_find(struct delivery_app *app, const struct delivery *delivery,
                enum locker_choice *ret_choice, struct delivery_spot *ret_spot,
                struct kit_error *err) KIT_MUST_CHECK;

/* Writes into the compartment that it is the delivery's. */
int places_occupy(struct delivery_app *app, struct rental_id id, const struct delivery_spot *spot,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Writes into the compartment that it is nobody's, and takes its code away. */
int places_vacate(struct delivery_app *app, const struct delivery_spot *spot,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Takes the compartment of a delivery that has ended back, if nothing happens at its door and
 * nothing lies in it (rules 8.4); when goods do, tells so. Else nothing. */
int places_settle(struct delivery_app *app, struct delivery *delivery,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Its locker has no key (rules 7.6): what was to be loaded there waits for another compartment, and
 * stock's word that it has the goods is enough for one that has ended. Else nothing. */
int places_leave(struct delivery_app *app, struct delivery *delivery,
                 struct kit_error *err) KIT_MUST_CHECK;

/* It is to be loaded, but the door does not open (rules 8.5): PICKED, it waits for another
 * compartment; READY (8.7), it gets another one if one is free now, else it stays. */
int places_load_elsewhere(struct delivery_app *app, struct delivery *delivery,
                          struct kit_error *err) KIT_MUST_CHECK;

/* The compartment of a delivery that has one. KIT_E_CORRUPT when it is not there. */
int places_load(struct delivery_app *app, const struct delivery_spot *spot,
                struct locker_compartment *ret_compartment, struct kit_error *err) KIT_MUST_CHECK;

#endif

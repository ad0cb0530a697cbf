/* Who has which compartment: given to orders that wait, taken back when nothing of theirs lies in
 * it. Runs on the loop inside the open transaction. Rules: schemas/rules/delivery.md 7, 8.4. */
#ifndef DELIVERY_WORK_COMPARTMENTS_H
#define DELIVERY_WORK_COMPARTMENTS_H

#include "delivery/app.h"

/* The service's end-of-item hook: gives compartments to the orders that wait, lowest id first, when
 * app->waiting says that this is due; those that get none are told why (rules 7.3). */
int compartments_after_item(void *app, struct kit_error *err) KIT_MUST_CHECK;

/* Tells some of the orders that wait why they wait, in turn; for when that may have changed. One
 * that fails stops no other (attempts.h). */
int compartments_explain(struct delivery_app *app, struct kit_error *err) KIT_MUST_CHECK;

struct compartment_choice {
    enum locker_choice choice;
    struct delivery_spot spot; /* ASSIGNED; written only with LOCKER_CHOSEN */
};
/* Chooses a compartment for one delivery, now; occupies nothing. The rule is rules 7.2, the rows
 * are compared in locker_store_choose(). KIT_E_UNAVAILABLE while the product's size is not known
 * here. */
int compartments_choose(struct delivery_app *app, const struct delivery *delivery,
                        struct compartment_choice *ret_choice,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Writes into the compartment that it is the delivery's. It must be nobody's: aborts otherwise.
 * KIT_E_CORRUPT when it is not there. */
int compartments_occupy(struct delivery_app *app, struct rental_id id,
                        const struct delivery_spot *spot, struct kit_error *err) KIT_MUST_CHECK;

/* Writes into the compartment that it is nobody's, takes its code away, ends the story at its door
 * and the wait for a command's effect, and makes the end of the item look for an order that fits.
 * KIT_E_CORRUPT when it is not there. */
int compartments_vacate(struct delivery_app *app, const struct delivery_spot *spot,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Takes the compartment of a delivery that has ended back, if nothing happens at its door and
 * nothing lies in it (rules 8.4); when goods do, tells so. Else nothing. */
int compartments_settle(struct delivery_app *app, struct delivery *delivery,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Gives up a compartment of a locker that has no key (rules 7.6): an order that was to be loaded
 * there waits for another one, and an order that has ended is done when stock has its goods. Else
 * nothing. */
int compartments_leave_keyless(struct delivery_app *app, struct delivery *delivery,
                               struct kit_error *err) KIT_MUST_CHECK;

/* Replaces a compartment whose door does not open for a load (rules 8.5), or that is out of service
 * (7.7): a PICKED order waits for another one; a READY order (8.7) gets another one if one is free
 * now, else it stays. */
int compartments_replace(struct delivery_app *app, struct delivery *delivery,
                         struct kit_error *err) KIT_MUST_CHECK;

/* The compartment of a delivery that has one. KIT_E_CORRUPT when it is not there. */
int compartments_get(struct delivery_app *app, const struct delivery_spot *spot,
                     struct locker_compartment *ret_compartment,
                     struct kit_error *err) KIT_MUST_CHECK;

#endif

/* The one path by which deliveries change: stores the change and appends the event that tells of
 * it. Runs on the loop inside the open transaction. */
#ifndef DELIVERY_WORK_CHANGE_H
#define DELIVERY_WORK_CHANGE_H

#include "delivery/app.h"

/* Reads one. KIT_E_NOT_FOUND, with a sentence, when no order or cancel has told us of it. */
int delivery_get(struct delivery_app *app, struct rental_id id, struct delivery *ret_delivery,
                 struct kit_error *err) KIT_MUST_CHECK;

/* The same for who asks: KIT_E_NOT_FOUND, in the same words, also when it belongs to another
 * account than theirs (rules 1.4). */
int delivery_get_asked(struct delivery_app *app, struct rental_id id, struct delivery *ret_delivery,
                       struct kit_error *err) KIT_MUST_CHECK;

/* Makes the first row of a delivery and appends DeliveryRequested; for one that begins as CANCELED
 * (rules 5.1), DeliveryUpdated. */
int delivery_add(struct delivery_app *app, const struct delivery_order *order,
                 enum delivery_status status, struct delivery *ret_delivery,
                 struct kit_error *err) KIT_MUST_CHECK;

/* Moves a delivery to another state, as was decided, and appends DeliveryUpdated. *delivery is
 * brought up to date. KIT_E_CONFLICT when the stored row is another one. */
int delivery_move(struct delivery_app *app, struct delivery *delivery,
                  enum delivery_incident incident, const struct delivery_change *change,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Changes compartment, reason or deadline in the state that it has, and appends DeliveryUpdated;
 * nothing when the change is none (rules 2.5). */
int delivery_update(struct delivery_app *app, struct delivery *delivery,
                    const struct delivery_change *change, struct kit_error *err) KIT_MUST_CHECK;

/* Changes the reason alone, as delivery_update() does. */
int delivery_explain(struct delivery_app *app, struct delivery *delivery, struct kit_error *err,
                     const char *format, ...) KIT_FORMAT(4, 5) KIT_MUST_CHECK;

#endif

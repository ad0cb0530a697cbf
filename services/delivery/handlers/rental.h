/* What rental and its customers want of delivery: orders and cancels. Runs on the loop inside the
 * open transaction. */
#ifndef DELIVERY_HANDLERS_RENTAL_H
#define DELIVERY_HANDLERS_RENTAL_H

#include "delivery/app.h"
#include "msg/event_rental.gen.h"
#include "msg/rpc_delivery_cancel_request.gen.h"
#include "msg/rpc_delivery_response.gen.h"

/* Makes the delivery and asks stock for the goods: appends DeliveryRequested (rules 1.2). */
int delivery_on_rental_ordered(struct delivery_app *app, const struct msg_event_rental *event,
                               struct kit_error *err);

/* Cancels what the request of the same cancel has not reached: the safety net (rules 4.5). */
int delivery_on_rental_canceled(struct delivery_app *app, const struct msg_event_rental *event,
                                struct kit_error *err);

/* Cancels by rental (rules 4); appends DeliveryUpdated. KIT_PENDING while a locker must confirm.
 * KIT_E_REFUSED when it does not agree with the order, or the goods were collected. */
int delivery_on_cancel(struct delivery_app *app, const struct msg_rpc_delivery_cancel_request *in,
                       struct msg_rpc_delivery_response *out, struct kit_error *err);

#endif

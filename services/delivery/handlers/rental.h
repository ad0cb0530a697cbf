/* What rental and its customers want of delivery: orders and cancels. Runs on the loop inside the
 * open transaction. `app` is struct delivery_app. */
#ifndef DELIVERY_ORDERS_H
#define DELIVERY_ORDERS_H

#include "kit/service/service.h"

/* Stream rental, RentalOrdered: makes the delivery and asks stock for the goods (rules 1.2). */
int delivery_on_rental_ordered(void *app, const struct kit_event *event, struct kit_error *err);

/* Stream rental, RentalCanceled: the safety net (rules 4.5). */
int delivery_on_rental_canceled(void *app, const struct kit_event *event, struct kit_error *err);

/* Request `cancel` (rules 4). KIT_E_INVALID with a pointer when it does not agree with the order.
 */
int delivery_on_cancel(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                       struct kit_error *err);

#endif

/* What stock answers to a delivery. Runs on the loop inside the open transaction, at most once per
 * event: the cursor moves with it. Each appends DeliveryUpdated when the delivery moves. Rules 3.
 */
#ifndef DELIVERY_HANDLERS_STOCK_H
#define DELIVERY_HANDLERS_STOCK_H

#include "delivery/app.h"
#include "msg/event_stock_rejected.gen.h"
#include "msg/event_stock_released.gen.h"
#include "msg/event_stock_reserved.gen.h"
#include "msg/event_stock_step.gen.h"

/* The goods are set aside: DELIVERED (direct), or RESERVED for a locker. */
int delivery_on_stock_reserved(struct delivery_app *app,
                               const struct msg_event_stock_reserved *event, struct kit_error *err);
/* There are none: CANCELED_OutOfStock or CANCELED_UnregisteredProduct, with a sentence. */
int delivery_on_stock_rejected(struct delivery_app *app,
                               const struct msg_event_stock_rejected *event, struct kit_error *err);
/* Every unit lies in a tote: PICKED; a compartment is looked for (rules 6.1). */
int delivery_on_stock_picked(struct delivery_app *app, const struct msg_event_stock_step *event,
                             struct kit_error *err);
/* Handed over at the counter: DELIVERED. */
int delivery_on_stock_handed_over(struct delivery_app *app,
                                  const struct msg_event_stock_step *event, struct kit_error *err);
/* Every unit is home: RETURNED. */
int delivery_on_stock_returned(struct delivery_app *app, const struct msg_event_stock_step *event,
                               struct kit_error *err);

/* The goods of one that was canceled or has expired are on the shelf: its compartment may be given
 * back (rules 3.5, 8.4). */
int delivery_on_stock_released(struct delivery_app *app,
                               const struct msg_event_stock_released *event, struct kit_error *err);

#endif

/* What stock answers to a delivery. Runs on the loop inside the open transaction, at most once per
 * event: the cursor moves with it. `app` is struct delivery_app. Rules 3. */
#ifndef DELIVERY_ANSWERS_H
#define DELIVERY_ANSWERS_H

#include "kit/service/service.h"

int delivery_on_stock_reserved(void *app, const struct kit_event *event, struct kit_error *err);
int delivery_on_stock_rejected(void *app, const struct kit_event *event, struct kit_error *err);

/* Steps of an order for a locker (rules 6.1). */
int delivery_on_stock_picked(void *app, const struct kit_event *event, struct kit_error *err);
int delivery_on_stock_handed_over(void *app, const struct kit_event *event, struct kit_error *err);
int delivery_on_stock_returned(void *app, const struct kit_event *event, struct kit_error *err);

/* The goods of one that was canceled or has expired are on the shelf: its compartment may be given
 * back (rules 3.5, 8.4). */
int delivery_on_stock_released(void *app, const struct kit_event *event, struct kit_error *err);

#endif

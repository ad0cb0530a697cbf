/* What product says. Runs on the loop inside the open transaction. */
#ifndef DELIVERY_HANDLERS_PRODUCT_H
#define DELIVERY_HANDLERS_PRODUCT_H

#include "delivery/app.h"
#include "msg/event_product.gen.h"

/* Keeps name, size and registered quantity in the copy; an order may have waited for the size. */
int delivery_on_product_saved(struct delivery_app *app, const struct msg_event_product *event,
                              struct kit_error *err);

#endif

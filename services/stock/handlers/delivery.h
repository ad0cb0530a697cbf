/* What delivery says: who needs goods, and what became of them. Runs on the loop inside the open
 * transaction. Source: schemas/rules/stock.md 3, 6. */
#ifndef STOCK_HANDLERS_DELIVERY_H
#define STOCK_HANDLERS_DELIVERY_H

#include "msg/event_delivery.gen.h"
#include "stock/app.h"

/* Sets the goods aside: appends StockReserved or StockRejected, or lets it wait for product's log
 * (rules 3.1, 3.2). */
int stock_on_delivery_requested(struct stock_app *app, const struct msg_event_delivery *event,
                                struct kit_error *err);

/* DELIVERED hands the goods out, CANCELED takes them back (appends StockReleased), READY and
 * EXPIRED follow the locker; the compartment is kept for the scans (rules 7.7, 7.8). */
int stock_on_delivery_updated(struct stock_app *app, const struct msg_event_delivery *event,
                              struct kit_error *err);

#endif

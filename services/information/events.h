/* Events that make the read model, and those that pages see as they are. Each runs on the loop
 * inside the open transaction, at most once per event: the cursor moves with it. */
#ifndef INFORMATION_EVENTS_H
#define INFORMATION_EVENTS_H

#include "information/app.h"
#include "msg/event_compartment_requested.gen.h"
#include "msg/event_delivery.gen.h"
#include "msg/event_door.gen.h"
#include "msg/event_locker.gen.h"
#include "msg/event_product.gen.h"
#include "msg/event_rental.gen.h"
#include "msg/event_stock_changed.gen.h"
#include "msg/event_stock_rejected.gen.h"
#include "msg/event_stock_released.gen.h"
#include "msg/event_stock_reserved.gen.h"
#include "msg/event_stock_scanned.gen.h"
#include "msg/event_stock_step.gen.h"

/* Stream rental: adds a step to the story (rules 3.1) and merges the snapshot that all three types
 * carry. A stale one is counted and KIT_OK too (rules 1.2). */
int information_on_rental(struct information_app *app, const struct msg_event_rental *event,
                          struct kit_error *err) KIT_MUST_CHECK;

/* Stream delivery, both types: as information_on_rental(). It may come before the rental's event;
 * then the order is kept and not shown (rules 1.5). */
int information_on_delivery(struct information_app *app, const struct msg_event_delivery *event,
                            struct kit_error *err) KIT_MUST_CHECK;

/* Streams product and stock: appends what they said to our own log (rules 2.3). */
int information_on_product(struct information_app *app, const struct msg_event_product *event,
                           struct kit_error *err) KIT_MUST_CHECK;
/* A locker as delivery told it, as information_on_product(). */
int information_on_locker(struct information_app *app, const struct msg_event_locker *event,
                          struct kit_error *err) KIT_MUST_CHECK;
/* The same for what happened at a door; with an order it is a step of its story too (rules 3.1). */
int information_on_door(struct information_app *app, const struct msg_event_door *event,
                        struct kit_error *err) KIT_MUST_CHECK;
/* Quantities, as information_on_product(). */
int information_on_stock_changed(struct information_app *app,
                                 const struct msg_event_stock_changed *event,
                                 struct kit_error *err) KIT_MUST_CHECK;

/* Stream stock, what happened to the goods of an order: adds a step to its story (rules 3.1). The
 * order may not be known yet. */
int information_on_reserved(struct information_app *app,
                            const struct msg_event_stock_reserved *event,
                            struct kit_error *err) KIT_MUST_CHECK;
/* As information_on_reserved(); the reason is that of stock. */
int information_on_rejected(struct information_app *app,
                            const struct msg_event_stock_rejected *event,
                            struct kit_error *err) KIT_MUST_CHECK;
/* As information_on_reserved(). */
int information_on_released(struct information_app *app,
                            const struct msg_event_stock_released *event,
                            struct kit_error *err) KIT_MUST_CHECK;
/* As information_on_reserved(), for the three types of steps. */
int information_on_stock_step(struct information_app *app, const struct msg_event_stock_step *event,
                              struct kit_error *err) KIT_MUST_CHECK;
/* Names the scanner of a step that is there already. */
int information_on_stock_scanned(struct information_app *app,
                                 const struct msg_event_stock_scanned *event,
                                 struct kit_error *err) KIT_MUST_CHECK;
/* As information_on_reserved(); the actor is the scanner. */
int information_on_compartment_requested(struct information_app *app,
                                         const struct msg_event_compartment_requested *event,
                                         struct kit_error *err) KIT_MUST_CHECK;

#endif

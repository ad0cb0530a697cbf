/* Delivery's word about a rental, from its stream or in its answer to a cancel. Runs on the loop
 * inside the open transaction. */
#ifndef RENTAL_NEWS_H
#define RENTAL_NEWS_H

#include "msg/event_delivery.gen.h"
#include "rental/app.h"

/* Decides, saves and appends RentalUpdated or RentalCanceled, as the news asks for; brings *rental
 * up to date. Stale news is KIT_OK too. (rules 3) */
int rental_take_news(struct rental_app *app, struct rental *rental, const struct rental_news *news,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Event DeliveryUpdated: rental_take_news() about the rental that it names. One that we do not have
 * is counted (rules 3.6). */
int rental_on_delivery_updated(struct rental_app *app, const struct msg_event_delivery *event,
                               struct kit_error *err) KIT_MUST_CHECK;

#endif

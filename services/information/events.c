/* Events become rows: decode, load, merge, save. Runs on the loop inside the open transaction. */
#include "information/events.h"

#include <inttypes.h>

#include "information/app.h"
#include "information/wire.h"
#include "msg/event_delivery.gen.h"
#include "msg/event_rental.gen.h"

/* Ends both handlers: saves what a merge has changed. */
static int settle(struct information_app *app, const struct information_order *order, bool changed,
                  struct kit_error *err)
{
    if (!changed) {
        app->stale_total++;
        return KIT_OK;
    }
    int rc = information_store_save(&app->store, order, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "saving order %" PRId64, order->id.v);
    app->merged_total++;
    return KIT_OK;
}

int information_on_rental(void *app_pointer, const struct kit_event *event, struct kit_error *err)
{
    struct information_app *app = app_pointer;
    struct msg_event_rental msg;
    struct information_rental part;
    struct information_order order;

    int rc = msg_event_rental_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;
    rc = information_store_load(&app->store, msg.rental.id, &order, err);
    if (rc != KIT_OK)
        return rc;
    information_rental_from(&msg.rental, &part);
    return settle(app, &order, information_merge_rental(&order, &part, event->time_ms), err);
}

int information_on_delivery(void *app_pointer, const struct kit_event *event, struct kit_error *err)
{
    struct information_app *app = app_pointer;
    struct msg_event_delivery msg;
    struct information_delivery part;
    struct information_order order;

    int rc = msg_event_delivery_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;
    rc = information_store_load(&app->store, msg.delivery.rental_id, &order, err);
    if (rc != KIT_OK)
        return rc;
    information_delivery_from(&msg.delivery, &part);
    return settle(app, &order, information_merge_delivery(&order, &part, event->time_ms), err);
}

/* Events become rows: load, merge, save; or pass into our own log. Runs on the loop inside the open
 * transaction. */
#include "information/events.h"

#include <inttypes.h>

#include "information/feed.h"
#include "information/wire.h"

/* Ends both handlers: saves what a merge has changed. */
static int settle(struct information_app *app, const struct information_order *order,
                  bool is_changed, struct kit_error *err)
{
    if (!is_changed) {
        app->stale_total++;
        return KIT_OK;
    }
    int rc = information_store_save(&app->store, order, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "saving order %" PRId64, order->id.v);
    app->merged_total++;
    return feed_note(app, order->id, err);
}

int information_on_rental(struct information_app *app, const struct msg_event_rental *event,
                          struct kit_error *err)
{
    const int64_t time_ms = kit_service_event(app->service)->time_ms;
    struct information_rental part;
    struct information_order order;

    int rc = information_store_load(&app->store, event->rental.id, &order, err);
    if (rc != KIT_OK)
        return rc;
    information_rental_from(&event->rental, &part);
    return settle(app, &order, information_merge_rental(&order, &part, time_ms), err);
}

int information_on_delivery(struct information_app *app, const struct msg_event_delivery *event,
                            struct kit_error *err)
{
    const int64_t time_ms = kit_service_event(app->service)->time_ms;
    struct information_delivery part;
    struct information_order order;

    int rc = information_store_load(&app->store, event->delivery.rental_id, &order, err);
    if (rc != KIT_OK)
        return rc;
    information_delivery_from(&event->delivery, &part);
    return settle(app, &order, information_merge_delivery(&order, &part, time_ms), err);
}

int information_on_product(struct information_app *app, const struct msg_event_product *event,
                           struct kit_error *err)
{
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "ProductSaved",
                                  .aggregate = "product",
                                  .id = event->product.id.v,
                                  .version = event->product.version,
                                  .data = KIT_BODY(event_product, event),
                              },
                              err);
}

int information_on_stock_changed(struct information_app *app,
                                 const struct msg_event_stock_changed *event, struct kit_error *err)
{
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "StockChanged",
                                  .aggregate = "stock",
                                  .id = event->stock.product_id.v,
                                  .version = event->stock.version,
                                  .data = KIT_BODY(event_stock_changed, event),
                              },
                              err);
}

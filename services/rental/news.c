/* Delivery's word becomes the rental's state. Runs on the loop inside the open transaction, at most
 * once per event: the cursor moves with it. */
#include "rental/news.h"

#include <inttypes.h>

#include "rental/handlers.h"
#include "rental/wire.h"

int rental_take_news(struct rental_app *app, struct rental *rental, const struct rental_news *news,
                     struct kit_error *err)
{
    struct rental_change change;

    switch (rental_decide_news(rental, news, kit_service_now_ms(app->service), &change)) {
    case RENTAL_STALE:
        return KIT_OK;
    case RENTAL_NOTED:
        return rental_store_note(&app->store, rental, news->version, err);
    case RENTAL_MOVED:
        break;
    }
    int rc = rental_store_apply(&app->store, rental, &change, err);
    if (rc != KIT_OK)
        return rc;
    const bool is_canceled = rental->status == RENTAL_STATUS_CANCELED; /* rules 2.4 */
    return rental_append(app, is_canceled ? "RentalCanceled" : "RentalUpdated", rental, err);
}

/* Story (rules 7.2), an order that we have lost comes back:
 *   1. Our database is lost, or restored from before the order.
 *   2. Delivery tells of it; nobody else ever gets that number again (rules 7.1).
 *   3. We keep what delivery says of it. When it was placed, and a name that was given with it,
 *      delivery does not know. */
static int take_back(struct rental_app *app, const struct msg_delivery *delivery,
                     struct rental *ret_rental, struct kit_error *err)
{
    struct rental rental = {
        .id = delivery->rental_id,
        .product_id = delivery->product_id,
        .qty = delivery->qty,
        .fulfilment = delivery->fulfilment,
        .account = delivery->has_account ? delivery->account : 0,
    };
    rental_begin(&rental, kit_service_event(app->service)->time_ms);
    int rc = catalogue_find_name(&app->catalogue, rental.product_id, rental.product_name,
                                 sizeof(rental.product_name), err);
    if (rc != KIT_OK)
        return rc;
    rc = rental_store_add(&app->store, &rental, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "taking order %" PRId64 " back", rental.id.v);
    app->taken_back_total++;
    *ret_rental = rental;
    return KIT_OK;
}

int rental_on_delivery_updated(struct rental_app *app, const struct msg_event_delivery *event,
                               struct kit_error *err)
{
    const struct msg_delivery *delivery = &event->delivery;
    struct rental rental;
    bool is_found = false;

    int rc = rental_store_find(&app->store, delivery->rental_id, &rental, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found && delivery->rental_id.v > kit_service_lost_until(app->service)) {
        app->news_unknown_total++; /* rules 3.6 */
        return KIT_OK;
    }
    if (!is_found) {
        rc = take_back(app, delivery, &rental, err);
        if (rc != KIT_OK)
            return rc;
    }

    if (delivery->product_id.v != rental.product_id.v || delivery->qty != rental.qty ||
        delivery->fulfilment != rental.fulfilment)
        return kit_error_typed(err, KIT_E_REFUSED, "order-mismatch", /* rules 3.8 */
                               "delivery %" PRId64 " is for another order than rental %" PRId64
                               " here, so one of the two has lost its database; skip this, and look"
                               " after the order by hand",
                               delivery->id.v, rental.id.v);

    const struct rental_news news = rental_news_from(delivery);
    rc = rental_take_news(app, &rental, &news, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "delivery's word about rental %" PRId64, rental.id.v);
    return KIT_OK;
}

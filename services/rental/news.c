/* Delivery's word becomes the rental's state. Runs on the loop inside the open transaction, at most
 * once per event: the cursor moves with it. */
#include "rental/news.h"

#include <inttypes.h>

#include "msg/event_delivery.gen.h"
#include "rental/handlers.h"
#include "rental/wire.h"

int rental_take_news(struct rental_app *app, struct rental *rental, const struct rental_news *news,
                     struct kit_error *err)
{
    struct rental_change change;
    int rc = KIT_OK;

    switch (rental_decide_news(rental, news, kit_service_now_ms(app->service), &change)) {
    case RENTAL_STALE:
        return KIT_OK;
    case RENTAL_NOTED:
        return rental_store_note(&app->store, rental, news->version, err);
    case RENTAL_MOVED:
        rc = rental_store_apply(&app->store, rental, &change, err);
        if (rc != KIT_OK)
            return rc;
        return rental_append(
            app, rental->status == RENTAL_STATUS_CANCELED ? "RentalCanceled" : "RentalUpdated",
            rental, err); /* rules 2.4 */
    }
    CHECK(false && "decision is one of the enum");
    return rc;
}

int rental_on_delivery_updated(void *app_pointer, const struct kit_event *event,
                               struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    struct msg_event_delivery msg;
    struct rental rental;
    bool found = false;

    int rc = msg_event_delivery_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;
    rc = rental_store_find(&app->store, msg.delivery.rental_id, &rental, &found, err);
    if (rc != KIT_OK)
        return rc;
    if (!found) {
        app->news_unknown_total++; /* rules 3.6 */
        return KIT_OK;
    }

    struct rental_news news = {
        .kind = msg.delivery.status,
        .version = msg.delivery.version,
        .reason = msg.delivery.has_reason ? msg.delivery.reason : "",
    };
    rc = rental_take_news(app, &rental, &news, err);
    return rc == KIT_OK
               ? rc
               : kit_error_wrap(err, rc, "delivery's word about rental %" PRId64, rental.id.v);
}

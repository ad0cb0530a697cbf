/* Orders and cancels of rental become deliveries. Runs on the loop inside the open transaction; an
 * event at most once, because the cursor moves with it. */
#include "delivery/handlers/rental.h"

#include <inttypes.h>

#include "delivery/store/wire.h"
#include "delivery/work/change.h"
#include "delivery/work/compartments.h"
#include "delivery/work/ends.h"
#include "msg/event_rental.gen.h"

/* A delivery's first row, and the event that tells of it. */
static int start(struct delivery_app *app, const struct delivery_order *order,
                 enum delivery_status status, struct delivery *ret_delivery, struct kit_error *err)
{
    *ret_delivery = (struct delivery){
        .order = *order,
        .status = status,
        .version = 1,
        .updated_at_ms = kit_service_now_ms(app->service),
    };
    int rc = delivery_store_add(&app->store, ret_delivery, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_append(
        app, status == DELIVERY_STATUS_REQUESTED ? "DeliveryRequested" : "DeliveryUpdated",
        ret_delivery, err);
}

int delivery_on_rental_ordered(void *app_pointer, const struct kit_event *event,
                               struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_event_rental msg;
    struct delivery delivery;
    bool found = false;

    int rc = msg_event_rental_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;
    rc = delivery_store_find(&app->store, msg.rental.id, &delivery, &found, err);
    if (rc != KIT_OK)
        return rc;
    if (found) { /* A tombstone, or the event is here for the second time (rules 1.2, 5.1). */
        app->totals.ignored++;
        return KIT_OK;
    }

    struct delivery_order order = delivery_order_from_rental(&msg.rental);
    rc = start(app, &order, DELIVERY_STATUS_REQUESTED, &delivery, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "order of rental %" PRId64, msg.rental.id.v);
    app->totals.requested++;
    return KIT_OK;
}

/* Story (rules 5.1), the cancel overtakes the order:
 *   1. Rental takes an order and appends RentalOrdered.
 *   2. The customer cancels at once; the cancel reaches us first. It carries the order.
 *   3. We keep a tombstone, CANCELED in version 1, and confirm.
 *   4. RentalOrdered arrives and finds the tombstone: stock is never asked.
 * Story (rules 5.4), the cancel arrives twice: the second finds CANCELED and changes nothing. */
static int find_or_start(struct delivery_app *app, const struct delivery_order *order,
                         struct delivery *ret_delivery, bool *ret_is_new, struct kit_error *err)
{
    bool found = false;
    int rc = delivery_store_find(&app->store, order->id, ret_delivery, &found, err);
    if (rc != KIT_OK)
        return rc;

    *ret_is_new = !found;
    if (!found) {
        rc = start(app, order, DELIVERY_STATUS_CANCELED, ret_delivery, err);
        if (rc == KIT_OK)
            app->totals.tombstones++;
        return rc;
    }

    const char *pointer = delivery_order_difference(&ret_delivery->order, order);
    if (pointer != NULL)
        return kit_error_typed(err, KIT_E_REFUSED, "order-mismatch", /* rules 4.3 */
                               "The cancel of rental %" PRId64 " does not agree with its order as"
                               " delivery keeps it (%s); nothing was changed.",
                               order->id.v, pointer);
    return KIT_OK;
}

/* request NULL: nobody waits for an answer (rules 4.5). */
static int cancel(struct delivery_app *app, struct delivery *delivery,
                  const struct kit_rpc_request *request, struct kit_error *err)
{
    switch (delivery_decide_cancel(delivery)) {
    case DELIVERY_CANCEL_SETTLED:
        app->totals.ignored++;
        return KIT_OK;
    case DELIVERY_CANCEL_COLLECTED:
        app->totals.ignored++;
        return request != NULL ? wishes_refuse_collected(delivery, err) : KIT_OK;
    case DELIVERY_CANCEL_ASK:
        return request != NULL ? wishes_cancel(app, delivery, request, err)
                               : wishes_begin(app, delivery, DELIVERY_WISH_CANCEL, err);
    case DELIVERY_CANCEL_NOW:
        break;
    }
    int rc = delivery_take(app, delivery, DELIVERY_INCIDENT_CANCEL, "", err);
    return rc == KIT_OK ? places_serve(app, err) : rc;
}

int delivery_on_rental_canceled(void *app_pointer, const struct kit_event *event,
                                struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_event_rental msg;
    struct delivery delivery;
    bool is_new = false;

    int rc = msg_event_rental_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;
    struct delivery_order order = delivery_order_from_rental(&msg.rental);
    rc = find_or_start(app, &order, &delivery, &is_new, err);
    return rc == KIT_OK && !is_new ? cancel(app, &delivery, NULL, err) : rc;
}

int delivery_on_cancel(void *app_pointer, const struct kit_rpc_request *request,
                       struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_rpc_delivery_cancel_request msg;
    struct delivery delivery;
    bool is_new = false;

    int rc = msg_rpc_delivery_cancel_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;
    struct delivery_order order = delivery_order_from_cancel(&msg);
    rc = find_or_start(app, &order, &delivery, &is_new, err);
    if (rc == KIT_OK && !is_new)
        rc = cancel(app, &delivery, request, err);
    if (rc == KIT_OK)
        delivery_answer(&delivery, response);
    return rc;
}

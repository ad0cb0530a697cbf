/* Stock's answers move deliveries. A late or repeated one changes nothing (rules 3.3, 5.2, 5.3).
 * Runs on the loop inside the open transaction. */
#include "delivery/handlers/stock.h"

#include <inttypes.h>
#include <stdio.h>

#include "delivery/work/change.h"
#include "delivery/work/compartments.h"
#include "msg/event_stock_rejected.gen.h"
#include "msg/event_stock_released.gen.h"
#include "msg/event_stock_reserved.gen.h"
#include "msg/event_stock_step.gen.h"

static int load(struct delivery_app *app, struct rental_id id, struct delivery *ret_delivery,
                struct kit_error *err)
{
    bool found = false;
    int rc = delivery_store_find(&app->store, id, ret_delivery, &found, err);
    if (rc == KIT_OK && !found) /* rules 3.4: parked, with this reason */
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "stock answered for delivery %" PRId64 ", which is not here", id.v);
    return rc;
}

static int answer(struct delivery_app *app, struct rental_id id, enum delivery_incident incident,
                  const char *reason, struct kit_error *err)
{
    struct delivery delivery;
    int rc = load(app, id, &delivery, err);
    if (rc == KIT_OK)
        rc = delivery_take(app, &delivery, incident, reason, err);
    return rc == KIT_OK ? places_serve(app, err) : rc;
}

int delivery_on_stock_reserved(void *app_pointer, const struct kit_event *event,
                               struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_event_stock_reserved msg;

    int rc = msg_event_stock_reserved_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;
    return answer(app, msg.delivery_id, DELIVERY_INCIDENT_RESERVED, "", err);
}

/* The sentences of rules 3.2. */
static enum delivery_incident rejection(const struct msg_event_stock_rejected *msg,
                                        char *ret_reason, size_t size_bytes)
{
    switch (msg->reason) {
    case STOCK_REJECTION_OUT_OF_STOCK:
        (void)snprintf(ret_reason, size_bytes, "%" PRId64 " ordered, %" PRId64 " available",
                       msg->qty, msg->available_qty);
        return DELIVERY_INCIDENT_OUT_OF_STOCK;
    case STOCK_REJECTION_UNREGISTERED_PRODUCT:
        (void)snprintf(ret_reason, size_bytes, "product %" PRId64 " is not registered",
                       msg->product_id.v);
        return DELIVERY_INCIDENT_UNREGISTERED_PRODUCT;
    }
    CHECK(false && "the decoder lets no other value through");
    return DELIVERY_INCIDENT_OUT_OF_STOCK;
}

int delivery_on_stock_rejected(void *app_pointer, const struct kit_event *event,
                               struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_event_stock_rejected msg;
    char reason[DELIVERY_REASON_SIZE];

    int rc = msg_event_stock_rejected_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;
    enum delivery_incident incident = rejection(&msg, reason, sizeof(reason));
    return answer(app, msg.delivery_id, incident, reason, err);
}

static int step(struct delivery_app *app, const struct kit_event *event,
                enum delivery_incident incident, struct kit_error *err)
{
    struct msg_event_stock_step msg;
    int rc = msg_event_stock_step_decode(event->data, &msg, err);
    return rc == KIT_OK ? answer(app, msg.delivery_id, incident, "", err) : rc;
}

int delivery_on_stock_picked(void *app, const struct kit_event *event, struct kit_error *err)
{
    return step(app, event, DELIVERY_INCIDENT_PICKED, err);
}

int delivery_on_stock_handed_over(void *app, const struct kit_event *event, struct kit_error *err)
{
    return step(app, event, DELIVERY_INCIDENT_HANDED_OVER, err);
}

int delivery_on_stock_returned(void *app, const struct kit_event *event, struct kit_error *err)
{
    return step(app, event, DELIVERY_INCIDENT_RETURNED, err);
}

int delivery_on_stock_released(void *app_pointer, const struct kit_event *event,
                               struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_event_stock_released msg;
    struct delivery delivery;
    bool found = false;

    int rc = msg_event_stock_released_decode(event->data, &msg, err);
    if (rc == KIT_OK)
        rc = delivery_store_find(&app->store, msg.delivery_id, &delivery, &found, err);
    if (rc != KIT_OK || !found || delivery.spot.use == DELIVERY_USE_NONE)
        return rc;
    delivery.stock_has_goods = true;
    rc = delivery_store_note(&app->store, &delivery, err);
    if (rc == KIT_OK)
        rc = places_settle(app, &delivery, err);
    return rc == KIT_OK ? places_serve(app, err) : rc;
}

/* Stock's answers move deliveries. A late or repeated one changes nothing (rules 3.3, 5.2, 5.3).
 * Runs on the loop inside the open transaction. */
#include "delivery/handlers/stock.h"

#include <inttypes.h>
#include <stdio.h>

#include "delivery/work/compartments.h"
#include "delivery/work/incidents.h"

static int apply_answer(struct delivery_app *app, struct rental_id id,
                        enum delivery_incident incident, const char *reason, struct kit_error *err)
{
    struct delivery delivery;
    bool is_found = false;
    int rc = delivery_store_find(&app->store, id, &delivery, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found) /* rules 3.4: parked, with this reason */
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "stock answered for delivery %" PRId64 ", which is not here", id.v);
    return incident_apply(app, &delivery, incident, reason, err);
}

int delivery_on_stock_reserved(struct delivery_app *app,
                               const struct msg_event_stock_reserved *event, struct kit_error *err)
{
    return apply_answer(app, event->delivery_id, DELIVERY_INCIDENT_RESERVED, "", err);
}

/* The sentences of rules 3.2. */
static enum delivery_incident incident_from(const struct msg_event_stock_rejected *msg,
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
    UNREACHABLE("the decoder lets no other value through");
}

int delivery_on_stock_rejected(struct delivery_app *app,
                               const struct msg_event_stock_rejected *event, struct kit_error *err)
{
    char reason[DELIVERY_REASON_SIZE];
    enum delivery_incident incident = incident_from(event, reason, sizeof(reason));
    return apply_answer(app, event->delivery_id, incident, reason, err);
}

int delivery_on_stock_picked(struct delivery_app *app, const struct msg_event_stock_step *event,
                             struct kit_error *err)
{
    return apply_answer(app, event->delivery_id, DELIVERY_INCIDENT_PICKED, "", err);
}

int delivery_on_stock_handed_over(struct delivery_app *app,
                                  const struct msg_event_stock_step *event, struct kit_error *err)
{
    return apply_answer(app, event->delivery_id, DELIVERY_INCIDENT_HANDED_OVER, "", err);
}

int delivery_on_stock_returned(struct delivery_app *app, const struct msg_event_stock_step *event,
                               struct kit_error *err)
{
    return apply_answer(app, event->delivery_id, DELIVERY_INCIDENT_RETURNED, "", err);
}

int delivery_on_stock_released(struct delivery_app *app,
                               const struct msg_event_stock_released *event, struct kit_error *err)
{
    struct delivery delivery;
    bool is_found = false;

    int rc = delivery_store_find(&app->store, event->delivery_id, &delivery, &is_found, err);
    if (rc != KIT_OK || !is_found || delivery.spot.use == DELIVERY_USE_NONE)
        return rc;
    delivery.stock_has_goods = true;
    rc = delivery_store_note(&app->store, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    return compartments_settle(app, &delivery, err);
}

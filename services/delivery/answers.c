/* Stock's answers move deliveries. A late or repeated one changes nothing (rules 3.3, 5.2, 5.3).
 * Runs on the loop inside the open transaction. */
#include "delivery/answers.h"

#include <inttypes.h>
#include <stdio.h>

#include "delivery/handlers.h"
#include "msg/event_stock_rejected.gen.h"
#include "msg/event_stock_reserved.gen.h"

static int answer(struct delivery_app *app, struct rental_id id, enum delivery_incident incident,
                  const char *reason, struct kit_error *err)
{
    struct delivery delivery;
    bool found = false;

    int rc = delivery_store_find(&app->store, id, &delivery, &found, err);
    if (rc != KIT_OK)
        return rc;
    if (!found) /* rules 3.4: parked, with this reason */
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "stock answered for delivery %" PRId64 ", which is not here", id.v);
    return delivery_take(app, &delivery, incident, reason, err);
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
    case MSG_STOCK_REJECTION_OUT_OF_STOCK:
        (void)snprintf(ret_reason, size_bytes, "%" PRId64 " ordered, %" PRId64 " available",
                       msg->qty, msg->available_qty);
        return DELIVERY_INCIDENT_OUT_OF_STOCK;
    case MSG_STOCK_REJECTION_UNREGISTERED_PRODUCT:
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

/* One function per message of stock. They run on the loop inside the open transaction, at most once
 * per event; what they append to the log leaves after the commit. */
#include "stock/handlers/balance.h"

#include <inttypes.h>
#include <string.h>

#include "msg/event_delivery.gen.h"
#include "msg/event_product.gen.h"
#include "msg/rpc_registered_set_request.gen.h"
#include "msg/rpc_registered_set_response.gen.h"
#include "stock/work/reservations.h"

#define TYPE_BELOW_COMMITTED "below-committed"
#define TYPE_COUNTED_BY_SCANS "counted-by-scans"

/* A product has just become known: who waits for it is decided, in id order. What is above the
 * limit is decided when its question is answered; one is on its way for each (rules 3.4). */
static int waiting_decide(struct stock_app *app, struct product_id product, struct kit_error *err)
{
    for (int i = 0; i < STOCK_DECIDE_MAX; i++) {
        struct reservation reservation;
        bool is_found = false;
        int rc = reservation_store_find_waiting(&app->store, product, &reservation, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = reservation_handle(app, &reservation, RESERVATION_ON_DECIDE, err);
        if (rc != KIT_OK || !is_found)
            return rc;
    }
    return KIT_OK;
}

/* ---- registered quantities (rules 2) ---- */

static int registered_refuse(struct stock_app *app, const struct stock *stock,
                             const struct stock_registration *wish, struct kit_error *err)
{
    app->registrations_refused++;
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_BELOW_COMMITTED,
                           "Product %" PRId64 " cannot go down to %" PRId64 " pieces: %" PRId64
                           " are reserved and %" PRId64 " are rented. Choose %" PRId64
                           " or more, or wait until some come back.",
                           stock->product.v, wish->qty, stock->reserved, stock->rented,
                           stock_committed(stock));
}

static void registered_encode(const struct stock *stock, struct kit_buf *response)
{
    const struct msg_rpc_registered_set_response msg = {
        .stock = stock_to_message(stock),
        .registered_qty = stock->registered,
    };
    msg_rpc_registered_set_response_encode(&msg, response);
}

/* Applies a change of the registered quantity, and decides who waited if the product is new. */
static int registration_apply(struct stock_app *app, const struct stock_change *change,
                              struct kit_error *err)
{
    int rc = stock_change_apply(app, change, NULL, err);
    if (rc == KIT_OK && change->after.version == 1)
        rc = waiting_decide(app, change->after.product, err);
    return rc;
}

int stock_on_registered_set(void *context, const struct kit_rpc_request *request,
                            struct kit_buf *response, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_rpc_registered_set_request msg;
    int rc = msg_rpc_registered_set_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct stock stock;
    bool is_known = false;
    rc = stock_store_find(&app->store, msg.product_id, &stock, &is_known, err);
    if (rc != KIT_OK)
        return rc;

    const struct stock_registration wish = {
        .product = msg.product_id,
        .qty = msg.registered_qty,
        .registration = msg.registration,
    };
    struct stock_change change;
    switch (stock_decide_registered_set(is_known ? &stock : NULL, &wish, &change)) {
    case STOCK_SAME:
        break;
    case STOCK_CHANGED:
        rc = registration_apply(app, &change, err);
        if (rc == KIT_OK) /* again: those who waited have had their share */
            rc = stock_store_find(&app->store, msg.product_id, &stock, &is_known, err);
        break;
    case STOCK_REFUSED_BELOW_COMMITTED:
        return registered_refuse(app, &stock, &wish, err);
    case STOCK_REFUSED_COUNTED:
        app->registrations_refused++;
        return kit_error_typed(err, KIT_E_REFUSED, TYPE_COUNTED_BY_SCANS,
                               "The units of product %" PRId64
                               " are counted by scans: receive, return or count them.",
                               wish.product.v);
    case STOCK_REFUSED_LIMIT:
        UNREACHABLE("a wish is within the limit");
    }
    if (rc == KIT_OK)
        registered_encode(&stock, response);
    return rc;
}

/* What people with a scanner need to know about it. */
static int product_describe(struct stock_app *app, const struct msg_product *msg,
                            struct kit_error *err)
{
    struct scan_item item = { .stock = { .product = msg->id, .tracking = msg->tracking } };
    scan_text_cut(item.name, STOCK_NAME_POINTS_MAX, msg->name);
    return stock_store_describe(&app->store, &item, msg->has_gtin ? msg->gtin : "", err);
}

int stock_on_product_saved(void *context, const struct kit_event *event, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_event_product msg;
    int rc = msg_event_product_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct stock stock;
    bool is_known = false;
    rc = stock_store_find(&app->store, msg.product.id, &stock, &is_known, err);
    if (rc != KIT_OK)
        return rc;

    const struct stock_registration report = {
        .product = msg.product.id,
        .qty = msg.product.registered_qty,
        .registration = msg.registration,
        .tracking = msg.product.tracking,
    };
    struct stock_change change;
    /* STOCK_SAME: our own registration is as new; only its name changed, or it is stale. */
    if (stock_decide_product_saved(is_known ? &stock : NULL, &report, &change) == STOCK_CHANGED)
        rc = registration_apply(app, &change, err);
    return rc == KIT_OK ? product_describe(app, &msg.product, err) : rc;
}

/* ---- deliveries (rules 3) ---- */

/* What delivery says, and our reservation for it: in state NEW if there is none yet. */
static int delivery_read(struct stock_app *app, const struct kit_event *event,
                         struct msg_event_delivery *ret_msg, struct reservation *ret_reservation,
                         struct kit_error *err)
{
    bool is_known = false;
    int rc = msg_event_delivery_decode(event->data, ret_msg, err);
    if (rc == KIT_OK)
        rc = reservation_store_find(&app->store, ret_msg->delivery.id, ret_reservation, &is_known,
                                    err);
    if (rc == KIT_OK && !is_known)
        *ret_reservation = (struct reservation){
            .id = ret_msg->delivery.id,
            .product = ret_msg->delivery.product_id,
            .qty = ret_msg->delivery.qty,
            .fulfilment = ret_msg->delivery.fulfilment,
            .state = RESERVATION_NEW,
        };
    return rc;
}

int stock_on_delivery_requested(void *context, const struct kit_event *event, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_event_delivery msg;
    struct reservation reservation;
    int rc = delivery_read(app, event, &msg, &reservation, err);
    if (rc != KIT_OK)
        return rc;
    return reservation_handle(app, &reservation, RESERVATION_ON_REQUESTED, err);
}

/* false: no business of ours. */
static bool event_from_status(enum delivery_status status, enum reservation_event *ret_event)
{
    switch (status) {
    case DELIVERY_STATUS_DELIVERED:
        *ret_event = RESERVATION_ON_DELIVERED;
        return true;
    case DELIVERY_STATUS_CANCELED:
        *ret_event = RESERVATION_ON_CANCELED;
        return true;
    case DELIVERY_STATUS_READY:
        *ret_event = RESERVATION_ON_READY;
        return true;
    case DELIVERY_STATUS_EXPIRED:
        *ret_event = RESERVATION_ON_EXPIRED;
        return true;
    case DELIVERY_STATUS_REQUESTED:
    case DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:         /* it read our own rejection */
    case DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT: /* the same */
    case DELIVERY_STATUS_RESERVED:
    case DELIVERY_STATUS_PICKED:
    case DELIVERY_STATUS_RETURNING:
    case DELIVERY_STATUS_RETURNED:
        break;
    }
    return false;
}

/* Delivery decides about compartments; we keep its last word for the scans (rules 7.7, 7.8). Of an
 * order that has ended, only where goods still lie. */
static int spot_keep(struct stock_app *app, struct reservation *reservation,
                     const struct msg_delivery *msg, struct kit_error *err)
{
    struct reservation_spot spot = { 0 };
    if (reservation->fulfilment != FULFILMENT_LOCKER)
        return KIT_OK;
    if (msg->has_locker && msg->has_compartment) {
        _Static_assert(sizeof(msg->locker) == sizeof(spot.locker), "a locker fits");
        memcpy(spot.locker, msg->locker, sizeof(spot.locker));
        spot.compartment = msg->compartment;
        spot.is_loaded = msg->has_compartment_use && msg->compartment_use == COMPARTMENT_USE_LOADED;
    } else if (msg->has_reason) {
        char reason[RESERVATION_REASON_POINTS_MAX * 4 + 1];
        scan_text_cut(reason, RESERVATION_REASON_POINTS_MAX, msg->reason);
        memcpy(spot.reason, reason, sizeof(spot.reason));
    }
    bool has_ended = reservation->state == RESERVATION_RELEASED ||
                     reservation->state == RESERVATION_RETURNED;
    if (has_ended && !spot.is_loaded)
        spot = (struct reservation_spot){ 0 };
    return reservation_store_set_spot(&app->store, reservation, &spot, err);
}

int stock_on_delivery_updated(void *context, const struct kit_event *event, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_event_delivery msg;
    struct reservation reservation;
    int rc = delivery_read(app, event, &msg, &reservation, err);
    if (rc != KIT_OK)
        return rc;

    enum reservation_event happened;
    if (reservation.state == RESERVATION_NEW)
        return KIT_OK; /* R6: canceled before it asked for goods */
    rc = spot_keep(app, &reservation, &msg.delivery, err);
    if (rc != KIT_OK || !event_from_status(msg.delivery.status, &happened))
        return rc;
    return reservation_handle(app, &reservation, happened, err);
}

int stock_on_product_confirmed(void *context, int64_t ask, struct kit_error *err)
{
    struct stock_app *app = context;
    for (int i = 0; i < STOCK_DECIDE_MAX; i++) {
        struct reservation reservation;
        bool is_found = false;
        int rc = reservation_store_find_asked(&app->store, ask, &reservation, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = reservation_handle(app, &reservation, RESERVATION_ON_DECIDE, err);
        if (rc != KIT_OK || !is_found)
            return rc;
    }
    kit_service_confirm(app->service, "product"); /* there may be more: go on after its answer */
    return KIT_OK;
}

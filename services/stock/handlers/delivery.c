/* Deliveries. See delivery.h. */
#include "stock/handlers/delivery.h"

#include <inttypes.h>

#include "kit/base/text.h"
#include "stock/work/reservations.h"

/* Is it about the goods that the reservation is for? Delivery never changes them (rules 3.8). */
static bool is_same_order(const struct reservation *reservation,
                          const struct msg_delivery *delivery)
{
    return reservation->product.v == delivery->product_id.v && reservation->qty == delivery->qty &&
           reservation->fulfilment == delivery->fulfilment;
}

/* Our reservation for the delivery: in state NEW if there is none yet. One of that number for other
 * goods stays as it is, and the event is parked. */
static int find_reservation(struct stock_app *app, const struct msg_delivery *delivery,
                            struct reservation *ret_reservation, struct kit_error *err)
{
    bool is_known = false;
    int rc = reservation_store_find(&app->reservations, delivery->id, ret_reservation, &is_known,
                                    err);
    if (rc != KIT_OK)
        return rc;
    if (is_known && !is_same_order(ret_reservation, delivery))
        return kit_error_typed(err, KIT_E_REFUSED, "order-mismatch",
                               "delivery %" PRId64
                               " is for other goods than the reservation of that"
                               " number here, so rental or delivery has lost its database; skip"
                               " this, and look after the order by hand",
                               delivery->id.v);
    if (is_known)
        return KIT_OK;
    *ret_reservation = (struct reservation){
        .id = delivery->id,
        .product = delivery->product_id,
        .qty = delivery->qty,
        .fulfilment = delivery->fulfilment,
        .state = RESERVATION_NEW,
    };
    return KIT_OK;
}

int stock_on_delivery_requested(struct stock_app *app, const struct msg_event_delivery *event,
                                struct kit_error *err)
{
    struct reservation reservation;
    int rc = find_reservation(app, &event->delivery, &reservation, err);
    if (rc != KIT_OK)
        return rc;
    return reservation_handle(app, &reservation, RESERVATION_ON_REQUESTED, err);
}

/* false: the status is no business of ours. */
static bool event_from_status(enum delivery_status status, enum reservation_event *ret_event)
{
    switch (status) {
    case DELIVERY_STATUS_DELIVERED:
        *ret_event = RESERVATION_ON_DELIVERED;
        return true;
    case DELIVERY_STATUS_CANCELED:
    /* It read our own rejection; or our database was lost, and we decide otherwise this time. */
    case DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:
    case DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT:
        *ret_event = RESERVATION_ON_CANCELED;
        return true;
    case DELIVERY_STATUS_READY:
        *ret_event = RESERVATION_ON_READY;
        return true;
    case DELIVERY_STATUS_EXPIRED:
        *ret_event = RESERVATION_ON_EXPIRED;
        return true;
    case DELIVERY_STATUS_REQUESTED:
    case DELIVERY_STATUS_RESERVED:
    case DELIVERY_STATUS_PICKED:
    case DELIVERY_STATUS_RETURNING:
    case DELIVERY_STATUS_RETURNED:
        return false;
    }
    UNREACHABLE("status of a delivery");
}

static struct reservation_spot spot_from(const struct msg_delivery *delivery)
{
    struct reservation_spot spot = { 0 };
    if (delivery->has_locker && delivery->has_compartment) {
        kit_text_copy(spot.locker, sizeof(spot.locker), delivery->locker);
        spot.compartment = delivery->compartment;
        spot.is_loaded = delivery->has_compartment_use &&
                         delivery->compartment_use == COMPARTMENT_USE_LOADED;
    } else if (delivery->has_reason) {
        scan_text_cut(spot.reason, RESERVATION_REASON_POINTS_MAX, delivery->reason);
    }
    return spot;
}

/* Delivery decides about compartments; we keep its last word for the scans (rules 7.7, 7.8). Of an
 * order that has ended, only where goods still lie. */
static int keep_spot(struct stock_app *app, struct reservation *reservation,
                     const struct msg_delivery *delivery, struct kit_error *err)
{
    if (reservation->fulfilment != FULFILMENT_LOCKER)
        return KIT_OK;
    struct reservation_spot spot = spot_from(delivery);
    if (reservation_has_ended(reservation) && !spot.is_loaded)
        spot = (struct reservation_spot){ 0 };
    return reservation_store_set_spot(&app->reservations, reservation, &spot, err);
}

int stock_on_delivery_updated(struct stock_app *app, const struct msg_event_delivery *event,
                              struct kit_error *err)
{
    struct reservation reservation;
    enum reservation_event happened;
    int rc = find_reservation(app, &event->delivery, &reservation, err);
    if (rc != KIT_OK)
        return rc;
    if (reservation.state == RESERVATION_NEW)
        return KIT_OK; /* R6: canceled before it asked for goods */
    rc = keep_spot(app, &reservation, &event->delivery, err);
    if (rc != KIT_OK || !event_from_status(event->delivery.status, &happened))
        return rc;
    return reservation_handle(app, &reservation, happened, err);
}

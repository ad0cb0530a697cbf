/* Mapping between rows and messages. Any thread. */
#include "delivery/wire.h"

#include <stdio.h>

#include "kit/base/check.h"

static enum delivery_fulfilment fulfilment_from(enum msg_fulfilment fulfilment)
{
    switch (fulfilment) {
    case MSG_FULFILMENT_DIRECT:
        return DELIVERY_FULFILMENT_DIRECT;
    case MSG_FULFILMENT_LOCKER:
        return DELIVERY_FULFILMENT_LOCKER;
    }
    CHECK(false && "the decoder lets no other value through");
    return DELIVERY_FULFILMENT_DIRECT;
}

static enum msg_fulfilment to_fulfilment(enum delivery_fulfilment fulfilment)
{
    switch (fulfilment) {
    case DELIVERY_FULFILMENT_DIRECT:
        return MSG_FULFILMENT_DIRECT;
    case DELIVERY_FULFILMENT_LOCKER:
        return MSG_FULFILMENT_LOCKER;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_FULFILMENT_DIRECT;
}

static enum msg_delivery_status to_status(enum delivery_status status)
{
    switch (status) {
    case DELIVERY_REQUESTED:
        return MSG_DELIVERY_STATUS_REQUESTED;
    case DELIVERY_DELIVERED:
        return MSG_DELIVERY_STATUS_DELIVERED;
    case DELIVERY_CANCELED:
        return MSG_DELIVERY_STATUS_CANCELED;
    case DELIVERY_CANCELED_OUT_OF_STOCK:
        return MSG_DELIVERY_STATUS_CANCELED_OUT_OF_STOCK;
    case DELIVERY_CANCELED_UNREGISTERED_PRODUCT:
        return MSG_DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT;
    case DELIVERY_RESERVED:
        return MSG_DELIVERY_STATUS_RESERVED;
    case DELIVERY_PICKED:
        return MSG_DELIVERY_STATUS_PICKED;
    case DELIVERY_READY:
        return MSG_DELIVERY_STATUS_READY;
    case DELIVERY_RETURNING:
        return MSG_DELIVERY_STATUS_RETURNING;
    case DELIVERY_RETURNED:
        return MSG_DELIVERY_STATUS_RETURNED;
    case DELIVERY_EXPIRED:
        return MSG_DELIVERY_STATUS_EXPIRED;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_DELIVERY_STATUS_REQUESTED;
}

struct delivery_order delivery_order_from_rental(const struct msg_event_rental *msg)
{
    struct delivery_order order = {
        .id = msg->id,
        .product_id = msg->product_id,
        .qty = msg->qty,
        .fulfilment = fulfilment_from(msg->fulfilment),
    };
    if (msg->has_locker)
        (void)snprintf(order.wished_locker, sizeof(order.wished_locker), "%s", msg->locker);
    return order;
}

struct delivery_order delivery_order_from_cancel(const struct msg_rpc_delivery_cancel_request *msg)
{
    return (struct delivery_order){
        .id = msg->rental_id,
        .product_id = msg->product_id,
        .qty = msg->qty,
        .fulfilment = fulfilment_from(msg->fulfilment),
    };
}

static enum msg_compartment_use to_use(enum delivery_use use)
{
    return use == DELIVERY_USE_LOADED ? MSG_COMPARTMENT_USE_LOADED : MSG_COMPARTMENT_USE_ASSIGNED;
}

void delivery_to_event(const struct delivery *delivery, struct msg_event_delivery *ret_msg)
{
    bool has_spot = delivery->spot.use != DELIVERY_USE_NONE;
    *ret_msg = (struct msg_event_delivery){
        .id = delivery->order.id,
        .rental_id = delivery->order.id,
        .product_id = delivery->order.product_id,
        .qty = delivery->order.qty,
        .fulfilment = to_fulfilment(delivery->order.fulfilment),
        .status = to_status(delivery->status),
        .has_reason = delivery->reason[0] != '\0',
        .version = delivery->version,
        .has_locker = has_spot,
        .has_compartment = has_spot,
        .compartment = delivery->spot.compartment,
        .has_compartment_use = has_spot,
        .compartment_use = to_use(delivery->spot.use),
        .has_collect_by = delivery->status == DELIVERY_READY,
        .collect_by_ms = delivery->deadline_ms,
    };
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", delivery->reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", delivery->spot.locker);
}

void delivery_to_response(const struct delivery *delivery,
                          struct msg_rpc_delivery_response *ret_msg)
{
    bool has_spot = delivery->spot.use != DELIVERY_USE_NONE;
    *ret_msg = (struct msg_rpc_delivery_response){
        .id = delivery->order.id,
        .rental_id = delivery->order.id,
        .product_id = delivery->order.product_id,
        .qty = delivery->order.qty,
        .fulfilment = to_fulfilment(delivery->order.fulfilment),
        .status = to_status(delivery->status),
        .has_reason = delivery->reason[0] != '\0',
        .version = delivery->version,
        .has_locker = has_spot,
        .has_compartment = has_spot,
        .compartment = delivery->spot.compartment,
        .has_compartment_use = has_spot,
        .compartment_use = to_use(delivery->spot.use),
        .has_collect_by = delivery->status == DELIVERY_READY,
        .collect_by_ms = delivery->deadline_ms,
        .updated_at_ms = delivery->updated_at_ms,
    };
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", delivery->reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", delivery->spot.locker);
}

/* Mapping between rows and messages. Any thread. */
#include "delivery/wire.h"

#include <stdio.h>

#include "kit/base/check.h"

static enum delivery_fulfilment fulfilment_from(enum msg_fulfilment fulfilment)
{
    switch (fulfilment) {
    case MSG_FULFILMENT_DIRECT:
        return DELIVERY_FULFILMENT_DIRECT;
    }
    CHECK(false && "the decoder lets no other value through");
    return DELIVERY_FULFILMENT_DIRECT;
}

static enum msg_fulfilment to_fulfilment(enum delivery_fulfilment fulfilment)
{
    switch (fulfilment) {
    case DELIVERY_FULFILMENT_DIRECT:
        return MSG_FULFILMENT_DIRECT;
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
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_DELIVERY_STATUS_REQUESTED;
}

struct delivery_order delivery_order_from_rental(const struct msg_event_rental *msg)
{
    return (struct delivery_order){
        .id = msg->id,
        .product_id = msg->product_id,
        .qty = msg->qty,
        .fulfilment = fulfilment_from(msg->fulfilment),
    };
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

void delivery_to_event(const struct delivery *delivery, struct msg_event_delivery *ret_msg)
{
    *ret_msg = (struct msg_event_delivery){
        .id = delivery->order.id,
        .rental_id = delivery->order.id,
        .product_id = delivery->order.product_id,
        .qty = delivery->order.qty,
        .fulfilment = to_fulfilment(delivery->order.fulfilment),
        .status = to_status(delivery->status),
        .has_reason = delivery->reason[0] != '\0',
        .version = delivery->version,
    };
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", delivery->reason);
}

void delivery_to_response(const struct delivery *delivery,
                          struct msg_rpc_delivery_response *ret_msg)
{
    *ret_msg = (struct msg_rpc_delivery_response){
        .id = delivery->order.id,
        .rental_id = delivery->order.id,
        .product_id = delivery->order.product_id,
        .qty = delivery->order.qty,
        .fulfilment = to_fulfilment(delivery->order.fulfilment),
        .status = to_status(delivery->status),
        .has_reason = delivery->reason[0] != '\0',
        .version = delivery->version,
        .updated_at_ms = delivery->updated_at_ms,
    };
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", delivery->reason);
}

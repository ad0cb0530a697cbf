/* Mapping between rows and messages. Any thread. */
#include "delivery/store/wire.h"

#include <stdio.h>

struct delivery_order delivery_order_from_rental(const struct msg_event_rental *msg)
{
    struct delivery_order order = {
        .id = msg->id,
        .product_id = msg->product_id,
        .qty = msg->qty,
        .fulfilment = msg->fulfilment,
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
        .fulfilment = msg->fulfilment,
    };
}

/* What the event and the answer both tell. They are of different types, and their members alike. */
#define COMMON_MEMBERS(delivery)                                                                   \
    .id = (delivery)->order.id, .rental_id = (delivery)->order.id,                                 \
    .product_id = (delivery)->order.product_id, .qty = (delivery)->order.qty,                      \
    .fulfilment = (delivery)->order.fulfilment, .status = (delivery)->status,                      \
    .has_reason = (delivery)->reason[0] != '\0', .version = (delivery)->version,                   \
    .has_locker = (delivery)->spot.use != DELIVERY_USE_NONE,                                       \
    .has_compartment = (delivery)->spot.use != DELIVERY_USE_NONE,                                  \
    .compartment = (delivery)->spot.compartment,                                                   \
    .has_compartment_use = (delivery)->spot.use != DELIVERY_USE_NONE,                              \
    .compartment_use = (delivery)->spot.use,                                                       \
    .has_collect_by = (delivery)->status == DELIVERY_STATUS_READY,                                 \
    .collect_by_ms = (delivery)->deadline_ms

void delivery_to_event(const struct delivery *delivery, struct msg_event_delivery *ret_msg)
{
    *ret_msg = (struct msg_event_delivery){ COMMON_MEMBERS(delivery) };
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", delivery->reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", delivery->spot.locker);
}

void delivery_to_response(const struct delivery *delivery,
                          struct msg_rpc_delivery_response *ret_msg)
{
    *ret_msg = (struct msg_rpc_delivery_response){ COMMON_MEMBERS(delivery),
                                                   .updated_at_ms = delivery->updated_at_ms };
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", delivery->reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", delivery->spot.locker);
}

/* Mapping between rows and messages. Any thread. */
#include "delivery/store/wire.h"

#include <stdio.h>

#include "kit/base/enum_map.h"

static const int FULFILMENTS[] = {
    [MSG_FULFILMENT_DIRECT] = DELIVERY_FULFILMENT_DIRECT,
    [MSG_FULFILMENT_LOCKER] = DELIVERY_FULFILMENT_LOCKER,
};
_Static_assert(KIT_COUNT(FULFILMENTS) == MSG_FULFILMENT_COUNT, "every one");

static const int STATUSES[] = {
    [MSG_DELIVERY_STATUS_REQUESTED] = DELIVERY_REQUESTED,
    [MSG_DELIVERY_STATUS_DELIVERED] = DELIVERY_DELIVERED,
    [MSG_DELIVERY_STATUS_CANCELED] = DELIVERY_CANCELED,
    [MSG_DELIVERY_STATUS_CANCELED_OUT_OF_STOCK] = DELIVERY_CANCELED_OUT_OF_STOCK,
    [MSG_DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT] = DELIVERY_CANCELED_UNREGISTERED_PRODUCT,
    [MSG_DELIVERY_STATUS_RESERVED] = DELIVERY_RESERVED,
    [MSG_DELIVERY_STATUS_PICKED] = DELIVERY_PICKED,
    [MSG_DELIVERY_STATUS_READY] = DELIVERY_READY,
    [MSG_DELIVERY_STATUS_RETURNING] = DELIVERY_RETURNING,
    [MSG_DELIVERY_STATUS_RETURNED] = DELIVERY_RETURNED,
    [MSG_DELIVERY_STATUS_EXPIRED] = DELIVERY_EXPIRED,
};
_Static_assert(KIT_COUNT(STATUSES) == MSG_DELIVERY_STATUS_COUNT, "every one");

static enum delivery_fulfilment fulfilment_from(enum msg_fulfilment fulfilment)
{
    return (enum delivery_fulfilment)KIT_ENUM_STORED(FULFILMENTS, fulfilment);
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

/* What the event and the answer both tell. They are of different types, and their members alike. */
#define COMMON_MEMBERS(delivery)                                                                   \
    .id = (delivery)->order.id, .rental_id = (delivery)->order.id,                                 \
    .product_id = (delivery)->order.product_id, .qty = (delivery)->order.qty,                      \
    .fulfilment = (enum msg_fulfilment)KIT_ENUM_TOLD(FULFILMENTS, (delivery)->order.fulfilment),   \
    .status = (enum msg_delivery_status)KIT_ENUM_TOLD(STATUSES, (delivery)->status),               \
    .has_reason = (delivery)->reason[0] != '\0', .version = (delivery)->version,                   \
    .has_locker = (delivery)->spot.use != DELIVERY_USE_NONE,                                       \
    .has_compartment = (delivery)->spot.use != DELIVERY_USE_NONE,                                  \
    .compartment = (delivery)->spot.compartment,                                                   \
    .has_compartment_use = (delivery)->spot.use != DELIVERY_USE_NONE,                              \
    .compartment_use = to_use((delivery)->spot.use),                                               \
    .has_collect_by = (delivery)->status == DELIVERY_READY,                                        \
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

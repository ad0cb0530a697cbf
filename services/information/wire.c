/* Mapping between messages and rows. Any thread. */
#include "information/wire.h"

#include <stdio.h>

#include "kit/base/check.h"

static enum information_rental_status rental_status_from(enum msg_rental_status status)
{
    switch (status) {
    case MSG_RENTAL_STATUS_ORDERED:
        return INFORMATION_RENTAL_ORDERED;
    case MSG_RENTAL_STATUS_DELIVERED:
        return INFORMATION_RENTAL_DELIVERED;
    case MSG_RENTAL_STATUS_CANCELED:
        return INFORMATION_RENTAL_CANCELED;
    case MSG_RENTAL_STATUS_CANCELED_OUT_OF_STOCK:
        return INFORMATION_RENTAL_CANCELED_OUT_OF_STOCK;
    case MSG_RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT:
        return INFORMATION_RENTAL_CANCELED_UNREGISTERED_PRODUCT;
    case MSG_RENTAL_STATUS_RESERVED:
        return INFORMATION_RENTAL_RESERVED;
    case MSG_RENTAL_STATUS_PICKED:
        return INFORMATION_RENTAL_PICKED;
    case MSG_RENTAL_STATUS_READY:
        return INFORMATION_RENTAL_READY;
    case MSG_RENTAL_STATUS_RETURNED:
        return INFORMATION_RENTAL_RETURNED;
    case MSG_RENTAL_STATUS_EXPIRED:
        return INFORMATION_RENTAL_EXPIRED;
    }
    CHECK(false && "the decoder lets no other value through");
    return INFORMATION_RENTAL_ORDERED;
}

static enum msg_rental_status to_rental_status(enum information_rental_status status)
{
    switch (status) {
    case INFORMATION_RENTAL_ORDERED:
        return MSG_RENTAL_STATUS_ORDERED;
    case INFORMATION_RENTAL_DELIVERED:
        return MSG_RENTAL_STATUS_DELIVERED;
    case INFORMATION_RENTAL_CANCELED:
        return MSG_RENTAL_STATUS_CANCELED;
    case INFORMATION_RENTAL_CANCELED_OUT_OF_STOCK:
        return MSG_RENTAL_STATUS_CANCELED_OUT_OF_STOCK;
    case INFORMATION_RENTAL_CANCELED_UNREGISTERED_PRODUCT:
        return MSG_RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT;
    case INFORMATION_RENTAL_RESERVED:
        return MSG_RENTAL_STATUS_RESERVED;
    case INFORMATION_RENTAL_PICKED:
        return MSG_RENTAL_STATUS_PICKED;
    case INFORMATION_RENTAL_READY:
        return MSG_RENTAL_STATUS_READY;
    case INFORMATION_RENTAL_RETURNED:
        return MSG_RENTAL_STATUS_RETURNED;
    case INFORMATION_RENTAL_EXPIRED:
        return MSG_RENTAL_STATUS_EXPIRED;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_RENTAL_STATUS_ORDERED;
}

static enum information_delivery_status delivery_status_from(enum msg_delivery_status status)
{
    switch (status) {
    case MSG_DELIVERY_STATUS_REQUESTED:
        return INFORMATION_DELIVERY_REQUESTED;
    case MSG_DELIVERY_STATUS_DELIVERED:
        return INFORMATION_DELIVERY_DELIVERED;
    case MSG_DELIVERY_STATUS_CANCELED:
        return INFORMATION_DELIVERY_CANCELED;
    case MSG_DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:
        return INFORMATION_DELIVERY_CANCELED_OUT_OF_STOCK;
    case MSG_DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT:
        return INFORMATION_DELIVERY_CANCELED_UNREGISTERED_PRODUCT;
    case MSG_DELIVERY_STATUS_RESERVED:
        return INFORMATION_DELIVERY_RESERVED;
    case MSG_DELIVERY_STATUS_PICKED:
        return INFORMATION_DELIVERY_PICKED;
    case MSG_DELIVERY_STATUS_READY:
        return INFORMATION_DELIVERY_READY;
    case MSG_DELIVERY_STATUS_RETURNING:
        return INFORMATION_DELIVERY_RETURNING;
    case MSG_DELIVERY_STATUS_RETURNED:
        return INFORMATION_DELIVERY_RETURNED;
    case MSG_DELIVERY_STATUS_EXPIRED:
        return INFORMATION_DELIVERY_EXPIRED;
    }
    CHECK(false && "the decoder lets no other value through");
    return INFORMATION_DELIVERY_REQUESTED;
}

static enum msg_delivery_status to_delivery_status(enum information_delivery_status status)
{
    switch (status) {
    case INFORMATION_DELIVERY_REQUESTED:
        return MSG_DELIVERY_STATUS_REQUESTED;
    case INFORMATION_DELIVERY_DELIVERED:
        return MSG_DELIVERY_STATUS_DELIVERED;
    case INFORMATION_DELIVERY_CANCELED:
        return MSG_DELIVERY_STATUS_CANCELED;
    case INFORMATION_DELIVERY_CANCELED_OUT_OF_STOCK:
        return MSG_DELIVERY_STATUS_CANCELED_OUT_OF_STOCK;
    case INFORMATION_DELIVERY_CANCELED_UNREGISTERED_PRODUCT:
        return MSG_DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT;
    case INFORMATION_DELIVERY_RESERVED:
        return MSG_DELIVERY_STATUS_RESERVED;
    case INFORMATION_DELIVERY_PICKED:
        return MSG_DELIVERY_STATUS_PICKED;
    case INFORMATION_DELIVERY_READY:
        return MSG_DELIVERY_STATUS_READY;
    case INFORMATION_DELIVERY_RETURNING:
        return MSG_DELIVERY_STATUS_RETURNING;
    case INFORMATION_DELIVERY_RETURNED:
        return MSG_DELIVERY_STATUS_RETURNED;
    case INFORMATION_DELIVERY_EXPIRED:
        return MSG_DELIVERY_STATUS_EXPIRED;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_DELIVERY_STATUS_REQUESTED;
}

void information_rental_from(const struct msg_event_rental *msg,
                             struct information_rental *ret_part)
{
    *ret_part = (struct information_rental){
        .version = msg->version,
        .product_id = msg->product_id,
        .qty = msg->qty,
        .status = rental_status_from(msg->status),
        .ordered_at_ms = msg->ordered_at_ms,
    };
    if (msg->has_product_name)
        (void)snprintf(ret_part->product_name, sizeof(ret_part->product_name), "%s",
                       msg->product_name);
    if (msg->has_reason)
        (void)snprintf(ret_part->reason, sizeof(ret_part->reason), "%s", msg->reason);
}

void information_delivery_from(const struct msg_event_delivery *msg,
                               struct information_delivery *ret_part)
{
    *ret_part = (struct information_delivery){
        .version = msg->version,
        .status = delivery_status_from(msg->status),
        .compartment = msg->has_compartment ? msg->compartment : 0,
        .collect_by_ms = msg->has_collect_by ? msg->collect_by_ms : 0,
    };
    if (msg->has_locker)
        (void)snprintf(ret_part->locker, sizeof(ret_part->locker), "%s", msg->locker);
    if (msg->has_reason)
        (void)snprintf(ret_part->reason, sizeof(ret_part->reason), "%s", msg->reason);
}

void information_to_response(const struct information_order *order,
                             struct msg_rpc_order_response *ret_msg)
{
    PRE(information_is_shown(order));
    const struct information_rental *rental = &order->rental;
    const char *reason = information_reason(order);

    *ret_msg = (struct msg_rpc_order_response){
        .id = order->id,
        .rental_id = order->id,
        .product_id = rental->product_id,
        .has_product_name = rental->product_name[0] != '\0',
        .rental_qty = rental->qty,
        .rental_status = to_rental_status(rental->status),
        .has_delivery_status = order->delivery.version > 0,
        .has_reason = reason[0] != '\0',
        .has_locker = order->delivery.locker[0] != '\0',
        .has_compartment = order->delivery.compartment > 0,
        .compartment = order->delivery.compartment,
        .has_collect_by = order->delivery.collect_by_ms > 0,
        .collect_by_ms = order->delivery.collect_by_ms,
        .ordered_at_ms = rental->ordered_at_ms,
        .updated_at_ms = order->updated_at_ms,
    };
    if (ret_msg->has_delivery_status)
        ret_msg->delivery_status = to_delivery_status(order->delivery.status);
    (void)snprintf(ret_msg->product_name, sizeof(ret_msg->product_name), "%s",
                   rental->product_name);
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", order->delivery.locker);
}

/* Mapping between rows and messages. Any thread. */
#include "rental/wire.h"

#include <stdio.h>

#include "kit/base/check.h"

static enum rental_fulfilment fulfilment_from(enum msg_fulfilment fulfilment)
{
    switch (fulfilment) {
    case MSG_FULFILMENT_DIRECT:
        return RENTAL_FULFILMENT_DIRECT;
    case MSG_FULFILMENT_LOCKER:
        return RENTAL_FULFILMENT_LOCKER;
    }
    CHECK(false && "the decoder lets no other value through");
    return RENTAL_FULFILMENT_DIRECT;
}

enum msg_fulfilment rental_to_fulfilment(enum rental_fulfilment fulfilment)
{
    switch (fulfilment) {
    case RENTAL_FULFILMENT_DIRECT:
        return MSG_FULFILMENT_DIRECT;
    case RENTAL_FULFILMENT_LOCKER:
        return MSG_FULFILMENT_LOCKER;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_FULFILMENT_DIRECT;
}

static enum msg_rental_status to_status(enum rental_status status)
{
    switch (status) {
    case RENTAL_ORDERED:
        return MSG_RENTAL_STATUS_ORDERED;
    case RENTAL_DELIVERED:
        return MSG_RENTAL_STATUS_DELIVERED;
    case RENTAL_CANCELED:
        return MSG_RENTAL_STATUS_CANCELED;
    case RENTAL_CANCELED_OUT_OF_STOCK:
        return MSG_RENTAL_STATUS_CANCELED_OUT_OF_STOCK;
    case RENTAL_CANCELED_UNREGISTERED_PRODUCT:
        return MSG_RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT;
    case RENTAL_RESERVED:
        return MSG_RENTAL_STATUS_RESERVED;
    case RENTAL_PICKED:
        return MSG_RENTAL_STATUS_PICKED;
    case RENTAL_READY:
        return MSG_RENTAL_STATUS_READY;
    case RENTAL_RETURNED:
        return MSG_RENTAL_STATUS_RETURNED;
    case RENTAL_EXPIRED:
        return MSG_RENTAL_STATUS_EXPIRED;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_RENTAL_STATUS_ORDERED;
}

enum rental_news_kind rental_news_kind_from(enum msg_delivery_status status)
{
    switch (status) {
    case MSG_DELIVERY_STATUS_REQUESTED:
        return RENTAL_NEWS_REQUESTED;
    case MSG_DELIVERY_STATUS_DELIVERED:
        return RENTAL_NEWS_DELIVERED;
    case MSG_DELIVERY_STATUS_CANCELED:
        return RENTAL_NEWS_CANCELED;
    case MSG_DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:
        return RENTAL_NEWS_OUT_OF_STOCK;
    case MSG_DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT:
        return RENTAL_NEWS_UNREGISTERED_PRODUCT;
    case MSG_DELIVERY_STATUS_RESERVED:
        return RENTAL_NEWS_RESERVED;
    case MSG_DELIVERY_STATUS_PICKED:
        return RENTAL_NEWS_PICKED;
    case MSG_DELIVERY_STATUS_READY:
        return RENTAL_NEWS_READY;
    case MSG_DELIVERY_STATUS_RETURNING:
        return RENTAL_NEWS_RETURNING;
    case MSG_DELIVERY_STATUS_RETURNED:
        return RENTAL_NEWS_RETURNED;
    case MSG_DELIVERY_STATUS_EXPIRED:
        return RENTAL_NEWS_EXPIRED;
    }
    CHECK(false && "the decoder lets no other value through");
    return RENTAL_NEWS_REQUESTED;
}

void rental_from_order(const struct msg_rpc_rental_create_request *msg, int64_t now_ms,
                       struct rental *ret_rental)
{
    *ret_rental = (struct rental){
        .product_id = msg->product_id,
        .qty = msg->qty,
        .fulfilment = fulfilment_from(msg->fulfilment),
        .status = RENTAL_ORDERED,
        .version = 1,
        .ordered_at_ms = now_ms,
        .updated_at_ms = now_ms,
    };
    if (msg->has_product_name)
        (void)snprintf(ret_rental->product_name, sizeof(ret_rental->product_name), "%s",
                       msg->product_name);
    if (msg->has_locker)
        (void)snprintf(ret_rental->locker, sizeof(ret_rental->locker), "%s", msg->locker);
}

void rental_to_event(const struct rental *rental, struct msg_event_rental *ret_msg)
{
    *ret_msg = (struct msg_event_rental){
        .id = rental->id,
        .product_id = rental->product_id,
        .has_product_name = rental->product_name[0] != '\0',
        .qty = rental->qty,
        .fulfilment = rental_to_fulfilment(rental->fulfilment),
        .status = to_status(rental->status),
        .has_reason = rental->reason[0] != '\0',
        .has_locker = rental->locker[0] != '\0',
        .version = rental->version,
        .ordered_at_ms = rental->ordered_at_ms,
    };
    (void)snprintf(ret_msg->product_name, sizeof(ret_msg->product_name), "%s",
                   rental->product_name);
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", rental->reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", rental->locker);
}

void rental_to_response(const struct rental *rental, struct msg_rpc_rental_response *ret_msg)
{
    *ret_msg = (struct msg_rpc_rental_response){
        .id = rental->id,
        .product_id = rental->product_id,
        .has_product_name = rental->product_name[0] != '\0',
        .qty = rental->qty,
        .fulfilment = rental_to_fulfilment(rental->fulfilment),
        .status = to_status(rental->status),
        .has_reason = rental->reason[0] != '\0',
        .has_locker = rental->locker[0] != '\0',
        .version = rental->version,
        .ordered_at_ms = rental->ordered_at_ms,
        .updated_at_ms = rental->updated_at_ms,
    };
    (void)snprintf(ret_msg->product_name, sizeof(ret_msg->product_name), "%s",
                   rental->product_name);
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", rental->reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", rental->locker);
}

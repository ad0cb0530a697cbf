/* Mapping between rows and messages. Any thread. */
#include "rental/wire.h"

#include <stdio.h>

#include "kit/base/enum_map.h"

static const int FULFILMENTS[] = {
    [MSG_FULFILMENT_DIRECT] = RENTAL_FULFILMENT_DIRECT,
    [MSG_FULFILMENT_LOCKER] = RENTAL_FULFILMENT_LOCKER,
};
_Static_assert(KIT_COUNT(FULFILMENTS) == MSG_FULFILMENT_COUNT, "every one");

static const int STATUSES[] = {
    [MSG_RENTAL_STATUS_ORDERED] = RENTAL_ORDERED,
    [MSG_RENTAL_STATUS_DELIVERED] = RENTAL_DELIVERED,
    [MSG_RENTAL_STATUS_CANCELED] = RENTAL_CANCELED,
    [MSG_RENTAL_STATUS_CANCELED_OUT_OF_STOCK] = RENTAL_CANCELED_OUT_OF_STOCK,
    [MSG_RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT] = RENTAL_CANCELED_UNREGISTERED_PRODUCT,
    [MSG_RENTAL_STATUS_RESERVED] = RENTAL_RESERVED,
    [MSG_RENTAL_STATUS_PICKED] = RENTAL_PICKED,
    [MSG_RENTAL_STATUS_READY] = RENTAL_READY,
    [MSG_RENTAL_STATUS_RETURNED] = RENTAL_RETURNED,
    [MSG_RENTAL_STATUS_EXPIRED] = RENTAL_EXPIRED,
};
_Static_assert(KIT_COUNT(STATUSES) == MSG_RENTAL_STATUS_COUNT, "every one");

enum msg_fulfilment rental_to_fulfilment(enum rental_fulfilment fulfilment)
{
    return (enum msg_fulfilment)KIT_ENUM_TOLD(FULFILMENTS, fulfilment);
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
        .fulfilment = (enum rental_fulfilment)KIT_ENUM_STORED(FULFILMENTS, msg->fulfilment),
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

/* What the event and the answer both tell. They are of different types, and their members alike. */
#define COMMON_MEMBERS(rental)                                                                     \
    .id = (rental)->id, .product_id = (rental)->product_id,                                        \
    .has_product_name = (rental)->product_name[0] != '\0', .qty = (rental)->qty,                   \
    .fulfilment = rental_to_fulfilment((rental)->fulfilment),                                      \
    .status = (enum msg_rental_status)KIT_ENUM_TOLD(STATUSES, (rental)->status),                   \
    .has_reason = (rental)->reason[0] != '\0', .has_locker = (rental)->locker[0] != '\0',          \
    .version = (rental)->version, .ordered_at_ms = (rental)->ordered_at_ms

void rental_to_event(const struct rental *rental, struct msg_event_rental *ret_msg)
{
    *ret_msg = (struct msg_event_rental){ COMMON_MEMBERS(rental) };
    (void)snprintf(ret_msg->product_name, sizeof(ret_msg->product_name), "%s",
                   rental->product_name);
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", rental->reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", rental->locker);
}

void rental_to_response(const struct rental *rental, struct msg_rpc_rental_response *ret_msg)
{
    *ret_msg = (struct msg_rpc_rental_response){ COMMON_MEMBERS(rental),
                                                 .updated_at_ms = rental->updated_at_ms };
    (void)snprintf(ret_msg->product_name, sizeof(ret_msg->product_name), "%s",
                   rental->product_name);
    (void)snprintf(ret_msg->reason, sizeof(ret_msg->reason), "%s", rental->reason);
    (void)snprintf(ret_msg->locker, sizeof(ret_msg->locker), "%s", rental->locker);
}

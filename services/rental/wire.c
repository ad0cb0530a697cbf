/* Mapping between rows and messages. Any thread. */
#include "rental/wire.h"

#include <stdio.h>

void rental_from_order(const struct msg_rpc_rental_create_request *msg, int64_t now_ms,
                       struct rental *ret_rental)
{
    *ret_rental = (struct rental){
        .product_id = msg->product_id,
        .qty = msg->qty,
        .fulfilment = msg->fulfilment,
        .status = RENTAL_STATUS_ORDERED,
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
    .fulfilment = (rental)->fulfilment, .status = (rental)->status,                                \
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

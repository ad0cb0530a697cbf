/* Mapping between rows and messages. Any thread. */
#include "delivery/store/wire.h"

#include "kit/base/text.h"

struct delivery_order delivery_order_from_rental(const struct msg_rental *msg)
{
    struct delivery_order order = {
        .id = msg->id,
        .product_id = msg->product_id,
        .qty = msg->qty,
        .fulfilment = msg->fulfilment,
        .account = msg->has_account ? msg->account : 0,
        .ordered_at_ms = msg->ordered_at_ms,
    };
    if (msg->has_locker)
        kit_text_copy(order.wished_locker, sizeof(order.wished_locker), msg->locker);
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

void delivery_to_message(const struct delivery *delivery, int64_t version_base,
                         struct msg_delivery *ret_msg)
{
    const struct delivery_order *order = &delivery->order;
    const struct delivery_spot *spot = &delivery->spot;
    const bool has_spot = spot->use != DELIVERY_USE_NONE;

    *ret_msg = (struct msg_delivery){
        .id = order->id,
        .rental_id = order->id,
        .product_id = order->product_id,
        .qty = order->qty,
        .fulfilment = order->fulfilment,
        .status = delivery->status,
        .has_reason = delivery->reason[0] != '\0',
        .version = version_base + delivery->version,
        .has_locker = has_spot,
        .has_compartment = has_spot,
        .compartment = spot->compartment,
        .has_compartment_use = has_spot,
        .compartment_use = spot->use,
        .has_collect_by = delivery->status == DELIVERY_STATUS_READY,
        .collect_by_ms = delivery->deadline_ms,
        .has_account = order->account > 0,
        .account = order->account,
    };
    kit_text_copy(ret_msg->reason, sizeof(ret_msg->reason), delivery->reason);
    kit_text_copy(ret_msg->locker, sizeof(ret_msg->locker), spot->locker);
}

void delivery_to_response(const struct delivery *delivery, int64_t version_base,
                          struct msg_rpc_delivery_response *ret_msg)
{
    delivery_to_message(delivery, version_base, &ret_msg->delivery);
    ret_msg->updated_at_ms = delivery->updated_at_ms;
}

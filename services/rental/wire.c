/* Mapping between rows and messages. Any thread. */
#include "rental/wire.h"

#include "kit/base/text.h"

void rental_complete_order(struct msg_rpc_rental_create_request *msg)
{
    if (!msg->has_fulfilment)
        msg->fulfilment = FULFILMENT_DIRECT;
    msg->has_fulfilment = true;
}

void rental_from_order(const struct msg_rpc_rental_create_request *msg, struct rental *ret_rental)
{
    const struct msg_rental_create *order = &msg->rental_create;

    *ret_rental = (struct rental){
        .product_id = msg->product_id,
        .qty = msg->qty,
        .fulfilment = msg->fulfilment,
    };
    if (order->has_product_name)
        kit_text_copy(ret_rental->product_name, sizeof(ret_rental->product_name),
                      order->product_name);
    if (order->has_locker)
        kit_text_copy(ret_rental->locker, sizeof(ret_rental->locker), order->locker);
}

void rental_to_message(const struct rental *rental, int64_t version_base,
                       struct msg_rental *ret_msg)
{
    *ret_msg = (struct msg_rental){
        .id = rental->id,
        .product_id = rental->product_id,
        .has_product_name = rental->product_name[0] != '\0',
        .qty = rental->qty,
        .fulfilment = rental->fulfilment,
        .status = rental->status,
        .has_reason = rental->reason[0] != '\0',
        .version = version_base + rental->version,
        .ordered_at_ms = rental->ordered_at_ms,
        .has_locker = rental->locker[0] != '\0',
        .has_account = rental->account > 0,
        .account = rental->account,
    };
    kit_text_copy(ret_msg->product_name, sizeof(ret_msg->product_name), rental->product_name);
    kit_text_copy(ret_msg->reason, sizeof(ret_msg->reason), rental->reason);
    kit_text_copy(ret_msg->locker, sizeof(ret_msg->locker), rental->locker);
}

void rental_to_response(const struct rental *rental, int64_t version_base,
                        struct msg_rpc_rental_response *ret_msg)
{
    rental_to_message(rental, version_base, &ret_msg->rental);
    ret_msg->updated_at_ms = rental->updated_at_ms;
}

struct rental_news rental_news_from(const struct msg_delivery *delivery)
{
    return (struct rental_news){
        .kind = delivery->status,
        .version = delivery->version,
        .reason = delivery->has_reason ? delivery->reason : "",
    };
}

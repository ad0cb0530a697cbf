/* Mapping between messages and rows. Any thread. */
#include "information/wire.h"

#include "kit/base/check.h"
#include "kit/base/text.h"

void information_rental_from(const struct msg_rental *msg, struct information_rental *ret_part)
{
    *ret_part = (struct information_rental){
        .version = msg->version,
        .product_id = msg->product_id,
        .qty = msg->qty,
        .status = msg->status,
        .ordered_at_ms = msg->ordered_at_ms,
        .account = msg->has_account ? msg->account : 0,
    };
    if (msg->has_product_name)
        kit_text_copy(ret_part->product_name, sizeof(ret_part->product_name), msg->product_name);
    if (msg->has_reason)
        kit_text_copy(ret_part->reason, sizeof(ret_part->reason), msg->reason);
}

void information_delivery_from(const struct msg_delivery *msg,
                               struct information_delivery *ret_part)
{
    *ret_part = (struct information_delivery){
        .version = msg->version,
        .status = msg->status,
        .compartment = msg->has_compartment ? msg->compartment : 0,
        .collect_by_ms = msg->has_collect_by ? msg->collect_by_ms : 0,
    };
    if (msg->has_locker)
        kit_text_copy(ret_part->locker, sizeof(ret_part->locker), msg->locker);
    if (msg->has_reason)
        kit_text_copy(ret_part->reason, sizeof(ret_part->reason), msg->reason);
}

void information_to_message(const struct information_order *order, struct msg_order *ret_msg)
{
    PRE(information_is_shown(order));
    const struct information_rental *rental = &order->rental;
    const char *reason = information_reason(order);

    *ret_msg = (struct msg_order){
        .id = order->id,
        .rental_id = order->id,
        .product_id = rental->product_id,
        .has_product_name = rental->product_name[0] != '\0',
        .rental_qty = rental->qty,
        .rental_status = rental->status,
        .has_delivery_status = order->delivery.version > 0,
        .has_reason = reason[0] != '\0',
        .has_locker = order->delivery.locker[0] != '\0',
        .has_compartment = order->delivery.compartment > 0,
        .compartment = order->delivery.compartment,
        .has_collect_by = order->delivery.collect_by_ms > 0,
        .collect_by_ms = order->delivery.collect_by_ms,
        .ordered_at_ms = rental->ordered_at_ms,
        .updated_at_ms = order->updated_at_ms,
        .has_account = rental->account > 0,
        .account = rental->account,
    };
    if (ret_msg->has_delivery_status)
        ret_msg->delivery_status = order->delivery.status;
    kit_text_copy(ret_msg->product_name, sizeof(ret_msg->product_name), rental->product_name);
    kit_text_copy(ret_msg->reason, sizeof(ret_msg->reason), reason);
    kit_text_copy(ret_msg->locker, sizeof(ret_msg->locker), order->delivery.locker);
}

void information_step_from_door(const struct msg_event_door *msg, struct information_step *ret_step)
{
    PRE(msg->has_delivery_id);
    *ret_step = (struct information_step){
        .id = msg->delivery_id,
        .at_ms = msg->at_ms,
        .type = STORY_TYPE_DOOR_REPORTED,
        .status = msg->what,
        .compartment = msg->has_compartment ? msg->compartment : 0,
        .opener = msg->has_by ? (int64_t)msg->by : 0,
    };
    kit_text_copy(ret_step->locker, sizeof(ret_step->locker), msg->locker);
    if (msg->has_refusal)
        kit_text_copy(ret_step->reason, sizeof(ret_step->reason),
                      device_refusal_text(msg->refusal));
}

/* Who said a step of that type, and what its status is called; "": it has none. */
static enum story_source source_of(const struct information_step *step, const char **ret_status)
{
    *ret_status = "";
    switch (step->type) {
    case STORY_TYPE_RENTAL_ORDERED:
    case STORY_TYPE_RENTAL_UPDATED:
    case STORY_TYPE_RENTAL_CANCELED:
        *ret_status = rental_status_text((enum rental_status)step->status);
        return STORY_SOURCE_RENTAL;
    case STORY_TYPE_DELIVERY_REQUESTED:
    case STORY_TYPE_DELIVERY_UPDATED:
        *ret_status = delivery_status_text((enum delivery_status)step->status);
        return STORY_SOURCE_DELIVERY;
    case STORY_TYPE_DOOR_REPORTED:
        *ret_status = door_report_text((enum door_report)step->status);
        return STORY_SOURCE_DELIVERY;
    case STORY_TYPE_STOCK_RESERVED:
    case STORY_TYPE_STOCK_REJECTED:
    case STORY_TYPE_STOCK_PICKED:
    case STORY_TYPE_COMPARTMENT_REQUESTED:
    case STORY_TYPE_STOCK_HANDED_OVER:
    case STORY_TYPE_STOCK_RETURNED:
    case STORY_TYPE_STOCK_RELEASED:
        return STORY_SOURCE_STOCK;
    }
    UNREACHABLE("type is one of the enum");
}

void information_step_to_message(const struct information_step *step,
                                 struct msg_story_step *ret_msg)
{
    const char *status;
    *ret_msg = (struct msg_story_step){
        .at_ms = step->at_ms,
        .source = source_of(step, &status),
        .type = step->type,
        .has_status = status[0] != '\0',
        .has_reason = step->reason[0] != '\0',
        .has_locker = step->locker[0] != '\0',
        .has_compartment = step->compartment > 0,
        .compartment = step->compartment,
        .has_by = step->opener > 0,
        .has_actor = step->actor[0] != '\0',
    };
    if (ret_msg->has_by)
        ret_msg->by = (enum door_opener)step->opener;
    kit_text_copy(ret_msg->status, sizeof(ret_msg->status), status);
    kit_text_copy(ret_msg->reason, sizeof(ret_msg->reason), step->reason);
    kit_text_copy(ret_msg->locker, sizeof(ret_msg->locker), step->locker);
    kit_text_copy(ret_msg->actor, sizeof(ret_msg->actor), step->actor);
}

/* The merges of information. Pure: no I/O, no clock, no allocation. Any thread. */
#include "information/domain.h"

#include "kit/base/check.h"

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool has_ended(enum rental_status status)
{
    switch (status) {
    case RENTAL_STATUS_CANCELED:
    case RENTAL_STATUS_CANCELED_OUT_OF_STOCK:
    case RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT:
    case RENTAL_STATUS_RETURNED:
    case RENTAL_STATUS_EXPIRED:
        return true;
    case RENTAL_STATUS_ORDERED:
    case RENTAL_STATUS_RESERVED:
    case RENTAL_STATUS_PICKED:
    case RENTAL_STATUS_READY:
    case RENTAL_STATUS_DELIVERED:
        return false;
    }
    UNREACHABLE("a status of rentals");
}

static enum order_state state_of_rental(enum rental_status status)
{
    static const enum order_state STATES[RENTAL_STATUS_MAX + 1] = {
        [RENTAL_STATUS_ORDERED] = ORDER_STATE_ORDERED,
        [RENTAL_STATUS_DELIVERED] = ORDER_STATE_DELIVERED,
        [RENTAL_STATUS_CANCELED] = ORDER_STATE_CANCELED,
        [RENTAL_STATUS_CANCELED_OUT_OF_STOCK] = ORDER_STATE_CANCELED_OUT_OF_STOCK,
        [RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT] = ORDER_STATE_CANCELED_UNREGISTERED_PRODUCT,
        [RENTAL_STATUS_RESERVED] = ORDER_STATE_RESERVED,
        [RENTAL_STATUS_PICKED] = ORDER_STATE_PICKED,
        [RENTAL_STATUS_READY] = ORDER_STATE_READY,
        [RENTAL_STATUS_RETURNED] = ORDER_STATE_RETURNED,
        [RENTAL_STATUS_EXPIRED] = ORDER_STATE_EXPIRED,
    };
    return STATES[status];
}

static enum order_state state_of_delivery(enum delivery_status status)
{
    static const enum order_state STATES[DELIVERY_STATUS_MAX + 1] = {
        [DELIVERY_STATUS_REQUESTED] = ORDER_STATE_ORDERED,
        [DELIVERY_STATUS_DELIVERED] = ORDER_STATE_DELIVERED,
        [DELIVERY_STATUS_CANCELED] = ORDER_STATE_CANCELED,
        [DELIVERY_STATUS_CANCELED_OUT_OF_STOCK] = ORDER_STATE_CANCELED_OUT_OF_STOCK,
        [DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT] = ORDER_STATE_CANCELED_UNREGISTERED_PRODUCT,
        [DELIVERY_STATUS_RESERVED] = ORDER_STATE_RESERVED,
        [DELIVERY_STATUS_PICKED] = ORDER_STATE_PICKED,
        [DELIVERY_STATUS_READY] = ORDER_STATE_READY,
        [DELIVERY_STATUS_RETURNING] = ORDER_STATE_RETURNING,
        [DELIVERY_STATUS_RETURNED] = ORDER_STATE_RETURNED,
        [DELIVERY_STATUS_EXPIRED] = ORDER_STATE_EXPIRED,
    };
    return STATES[status];
}

static enum order_state state_of(const struct information_order *order)
{
    const struct information_delivery *delivery = &order->delivery;

    if (!information_is_shown(order))
        return 0;
    if (delivery->version == 0 || delivery->status == DELIVERY_STATUS_REQUESTED ||
        has_ended(order->rental.status))
        return state_of_rental(order->rental.status);
    return state_of_delivery(delivery->status);
}

bool information_merge_rental(struct information_order *order,
                              const struct information_rental *part, int64_t time_ms)
{
    PRE(part->version >= 1);
    if (part->version <= order->rental.version)
        return false;
    order->rental = *part;
    order->updated_at_ms = later_of(order->updated_at_ms, time_ms);
    order->state = state_of(order);
    return true;
}

bool information_merge_delivery(struct information_order *order,
                                const struct information_delivery *part, int64_t time_ms)
{
    PRE(part->version >= 1);
    if (part->version <= order->delivery.version)
        return false;
    order->delivery = *part;
    order->updated_at_ms = later_of(order->updated_at_ms, time_ms);
    order->state = state_of(order);
    return true;
}

bool information_is_same_order(const struct information_order *order,
                               const struct information_rental *part)
{
    const struct information_rental *known = &order->rental;
    return known->version == 0 ||
           (known->product_id.v == part->product_id.v && known->qty == part->qty);
}

bool information_is_shown(const struct information_order *order)
{
    return order->rental.version > 0;
}

const char *information_reason(const struct information_order *order)
{
    return order->delivery.version > 0 ? order->delivery.reason : order->rental.reason;
}

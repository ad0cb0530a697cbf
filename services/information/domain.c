/* The merges of information. Pure: no I/O, no clock, no allocation. Any thread. */
#include "information/domain.h"

#include "kit/base/check.h"

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool information_merge_rental(struct information_order *order,
                              const struct information_rental *part, int64_t time_ms)
{
    PRE(part->version >= 1);
    if (part->version <= order->rental.version)
        return false;
    order->rental = *part;
    order->updated_at_ms = later_of(order->updated_at_ms, time_ms);
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
    return true;
}

bool information_is_shown(const struct information_order *order)
{
    return order->rental.version > 0;
}

const char *information_reason(const struct information_order *order)
{
    return order->delivery.version > 0 ? order->delivery.reason : order->rental.reason;
}

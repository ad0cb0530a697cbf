/* The decisions of delivery. Pure: no I/O, no clock, no allocation. Any thread. */
#include "delivery/domain.h"

#include <stddef.h>

#include "kit/base/check.h"

/* Rows: from. Columns: to. Everything that is not here is refused. */
static const bool ALLOWED_MOVES[DELIVERY_STATUS_MAX + 1][DELIVERY_STATUS_MAX + 1] = {
    [DELIVERY_REQUESTED][DELIVERY_DELIVERED] = true,
    [DELIVERY_REQUESTED][DELIVERY_CANCELED] = true,
    [DELIVERY_REQUESTED][DELIVERY_CANCELED_OUT_OF_STOCK] = true,
    [DELIVERY_REQUESTED][DELIVERY_CANCELED_UNREGISTERED_PRODUCT] = true,
    [DELIVERY_DELIVERED][DELIVERY_CANCELED] = true,
};

bool delivery_may_move(enum delivery_status from, enum delivery_status to)
{
    PRE(from >= DELIVERY_REQUESTED && (int)from <= DELIVERY_STATUS_MAX);
    PRE(to >= DELIVERY_REQUESTED && (int)to <= DELIVERY_STATUS_MAX);
    return ALLOWED_MOVES[from][to];
}

static enum delivery_status status_after(enum delivery_incident incident)
{
    switch (incident) {
    case DELIVERY_INCIDENT_RESERVED:
        return DELIVERY_DELIVERED;
    case DELIVERY_INCIDENT_OUT_OF_STOCK:
        return DELIVERY_CANCELED_OUT_OF_STOCK;
    case DELIVERY_INCIDENT_UNREGISTERED_PRODUCT:
        return DELIVERY_CANCELED_UNREGISTERED_PRODUCT;
    case DELIVERY_INCIDENT_CANCEL:
        return DELIVERY_CANCELED;
    }
    CHECK(false && "incident is one of the enum");
    return DELIVERY_CANCELED;
}

/* Story (rules 5.2), the cancel arrives while stock decides:
 *   1. DeliveryRequested is out.
 *   2. The cancel moves the delivery to CANCELED.
 *   3a. Stock has reserved before it saw that: RESERVED finds CANCELED and has no move. Stock then
 *       sees DeliveryUpdated and releases.
 *   3b. Stock has rejected: no move either; there is nothing to release.
 * Story (rules 5.3): a second answer finds DELIVERED or a canceled state and has no move. */
enum delivery_decision delivery_decide(const struct delivery *delivery,
                                       enum delivery_incident incident, const char *reason,
                                       int64_t now_ms, struct delivery_change *ret_change)
{
    enum delivery_status to = status_after(incident);
    if (!delivery_may_move(delivery->status, to))
        return DELIVERY_UNCHANGED;

    *ret_change = (struct delivery_change){ .to = to, .reason = reason, .at_ms = now_ms };
    return DELIVERY_MOVED;
}

const char *delivery_order_difference(const struct delivery_order *kept,
                                      const struct delivery_order *given)
{
    PRE(kept->id.v == given->id.v);
    if (kept->product_id.v != given->product_id.v)
        return "/productId";
    if (kept->qty != given->qty)
        return "/qty";
    if (kept->fulfilment != given->fulfilment)
        return "/fulfilment";
    return NULL;
}

/* The decisions of delivery. Pure: no I/O, no clock, no allocation. Any thread. */
#include "delivery/domain/delivery.h"

#include <stddef.h>
#include <string.h>

#include "kit/base/check.h"

/* Rows: from. Columns: to. Everything that is not here is refused. */
static const bool ALLOWED_MOVES[DELIVERY_STATUS_MAX + 1][DELIVERY_STATUS_MAX + 1] = {
    [DELIVERY_STATUS_REQUESTED] = { [DELIVERY_STATUS_DELIVERED] = true,
                                    [DELIVERY_STATUS_RESERVED] = true,
                                    [DELIVERY_STATUS_CANCELED] = true,
                                    [DELIVERY_STATUS_CANCELED_OUT_OF_STOCK] = true,
                                    [DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT] = true },
    [DELIVERY_STATUS_RESERVED] = { [DELIVERY_STATUS_PICKED] = true,
                                   [DELIVERY_STATUS_CANCELED] = true },
    [DELIVERY_STATUS_PICKED] = { [DELIVERY_STATUS_READY] = true,
                                 [DELIVERY_STATUS_DELIVERED] = true,
                                 [DELIVERY_STATUS_CANCELED] = true },
    [DELIVERY_STATUS_READY] = { [DELIVERY_STATUS_DELIVERED] = true,
                                [DELIVERY_STATUS_CANCELED] = true,
                                [DELIVERY_STATUS_EXPIRED] = true },
    [DELIVERY_STATUS_DELIVERED] = { [DELIVERY_STATUS_CANCELED] = true,
                                    [DELIVERY_STATUS_RETURNING] = true,
                                    [DELIVERY_STATUS_RETURNED] = true },
    [DELIVERY_STATUS_RETURNING] = { [DELIVERY_STATUS_DELIVERED] = true,
                                    [DELIVERY_STATUS_RETURNED] = true },
};

bool delivery_may_move(enum delivery_status from, enum delivery_status to)
{
    PRE(from >= DELIVERY_STATUS_REQUESTED && (int)from <= DELIVERY_STATUS_MAX);
    PRE(to >= DELIVERY_STATUS_REQUESTED && (int)to <= DELIVERY_STATUS_MAX);
    return ALLOWED_MOVES[from][to];
}

static enum delivery_status status_after(const struct delivery *delivery,
                                         enum delivery_incident incident)
{
    switch (incident) {
    case DELIVERY_INCIDENT_RESERVED:
        return delivery->order.fulfilment == FULFILMENT_LOCKER ? DELIVERY_STATUS_RESERVED
                                                               : DELIVERY_STATUS_DELIVERED;
    case DELIVERY_INCIDENT_OUT_OF_STOCK:
        return DELIVERY_STATUS_CANCELED_OUT_OF_STOCK;
    case DELIVERY_INCIDENT_UNREGISTERED_PRODUCT:
        return DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT;
    case DELIVERY_INCIDENT_CANCEL:
        return DELIVERY_STATUS_CANCELED;
    case DELIVERY_INCIDENT_PICKED:
        return DELIVERY_STATUS_PICKED;
    case DELIVERY_INCIDENT_LOADED:
        return DELIVERY_STATUS_READY;
    case DELIVERY_INCIDENT_HANDED_OVER:
    case DELIVERY_INCIDENT_COLLECTED:
    case DELIVERY_INCIDENT_GIVEN_UP:
        return DELIVERY_STATUS_DELIVERED;
    case DELIVERY_INCIDENT_RETURN_ASKED:
        return DELIVERY_STATUS_RETURNING;
    case DELIVERY_INCIDENT_RETURNED:
        return DELIVERY_STATUS_RETURNED;
    case DELIVERY_INCIDENT_EXPIRED:
        return DELIVERY_STATUS_EXPIRED;
    }
    UNREACHABLE("incident is one of the enum");
}

/* Incidents that only one state may meet, though the table would let others move the same way. 0:
 * the table alone decides. */
static enum delivery_status only_from(enum delivery_incident incident)
{
    switch (incident) {
    case DELIVERY_INCIDENT_RESERVED:
        return DELIVERY_STATUS_REQUESTED;
    case DELIVERY_INCIDENT_HANDED_OVER:
        return DELIVERY_STATUS_PICKED;
    case DELIVERY_INCIDENT_COLLECTED:
        return DELIVERY_STATUS_READY;
    case DELIVERY_INCIDENT_GIVEN_UP:
        return DELIVERY_STATUS_RETURNING;
    case DELIVERY_INCIDENT_OUT_OF_STOCK:
    case DELIVERY_INCIDENT_UNREGISTERED_PRODUCT:
    case DELIVERY_INCIDENT_CANCEL:
    case DELIVERY_INCIDENT_PICKED:
    case DELIVERY_INCIDENT_LOADED:
    case DELIVERY_INCIDENT_RETURN_ASKED:
    case DELIVERY_INCIDENT_RETURNED:
    case DELIVERY_INCIDENT_EXPIRED:
        return (enum delivery_status)0;
    }
    UNREACHABLE("incident is one of the enum");
}

/* What the table of moves cannot say, because it depends on the fulfilment. */
static bool fits_fulfilment(const struct delivery *delivery, enum delivery_incident incident)
{
    bool is_locker = delivery->order.fulfilment == FULFILMENT_LOCKER;
    if (incident == DELIVERY_INCIDENT_CANCEL) /* rules 6.2: what was collected comes back */
        return !is_locker || delivery->status != DELIVERY_STATUS_DELIVERED;
    return incident != DELIVERY_INCIDENT_RETURN_ASKED || is_locker;
}

/* Story (rules 5.2), the cancel arrives while stock decides:
 *   1. DeliveryRequested is out.
 *   2. The cancel moves the delivery to CANCELED.
 *   3a. Stock has reserved before it saw that: RESERVED finds CANCELED and has no move. Stock then
 *       sees DeliveryUpdated and releases.
 *   3b. Stock has rejected: no move either; there is nothing to release.
 * Story (rules 5.3): a second answer finds a later or canceled state and has no move. */
enum delivery_decision delivery_decide(const struct delivery *delivery,
                                       enum delivery_incident incident, const char *reason,
                                       int64_t now_ms, struct delivery_change *ret_change)
{
    enum delivery_status to = status_after(delivery, incident);
    enum delivery_status from = only_from(incident);
    if (!delivery_may_move(delivery->status, to) || (from != 0 && delivery->status != from) ||
        !fits_fulfilment(delivery, incident))
        return DELIVERY_UNCHANGED;

    *ret_change = delivery_change_from(delivery, now_ms);
    ret_change->to = to;
    ret_change->reason = reason;
    ret_change->deadline_ms = 0;
    return DELIVERY_MOVED;
}

enum delivery_cancel delivery_decide_cancel(const struct delivery *delivery)
{
    switch (delivery->status) {
    case DELIVERY_STATUS_REQUESTED:
    case DELIVERY_STATUS_RESERVED:
    case DELIVERY_STATUS_PICKED:
        return DELIVERY_CANCEL_NOW;
    case DELIVERY_STATUS_READY:
        return DELIVERY_CANCEL_ASK;
    case DELIVERY_STATUS_DELIVERED:
        return delivery->order.fulfilment == FULFILMENT_DIRECT ? DELIVERY_CANCEL_NOW
                                                               : DELIVERY_CANCEL_COLLECTED;
    case DELIVERY_STATUS_RETURNING:
    case DELIVERY_STATUS_RETURNED:
        return DELIVERY_CANCEL_COLLECTED;
    case DELIVERY_STATUS_CANCELED:
    case DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:
    case DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT:
    case DELIVERY_STATUS_EXPIRED:
        return DELIVERY_CANCEL_SETTLED;
    }
    UNREACHABLE("status is one of the enum");
}

struct delivery_change delivery_change_from(const struct delivery *delivery, int64_t now_ms)
{
    return (struct delivery_change){
        .to = delivery->status,
        .reason = delivery->reason,
        .at_ms = now_ms,
        .spot = delivery->spot,
        .deadline_ms = delivery->deadline_ms,
    };
}

bool delivery_is_news(const struct delivery *delivery, const struct delivery_change *change)
{
    return change->to != delivery->status || strcmp(change->reason, delivery->reason) != 0 ||
           strcmp(change->spot.locker, delivery->spot.locker) != 0 ||
           change->spot.compartment != delivery->spot.compartment ||
           change->spot.use != delivery->spot.use || change->deadline_ms != delivery->deadline_ms;
}

bool delivery_has_ended(const struct delivery *delivery)
{
    switch (delivery->status) {
    case DELIVERY_STATUS_DELIVERED: /* nothing of it lies in a locker */
    case DELIVERY_STATUS_CANCELED:
    case DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:
    case DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT:
    case DELIVERY_STATUS_RETURNED:
    case DELIVERY_STATUS_EXPIRED:
        return true;
    case DELIVERY_STATUS_REQUESTED:
    case DELIVERY_STATUS_RESERVED:
    case DELIVERY_STATUS_PICKED:
    case DELIVERY_STATUS_READY:
    case DELIVERY_STATUS_RETURNING:
        return false;
    }
    UNREACHABLE("status is one of the enum");
}

bool delivery_is_waiting(const struct delivery *delivery)
{
    return (delivery->status == DELIVERY_STATUS_PICKED ||
            delivery->status == DELIVERY_STATUS_RETURNING) &&
           delivery->spot.use == DELIVERY_USE_NONE;
}

bool delivery_is_to_be_loaded(const struct delivery *delivery)
{
    return (delivery->status == DELIVERY_STATUS_PICKED ||
            delivery->status == DELIVERY_STATUS_READY) &&
           delivery->spot.use == COMPARTMENT_USE_ASSIGNED && delivery->wish == DELIVERY_WISH_NONE;
}

bool delivery_may_have_code(const struct delivery *delivery)
{
    if (delivery->wish != DELIVERY_WISH_NONE)
        return false;
    return (delivery->status == DELIVERY_STATUS_READY &&
            delivery->spot.use == COMPARTMENT_USE_LOADED) ||
           (delivery->status == DELIVERY_STATUS_RETURNING &&
            delivery->spot.use == COMPARTMENT_USE_ASSIGNED);
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
    if (kept->ordered_at_ms != given->ordered_at_ms && kept->ordered_at_ms > 0 &&
        given->ordered_at_ms > 0)
        return "/orderedAt";
    return NULL;
}

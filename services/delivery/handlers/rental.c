/* Orders and cancels of rental become deliveries. Runs on the loop inside the open transaction; an
 * event at most once, because the cursor moves with it. */
#include "delivery/handlers/rental.h"

#include <inttypes.h>

#include "delivery/store/wire.h"
#include "delivery/work/change.h"
#include "delivery/work/ends.h"
#include "delivery/work/incidents.h"

/* The order of a tombstone, or the event for the second time (rules 1.2, 5.1). Another order is
 * parked: rental has given the number twice, and nobody would ever deliver this one. */
static int meet_again(struct delivery_app *app, const struct delivery_order *kept,
                      const struct delivery_order *given, struct kit_error *err)
{
    const char *pointer = delivery_order_difference(kept, given);
    if (pointer != NULL)
        return kit_error_typed(err, KIT_E_REFUSED, "order-mismatch",
                               "order %" PRId64 " of rental is another one than the order of that"
                               " number here (%s), so rental has lost its database; skip this, and"
                               " order for the customer once more",
                               given->id.v, pointer);
    app->totals.ignored++;
    if (kept->account == 0 && given->account > 0)
        return delivery_store_set_account(&app->store, given, err);
    return KIT_OK;
}

int delivery_on_rental_ordered(struct delivery_app *app, const struct msg_event_rental *event,
                               struct kit_error *err)
{
    struct delivery delivery;
    bool is_found = false;

    int rc = delivery_store_find(&app->store, event->rental.id, &delivery, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    const struct delivery_order order = delivery_order_from_rental(&event->rental);
    if (is_found)
        return meet_again(app, &delivery.order, &order, err);
    rc = delivery_add(app, &order, DELIVERY_STATUS_REQUESTED, &delivery, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "order of rental %" PRId64, event->rental.id.v);
    app->totals.requested++;
    return KIT_OK;
}

/* Story (rules 5.1), the cancel overtakes the order:
 *   1. Rental takes an order and appends RentalOrdered.
 *   2. The customer cancels at once; the cancel reaches us first. It carries the order.
 *   3. We keep a tombstone, CANCELED in version 1, and confirm.
 *   4. RentalOrdered arrives and finds the tombstone: stock is never asked.
 * Story (rules 5.4), the cancel arrives twice: the second finds CANCELED and changes nothing. */
static int find_or_add(struct delivery_app *app, const struct delivery_order *order,
                       struct delivery *ret_delivery, bool *ret_is_new, struct kit_error *err)
{
    bool is_found = false;
    int rc = delivery_store_find(&app->store, order->id, ret_delivery, &is_found, err);
    if (rc != KIT_OK)
        return rc;

    *ret_is_new = !is_found;
    if (!is_found) {
        rc = delivery_add(app, order, DELIVERY_STATUS_CANCELED, ret_delivery, err);
        if (rc != KIT_OK)
            return rc;
        app->totals.tombstones++;
        return KIT_OK;
    }

    const char *pointer = delivery_order_difference(&ret_delivery->order, order);
    if (pointer != NULL)
        return kit_error_typed(err, KIT_E_REFUSED, "order-mismatch", /* rules 4.3 */
                               "The cancel of rental %" PRId64 " does not agree with its order as"
                               " delivery keeps it (%s); nothing was changed.",
                               order->id.v, pointer);
    return KIT_OK;
}

/* is_asked: a request waits for the answer; else an event tells, and nobody does (rules 4.5). */
static int cancel(struct delivery_app *app, struct delivery *delivery, bool is_asked,
                  struct kit_error *err)
{
    switch (delivery_decide_cancel(delivery)) {
    case DELIVERY_CANCEL_SETTLED:
        app->totals.ignored++;
        return KIT_OK;
    case DELIVERY_CANCEL_COLLECTED:
        app->totals.ignored++;
        return is_asked ? ends_refuse_collected(delivery, err) : KIT_OK;
    case DELIVERY_CANCEL_ASK:
        return is_asked ? ends_cancel(app, delivery, err)
                        : ends_begin(app, delivery, DELIVERY_WISH_CANCEL, err);
    case DELIVERY_CANCEL_NOW:
        return incident_apply(app, delivery, DELIVERY_INCIDENT_CANCEL, "", err);
    }
    UNREACHABLE("what a cancel meets");
}

int delivery_on_rental_canceled(struct delivery_app *app, const struct msg_event_rental *event,
                                struct kit_error *err)
{
    struct delivery_order order = delivery_order_from_rental(&event->rental);
    struct delivery delivery;
    bool is_new = false;

    order.ordered_at_ms = 0; /* what an order is canceled by says nothing of when it was placed */

    int rc = find_or_add(app, &order, &delivery, &is_new, err);
    if (rc != KIT_OK || is_new)
        return rc;
    return cancel(app, &delivery, false, err);
}

int delivery_on_cancel(struct delivery_app *app, const struct msg_rpc_delivery_cancel_request *in,
                       struct msg_rpc_delivery_response *out, struct kit_error *err)
{
    const struct delivery_order order = delivery_order_from_cancel(in);
    struct delivery delivery;
    bool is_new = false;

    int rc = find_or_add(app, &order, &delivery, &is_new, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_new) {
        rc = cancel(app, &delivery, true, err);
        if (rc != KIT_OK) /* KIT_PENDING too */
            return rc;
    }
    delivery_to_response(&delivery, kit_service_version_base(app->service), out);
    return KIT_OK;
}

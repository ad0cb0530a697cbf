/* See returns.h. */
#include "delivery/handlers/returns.h"

#include <inttypes.h>

#include "delivery/store/wire.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"

#define RETURN_MS (INT64_C(48) * 3600 * 1000) /* how long a code for a return is valid */

static int refuse_return(const struct delivery *delivery, struct kit_error *err)
{
    if (delivery->order.fulfilment == FULFILMENT_DIRECT)
        return kit_error_set(err, KIT_E_REFUSED,
                             "Delivery %" PRId64
                             " did not come by a locker; its goods come back when"
                             " its rental is canceled.",
                             delivery->order.id.v);
    return kit_error_set(err, KIT_E_REFUSED,
                         "Delivery %" PRId64 " is not with the customer, so that nothing of it can"
                         " be returned.",
                         delivery->order.id.v);
}

static int refuse_choice(const struct delivery *delivery, enum locker_choice choice,
                         struct kit_error *err)
{
    if (choice == LOCKER_TOO_LARGE)
        return kit_error_set(err, KIT_E_REFUSED,
                             "The goods of delivery %" PRId64 " are larger than"
                             " every compartment; bring them to the counter.",
                             delivery->order.id.v);
    return kit_error_typed(err, KIT_E_REFUSED, "no-free-compartment",
                           "No compartment is free for the goods of delivery %" PRId64
                           "; try again later, or bring them to the counter.",
                           delivery->order.id.v);
}

/* The move to RETURNING, with a compartment. */
static int begin_return(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct delivery_change change;
    struct compartment_choice choice = { .choice = LOCKER_NONE_FREE };
    int64_t now_ms = kit_service_now_ms(app->service);

    if (delivery_decide(delivery, DELIVERY_INCIDENT_RETURN_ASKED, "", now_ms, &change) ==
        DELIVERY_UNCHANGED)
        return refuse_return(delivery, err);
    if (delivery->spot.use != DELIVERY_USE_NONE) /* of its way to the customer: soon given back */
        return refuse_choice(delivery, LOCKER_NONE_FREE, err);
    int rc = compartments_choose(app, delivery, &choice, err);
    if (rc != KIT_OK)
        return rc;
    if (choice.choice != LOCKER_CHOSEN)
        return refuse_choice(delivery, choice.choice, err);
    change.spot = choice.spot;
    change.deadline_ms = now_ms + RETURN_MS;
    rc = compartments_occupy(app, delivery->order.id, &change.spot, err);
    if (rc != KIT_OK)
        return rc;
    rc = delivery_move(app, delivery, DELIVERY_INCIDENT_RETURN_ASKED, &change, err);
    if (rc != KIT_OK)
        return rc;
    return codes_issue(app, delivery, err);
}

int delivery_on_return(struct delivery_app *app, const struct msg_rpc_get_request *in,
                       struct msg_rpc_delivery_response *out, struct kit_error *err)
{
    struct delivery delivery;

    int rc = delivery_get_asked(app, (struct rental_id){ in->id }, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    bool is_asked_again = delivery.status == DELIVERY_STATUS_RETURNING ||
                          delivery.status == DELIVERY_STATUS_RETURNED;
    if (!is_asked_again) {
        rc = begin_return(app, &delivery, err);
        if (rc != KIT_OK)
            return rc;
    }
    delivery_to_response(&delivery, kit_service_version_base(app->service), out);
    return KIT_OK;
}

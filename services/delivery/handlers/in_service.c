/* See in_service.h. */
#include "delivery/handlers/in_service.h"

#include <inttypes.h>

#include "delivery/work/change.h"
#include "delivery/work/compartments.h"
#include "delivery/work/locker_view.h"

/* Takes it out or back in, unless it is already; *ret is the compartment as it is then. */
static int take(struct delivery_app *app, const struct msg_rpc_compartment_request *in, bool is_out,
                struct locker_compartment *ret, struct kit_error *err)
{
    const struct compartment_id id = { in->device, (int)in->compartment };
    bool is_found = false;
    int rc = locker_store_compartment(&app->lockers, &id, ret, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no compartment %" PRId64 " of %s; GET /lockers lists them.",
                             in->compartment, in->device);
    if ((ret->out_since_ms > 0) == is_out)
        return KIT_OK;
    ret->out_since_ms = is_out ? kit_service_now_ms(app->service) : 0;
    return locker_store_save_compartment(&app->lockers, ret, err);
}

static int answer(struct delivery_app *app, const char *device, struct msg_rpc_locker_response *out,
                  struct kit_error *err)
{
    struct locker locker;
    bool is_found = false;
    int rc = locker_store_find(&app->lockers, device, &locker, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(is_found); /* it has a compartment */
    return locker_view_fill(app, &locker, &out->locker, err);
}

/* An order whose goods are not in it, and for which nobody stands at the door. */
static int send_elsewhere(struct delivery_app *app, const struct locker_compartment *compartment,
                          struct kit_error *err)
{
    struct delivery delivery;
    if (compartment->delivery.v == 0 || compartment->story != LOCKER_STORY_NONE ||
        compartment->pending_until_ms > 0)
        return KIT_OK;
    int rc = delivery_get(app, compartment->delivery, &delivery, err);
    if (rc != KIT_OK || !delivery_is_to_be_loaded(&delivery))
        return rc;
    return compartments_replace(app, &delivery, err);
}

int delivery_on_compartment_out(struct delivery_app *app,
                                const struct msg_rpc_compartment_request *in,
                                struct msg_rpc_locker_response *out, struct kit_error *err)
{
    struct locker_compartment compartment;
    int rc = take(app, in, true, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = send_elsewhere(app, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    return answer(app, in->device, out, err);
}

int delivery_on_compartment_in(struct delivery_app *app,
                               const struct msg_rpc_compartment_request *in,
                               struct msg_rpc_locker_response *out, struct kit_error *err)
{
    struct locker_compartment compartment;
    int rc = take(app, in, false, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    delivery_make_assignment_due(app);
    return answer(app, in->device, out, err);
}

/* What lockers look like from outside. Changes nothing. Runs on the loop inside the open
 * transaction. */
#include "delivery/handlers/locker_reads.h"

#include "delivery/store/wire_locker.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "kit/base/text.h"

static enum locker_status status_of(struct delivery_app *app, const struct locker *locker)
{
    if (codes_check_key(app, locker->name, NULL) != KIT_OK)
        return LOCKER_STATUS_NO_KEY;
    return locker_is_reachable(locker) ? LOCKER_STATUS_ONLINE : LOCKER_STATUS_OFFLINE;
}

static int find_use(struct delivery_app *app, const struct locker_compartment *compartment,
                    enum compartment_use *ret_use, struct kit_error *err)
{
    struct delivery delivery;
    *ret_use = DELIVERY_USE_NONE;
    if (compartment->delivery.v == 0)
        return KIT_OK;
    int rc = delivery_get(app, compartment->delivery, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    *ret_use = delivery.spot.use;
    return KIT_OK;
}

static int fill_locker(struct delivery_app *app, const struct locker *locker,
                       struct msg_locker *ret, struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };

    ret->status = status_of(app, locker);
    ret->wrong_codes = locker->wrong_codes;
    kit_text_copy(ret->device, sizeof(ret->device), locker->name);
    kit_text_copy(ret->site, sizeof(ret->site), kit_service_site(app->service));
    int rc = locker_store_compartments(&app->lockers, locker->name, &all, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < all.count; i++) {
        enum compartment_use use;
        rc = find_use(app, &items[i], &use, err);
        if (rc != KIT_OK)
            return rc;
        locker_to_compartment(&items[i], use, &ret->compartments[ret->compartments_count++]);
    }
    return KIT_OK;
}

int delivery_on_locker_get(struct delivery_app *app, const struct msg_rpc_locker_get_request *in,
                           struct msg_rpc_locker_response *out, struct kit_error *err)
{
    struct locker locker;
    bool is_found = false;
    int rc = locker_store_find(&app->lockers, in->device, &locker, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no locker %s; one makes itself known when it connects.",
                             in->device);
    return fill_locker(app, &locker, &out->locker, err);
}

int delivery_on_locker_list(struct delivery_app *app, const struct msg_rpc_list_request *in,
                            struct msg_rpc_locker_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page, .size = in->size };
    struct locker *lockers = kit_arena_take(kit_service_arena(app->service),
                                            (size_t)in->size * sizeof(*lockers));
    int rc = locker_store_list(&app->lockers, &page, lockers, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing lockers");
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) { /* at most in->size, which is at most 100 */
        rc = fill_locker(app, &lockers[i], &out->items[i].locker, err);
        if (rc != KIT_OK)
            return kit_error_wrap(err, rc, "listing lockers");
    }
    return KIT_OK;
}

/* What lockers look like from outside. Changes nothing. Runs on the loop inside the open
 * transaction. */
#include "delivery/handlers/locker_reads.h"

#include "delivery/work/locker_view.h"

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
    return locker_view_fill(app, &locker, &out->locker, err);
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
        rc = locker_view_fill(app, &lockers[i], &out->items[i].locker, err);
        if (rc != KIT_OK)
            return kit_error_wrap(err, rc, "listing lockers");
    }
    return KIT_OK;
}

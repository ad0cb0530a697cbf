/* What lockers look like from outside. Changes nothing. Runs on the loop inside the open
 * transaction. */
#include "delivery/handlers/locker_reads.h"

#include "delivery/work/locker_view.h"

static int get_locker(struct delivery_app *app, const char *device, struct locker *ret_locker,
                      struct kit_error *err)
{
    bool is_found = false;
    int rc = locker_store_find(&app->lockers, device, ret_locker, &is_found, err);
    if (rc != KIT_OK || is_found)
        return rc;
    return kit_error_set(err, KIT_E_NOT_FOUND,
                         "There is no locker %s; one makes itself known when it connects.", device);
}

int delivery_on_locker_get(struct delivery_app *app, const struct msg_rpc_locker_get_request *in,
                           struct msg_rpc_locker_response *out, struct kit_error *err)
{
    struct locker locker;
    int rc = get_locker(app, in->device, &locker, err);
    if (rc != KIT_OK)
        return rc;
    return locker_view_fill(app, &locker, &out->locker, err);
}

/* *ret_lockers lives as long as the item. */
static int list_lockers(struct delivery_app *app, const struct msg_rpc_list_request *in,
                        struct kit_page *ret_page, struct locker **ret_lockers,
                        struct kit_error *err)
{
    *ret_page = (struct kit_page){ .number = in->page, .size = in->size };
    *ret_lockers = kit_arena_take(kit_service_arena(app->service),
                                  (size_t)in->size * sizeof(**ret_lockers));
    int rc = locker_store_list(&app->lockers, ret_page, *ret_lockers, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing lockers");
    return KIT_OK;
}

int delivery_on_locker_list(struct delivery_app *app, const struct msg_rpc_list_request *in,
                            struct msg_rpc_locker_list_response *out, struct kit_error *err)
{
    struct kit_page page;
    struct locker *lockers = NULL;
    int rc = list_lockers(app, in, &page, &lockers, err);
    if (rc != KIT_OK)
        return rc;
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) { /* at most in->size, which is at most 100 */
        rc = locker_view_fill(app, &lockers[i], &out->items[i].locker, err);
        if (rc != KIT_OK)
            return kit_error_wrap(err, rc, "listing lockers");
    }
    return KIT_OK;
}

int delivery_on_device_get(struct delivery_app *app, const struct msg_rpc_locker_get_request *in,
                           struct msg_rpc_device_response *out, struct kit_error *err)
{
    struct locker locker;
    int rc = get_locker(app, in->device, &locker, err);
    if (rc != KIT_OK)
        return rc;
    return locker_view_health(app, &locker, &out->device_health, err);
}

int delivery_on_device_list(struct delivery_app *app, const struct msg_rpc_list_request *in,
                            struct msg_rpc_device_list_response *out, struct kit_error *err)
{
    struct kit_page page;
    struct locker *lockers = NULL;
    int rc = list_lockers(app, in, &page, &lockers, err);
    if (rc != KIT_OK)
        return rc;
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) { /* at most in->size, which is at most 100 */
        rc = locker_view_health(app, &lockers[i], &out->items[i].device_health, err);
        if (rc != KIT_OK)
            return kit_error_wrap(err, rc, "listing lockers");
    }
    return KIT_OK;
}

/* What lockers look like from outside. Changes nothing. Runs on the loop inside the open
 * transaction. */
#include "delivery/handlers/locker_reads.h"

#include <stdio.h>

#include "delivery/store/wire_locker.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_locker_get_request.gen.h"
#include "msg/rpc_locker_list_response.gen.h"

static enum locker_status status_of(struct delivery_app *app, const struct locker *locker)
{
    if (!codes_has_key(app, locker->name))
        return LOCKER_STATUS_NO_KEY;
    return locker_is_reachable(locker) ? LOCKER_STATUS_ONLINE : LOCKER_STATUS_OFFLINE;
}

static int show(struct delivery_app *app, const struct locker *locker, struct msg_locker *ret,
                struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };
    struct delivery delivery;

    ret->status = status_of(app, locker);
    ret->wrong_codes = locker->wrong_codes;
    (void)snprintf(ret->device, sizeof(ret->device), "%s", locker->name);
    (void)snprintf(ret->site, sizeof(ret->site), "%s", kit_service_site(app->service));
    int rc = locker_store_compartments(&app->lockers, locker->name, &all, err);
    for (size_t i = 0; rc == KIT_OK && i < all.count; i++) {
        enum compartment_use use = DELIVERY_USE_NONE;
        if (items[i].delivery.v != 0) {
            rc = delivery_load(app, items[i].delivery, &delivery, err);
            use = rc == KIT_OK ? delivery.spot.use : DELIVERY_USE_NONE;
        }
        locker_to_compartment(&items[i], use, &ret->compartments[ret->compartments_count++]);
    }
    return rc;
}

int lockers_read_get(void *app_pointer, const struct kit_rpc_request *request,
                     struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_rpc_locker_response answer = { 0 };
    struct msg_rpc_locker_get_request msg;
    struct locker locker;
    bool found = false;

    int rc = msg_rpc_locker_get_request_decode(request->body, &msg, err);
    if (rc == KIT_OK)
        rc = locker_store_find(&app->lockers, msg.device, &locker, &found, err);
    if (rc == KIT_OK && !found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no locker %s; one makes itself known when it connects.",
                             msg.device);
    if (rc == KIT_OK)
        rc = show(app, &locker, &answer.locker, err);
    if (rc == KIT_OK)
        msg_rpc_locker_response_encode(&answer, response);
    return rc;
}

int lockers_read_list(void *app_pointer, const struct kit_rpc_request *request,
                      struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct kit_arena *arena = kit_service_arena(app->service);
    struct msg_rpc_locker_list_response *answer = kit_arena_take(arena, sizeof(*answer));
    struct msg_rpc_list_request msg;

    int rc = msg_rpc_list_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;
    struct locker *lockers = kit_arena_take(arena, (size_t)msg.size * sizeof(lockers[0]));
    rc = locker_store_list(&app->lockers, msg.page, msg.size, lockers, &answer->items_count, err);
    if (rc == KIT_OK)
        rc = locker_store_count(&app->lockers, &answer->total, err);
    for (size_t i = 0; rc == KIT_OK && i < answer->items_count; i++) /* at most msg.size, 100 */
        rc = show(app, &lockers[i], &answer->items[i].locker, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing lockers");
    msg_rpc_locker_list_response_encode(answer, response);
    return KIT_OK;
}

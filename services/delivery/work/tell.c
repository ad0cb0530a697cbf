/* See tell.h. What is to be told stands in the database (store/locker_told.h), so a batch that is
 * lost, and a process that is killed, leave it to be told. */
#include "delivery/work/tell.h"

#include "delivery/store/locker_told.h"
#include "delivery/work/attempts.h"
#include "delivery/work/locker_view.h"
#include "kit/base/text.h"
#include "msg/event_locker.gen.h"

static int append(struct delivery_app *app, const char *type, const char *locker,
                  struct kit_body data, struct kit_error *err)
{
    struct locker_event event = { 0 };
    int rc = locker_store_count_event(&app->lockers, locker, &event, err);
    if (rc != KIT_OK)
        return rc;
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = type,
                                  .aggregate = "locker",
                                  .id = event.number,
                                  .version = event.version,
                                  .data = data,
                              },
                              err);
}

/* It holds nothing of ours and is listed no more (rules 7.6). */
static void fill_forgotten(const struct delivery_app *app, const char *name,
                           struct msg_event_locker *ret)
{
    ret->locker.status = LOCKER_STATUS_NO_KEY;
    kit_text_copy(ret->locker.device, sizeof(ret->locker.device), name);
    kit_text_copy(ret->locker.site, sizeof(ret->locker.site), kit_service_site(app->service));
    ret->has_forgotten_at = true;
    ret->forgotten_at_ms = kit_service_now_ms(app->service);
}

struct telling {
    struct delivery_app *app;
    const char *name;
};

static int tell_locker(void *context, struct kit_error *err)
{
    const struct telling *telling = context;
    struct delivery_app *app = telling->app;
    struct msg_event_locker msg = { 0 };
    struct locker locker;
    bool is_found = false;

    int rc = locker_store_find(&app->lockers, telling->name, &locker, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (is_found)
        rc = locker_view_fill(app, &locker, &msg.locker, err);
    else
        fill_forgotten(app, telling->name, &msg);
    if (rc != KIT_OK)
        return rc;
    rc = append(app, "LockerChanged", telling->name, KIT_BODY(event_locker, &msg), err);
    if (rc != KIT_OK)
        return rc;
    return locker_store_set_told(
        &app->lockers, telling->name,
        msg.locker.status == LOCKER_STATUS_NO_KEY ? LOCKER_TOLD_KEYLESS : LOCKER_TOLD, err);
}

int tell_lockers(void *app_pointer, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;

    for (int i = 0; i < TELL_LOCKERS_MAX; i++) {
        char name[DELIVERY_LOCKER_SIZE];
        struct telling telling = { app, name };
        bool is_found = false;
        int failure = KIT_OK;
        int rc = locker_store_find_untold(&app->lockers, name, &is_found, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = attempt_part(app, tell_locker, &telling, &failure, err);
        if (rc != KIT_OK)
            return rc;
        if (failure == KIT_OK)
            continue;
        rc = locker_store_set_told(&app->lockers, name, LOCKER_TOLD, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

int tell_door(struct delivery_app *app, const struct msg_event_door *door, struct kit_error *err)
{
    return append(app, "DoorReported", door->locker, KIT_BODY(event_door, door), err);
}

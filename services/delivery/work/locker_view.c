/* See locker_view.h. */
#include "delivery/work/locker_view.h"

#include <stdio.h>
#include <string.h>

#include "delivery/domain/grant.h"
#include "delivery/store/wire_locker.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "kit/base/text.h"

static enum locker_status status_of(struct delivery_app *app, const struct locker *locker)
{
    if (codes_check_key(app, locker->name, NULL) != KIT_OK)
        return LOCKER_STATUS_NO_KEY;
    return kit_log_is_there(&locker->log) ? LOCKER_STATUS_ONLINE : LOCKER_STATUS_OFFLINE;
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

int locker_view_fill(struct delivery_app *app, const struct locker *locker, struct msg_locker *ret,
                     struct kit_error *err)
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

static enum health_status health_of(enum locker_status status)
{
    switch (status) {
    case LOCKER_STATUS_ONLINE:
        return HEALTH_STATUS_ONLINE;
    case LOCKER_STATUS_OFFLINE:
        return HEALTH_STATUS_OFFLINE;
    case LOCKER_STATUS_NO_KEY:
        return HEALTH_STATUS_NO_KEY;
    }
    UNREACHABLE("status is one of the enum");
}

static int fill_out_of_service(struct delivery_app *app, const struct locker *locker,
                               struct msg_device_health *ret, struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };
    int rc = locker_store_compartments(&app->lockers, locker->name, &all, err);
    if (rc != KIT_OK)
        return rc;
    ret->has_out_of_service = true;
    for (size_t i = 0; i < all.count; i++) {
        if (items[i].out_since_ms == 0)
            continue;
        const size_t at = ret->out_of_service_count++;
        ret->out_of_service[at].compartment = items[i].number;
        ret->out_of_service[at].since_ms = items[i].out_since_ms;
    }
    return KIT_OK;
}

/* Bridges of 0.3 read no member that says it (topics.md: readers first), but every text here; ours
 * makes a member of it. From 0.5 on it is one here. */
static void mark_protocol(const struct locker *locker, struct msg_device_health *ret)
{
    char mark[16];
    (void)snprintf(mark, sizeof(mark), "+protocol.%d", locker->protocol);
    const size_t length = strlen(ret->firmware);
    if (ret->has_firmware && length + strlen(mark) < sizeof(ret->firmware))
        memcpy(ret->firmware + length, mark, strlen(mark) + 1);
}

int locker_view_health(struct delivery_app *app, const struct locker *locker,
                       struct msg_device_health *ret, struct kit_error *err)
{
    *ret = (struct msg_device_health){
        .kind = HEALTH_KIND_LOCKER,
        .has_status = true,
        .status = health_of(status_of(app, locker)),
        .has_wrong_codes = true,
        .wrong_codes = locker->wrong_codes,
        .has_paused_until = locker->pause_until_ms > kit_service_now_ms(app->service),
        .paused_until_ms = locker->pause_until_ms,
    };
    kit_text_copy(ret->device, sizeof(ret->device), locker->name);
    int rc = kit_device_logs_fill(&app->logs, &locker->log, ret, err);
    if (rc != KIT_OK)
        return rc;
    mark_protocol(locker, ret);
    return fill_out_of_service(app, locker, ret, err);
}

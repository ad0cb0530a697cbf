/* See locker_view.h. */
#include "delivery/work/locker_view.h"

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

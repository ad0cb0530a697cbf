/* READY, but empty. See ready.h. Story (rules 8.7):
 *   1. Nobody typed a code, and the sensor says, the door closed, that the goods are gone: forced,
 *      or a worker took them out again. The compartment is only assigned now, and has no code.
 *   2a. Staff find the goods and lay them in by a LOAD scan, or they are sensed again: loaded, with
 *       a new code.
 *   2b. They were never gone: the customer's old code still opens, and then they are sensed.
 *   2c. Nobody finds them: the order is canceled, or expires. */
#include "delivery/work/ready.h"

#include <stdio.h>
#include <string.h>

#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"

static int on_robbed(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    char reason[DELIVERY_REASON_SIZE];
    (void)snprintf(reason, sizeof(reason),
                   "compartment %d of %s is empty, but nobody has collected with a code: staff look"
                   " for the goods, and load them again",
                   delivery->spot.compartment, delivery->spot.locker);
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot.use = COMPARTMENT_USE_ASSIGNED;
    change.reason = reason;
    int rc = codes_revoke(app, delivery->spot.locker, delivery->spot.compartment, err);
    return rc == KIT_OK ? delivery_tell(app, delivery, &change, err) : rc;
}

static int tell_loaded(struct delivery_app *app, struct delivery *delivery, int64_t deadline_ms,
                       struct kit_error *err)
{
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot.use = COMPARTMENT_USE_LOADED;
    change.deadline_ms = deadline_ms;
    change.reason = "";
    return delivery_tell(app, delivery, &change, err);
}

int ready_on_goods(struct delivery_app *app, struct delivery *delivery, int64_t deadline_ms,
                   struct kit_error *err)
{
    int rc = tell_loaded(app, delivery, deadline_ms, err);
    return rc == KIT_OK && delivery_may_have_code(delivery) ? codes_issue(app, delivery, err) : rc;
}

/* A version before took the code away from what was empty, and called it loaded all the same. */
static int ensure_code(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    bool is_live = false;
    int rc = codes_is_live(app, delivery, &is_live, err);
    if (rc != KIT_OK || is_live || delivery->deadline_ms <= kit_service_now_ms(app->service))
        return rc;
    return ready_on_goods(app, delivery, delivery->deadline_ms, err);
}

int ready_check(struct delivery_app *app, struct delivery *delivery,
                const struct locker_compartment *compartment, struct kit_error *err)
{
    const bool is_loaded = delivery->spot.use == COMPARTMENT_USE_LOADED;
    const bool is_full = locker_seems_full(compartment);

    if (delivery->status != DELIVERY_STATUS_READY)
        return places_settle(app, delivery, err);
    if (!is_loaded && is_full && compartment->story == LOCKER_STORY_COLLECT)
        return tell_loaded(app, delivery, delivery->deadline_ms,
                           err); /* the end of it tells more */
    if (delivery->wish != DELIVERY_WISH_NONE || compartment->story != LOCKER_STORY_NONE ||
        compartment->door != DOOR_STATE_CLOSED)
        return KIT_OK;
    if (is_loaded && locker_seems_robbed(compartment))
        return on_robbed(app, delivery, err);
    if (!is_full)
        return KIT_OK;
    return is_loaded ? ensure_code(app, delivery, err)
                     : ready_on_goods(app, delivery, delivery->deadline_ms, err);
}

int ready_check_locker(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };
    struct delivery delivery;

    int rc = locker_store_compartments(&app->lockers, locker, &all, err);
    for (size_t i = 0; rc == KIT_OK && i < all.count; i++) {
        if (items[i].delivery.v == 0)
            continue;
        rc = delivery_load(app, items[i].delivery, &delivery, err);
        if (rc == KIT_OK && delivery.status == DELIVERY_STATUS_READY &&
            delivery.spot.compartment == items[i].number &&
            strcmp(delivery.spot.locker, locker) == 0)
            rc = ready_check(app, &delivery, &items[i], err);
    }
    return rc;
}

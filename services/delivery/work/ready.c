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

static int on_emptied(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
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
    int rc = codes_revoke(app, &delivery->spot, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_update(app, delivery, &change, err);
}

static int update_loaded(struct delivery_app *app, struct delivery *delivery, int64_t deadline_ms,
                         struct kit_error *err)
{
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot.use = COMPARTMENT_USE_LOADED;
    change.deadline_ms = deadline_ms;
    change.reason = "";
    return delivery_update(app, delivery, &change, err);
}

int ready_on_goods(struct delivery_app *app, struct delivery *delivery, int64_t deadline_ms,
                   struct kit_error *err)
{
    int rc = update_loaded(app, delivery, deadline_ms, err);
    if (rc != KIT_OK || !delivery_may_have_code(delivery))
        return rc;
    return codes_issue(app, delivery, err);
}

/* Version 0.1 took the code away from an empty compartment and still called it loaded. */
static int ensure_code(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    bool is_live = false;
    int rc = codes_find_live(app, &delivery->spot, NULL, &is_live, err);
    if (rc != KIT_OK || is_live || delivery->deadline_ms <= kit_service_sure_ms(app->service))
        return rc;
    return ready_on_goods(app, delivery, delivery->deadline_ms, err);
}

int ready_check(struct delivery_app *app, struct delivery *delivery,
                const struct locker_compartment *compartment, struct kit_error *err)
{
    const bool is_loaded = delivery->spot.use == COMPARTMENT_USE_LOADED;
    const bool is_full = locker_seems_full(compartment);

    if (delivery->status != DELIVERY_STATUS_READY)
        return compartments_settle(app, delivery, err);
    /* What follows is decided when the customer's visit ends. */
    if (!is_loaded && is_full && compartment->story == LOCKER_STORY_COLLECT)
        return update_loaded(app, delivery, delivery->deadline_ms, err);
    if (delivery->wish != DELIVERY_WISH_NONE || compartment->story != LOCKER_STORY_NONE ||
        compartment->door != DOOR_STATE_CLOSED)
        return KIT_OK;
    if (is_loaded && locker_seems_emptied(compartment))
        return on_emptied(app, delivery, err);
    if (!is_full || compartment->is_unseen) /* whose goods they are, only staff can see */
        return KIT_OK;
    return is_loaded ? ensure_code(app, delivery, err)
                     : ready_on_goods(app, delivery, delivery->deadline_ms, err);
}

/* The order that has the compartment, if it is READY there. */
static int check_compartment(struct delivery_app *app, const struct locker_compartment *compartment,
                             struct kit_error *err)
{
    struct delivery delivery;
    int rc = delivery_get(app, compartment->delivery, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    if (delivery.status != DELIVERY_STATUS_READY ||
        delivery.spot.compartment != compartment->number ||
        strcmp(delivery.spot.locker, compartment->locker) != 0)
        return KIT_OK;
    return ready_check(app, &delivery, compartment, err);
}

int ready_check_locker(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };

    int rc = locker_store_compartments(&app->lockers, locker, &all, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < all.count; i++) {
        if (items[i].delivery.v == 0)
            continue;
        rc = check_compartment(app, &items[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

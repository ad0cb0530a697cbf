/* Ends, moves and forgets what hangs on lockers without a key. See removed.h.
 *
 * Story (rules 7.6), a locker is taken away while goods lie in it:
 *   1. deploy/add-device --remove deletes its key. It stays in the list, with status `no_key`.
 *   2. The hold time ends, and with it the code: EXPIRED (rules 6.3).
 *   3. Staff take the goods out by hand and put them away; stock says StockReleased.
 *   4. Nothing of ours is in it any more: it is forgotten. Should it get a key again, it makes
 *      itself known as a new locker does. */
#include "delivery/work/removed.h"

#include <stdio.h>

#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"
#include "delivery/work/ends.h"

#define LOCKERS_PER_SWEEP_MAX 16

static int end_one(void *context, struct kit_error *err)
{
    const struct wishes_work *work = context;
    struct delivery delivery;

    int rc = delivery_load(work->app, work->id, &delivery, err);
    if (rc != KIT_OK || delivery.deadline_ms > kit_service_now_ms(work->app->service))
        return rc;
    return wishes_come_true(work->app, &delivery, err);
}

/* Of what was due, only the time decides, which is over for the codes too; and of a door that was
 * open, nobody will tell (rules 6.3). */
static int end_overdue(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct delivery_ids wished;

    int rc = locker_store_end_stories(&app->lockers, locker, kit_service_now_ms(app->service), err);
    if (rc == KIT_OK)
        rc = delivery_store_wished(&app->store, locker, &wished, err);
    for (size_t i = 0; rc == KIT_OK && i < wished.count; i++) /* at most 16: its compartments */
        rc = wishes_attempt(app, wished.ids[i], end_one, err);
    return rc;
}

static int leave_one(void *context, struct kit_error *err)
{
    const struct wishes_work *work = context;
    struct delivery delivery;

    int rc = delivery_load(work->app, work->id, &delivery, err);
    if (rc != KIT_OK || delivery.spot.use == DELIVERY_USE_NONE)
        return rc;
    return places_leave(work->app, &delivery, err);
}

/* What need not stay there goes: to another compartment, or nowhere. */
static int clear(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };

    int rc = locker_store_compartments(&app->lockers, locker, &all, err);
    for (size_t i = 0; rc == KIT_OK && i < all.count; i++) {
        if (items[i].delivery.v != 0)
            rc = wishes_attempt(app, items[i].delivery, leave_one, err);
    }
    return rc;
}

/* Its key file is gone. While we cannot read our own key, we cannot see the folder, and nobody is
 * taken for removed. */
static bool is_removed(struct delivery_app *app, const char *locker)
{
    uint8_t key[KIT_KEY_BYTES];
    return kit_service_key(app->service, locker, key, NULL) == KIT_E_NOT_FOUND &&
           kit_service_key(app->service, DELIVERY_CODES_KEY, key, NULL) == KIT_OK;
}

static int forget(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    bool has_ties = true;

    if (!is_removed(app, locker))
        return KIT_OK;
    int rc = locker_store_has_ties(&app->lockers, locker, kit_service_now_ms(app->service),
                                   &has_ties, err);
    if (rc != KIT_OK || has_ties)
        return rc;
    rc = locker_store_forget(&app->lockers, locker, err);
    return rc == KIT_OK ? kit_losses_forget(&app->losses, locker, err) : rc;
}

static int look_after(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    uint8_t key[KIT_KEY_BYTES];
    bool has_key = false;

    int rc = codes_key(app, locker, key, &has_key, err);
    if (rc != KIT_OK || has_key)
        return rc;
    rc = end_overdue(app, locker, err);
    if (rc == KIT_OK)
        rc = clear(app, locker, err);
    return rc == KIT_OK ? forget(app, locker, err) : rc;
}

int removed_on_sweep(struct delivery_app *app, struct kit_error *err)
{
    struct locker locker;
    bool found = true;
    int rc = KIT_OK;

    for (int i = 0; rc == KIT_OK && found && i < LOCKERS_PER_SWEEP_MAX; i++) {
        rc = locker_store_next(&app->lockers, app->key_checked, &locker, &found, err);
        if (rc != KIT_OK)
            return rc;
        (void)snprintf(app->key_checked, sizeof(app->key_checked), "%s", found ? locker.name : "");
        if (found)
            rc = look_after(app, locker.name, err);
    }
    return rc;
}

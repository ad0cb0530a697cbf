/* Ends, moves and forgets what hangs on lockers without a key. See removed.h.
 *
 * Story (rules 7.6), a locker is taken away while goods lie in it:
 *   1. deploy/add-device --remove deletes its key. It stays in the list, with status `no_key`.
 *   2. The hold time ends, and with it the code: EXPIRED (rules 6.3).
 *   3. Staff take the goods out by hand and put them away; stock says StockReleased.
 *   4. Nothing of ours is in it any more: it is forgotten. Should it get a key again, it makes
 *      itself known as a new locker does. */
#include "delivery/work/removed.h"

#include "delivery/store/locker_told.h"
#include "delivery/work/attempts.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"
#include "delivery/work/ends.h"
#include "kit/base/mac.h"
#include "kit/base/text.h"

#define LOCKERS_PER_SWEEP_MAX 16

static int end_one(void *context, struct kit_error *err)
{
    const struct attempt *attempt = context;
    struct delivery delivery;

    int rc = delivery_get(attempt->app, attempt->id, &delivery, err);
    if (rc != KIT_OK || delivery.deadline_ms > kit_service_sure_ms(attempt->app->service))
        return rc;
    return ends_carry_out(attempt->app, &delivery, err);
}

/* Carries out what was due: only the time decides, which is over for the codes too; and no record
 * will tell of a door that was open (rules 6.3). */
static int end_overdue(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct delivery_ids ending;

    int rc = locker_store_end_stories(&app->lockers, locker, kit_service_now_ms(app->service), err);
    if (rc != KIT_OK)
        return rc;
    rc = delivery_store_ending(&app->store, locker, &ending, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < ending.count; i++) { /* at most 16: its compartments */
        rc = attempt_delivery(&(struct attempt){ app, ending.ids[i] }, end_one, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static int leave_one(void *context, struct kit_error *err)
{
    const struct attempt *attempt = context;
    struct delivery delivery;

    int rc = delivery_get(attempt->app, attempt->id, &delivery, err);
    if (rc != KIT_OK || delivery.spot.use == DELIVERY_USE_NONE)
        return rc;
    return compartments_leave_keyless(attempt->app, &delivery, err);
}

/* Orders that need not stay there go: to another compartment, or nowhere. */
static int clear(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };

    int rc = locker_store_compartments(&app->lockers, locker, &all, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < all.count; i++) {
        if (items[i].delivery.v == 0)
            continue;
        rc = attempt_delivery(&(struct attempt){ app, items[i].delivery }, leave_one, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* Its key file is gone. While we cannot read our own key, we cannot see the folder, and nobody is
 * taken for removed. */
static bool is_removed(struct delivery_app *app, const char *locker)
{
    uint8_t key[KIT_KEY_BYTES];
    const bool is_gone = kit_service_key(app->service, locker, key, NULL) == KIT_E_NOT_FOUND &&
                         kit_service_key(app->service, DELIVERY_CODES_KEY, key, NULL) == KIT_OK;
    kit_wipe(key, sizeof(key));
    return is_gone;
}

static int forget(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    bool has_ties = true;

    if (!is_removed(app, locker))
        return KIT_OK;
    int rc = locker_store_find_ties(&app->lockers, locker, kit_service_now_ms(app->service),
                                    &has_ties, err);
    if (rc != KIT_OK || has_ties)
        return rc;
    rc = locker_store_forget(&app->lockers, locker, err);
    if (rc != KIT_OK)
        return rc;
    return kit_losses_forget(&app->logs.losses, locker, err);
}

static int look_after(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    bool has_key = false;

    int rc = codes_has_key(app, locker, &has_key, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_note_key(&app->lockers, locker, has_key, err);
    if (rc != KIT_OK || has_key)
        return rc;
    rc = end_overdue(app, locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = clear(app, locker, err);
    if (rc != KIT_OK)
        return rc;
    return forget(app, locker, err);
}

int removed_on_sweep(struct delivery_app *app, struct kit_error *err)
{
    for (int i = 0; i < LOCKERS_PER_SWEEP_MAX; i++) {
        struct locker locker;
        bool is_found = false;
        char *last = app->sweep.key_checked;
        int rc = locker_store_next(&app->lockers, last, &locker, &is_found, err);
        if (rc != KIT_OK)
            return rc;
        kit_text_copy(last, sizeof(app->sweep.key_checked), is_found ? locker.name : "");
        if (!is_found)
            return KIT_OK;
        rc = look_after(app, locker.name, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* See looks.h.
 *
 * Story (rules 7.11), a code that was used after the backup:
 *   1. Ann's goods lie in compartment 1: backup. She collects them, Ben's are laid in.
 *   2. The backup comes back: compartment 1 is Ann's, her code is live. A new one would open it.
 *   3. Both codes are taken away here, the compartment is out of service, Ann's order says why.
 *   4. Staff look inside, find Ben's goods, and hand them out. Back in service, it is free or gives
 *      its order a new code. */
#include "delivery/work/looks.h"

#include <string.h>

#include "delivery/store/locker_compartment.h"
#include "delivery/store/locker_grant.h"
#include "delivery/work/attempts.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "kit/base/text.h"

/* ---- a look begins ---- */

static int note(struct delivery_app *app, const struct locker_compartment *compartment,
                struct kit_error *err)
{
    struct staff_act_row act = { .compartment = compartment->number,
                                 .at_ms = compartment->out_since_ms,
                                 .kind = STAFF_ACT_OUT,
                                 .reason = "a backup came back: look inside",
                                 .by = "delivery" };
    kit_text_copy(act.locker, sizeof(act.locker), compartment->locker);
    return staff_act_store_add(&app->acts, &act, err);
}

/* Nobody gets it, and no code opens it, before somebody has looked. */
static int mark(struct delivery_app *app, struct locker_compartment *compartment,
                struct kit_error *err)
{
    const bool is_out = compartment->out_since_ms > 0;
    compartment->is_unseen = true;
    if (!is_out)
        compartment->out_since_ms = kit_service_now_ms(app->service);
    int rc = locker_store_save_compartment(&app->lockers, compartment, err);
    return rc != KIT_OK || is_out ? rc : note(app, compartment, err);
}

static bool is_at(const struct delivery *delivery, const struct locker_compartment *compartment)
{
    return delivery->spot.compartment == compartment->number &&
           strcmp(delivery->spot.locker, compartment->locker) == 0;
}

int looks_begin(struct delivery_app *app, const struct grant *grant, struct kit_error *err)
{
    const struct compartment_id id = { grant->locker, grant->compartment };
    struct locker_compartment compartment;
    struct delivery delivery;
    bool is_found = false;

    int rc = codes_take_out(app, grant, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_compartment(&app->lockers, &id, &compartment, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc;
    rc = mark(app, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = delivery_get(app, grant->delivery, &delivery, err);
    if (rc != KIT_OK || !is_at(&delivery, &compartment))
        return rc;
    return delivery_explain(app, &delivery, err,
                            "a backup of delivery came back: staff look into compartment %d of %s,"
                            " and take it back into service; then there is a new code",
                            compartment.number, compartment.locker);
}

/* ---- after a restore ---- */

struct locker_look {
    struct delivery_app *app;
    const char *locker;
};

static int look_at_locker(void *context, struct kit_error *err)
{
    const struct locker_look *look = context;
    struct delivery_app *app = look->app;
    struct grant grants[GRANTS_MAX];
    size_t count = 0;

    int rc = locker_store_live_grants(&app->lockers, look->locker, grants, &count, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < count; i++) { /* at most GRANTS_MAX */
        rc = looks_begin(app, &grants[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    return codes_renew(app, look->locker, err);
}

int looks_after_restore(void *app_pointer, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct grant grant = { 0 };
    int failure = KIT_OK;

    for (bool is_found = true; is_found;) { /* each turn ends with a locker of a higher name */
        char name[DELIVERY_LOCKER_SIZE];
        struct locker_look look = { app, name };
        kit_text_copy(name, sizeof(name), grant.locker);
        int rc = locker_store_next_live(&app->lockers, name, &grant, &is_found, err);
        if (rc != KIT_OK)
            return rc;
        if (!is_found)
            break;
        kit_text_copy(name, sizeof(name), grant.locker);
        rc = attempt_part(app, look_at_locker, &look, &failure, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* ---- a look ends ---- */

int looks_end(struct delivery_app *app, struct locker_compartment *compartment,
              struct kit_error *err)
{
    struct delivery delivery;

    if (!compartment->is_unseen)
        return KIT_OK;
    compartment->is_unseen = false;
    int rc = locker_store_save_compartment(&app->lockers, compartment, err);
    if (rc != KIT_OK || compartment->delivery.v == 0)
        return rc;
    rc = delivery_get(app, compartment->delivery, &delivery, err);
    if (rc != KIT_OK || !is_at(&delivery, compartment) || !delivery_may_have_code(&delivery))
        return rc;
    rc = codes_issue(app, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_explain(app, &delivery, err, "staff have looked inside; there is a new code");
}

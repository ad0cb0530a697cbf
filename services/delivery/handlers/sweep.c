/* See sweep.h. Each delivery is an attempt of its own: one that fails stops no other. */
#include "delivery/handlers/sweep.h"

#include "delivery/handlers/reports.h"
#include "delivery/work/attempts.h"
#include "delivery/work/change.h"
#include "delivery/work/compartments.h"
#include "delivery/work/ends.h"
#include "delivery/work/removed.h"

#define COMMANDS_KEEP_MS (INT64_C(7) * 24 * 3600 * 1000) /* a locker may tell an effect so late */
#define LAPSED_MAX 64                                    /* per sweep */

/* Its deadline is over, and so is that of its code. The locker's next `up` confirms, at the latest
 * its hello; when nothing was live, that is true already, but a word of the locker costs nothing.
 */
static int begin_end(void *context, struct kit_error *err)
{
    const struct attempt *attempt = context;
    struct delivery delivery;
    int rc = delivery_get(attempt->app, attempt->id, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    return ends_begin(attempt->app, &delivery,
                      delivery.status == DELIVERY_STATUS_READY ? DELIVERY_WISH_EXPIRE
                                                               : DELIVERY_WISH_GIVE_UP,
                      err);
}

static int end_overdue(struct delivery_app *app, struct kit_error *err)
{
    struct delivery_ids overdue;

    int rc = delivery_store_overdue(&app->store, kit_service_sure_ms(app->service), &overdue, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < overdue.count; i++) { /* at most DELIVERY_IDS_MAX */
        rc = attempt_delivery(&(struct attempt){ app, overdue.ids[i] }, begin_end, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* ---- commands without an effect ---- */

static int explain_lapsed(void *context, struct kit_error *err)
{
    const struct attempt *attempt = context;
    struct locker_compartment compartment;
    struct delivery delivery;

    int rc = delivery_get(attempt->app, attempt->id, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    rc = compartments_get(attempt->app, &delivery.spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    if (delivery_is_to_be_loaded(&delivery) && compartment.story == LOCKER_STORY_NONE) {
        rc = delivery_explain(attempt->app, &delivery, err,
                              "%s did not answer: scan the order and compartment %d again",
                              compartment.locker, compartment.number);
        if (rc != KIT_OK)
            return rc;
    }
    return compartments_settle(attempt->app, &delivery, err);
}

/* A command went out, and the locker has said nothing. */
static int end_lapsed(struct delivery_app *app, struct locker_compartment *compartment,
                      struct kit_error *err)
{
    app->locker_totals.unanswered++;
    compartment->pending_until_ms = 0;
    int rc = locker_store_save_compartment(&app->lockers, compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = report_unanswered(app, compartment, err);
    if (rc != KIT_OK || compartment->delivery.v == 0)
        return rc;
    return attempt_delivery(&(struct attempt){ app, compartment->delivery }, explain_lapsed, err);
}

static int end_commands(struct delivery_app *app, struct kit_error *err)
{
    int64_t now_ms = kit_service_now_ms(app->service);

    for (int i = 0; i < LAPSED_MAX; i++) {
        struct locker_compartment compartment;
        bool is_found = false;
        int rc = locker_store_lapsed(&app->lockers, now_ms, &compartment, &is_found, err);
        if (rc != KIT_OK)
            return rc;
        if (!is_found)
            break;
        rc = end_lapsed(app, &compartment, err);
        if (rc != KIT_OK)
            return rc;
    }
    return locker_store_forget_commands(&app->lockers,
                                        kit_service_sure_ms(app->service) - COMMANDS_KEEP_MS, err);
}

/* Whether orders wait, by what the database says: when a batch is lost, an order waits again of
 * which memory says that it was served. */
static int explain_waiting(struct delivery_app *app, struct kit_error *err)
{
    int64_t count = 0;
    int rc = delivery_store_waiting_count(&app->store, &count, err);
    if (rc != KIT_OK)
        return rc;
    if (count != app->waiting.count)
        delivery_make_assignment_due(app);
    app->waiting.count = count;
    if (count == 0)
        return KIT_OK;
    return compartments_explain(app, err);
}

static int sweep(struct delivery_app *app, struct kit_error *err)
{
    int rc = end_overdue(app, err);
    if (rc != KIT_OK)
        return rc;
    rc = end_commands(app, err);
    if (rc != KIT_OK)
        return rc;
    /* A locker that says nothing for long is away, whatever the broker said last (rules 7.1). */
    rc = kit_device_logs_end_silent(&app->logs, kit_service_setting(app->service, "silent-ms"),
                                    err);
    if (rc != KIT_OK)
        return rc;
    rc = removed_on_sweep(app, err);
    if (rc != KIT_OK)
        return rc;
    return explain_waiting(app, err);
}

int delivery_on_timer(void *app_pointer, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    int64_t mono_ms = kit_service_mono_ms(app->service);

    ends_answer_late(app);
    const bool is_due = mono_ms >= app->sweep.due_mono_ms;
    if (is_due)
        app->sweep.due_mono_ms = mono_ms + DELIVERY_TIMER_MS;
    kit_service_timer_within(app->service, app->sweep.due_mono_ms - mono_ms);
    return is_due ? sweep(app, err) : KIT_OK;
}

/* See attempts.h. */
#include "delivery/work/attempts.h"

int attempt_part(struct delivery_app *app, kit_service_work_cb part, void *context,
                 int *ret_failure, struct kit_error *err)
{
    int rc = kit_service_attempt(app->service, part, context, err);
    if (rc == KIT_E_FULL || kit_code_action(rc) == KIT_ACTION_STOP)
        return rc;
    *ret_failure = rc;
    if (rc != KIT_OK)
        *err = (struct kit_error){ 0 };
    return KIT_OK;
}

static bool is_stuck(const struct delivery_app *app, struct rental_id id)
{
    for (size_t i = 0; i < DELIVERY_STUCK_MAX; i++) {
        if (app->sweep.stuck[i].v == id.v)
            return true;
    }
    return false;
}

static void set_aside(struct delivery_app *app, struct rental_id id)
{
    app->sweep.stuck[app->sweep.stuck_next] = id;
    app->sweep.stuck_next = (app->sweep.stuck_next + 1) % DELIVERY_STUCK_MAX;
}

int attempt_delivery(struct attempt *attempt, kit_service_work_cb part, struct kit_error *err)
{
    int failure = KIT_OK;

    if (is_stuck(attempt->app, attempt->id))
        return KIT_OK;
    int rc = attempt_part(attempt->app, part, attempt, &failure, err);
    if (rc != KIT_OK)
        return rc;
    if (failure != KIT_OK && failure != KIT_E_LIMIT) /* the next batch has room again */
        set_aside(attempt->app, attempt->id);
    return KIT_OK;
}

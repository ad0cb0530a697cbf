/* See locker_state.h. */
#include "delivery/handlers/locker_state.h"

#include <string.h>

#include "delivery/store/wire_locker.h"
#include "delivery/work/codes.h"
#include "delivery/work/ready.h"
#include "kit/base/text.h"

/* Known ones keep what is known of them. */
static int save_compartment(struct delivery_app *app, const char *name, int number, char size,
                            struct kit_error *err)
{
    struct locker_compartment compartment = { .number = number,
                                              .door = DOOR_STATE_UNKNOWN,
                                              .presence = OBJECT_PRESENCE_UNKNOWN,
                                              .is_doubtful = true };
    bool is_found = false;
    kit_text_copy(compartment.locker, sizeof(compartment.locker), name);
    int rc = locker_store_compartment(&app->lockers, &(struct compartment_id){ name, number },
                                      &compartment, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    compartment.size = locker_size_from(size);
    return locker_store_save_compartment(&app->lockers, &compartment, err);
}

/* The compartments that it has now (rules 7.1). */
static int save_compartments(struct delivery_app *app, const char *name, const char *sizes,
                             struct kit_error *err)
{
    int count = (int)strlen(sizes); /* at most LOCKER_COMPARTMENTS_MAX: its schema says so */
    for (int number = 1; number <= count; number++) {
        int rc = save_compartment(app, name, number, sizes[number - 1], err);
        if (rc != KIT_OK)
            return rc;
    }
    return locker_store_cut(&app->lockers, name, count, err);
}

static int on_online(struct delivery_app *app, struct locker *locker,
                     const struct msg_device_state *state, struct kit_error *err)
{
    const int64_t now_ms = kit_service_now_ms(app->service);
    locker_on_heard(locker, now_ms);
    locker_set_online(locker, true, now_ms);
    kit_text_copy(locker->firmware, sizeof(locker->firmware), state->firmware);
    if (state->has_compartments)
        locker->compartment_count = (int)strlen(state->compartments);
    locker->state_boot = state->boot;
    kit_text_copy(locker->state_epoch, sizeof(locker->state_epoch), state->epoch);
    int rc = locker_store_save(&app->lockers, locker, err);
    if (rc != KIT_OK)
        return rc;
    if (state->has_compartments) {
        rc = save_compartments(app, locker->name, state->compartments, err);
        if (rc != KIT_OK)
            return rc;
    }
    rc = codes_send(app, locker->name, err); /* rules 5.6 */
    if (rc != KIT_OK)
        return rc;
    /* Version 0.1 left compartments without a code in a case that it could not tell. */
    rc = ready_check_locker(app, locker->name, err);
    if (rc != KIT_OK)
        return rc;
    delivery_make_assignment_due(app);
    app->waiting.is_explanation_due = true; /* it may have the compartment that orders wait for */
    return KIT_OK;
}

int delivery_on_locker_state(struct delivery_app *app, const char *device,
                             const struct msg_device_state *state, struct kit_error *err)
{
    struct locker locker = { 0 };
    bool is_found = false;

    if (state->kind != DEVICE_KIND_LOCKER)
        return kit_error_at(err, KIT_E_INVALID, "/kind", "%s is not a locker", device);
    int rc = codes_check_key(app, device, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_find(&app->lockers, device, &locker, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    kit_text_copy(locker.name, sizeof(locker.name), device);
    if (state->status == DEVICE_STATUS_ONLINE)
        return on_online(app, &locker, state, err);
    /* A will of an earlier connection says nothing about this one (devices 1.8). */
    if (!is_found || state->boot != locker.state_boot ||
        strcmp(state->epoch, locker.state_epoch) != 0)
        return KIT_OK;
    locker_set_online(&locker, false, kit_service_now_ms(app->service));
    return locker_store_save(&app->lockers, &locker, err);
}

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

int locker_admit(void *app_pointer, const char *device, const struct msg_device_state *state,
                 struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct locker locker = { 0 };
    bool is_found = false;

    int rc = codes_check_key(app, device, err);
    if (rc != KIT_OK || state == NULL || state->status != DEVICE_STATUS_ONLINE)
        return rc;
    rc = locker_store_find(&app->lockers, device, &locker, &is_found, err);
    if (rc != KIT_OK || is_found)
        return rc;
    kit_text_copy(locker.name, sizeof(locker.name), device);
    locker.protocol = GRANT_PROTOCOL_1; /* until it says more */
    return locker_store_save(&app->lockers, &locker, err);
}

/* What it says it has; without that, it has what it had. */
static int note_compartments(struct delivery_app *app, const char *name, const char *sizes,
                             struct kit_error *err)
{
    struct locker locker;
    bool is_found = false;

    int rc = locker_store_find(&app->lockers, name, &locker, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(is_found); /* its log was */
    locker.compartment_count = (int)strlen(sizes);
    rc = locker_store_save(&app->lockers, &locker, err);
    if (rc != KIT_OK)
        return rc;
    return save_compartments(app, name, sizes, err);
}

int locker_on_online(void *app_pointer, const char *device, const struct msg_device_state *state,
                     struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct locker locker;

    if (state->has_compartments) {
        int rc = note_compartments(app, device, state->compartments, err);
        if (rc != KIT_OK)
            return rc;
    }
    int rc = codes_get_locker(app, device, &locker, err);
    if (rc != KIT_OK)
        return rc;
    if (codes_is_ended(app, &locker)) /* until an `up` says more (rules 9.6) */
        return kit_device_logs_set_silent(&app->logs, device, err);
    rc = codes_send(app, device, err); /* rules 5.6 */
    if (rc != KIT_OK)
        return rc;
    /* Version 0.1 left compartments without a code in a case that it could not tell. */
    rc = ready_check_locker(app, device, err);
    if (rc != KIT_OK)
        return rc;
    delivery_make_assignment_due(app);
    app->waiting.is_explanation_due = true; /* it may have the compartment that orders wait for */
    return KIT_OK;
}

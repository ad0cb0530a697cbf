/* See openings.h. */
#include "delivery/handlers/openings.h"

#include <string.h>

#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/commands.h"
#include "delivery/work/compartments.h"

#define COMMAND_MS 30000 /* a command's life, and the age of a request that is served */

/* What the staff want at this compartment, if they may; NONE if not (rules 8.1). */
static enum locker_story purpose_of(const struct delivery *delivery,
                                    const struct msg_event_compartment_requested *msg)
{
    if (msg->compartment != delivery->spot.compartment ||
        strcmp(msg->locker, delivery->spot.locker) != 0)
        return LOCKER_STORY_NONE;
    switch (msg->purpose) {
    case COMPARTMENT_PURPOSE_LOAD:
        return delivery_is_to_be_loaded(delivery) ? LOCKER_STORY_LOAD : LOCKER_STORY_NONE;
    case COMPARTMENT_PURPOSE_FETCH: /* what is there for the customer stays there */
        return delivery->spot.use == COMPARTMENT_USE_LOADED &&
                       delivery->status != DELIVERY_STATUS_READY
                   ? LOCKER_STORY_FETCH
                   : LOCKER_STORY_NONE;
    }
    UNREACHABLE("the decoder lets no other value through");
}

static int open_compartment(struct delivery_app *app, const struct delivery *delivery,
                            enum locker_story story, struct kit_error *err)
{
    struct locker_compartment compartment;

    int rc = compartments_get(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    if (commands_is_opening(app, &compartment)) { /* scanned twice */
        app->locker_totals.requests_ignored++;
        return KIT_OK;
    }
    return commands_open(app, &compartment, story, COMMAND_MS, err);
}

static int serve_request(struct delivery_app *app, struct delivery *delivery,
                         enum locker_story story, struct kit_error *err)
{
    struct codes_link link;

    int rc = codes_find_link(app, delivery->spot.locker, &link, err);
    if (rc != KIT_OK)
        return rc;
    if (link.is_reachable)
        return open_compartment(app, delivery, story, err);
    app->locker_totals.requests_ignored++; /* it would not hear of it in time */
    return delivery_explain(
        app, delivery, err,
        "%s is not connected: scan the order and compartment %d again when it is",
        delivery->spot.locker, delivery->spot.compartment);
}

int delivery_on_compartment_requested(struct delivery_app *app,
                                      const struct msg_event_compartment_requested *event,
                                      struct kit_error *err)
{
    struct delivery delivery;
    int rc = delivery_get(app, event->delivery_id, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    enum locker_story story = purpose_of(&delivery, event);
    const int64_t age_ms = kit_service_now_ms(app->service) -
                           kit_service_event(app->service)->time_ms;
    if (story == LOCKER_STORY_NONE || age_ms > COMMAND_MS) { /* nobody stands there any more */
        app->locker_totals.requests_ignored++;
        return KIT_OK;
    }
    return serve_request(app, &delivery, story, err);
}

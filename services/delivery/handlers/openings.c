/* See openings.h. */
#include "delivery/handlers/openings.h"

#include <string.h>

#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"
#include "kit/base/mac.h"
#include "kit/base/text.h"
#include "msg/device_cmd.gen.h"

#define COMMAND_MS 30000       /* a command's life, and the age of a request that is served */
#define COMMAND_GRACE_MS 10000 /* its effect may be a little later */

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

static int send_command(struct delivery_app *app, const struct locker_command *command,
                        struct kit_error *err)
{
    uint8_t key[KIT_KEY_BYTES];
    struct locker locker;
    bool has_key = false;
    int rc = codes_get_locker(app, command->locker, &locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = codes_key(app, command->locker, key, &has_key, err);
    if (rc != KIT_OK || !has_key)
        return rc;

    struct msg_device_cmd msg = {
        .action = DEVICE_ACTION_UNLOCK,
        .compartment = command->compartment,
        .now = kit_service_now_ms(app->service),
        .expires_at = command->expires_at_ms,
    };
    kit_text_copy(msg.id, sizeof(msg.id), command->id);
    if (locker.protocol >= GRANT_PROTOCOL_2) {
        msg.has_key_no = msg.has_boot = true;
        msg.key_no = GRANT_KEY_NO;
        msg.boot = (int32_t)locker.boot;
    }
    const struct grant_device device = { kit_service_site(app->service), command->locker, key,
                                         locker.protocol };
    const struct grant_command text = { command->id, device_action_texts[msg.action],
                                        command->compartment, command->expires_at_ms, locker.boot };
    grant_command_mac(&device, &text, msg.mac);
    const struct kit_device_send send = {
        .kind = "locker",
        .device = command->locker,
        .leaf = "cmd",
        .body = KIT_BODY(device_cmd, &msg),
    };
    return kit_service_send(app->service, &send, err);
}

/* Will it open, or is it open, for somebody who was served? One door, one command (rules 8.1). */
static bool is_opening(const struct locker_compartment *compartment, int64_t now_ms)
{
    return compartment->pending_until_ms > now_ms ||
           (compartment->story != LOCKER_STORY_NONE && compartment->door != DOOR_STATE_CLOSED);
}

static int open_compartment(struct delivery_app *app, const struct delivery *delivery,
                            enum locker_story story, struct kit_error *err)
{
    struct locker_compartment compartment;
    struct locker_command command = {
        .delivery = delivery->order.id,
        .compartment = delivery->spot.compartment,
        .story = story,
        .expires_at_ms = kit_service_now_ms(app->service) + COMMAND_MS,
    };
    uint8_t id[GRANT_COMMAND_ID_BYTES];

    int rc = compartments_get(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    if (is_opening(&compartment, kit_service_now_ms(app->service))) { /* scanned twice */
        app->locker_totals.requests_ignored++;
        return KIT_OK;
    }
    kit_service_random(app->service, id, sizeof(id));
    kit_hex(id, sizeof(id), command.id, sizeof(command.id));
    kit_text_copy(command.locker, sizeof(command.locker), delivery->spot.locker);
    compartment.pending_until_ms = command.expires_at_ms + COMMAND_GRACE_MS;
    rc = locker_store_save_compartment(&app->lockers, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_add_command(&app->lockers, &command, err);
    if (rc != KIT_OK)
        return rc;
    return send_command(app, &command, err);
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

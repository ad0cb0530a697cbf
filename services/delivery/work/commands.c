/* See commands.h. */
#include "delivery/work/commands.h"

#include "delivery/work/codes.h"
#include "kit/base/mac.h"
#include "kit/base/text.h"
#include "msg/device_cmd.gen.h"

#define COMMAND_GRACE_MS 10000 /* its effect may be a little later */

bool commands_is_opening(const struct delivery_app *app,
                         const struct locker_compartment *compartment)
{
    return compartment->pending_until_ms > kit_service_now_ms(app->service) ||
           (compartment->story != LOCKER_STORY_NONE && compartment->door != DOOR_STATE_CLOSED);
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
    kit_wipe(key, sizeof(key));
    const struct kit_device_send send = {
        .kind = "locker",
        .device = command->locker,
        .leaf = "cmd",
        .body = KIT_BODY(device_cmd, &msg),
    };
    return kit_service_send(app->service, &send, err);
}

int commands_open(struct delivery_app *app, struct locker_compartment *compartment,
                  enum locker_story story, int64_t life_ms, struct kit_error *err)
{
    struct locker_command command = {
        .delivery = compartment->delivery,
        .compartment = compartment->number,
        .story = story,
        .expires_at_ms = kit_service_now_ms(app->service) + life_ms,
    };
    uint8_t id[GRANT_COMMAND_ID_BYTES];

    PRE(!commands_is_opening(app, compartment));
    kit_service_random(app->service, id, sizeof(id));
    kit_hex(id, sizeof(id), command.id, sizeof(command.id));
    kit_text_copy(command.locker, sizeof(command.locker), compartment->locker);
    compartment->pending_until_ms = command.expires_at_ms + COMMAND_GRACE_MS;
    int rc = locker_store_save_compartment(&app->lockers, compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_add_command(&app->lockers, &command, err);
    if (rc != KIT_OK)
        return rc;
    return send_command(app, &command, err);
}

/* What lockers say, and the commands that open them. A record has its effect once: where we are in
 * a locker's log is saved with the effect. Runs on the loop inside the open transaction. */
#include "delivery/handlers/locker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "delivery/handlers/doors.h"
#include "delivery/store/wire_locker.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"
#include "delivery/work/ends.h"
#include "delivery/work/ready.h"
#include "msg/device_ack.gen.h"
#include "msg/device_cmd.gen.h"
#include "msg/device_state.gen.h"
#include "msg/device_up.gen.h"
#include "msg/event_compartment_requested.gen.h"

#define COMMAND_MS 30000       /* a command's life, and the age of a request that is served */
#define COMMAND_GRACE_MS 10000 /* its effect may be a little later */
#define UP_RECORDS_MAX 8       /* fewer in an `up`: the locker holds no other (devices 1.2) */

/* ---- state ---- */

/* The compartments that it has now (rules 7.1). Known ones keep what is known of them. */
static int save_compartments(struct delivery_app *app, const char *name, const char *sizes,
                             struct kit_error *err)
{
    int count = (int)strlen(sizes); /* at most LOCKER_COMPARTMENTS_MAX: its schema says so */
    for (int number = 1; number <= count; number++) {
        struct locker_compartment compartment = { .number = number,
                                                  .door = DOOR_STATE_UNKNOWN,
                                                  .presence = OBJECT_PRESENCE_UNKNOWN,
                                                  .is_doubtful = true };
        bool found = false;
        (void)snprintf(compartment.locker, sizeof(compartment.locker), "%s", name);
        int rc = locker_store_compartment(&app->lockers, name, number, &compartment, &found, err);
        compartment.size = locker_size_from(sizes[number - 1]);
        if (rc == KIT_OK)
            rc = locker_store_save_compartment(&app->lockers, &compartment, err);
        if (rc != KIT_OK)
            return rc;
    }
    return locker_store_cut(&app->lockers, name, count, err);
}

/* Who has no key is no locker of ours (any more). */
static int check_key(struct delivery_app *app, const char *name, struct kit_error *err)
{
    uint8_t key[KIT_KEY_BYTES];
    return kit_service_key(app->service, name, key, err);
}

static void heard(const struct delivery_app *app, struct locker *locker)
{
    locker->is_silent = false;
    locker->last_heard_ms = kit_service_now_ms(app->service);
}

static int on_online(struct delivery_app *app, struct locker *locker,
                     const struct msg_device_state *msg, struct kit_error *err)
{
    locker->is_online = true;
    heard(app, locker);
    if (msg->has_compartments)
        locker->compartment_count = (int)strlen(msg->compartments);
    locker->state_boot = msg->boot;
    (void)snprintf(locker->state_epoch, sizeof(locker->state_epoch), "%s", msg->epoch);
    int rc = locker_store_save(&app->lockers, locker, err);
    if (rc == KIT_OK && msg->has_compartments)
        rc = save_compartments(app, locker->name, msg->compartments, err);
    if (rc == KIT_OK)
        rc = codes_send(app, locker->name, err); /* rules 5.6 */
    if (rc == KIT_OK) /* what a version before left without a code, and could not tell */
        rc = ready_check_locker(app, locker->name, err);
    app->is_serving_due = true;
    if (rc == KIT_OK)
        rc = places_serve(app, err);
    return rc == KIT_OK ? places_remind(app, err) : rc; /* it may have what they wait for */
}

int lockers_on_state(void *app_pointer, const struct kit_device_message *message,
                     struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_device_state msg;
    struct locker locker = { 0 };
    bool found = false;

    int rc = msg_device_state_decode(message->body, &msg, err);
    if (rc != KIT_OK)
        return rc;
    if (msg.kind != DEVICE_KIND_LOCKER)
        return kit_error_at(err, KIT_E_INVALID, "/kind", "%s is not a locker", message->device);
    rc = check_key(app, message->device, err);
    if (rc == KIT_OK)
        rc = locker_store_find(&app->lockers, message->device, &locker, &found, err);
    if (rc != KIT_OK)
        return rc;
    (void)snprintf(locker.name, sizeof(locker.name), "%s", message->device);
    if (msg.status == DEVICE_STATUS_ONLINE)
        return on_online(app, &locker, &msg, err);
    /* A will of an earlier connection says nothing about this one (devices 1.8). */
    if (!found || msg.boot != locker.state_boot || strcmp(msg.epoch, locker.state_epoch) != 0)
        return KIT_OK;
    locker.is_online = false;
    return locker_store_save(&app->lockers, &locker, err);
}

/* ---- records ---- */

static int take_record(struct delivery_app *app, struct locker *locker,
                       const struct msg_device_record *record, struct kit_error *err)
{
    switch (record->kind) {
    case DEVICE_RECORD_KIND_COMMAND:
        return doors_on_command(app, locker->name, record, err);
    case DEVICE_RECORD_KIND_GRANT:
        return doors_on_grant(app, locker->name, record, err);
    case DEVICE_RECORD_KIND_DOOR:
        return doors_on_door(app, locker->name, record, err);
    case DEVICE_RECORD_KIND_CODE:
        if (record->has_refusal && record->refusal == DEVICE_REFUSAL_WRONG_CODE) {
            locker->wrong_codes++;
            app->locker_totals.wrong_codes++;
        }
        return KIT_OK;
    case DEVICE_RECORD_KIND_ALARM:
        if (record->has_alarm)
            app->locker_totals.alarms[record->alarm]++;
        return KIT_OK;
    case DEVICE_RECORD_KIND_SCAN: /* a locker has no scanner */
        app->locker_totals.suspicious++;
        return KIT_OK;
    case DEVICE_RECORD_KIND_BOARD: /* its doors tell that they are unknown */
    case DEVICE_RECORD_KIND_START:
        return KIT_OK;
    }
    CHECK(false && "the decoder lets no other value through");
    return KIT_OK;
}

static void count_missing(struct delivery_app *app, int64_t count)
{
    int64_t *gaps = &app->locker_totals.gaps; /* a locker may claim any seq, again and again */
    *gaps = count > INT64_MAX - *gaps ? INT64_MAX : *gaps + count;
}

/* Under way since before its new log; unless the locker is connected with that very log: a spare
 * stood in for a while, or its flash was restored (devices 1.5). */
static bool is_stale(const struct locker *locker, const struct msg_device_up *up)
{
    return strcmp(locker->epoch_before, up->epoch) == 0 &&
           strcmp(locker->state_epoch, up->epoch) != 0;
}

/* A new log begins anew at its firstSeq, the one before it where it was left. */
static void begin_log(struct locker *locker, const struct msg_device_up *up)
{
    bool is_back = strcmp(locker->epoch_before, up->epoch) == 0;
    int64_t stored = is_back ? locker->seq_before : up->first_seq - 1;
    memcpy(locker->epoch_before, locker->epoch, sizeof(locker->epoch_before));
    locker->seq_before = locker->seq;
    (void)snprintf(locker->epoch, sizeof(locker->epoch), "%s", up->epoch);
    locker->seq = stored;
    locker->revision_known = 0; /* its configuration may be another one, too */
}

/* Stories (devices 1.5):
 *   - The ack was lost: the same records come again, and are passed over.
 *   - The flash is new: another epoch.
 *   - We were restored from a backup: records are missing. They are counted, and passed over. */
static int take_records(struct delivery_app *app, struct locker *locker,
                        const struct msg_device_up *up, struct kit_error *err)
{
    int rc = KIT_OK;
    if (strcmp(up->epoch, locker->epoch) != 0)
        begin_log(locker, up);
    if (up->first_seq > locker->seq + 1) {
        count_missing(app, up->first_seq - 1 - locker->seq);
        locker->seq = up->first_seq - 1;
    }
    for (size_t i = 0; rc == KIT_OK && i < up->records_count; i++) {
        const struct msg_device_record *record = &up->records[i];
        if (record->seq <= locker->seq) {
            app->locker_totals.redelivered++;
            continue;
        }
        count_missing(app, record->seq - 1 - locker->seq);
        locker->seq = record->seq;
        rc = take_record(app, locker, record, err);
    }
    return rc;
}

/* Does it tell which configuration it has stored? Only when it holds no other records do we know
 * that no code of an earlier one was used (rules 5.5). A hello with 0 tells nothing: so does the
 * first one of each start, whatever is stored (devices 1.2). */
static bool tells_revision(const struct msg_device_up *up)
{
    return up->records_count < UP_RECORDS_MAX && (up->config_revision > 0 || up->records_count > 0);
}

static int check_config(struct delivery_app *app, struct locker *locker,
                        const struct msg_device_up *up, struct kit_error *err)
{
    struct locker now;
    bool found = false;

    /* No clock has given that number, so it is not ours: nothing is built on it (rules 9.3). */
    bool is_ours = grant_is_believable(up->config_revision, kit_service_now_ms(app->service));
    app->locker_totals.revisions_suspicious += !is_ours;
    if (is_ours && tells_revision(up))
        locker->revision_known = up->config_revision;
    int rc = locker_store_save(&app->lockers, locker, err);
    if (rc == KIT_OK)
        rc = locker_store_find(&app->lockers, locker->name, &now, &found, err);
    if (rc != KIT_OK || !is_ours)
        return rc;
    CHECK(found);
    if (up->config_revision > now.revision_wanted) /* we were restored from a backup */
        return codes_publish(app, locker->name, up->config_revision, err);
    if (up->config_revision < now.revision_wanted)
        return codes_send(app, locker->name, err);
    return KIT_OK;
}

/* No further than what it sent; a hello asks how far we are (devices 1.3). */
static int send_ack(struct delivery_app *app, const struct locker *locker,
                    const struct msg_device_up *up, struct kit_error *err)
{
    struct msg_device_ack msg = {
        .seq = up->records_count > 0 ? up->records[up->records_count - 1].seq : up->first_seq - 1,
        .has_stored = up->records_count == 0,
        .stored = up->records_count == 0 ? locker->seq : 0,
        .now = kit_service_now_ms(app->service),
    };
    (void)snprintf(msg.epoch, sizeof(msg.epoch), "%s", locker->epoch);
    struct kit_buf *payload = kit_service_scratch(app->service);
    msg_device_ack_encode(&msg, payload);
    const struct kit_device_send send = {
        .kind = "locker", .device = locker->name, .leaf = "ack", .payload = payload
    };
    return kit_service_send(app->service, &send, err);
}

int lockers_on_up(void *app_pointer, const struct kit_device_message *message,
                  struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_device_up *msg = kit_arena_take(kit_service_arena(app->service), sizeof(*msg));
    struct locker locker;
    bool found = false;

    int rc = msg_device_up_decode(message->body, msg, err);
    if (rc == KIT_OK)
        rc = check_key(app, message->device, err);
    if (rc == KIT_OK)
        rc = locker_store_find(&app->lockers, message->device, &locker, &found, err);
    if (rc == KIT_OK && !found)
        return kit_error_set(err, KIT_E_CONFLICT, "%s has not told its state yet", message->device);
    if (rc == KIT_OK && is_stale(&locker, msg)) {
        app->locker_totals.epochs_stale++;
        return KIT_OK;
    }
    if (rc == KIT_OK) {
        heard(app, &locker);
        rc = take_records(app, &locker, msg, err);
    }
    if (rc == KIT_OK)
        rc = kit_losses_note(&app->losses, locker.name, msg, err);
    if (rc == KIT_OK)
        rc = check_config(app, &locker, msg, err);
    if (rc == KIT_OK)
        rc = wishes_confirm(app, locker.name, err);
    if (rc == KIT_OK) {
        app->is_serving_due = app->is_serving_due || app->waiting_count > 0;
        rc = places_serve(app, err);
    }
    return rc == KIT_OK ? send_ack(app, &locker, msg, err) : rc;
}

/* ---- commands ---- */

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
    CHECK(false && "the decoder lets no other value through");
    return LOCKER_STORY_NONE;
}

static int send_command(struct delivery_app *app, const struct locker_command *command,
                        struct kit_error *err)
{
    uint8_t key[KIT_KEY_BYTES];
    bool has_key = false;
    int rc = codes_key(app, command->locker, key, &has_key, err);
    if (rc != KIT_OK || !has_key)
        return rc;

    struct msg_device_cmd msg = {
        .action = DEVICE_ACTION_UNLOCK,
        .compartment = command->compartment,
        .now = kit_service_now_ms(app->service),
        .expires_at = command->expires_at_ms,
    };
    (void)snprintf(msg.id, sizeof(msg.id), "%s", command->id);
    const struct grant_device device = { kit_service_site(app->service), command->locker, key };
    const struct grant_command text = { command->id, device_action_texts[msg.action],
                                        command->compartment, command->expires_at_ms };
    grant_command_mac(&device, &text, msg.mac);
    struct kit_buf *payload = kit_service_scratch(app->service);
    msg_device_cmd_encode(&msg, payload);
    const struct kit_device_send send = {
        .kind = "locker", .device = command->locker, .leaf = "cmd", .payload = payload
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

    int rc = places_load(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    if (is_opening(&compartment, kit_service_now_ms(app->service))) { /* scanned twice */
        app->locker_totals.requests_ignored++;
        return KIT_OK;
    }
    kit_service_random(app->service, id, sizeof(id));
    for (size_t i = 0; i < sizeof(id); i++)
        (void)snprintf(command.id + 2 * i, sizeof(command.id) - 2 * i, "%02x", id[i]);
    (void)snprintf(command.locker, sizeof(command.locker), "%s", delivery->spot.locker);
    compartment.pending_until_ms = command.expires_at_ms + COMMAND_GRACE_MS;
    rc = locker_store_save_compartment(&app->lockers, &compartment, err);
    if (rc == KIT_OK)
        rc = locker_store_add_command(&app->lockers, &command, err);
    return rc == KIT_OK ? send_command(app, &command, err) : rc;
}

static int serve_request(struct delivery_app *app, struct delivery *delivery,
                         enum locker_story story, struct kit_error *err)
{
    uint8_t key[KIT_KEY_BYTES];
    struct locker locker;
    bool found = false, has_key = false;

    int rc = codes_key(app, delivery->spot.locker, key, &has_key, err);
    if (rc == KIT_OK)
        rc = locker_store_find(&app->lockers, delivery->spot.locker, &locker, &found, err);
    if (rc != KIT_OK)
        return rc;
    if (has_key && found && locker_is_reachable(&locker))
        return open_compartment(app, delivery, story, err);
    app->locker_totals.requests_ignored++; /* it would not hear of it in time */
    return delivery_say(app, delivery, err,
                        "%s is not connected: scan the order and compartment %d again when it is",
                        delivery->spot.locker, delivery->spot.compartment);
}

int lockers_on_requested(void *app_pointer, const struct kit_event *event, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_event_compartment_requested msg;
    struct delivery delivery;

    int rc = msg_event_compartment_requested_decode(event->data, &msg, err);
    if (rc == KIT_OK)
        rc = delivery_load(app, msg.delivery_id, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    enum locker_story story = purpose_of(&delivery, &msg);
    bool is_late = kit_service_now_ms(app->service) > event->time_ms + COMMAND_MS;
    if (story == LOCKER_STORY_NONE || is_late) { /* nobody stands there any more */
        app->locker_totals.requests_ignored++;
        return KIT_OK;
    }
    return serve_request(app, &delivery, story, err);
}

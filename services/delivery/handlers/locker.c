/* What becomes of the records of lockers. See locker.h. */
#include "delivery/handlers/locker.h"

#include "delivery/domain/grant.h"
#include "delivery/handlers/doors.h"
#include "delivery/handlers/locker_state.h"
#include "delivery/handlers/reports.h"
#include "delivery/work/codes.h"
#include "delivery/work/ends.h"
#include "kit/base/mac.h"

#define UP_RECORDS_MAX 8 /* fewer in an `up`: the locker holds no other (devices 1.2) */

static int begin(void *app_pointer, struct kit_device_turn *turn, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct locker *locker = kit_arena_take(kit_service_arena(app->service), sizeof(*locker));
    bool is_found = false;

    int rc = locker_store_find(&app->lockers, turn->device, locker, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(is_found); /* its log was */
    if (!turn->up->has_protocol && codes_is_ended(app, locker))
        return kit_error_set(err, KIT_E_CONFLICT,
                             "%s speaks protocol 1, and --oldest-protocol 2 has ended it: give it"
                             " the firmware of 0.4",
                             turn->device);
    if (turn->is_new_log)
        locker->revision_known = 0; /* its configuration may be another one, too */
    locker->boot = turn->up->boot;
    turn->work = locker;
    return KIT_OK;
}

static int on_record(void *app_pointer, struct kit_device_turn *turn,
                     const struct msg_device_record *record, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct locker *locker = turn->work;

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
        if (record->has_pause_ms && record->pause_ms > 0)
            locker->pause_until_ms = report_time(app, record) + record->pause_ms;
        return report_record(app, locker->name, record, err);
    case DEVICE_RECORD_KIND_ALARM:
        if (record->has_alarm)
            app->locker_totals.alarms[record->alarm]++;
        return report_record(app, locker->name, record, err);
    case DEVICE_RECORD_KIND_SCAN: /* a locker has no scanner */
        app->locker_totals.suspicious++;
        return KIT_OK;
    case DEVICE_RECORD_KIND_BOARD: /* records of its doors say the rest */
    case DEVICE_RECORD_KIND_START:
        return report_record(app, locker->name, record, err);
    }
    UNREACHABLE("the decoder lets no other value through");
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
    bool is_found = false;

    /* No clock has given that number, so it is not ours: nothing is built on it (rules 9.3). */
    bool is_ours = grant_is_believable(up->config_revision, kit_service_now_ms(app->service));
    app->locker_totals.revisions_suspicious += !is_ours;
    if (is_ours && tells_revision(up))
        locker->revision_known = up->config_revision;
    int rc = locker_store_save(&app->lockers, locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_find(&app->lockers, locker->name, &now, &is_found, err);
    if (rc != KIT_OK || !is_ours)
        return rc;
    CHECK(is_found);
    if (up->config_revision > now.revision_wanted) /* we were restored from a backup */
        return codes_publish(app, locker->name, up->config_revision, err);
    if (up->config_revision < now.revision_wanted)
        return codes_send(app, locker->name, err);
    return KIT_OK;
}

/* rules 9.5: what it can do it is held to, or somebody on the wire takes it back. Its configuration
 * is signed as that protocol wants, under a new number: the same one would change nothing. */
static int check_protocol(struct delivery_app *app, struct kit_device_turn *turn,
                          struct kit_error *err)
{
    struct locker *locker = turn->work;
    if (!turn->up->has_protocol || locker->protocol >= GRANT_PROTOCOL_2)
        return KIT_OK;
    locker->protocol = GRANT_PROTOCOL_2;
    int rc = locker_store_save(&app->lockers, locker, err);
    if (rc != KIT_OK)
        return rc;
    return codes_publish(app, locker->name, 0, err);
}

/* devices 8.3: of protocol 1, nothing is signed. */
static int sign(void *app_pointer, struct kit_device_turn *turn, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_device_ack *ack = &turn->ack;
    uint8_t key[KIT_KEY_BYTES];
    bool has_key = false;

    if (!turn->up->has_nonce)
        return KIT_OK;
    int rc = codes_key(app, turn->device, key, &has_key, err);
    if (rc != KIT_OK || !has_key)
        return rc;
    const struct grant_device device = { kit_service_site(app->service), turn->device, key,
                                         GRANT_PROTOCOL_2 };
    const struct grant_ack text = { .boot = turn->up->boot,
                                    .nonce = turn->up->nonce,
                                    .epoch = ack->epoch,
                                    .seq = ack->seq,
                                    .stored = ack->stored,
                                    .now_ms = ack->now };
    ack->has_key_no = ack->has_mac = true;
    ack->key_no = GRANT_KEY_NO;
    grant_ack_mac(&device, &text, ack->mac);
    kit_wipe(key, sizeof(key));
    return KIT_OK;
}

/* Its configuration, and the ends that were waiting for this message. */
static int end(void *app_pointer, struct kit_device_turn *turn, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    int rc = check_protocol(app, turn, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_config(app, turn->work, turn->up, err);
    if (rc != KIT_OK)
        return rc;
    if (app->waiting.count > 0)
        delivery_make_assignment_due(app);
    /* Last: what is told to a caller who waits cannot be taken back. */
    return ends_confirm(app, turn->device, err);
}

const struct kit_device_owner delivery_lockers = {
    .kind = DEVICE_KIND_LOCKER,
    .admit = locker_admit,
    .begin = begin,
    .on_record = on_record,
    .on_again = NULL, /* it is told nothing again */
    .end = end,
    .sign = sign,
    .on_online = locker_on_online,
};

/* The records of lockers. A record has its effect once: where we are in a locker's log is saved
 * with the effect. Runs on the loop inside the open transaction. */
#include "delivery/handlers/locker.h"

#include <string.h>

#include "delivery/handlers/doors.h"
#include "delivery/handlers/reports.h"
#include "delivery/work/codes.h"
#include "delivery/work/ends.h"
#include "kit/base/text.h"
#include "msg/device_ack.gen.h"

#define UP_RECORDS_MAX 8 /* fewer in an `up`: the locker holds no other (devices 1.2) */

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

static void count_missing(struct delivery_app *app, struct locker *locker, int64_t count)
{
    int64_t *gaps = &app->locker_totals.gaps; /* a locker may claim any seq, again and again */
    locker_count_missing(locker, count);
    *gaps = count > INT64_MAX - *gaps ? INT64_MAX : *gaps + count;
}

/* Under way since before its new log; unless the locker is connected with that very log: a spare
 * stood in for a while, or its flash was restored (devices 1.5). */
static bool is_stale(const struct locker *locker, const struct msg_device_up *up)
{
    return strcmp(locker->epoch_before, up->epoch) == 0 &&
           strcmp(locker->state_epoch, up->epoch) != 0;
}

/* A new log begins at its firstSeq, the one before it where it was left. */
static void begin_log(struct locker *locker, const struct msg_device_up *up)
{
    bool is_back = strcmp(locker->epoch_before, up->epoch) == 0;
    int64_t stored = is_back ? locker->seq_before : up->first_seq - 1;
    memcpy(locker->epoch_before, locker->epoch, sizeof(locker->epoch_before));
    locker->seq_before = locker->seq;
    kit_text_copy(locker->epoch, sizeof(locker->epoch), up->epoch);
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
    if (strcmp(up->epoch, locker->epoch) != 0)
        begin_log(locker, up);
    if (up->first_seq > locker->seq + 1) {
        count_missing(app, locker, up->first_seq - 1 - locker->seq);
        locker->seq = up->first_seq - 1;
    }
    for (size_t i = 0; i < up->records_count; i++) {
        const struct msg_device_record *record = &up->records[i];
        if (record->seq <= locker->seq) {
            app->locker_totals.redelivered++;
            continue;
        }
        count_missing(app, locker, record->seq - 1 - locker->seq);
        locker->seq = record->seq;
        int rc = take_record(app, locker, record, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
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
    kit_text_copy(msg.epoch, sizeof(msg.epoch), locker->epoch);
    const struct kit_device_send send = {
        .kind = "locker",
        .device = locker->name,
        .leaf = "ack",
        .body = KIT_BODY(device_ack, &msg),
    };
    return kit_service_send(app->service, &send, err);
}

/* Records, losses, configuration, and the ends that were waiting for this message. */
static int take_up(struct delivery_app *app, struct locker *locker, const struct msg_device_up *up,
                   struct kit_error *err)
{
    locker_on_heard(locker, kit_service_now_ms(app->service));
    int rc = take_records(app, locker, up, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_losses_note(&app->losses, locker->name, up, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_config(app, locker, up, err);
    if (rc != KIT_OK)
        return rc;
    if (app->waiting.count > 0)
        delivery_make_assignment_due(app);
    rc = send_ack(app, locker, up, err);
    if (rc != KIT_OK)
        return rc;
    /* Last: what is told to a caller who waits cannot be taken back. */
    return ends_confirm(app, locker->name, err);
}

int delivery_on_locker_up(struct delivery_app *app, const char *device,
                          const struct msg_device_up *up, struct kit_error *err)
{
    struct locker locker;
    bool is_found = false;

    int rc = codes_check_key(app, device, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_find(&app->lockers, device, &locker, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_CONFLICT, "%s has not told its state yet", device);
    if (is_stale(&locker, up)) {
        app->locker_totals.epochs_stale++;
        return KIT_OK;
    }
    return take_up(app, &locker, up, err);
}

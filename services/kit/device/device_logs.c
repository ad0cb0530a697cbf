/* One message of a device is one item and at most one ack. See device_logs.h. */
#include "kit/device/device_logs.h"

#include <inttypes.h>
#include <stdio.h>

#include "kit/base/metric.h"
#include "kit/base/text.h"
#include "kit/store/table.h"

_Static_assert(sizeof(((struct msg_device_up *)NULL)->epoch) == KIT_LOG_EPOCH_SIZE,
               "an epoch fits");
_Static_assert(sizeof(((struct msg_device_state *)NULL)->firmware) == KIT_LOG_FIRMWARE_SIZE,
               "a version fits");

/* ---- the owner's table ---- */

#define SQL_SIZE 512
#define COLUMNS(X, AND) KIT_LOG_COLUMNS(X, AND, )

KIT_ROW_FUNCTIONS(log, struct kit_log_follower, COLUMNS);

enum log_query {
    Q_FIND = 0,
    Q_SAVE,
    Q_END_SILENT,
    Q_SET_SILENT,
    Q_COUNT_ONLINE,
    QUERY_COUNT,
};

/* Around the name of the table, which is that of the kind. */
static const struct {
    const char *before, *after;
} SQL[QUERY_COUNT] = {
    [Q_FIND] = { "SELECT " KIT_COLUMN_NAMES(COLUMNS) " FROM ", " WHERE name = ?" },
    [Q_SAVE] = { "UPDATE ", " SET " KIT_COLUMN_SETS(COLUMNS) " WHERE name = ?" },
    [Q_END_SILENT] = { "UPDATE ", " SET is_silent = 1, since_ms = ?"
                                  " WHERE is_online = 1 AND is_silent = 0 AND heard_ms < ?" },
    [Q_SET_SILENT] = { "UPDATE ", " SET is_silent = 1,"
                                  " since_ms = iif(is_online > is_silent, ?, since_ms)"
                                  " WHERE name = ?" },
    [Q_COUNT_ONLINE] = { "SELECT count(*) FROM ", " WHERE is_online > is_silent" },
};

static int prepare(struct kit_device_logs *logs, struct kit_error *err)
{
    char texts[QUERY_COUNT][SQL_SIZE];
    const char *queries[QUERY_COUNT];
    for (size_t i = 0; i < QUERY_COUNT; i++) {
        const int length = snprintf(texts[i], sizeof(texts[i]), "%s%s%s", SQL[i].before,
                                    device_kind_text(logs->owner->kind), SQL[i].after);
        CHECK(length > 0 && length < SQL_SIZE);
        queries[i] = texts[i];
    }
    return kit_statements_prepare(&logs->statements, kit_service_db(logs->service), queries,
                                  QUERY_COUNT, err);
}

static int find(struct kit_device_logs *logs, const char *device, struct kit_log_follower *ret,
                bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&logs->statements, Q_FIND);
    kit_query_text(&query, device);
    return log_read_one(&query, ret, ret_found, err);
}

static int save(struct kit_device_logs *logs, const char *device,
                const struct kit_log_follower *log, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&logs->statements, Q_SAVE);
    log_bind(&query, log);
    kit_query_text(&query, device);
    return kit_query_run(&query, NULL, err);
}

static int count_online(struct kit_device_logs *logs, struct kit_error *err)
{
    return kit_query_one_int(&logs->statements, Q_COUNT_ONLINE, &logs->online, err);
}

int kit_device_logs_open(struct kit_device_logs *logs, const struct kit_device_owner *owner,
                         void *app, struct kit_service *service, struct kit_error *err)
{
    logs->owner = owner;
    logs->app = app;
    logs->service = service;
    int rc = prepare(logs, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_losses_open(&logs->losses, kit_service_db(service), err);
    if (rc != KIT_OK)
        return rc;
    return count_online(logs, err);
}

void kit_device_logs_close(struct kit_device_logs *logs)
{
    kit_losses_close(&logs->losses);
    kit_statements_done(&logs->statements);
}

/* ---- one message ---- */

static int64_t there(const struct kit_log_follower *log)
{
    return kit_log_is_there(log) ? 1 : 0;
}

/* Saves what has changed since `before`, and counts it. */
static int keep(struct kit_device_logs *logs, const char *device,
                const struct kit_log_follower *before, const struct kit_log_follower *log,
                struct kit_error *err)
{
    const int64_t missing = log->missing - before->missing;
    const int64_t room = INT64_MAX - logs->missing; /* a device may claim any number */
    logs->missing += missing < room ? missing : room;
    logs->online += there(log) - there(before);
    return save(logs, device, log, err);
}

/* 7.6: in the order of the log, none before what the device says it still holds. */
static int check_order(const struct msg_device_up *up, struct kit_error *err)
{
    int64_t last = up->first_seq - 1;
    for (size_t i = 0; i < up->records_count; i++) {
        if (up->records[i].seq <= last)
            return kit_error_at(err, KIT_E_INVALID, "/records",
                                "record %" PRId64 " comes after %" PRId64, up->records[i].seq,
                                last);
        last = up->records[i].seq;
    }
    return KIT_OK;
}

static int hand_over(struct kit_device_logs *logs, struct kit_device_turn *turn,
                     struct kit_log_follower *log, const struct msg_device_record *record,
                     struct kit_error *err)
{
    const struct kit_device_owner *owner = logs->owner;
    if (kit_log_on_record(log, record->seq))
        return owner->on_record(logs->app, turn, record, err);
    logs->again++;
    return owner->on_again == NULL ? KIT_OK : owner->on_again(logs->app, turn, record->seq, err);
}

static int take_records(struct kit_device_logs *logs, struct kit_device_turn *turn,
                        struct kit_log_follower *log, struct kit_error *err)
{
    int rc = logs->owner->begin(logs->app, turn, err);
    for (size_t i = 0; rc == KIT_OK && i < turn->up->records_count; i++)
        rc = hand_over(logs, turn, log, &turn->up->records[i], err);
    return rc;
}

/* No further than what it sent; a hello asks how far we are (1.3). */
static int send_ack(struct kit_device_logs *logs, struct kit_device_turn *turn, int64_t stored,
                    struct kit_error *err)
{
    const struct msg_device_up *up = turn->up;
    struct msg_device_ack *ack = &turn->ack;
    kit_text_copy(ack->epoch, sizeof(ack->epoch), up->epoch);
    ack->now = kit_service_now_ms(logs->service);
    ack->has_stored = up->records_count == 0;
    ack->stored = ack->has_stored ? stored : 0;
    ack->seq = ack->has_stored ? up->first_seq - 1 : up->records[up->records_count - 1].seq;
    if (logs->owner->sign != NULL) {
        int rc = logs->owner->sign(logs->app, turn, err);
        if (rc != KIT_OK)
            return rc;
    }
    const struct kit_device_send send = {
        .kind = device_kind_text(logs->owner->kind),
        .device = turn->device,
        .leaf = "ack",
        .body = KIT_BODY(device_ack, ack),
    };
    return kit_service_send(logs->service, &send, err);
}

static int take_up(struct kit_device_logs *logs, struct kit_device_turn *turn,
                   struct kit_log_follower *log, struct kit_error *err)
{
    const struct kit_log_follower before = *log;
    const enum kit_log_turn is = kit_log_on_up(log, turn->up->epoch, turn->up->first_seq,
                                               kit_service_now_ms(logs->service));
    if (is == KIT_LOG_STALE) {
        logs->stale++;
        return KIT_OK;
    }
    turn->is_new_log = is == KIT_LOG_BEGINS;
    int rc = take_records(logs, turn, log, err);
    if (rc != KIT_OK)
        return rc;
    rc = keep(logs, turn->device, &before, log, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_losses_note(&logs->losses, turn->device, turn->up, err);
    if (rc != KIT_OK)
        return rc;
    rc = send_ack(logs, turn, log->seq, err);
    if (rc != KIT_OK)
        return rc;
    return logs->owner->end(logs->app, turn, err);
}

int kit_device_logs_on_up(struct kit_device_logs *logs, const char *device,
                          const struct msg_device_up *up, struct kit_error *err)
{
    struct kit_device_turn turn = { .device = device, .up = up };
    struct kit_log_follower log;
    bool is_found = false;
    int rc = check_order(up, err);
    if (rc != KIT_OK)
        return rc;
    rc = logs->owner->admit(logs->app, device, NULL, err);
    if (rc != KIT_OK)
        return rc;
    rc = find(logs, device, &log, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_CONFLICT, "%s has not told its state yet", device);
    return take_up(logs, &turn, &log, err);
}

/* Two of them take turns: only a person can mend that (7.10). */
static void look_for_twins(struct kit_device_logs *logs, const char *device,
                           const struct msg_device_state *state)
{
    const struct kit_twins_online online = {
        .device = device,
        .epoch = state->epoch,
        .boot = state->boot,
        .now_ms = kit_service_now_ms(logs->service),
        .now_mono_ms = kit_service_mono_ms(logs->service),
    };
    const int64_t turns = logs->twins.turns_total;
    const bool is_to_be_said = kit_twins_on_online(&logs->twins, &online);
    if (logs->twins.turns_total > turns)
        kit_service_saw_twins(logs->service, device);
    if (is_to_be_said)
        kit_log_write(kit_service_log(logs->service), KIT_WARN, "device_twins",
                      "two devices say that they are %s, and throw each other out: give one of"
                      " them a name and a password of its own (deploy/add-device)",
                      device);
}

int kit_device_logs_on_state(struct kit_device_logs *logs, const char *device,
                             const struct msg_device_state *state, struct kit_error *err)
{
    const struct kit_device_owner *owner = logs->owner;
    const int64_t now_ms = kit_service_now_ms(logs->service);
    const bool is_online = state->status == DEVICE_STATUS_ONLINE;
    struct kit_log_follower log;
    bool is_found = false;
    if (state->kind != owner->kind)
        return kit_error_at(err, KIT_E_INVALID, "/kind", "%s is no %s", device,
                            device_kind_text(owner->kind));
    int rc = owner->admit(logs->app, device, state, err);
    if (rc != KIT_OK)
        return rc;
    rc = find(logs, device, &log, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc;
    const struct kit_log_follower before = log;
    if (is_online)
        look_for_twins(logs, device, state);
    if (is_online)
        kit_log_on_online(&log, state->epoch, state->boot, state->firmware, now_ms);
    else if (!kit_log_on_will(&log, state->epoch, state->boot, now_ms))
        return KIT_OK;
    rc = keep(logs, device, &before, &log, err);
    if (rc != KIT_OK || owner->on_online == NULL || !is_online)
        return rc;
    return owner->on_online(logs->app, device, state, err);
}

/* ---- silence ---- */

int kit_device_logs_end_silent(struct kit_device_logs *logs, int64_t silent_ms,
                               struct kit_error *err)
{
    const int64_t now_ms = kit_service_now_ms(logs->service);
    /* Neither while we were not up, nor by a time that has just jumped (devices.md 7.9). */
    if (kit_service_mono_ms(logs->service) - silent_ms <= kit_service_moved_mono_ms(logs->service))
        return count_online(logs, err);
    struct kit_query query = kit_query_start(&logs->statements, Q_END_SILENT);
    kit_query_int(&query, now_ms);
    kit_query_int(&query, now_ms - silent_ms);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    return count_online(logs, err);
}

int kit_device_logs_set_silent(struct kit_device_logs *logs, const char *device,
                               struct kit_error *err)
{
    struct kit_query query = kit_query_start(&logs->statements, Q_SET_SILENT);
    kit_query_int(&query, kit_service_now_ms(logs->service));
    kit_query_text(&query, device);
    return kit_query_run(&query, NULL, err);
}

/* ---- for people ---- */

int kit_device_logs_fill(struct kit_device_logs *logs, const struct kit_log_follower *log,
                         struct msg_device_health *ret, struct kit_error *err)
{
    ret->has_since = log->since_ms > 0;
    ret->since_ms = log->since_ms;
    ret->has_heard_at = log->heard_ms > 0;
    ret->heard_at_ms = log->heard_ms;
    ret->has_firmware = log->firmware[0] != '\0';
    kit_text_copy(ret->firmware, sizeof(ret->firmware), log->firmware);
    ret->has_starts = log->state_boot > 0;
    ret->starts = log->state_boot;
    ret->missing = log->missing;
    ret->dropped = kit_service_device_dropped(logs->service, ret->device);
    ret->has_dropped = ret->dropped > 0;
    ret->twins_at_ms = kit_twins_seen_at(&logs->twins, ret->device);
    ret->has_twins_at = ret->twins_at_ms > 0;
    return kit_losses_fill(&logs->losses, ret->device, ret, err);
}

void kit_device_logs_metrics(const struct kit_device_logs *logs, struct kit_buf *out)
{
    kit_metric_gauge(out, "devices_online", "Devices that are connected.", logs->online);
    kit_metric_counter(out, "device_records_redelivered_total",
                       "Records of devices that had been stored before.", logs->again);
    kit_metric_counter(out, "device_records_missing_total",
                       "Records of devices that were passed over as missing.", logs->missing);
    kit_metric_counter(out, "device_epochs_stale_total",
                       "Messages of a log that its device has replaced.", logs->stale);
    kit_metric_counter(out, "device_twins_total", "Turns that two devices under one name took.",
                       logs->twins.turns_total);
    kit_losses_metrics(&logs->losses, out);
}

/* Items and the group commit. Nothing leaves before the commit: replies and calls are staged here,
 * events are rows of the log. Loop thread. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "kit/service/internal.h"

#define APOLOGY_SIZE 256

const char *const service_refusal_names[REFUSAL_COUNT] = {
#define REFUSAL_NAME(name, text) [name] = text,
    REFUSAL_MAP(REFUSAL_NAME)
#undef REFUSAL_NAME
};

int64_t service_mono_ms(const struct kit_service *service)
{
    return service->ports.clock.mono_ms(service->ports.clock.self);
}

void service_fail(struct kit_service *service, const struct kit_error *err)
{
    if (service->failure.code == KIT_OK)
        service->failure = *err;
}

/* SQLite undoes the whole transaction by itself when the disk is full. Every item so far is gone,
 * so every answer to it must become an apology: kit_service_flush() does that. */
static void lose_batch(struct kit_service *service)
{
    kit_error_set(&service->lost_batch, KIT_E_FULL,
                  "the disk is full and the batch was undone; free some space");
}

/* Whether SQLite has undone the open batch, or an item of it has found that out. */
static bool is_batch_lost(struct kit_service *service)
{
    if (!kit_db_in_tx(service->db) && service->item_count > 0)
        lose_batch(service);
    return service->lost_batch.code != KIT_OK;
}

static int begin_item(struct kit_service *service, struct kit_error *err)
{
    PRE(!service->item_is_open);
    if (is_batch_lost(service)) /* the items before are gone: no other may be built upon them */
        return kit_error_set(err, service->lost_batch.code, "%s", service->lost_batch.text);
    int rc = kit_db_in_tx(service->db) ? KIT_OK : kit_db_begin(service->db, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_db_savepoint(service->db, err);
    if (rc != KIT_OK)
        return rc;
    service->item_is_open = true;
    service->actor = (struct kit_actor){ 0 };
    if (service->item_count++ == 0)
        service->batch_opened_mono_ms = service_mono_ms(service);
    service->items_total++;
    time_look(service);
    service->now_ms = kit_timekeeper_now_ms(&service->time);
    service->item_outbox_count = service->outbox_count;
    service->item_call_count = service->call_count;
    service->item_log_head = service->log.head;
    kit_arena_reset(&service->item_arena);
    return KIT_OK;
}

/* Undoes what the open item wrote, appended and staged. */
static void roll_back_item(struct kit_service *service)
{
    struct kit_error err = { 0 };

    service->item_is_open = false;
    service->item_failures_total++;
    executor_settle(service, service->item_outbox_count, false);
    service->outbox_count = service->item_outbox_count;
    service->call_count = service->item_call_count;
    service->log.head = service->item_log_head;
    if (!kit_db_in_tx(service->db)) {
        lose_batch(service);
        return;
    }
    int rc = kit_db_rollback_to(service->db, &err);
    if (rc != KIT_OK && kit_code_action(rc) == KIT_ACTION_STOP)
        service_fail(service, &err);
}

struct item {
    kit_service_work_cb work;
    void *context;
    int (*after)(void *app, struct kit_error *err); /* may be NULL */
};

/* The work of an open item, or of a part of it, what the service does behind it, and the end of the
 * savepoint. */
static int work_item(struct kit_service *service, const struct item *item, struct kit_error *err)
{
    int rc = item->work(item->context, err);
    if (rc != KIT_OK)
        return rc;
    if (item->after != NULL) {
        rc = item->after(service->app, err);
        if (rc != KIT_OK)
            return rc;
    }
    return kit_db_release(service->db, err);
}

/* Opens an item and ends it: with all that its work did, or with nothing of it. */
static int try_item(struct kit_service *service, const struct item *item, const char *traceparent,
                    struct kit_error *err)
{
    int rc = begin_item(service, err);
    if (rc != KIT_OK)
        return rc;
    kit_text_copy(service->traceparent, sizeof(service->traceparent), traceparent);
    rc = work_item(service, item, err);
    if (rc != KIT_OK) {
        roll_back_item(service);
        return rc;
    }
    service->item_is_open = false;
    executor_settle(service, service->item_outbox_count, true);
    return KIT_OK;
}

static int run_item(struct kit_service *service, const struct item *item, const char *traceparent,
                    struct kit_error *err)
{
    struct kit_error unread;

    if (err == NULL)
        err = &unread;
    int rc = try_item(service, item, traceparent, err);
    if (rc != KIT_OK && kit_code_action(rc) == KIT_ACTION_STOP)
        service_fail(service, err);
    return rc;
}

int service_run_item(struct kit_service *service, const char *traceparent, kit_service_work_cb work,
                     void *context, struct kit_error *err)
{
    const struct item item = { work, context, service->desc->after_item };
    return run_item(service, &item, traceparent, err);
}

int service_run_own_item(struct kit_service *service, kit_service_work_cb work, void *context,
                         struct kit_error *err)
{
    const struct item item = { work, context, NULL };
    return run_item(service, &item, "", err);
}

int kit_service_attempt(struct kit_service *service, kit_service_work_cb work, void *context,
                        struct kit_error *err)
{
    PRE(service->item_is_open);
    const struct item part = { work, context, NULL };
    const size_t outbox_count = service->outbox_count, call_count = service->call_count;
    const int64_t log_head = service->log.head;
    int rc = kit_db_savepoint(service->db, err);
    if (rc != KIT_OK)
        return rc;
    rc = work_item(service, &part, err);
    if (rc == KIT_OK)
        return KIT_OK;
    if (rc != KIT_E_FULL &&
        kit_code_action(rc) != KIT_ACTION_STOP) /* the item's edge tells those */
        kit_log_write(&service->ports.log, KIT_WARN, "part_failed", "%s", err->text);
    executor_settle(service, outbox_count, false);
    service->outbox_count = outbox_count;
    service->call_count = call_count;
    service->log.head = log_head;
    struct kit_error undo = { 0 };
    const int undone = kit_db_rollback_to(service->db, &undo);
    if (undone == KIT_OK)
        return rc;
    *err = undo;
    return undone;
}

void service_stage_reply(struct kit_service *service, const struct ticket *to, int code,
                         const char *payload, size_t payload_size_bytes)
{
    PRE(service->outbox_count < OUTBOX_MAX);
    struct staged_message *message = &service->outbox[service->outbox_count++];
    char *copy = kit_arena_take(&service->batch_arena, payload_size_bytes + 1);

    memcpy(copy, payload, payload_size_bytes);
    *message = (struct staged_message){ 0 };
    memcpy(message->topic, to->topic, sizeof(message->topic));
    memcpy(message->correlation, to->correlation, sizeof(message->correlation));
    message->payload = copy;
    message->payload_size_bytes = payload_size_bytes;
    message->code = code;
    /* A read behind an effect saw what a failing commit takes back. What a quiet batch holds
     * (events) is read again by itself. */
    message->is_read = to->method != NULL && to->method->row->kind == KIT_RPC_READ &&
                       !service->is_loud;
}

void service_refuse(struct kit_service *service, enum refusal reason, const char *topic,
                    const struct kit_error *err)
{
    service->refused_total[reason]++;
    kit_log_write(&service->ports.log, KIT_WARN, "message_refused", "%s on %s%s%s",
                  service_refusal_names[reason], topic,
                  err != NULL && err->text[0] != '\0' ? ": " : "", err != NULL ? err->text : "");
}

cJSON *service_parse(struct kit_service *service, const struct kit_message *message,
                     size_t bytes_max)
{
    struct kit_error err = { 0 };
    cJSON *json = NULL;

    int rc = kit_json_parse(message->payload, message->payload_size_bytes, bytes_max, &json, &err);
    if (rc == KIT_OK)
        return json;
    service_refuse(service, rc == KIT_E_TOO_LARGE ? REFUSED_TOO_LARGE : REFUSED_MALFORMED,
                   message->topic, &err);
    return NULL;
}

static void send_staged(struct kit_service *service, const struct staged_message *staged)
{
    if (staged->topic[0] == '\0')
        return;
    struct kit_message message = {
        .topic = staged->topic,
        .payload = staged->payload,
        .payload_size_bytes = staged->payload_size_bytes,
        /* Whoever waits for a reply keeps its own timer, and asks again with the same key. */
        .qos = staged->is_for_device ? 1 : 0,
        .retain = staged->is_retained,
        .has_correlation = !staged->is_for_device,
        .response_topic = "",
        .status = staged->is_for_device ? "" : kit_code_name(staged->code),
        .key = "",
        .traceparent = "",
    };
    memcpy(message.correlation, staged->correlation, sizeof(message.correlation));
    if (service->ports.bus.publish(service->ports.bus.self, &message, 0, NULL) != KIT_OK)
        service->dropped_replies_total++;
}

/* The commit failed: nothing of the batch happened. Promises become apologies, what we hold in
 * memory goes back to what the database says. */
static void undo_batch(struct kit_service *service, const struct kit_error *why)
{
    struct kit_error err = { 0 };

    kit_db_rollback(service->db);
    if (kit_code_action(why->code) == KIT_ACTION_STOP) {
        service_fail(service, why);
        service->outbox_count = 0;
        service->call_count = 0;
        return;
    }
    service->commit_failure = *why;
    char *apology = kit_arena_take(&service->batch_arena, APOLOGY_SIZE);
    snprintf(apology, APOLOGY_SIZE,
             "{\"type\":\"%s\",\"detail\":\"%s; nothing was changed, try again later\","
             "\"retryAfterMs\":1000}",
             kit_code_type(why->code), kit_code_text(why->code));
    for (size_t i = 0; i < service->outbox_count; i++) {
        if (service->outbox[i].is_read) /* promised nothing */
            continue;
        if (service->outbox[i].is_for_device) { /* untold: the device says it again */
            service->outbox[i].topic[0] = '\0';
            continue;
        }
        service->outbox[i].code = why->code;
        service->outbox[i].payload = apology;
        service->outbox[i].payload_size_bytes = strlen(apology);
    }
    if (streams_reload(service, &err) != KIT_OK)
        service_fail(service, &err);
}

/* Not for each reader of a row; of several in one turn, the last. */
static void tell_damage(struct kit_service *service)
{
    if (service->log.damaged_seq == service->damage_told)
        return;
    service->damage_told = service->log.damaged_seq;
    kit_log_write(&service->ports.log, KIT_ERROR, "event_damaged",
                  "event %" PRId64
                  " of our log cannot be told: %s; restore the database from a backup",
                  service->log.damaged_seq, service->log.damaged_why);
}

static int pump(struct kit_service *service, struct kit_error *err)
{
    if (!service->desc->publishes || !kit_publisher_wants_pump(&service->publisher))
        return KIT_OK;
    if (kit_db_in_tx(service->db)) /* a quiet batch is open: its rows are not committed, and stay */
        return kit_publisher_pump(&service->publisher, err);
    int rc = kit_db_begin(service->db, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_publisher_pump(&service->publisher, err);
    if (rc != KIT_OK) {
        kit_db_rollback(service->db);
        return rc;
    }
    return kit_db_commit(service->db, err);
}

int64_t service_batch_deadline(const struct kit_service *service)
{
    return service->item_count == 0 ? INT64_MAX
                                    : service->batch_opened_mono_ms + KIT_SERVICE_QUIET_MS;
}

/* Whether the open batch must be committed now. */
static bool is_due(const struct kit_service *service)
{
    if (service->item_count == 0)
        return false;
    return service->is_loud ||
           (service->desc->before_commit != NULL && !service->desc->before_commit_waits) ||
           service->lost_batch.code != KIT_OK ||
           service->item_count >= service->limits.batch_items ||
           service_mono_ms(service) >= service_batch_deadline(service);
}

static int commit(struct kit_service *service, struct kit_error *err)
{
    if (!kit_db_in_tx(service->db))
        lose_batch(service);
    if (service->lost_batch.code != KIT_OK)
        return kit_error_set(err, service->lost_batch.code, "%s", service->lost_batch.text);
    if (service->desc->before_commit != NULL) {
        int rc = service_run_item(service, "", service->desc->before_commit, service->app, err);
        if (rc != KIT_OK)
            return rc;
    }
    if (service->desc->log_rows_max > 0) {
        int rc = kit_event_log_trim(&service->log, service->desc->log_rows_max, err);
        if (rc != KIT_OK)
            return rc;
    }
    int rc = streams_save_cursors(service, err);
    if (rc != KIT_OK)
        return rc;
    return kit_db_commit(service->db, err);
}

/* Commits the open batch, or undoes it. What it staged is told by the flush. */
static void end_batch(struct kit_service *service)
{
    struct kit_error err = { 0 };
    const int64_t begun_mono_ms = service_mono_ms(service);

    int rc = commit(service, &err);
    if (rc != KIT_OK && service->last_commit.code == KIT_OK) /* once, not once a batch */
        kit_log_write(&service->ports.log, KIT_ERROR, "commit_failed", "%s", err.text);
    service->last_commit = err;
    if (rc == KIT_OK) {
        service->commits_total++;
        status_on_commit(service, service_mono_ms(service) - begun_mono_ms);
        if (service->desc->publishes)
            kit_publisher_on_commit(&service->publisher);
    } else {
        service->commit_failures_total++;
        undo_batch(service, &err);
    }
    service->item_count = 0;
    service->is_loud = false;
    service->lost_batch = (struct kit_error){ 0 };
}

void service_end_lost_batch(struct kit_service *service)
{
    PRE(!service->item_is_open);
    if (is_batch_lost(service))
        end_batch(service);
}

void kit_service_flush(struct kit_service *service)
{
    struct kit_error err = { 0 };

    PRE(!service->item_is_open);
    if (service->failure.code != KIT_OK || service->is_flushing)
        return;
    service->is_flushing = true;
    if (is_due(service))
        end_batch(service);
    for (size_t i = 0; i < service->outbox_count; i++)
        send_staged(service, &service->outbox[i]);
    service->outbox_count = 0;
    int rc = pump(service, &err);
    tell_damage(service);
    if (rc != KIT_OK && kit_code_action(rc) == KIT_ACTION_STOP)
        service_fail(service, &err);
    calls_start(service); /* may open the next batch: a call that cannot start ends at once */
    if (service->item_count == 0)
        kit_arena_reset(&service->batch_arena);
    service->is_flushing = false;
}

static int keep_time(void *context, struct kit_error *err)
{
    return time_keep(context, err);
}

void kit_service_drain(struct kit_service *service)
{
    /* Its commit saves the cursors too. */
    (void)service_run_own_item(service, keep_time, service, NULL);
    service->is_loud = true;
    kit_service_flush(service);
}

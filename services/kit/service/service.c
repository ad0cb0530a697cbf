/* Life of a service: opening, the link, messages to where they belong, timers. Loop thread. */
#include "kit/service/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/shape.h"
#include "kit/service/internal.h"

#define SUBJECT_SIZE 80

static const char *const SQL[Q_COUNT] = {
    [Q_CURSOR_GET] = "SELECT epoch, seq, highest_id, highest_version FROM stream_cursor "
                     "WHERE source = ?",
    [Q_CURSOR_SET] = "INSERT INTO stream_cursor(source, epoch, seq, highest_id, highest_version) "
                     "VALUES(?, ?, ?, ?, ?) ON CONFLICT(source) DO UPDATE SET "
                     "epoch = excluded.epoch, seq = excluded.seq, "
                     "highest_id = excluded.highest_id, highest_version = excluded.highest_version",
    [Q_RECOVERY_GET] = "SELECT phase, highest_id, highest_version FROM recovery",
    [Q_RECOVERY_SET] = "INSERT OR REPLACE INTO recovery(id, phase, highest_id, highest_version) "
                       "VALUES(1, ?, ?, ?)",
    [Q_LETTER_ADD] = "INSERT INTO dead_letter(source, epoch, seq, type, subject, envelope, code, "
                     "reason, parked_at_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [Q_LETTER_BLOCKS] = "SELECT 1 FROM dead_letter "
                        "WHERE source = ? AND subject = ? AND epoch = ? LIMIT 1",
    [Q_LETTER_COUNT] = "SELECT count(*) FROM dead_letter",
    [Q_LETTER_LIST] = "SELECT id, source, seq, type, subject, code, reason, parked_at_ms, envelope "
                      "FROM dead_letter ORDER BY id LIMIT ?",
    [Q_LETTER_PAGE] = "SELECT id, source, seq, type, subject, code, reason, parked_at_ms "
                      "FROM dead_letter ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_LETTER_GET] = "SELECT id, source, subject, epoch, envelope FROM dead_letter WHERE id = ?",
    [Q_LETTER_FIRST] = "SELECT id, source, subject, epoch, envelope FROM dead_letter "
                       "WHERE source = ? AND subject = ? AND epoch = ? ORDER BY id LIMIT 1",
    [Q_LETTER_DELETE] = "DELETE FROM dead_letter WHERE id = ?",
    [Q_RESPONSE_GET] = "SELECT request_hash, response FROM rpc_response"
                       " WHERE caller = ? AND account = ? AND key = ?",
    [Q_RESPONSE_ADD] = "INSERT INTO rpc_response(caller, account, key, request_hash, response,"
                       " made_at_ms) VALUES(?, ?, ?, ?, ?, ?)",
    [Q_RESPONSE_EXPIRE] = "DELETE FROM rpc_response WHERE id IN "
                          "(SELECT id FROM rpc_response ORDER BY id LIMIT ?) AND made_at_ms < ?",
    [Q_TIME_GET] = "SELECT at_ms, claim_ms FROM confirmed_time",
    [Q_TIME_SET] = "INSERT INTO confirmed_time(id, at_ms, claim_ms) VALUES(1, ?, ?) "
                   "ON CONFLICT(id) DO UPDATE SET at_ms = excluded.at_ms, "
                   "claim_ms = excluded.claim_ms",
};

/* Inside a transaction. A database that came back from a backup gets a new epoch. */
static int open_log(struct kit_service *service, struct kit_error *err)
{
    struct kit_log_birth birth = { .now_ms = service->now_ms };

    service->ports.rng.fill(service->ports.rng.self, birth.epoch, sizeof(birth.epoch));
    int rc = kit_event_log_open(&service->log, service->db, service->instance, &birth, err);
    if (rc != KIT_OK)
        return rc;
    if (service->ports.store.was_restored) {
        service->ports.rng.fill(service->ports.rng.self, birth.epoch, sizeof(birth.epoch));
        rc = kit_event_log_renew(&service->log, &birth, err);
        if (rc != KIT_OK)
            return rc;
    }
    kit_publisher_init(&service->publisher, &service->log, &service->ports.bus);
    service->publisher.events_max = (int64_t)service->limits.message_events;
    service->publisher.in_flight_max = service->limits.messages_in_flight;
    return KIT_OK;
}

/* Inside a transaction. */
static int open_parts(struct kit_service *service, int64_t quarantine_ms, struct kit_error *err)
{
    int rc = kit_statements_prepare(&service->statements, service->db, SQL, Q_COUNT, err);
    if (rc != KIT_OK)
        return rc;
    rc = time_open(service, quarantine_ms, err);
    if (rc != KIT_OK)
        return rc;
    if (service->desc->publishes) {
        rc = open_log(service, err);
        if (rc != KIT_OK)
            return rc;
    }
    rc = streams_open(service, err);
    if (rc != KIT_OK)
        return rc;
    rc = recovery_open(service, err);
    if (rc != KIT_OK)
        return rc;
    rc = service->desc->open(service->app, service, err);
    service->app_is_open = rc == KIT_OK;
    if (rc != KIT_OK)
        return rc;
    return recovery_count(service, err);
}

static int open_store(struct kit_service *service, int64_t quarantine_ms, struct kit_error *err)
{
    int rc = kit_db_open(&service->db, &service->ports.store, service->desc->migrations,
                         service->desc->migration_count, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_db_begin(service->db, err);
    if (rc != KIT_OK)
        return rc;
    rc = open_parts(service, quarantine_ms, err);
    if (rc != KIT_OK) {
        kit_db_rollback(service->db);
        return rc;
    }
    return kit_db_commit(service->db, err);
}

static size_t limit(size_t wanted, size_t most)
{
    return wanted > 0 && wanted < most ? wanted : most;
}

static void set_limits(struct kit_service *service, const struct kit_service_limits *wanted)
{
    service->limits = (struct kit_service_limits){
        .batch_items = limit(wanted->batch_items, KIT_SERVICE_BATCH_MAX),
        .tickets = limit(wanted->tickets, KIT_SERVICE_TICKETS_MAX),
        .calls = limit(wanted->calls, KIT_RPC_CALLS_MAX),
        .message_events = limit(wanted->message_events, KIT_STREAM_EVENTS_MAX),
        .messages_in_flight = limit(wanted->messages_in_flight, KIT_PUBLISHER_IN_FLIGHT_MAX),
        .fetch_events = limit(wanted->fetch_events, service->desc->is_patient
                                                        ? KIT_FETCH_LIMIT_PATIENT
                                                        : KIT_FETCH_LIMIT),
    };
}

int kit_service_new(struct kit_service **ret_service, const struct kit_service_desc *desc,
                    const struct kit_service_setup *setup, struct kit_error *err)
{
    PRE(desc->subscription_count <= SUBSCRIPTIONS_MAX);
    PRE(setup->setting_count <= SETTINGS_MAX);
    PRE(strlen(setup->instance) < KIT_INSTANCE_SIZE);

    struct kit_service *service = calloc(1, sizeof(*service));
    CHECK(service != NULL);
    service->desc = desc;
    service->ports = *setup->ports;
    kit_text_copy(service->instance, sizeof(service->instance), setup->instance);
    if (setup->setting_count > 0)
        memcpy(service->settings, setup->settings, setup->setting_count * sizeof(*setup->settings));
    service->setting_count = setup->setting_count;
    service->is_closed = setup->is_closed;
    set_limits(service, &setup->limits);
    service->app = calloc(1, desc->app_size_bytes);
    CHECK(service->app != NULL);
    kit_arena_init(&service->item_arena, ITEM_MEMORY_BYTES_MAX);
    kit_arena_init(&service->batch_arena, BATCH_MEMORY_BYTES_MAX);
    kit_buf_init(&service->scratch, KIT_PAYLOAD_BYTES_MAX);
    kit_buf_init(&service->response, RESPONSE_BYTES_MAX);
    service->client = kit_rpc_client_new(service->instance, &service->ports.bus,
                                         &service->ports.clock, &service->ports.rng);
    kit_rpc_client_limit(service->client, (int)service->limits.calls);
    executor_open(service);
    kit_degraded_init(&service->degraded, &service->ports.log);
    status_open(service);

    int rc = open_store(service, setup->quarantine_ms, err);
    if (rc != KIT_OK) {
        kit_service_free(service);
        return rc;
    }
    *ret_service = service;
    return KIT_OK;
}

void kit_service_free(struct kit_service *service)
{
    if (service == NULL)
        return;
    if (service->db != NULL)
        kit_db_rollback(service->db);
    if (service->app_is_open && service->desc->close != NULL)
        service->desc->close(service->app);
    kit_publisher_done(&service->publisher);
    kit_event_log_close(&service->log);
    kit_statements_done(&service->statements);
    copy_drop(service);
    kit_db_close(service->db);
    kit_rpc_client_free(service->client);
    calls_forget(service);
    work_forget(service);
    kit_arena_done(&service->item_arena);
    kit_arena_done(&service->batch_arena);
    kit_buf_done(&service->scratch);
    kit_buf_done(&service->response);
    free(service->tickets);
    free(service->app);
    free(service);
}

/* Replies and presence. */
static void on_client_message(struct kit_service *service, const struct kit_message *message,
                              const char *instance)
{
    const int64_t malformed_count = kit_rpc_client_malformed_count(service->client);
    struct kit_follower *follower = streams_find(service, instance);

    (void)kit_rpc_client_on_message(service->client, message);
    if (kit_rpc_client_malformed_count(service->client) != malformed_count)
        service_refuse(service, REFUSED_MALFORMED, message->topic, NULL);
    else if (follower != NULL && kit_rpc_client_is_online(service->client, instance))
        kit_follower_on_online(follower, service_mono_ms(service));
}

void kit_service_on_message(struct kit_service *service, const struct kit_message *message)
{
    char instance[KIT_INSTANCE_SIZE];

    if (service->failure.code != KIT_OK)
        return;
    if (kit_topic_parse(message->topic, "service", "state", instance) ||
        kit_topic_parse_reply(message->topic, service->instance, instance))
        on_client_message(service, message, instance);
    else if (!streams_on_message(service, message) && !devices_on_message(service, message))
        executor_on_request(service, message);
    if (service->item_count >= service->limits.batch_items)
        kit_service_flush(service);
}

void kit_service_on_link(struct kit_service *service, bool is_up)
{
    const int64_t now_mono_ms = service_mono_ms(service);

    service->is_up = is_up;
    if (is_up)
        service->status.due_mono_ms = now_mono_ms;
    for (size_t i = 0; i < service->desc->subscription_count; i++)
        kit_follower_on_link(&service->followers[i], is_up, now_mono_ms);
    if (service->desc->publishes)
        kit_publisher_on_link(&service->publisher, is_up);
    kit_rpc_client_on_link(service->client, is_up);
}

void kit_service_on_published(struct kit_service *service, uint64_t cookie, int code)
{
    if (service->desc->publishes)
        kit_publisher_on_published(&service->publisher, cookie, code);
}

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t kit_service_tick(struct kit_service *service, int64_t now_mono_ms)
{
    if (service->failure.code != KIT_OK)
        return INT64_MAX;
    time_look(service);
    int64_t next = kit_rpc_client_tick(service->client, now_mono_ms);
    next = min_of(next, executor_tick(service, now_mono_ms));
    next = min_of(next, devices_tick(service, now_mono_ms));
    next = min_of(next, work_tick(service, now_mono_ms));
    next = min_of(next, recovery_tick(service, now_mono_ms));
    if (service->desc->publishes)
        (void)kit_publisher_tick(&service->publisher, now_mono_ms);
    kit_service_flush(service);
    if (service->desc->publishes)
        next = min_of(next, kit_publisher_tick(&service->publisher, now_mono_ms));
    /* After the commit: a question asked now is about everything we have said yes to. */
    next = min_of(next, streams_tick(service, now_mono_ms));
    next = min_of(next, status_tick(service, now_mono_ms));
    next = min_of(next, copy_tick(service, now_mono_ms));
    /* What arose meanwhile (ends of calls that could not start) is worked off at once. */
    if (service->call_count > 0 || service->outbox_count > 0 || service->is_loud)
        return now_mono_ms;
    return min_of(next, service_batch_deadline(service));
}

int kit_service_failure(const struct kit_service *service, struct kit_error *ret_error)
{
    if (service->failure.code != KIT_OK && ret_error != NULL)
        *ret_error = service->failure;
    return service->failure.code;
}

const char *kit_service_not_ready(const struct kit_service *service)
{
    if (service->failure.code != KIT_OK)
        return service->failure.text;
    if (service->last_commit.code != KIT_OK)
        return service->last_commit.text;
    if (service->recovery.phase != RECOVERY_NONE)
        return recovery_not_ready(service);
    return service->is_up ? NULL : "not connected to the broker";
}

bool kit_service_is_idle(const struct kit_service *service)
{
    return service->ticket_count == 0 && service->open_calls == NULL && service->call_count == 0 &&
           service->outbox_count == 0 && service->work.count == 0;
}

size_t kit_service_filters(const struct kit_service *service,
                           struct kit_service_filter *ret_filters, size_t max)
{
    size_t count = 0;
    PRE(max >= 4 + 2 * service->desc->subscription_count + DEVICE_ROUTES_MAX);

    kit_text_copy(ret_filters[count++].filter, KIT_TOPIC_SIZE, KIT_PRESENCE_FILTER);
    kit_rpc_client_reply_filter(service->client, ret_filters[count++].filter);
    kit_topic_rpc(ret_filters[count++].filter, service->instance, "+", "+");
    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        kit_topic_stream(ret_filters[count++].filter, service->followers[i].source);
        kit_topic_head(ret_filters[count++].filter, service->followers[i].source);
    }
    count += devices_filters(service, &ret_filters[count]);
    for (size_t i = 0; i < count; i++)
        ret_filters[i].qos = 1;
    return count;
}

/* ---- what handlers may use ---- */

int64_t kit_service_now_ms(const struct kit_service *service)
{
    return service->now_ms;
}

int64_t kit_service_mono_ms(const struct kit_service *service)
{
    return service_mono_ms(service);
}

struct kit_db *kit_service_db(struct kit_service *service)
{
    return service->db;
}

struct kit_arena *kit_service_arena(struct kit_service *service)
{
    return &service->item_arena;
}

int64_t kit_service_setting(const struct kit_service *service, const char *name)
{
    for (size_t i = 0; i < service->setting_count; i++) {
        if (strcmp(service->settings[i].name, name) == 0)
            return service->settings[i].value;
    }
    UNREACHABLE(name); /* a setting that the process did not define */
}

const struct kit_event *kit_service_event(const struct kit_service *service)
{
    PRE(service->event != NULL);
    return service->event;
}

const struct kit_buf *service_encode(struct kit_service *service, struct kit_body body)
{
    struct kit_buf *scratch = &service->scratch;
    kit_buf_reset(scratch);
    kit_shape_encode(body.shape, body.message, scratch);
    PRE(!scratch->overflow);
    return scratch;
}

int kit_service_append(struct kit_service *service, const struct kit_service_event *event,
                       struct kit_error *err)
{
    PRE(service->desc->publishes);
    PRE(service->item_is_open);
    char subject[SUBJECT_SIZE];
    const int length =
        event->name != NULL
            ? snprintf(subject, sizeof(subject), "%s/%s", event->aggregate, event->name)
            : snprintf(subject, sizeof(subject), "%s/%" PRId64, event->aggregate, event->id);
    PRE(length > 0 && (size_t)length < sizeof(subject));
    const struct kit_log_entry entry = {
        .type = event->type,
        .subject = subject,
        .version = event->version + kit_service_version_base(service),
        .person = service->actor.person,
        .account = service->actor.account,
        .data = service_encode(service, event->data),
    };
    service->is_loud = service->is_loud || !service->desc->is_patient;
    return kit_event_log_append(&service->log, &entry, service->now_ms, service->traceparent, err);
}

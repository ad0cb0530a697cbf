/* Events in: the cursor rule, fetching what is missing, parking what cannot be applied. Loop
 * thread. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "kit/json/shape.h"
#include "kit/service/internal.h"
#include "msg/event_damaged.gen.h"
#include "msg/rpc_replay_request.gen.h"
#include "msg/rpc_replay_response.gen.h"
#include "msg/wire_head.gen.h"

#define HEAD_BYTES_MAX 256
#define FETCH_BODY_BYTES_MAX 128

static int load_cursor(struct kit_service *service, struct kit_follower *follower,
                       struct kit_error *err)
{
    bool found = false;
    struct kit_query q = kit_query_start(&service->statements, Q_CURSOR_GET);
    kit_query_text(&q, follower->source);
    int rc = kit_query_row(&q, &found, err);
    follower->epoch[0] = '\0';
    follower->seq = 0;
    if (rc == KIT_OK && found) {
        kit_query_next_text(&q, follower->epoch, sizeof(follower->epoch));
        follower->seq = kit_query_next_int(&q);
        follower->highest_id = kit_query_next_int(&q);
        follower->highest_version = kit_query_next_int(&q);
    }
    follower->is_dirty = false;
    kit_query_end(&q);
    return rc;
}

int streams_open(struct kit_service *service, struct kit_error *err)
{
    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        kit_follower_init(&service->followers[i], service->desc->subscriptions[i].source);
        service->fetch_contexts[i] = (struct fetch_context){ service, i };
        int rc = load_cursor(service, &service->followers[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    return dead_letter_count(service, &service->parked_count, err);
}

int streams_save_cursors(struct kit_service *service, struct kit_error *err)
{
    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        struct kit_follower *follower = &service->followers[i];
        if (!follower->is_dirty)
            continue;
        struct kit_query q = kit_query_start(&service->statements, Q_CURSOR_SET);
        kit_query_text(&q, follower->source);
        kit_query_text(&q, follower->epoch);
        kit_query_int(&q, follower->seq);
        kit_query_int(&q, follower->highest_id);
        kit_query_int(&q, follower->highest_version);
        int rc = kit_query_run(&q, NULL, err);
        if (rc != KIT_OK)
            return rc;
        follower->is_dirty = false;
    }
    return KIT_OK;
}

static int read_back(struct kit_service *service, struct kit_error *err)
{
    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        struct kit_follower *follower = &service->followers[i];
        int rc = load_cursor(service, follower, err);
        if (rc != KIT_OK)
            return rc;
        /* A confirmation may have been lost with the batch: whoever waited still waits. */
        if (follower->ask_confirmed > 0)
            (void)kit_follower_ask(follower, service_mono_ms(service));
        /* What was undone must be read again, but not as fast as commits can fail. */
        if (service->is_up && !follower->is_fetching)
            kit_follower_on_fetch_failed(follower, service_mono_ms(service), 255);
    }
    int rc = dead_letter_count(service, &service->parked_count, err);
    if (rc != KIT_OK || !service->desc->publishes)
        return rc;
    return kit_event_log_reload(&service->log, err);
}

int streams_reload(struct kit_service *service, struct kit_error *err)
{
    int rc = kit_db_begin(service->db, err);
    if (rc != KIT_OK)
        return rc;
    rc = read_back(service, err);
    kit_db_rollback(service->db);
    return rc;
}

struct kit_follower *streams_find(struct kit_service *service, const char *source)
{
    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        if (strcmp(service->followers[i].source, source) == 0)
            return &service->followers[i];
    }
    return NULL;
}

static bool find_in(const struct kit_subscription *subscription, const char *type,
                    struct event_handler *ret_handler)
{
    const struct kit_event_table *table = subscription->events;
    for (size_t i = 0; table != NULL && i < table->count; i++) {
        if (strcmp(table->types[i].name, type) == 0) {
            *ret_handler = (struct event_handler){ .table = table, .index = i };
            return true;
        }
    }
    return false;
}

bool streams_find_handler(const struct kit_service *service, const char *source, const char *type,
                          struct event_handler *ret_handler)
{
    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        const struct kit_subscription *subscription = &service->desc->subscriptions[i];
        if (strcmp(subscription->source, source) == 0)
            return find_in(subscription, type, ret_handler);
    }
    return false;
}

int streams_run_handler(struct kit_service *service, const struct event_handler *handler,
                        const struct kit_event *event, struct kit_error *err)
{
    const struct kit_shape *shape = handler->table->types[handler->index].data;
    void *message = kit_arena_take(&service->item_arena, shape->size_bytes);
    int rc = kit_shape_decode(shape, event->data, message, err);
    if (rc != KIT_OK)
        return rc;
    service->event = event;
    service->actor = event->actor;
    rc = handler->table->run(service->app, handler->index, message, err);
    service->event = NULL;
    return rc;
}

/* ---- one event ---- */

struct kit_event streams_event(const struct msg_wire_event *wire)
{
    return (struct kit_event){
        .source = wire->source,
        .type = wire->type,
        .subject = wire->subject,
        .traceparent = wire->has_traceparent ? wire->traceparent : "",
        .actor = { .person = wire->has_actor ? wire->actor : 0,
                   .account = wire->has_account ? wire->account : 0 },
        .seq = strtoll(wire->sequence, NULL, 10),
        .version = wire->version,
        .time_ms = wire->time_ms,
        .data = wire->data.node,
    };
}

/* What the work of an event's item needs. */
struct event_work {
    struct kit_service *service;
    struct kit_follower *follower;
    const struct arrival *arrival;
    struct event_handler handler;
    const struct kit_error *why; /* for the dead letter */
    bool is_tried;               /* its item could begin */
};

static int park_event(void *context, struct kit_error *err)
{
    const struct event_work *work = context;
    return dead_letter_park(work->service, work->arrival, work->why, err);
}

/* Parks inside an item of its own, and passes the event. */
static int park(struct event_work *work)
{
    struct kit_service *service = work->service;
    const struct kit_event *event = work->arrival->event;
    struct kit_error err = { 0 };

    if (service->parked_count >= DEAD_LETTERS_MAX) {
        /* Readiness says it; the stream waits, and is asked again with pauses. */
        kit_follower_on_fetch_failed(work->follower, service_mono_ms(service), 255);
        return KIT_E_LIMIT;
    }
    int rc = service_run_own_item(service, park_event, work, &err);
    if (rc != KIT_OK)
        return rc;
    service->parked_count++;
    work->follower->parked_total++;
    kit_follower_on_applied(work->follower, event->seq);
    kit_log_write(&service->ports.log, KIT_ERROR, "event_parked", "%s %s (%s:%" PRId64 "): %s",
                  event->type, event->subject, event->source, event->seq, work->why->text);
    return KIT_OK;
}

static int handle_event(void *context, struct kit_error *err)
{
    struct event_work *work = context;
    const struct kit_event *event = work->arrival->event;
    bool is_blocked = false;

    work->is_tried = true;
    int rc = dead_letter_blocks(work->service, work->arrival, &is_blocked, err);
    if (rc != KIT_OK)
        return rc;
    if (is_blocked)
        return kit_error_set(err, KIT_E_REFUSED, "waits behind an earlier dead letter of %s",
                             event->subject);
    return streams_run_handler(work->service, &work->handler, event, err);
}

/* The source cannot read what it had written there, and nobody else can. */
static int describe_damage(const struct kit_event *event, struct kit_error *err)
{
    struct msg_event_damaged damaged;

    int rc = msg_event_damaged_decode(event->data, &damaged, err);
    if (rc != KIT_OK)
        return rc;
    return kit_error_set(err, KIT_E_CORRUPT,
                         "event %" PRId64
                         " in the log of %s is damaged: %s; restore the database of"
                         " %s from a backup and start it with --new-epoch 1, or skip this",
                         event->seq, event->source, damaged.reason, event->source);
}

/* false: stop here, the cursor did not move. */
static bool apply(struct kit_service *service, struct kit_follower *follower,
                  const struct arrival *arrival)
{
    const struct kit_event *event = arrival->event;
    struct kit_error err = { 0 };
    struct event_work work = {
        .service = service,
        .follower = follower,
        .arrival = arrival,
        .why = &err,
    };

    if (strcmp(event->type, KIT_EVENT_DAMAGED) == 0) {
        (void)describe_damage(event, &err);
        return park(&work) == KIT_OK;
    }
    kit_follower_note(follower, event->subject, event->version);
    if (!streams_find_handler(service, event->source, event->type, &work.handler)) {
        /* Not for us: no effect, so the cursor may be saved with a later commit. */
        kit_follower_on_applied(follower, event->seq);
        return true;
    }
    int rc = service_run_item(service, event->traceparent, handle_event, &work, &err);
    if (rc == KIT_OK) {
        kit_follower_on_applied(follower, event->seq);
        return true;
    }
    if (!work.is_tried) /* the end of the lost batch puts the cursor back */
        return false;
    if (rc == KIT_E_FULL) { /* not the event's fault: however long it takes, it is not parked */
        service->last_commit = err;
        kit_follower_on_fetch_failed(follower, service_mono_ms(service), 255);
        return false;
    }
    switch (kit_code_action(rc)) {
    case KIT_ACTION_STOP:
        return false;
    case KIT_ACTION_RETRY:
        if (!kit_follower_on_failed(follower, event->seq, service_mono_ms(service))) {
            kit_log_write(&service->ports.log, KIT_WARN, "event_failed", "%s %s, try %d: %s",
                          event->type, event->subject, follower->failed_count, err.text);
            return false;
        }
        break;
    case KIT_ACTION_PARK:
    case KIT_ACTION_DONE: /* KIT_PENDING means nothing for an event */
        break;
    }
    return park(&work) == KIT_OK;
}

/* ---- messages ---- */

/* Applies what is next, passes what is old, stops at a gap, a failure, or an element that is not an
 * envelope of this source (refused; nothing is lost by it, the log is the truth). Returns whether
 * every element was an envelope. */
static bool apply_batch(struct kit_service *service, struct kit_follower *follower,
                        const cJSON *batch, const char *topic)
{
    struct msg_wire_event wire;
    struct kit_error err = { 0 };
    const cJSON *node;

    cJSON_ArrayForEach(node, batch)
    {
        if (msg_wire_event_decode(node, &wire, &err) != KIT_OK) {
            service_refuse(service, REFUSED_SCHEMA, topic, &err);
            return false;
        }
        if (strcmp(wire.source, follower->source) != 0) {
            service_refuse(service, REFUSED_SOURCE, topic, NULL);
            return false;
        }
        const struct kit_event event = streams_event(&wire);
        service->event_made_ms = event.time_ms;
        const struct arrival arrival = { &event, follower->epoch, node };
        switch (kit_follower_judge(follower, wire.epoch, event.seq)) {
        case KIT_EVENT_DUPLICATE:
            follower->duplicate_total++;
            break;
        case KIT_EVENT_GAP:
            kit_follower_on_gap(follower, service_mono_ms(service));
            return true;
        case KIT_EVENT_NEXT:
            if (service->failure.code != KIT_OK || !apply(service, follower, &arrival))
                return true;
            break;
        }
    }
    return true;
}

static bool is_batch(const cJSON *json)
{
    const int count = cJSON_IsArray(json) ? cJSON_GetArraySize(json) : 0;
    return count >= 1 && count <= KIT_STREAM_EVENTS_MAX;
}

static void on_stream(struct kit_service *service, struct kit_follower *follower,
                      const struct kit_message *message)
{
    struct kit_error err = { 0 };
    cJSON *batch = service_parse(service, message, KIT_STREAM_BYTES_MAX);
    if (batch == NULL)
        return;
    if (is_batch(batch) && copy_holds(service)) {
        kit_follower_on_gap(follower, service_mono_ms(service)); /* asked for when we go on */
    } else if (is_batch(batch)) {
        service->event_made_ms = 0;
        (void)apply_batch(service, follower, batch, message->topic);
        service->ahead_ms[follower - service->followers] =
            service->event_made_ms - service->ports.clock.wall_ms(service->ports.clock.self);
    } else {
        kit_error_set(&err, KIT_E_INVALID, "must be an array of 1 to %d events",
                      KIT_STREAM_EVENTS_MAX);
        service_refuse(service, REFUSED_SCHEMA, message->topic, &err);
    }
    cJSON_Delete(batch);
}

static void on_head(struct kit_service *service, struct kit_follower *follower,
                    const struct kit_message *message)
{
    struct kit_error err = { 0 };
    struct msg_wire_head head;
    cJSON *json = service_parse(service, message, HEAD_BYTES_MAX);
    if (json == NULL)
        return;
    int rc = msg_wire_head_decode(json, &head, &err);
    cJSON_Delete(json);
    if (rc != KIT_OK)
        service_refuse(service, REFUSED_SCHEMA, message->topic, &err);
    else if (strcmp(head.source, follower->source) != 0)
        service_refuse(service, REFUSED_SOURCE, message->topic, NULL);
    else
        kit_follower_on_head(follower, head.epoch, head.seq, service_mono_ms(service));
}

bool streams_on_message(struct kit_service *service, const struct kit_message *message)
{
    char source[KIT_INSTANCE_SIZE];
    const bool is_head = kit_topic_parse(message->topic, "stream", "head", source);

    if (!is_head && !kit_topic_parse(message->topic, "stream", NULL, source))
        return false;
    struct kit_follower *follower = streams_find(service, source);
    if (follower == NULL) {
        service_refuse(service, REFUSED_TOPIC, message->topic, NULL);
        return true;
    }
    if (is_head) {
        time_on_head(service, message);
        on_head(service, follower, message);
    } else if (!recovery_may_read(service, follower))
        follower->gap_total++; /* it is asked for when its turn has come */
    else if (message->retain)
        service_refuse(service, REFUSED_RETAINED, message->topic, NULL);
    else
        on_stream(service, follower, message);
    return true;
}

/* ---- fetch ---- */

struct confirmation {
    struct kit_service *service;
    const struct kit_subscription *subscription;
    int64_t ask;
};

static int tell_confirmed(void *context, struct kit_error *err)
{
    const struct confirmation *told = context;
    return told->subscription->on_confirmed(told->service->app, told->ask, err);
}

static void confirm(struct kit_service *service, size_t index, int64_t ask)
{
    struct confirmation told = { service, &service->desc->subscriptions[index], ask };
    struct kit_error err = { 0 };

    if (ask == 0 || told.subscription->on_confirmed == NULL)
        return;
    if (service_run_item(service, "", tell_confirmed, &told, &err) == KIT_OK)
        return;
    kit_log_write(&service->ports.log, KIT_ERROR, "confirmation_failed", "%s: %s",
                  told.subscription->source, err.text);
    /* Ask once more: whoever waited still waits. */
    (void)kit_follower_ask(&service->followers[index], service_mono_ms(service));
}

static uint8_t draw_jitter(struct kit_service *service)
{
    uint8_t random = 0;
    service->ports.rng.fill(service->ports.rng.self, &random, 1);
    return random;
}

static void on_page(struct kit_service *service, size_t index, const cJSON *body)
{
    static const char WHERE[] = "a replay answer";
    struct kit_follower *follower = &service->followers[index];
    struct msg_rpc_replay_response page;
    struct kit_error err = { 0 };

    if (msg_rpc_replay_response_decode(body, &page, &err) != KIT_OK) {
        service_refuse(service, REFUSED_SCHEMA, WHERE, &err);
        kit_follower_on_fetch_failed(follower, service_mono_ms(service), 255);
        return;
    }
    if (copy_holds(service)) {
        kit_follower_on_fetch_failed(follower, service_mono_ms(service), 0);
        return;
    }
    if (!kit_follower_on_fetch_epoch(follower, page.epoch)) {
        kit_log_write(&service->ports.log, KIT_WARN, "new_epoch",
                      "%s has another history now; reading it from the start", follower->source);
    } else if (!apply_batch(service, follower, page.events.node, WHERE)) {
        kit_follower_on_fetch_failed(follower, service_mono_ms(service), 255);
        return;
    }
    const bool was_fine = !follower->is_stuck && !follower->went_back;
    const int64_t ask = kit_follower_on_fetch_applied(follower, page.head, service_mono_ms(service),
                                                      draw_jitter(service));
    if (was_fine && follower->is_stuck)
        kit_log_write(&service->ports.log, KIT_ERROR, "stream_stuck",
                      "%s has events after %" PRId64 " but does not give them; asking on",
                      follower->source, follower->seq);
    if (was_fine && follower->went_back)
        kit_log_write(&service->ports.log, KIT_ERROR, "history_went_back",
                      "%s has %" PRId64 " events, we have read %" PRId64
                      ": it was restored; start it once with --new-epoch 1",
                      follower->source, page.head, follower->seq);
    confirm(service, index, ask);
}

static void fail_fetch(struct kit_service *service, struct kit_follower *follower)
{
    kit_follower_on_fetch_failed(follower, service_mono_ms(service), draw_jitter(service));
}

static void on_fetched(void *context, const struct kit_rpc_outcome *outcome)
{
    const struct fetch_context *fetch = context;
    struct kit_follower *follower = &fetch->service->followers[fetch->index];

    if (!follower->is_fetching)
        return; /* the link went down and came back meanwhile */
    if (outcome->code == KIT_OK)
        on_page(fetch->service, fetch->index, outcome->body);
    else
        fail_fetch(fetch->service, follower);
}

static void fetch(struct kit_service *service, size_t index)
{
    struct kit_follower *follower = &service->followers[index];
    const struct msg_rpc_replay_request request = {
        .after = follower->seq, .limit = (int64_t)service->limits.fetch_events
    };
    struct kit_buf body;

    if (!kit_follower_may_send(follower,
                               kit_rpc_client_is_online(service->client, follower->source))) {
        fail_fetch(service, follower);
        return;
    }
    kit_buf_init(&body, FETCH_BODY_BYTES_MAX);
    msg_rpc_replay_request_encode(&request, &body);
    CHECK(!body.overflow);
    const struct kit_rpc_call call = {
        .instance = follower->source,
        .method = "replay",
        .body = body.data,
        .body_size_bytes = body.size_bytes,
        .key = "",
        .traceparent = "",
        .timeout_ms = KIT_FETCH_TIMEOUT_MS,
        .on_done = on_fetched,
        .context = &service->fetch_contexts[index],
    };
    int rc = kit_rpc_client_call(service->client, &call, NULL);
    kit_buf_done(&body);
    if (rc == KIT_OK)
        kit_follower_on_fetch_sent(follower);
    else
        fail_fetch(service, follower);
}

int64_t kit_service_confirm(struct kit_service *service, const char *source)
{
    struct kit_follower *follower = streams_find(service, source);
    PRE(follower != NULL);
    return kit_follower_ask(follower, service_mono_ms(service));
}

int64_t streams_tick(struct kit_service *service, int64_t now_mono_ms)
{
    int64_t next = INT64_MAX;
    if (copy_holds(service))
        return service->copy.hold_until_mono_ms;
    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        if (!recovery_may_read(service, &service->followers[i]))
            continue;
        if (kit_follower_wants_fetch(&service->followers[i], now_mono_ms))
            fetch(service, i);
        const int64_t at = kit_follower_next(&service->followers[i]);
        if (at < next)
            next = at;
    }
    return next;
}

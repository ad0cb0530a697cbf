/* A database that was lost, or came back from a backup. Whoever follows us has seen numbers and
 * versions that we know nothing of; given again, they would be taken for what they were. So nothing
 * is decided until each follower has said how far they have gone (ASKING), and until everything
 * that our own sources tell has been read again, one after the other, so that no answer comes
 * before its question (READING). Both outlive a restart. Loop thread. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/service/internal.h"
#include "msg/rpc_seen_request.gen.h"
#include "msg/rpc_seen_response.gen.h"

#define ASK_TIMEOUT_MS 1000
#define ASK_PAUSE_MS 1000 /* between two questions to one follower */
#define BODY_BYTES_MAX 128
#define RETRY_AFTER_MS 2000

static const char *waiting_for(const struct kit_service *service)
{
    const struct service_recovery *recovery = &service->recovery;
    for (size_t i = 0; i < service->desc->follower_count; i++) {
        if (!recovery->asked[i].has_answered)
            return service->desc->followers[i];
    }
    return "";
}

/* Writes the sentence that people are told. */
static void say(struct kit_service *service)
{
    struct service_recovery *recovery = &service->recovery;
    switch (recovery->phase) {
    case RECOVERY_NONE:
        return;
    case RECOVERY_ASKING:
        (void)snprintf(recovery->sentence, sizeof(recovery->sentence),
                       "its database was lost or restored: it waits until %s says how far numbers "
                       "have gone; if that cannot be, start it once with --begin-at N, N being "
                       "above every number in use",
                       waiting_for(service));
        return;
    case RECOVERY_READING:
        (void)snprintf(recovery->sentence, sizeof(recovery->sentence),
                       "its database was lost or restored: it reads what %s has told",
                       service->desc->subscriptions[recovery->turn].source);
        return;
    }
    UNREACHABLE("a phase of recovery");
}

const char *recovery_not_ready(const struct kit_service *service)
{
    return service->recovery.phase == RECOVERY_NONE ? NULL : service->recovery.sentence;
}

int recovery_refuse(const struct kit_service *service, struct kit_error *err)
{
    const char *why = recovery_not_ready(service);
    if (why == NULL)
        return KIT_OK;
    kit_error_typed(err, KIT_E_UNAVAILABLE, "recovering", "%s takes nothing yet: %s",
                    service->instance, why);
    err->retry_after_ms = RETRY_AFTER_MS;
    return KIT_E_UNAVAILABLE;
}

/* ---- what is stored ---- */

static int load(void *context, struct kit_error *err)
{
    struct kit_service *service = context;
    struct service_recovery *recovery = &service->recovery;
    bool is_found = false;
    struct kit_query q = kit_query_start(&service->statements, Q_RECOVERY_GET);
    int rc = kit_query_row(&q, &is_found, err);
    if (rc == KIT_OK && is_found) {
        recovery->phase = (enum recovery_phase)kit_query_next_int(&q);
        recovery->highest_id = kit_query_next_int(&q);
        recovery->highest_version = kit_query_next_int(&q);
    }
    kit_query_end(&q);
    return rc;
}

struct step {
    struct kit_service *service;
    enum recovery_phase phase;
    int64_t highest_id, highest_version;
};

static int64_t higher_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int store(void *context, struct kit_error *err)
{
    const struct step *step = context;
    struct kit_query q = kit_query_start(&step->service->statements, Q_RECOVERY_SET);
    kit_query_int(&q, step->phase);
    kit_query_int(&q, step->highest_id);
    kit_query_int(&q, step->highest_version);
    return kit_query_run(&q, NULL, err);
}

/* The last step, with what the service makes of it. */
static int end(void *context, struct kit_error *err)
{
    const struct step *step = context;
    const struct kit_service_desc *desc = step->service->desc;
    int rc = store(context, err);
    if (rc != KIT_OK || desc->on_recovered == NULL)
        return rc;
    return desc->on_recovered(step->service->app, err);
}

/* The next phase, committed before anything is done in it. false: not yet, the next turn tries. */
static bool enter(struct kit_service *service, struct step *step)
{
    struct service_recovery *recovery = &service->recovery;
    const int64_t failures = service->commit_failures_total;
    struct kit_error err = { 0 };

    int rc = service_run_own_item(service, step->phase == RECOVERY_NONE ? end : store, step, &err);
    if (rc != KIT_OK) {
        kit_log_write(&service->ports.log, KIT_WARN, "recovery_waits", "%s; trying again",
                      err.text);
        return false;
    }
    service->is_loud = true;
    kit_service_flush(service);
    if (service->commit_failures_total != failures || service->failure.code != KIT_OK)
        return false;
    recovery->phase = step->phase;
    recovery->highest_id = step->highest_id;
    recovery->highest_version = step->highest_version;
    say(service);
    return true;
}

int recovery_open(struct kit_service *service, struct kit_error *err)
{
    struct service_recovery *recovery = &service->recovery;
    const struct kit_store_port *port = &service->ports.store;

    PRE(service->desc->follower_count <= RECOVERY_FOLLOWERS_MAX);
    if (service->desc->follower_count == 0)
        return KIT_OK;
    int rc = load(service, err);
    if (rc != KIT_OK)
        return rc;
    if (port->was_restored || (port->existed && service->log.is_new))
        recovery->phase = RECOVERY_ASKING;
    else if (recovery->phase != RECOVERY_ASKING)
        return KIT_OK;
    if (port->begin_at > 0) {
        recovery->phase = RECOVERY_READING;
        recovery->highest_id = higher_of(recovery->highest_id, port->begin_at - 1);
        recovery->highest_version = higher_of(recovery->highest_version, port->begin_at - 1);
    }
    say(service);
    kit_log_write(&service->ports.log, KIT_WARN, "recovery", "%s", recovery_not_ready(service));
    return store(
        &(struct step){ service, recovery->phase, recovery->highest_id, recovery->highest_version },
        err);
}

/* ---- asking ---- */

static void take_answer(struct kit_service *service, size_t index,
                        const struct kit_rpc_outcome *outcome)
{
    struct service_recovery *recovery = &service->recovery;
    struct recovery_asked *asked = &recovery->asked[index];
    struct msg_rpc_seen_response seen;
    struct kit_error err = { 0 };

    if (outcome->code != KIT_OK || msg_rpc_seen_response_decode(outcome->body, &seen, &err) != 0) {
        if (!asked->has_failed)
            kit_log_write(&service->ports.log, KIT_WARN, "recovery_waits",
                          "%s does not say how far numbers have gone: %s; asking on",
                          service->desc->followers[index],
                          outcome->code != KIT_OK ? outcome->error->text : err.text);
        asked->has_failed = true;
        return;
    }
    asked->has_answered = true;
    asked->highest_id = seen.highest_id;
    asked->highest_version = seen.highest_version;
}

static void on_answer(void *context, const struct kit_rpc_outcome *outcome)
{
    struct recovery_asked *asked = context;
    struct kit_service *service = asked->service;
    const size_t index = (size_t)(asked - service->recovery.asked);

    asked->is_under_way = false;
    asked->due_mono_ms = service_mono_ms(service) + ASK_PAUSE_MS;
    take_answer(service, index, outcome);
}

static void ask(struct kit_service *service, size_t index, int64_t now_mono_ms)
{
    struct recovery_asked *asked = &service->recovery.asked[index];
    struct msg_rpc_seen_request request = { 0 };
    struct kit_buf body;

    kit_text_copy(request.epoch, sizeof(request.epoch), service->log.epoch);
    kit_buf_init(&body, BODY_BYTES_MAX);
    msg_rpc_seen_request_encode(&request, &body);
    CHECK(!body.overflow);
    asked->service = service;
    const struct kit_rpc_call call = {
        .instance = service->desc->followers[index],
        .method = "seen",
        .body = body.data,
        .body_size_bytes = body.size_bytes,
        .key = "",
        .traceparent = "",
        .timeout_ms = ASK_TIMEOUT_MS,
        .on_done = on_answer,
        .context = asked,
    };
    asked->is_under_way = kit_rpc_client_call(service->client, &call, NULL) == KIT_OK;
    asked->due_mono_ms = now_mono_ms + ASK_PAUSE_MS;
    kit_buf_done(&body);
}

/* Everybody has answered: what they said is the floor, from now on and for good. */
static void end_asking(struct kit_service *service)
{
    const struct service_recovery *recovery = &service->recovery;
    struct step step = { service, RECOVERY_READING, recovery->highest_id,
                         recovery->highest_version };

    for (size_t i = 0; i < service->desc->follower_count; i++) {
        if (!recovery->asked[i].has_answered)
            return;
        step.highest_id = higher_of(step.highest_id, recovery->asked[i].highest_id);
        step.highest_version = higher_of(step.highest_version, recovery->asked[i].highest_version);
    }
    if (enter(service, &step))
        kit_log_write(&service->ports.log, KIT_WARN, "recovery",
                      "the highest number that anybody has seen is %" PRId64
                      "; numbers go on from %" PRId64,
                      step.highest_id, kit_service_id_floor(service) + 1);
}

static int64_t tick_asking(struct kit_service *service, int64_t now_mono_ms)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < service->desc->follower_count && service->is_up; i++) {
        struct recovery_asked *asked = &service->recovery.asked[i];
        if (asked->has_answered || asked->is_under_way)
            continue;
        if (now_mono_ms >= asked->due_mono_ms)
            ask(service, i, now_mono_ms);
        if (!asked->is_under_way && asked->due_mono_ms < next)
            next = asked->due_mono_ms;
    }
    end_asking(service);
    say(service);
    return service->recovery.phase == RECOVERY_ASKING ? next : now_mono_ms;
}

/* ---- reading ---- */

bool recovery_may_read(const struct kit_service *service, const struct kit_follower *follower)
{
    switch (service->recovery.phase) {
    case RECOVERY_NONE:
        return true;
    case RECOVERY_ASKING:
        return false;
    case RECOVERY_READING:
        return (size_t)(follower - service->followers) <= service->recovery.turn;
    }
    UNREACHABLE("a phase of recovery");
}

int recovery_count(struct kit_service *service, struct kit_error *err)
{
    struct service_recovery *recovery = &service->recovery;
    if (service->desc->count_lost == NULL || recovery->highest_id == 0)
        return KIT_OK;
    return service->desc->count_lost(service->app, recovery->highest_id, &recovery->lost_count,
                                     err);
}

static int count_lost(void *context, struct kit_error *err)
{
    return recovery_count(context, err);
}

static void tick_reading(struct kit_service *service)
{
    struct service_recovery *recovery = &service->recovery;
    const size_t count = service->desc->subscription_count;

    while (recovery->turn < count && kit_follower_is_at_head(&service->followers[recovery->turn]))
        recovery->turn++;
    if (recovery->turn < count) {
        say(service);
        return;
    }
    recovery->turn = count - 1; /* until it is stored */
    struct step step = { service, RECOVERY_NONE, recovery->highest_id, recovery->highest_version };
    if (!enter(service, &step))
        return;
    (void)service_run_own_item(service, count_lost, service, NULL); /* a number for people */
    kit_log_write(&service->ports.log, KIT_WARN, "recovered",
                  "everything was read again; of the numbers up to %" PRId64 " that were given"
                  " before, nobody has told of %" PRId64 "; new ones go on from %" PRId64,
                  recovery->highest_id, recovery->lost_count, kit_service_id_floor(service) + 1);
}

int64_t recovery_tick(struct kit_service *service, int64_t now_mono_ms)
{
    switch (service->recovery.phase) {
    case RECOVERY_NONE:
        return INT64_MAX;
    case RECOVERY_ASKING:
        return tick_asking(service, now_mono_ms);
    case RECOVERY_READING:
        tick_reading(service);
        return INT64_MAX;
    }
    UNREACHABLE("a phase of recovery");
}

/* ---- what others ask, and what handlers use ---- */

static int answer_seen(struct kit_service *service, const struct kit_rpc_exchange *exchange,
                       struct kit_error *err)
{
    struct msg_rpc_seen_response *out = exchange->out;
    const struct kit_follower *follower = streams_find(service, service->request->caller);

    if (follower == NULL)
        return kit_error_set(err, KIT_E_NOT_FOUND, "%s does not follow %s", service->instance,
                             service->request->caller);
    if (service->recovery.phase != RECOVERY_NONE && follower->epoch[0] == '\0')
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "%s has lost its own database, and knows nothing of %s yet",
                             service->instance, follower->source);
    out->highest_id = follower->highest_id;
    out->highest_version = follower->highest_version;
    return KIT_OK;
}

const struct kit_method recovery_method = {
    .row = { .name = "seen",
             .kind = KIT_RPC_READ,
             .in = &msg_rpc_seen_request_shape,
             .out = &msg_rpc_seen_response_shape },
    .run = answer_seen,
};

int64_t kit_service_version_base(const struct kit_service *service)
{
    return service->recovery.highest_version;
}

int64_t kit_service_id_floor(const struct kit_service *service)
{
    const int64_t highest = service->recovery.highest_id;
    return highest > 0 ? highest + KIT_RECOVERY_MARGIN : 0;
}

int64_t kit_service_lost_until(const struct kit_service *service)
{
    return service->recovery.highest_id;
}

/* Calls under way live in a fixed table of slots, found by their correlation id through short hash
 * chains. Timeouts are looked for only when the earliest known deadline has come. */
#include "kit/rpc/client.h"
#include "kit/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/json/gate.h"
#include "kit/rpc/presence.h"
#include "kit/rpc/topic.h"
#include "msg/rpc_problem.gen.h"

#define BUCKETS 1024 /* a power of two */
#define NONE (-1)
#define LINK_DOUBT_MS                                                                              \
    50 /* from a bus that takes nothing until it has said that the link is down                    \
        */

struct call {
    uint8_t correlation[KIT_CORRELATION_SIZE];
    char instance[KIT_INSTANCE_SIZE];
    int64_t deadline_mono_ms; /* as if its time stood until stands_until_mono_ms */
    int64_t latest_mono_ms;
    int64_t stands_until_mono_ms; /* 0: its time goes */
    kit_rpc_done_cb on_done;      /* NULL: the slot is free */
    void *context;
    bool is_probe;              /* of an instance that is said to be away */
    int64_t held_until_mono_ms; /* 0: it is under way */
    int64_t epoch;              /* of the instance, when it was sent last */
    bool is_shaky;              /* its instance was expected back meanwhile: it may be lost */
    char *words;                /* method, key, traceparent and body, to send them again; NULL: the
                                   call may not wait */
    size_t body_size_bytes;
    struct kit_actor actor;
    int next; /* in the bucket's chain, or in the free list */
};

struct kit_rpc_client {
    char caller[KIT_INSTANCE_SIZE];
    uint32_t life; /* of this process, for kit/rpc/passage.h; never 0 */
    const struct kit_bus *bus;
    const struct kit_clock *clock;
    const struct kit_rng *rng;
    struct kit_presence presence;
    struct call calls[KIT_RPC_CALLS_MAX];
    int buckets[BUCKETS];
    int free_first, calls_max;
    size_t open_count;
    int64_t malformed_count, held_total, repeated_total;
    int64_t next_deadline_mono_ms;  /* never later than the earliest open one */
    bool is_up;                     /* the link */
    int64_t link_return_by_mono_ms; /* the link is down, and expected back until then; else 0 */
};

struct kit_rpc_client *kit_rpc_client_new(const char *caller, const struct kit_bus *bus,
                                          const struct kit_clock *clock, const struct kit_rng *rng)
{
    PRE(strlen(caller) < KIT_INSTANCE_SIZE);
    struct kit_rpc_client *client = calloc(1, sizeof(*client));
    CHECK(client != NULL);
    kit_text_copy(client->caller, sizeof(client->caller), caller);
    client->bus = bus;
    client->clock = clock;
    client->rng = rng;
    rng->fill(rng->self, &client->life, sizeof(client->life));
    client->life |= 1;
    client->next_deadline_mono_ms = INT64_MAX;
    for (int i = 0; i < BUCKETS; i++)
        client->buckets[i] = NONE;
    kit_rpc_client_limit(client, KIT_RPC_CALLS_MAX);
    return client;
}

void kit_rpc_client_limit(struct kit_rpc_client *client, int calls_max)
{
    PRE(client->open_count == 0 && calls_max > 0 && calls_max <= KIT_RPC_CALLS_MAX);
    client->calls_max = calls_max;
    for (int i = 0; i < calls_max; i++)
        client->calls[i].next = i + 1 < calls_max ? i + 1 : NONE;
    client->free_first = 0;
}

void kit_rpc_client_free(struct kit_rpc_client *client)
{
    for (int i = 0; client != NULL && i < client->calls_max; i++)
        free(client->calls[i].words);
    free(client);
}

static int *find_bucket(struct kit_rpc_client *client, const uint8_t *correlation)
{
    uint32_t hash;
    memcpy(&hash, correlation, sizeof(hash)); /* random bytes are their own hash */
    return &client->buckets[hash & (BUCKETS - 1)];
}

/* Takes the call out of the table and tells its owner, who may start a new call in the same slot.
 */
static void end_call(struct kit_rpc_client *client, int *link,
                     const struct kit_rpc_outcome *outcome)
{
    const int index = *link;
    struct call *call = &client->calls[index];
    const kit_rpc_done_cb on_done = call->on_done;
    void *context = call->context;

    *link = call->next;
    free(call->words);
    call->words = NULL;
    call->on_done = NULL;
    call->next = client->free_first;
    client->free_first = index;
    client->open_count--;
    on_done(context, outcome);
}

static int *find_call(struct kit_rpc_client *client, const uint8_t *correlation)
{
    int *link = find_bucket(client, correlation);
    while (*link != NONE &&
           memcmp(client->calls[*link].correlation, correlation, KIT_CORRELATION_SIZE) != 0)
        link = &client->calls[*link].next;
    return *link == NONE ? NULL : link;
}

static int send_request(struct kit_rpc_client *client, const struct kit_rpc_call *call,
                        const uint8_t *correlation, struct kit_error *err)
{
    char topic[KIT_TOPIC_SIZE], response_topic[KIT_TOPIC_SIZE];
    kit_topic_rpc(topic, call->instance, call->method, client->caller);
    kit_topic_reply(response_topic, client->caller, call->instance);

    struct kit_message message = {
        .topic = topic,
        .payload = call->body,
        .payload_size_bytes = call->body_size_bytes,
        .qos = 1,
        .response_topic = response_topic,
        .has_correlation = true,
        .deadline_ms = client->clock->wall_ms(client->clock->self) + call->timeout_ms,
        .left_ms = call->timeout_ms,
        .sender_life = client->life,
        .sent_mono_ms = client->clock->mono_ms(client->clock->self),
        .status = "",
        .key = call->key,
        .traceparent = call->traceparent,
        .actor = call->actor,
    };
    memcpy(message.correlation, correlation, KIT_CORRELATION_SIZE);
    return client->bus->publish(client->bus->self, &message, 0, err);
}

/* ---- held, and sent again ---- */

static char *keep_words(const struct kit_rpc_call *call)
{
    const char *const words[] = { call->method, call->key, call->traceparent };
    size_t size = call->body_size_bytes;

    for (size_t i = 0; i < KIT_COUNT(words); i++)
        size += strlen(words[i]) + 1;
    char *kept = malloc(size);
    CHECK(kept != NULL);
    char *at = kept;
    for (size_t i = 0; i < KIT_COUNT(words); i++) {
        const size_t length = strlen(words[i]) + 1;
        memcpy(at, words[i], length);
        at += length;
    }
    memcpy(at, call->body, call->body_size_bytes);
    return kept;
}

static int64_t earlier_of(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* How much longer its time stands. */
static int64_t stands_ms(const struct call *call, int64_t now_mono_ms)
{
    return call->stands_until_mono_ms > now_mono_ms ? call->stands_until_mono_ms - now_mono_ms : 0;
}

/* The call as its owner gave it, with the time that is left if its instance is back now. */
static struct kit_rpc_call read_words(const struct call *slot, int64_t now_mono_ms)
{
    const char *key = slot->words + strlen(slot->words) + 1;
    const char *traceparent = key + strlen(key) + 1;
    const int64_t deadline_mono_ms = earlier_of(
        slot->deadline_mono_ms - stands_ms(slot, now_mono_ms), slot->latest_mono_ms);

    return (struct kit_rpc_call){
        .instance = slot->instance,
        .method = slot->words,
        .key = key,
        .traceparent = traceparent,
        .body = traceparent + strlen(traceparent) + 1,
        .body_size_bytes = slot->body_size_bytes,
        .actor = slot->actor,
        .timeout_ms = deadline_mono_ms - now_mono_ms,
    };
}

static int64_t end_of(const struct call *call)
{
    const int64_t deadline_mono_ms = earlier_of(call->deadline_mono_ms, call->latest_mono_ms);
    const bool is_held = call->held_until_mono_ms != 0;
    return is_held ? earlier_of(call->held_until_mono_ms, deadline_mono_ms) : deadline_mono_ms;
}

static void await_end(struct kit_rpc_client *client, const struct call *call)
{
    if (end_of(call) < client->next_deadline_mono_ms)
        client->next_deadline_mono_ms = end_of(call);
}

/* Until when the link or the instance is expected back; 0: it is there, or it has crashed. */
static int64_t find_return(const struct kit_rpc_client *client, const char *instance,
                           int64_t now_mono_ms)
{
    if (now_mono_ms < client->link_return_by_mono_ms)
        return client->link_return_by_mono_ms;
    if (kit_presence_get(&client->presence, instance) == KIT_PRESENCE_ONLINE)
        return 0;
    return kit_presence_return_by(&client->presence, instance, now_mono_ms);
}

/* Lets the time of the call stand while its instance is expected back, and go else. */
static void set_time(struct kit_rpc_client *client, struct call *call, int64_t now_mono_ms)
{
    call->deadline_mono_ms -= stands_ms(call, now_mono_ms);
    call->stands_until_mono_ms = find_return(client, call->instance, now_mono_ms);
    call->deadline_mono_ms += stands_ms(call, now_mono_ms);
    await_end(client, call);
}

static void hold(struct kit_rpc_client *client, struct call *call, int64_t until_mono_ms)
{
    call->held_until_mono_ms = until_mono_ms;
    client->held_total++;
    await_end(client, call);
}

/* It goes to whoever is there now. */
static void note_sent(const struct kit_rpc_client *client, struct call *call, int64_t now_mono_ms)
{
    call->held_until_mono_ms = 0;
    call->epoch = kit_presence_epoch(&client->presence, call->instance);
    call->is_shaky = kit_presence_return_by(&client->presence, call->instance, now_mono_ms) != 0;
}

static void send_again(struct kit_rpc_client *client, struct call *call, int64_t now_mono_ms)
{
    const struct kit_rpc_call again = read_words(call, now_mono_ms);
    struct kit_error err = { 0 };

    if (again.timeout_ms <= 0)
        return; /* the tick ends it */
    int rc = send_request(client, &again, call->correlation, &err);
    if (rc == KIT_E_UNAVAILABLE && client->is_up) {
        hold(client, call, now_mono_ms + LINK_DOUBT_MS);
        return;
    }
    if (rc != KIT_OK) {
        end_call(client, find_call(client, call->correlation),
                 &(struct kit_rpc_outcome){ .code = rc, .error = &err });
        return;
    }
    client->repeated_total += call->held_until_mono_ms == 0;
    note_sent(client, call, now_mono_ms);
}

/* The instance is back: what waited for it goes out, and what it may not have got. NULL: the link
 * is, and nobody has been heard of yet. */
static void on_return(struct kit_rpc_client *client, const char *instance, int64_t now_mono_ms)
{
    for (int i = 0; i < client->calls_max; i++) {
        struct call *call = &client->calls[i];
        if (call->on_done == NULL || call->words == NULL ||
            (instance != NULL && strcmp(call->instance, instance) != 0))
            continue;
        set_time(client, call, now_mono_ms);
        const bool is_lost = call->is_shaky &&
                             call->epoch < kit_presence_epoch(&client->presence, call->instance);
        if (call->held_until_mono_ms != 0 || is_lost)
            send_again(client, call, now_mono_ms);
    }
}

/* The instance goes: it may not get to what is under way. */
static void on_leave(struct kit_rpc_client *client, const char *instance, int64_t now_mono_ms)
{
    for (int i = 0; i < client->calls_max; i++) {
        struct call *call = &client->calls[i];
        if (call->on_done == NULL || strcmp(call->instance, instance) != 0)
            continue;
        call->is_shaky = true;
        set_time(client, call, now_mono_ms);
    }
}

/* ---- calls ---- */

/* Takes a slot; there is one. */
static struct call *open_call(struct kit_rpc_client *client, const struct kit_rpc_call *call,
                              const uint8_t *correlation, int64_t now_mono_ms)
{
    const int index = client->free_first;
    const bool is_longer = call->longest_ms > call->timeout_ms;
    struct call *slot = &client->calls[index];
    int *bucket = find_bucket(client, correlation);

    client->free_first = slot->next;
    *slot = (struct call){ .deadline_mono_ms = now_mono_ms + call->timeout_ms,
                           .latest_mono_ms = now_mono_ms +
                                             (is_longer ? call->longest_ms : call->timeout_ms),
                           .on_done = call->on_done,
                           .context = call->context,
                           .words = call->may_wait ? keep_words(call) : NULL,
                           .body_size_bytes = call->body_size_bytes,
                           .actor = call->actor,
                           .next = *bucket };
    memcpy(slot->correlation, correlation, sizeof(slot->correlation));
    kit_text_copy(slot->instance, sizeof(slot->instance), call->instance);
    *bucket = index;
    client->open_count++;
    set_time(client, slot, now_mono_ms);
    return slot;
}

/* Until when a call of now would be held; 0: it need not be. */
static int64_t find_hold(const struct kit_rpc_client *client, const struct kit_rpc_call *call,
                         enum kit_presence_verdict verdict, int64_t now_mono_ms)
{
    if (!call->may_wait)
        return 0;
    if (now_mono_ms < client->link_return_by_mono_ms)
        return client->link_return_by_mono_ms;
    return verdict == KIT_PRESENCE_HOLD
               ? kit_presence_hold_until(&client->presence, call->instance, now_mono_ms)
               : 0;
}

int kit_rpc_client_call(struct kit_rpc_client *client, const struct kit_rpc_call *call,
                        struct kit_error *err)
{
    uint8_t correlation[KIT_CORRELATION_SIZE];
    const int64_t now_mono_ms = client->clock->mono_ms(client->clock->self);

    PRE(call->timeout_ms > 0);
    PRE(call->on_done != NULL);
    const enum kit_presence_verdict verdict = kit_presence_judge(&client->presence, call->instance,
                                                                 now_mono_ms);
    int64_t hold_until_mono_ms = find_hold(client, call, verdict, now_mono_ms);
    if (hold_until_mono_ms == 0 && (verdict == KIT_PRESENCE_REFUSE || verdict == KIT_PRESENCE_HOLD))
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the %s service is down; try again later",
                             call->instance);
    if (client->free_first == NONE)
        return kit_error_set(err, KIT_E_LIMIT, "%d calls are under way; try again later",
                             client->calls_max);

    client->rng->fill(client->rng->self, correlation, sizeof(correlation));
    int rc = hold_until_mono_ms != 0 ? KIT_OK : send_request(client, call, correlation, err);
    if (rc == KIT_E_UNAVAILABLE && call->may_wait && client->is_up)
        hold_until_mono_ms = now_mono_ms + LINK_DOUBT_MS;
    else if (rc != KIT_OK)
        return rc;
    struct call *slot = open_call(client, call, correlation, now_mono_ms);
    slot->is_probe = verdict == KIT_PRESENCE_PROBE;
    if (hold_until_mono_ms != 0)
        hold(client, slot, hold_until_mono_ms);
    else
        note_sent(client, slot, now_mono_ms);
    return KIT_OK;
}

static void fill_problem(struct kit_error *problem, int code, const cJSON *body)
{
    struct msg_rpc_problem wire;
    if (msg_rpc_problem_decode(body, &wire, NULL) != KIT_OK) {
        kit_error_set(problem, code, "the service answered %s without saying why",
                      kit_code_name(code));
        return;
    }
    kit_error_typed(problem, code, wire.type, "%s", wire.detail);
    if (wire.has_pointer)
        kit_text_copy(problem->pointer, sizeof(problem->pointer), wire.pointer);
    if (wire.has_retry_after_ms)
        problem->retry_after_ms = wire.retry_after_ms;
}

static void on_reply(struct kit_rpc_client *client, const char *instance,
                     const struct kit_message *message)
{
    int *link = message->has_correlation ? find_call(client, message->correlation) : NULL;
    if (link == NULL || strcmp(client->calls[*link].instance, instance) != 0)
        return; /* late, or not an answer to anything we asked that instance */

    kit_presence_on_answer(&client->presence, instance, client->calls[*link].is_probe);

    struct kit_error problem = { 0 };
    cJSON *body = NULL;
    int rc = kit_json_parse(message->payload, message->payload_size_bytes, KIT_PAYLOAD_BYTES_MAX,
                            &body, &problem);
    if (rc != KIT_OK) {
        client->malformed_count++;
    } else {
        rc = kit_code_from_name(message->status);
        if (rc == KIT_PENDING) /* no answer to anybody */
            rc = KIT_E_INVALID;
        if (rc != KIT_OK)
            fill_problem(&problem, rc, body);
    }
    const struct kit_rpc_outcome outcome = {
        .code = rc,
        .body = rc == KIT_OK ? body : NULL,
        .error = rc == KIT_OK ? NULL : &problem,
    };
    end_call(client, link, &outcome);
    cJSON_Delete(body);
}

/* How calls end that nobody has answered. */
struct end {
    int code;
    const char *why; /* "the rental service ..." */
};

static void end_unanswered(struct kit_rpc_client *client, struct call *call, const struct end *end)
{
    struct kit_error error = { 0 };

    kit_error_set(&error, end->code, "the %s service %s", call->instance, end->why);
    end_call(client, find_call(client, call->correlation),
             &(struct kit_rpc_outcome){ .code = end->code, .error = &error });
}

/* It is gone, and not expected back: what waits for it waits for nothing, and what it has got may
 * still be answered. */
static void on_crash(struct kit_rpc_client *client, const char *instance, int64_t now_mono_ms)
{
    static const struct end GONE = { KIT_E_UNAVAILABLE, "is down; try again later" };

    for (int i = 0; i < client->calls_max; i++) {
        struct call *call = &client->calls[i];
        if (call->on_done == NULL || strcmp(call->instance, instance) != 0)
            continue;
        if (call->held_until_mono_ms != 0)
            end_unanswered(client, call, &GONE);
        else
            set_time(client, call, now_mono_ms);
    }
}

static void on_state(struct kit_rpc_client *client, const char *instance,
                     const struct kit_message *message)
{
    const int64_t now_mono_ms = client->clock->mono_ms(client->clock->self);
    const enum kit_presence_status before = kit_presence_get(&client->presence, instance);
    const int64_t epoch = kit_presence_epoch(&client->presence, instance);

    if (kit_presence_on_message(&client->presence, instance, message, now_mono_ms, NULL) !=
        KIT_OK) {
        client->malformed_count++;
        return;
    }
    const enum kit_presence_status after = kit_presence_get(&client->presence, instance);
    if (after == before && kit_presence_epoch(&client->presence, instance) == epoch)
        return;
    if (after == KIT_PRESENCE_ONLINE)
        on_return(client, instance, now_mono_ms);
    else if (kit_presence_return_by(&client->presence, instance, now_mono_ms) != 0)
        on_leave(client, instance, now_mono_ms);
    else
        on_crash(client, instance, now_mono_ms);
}

bool kit_rpc_client_on_message(struct kit_rpc_client *client, const struct kit_message *message)
{
    char instance[KIT_INSTANCE_SIZE];

    if (kit_topic_parse_reply(message->topic, client->caller, instance)) {
        on_reply(client, instance, message);
        return true;
    }
    if (kit_topic_parse(message->topic, "service", "state", instance)) {
        on_state(client, instance, message);
        return true;
    }
    return false;
}

/* What may wait is held, as if it had not been sent: nobody knows how far it came. */
static void on_link_down(struct kit_rpc_client *client, int64_t now_mono_ms)
{
    static const struct end CUT = { KIT_E_UNAVAILABLE, "cannot be reached: the broker is away" };

    kit_presence_forget(&client->presence, now_mono_ms);
    client->link_return_by_mono_ms = now_mono_ms + KIT_PRESENCE_RETURN_MS;
    for (int i = 0; i < client->calls_max; i++) {
        struct call *call = &client->calls[i];
        if (call->on_done == NULL)
            continue;
        if (call->words == NULL) {
            end_unanswered(client, call, &CUT);
            continue;
        }
        set_time(client, call, now_mono_ms);
        hold(client, call, client->link_return_by_mono_ms);
    }
}

void kit_rpc_client_on_link(struct kit_rpc_client *client, bool is_up)
{
    const int64_t now_mono_ms = client->clock->mono_ms(client->clock->self);

    client->is_up = is_up;
    if (!is_up) {
        on_link_down(client, now_mono_ms);
        return;
    }
    client->link_return_by_mono_ms = 0;
    on_return(client, NULL, now_mono_ms);
}

static void end_late(struct kit_rpc_client *client, int64_t now_mono_ms)
{
    static const struct end LATE = { KIT_E_TIMEOUT, "did not answer in time" };
    static const struct end AWAY = { KIT_E_UNAVAILABLE, "did not come back in time" };
    int64_t next = INT64_MAX;

    client->next_deadline_mono_ms = INT64_MAX; /* calls that callbacks start lower it again */
    for (int i = 0; i < client->calls_max; i++) {
        struct call *call = &client->calls[i];
        if (call->on_done == NULL)
            continue;
        if (end_of(call) > now_mono_ms)
            next = end_of(call) < next ? end_of(call) : next;
        else
            end_unanswered(client, call, call->held_until_mono_ms != 0 ? &AWAY : &LATE);
    }
    if (next < client->next_deadline_mono_ms)
        client->next_deadline_mono_ms = next;
}

int64_t kit_rpc_client_tick(struct kit_rpc_client *client, int64_t now_mono_ms)
{
    if (now_mono_ms >= client->next_deadline_mono_ms)
        end_late(client, now_mono_ms);
    return client->open_count == 0 ? INT64_MAX : client->next_deadline_mono_ms;
}

bool kit_rpc_client_is_online(const struct kit_rpc_client *client, const char *instance)
{
    return kit_presence_get(&client->presence, instance) == KIT_PRESENCE_ONLINE;
}

bool kit_rpc_client_is_offline(const struct kit_rpc_client *client, const char *instance)
{
    return kit_presence_get(&client->presence, instance) == KIT_PRESENCE_OFFLINE;
}

int64_t kit_rpc_client_malformed_count(const struct kit_rpc_client *client)
{
    return client->malformed_count;
}

size_t kit_rpc_client_open_count(const struct kit_rpc_client *client)
{
    return client->open_count;
}

int64_t kit_rpc_client_held_total(const struct kit_rpc_client *client)
{
    return client->held_total;
}

int64_t kit_rpc_client_repeated_total(const struct kit_rpc_client *client)
{
    return client->repeated_total;
}

void kit_rpc_client_reply_filter(const struct kit_rpc_client *client, char ret[KIT_TOPIC_SIZE])
{
    kit_topic_reply(ret, client->caller, "#");
}

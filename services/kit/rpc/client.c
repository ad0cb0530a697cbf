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

struct call {
    uint8_t correlation[KIT_CORRELATION_SIZE];
    char instance[KIT_INSTANCE_SIZE];
    int64_t deadline_mono_ms;
    kit_rpc_done_cb on_done; /* NULL: the slot is free */
    void *context;
    bool is_probe; /* of an instance that is said to be away */
    int next;      /* in the bucket's chain, or in the free list */
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
    int64_t malformed_count;
    int64_t next_deadline_mono_ms; /* never later than the earliest open one */
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
    };
    memcpy(message.correlation, correlation, KIT_CORRELATION_SIZE);
    return client->bus->publish(client->bus->self, &message, 0, err);
}

int kit_rpc_client_call(struct kit_rpc_client *client, const struct kit_rpc_call *call,
                        struct kit_error *err)
{
    uint8_t correlation[KIT_CORRELATION_SIZE];
    const int64_t now_mono_ms = client->clock->mono_ms(client->clock->self);
    bool is_probe;

    PRE(call->timeout_ms > 0);
    PRE(call->on_done != NULL);
    if (!kit_presence_may_call(&client->presence, call->instance, now_mono_ms, &is_probe))
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the %s service is down; try again later",
                             call->instance);
    if (client->free_first == NONE)
        return kit_error_set(err, KIT_E_LIMIT, "%d calls are under way; try again later",
                             client->calls_max);

    client->rng->fill(client->rng->self, correlation, sizeof(correlation));
    int rc = send_request(client, call, correlation, err);
    if (rc != KIT_OK)
        return rc;

    const int index = client->free_first;
    struct call *slot = &client->calls[index];
    int *bucket = find_bucket(client, correlation);
    client->free_first = slot->next;
    memcpy(slot->correlation, correlation, sizeof(slot->correlation));
    kit_text_copy(slot->instance, sizeof(slot->instance), call->instance);
    slot->deadline_mono_ms = now_mono_ms + call->timeout_ms;
    slot->is_probe = is_probe;
    slot->on_done = call->on_done;
    slot->context = call->context;
    slot->next = *bucket;
    *bucket = index;
    client->open_count++;
    if (slot->deadline_mono_ms < client->next_deadline_mono_ms)
        client->next_deadline_mono_ms = slot->deadline_mono_ms;
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

bool kit_rpc_client_on_message(struct kit_rpc_client *client, const struct kit_message *message)
{
    char instance[KIT_INSTANCE_SIZE];

    if (kit_topic_parse_reply(message->topic, client->caller, instance)) {
        on_reply(client, instance, message);
        return true;
    }
    if (kit_topic_parse(message->topic, "service", "state", instance)) {
        const int64_t now_mono_ms = client->clock->mono_ms(client->clock->self);
        if (kit_presence_on_message(&client->presence, instance, message, now_mono_ms, NULL) !=
            KIT_OK)
            client->malformed_count++;
        return true;
    }
    return false;
}

/* Ends every open call whose deadline is not after `until`. */
static void end_calls(struct kit_rpc_client *client, int64_t until_mono_ms, int code,
                      const char *why)
{
    int64_t next = INT64_MAX;
    struct kit_error error = { 0 };

    client->next_deadline_mono_ms = INT64_MAX; /* calls that callbacks start lower it again */
    for (int i = 0; i < client->calls_max; i++) {
        struct call *call = &client->calls[i];
        if (call->on_done == NULL)
            continue;
        if (call->deadline_mono_ms > until_mono_ms) {
            if (call->deadline_mono_ms < next)
                next = call->deadline_mono_ms;
            continue;
        }
        kit_error_set(&error, code, "the %s service %s", call->instance, why);
        end_call(client, find_call(client, call->correlation),
                 &(struct kit_rpc_outcome){ .code = code, .error = &error });
    }
    if (next < client->next_deadline_mono_ms)
        client->next_deadline_mono_ms = next;
}

void kit_rpc_client_on_link(struct kit_rpc_client *client, bool is_up)
{
    if (is_up)
        return;
    kit_presence_forget(&client->presence);
    end_calls(client, INT64_MAX, KIT_E_UNAVAILABLE, "cannot be reached: the broker is away");
}

int64_t kit_rpc_client_tick(struct kit_rpc_client *client, int64_t now_mono_ms)
{
    if (now_mono_ms >= client->next_deadline_mono_ms)
        end_calls(client, now_mono_ms, KIT_E_TIMEOUT, "did not answer in time");
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

void kit_rpc_client_reply_filter(const struct kit_rpc_client *client, char ret[KIT_TOPIC_SIZE])
{
    kit_topic_reply(ret, client->caller, "#");
}

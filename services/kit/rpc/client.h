/* Asks other services over MQTT 5 request/response: correlation, deadlines, presence. Used by the
 * bridge and, through kit/service, by services. No threads: the owner feeds it messages, link
 * changes and time. Runs on the loop thread.
 *
 * A planned restart, of an instance or of the broker, costs a call time and no error:
 *  1. An instance that says restarting, or all that were there when the link broke, are expected
 *     back for KIT_PRESENCE_RETURN_MS at most.
 *  2. A call of that while waits in its slot (it is held) and goes out when the instance is back.
 *  3. A call that was under way goes out again then, with the same correlation and key: an effect
 *     happens once per key, and the first answer ends the call.
 *  4. Its time stands while its instance is expected back, up to longest_ms from its start. One
 *     whose instance does not come back ends with KIT_E_UNAVAILABLE.
 * A crash is no plan: its will ends with nothing held, and the next call fails at once. */
#ifndef KIT_RPC_CLIENT_H
#define KIT_RPC_CLIENT_H

#include <cjson/cJSON.h>

#include "kit/port/ports.h"

#define KIT_RPC_CALLS_MAX 4096 /* under way at once; one more gets KIT_E_LIMIT */

/* How a call ended. Borrowed for the callback. */
struct kit_rpc_outcome {
    int code;          /* KIT_OK, the executor's refusal, KIT_E_TIMEOUT, KIT_E_UNAVAILABLE */
    const cJSON *body; /* KIT_OK: the response, through the gate, to be decoded; else NULL */
    const struct kit_error *error; /* not KIT_OK: type, pointer, text as the executor gave them */
};

typedef void (*kit_rpc_done_cb)(void *context, const struct kit_rpc_outcome *outcome);

struct kit_rpc_call {
    const char *instance; /* "rental" */
    const char *method;   /* "create" */
    const char *body;     /* JSON text; copied */
    size_t body_size_bytes;
    const char *key;         /* idempotency key; "" for reads */
    const char *traceparent; /* "" if none */
    struct kit_actor actor;  /* for whom we ask */
    int64_t timeout_ms;      /* > 0; goes along as what is left, and as a deadline */
    int64_t longest_ms;      /* with the time for which it is expected back; up to timeout_ms: that
                                counts like any other */
    bool may_wait;           /* for an instance that is expected back; false: fails at once */
    kit_rpc_done_cb on_done; /* exactly once if the start returned KIT_OK, never otherwise */
    void *context;           /* the callee's until on_done */
};

struct kit_rpc_client;

/* caller: our instance name and broker user. The three ports are borrowed for the client's life. */
struct kit_rpc_client *kit_rpc_client_new(const char *caller, const struct kit_bus *bus,
                                          const struct kit_clock *clock, const struct kit_rng *rng);
/* No more than that at once, of KIT_RPC_CALLS_MAX. Before the first call. */
void kit_rpc_client_limit(struct kit_rpc_client *client, int calls_max);
void kit_rpc_client_free(
    struct kit_rpc_client *client); /* open calls are forgotten, no callbacks */

/* Errors at once, without on_done: KIT_E_UNAVAILABLE (no broker; or the callee is said to be down,
 * and not expected back: then one call in KIT_PRESENCE_PROBE_MS goes out to find out), KIT_E_LIMIT,
 * KIT_E_TOO_LARGE. */
int kit_rpc_client_call(struct kit_rpc_client *client, const struct kit_rpc_call *call,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Gives the client a message from one of its topics; false: not addressed to it. Unknown or late
 * correlation ids are dropped. */
bool kit_rpc_client_on_message(struct kit_rpc_client *client, const struct kit_message *message);

/* The broker came or went. Going down ends with KIT_E_UNAVAILABLE every open call that may not
 * wait; the others are held. */
void kit_rpc_client_on_link(struct kit_rpc_client *client, bool is_up);

/* Ends calls whose time is over. Returns the monotonic time of the next one, INT64_MAX if none. */
int64_t kit_rpc_client_tick(struct kit_rpc_client *client, int64_t now_mono_ms);

/* Whether the instance has said that it is there. false also for one of which nothing was heard
 * since the link came up; a call of that one may work all the same. */
bool kit_rpc_client_is_online(const struct kit_rpc_client *client, const char *instance);
/* Whether it, or the broker for it, has said that it is gone. */
bool kit_rpc_client_is_offline(const struct kit_rpc_client *client, const char *instance);
/* Replies and presence messages that could not be read, since the start. */
int64_t kit_rpc_client_malformed_count(const struct kit_rpc_client *client);
/* Calls under way or held, whose on_done is still to come. */
size_t kit_rpc_client_open_count(const struct kit_rpc_client *client);
/* Calls that were held, since the start. */
int64_t kit_rpc_client_held_total(const struct kit_rpc_client *client);
/* Calls that were sent a second time, since the start. */
int64_t kit_rpc_client_repeated_total(const struct kit_rpc_client *client);

/* Filters the owner must subscribe to on every connect: replies to us, and presence. */
void kit_rpc_client_reply_filter(const struct kit_rpc_client *client, char ret[KIT_TOPIC_SIZE]);
#define KIT_PRESENCE_FILTER "lockstock/v1/service/+/state"

#endif

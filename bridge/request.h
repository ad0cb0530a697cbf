/* The life of one request, free of any HTTP library:
 *
 *   new --on_headers--> READING --on_body*, on_end--> WAITING --answer of the service--> ANSWERED
 *                          |                                                               ^
 *                          +--- refused, or answered without a service --------------------+
 *
 * READING  we wait for the client; the adapter hangs up after BRIDGE_SLOW_MS.
 * WAITING  we wait for a service, at most request_timeout_ms. The client may go away meanwhile: the
 *          object stays until the call has ended, and then goes too.
 * ANSWERED we wait for the client to take the answer.
 *
 * Loop thread. */
#ifndef BRIDGE_REQUEST_H
#define BRIDGE_REQUEST_H

#include "bridge/bridge.h"
#include "bridge/routes.h"

enum request_state {
    REQUEST_READING = 0,
    REQUEST_WAITING = 1,
    REQUEST_ANSWERED = 2,
};

/* What the adapter found in the headers. Texts are borrowed for the life of the request, NULL when
 * absent. */
struct request_headers {
    const char *host;
    const char *content_type;
    const char *idempotency_key;
    const char *accept; /* the first of them */
    const char *traceparent;
    const char *content_length;
    bool is_chunked;
    bool is_coded;        /* the body is compressed or transferred in a way that we do not read */
    const char *repeated; /* name of one of the above that was given twice */
};

struct answer {
    int status;
    const char *content_type; /* NULL: no body */
    struct kit_buf body;
    int64_t retry_after_s;        /* 0: none */
    char location[HAL_HREF_SIZE]; /* "": none */
    char allow[HTTP_ALLOW_SIZE];  /* "": none */
};

struct request {
    struct bridge *bridge;
    struct request *next; /* in the pool */
    void *connection;     /* the adapter's; NULL once the client is gone */
    enum request_state state;
    bool has_headers;
    bool is_target_too_long;
    bool has_client_key;
    int64_t started_mono_ms;
    char target[BRIDGE_TARGET_MAX + 1];
    char *path;          /* within target */
    const char *query;   /* within target */
    char collection[40]; /* longest literal path of the table */
    enum bridge_port port;
    struct route_match match;
    struct exchange exchange;
    struct request_headers headers;
    struct kit_error refusal; /* code KIT_OK: none so far */
    size_t body_bytes;        /* seen, kept or not */
    struct kit_buf body;
    char key[KIT_KEY_SIZE];
    char traceparent[KIT_TRACEPARENT_SIZE];
    struct answer answer;
};

/* target: request target as it came. Never NULL. */
struct request *request_new(struct bridge *bridge, const char *target);

/* The client's side is over, whatever the state. The object is gone, or goes when its call ends. */
void request_free(struct request *request);

/* Returns true if the request was answered at once, without reading its body. */
bool request_on_headers(struct request *request, enum bridge_port port, const char *method,
                        const struct request_headers *headers);

/* false: far too large; hang up. */
bool request_on_body(struct request *request, const char *bytes, size_t size_bytes);

/* The whole request is here. Afterwards it is ANSWERED, or WAITING and bridge->send_answer follows.
 */
void request_on_end(struct request *request);

/* Answers with 503 what still waits; for the end of the process. */
void request_abort(struct request *request);

void bridge_pool_done(struct bridge *bridge);

#endif

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
 * STREAMING  instead of ANSWERED, for a reader of the feed: until it goes, or is cut.
 *
 * Loop thread. */
#ifndef BRIDGE_REQUEST_H
#define BRIDGE_REQUEST_H

#include "bridge/bridge.h"
#include "bridge/headers.h"
#include "bridge/page.h"
#include "bridge/routes.h"

#define BRIDGE_DRAIN_BYTES_MAX (2 << 20) /* thrown away of a chunked body, before we hang up */
#define BRIDGE_TARGET_MAX 1024           /* path and query */

#define REQUEST_COOKIE_SIZE 200

enum request_state {
    REQUEST_READING = 0,
    REQUEST_WAITING = 1,
    REQUEST_ANSWERED = 2,
    REQUEST_STREAMING = 3,
};

struct answer {
    int status;
    const char *content_type; /* NULL: no body */
    struct kit_buf body;
    const struct page *page; /* NULL: body holds the answer */
    const struct page_bytes *page_bytes;
    int64_t retry_after_s;            /* 0: none */
    char location[HAL_HREF_SIZE];     /* "": none */
    char allow[HTTP_ALLOW_SIZE];      /* "": none */
    char cookie[REQUEST_COOKIE_SIZE]; /* "": none */
};

struct request {
    struct bridge *bridge;
    struct request *next; /* in the pool */
    void *connection;     /* the adapter's; NULL once the client is gone */
    enum request_state state;
    bool has_headers;
    bool is_target_too_long;
    bool has_client_key;
    bool closes; /* its connection ends with its answer */
    int64_t started_mono_ms;
    char target[BRIDGE_TARGET_MAX + 1];
    char *path;          /* within target */
    const char *query;   /* within target */
    char collection[40]; /* longest literal path of the table */
    enum bridge_port port;
    enum http_method method;
    struct route_match match;
    struct exchange exchange;
    struct request_headers headers;
    char own_host[BRIDGE_HOST_SIZE]; /* the adapter's, for a request that may name none */
    struct kit_error refusal;        /* code KIT_OK: none so far */
    size_t body_bytes;               /* seen, kept or not */
    struct kit_buf body;
    char key[KIT_KEY_SIZE];
    char traceparent[KIT_TRACEPARENT_SIZE];
    struct answer answer;
    struct access_proof proof;     /* who it says that it is */
    struct access_session session; /* id 0: nobody, or an open Lockstock */
    struct kit_actor actor;        /* who it is; role none in an open Lockstock */
    struct sign_in sign_in;
};

/* Begins a request at its request line. target: as it came, copied; one that is too long is refused
 * later. Never NULL. */
struct request *request_new(struct bridge *bridge, const char *target);

/* The client's side is over, whatever the state. The object is gone, or goes when its call ends. */
void request_free(struct request *request);

/* The headers have come; they are borrowed. Returns true if the request was answered at once: its
 * body is not to be read, and the connection closes with the answer. */
bool request_on_headers(struct request *request, enum bridge_port port, const char *method,
                        const struct request_headers *headers);

/* A piece of the body. false: more than BRIDGE_DRAIN_BYTES_MAX have come; hang up. */
bool request_on_body(struct request *request, const char *bytes, size_t size_bytes);

/* The whole request is here. Afterwards it is ANSWERED or STREAMING, or it is WAITING and
 * bridge->send_answer follows. */
void request_on_end(struct request *request);

/* Answers one that is WAITING with 503; for the end of the process. */
void request_abort(struct request *request);

#endif

/* One row of the API's index, and what the functions that it names are given. Read-only data. */
#ifndef BRIDGE_ROUTE_H
#define BRIDGE_ROUTE_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/access_token.h"
#include "bridge/clients.h"
#include "bridge/hal.h"
#include "bridge/method.h"
#include "kit/base/buf.h"
#include "kit/base/error.h"

/* Listening sockets, as offsets from the base port: the system before this one had a process, and
 * so a port, for each. */
enum bridge_port {
    BRIDGE_PORT_ALL = 0,
    BRIDGE_PORT_PRODUCT = 1,
    BRIDGE_PORT_RENTAL = 2,
    BRIDGE_PORT_DELIVERY = 3,
    BRIDGE_PORT_INFORMATION = 4,
};
#define BRIDGE_PORT_COUNT 5

/* The instance that plays a simulated world; most systems have none. */
#define BRIDGE_SIMULATOR "simulator"

enum route_kind {
    ROUTE_READ = 0,      /* asks a service */
    ROUTE_EFFECT = 1,    /* asks a service to change something: carries an idempotency key */
    ROUTE_INDEX = 2,     /* answered here: what this port serves */
    ROUTE_HELP = 3,      /* answered here: a problem type in words */
    ROUTE_PAGE = 4,      /* answered here: a file for browsers */
    ROUTE_STREAM = 5,    /* answered here, for as long as the client stays: the feed */
    ROUTE_PROCESSES = 6, /* answered here: how the processes are */
    ROUTE_HISTORY = 7,   /* answered here: how they were */
    ROUTE_CA = 8,        /* answered here: whom clients of HTTPS trust */
    ROUTE_SIGN_IN = 9,   /* asks account to let somebody in, by a token that is made here */
    ROUTE_ME = 10,       /* answered here: who asks */
    ROUTE_SECRET = 11,   /* asks account; nothing of it is kept under a key */
};

/* Is a body looked at, and must there be one? */
enum body_need {
    BODY_NONE = 0,
    BODY_OPTIONAL = 1,
    BODY_REQUIRED = 2,
};

/* What may follow the "?". */
enum query_kind {
    QUERY_NONE = 0,
    QUERY_PAGE = 1,          /* ?page=0&size=20 */
    QUERY_PAGE_OR_LABEL = 2, /* the same, or ?label=asset:DRILL-1 */
    QUERY_FORMAT = 3,        /* ?format=png, or the Accept header: the answer has several forms */
    QUERY_FEED = 5,          /* ?kind=order,door&subject=order/3&after=<id> */
    QUERY_ANY = 4,           /* not looked at: it is the page's own */
    QUERY_SORTED_PAGE = 6,   /* ?page=0&size=20&sort=tour */
    QUERY_SINCE = 7,         /* ?since=2026-01-31T12:00:00.000Z */
    /* Lists that are looked through (search.h); the row stands behind that of the whole list. */
    QUERY_ORDER_SEARCH = 8, /* ?status=READY,PICKED&sort=newest&ids=3,7&product=1&locker=locker-1 */
    QUERY_ASSET_SEARCH = 9, /* ?order=3, ?product=1 or ?place=bin:A-01 */
    QUERY_PRODUCT_SEARCH = 10, /* ?q=standing%20desk */
};

/* Somebody signs in. */
struct sign_in {
    char token[ACCESS_TOKEN_SIZE]; /* that was made for it */
    bool wants_cookie;
    char address[CLIENTS_TEXT_SIZE]; /* of the client */
};

/* What a handler may know about the request. */
struct exchange {
    struct hal_place place;
    struct page_query page;
    int64_t id;                    /* 0: the path has none */
    const char *name;              /* what stands for {device} in the path; borrowed */
    size_t name_length;            /* 0: nothing does */
    char label[BRIDGE_LABEL_SIZE]; /* of the query; "": none */
    int64_t since_ms;              /* of the query; 0: none */
    int64_t session;               /* of who asks; 0: none */
    struct sign_in *sign_in;       /* of the request */
    enum answer_format format;
};

/* Turns the request into the service's. body is NULL when none came, or none is looked at. */
typedef int (*route_ask_cb)(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                            struct kit_error *err);
/* Turns the service's answer into ours. *ret_id is the object's id where there is one object. */
typedef int (*route_show_cb)(const struct exchange *exchange, const cJSON *answer,
                             struct kit_buf *out, int64_t *ret_id, struct kit_error *err);

struct route {
    enum http_method method;
    const char
        *path;       /* "/rentals/{id}", "/lockers/{device}", "/problems/{slug}", "/ui/{path...}" */
    const char *rel; /* name of its link in the index; NULL: it is not there */
    unsigned ports;  /* bits of enum bridge_port */
    enum query_kind query;
    enum body_need body;
    enum route_kind kind;
    const char *service;
    const char *rpc;
    int status; /* on success */
    route_ask_cb ask;
    route_show_cb show; /* NULL: no body */
};

#endif

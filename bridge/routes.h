/* The API's index: which method on which path, on which port, is answered by which service. Reads
 * top to bottom; nothing else decides what a request means. No I/O. */
#ifndef BRIDGE_ROUTES_H
#define BRIDGE_ROUTES_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/hal.h"
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

enum http_method {
    HTTP_GET = 0,
    HTTP_HEAD = 1,
    HTTP_POST = 2,
    HTTP_PATCH = 3,
    HTTP_DELETE = 4,
    HTTP_OPTIONS = 5,
    HTTP_OTHER = 6, /* a method that nothing takes */
};

enum route_kind {
    ROUTE_READ = 0,   /* asks a service */
    ROUTE_EFFECT = 1, /* asks a service to change something: carries an idempotency key */
    ROUTE_INDEX = 2,  /* answered here: what this port serves */
    ROUTE_HELP = 3,   /* answered here: a problem type in words */
};

/* What a handler may know about the request. */
struct exchange {
    struct hal_place place;
    struct page_query page;
    int64_t id;                    /* 0: the path has none */
    const char *name;              /* what stands for {device} in the path; borrowed */
    size_t name_length;            /* 0: nothing does */
    char label[BRIDGE_LABEL_SIZE]; /* of the query; "": none */
    enum answer_format format;
};

/* Turns the request into the service's. body is NULL for methods without one. */
typedef int (*route_ask_cb)(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                            struct kit_error *err);
/* Turns the service's answer into ours. *ret_id is the object's id where there is one object. */
typedef int (*route_show_cb)(const struct exchange *exchange, const cJSON *answer,
                             struct kit_buf *out, int64_t *ret_id, struct kit_error *err);

struct route {
    enum http_method method;
    const char *path; /* "/rentals/{id}", "/lockers/{device}", "/problems/{slug}" */
    unsigned ports;   /* bits of enum bridge_port */
    enum route_kind kind;
    const char *service;
    const char *rpc;
    int status; /* on success */
    route_ask_cb ask;
    route_show_cb show; /* NULL: no body */
    const char *rel;    /* collections: name of the link in the index */
};

extern const struct route bridge_routes[];
extern const size_t bridge_route_count;

enum route_outcome {
    ROUTE_FOUND = 0,
    ROUTE_UNKNOWN_PATH = 1,
    ROUTE_WRONG_METHOD = 2, /* the path exists: allow says for what */
    ROUTE_BAD_ID = 3,
    ROUTE_OPTIONS = 4, /* OPTIONS on a path that exists */
};

struct route_match {
    enum route_outcome outcome;
    const struct route *route; /* ROUTE_FOUND and ROUTE_BAD_ID; else NULL */
    unsigned allow;            /* bits of enum http_method */
    int64_t id;                /* 0: none */
    const char *rest;          /* what stands for the {...}, in path; "" if nothing does */
    size_t rest_length;        /* a "/return" may follow it */
    size_t collection_length;  /* of path, without "/{id}" */
};

/* path: as it came, still percent-encoded, without the query. Paths are compared byte by byte: "."
 * and ".." mean nothing here, and an encoded character never equals a plain one. */
void route_find(enum bridge_port port, enum http_method method, const char *path,
                struct route_match *ret);

enum http_method http_method_from_text(const char *text);
/* "GET, HEAD, OPTIONS" */
#define HTTP_ALLOW_SIZE 48
void http_allow_text(unsigned allow, char ret[HTTP_ALLOW_SIZE]);

/* Is a body looked at, and must there be one? */
bool route_takes_body(const struct route *route);
bool route_needs_body(const struct route *route);
bool route_has_images(const struct route *route);

#endif

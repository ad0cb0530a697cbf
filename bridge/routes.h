/* The API's index: which method on which path, on which port, is answered by which service, and how
 * a request's path finds its row. Nothing else decides what a request means. Any thread. */
#ifndef BRIDGE_ROUTES_H
#define BRIDGE_ROUTES_H

#include "bridge/route.h"

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
    size_t rest_length;        /* a "/return" may follow it; 0 for {path...} */
    size_t collection_length;  /* of path, without "/{id}" */
};

/**
 * route_find() - Find the row that serves a request.
 *
 * Paths are compared byte by byte: "." and ".." mean nothing here, and an encoded character never
 * equals a plain one. HEAD is served as GET.
 *
 * @path: as it came, still percent-encoded, without the query; borrowed by *ret.
 * @ret:  written whatever is found; its outcome says what.
 */
void route_find(enum bridge_port port, enum http_method method, const char *path,
                struct route_match *ret);

/* What the row of a list is answered by when its query says more than a page: the row behind it,
 * whose path names that in braces, or the row itself. */
const struct route *route_for_query(const struct route *route, const char *query);

#endif

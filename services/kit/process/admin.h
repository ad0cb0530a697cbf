/* The operator's listener: loopback only, libmicrohttpd driven by the loop (no thread of its own).
 * GET /livez, /readyz (200 or 503 with the reason), /metrics (Prometheus text), and routes of the
 * owner. Bodies at most 16 KiB. */
#ifndef KIT_ADMIN_ADMIN_H
#define KIT_ADMIN_ADMIN_H

#include "kit/base/metric.h"
#include "kit/loop/loop.h"

/* Answers one request; returns the HTTP status. path is the whole path, body "" if none. */
typedef int (*kit_admin_cb)(void *context, const char *path, const char *body,
                            struct kit_buf *response);

struct kit_admin_route {
    const char *method;       /* "GET", "POST" */
    const char *path_prefix;  /* "/dead-letters" answers it and everything below it */
    const char *content_type; /* of the response */
    kit_admin_cb handle;
};

struct kit_admin_owner {
    /* NULL-safe text why not ready, NULL when ready. */
    const char *(*not_ready)(void *context);
    void (*metrics)(void *context, struct kit_buf *out);
    const struct kit_admin_route *routes;
    size_t route_count;
    void *context;
};

struct kit_admin;
/* port 0: any free one. */
int kit_admin_new(struct kit_admin **ret_admin, struct kit_loop *loop, int port,
                  const struct kit_admin_owner *owner, struct kit_error *err);
void kit_admin_free(struct kit_admin *admin);
int kit_admin_port(const struct kit_admin *admin);

#endif

/* The operator's listener: loopback only, libmicrohttpd driven by the loop (no thread of its own).
 * GET /livez, /readyz (200 or 503; how it is, as JSON), /metrics (Prometheus text), and routes of
 * the owner. Bodies at most 16 KiB. */
#ifndef KIT_PROCESS_ADMIN_H
#define KIT_PROCESS_ADMIN_H

#include "kit/base/metric.h"
#include "kit/loop/loop.h"
#include "kit/rpc/degraded.h"

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
    /* What is owed now; NULL: nothing ever is. */
    struct kit_degraded *(*degraded)(void *context);
    void (*metrics)(void *context, struct kit_buf *out);
    const struct kit_admin_route *routes;
    size_t route_count;
    void *context;
};

struct kit_admin;

/* Listens on 127.0.0.1; port 0: any free one. Joins the loop, which must outlive it. The owner is
 * copied, its routes are borrowed. KIT_E_UNAVAILABLE: the port is taken; KIT_E_LIMIT, KIT_E_IO: as
 * kit_loop_add_fd(). *ret_admin is written only on KIT_OK. Loop thread, like all below. */
int kit_admin_new(struct kit_admin **ret_admin, struct kit_loop *loop, int port,
                  const struct kit_admin_owner *owner, struct kit_error *err);
/* Closes the listener and every connection. Its ticker stays in the loop, so the loop must not turn
 * again. NULL is fine. */
void kit_admin_free(struct kit_admin *admin);
/* The port that it has, also when any free one was asked for. */
int kit_admin_port(const struct kit_admin *admin);

#endif

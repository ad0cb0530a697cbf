/* The operator's listener: libmicrohttpd driven by the loop (no thread of its own). GET /livez,
 * /readyz (200 or 503; how it is, as JSON), /metrics (Prometheus text), and routes of the owner.
 * Bodies at most 16 KiB. It is a Unix socket for the user whose process it is; where wanted, TCP
 * beside it, by which one only reads. */
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

/* Listens at the Unix socket path, in a folder that exists, in place of whoever listened there.
 * Joins the loop, which must outlive it. The owner is copied, its routes are borrowed.
 * KIT_E_UNAVAILABLE: that cannot be; KIT_E_LIMIT, KIT_E_IO: as kit_loop_add_fd(). *ret_admin is
 * written only on KIT_OK. Loop thread, like all below. */
int kit_admin_new(struct kit_admin **ret_admin, struct kit_loop *loop, const char *path,
                  const struct kit_admin_owner *owner, struct kit_error *err);
/* Listens anew where somebody has removed the socket; one of another process is left alone. Errors
 * as above: then it may be tried again. Never while a request is answered. */
int kit_admin_keep(struct kit_admin *admin, struct kit_error *err);

/* The same by TCP at "ADDRESS:PORT" (port 0: any free one), for reading: GET and HEAD, from nobody
 * who has an Origin or names another Host than an address of ours. KIT_E_INVALID: no such place. */
int kit_admin_new_tcp(struct kit_admin **ret_admin, struct kit_loop *loop, const char *place,
                      const struct kit_admin_owner *owner, struct kit_error *err);
/* The port that it has, of TCP. */
int kit_admin_port(const struct kit_admin *admin);

/* Closes the listener and every connection, and removes its socket. Its ticker stays in the loop,
 * so the loop must not turn again. NULL is fine. */
void kit_admin_free(struct kit_admin *admin);

#endif

/* The operator's listener: libmicrohttpd with its own epoll descriptor inside our loop, so that
 * handlers run on the loop thread and need no lock. Bound to 127.0.0.1 and nothing else. */
#include "kit/process/admin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define ADMIN_CONNECTIONS_MAX 32
#define ADMIN_TIMEOUT_S 10
#define ADMIN_BODY_BYTES_MAX (16 * 1024)
#define ADMIN_CONNECTION_BYTES_MAX (32 * 1024) /* memory for one connection's headers */
#define ADMIN_RESPONSE_BYTES_MAX (4 << 20)
#define ADMIN_ALLOW_SIZE 64

struct kit_admin {
    struct MHD_Daemon *daemon;
    struct kit_loop *loop;
    struct kit_admin_owner owner;
    int epoll_fd;
    int port;
};

struct request {
    struct kit_buf body;
};

/* ---- answers ---- */

/* MHD copies the text: ours is gone when it is sent. */
static enum MHD_Result reply(struct MHD_Connection *connection, int status, const char *type,
                             const struct kit_buf *text, const char *allow)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(text->size_bytes, text->data,
                                                                    MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (result == MHD_YES && allow != NULL)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    if (result == MHD_YES)
        result = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result reply_text(struct MHD_Connection *connection, int status, const char *text,
                                  const char *allow)
{
    struct kit_buf buf;
    kit_buf_init(&buf, ADMIN_BODY_BYTES_MAX);
    kit_buf_add_text(&buf, text);
    kit_buf_add_char(&buf, '\n');
    enum MHD_Result result = reply(connection, status, "text/plain; charset=utf-8", &buf, allow);
    kit_buf_done(&buf);
    return result;
}

static enum MHD_Result reply_metrics(struct kit_admin *admin, struct MHD_Connection *connection)
{
    struct kit_buf buf;
    kit_buf_init(&buf, ADMIN_RESPONSE_BYTES_MAX);
    if (admin->owner.metrics != NULL)
        admin->owner.metrics(admin->owner.context, &buf);
    enum MHD_Result result = reply(connection, buf.overflow ? 500 : 200,
                                   "text/plain; version=0.0.4; charset=utf-8", &buf, NULL);
    kit_buf_done(&buf);
    return result;
}

static enum MHD_Result reply_ready(struct kit_admin *admin, struct MHD_Connection *connection)
{
    const char *reason = admin->owner.not_ready ? admin->owner.not_ready(admin->owner.context)
                                                : NULL;
    struct kit_degraded none;
    struct kit_buf buf;

    kit_degraded_init(&none, NULL);
    kit_buf_init(&buf, ADMIN_BODY_BYTES_MAX);
    kit_degraded_write_ready(
        admin->owner.degraded ? admin->owner.degraded(admin->owner.context) : &none, reason, &buf);
    enum MHD_Result result = reply(connection, reason ? 503 : 200, "application/json", &buf, NULL);
    kit_buf_done(&buf);
    return result;
}

static enum MHD_Result reply_route(struct kit_admin *admin, struct MHD_Connection *connection,
                                   const struct kit_admin_route *route, const char *path,
                                   const char *body)
{
    struct kit_buf buf;
    kit_buf_init(&buf, ADMIN_RESPONSE_BYTES_MAX);
    int status = route->handle(admin->owner.context, path, body, &buf);
    enum MHD_Result result = buf.overflow
                                 ? reply_text(connection, 500, "the answer is larger than 4 MiB",
                                              NULL)
                                 : reply(connection, status, route->content_type, &buf, NULL);
    kit_buf_done(&buf);
    return result;
}

/* ---- routing ---- */

static bool is_below(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(path, prefix, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static bool is_read(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static enum MHD_Result answer_owner(struct kit_admin *admin, struct MHD_Connection *connection,
                                    const char *path, const char *method, const char *body)
{
    char allow[ADMIN_ALLOW_SIZE] = "";
    for (size_t i = 0; i < admin->owner.route_count; i++) {
        const struct kit_admin_route *route = &admin->owner.routes[i];
        if (!is_below(path, route->path_prefix))
            continue;
        if (strcmp(method, route->method) == 0 || (is_read(method) && is_read(route->method)))
            return reply_route(admin, connection, route, path, body);
        if (strlen(allow) + strlen(route->method) + 3 < sizeof(allow)) {
            if (allow[0] != '\0')
                strncat(allow, ", ", sizeof(allow) - strlen(allow) - 1);
            strncat(allow, route->method, sizeof(allow) - strlen(allow) - 1);
        }
    }
    if (allow[0] != '\0')
        return reply_text(connection, 405, "this method is not allowed here; see Allow", allow);
    return reply_text(connection, 404, "nothing is here; try /livez, /readyz or /metrics", NULL);
}

static enum MHD_Result answer(struct kit_admin *admin, struct MHD_Connection *connection,
                              const char *path, const char *method, const char *body)
{
    bool is_builtin = strcmp(path, "/livez") == 0 || strcmp(path, "/readyz") == 0 ||
                      strcmp(path, "/metrics") == 0;
    if (!is_builtin)
        return answer_owner(admin, connection, path, method, body);
    if (!is_read(method))
        return reply_text(connection, 405, "only GET and HEAD are allowed here", "GET, HEAD");
    if (strcmp(path, "/livez") == 0)
        return reply_text(connection, 200, "alive", NULL);
    if (strcmp(path, "/readyz") == 0)
        return reply_ready(admin, connection);
    return reply_metrics(admin, connection);
}

/* ---- libmicrohttpd ---- */

/* Called once with the headers, once per piece of the body, and once at its end. */
static enum MHD_Result on_access(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_size, void **con_cls)
{
    (void)version;
    struct request *request = *con_cls;
    if (request == NULL) {
        request = calloc(1, sizeof(*request));
        if (request == NULL)
            return MHD_NO;
        kit_buf_init(&request->body, ADMIN_BODY_BYTES_MAX);
        *con_cls = request;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        kit_buf_add(&request->body, upload, *upload_size);
        *upload_size = 0; /* read to the end even when too large: then the answer arrives */
        return MHD_YES;
    }
    if (request->body.overflow)
        return reply_text(connection, 413, "the body is larger than 16 KiB", NULL);
    return answer(context, connection, url, method, request->body.data);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    struct request *request = *con_cls;
    if (request == NULL)
        return;
    kit_buf_done(&request->body);
    free(request);
    *con_cls = NULL;
}

static void on_ready(void *context, uint32_t epoll_events)
{
    (void)epoll_events;
    struct kit_admin *admin = context;
    (void)MHD_run(admin->daemon);
    /* At the limit of connections MHD looks away from its listening socket, and looks back only in
     * the run after the one that ended a connection; nothing else would cause that run. */
    (void)MHD_run(admin->daemon);
}

/* MHD keeps ready connections of its edge-triggered epoll, and its timeouts, to itself. */
static int64_t on_tick(void *context, int64_t now_mono_ms)
{
    struct kit_admin *admin = context;
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (MHD_get_timeout(admin->daemon, &wait_ms) != MHD_YES)
        return INT64_MAX;
    if (wait_ms == 0) {
        (void)MHD_run(admin->daemon);
        return now_mono_ms;
    }
    return now_mono_ms + (int64_t)wait_ms;
}

static struct MHD_Daemon *start_daemon(struct kit_admin *admin, int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    return MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_access, admin, MHD_OPTION_SOCK_ADDR,
                            (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)ADMIN_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)ADMIN_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)ADMIN_CONNECTION_BYTES_MAX, MHD_OPTION_NOTIFY_COMPLETED,
                            on_completed, admin, MHD_OPTION_END);
}

static int join_loop(struct kit_admin *admin, struct kit_error *err)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    const union MHD_DaemonInfo *bound = MHD_get_daemon_info(admin->daemon,
                                                            MHD_DAEMON_INFO_BIND_PORT);
    if (info == NULL || bound == NULL)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "libmicrohttpd was built without epoll");
    admin->port = bound->port;
    const struct kit_loop_watch watch = { info->epoll_fd, EPOLLIN, on_ready, admin };
    int rc = kit_loop_add_fd(admin->loop, &watch, err);
    if (rc != KIT_OK)
        return rc;
    admin->epoll_fd = info->epoll_fd;
    kit_loop_add_ticker(admin->loop, on_tick, admin);
    return KIT_OK;
}

int kit_admin_new(struct kit_admin **ret_admin, struct kit_loop *loop, int port,
                  const struct kit_admin_owner *owner, struct kit_error *err)
{
    PRE(port >= 0 && port <= 65535);
    struct kit_admin *admin = calloc(1, sizeof(*admin));
    CHECK(admin != NULL);
    admin->loop = loop;
    admin->owner = *owner;
    admin->epoll_fd = -1;

    errno = 0;
    admin->daemon = start_daemon(admin, port);
    int rc = KIT_OK;
    if (admin->daemon == NULL)
        rc = kit_error_set(err, KIT_E_UNAVAILABLE,
                           "cannot listen on 127.0.0.1:%d: %s; choose "
                           "another --admin-port, or 0 for any free one",
                           port, errno ? strerror(errno) : "the port is in use");
    else
        rc = join_loop(admin, err);
    if (rc != KIT_OK) {
        kit_admin_free(admin);
        return rc;
    }
    *ret_admin = admin;
    return KIT_OK;
}

void kit_admin_free(struct kit_admin *admin)
{
    if (admin == NULL)
        return;
    if (admin->epoll_fd >= 0)
        kit_loop_remove_fd(admin->loop, admin->epoll_fd);
    if (admin->daemon != NULL)
        MHD_stop_daemon(admin->daemon);
    free(admin);
}

int kit_admin_port(const struct kit_admin *admin)
{
    return admin->port;
}

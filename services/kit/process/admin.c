/* The operator's listener: libmicrohttpd with its own epoll descriptor inside our loop, so that
 * handlers run on the loop thread and need no lock. */
#include "kit/process/admin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "kit/process/unix_socket.h"

#define ADMIN_CONNECTIONS_MAX 32
#define ADMIN_TIMEOUT_S 10
#define ADMIN_BODY_BYTES_MAX (16 * 1024)
#define ADMIN_CONNECTION_BYTES_MAX (32 * 1024) /* memory for one connection's headers */
#define ADMIN_RESPONSE_BYTES_MAX (4 << 20)
#define ADMIN_ALLOW_SIZE 64
#define ADMIN_HOST_SIZE 64

struct kit_admin {
    struct MHD_Daemon *daemon; /* NULL: there is no listener now */
    struct kit_loop *loop;
    struct kit_admin_owner owner;
    int epoll_fd;
    char path[KIT_UNIX_SOCKET_PATH_SIZE]; /* of the Unix socket; "": it is TCP */
    struct kit_unix_socket_file file;
    char host[ADMIN_HOST_SIZE]; /* of TCP */
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

/* ---- who may ask by TCP ---- */

/* A page of somebody else, in a browser that can reach us, names its own host, also when that name
 * leads to us (DNS rebinding), or says where it comes from. So only addresses are taken as Host,
 * and the name we were told to listen at; and nothing that has an Origin. */
static bool is_our_host(const struct kit_admin *admin, const char *host)
{
    char name[ADMIN_HOST_SIZE];
    struct in_addr address;

    const size_t length = host == NULL ? 0 : strcspn(host, ":");
    if (length == 0 || length >= sizeof(name))
        return false;
    memcpy(name, host, length);
    name[length] = '\0';
    return inet_pton(AF_INET, name, &address) == 1 || strcmp(name, "localhost") == 0 ||
           strcmp(name, admin->host) == 0;
}

static enum MHD_Result answer_tcp(struct kit_admin *admin, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *body)
{
    if (MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Origin") != NULL)
        return reply_text(connection, 403, "pages of others may not ask here", NULL);
    if (!is_our_host(admin, MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host")))
        return reply_text(connection, 403, "ask by address: this Host is not ours", NULL);
    if (!is_read(method))
        return reply_text(connection, 405,
                          "by TCP one only reads; what changes something is asked at the Unix "
                          "socket in the folder run",
                          "GET, HEAD");
    return answer(admin, connection, path, method, body);
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
    struct kit_admin *admin = context;
    return (admin->path[0] != '\0' ? answer : answer_tcp)(admin, connection, url, method,
                                                          request->body.data);
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

static int start_daemon(struct kit_admin *admin, int fd, struct kit_error *err)
{
    admin->daemon = MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, on_access, admin, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)ADMIN_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)ADMIN_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)ADMIN_CONNECTION_BYTES_MAX, MHD_OPTION_NOTIFY_COMPLETED, on_completed, admin,
        MHD_OPTION_END);
    if (admin->daemon == NULL) {
        close(fd);
        return kit_error_set(err, KIT_E_UNAVAILABLE, "libmicrohttpd cannot listen");
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "libmicrohttpd was built without epoll");
    const struct kit_loop_watch watch = { info->epoll_fd, EPOLLIN, on_ready, admin };
    int rc = kit_loop_add_fd(admin->loop, &watch, err);
    if (rc == KIT_OK)
        admin->epoll_fd = info->epoll_fd;
    return rc;
}

static void stop_daemon(struct kit_admin *admin)
{
    if (admin->epoll_fd >= 0)
        kit_loop_remove_fd(admin->loop, admin->epoll_fd);
    if (admin->daemon != NULL)
        MHD_stop_daemon(admin->daemon);
    admin->epoll_fd = -1;
    admin->daemon = NULL;
}

static int open_unix(struct kit_admin *admin, struct kit_error *err)
{
    const int fd = kit_unix_socket_listen(admin->path, &admin->file);

    if (fd < 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "cannot listen at %.200s: %s; check --run-dir",
                             admin->path, strerror(errno));
    return start_daemon(admin, fd, err);
}

/* MHD keeps ready connections of its edge-triggered epoll, and its timeouts, to itself. */
static int64_t on_tick(void *context, int64_t now_mono_ms)
{
    struct kit_admin *admin = context;
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (admin->daemon == NULL || MHD_get_timeout(admin->daemon, &wait_ms) != MHD_YES)
        return INT64_MAX;
    if (wait_ms == 0) {
        (void)MHD_run(admin->daemon);
        return now_mono_ms;
    }
    return now_mono_ms + (int64_t)wait_ms;
}

/* ---- life ---- */

static struct kit_admin *new_admin(struct kit_loop *loop, const struct kit_admin_owner *owner)
{
    struct kit_admin *admin = calloc(1, sizeof(*admin));

    CHECK(admin != NULL);
    admin->loop = loop;
    admin->owner = *owner;
    admin->epoll_fd = -1;
    return admin;
}

static int keep_or_free(struct kit_admin *admin, int rc, struct kit_admin **ret_admin)
{
    if (rc != KIT_OK) {
        kit_admin_free(admin);
        return rc;
    }
    kit_loop_add_ticker(admin->loop, on_tick, admin);
    *ret_admin = admin;
    return KIT_OK;
}

int kit_admin_new(struct kit_admin **ret_admin, struct kit_loop *loop, const char *path,
                  const struct kit_admin_owner *owner, struct kit_error *err)
{
    struct kit_admin *admin = new_admin(loop, owner);

    PRE(path[0] != '\0' && strlen(path) < sizeof(admin->path));
    kit_text_copy(admin->path, sizeof(admin->path), path);
    return keep_or_free(admin, open_unix(admin, err), ret_admin);
}

int kit_admin_keep(struct kit_admin *admin, struct kit_error *err)
{
    if (admin->daemon != NULL && access(admin->path, F_OK) == 0)
        return KIT_OK;
    stop_daemon(admin);
    return open_unix(admin, err);
}

/* ---- TCP ---- */

/* "127.0.0.1:9101" */
static bool parse_place(const char *place, char ret_host[ADMIN_HOST_SIZE], int *ret_port)
{
    const char *colon = strrchr(place, ':');
    char *end;

    if (colon == NULL || colon == place || (size_t)(colon - place) >= ADMIN_HOST_SIZE)
        return false;
    memcpy(ret_host, place, (size_t)(colon - place));
    ret_host[colon - place] = '\0';
    const long port = strtol(colon + 1, &end, 10);
    *ret_port = (int)port;
    return colon[1] >= '0' && colon[1] <= '9' && *end == '\0' && port >= 0 && port <= UINT16_MAX;
}

/* Returns the listening socket, or -1 and errno. */
static int listen_tcp(const struct in_addr *at, int port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)port),
                                         .sin_addr = *at };
    const int yes = 1;

    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(fd, ADMIN_CONNECTIONS_MAX) == 0)
        return fd;
    const int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

static int open_tcp(struct kit_admin *admin, const char *place, struct kit_error *err)
{
    struct sockaddr_in bound = { .sin_port = 0 };
    socklen_t size = sizeof(bound);
    struct in_addr at;

    if (!parse_place(place, admin->host, &admin->port) ||
        inet_pton(AF_INET, strcmp(admin->host, "localhost") == 0 ? "127.0.0.1" : admin->host,
                  &at) != 1)
        return kit_error_set(err, KIT_E_INVALID,
                             "--admin-listen must be ADDRESS:PORT, as in 127.0.0.1:9101, not "
                             "\"%.80s\"",
                             place);
    const int fd = listen_tcp(&at, admin->port);
    if (fd < 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "cannot listen at %.80s: %s; choose another --admin-listen", place,
                             strerror(errno));
    if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0)
        admin->port = ntohs(bound.sin_port);
    return start_daemon(admin, fd, err);
}

int kit_admin_new_tcp(struct kit_admin **ret_admin, struct kit_loop *loop, const char *place,
                      const struct kit_admin_owner *owner, struct kit_error *err)
{
    struct kit_admin *admin = new_admin(loop, owner);

    return keep_or_free(admin, open_tcp(admin, place, err), ret_admin);
}

void kit_admin_free(struct kit_admin *admin)
{
    if (admin == NULL)
        return;
    stop_daemon(admin);
    /* Another process may have taken our place there: its socket stays. */
    if (admin->path[0] != '\0' && kit_unix_socket_is(admin->path, &admin->file))
        (void)unlink(admin->path);
    free(admin);
}

int kit_admin_port(const struct kit_admin *admin)
{
    return admin->port;
}

/* libmicrohttpd between the loop and struct request.
 *
 * Lifetimes: 1. a connection lives from accept() until MHD closes it (on_connection). 2. A request
 * lives from its request line (on_target) until its answer has left or its client is gone
 * (on_completed).
 * 3. The answer's body belongs to the request, so MHD only borrows it. 4. While a request waits,
 * its connection is suspended, and MHD touches neither. */
#include "bridge/http.h"

#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/listen.h"
#include "bridge/problem.h"
#include "bridge/request.h"

#define ACCEPT_MAX 64 /* connections taken in one turn from one socket */
#define RUNS_MAX 4    /* rounds of MHD in one turn */
#define SWEEP_INTERVAL_MS 1000

struct connection {
    struct connection *prev;
    struct connection *next;
    struct request *request; /* NULL between requests */
    int fd;                  /* MHD's */
    enum bridge_port port;
    int64_t since_mono_ms; /* when we began to wait for the client */
};

struct listener {
    struct http *http;
    int fd; /* -1: closed */
    enum bridge_port port;
};

struct http {
    struct bridge *bridge;
    struct kit_loop *loop;
    struct MHD_Daemon *daemon;
    int daemon_fd;
    struct listener listeners[BRIDGE_PORT_COUNT];
    bool is_paused; /* out of descriptors: not accepting until the next sweep */
    struct connection *first;
    size_t connection_count;
    struct connection *arriving; /* being handed to MHD */
    bool needs_run;              /* something was resumed or handed over */
    int64_t next_sweep_mono_ms;
    char full_answer[640]; /* for a connection for which there is no room */
    size_t full_answer_size;
};

static int64_t now_ms(const struct http *http)
{
    return http->bridge->clock->mono_ms(http->bridge->clock->self);
}

/* ---- connections ---- */

static void link_connection(struct http *http, struct connection *connection)
{
    connection->next = http->first;
    if (http->first != NULL)
        http->first->prev = connection;
    http->first = connection;
    http->connection_count++;
}

static void drop_connection(struct http *http, struct connection *connection)
{
    if (connection->prev != NULL)
        connection->prev->next = connection->next;
    else
        http->first = connection->next;
    if (connection->next != NULL)
        connection->next->prev = connection->prev;
    http->connection_count--;
    free(connection);
}

/* MHD tells when it has taken over a connection (in MHD_add_connection) and when it has closed it.
 */
static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http *http = cls;

    (void)mhd;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        CHECK(http->arriving != NULL);
        *socket_context = http->arriving;
        link_connection(http, http->arriving);
        http->arriving = NULL;
    } else if (*socket_context != NULL) {
        drop_connection(http, *socket_context);
        *socket_context = NULL;
    }
}

static void turn_away(struct http *http, int fd)
{
    http->bridge->metrics.connections_refused++;
    (void)send(fd, http->full_answer, http->full_answer_size, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

static void take_connection(struct listener *listener, int fd, const struct sockaddr *address,
                            socklen_t address_size)
{
    struct http *http = listener->http;

    if (http->connection_count >= BRIDGE_CONNECTIONS_MAX) {
        turn_away(http, fd);
        return;
    }
    struct connection *connection = calloc(1, sizeof(*connection));
    CHECK(connection != NULL);
    connection->fd = fd;
    connection->port = listener->port;
    connection->since_mono_ms = now_ms(http);
    http->arriving = connection;
    http->needs_run = true;
    if (MHD_add_connection(http->daemon, fd, address, address_size) != MHD_YES)
        http->bridge->metrics.connections_refused++; /* and MHD has closed fd */
    if (http->arriving != NULL) {                    /* not taken over */
        free(http->arriving);
        http->arriving = NULL;
    }
}

static void pause_listening(struct http *http)
{
    for (size_t i = 0; i < BRIDGE_PORT_COUNT; i++) {
        if (http->listeners[i].fd >= 0)
            kit_loop_remove_fd(http->loop, http->listeners[i].fd);
    }
    http->is_paused = true;
}

static void on_listener(void *context, uint32_t events)
{
    struct listener *listener = context;

    (void)events;
    for (int i = 0; i < ACCEPT_MAX; i++) {
        struct sockaddr_storage address;
        socklen_t size = sizeof(address);
        const int fd = accept4(listener->fd, (struct sockaddr *)&address, &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take_connection(listener, fd, (struct sockaddr *)&address, size);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            kit_log_write(listener->http->bridge->log, KIT_WARN, "accept_failed",
                          "cannot accept connections for a moment: %s", strerror(errno));
            pause_listening(listener->http);
        }
        if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

/* ---- requests ---- */

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    CHECK(info != NULL && info->socket_context != NULL);
    return info->socket_context;
}

/* The request line has come; target is as the client wrote it. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    struct http *http = cls;
    struct connection *connection = connection_of(mhd);

    connection->request = request_new(http->bridge, target);
    connection->since_mono_ms = now_ms(http);
    return connection->request;
}

/* The answer has left, or never will. */
static void on_completed(void *cls, struct MHD_Connection *mhd, void **request,
                         enum MHD_RequestTerminationCode code)
{
    struct connection *connection = connection_of(mhd);

    (void)code;
    connection->request = NULL;
    connection->since_mono_ms = now_ms(cls);
    if (*request != NULL)
        request_free(*request);
    *request = NULL;
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    CHECK(MHD_add_response_header(response, name, value) == MHD_YES);
}

static enum MHD_Result queue_answer(struct request *request, struct MHD_Connection *mhd)
{
    struct answer *answer = &request->answer;
    char seconds[24];

    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->content_type == NULL ? 0 : answer->body.size_bytes, answer->body.data,
        MHD_RESPMEM_PERSISTENT);
    CHECK(response != NULL);
    if (answer->content_type != NULL)
        add_header(response, "Content-Type", answer->content_type);
    if (answer->location[0] != '\0')
        add_header(response, "Location", answer->location);
    if (answer->allow[0] != '\0')
        add_header(response, "Allow", answer->allow);
    if (answer->retry_after_s > 0) {
        snprintf(seconds, sizeof(seconds), "%" PRId64, answer->retry_after_s);
        add_header(response, "Retry-After", seconds);
    }
    add_header(response, "Cache-Control", "no-store");
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "traceparent", request->traceparent);
    if (request->bridge->is_draining)
        add_header(response, "Connection", "close");
    const enum MHD_Result result = MHD_queue_response(mhd, (unsigned int)answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static void send_answer(struct request *request)
{
    struct MHD_Connection *mhd = request->connection;
    struct connection *connection = connection_of(mhd);
    struct http *http = request->bridge->adapter;

    connection->since_mono_ms = now_ms(http);
    http->needs_run = true;
    if (queue_answer(request, mhd) != MHD_YES)
        shutdown(connection->fd, SHUT_RDWR); /* MHD will notice, and end it */
    MHD_resume_connection(mhd);
}

static void note(struct request_headers *headers, const char **ret, const char *name,
                 const char *value)
{
    if (*ret != NULL)
        headers->repeated = name;
    *ret = value;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct request_headers *headers = cls;

    (void)kind;
    if (value == NULL)
        value = "";
    if (strcasecmp(name, "Host") == 0)
        note(headers, &headers->host, "Host", value);
    else if (strcasecmp(name, "Content-Type") == 0)
        note(headers, &headers->content_type, "Content-Type", value);
    else if (strcasecmp(name, "Content-Length") == 0)
        note(headers, &headers->content_length, "Content-Length", value);
    else if (strcasecmp(name, "Idempotency-Key") == 0)
        note(headers, &headers->idempotency_key, "Idempotency-Key", value);
    else if (strcasecmp(name, "Accept") == 0 && headers->accept == NULL)
        headers->accept = value;
    else if (strcasecmp(name, "traceparent") == 0)
        headers->traceparent = value;
    else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        headers->is_chunked = true;
        headers->is_coded |= strcasecmp(value, "chunked") != 0;
    } else if (strcasecmp(name, "Content-Encoding") == 0) {
        headers->is_coded |= strcasecmp(value, "identity") != 0;
    }
    return MHD_YES;
}

/* MHD calls this when the headers have come, for each piece of the body, and when all has come. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    struct request *request = *context;

    (void)cls;
    (void)url;
    (void)version;
    CHECK(request != NULL);
    if (!request->has_headers) {
        struct request_headers headers = { 0 };
        MHD_get_connection_values(mhd, MHD_HEADER_KIND, on_header, &headers);
        request->connection = mhd;
        if (request_on_headers(request, connection_of(mhd)->port, method, &headers))
            return queue_answer(request, mhd);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        if (!request_on_body(request, upload, *upload_size))
            return MHD_NO;
        *upload_size = 0;
        return MHD_YES;
    }
    request_on_end(request);
    if (request->state == REQUEST_ANSWERED)
        return queue_answer(request, mhd);
    MHD_suspend_connection(mhd);
    return MHD_YES;
}

/* Targets reach us by on_target, unchanged; MHD need not decode anything. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

/* ---- driving ---- */

static void on_daemon(void *context, uint32_t events)
{
    struct http *http = context;
    (void)events;
    http->needs_run = true; /* the tick comes right after */
}

/* Hangs up on those who are idle, or too slow to bring a request or to take an answer. */
static void sweep(struct http *http, int64_t now_mono_ms)
{
    for (struct connection *c = http->first; c != NULL; c = c->next) {
        const bool is_waiting = c->request != NULL && c->request->state == REQUEST_WAITING;
        if (is_waiting || now_mono_ms - c->since_mono_ms < BRIDGE_SLOW_MS)
            continue;
        http->bridge->metrics.connections_timed_out++;
        c->since_mono_ms = now_mono_ms;
        shutdown(c->fd, SHUT_RDWR); /* MHD sees the end and closes */
    }
}

static int watch_listeners(struct http *http, struct kit_error *err)
{
    http->is_paused = false;
    for (size_t i = 0; i < BRIDGE_PORT_COUNT; i++) {
        struct listener *listener = &http->listeners[i];
        if (listener->fd < 0)
            continue;
        int rc = kit_loop_add_fd(http->loop, listener->fd, EPOLLIN, on_listener, listener, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static void on_second(struct http *http, int64_t now_mono_ms)
{
    struct kit_error error;

    sweep(http, now_mono_ms);
    http->next_sweep_mono_ms = now_mono_ms + SWEEP_INTERVAL_MS;
    if (http->is_paused && watch_listeners(http, &error) != KIT_OK) {
        kit_log_write(http->bridge->log, KIT_WARN, "accept_failed", "%s", error.text);
        pause_listening(http);
    }
}

int64_t http_tick(void *context, int64_t now_mono_ms)
{
    struct http *http = context;
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;

    for (int i = 0; i < RUNS_MAX && http->needs_run; i++) {
        http->needs_run = false;
        MHD_run(http->daemon);
        if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES && wait_ms == 0)
            http->needs_run = true;
    }
    if (now_mono_ms >= http->next_sweep_mono_ms)
        on_second(http, now_mono_ms);
    return http->needs_run ? now_mono_ms : http->next_sweep_mono_ms;
}

/* ---- start and end ---- */

static void prepare_full_answer(struct http *http)
{
    struct kit_error error;
    struct problem problem;
    struct kit_buf body;

    kit_error_set(&error, KIT_E_LIMIT, "all connections are taken; try again in a second");
    problem_from_error(&error, &problem);
    kit_buf_init(&body, sizeof(http->full_answer));
    problem_encode(&problem, "", &body);
    const int size = snprintf(http->full_answer, sizeof(http->full_answer),
                              "HTTP/1.1 503 Service Unavailable\r\n"
                              "Content-Type: application/problem+json\r\n"
                              "Content-Length: %zu\r\nRetry-After: %" PRId64 "\r\n"
                              "Connection: close\r\n\r\n%s",
                              body.size_bytes, problem.retry_after_s, body.data);
    CHECK(size > 0 && (size_t)size < sizeof(http->full_answer));
    http->full_answer_size = (size_t)size;
    kit_buf_done(&body);
}

static int open_listeners(struct http *http, const char *address, int base_port,
                          struct kit_error *err)
{
    for (int i = 0; i < BRIDGE_PORT_COUNT; i++) {
        struct listener *listener = &http->listeners[i];
        int rc = bridge_listen(address, base_port + i, &listener->fd, err);
        if (rc != KIT_OK)
            return rc;
    }
    return watch_listeners(http, err);
}

static int start_daemon(struct http *http, struct kit_error *err)
{
    const unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET;

    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, http, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        http, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, http, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned int)BRIDGE_CONNECTIONS_MAX + 1U, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)BRIDGE_CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_END);
    if (http->daemon == NULL)
        return kit_error_set(err, KIT_E_IO, "cannot start the HTTP library: %s", strerror(errno));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    CHECK(info != NULL);
    http->daemon_fd = info->epoll_fd;
    return kit_loop_add_fd(http->loop, http->daemon_fd, EPOLLIN, on_daemon, http, err);
}

int http_new(struct http **ret_http, struct bridge *bridge, struct kit_loop *loop,
             const char *address, int base_port, struct kit_error *err)
{
    struct http *http = calloc(1, sizeof(*http));

    CHECK(http != NULL);
    http->bridge = bridge;
    http->loop = loop;
    http->daemon_fd = -1;
    for (int i = 0; i < BRIDGE_PORT_COUNT; i++)
        http->listeners[i] =
            (struct listener){ .http = http, .fd = -1, .port = (enum bridge_port)i };
    bridge->adapter = http;
    bridge->send_answer = send_answer;
    prepare_full_answer(http);
    int rc = start_daemon(http, err);
    if (rc == KIT_OK)
        rc = open_listeners(http, address, base_port, err);
    if (rc == KIT_OK)
        *ret_http = http;
    else
        http_free(http);
    return rc;
}

void http_stop_listening(struct http *http)
{
    pause_listening(http);
    http->is_paused = false;
    for (size_t i = 0; i < BRIDGE_PORT_COUNT; i++) {
        if (http->listeners[i].fd >= 0)
            close(http->listeners[i].fd);
        http->listeners[i].fd = -1;
    }
}

void http_abort_waiting(struct http *http)
{
    for (struct connection *c = http->first; c != NULL; c = c->next) {
        if (c->request != NULL && c->request->state == REQUEST_WAITING)
            request_abort(c->request);
    }
    MHD_run(http->daemon);
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    http_stop_listening(http);
    if (http->daemon_fd >= 0)
        kit_loop_remove_fd(http->loop, http->daemon_fd);
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon);
    free(http);
}

size_t http_connection_count(const struct http *http)
{
    return http->connection_count;
}

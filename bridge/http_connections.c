/* The list of connections and the sockets they come from. See http_connections.h. */
#include "bridge/http_connections.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/http_tls.h"
#include "bridge/listen.h"
#include "bridge/problem.h"

#if MHD_VERSION >= 0x01000000
#error "libmicrohttpd 1 may tell of a new connection after MHD_add_connection(): see http->arriving"
#endif

#define ACCEPT_MAX 64 /* connections taken in one turn from one socket */

int64_t http_now_ms(const struct http *http)
{
    return http->bridge->clock->mono_ms(http->bridge->clock->self);
}

struct connection *http_connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    CHECK(info != NULL && info->socket_context != NULL);
    return info->socket_context;
}

/* ---- the list ---- */

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
    http->connection_count -= !connection->has_left;
    free(connection);
}

void http_connection_leave(struct http *http, struct connection *connection)
{
    PRE(!connection->has_left);
    connection->has_left = true;
    http->connection_count--;
}

void http_on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
                        enum MHD_ConnectionNotificationCode code)
{
    struct http *http = context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        CHECK(http->arriving != NULL);
        *socket_context = http->arriving;
        if (http->certificate != NULL)
            http_tls_begin(http, http->arriving, mhd);
        link_connection(http, http->arriving);
        http->arriving = NULL;
    } else if (*socket_context != NULL) {
        http_tls_end(http, *socket_context);
        drop_connection(http, *socket_context);
        *socket_context = NULL;
    }
}

/* How long we wait for this client. Who has not brought a head yet, and there is a crowd: not long.
 */
static int64_t patience_ms(const struct http *http, const struct connection *connection)
{
    const struct request *request = connection->request;
    if (connection->is_shaking && http->connection_count <= BRIDGE_CONNECTIONS_MAX / 2)
        return BRIDGE_HANDSHAKE_MS;
    const bool has_head = request == NULL ? connection->has_spoken : request->has_headers;
    return !has_head && http->connection_count > BRIDGE_CONNECTIONS_MAX / 2 ? BRIDGE_EARLY_MS
                                                                            : BRIDGE_SLOW_MS;
}

void http_connections_sweep(struct http *http, int64_t now_mono_ms)
{
    for (struct connection *c = http->first; c != NULL; c = c->next) {
        const bool is_waiting = c->request != NULL && c->request->state == REQUEST_WAITING;
        if (is_waiting || c->stream != NULL ||
            now_mono_ms - c->since_mono_ms < patience_ms(http, c))
            continue;
        http->bridge->metrics.connections_timed_out++;
        c->since_mono_ms = now_mono_ms;
        shutdown(c->fd, SHUT_RDWR); /* MHD sees the end and closes */
    }
}

/* ---- accepting ---- */

/* A problem as it leaves without MHD, and ends its connection. */
static void prepare(struct http_full_answer *answer, const char *reason,
                    const struct kit_error *error)
{
    struct problem problem;
    struct kit_buf body;
    char retry[48] = "";

    problem_from_error(error, &problem);
    if (problem.retry_after_s > 0)
        snprintf(retry, sizeof(retry), "Retry-After: %" PRId64 "\r\n", problem.retry_after_s);
    kit_buf_init(&body, sizeof(answer->text));
    problem_encode(&problem, "", &body);
    const int size = snprintf(answer->text, sizeof(answer->text),
                              "HTTP/1.1 %d %s\r\n"
                              "Content-Type: application/problem+json\r\n"
                              "Content-Length: %zu\r\n%sConnection: close\r\n\r\n%s",
                              problem.status, reason, body.size_bytes, retry, body.data);
    CHECK(size > 0 && (size_t)size < sizeof(answer->text));
    answer->size_bytes = (size_t)size;
    kit_buf_done(&body);
}

void http_full_answer_prepare(struct http *http)
{
    struct kit_error error;

    kit_error_set(&error, KIT_E_LIMIT, "all connections are taken; try again in a second");
    prepare(&http->full, "Service Unavailable", &error);
    kit_error_set(&error, KIT_E_LIMIT,
                  "your address has as many connections as it may; close one, or try again in a "
                  "second");
    prepare(&http->crowded, "Service Unavailable", &error);
    kit_error_set(&error, KIT_E_FORBIDDEN,
                  "plain HTTP is for the proxy in front of this port; ask by HTTPS at its address");
    prepare(&http->strange, "Forbidden", &error);
    kit_error_typed(&error, KIT_E_INVALID, "https-only",
                    "this port speaks HTTPS; write https:// in front of the address");
    prepare(&http->plain, "Bad Request", &error);
}

static void turn_away(struct http *http, int fd, const struct http_full_answer *answer)
{
    http->bridge->metrics.connections_refused++;
    if (http->certificate == NULL) /* TLS would take it for noise */
        (void)send(fd, answer->text, answer->size_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

/* Connections and readers of the feed. */
static size_t count_of(const struct http *http, const struct client_address *address)
{
    size_t count = 0;
    for (const struct connection *c = http->first; c != NULL; c = c->next)
        count += clients_is_same(&c->address, address);
    return count;
}

/* Is there room for one more of this address? NULL: yes. Else what it is told. */
static const struct http_full_answer *find_room(struct http *http,
                                                const struct client_address *address)
{
    const struct clients *clients = &http->bridge->clients;

    if (clients_is_limited(clients, address) &&
        !clients_may_come(clients, address, count_of(http, address))) {
        http->bridge->metrics.connections_crowded++;
        return &http->crowded;
    }
    if (http->connection_count >= BRIDGE_CONNECTIONS_MAX)
        return &http->full;
    if (http->connection_count >= BRIDGE_CONNECTIONS_MAX - BRIDGE_CONNECTIONS_KEPT &&
        !clients_has_spoken(clients, address))
        return &http->full;
    return NULL;
}

static void take_connection(struct listener *listener, int fd, const struct sockaddr *peer,
                            socklen_t peer_size)
{
    struct http *http = listener->http;
    const struct client_address address = clients_address(peer);
    const struct http_full_answer *refusal = find_room(http, &address);

    if (http->is_for_proxies && !clients_is_near(&http->bridge->clients, peer))
        refusal = &http->strange;
    if (refusal != NULL) {
        turn_away(http, fd, refusal);
        return;
    }
    struct connection *connection = calloc(1, sizeof(*connection));
    CHECK(connection != NULL);
    connection->fd = fd;
    connection->http = http;
    connection->port = listener->port;
    connection->address = address;
    connection->since_mono_ms = http_now_ms(http);
    http->arriving = connection;
    http->needs_run = true;
    if (MHD_add_connection(http->daemon, fd, peer, peer_size) != MHD_YES)
        http->bridge->metrics.connections_refused++; /* and MHD has closed fd */
    if (http->arriving != NULL) {                    /* not taken over */
        free(http->arriving);
        http->arriving = NULL;
    }
}

void http_listeners_pause(struct http *http)
{
    for (size_t i = 0; i < BRIDGE_PORT_COUNT; i++) {
        if (http->listeners[i].fd >= 0)
            kit_loop_remove_fd(http->loop, http->listeners[i].fd);
    }
    http->is_paused = true;
}

/* accept4() has failed. Is there more to accept now? */
static bool survive_failure(struct http *http, int reason)
{
    if (reason == EMFILE || reason == ENFILE || reason == ENOMEM || reason == ENOBUFS) {
        kit_log_write(http->bridge->log, KIT_WARN, "accept_failed",
                      "cannot accept connections for a moment: %s", strerror(reason));
        http_listeners_pause(http);
    }
    return reason == ECONNABORTED || reason == EINTR;
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
        if (fd >= 0)
            take_connection(listener, fd, (struct sockaddr *)&address, size);
        else if (!survive_failure(listener->http, errno))
            return;
    }
}

int http_listeners_watch(struct http *http, struct kit_error *err)
{
    http->is_paused = false;
    for (size_t i = 0; i < BRIDGE_PORT_COUNT; i++) {
        struct listener *listener = &http->listeners[i];
        if (listener->fd < 0)
            continue;
        const struct kit_loop_watch watch = { listener->fd, EPOLLIN, on_listener, listener };
        int rc = kit_loop_add_fd(http->loop, &watch, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

int http_listeners_open(struct http *http, const char *address, int base_port,
                        struct kit_error *err)
{
    for (int i = 0; i < BRIDGE_PORT_COUNT; i++) {
        struct listener *listener = &http->listeners[i];
        listener->fd = bridge_inherited(base_port + i);
        if (listener->fd >= 0)
            continue;
        int rc = bridge_listen(address, base_port + i, &listener->fd, err);
        if (rc != KIT_OK)
            return rc;
    }
    http->is_paused = true;
    return KIT_OK;
}

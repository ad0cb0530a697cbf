/* libmicrohttpd between the loop and struct request: start, end, and what drives it.
 *
 * Lifetimes: 1. a connection lives from accept() until MHD closes it (http_on_connection). 2. A
 * request lives from its request line (http_on_target) until its answer has left or its client is
 * gone (http_on_completed). 3. The answer's body belongs to the request, so MHD only borrows it. 4.
 * While a request waits, its connection is suspended, and MHD touches neither. */
#include "bridge/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/http_connections.h"
#include "bridge/http_messages.h"
#include "bridge/http_streams.h"
#include "bridge/http_tls.h"

#define RUNS_MAX 4                    /* rounds of MHD in one turn */
#define CONNECTION_MEMORY_BYTES 32768 /* MHD's, for the request line and headers */
#define SWEEP_INTERVAL_MS 1000

/* Targets reach us by http_on_target(), unchanged; MHD need not decode anything. */
static size_t keep_escapes(void *context, struct MHD_Connection *mhd, char *text)
{
    (void)context;
    (void)mhd;
    return strlen(text);
}

/* ---- driving ---- */

#define FIRST_LINK_MS 2000 /* then it accepts without the broker, and says that it is away */

static void on_daemon(void *context, uint32_t events)
{
    struct http *http = context;
    (void)events;
    http->needs_run = true; /* the tick comes right after */
}

void http_begin(struct http *http)
{
    struct kit_error error;

    if (http->is_paused && http_listeners_watch(http, &error) != KIT_OK) {
        kit_log_write(http->bridge->log, KIT_WARN, "accept_failed", "%s", error.text);
        http_listeners_pause(http);
    }
}

static void on_second(struct http *http, int64_t now_mono_ms)
{
    http_connections_sweep(http, now_mono_ms);
    http_streams_sweep(http, now_mono_ms);
    http->next_sweep_mono_ms = now_mono_ms + SWEEP_INTERVAL_MS;
    http_begin(http);
}

int64_t http_tick(void *context, int64_t now_mono_ms)
{
    struct http *http = context;
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;

    http_streams_tell(http, now_mono_ms);
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

static int start_daemon(struct http *http, struct kit_error *err)
{
    const unsigned int plain = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET;
    const bool has_tls = http->certificate != NULL;

    /* By this type of credentials it asks for no certificate: http_tls_begin() gives each session
     * one, and the priorities have no key exchange by PSK. */
    http->daemon = MHD_start_daemon(
        has_tls ? plain | MHD_USE_TLS : plain, 0, NULL, NULL, http_on_request, http,
        MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, http, MHD_OPTION_NOTIFY_COMPLETED,
        http_on_completed, http, MHD_OPTION_URI_LOG_CALLBACK, http_on_target, http,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, http, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned int)(BRIDGE_CONNECTIONS_MAX + http->bridge->streams_max) + 1U,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 0, has_tls ? MHD_OPTION_HTTPS_CRED_TYPE : MHD_OPTION_END,
        GNUTLS_CRD_PSK, MHD_OPTION_HTTPS_PRIORITIES, HTTP_TLS_PRIORITIES, MHD_OPTION_END);
    if (http->daemon == NULL)
        return kit_error_set(err, KIT_E_IO, "cannot start the HTTP library: %s", strerror(errno));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    CHECK(info != NULL);
    http->daemon_fd = info->epoll_fd;
    const struct kit_loop_watch watch = { http->daemon_fd, EPOLLIN, on_daemon, http };
    return kit_loop_add_fd(http->loop, &watch, err);
}

static struct http *make_http(struct bridge *bridge, struct kit_loop *loop)
{
    struct http *http = calloc(1, sizeof(*http));

    CHECK(http != NULL);
    http->bridge = bridge;
    http->loop = loop;
    http->daemon_fd = -1;
    for (int i = 0; i < BRIDGE_PORT_COUNT; i++)
        http->listeners[i] =
            (struct listener){ .http = http, .fd = -1, .port = (enum bridge_port)i };
    http->next_sweep_mono_ms = http_now_ms(http) + FIRST_LINK_MS;
    http_full_answer_prepare(http);
    return http;
}

static int start(struct http *http, const struct http_address *address, struct kit_error *err)
{
    if (address->certificate != NULL)
        http_tls_set_certificate(http, certificate_use(address->certificate));
    http->is_for_proxies = address->is_for_proxies;
    http->bridge->is_https = http->certificate != NULL;
    int rc = start_daemon(http, err);
    if (rc != KIT_OK)
        return rc;
    return http_listeners_open(http, address->host, address->base_port, err);
}

int http_new(struct http **ret_http, struct bridge *bridge, struct kit_loop *loop,
             const struct http_address *address, struct kit_error *err)
{
    struct http *http = make_http(bridge, loop);

    bridge->adapter = http;
    bridge->send_answer = http_send_answer;
    int rc = start(http, address, err);
    if (rc != KIT_OK) {
        http_free(http);
        return rc;
    }
    *ret_http = http;
    return KIT_OK;
}

void http_stop_listening(struct http *http)
{
    http_listeners_pause(http);
    http->is_paused = false;
    for (size_t i = 0; i < BRIDGE_PORT_COUNT; i++) {
        if (http->listeners[i].fd >= 0)
            close(http->listeners[i].fd);
        http->listeners[i].fd = -1;
    }
}

void http_end_streams(struct http *http)
{
    http_streams_finish(http);
    http->needs_run = true;
}

void http_close_idle(struct http *http, int64_t idle_ms)
{
    const int64_t now_mono_ms = http_now_ms(http);

    for (struct connection *c = http->first; c != NULL; c = c->next) {
        if (c->request == NULL && now_mono_ms - c->since_mono_ms >= idle_ms)
            shutdown(c->fd, SHUT_RDWR); /* MHD sees the end and closes */
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
    http_tls_done(http);
    free(http);
}

void http_renew_certificate(struct http *http, struct certificate *certificate)
{
    PRE(http->certificate != NULL);
    http_tls_set_certificate(http, certificate_use(certificate));
}

size_t http_connection_count(const struct http *http)
{
    return http->connection_count;
}

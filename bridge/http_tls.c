/* Between the socket and GnuTLS. See http_tls.h.
 *
 * MHD calls gnutls_handshake() and gnutls_record_recv() itself; what we add are callbacks of the
 * session. So whoever speaks plain HTTP is seen by the first byte, before GnuTLS takes it for
 * broken TLS, and gets a sentence instead of a closed door. */
#include "bridge/http_tls.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define RECORD_OF_HANDSHAKE 22 /* RFC 8446, 5.1: each talk begins with it */
#define DRAIN_BYTES 16384      /* of a plain request, so that our answer is not cut off */

/* ---- certificate and tickets ---- */

void http_tls_set_certificate(struct http *http, struct certificate *certificate)
{
    if (http->ticket_key.data == NULL)
        CHECK(gnutls_session_ticket_key_generate(&http->ticket_key) == 0);
    certificate_leave(http->certificate);
    http->certificate = certificate;
}

void http_tls_done(struct http *http)
{
    certificate_leave(http->certificate);
    http->certificate = NULL;
    if (http->ticket_key.data != NULL)
        gnutls_memset(http->ticket_key.data, 0, http->ticket_key.size);
    gnutls_free(http->ticket_key.data);
}

/* ---- bytes ---- */

/* A plain request: one answer that says so, and the end. What came is read, as closing a socket
 * with unread bytes would take the answer back. */
static void refuse_plain(const struct connection *connection, char first)
{
    const struct http_full_answer *answer = &connection->http->plain;
    char rest[DRAIN_BYTES];

    connection->http->bridge->metrics.connections_plain++;
    if (first < 'A' || first > 'Z')
        return;
    (void)recv(connection->fd, rest, sizeof(rest), MSG_DONTWAIT);
    (void)send(connection->fd, answer->text, answer->size_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static ssize_t pull(gnutls_transport_ptr_t transport, void *bytes, size_t size_bytes)
{
    struct connection *connection = transport;

    const ssize_t got = recv(connection->fd, bytes, size_bytes, MSG_DONTWAIT);
    if (got <= 0 || connection->has_begun)
        return got;
    connection->has_begun = true;
    const char first = *(const char *)bytes;
    if (first == RECORD_OF_HANDSHAKE)
        return got;
    refuse_plain(connection, first);
    errno = ECONNRESET;
    return -1;
}

/* GnuTLS asks whether there is something to read, and must not wait for it here. */
static int pull_timeout(gnutls_transport_ptr_t transport, unsigned int timeout_ms)
{
    const struct connection *connection = transport;
    struct pollfd wait = { .fd = connection->fd, .events = POLLIN };

    (void)timeout_ms;
    return poll(&wait, 1, 0);
}

/* ---- handshakes ---- */

static void count_out(struct http *http, struct connection *connection)
{
    http->handshake_count -= connection->is_shaking;
    connection->is_shaking = false;
}

static int on_finished(gnutls_session_t session, unsigned int type, unsigned int when,
                       unsigned int is_incoming, const gnutls_datum_t *message)
{
    struct connection *connection = gnutls_transport_get_ptr(session);

    (void)type;
    (void)when;
    (void)message;
    if (is_incoming != 0)
        count_out(connection->http, connection);
    return 0;
}

/* Whoever shakes hands takes a moment; so the longest one does something else. */
static void cut_longest(struct http *http)
{
    struct connection *longest = NULL;

    for (struct connection *c = http->first; c != NULL; c = c->next) {
        if (c->is_shaking && (longest == NULL || c->since_mono_ms <= longest->since_mono_ms))
            longest = c;
    }
    CHECK(longest != NULL);
    http->bridge->metrics.handshakes_cut++;
    count_out(http, longest);
    shutdown(longest->fd, SHUT_RDWR); /* MHD sees the end and closes */
}

void http_tls_begin(struct http *http, struct connection *connection, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    CHECK(info != NULL && info->tls_session != NULL);
    gnutls_session_t session = info->tls_session;
    if (http->handshake_count >= BRIDGE_HANDSHAKES_MAX)
        cut_longest(http);
    connection->certificate = certificate_use(http->certificate);
    connection->is_shaking = true;
    http->handshake_count++;
    CHECK(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                                 connection->certificate->credentials) == 0);
    CHECK(gnutls_session_ticket_enable_server(session, &http->ticket_key) == 0);
    gnutls_transport_set_ptr2(session, connection,
                              (gnutls_transport_ptr_t)(intptr_t)connection->fd);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_pull_timeout_function(session, pull_timeout);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST,
                                       on_finished);
}

void http_tls_end(struct http *http, struct connection *connection)
{
    count_out(http, connection);
    certificate_leave(connection->certificate);
    connection->certificate = NULL;
}

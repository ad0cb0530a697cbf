/* Connections of clients: accepting, turning away, and hanging up on those who are too slow. We
 * accept them ourselves and hand them to libmicrohttpd. Loop thread. */
#ifndef BRIDGE_HTTP_CONNECTIONS_H
#define BRIDGE_HTTP_CONNECTIONS_H

#include "bridge/http_parts.h"

/* The bridge's monotonic clock. */
int64_t http_now_ms(const struct http *http);

/* The connection that MHD speaks of; it exists as long as MHD has it. */
struct connection *http_connection_of(struct MHD_Connection *mhd);

/* MHD tells when it has taken a connection over (inside MHD_add_connection) and when it has closed
 * it. */
void http_on_connection(void *http, struct MHD_Connection *mhd, void **socket_context,
                        enum MHD_ConnectionNotificationCode code);

/* The connection has become a stream: it counts no longer, and the sweep is not for it. */
void http_connection_leave(struct http *http, struct connection *connection);

/* Takes the listening sockets, base_port and the four after it, from whoever started us, and opens
 * those that he has not. Accepts nothing yet. Errors: those of bridge_listen(). */
int http_listeners_open(struct http *http, const char *address, int base_port,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Begins to accept, or begins again after a pause. */
int http_listeners_watch(struct http *http, struct kit_error *err) KIT_MUST_CHECK;

/* Accepts nothing for a moment: descriptors or memory are used up. */
void http_listeners_pause(struct http *http);

/* Hangs up on those who are idle, or too slow to bring a request or to take an answer. */
void http_connections_sweep(struct http *http, int64_t now_mono_ms);

/* Writes once what a connection is told for which there is no room. */
void http_full_answer_prepare(struct http *http);

#endif

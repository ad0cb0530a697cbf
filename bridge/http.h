/* The HTTP adapter: five listening sockets and one libmicrohttpd daemon without a thread, driven by
 * the loop. Turns HTTP into struct request and struct answer into HTTP, and nothing else. A
 * connection is suspended while its request waits for a service. Loop thread. */
#ifndef BRIDGE_HTTP_H
#define BRIDGE_HTTP_H

#include "bridge/bridge.h"
#include "bridge/certificate.h"
#include "kit/loop/loop.h"

struct http;

struct http_address {
    const char *host;    /* an IPv4 or IPv6 literal */
    int base_port;       /* the first of five */
    bool is_for_proxies; /* none but proxies that are named, and this machine, may come */
    struct certificate *certificate; /* all five speak HTTPS; NULL: plain HTTP */
};

/* Listens on base_port + 0..4 of the address; accepts from http_begin() on, or by itself when the
 * broker has not been there for FIRST_LINK_MS: who comes earlier waits. bridge and loop are
 * borrowed for its life; bridge's adapter and send_answer are set. Errors: KIT_E_UNAVAILABLE
 * (address or port), KIT_E_IO (libmicrohttpd). */
int http_new(struct http **ret_http, struct bridge *bridge, struct kit_loop *loop,
             const struct http_address *address, struct kit_error *err) KIT_MUST_CHECK;

/* The broker is there: accepts connections, if it does not yet. */
void http_begin(struct http *http);

/* Connections from now on get this certificate, of which http is a user; those that exist keep
 * theirs. It has one already. */
void http_renew_certificate(struct http *http, struct certificate *certificate);

/* No new connections; those that exist go on. */
void http_stop_listening(struct http *http);

/* Ends the streams of events: nothing of them is lost, the readers come back. */
void http_end_streams(struct http *http);

/* Closes connections that wait for nothing and have asked for nothing for so long. */
void http_close_idle(struct http *http, int64_t idle_ms);

/* Answers what still waits with 503. The RPC client must be gone: nothing may come back later. */
void http_abort_waiting(struct http *http);

/* Closes every connection; requests that still wait keep their objects. NULL is fine. */
void http_free(struct http *http);

/* Connections of clients that are open now. */
size_t http_connection_count(const struct http *http);

/* Ticker, to be added after the bus and the RPC client: lets libmicrohttpd work, and once a second
 * hangs up on the slow. Returns when it wants to run again. */
int64_t http_tick(void *http, int64_t now_mono_ms);

#endif

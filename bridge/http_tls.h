/* TLS below libmicrohttpd: each connection's certificate, tickets, and its bytes on the way to
 * GnuTLS, which we see first. Loop thread. */
#ifndef BRIDGE_HTTP_TLS_H
#define BRIDGE_HTTP_TLS_H

#include "bridge/http_parts.h"

/* What MHD is told to speak: TLS 1.3 and 1.2, and of 1.2 only what keeps a recorded talk secret
 * when the key is lost later. */
#define HTTP_TLS_PRIORITIES                                                                        \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"               \
    "-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

/* Takes the certificate for connections from now on; those that exist keep theirs. http is its user
 * then, instead of the caller. */
void http_tls_set_certificate(struct http *http, struct certificate *certificate);

/* Frees what http_tls_set_certificate() made. Every connection is gone. */
void http_tls_done(struct http *http);

/* MHD has taken a connection over, and has made its session. There is a certificate. When too many
 * shake hands, the one that has done so for longest is cut. */
void http_tls_begin(struct http *http, struct connection *connection, struct MHD_Connection *mhd);

/* The connection is over: it is no user of its certificate any more. */
void http_tls_end(struct http *http, struct connection *connection);

#endif

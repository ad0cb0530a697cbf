/* What the files of the HTTP adapter share. Nobody else includes it. Loop thread. */
#ifndef BRIDGE_HTTP_PARTS_H
#define BRIDGE_HTTP_PARTS_H

#include <microhttpd.h>

#include "bridge/certificate.h"
#include "bridge/http.h"
#include "bridge/request.h"

#define HTTP_FULL_ANSWER_SIZE 640

struct http_stream;

/* What somebody is told for whom there is no room; the same each time. */
struct http_full_answer {
    char text[HTTP_FULL_ANSWER_SIZE];
    size_t size_bytes;
};

struct connection {
    struct connection *prev;
    struct connection *next;
    struct request *request;    /* NULL between requests */
    struct http_stream *stream; /* NULL: its request is no reader of the feed */
    const char *target_end;     /* where the request's target ends in MHD's buffer */
    bool has_left;              /* was a stream's: no longer one of those that are counted */
    int fd;                     /* MHD's */
    struct http *http;
    enum bridge_port port;
    struct client_address address;
    struct certificate *certificate; /* NULL: plain HTTP */
    bool is_shaking;                 /* hands: TLS has not begun yet */
    bool has_begun;                  /* its first byte has come */
    bool has_spoken;                 /* a request of it was answered */
    int64_t since_mono_ms;           /* when we began to wait for the client */
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
    size_t connection_count; /* without those of streams */
    struct http_stream *first_stream;
    uint64_t told_news;          /* feed->news, when the streams were last told */
    struct connection *arriving; /* being handed to MHD */
    bool needs_run;              /* something was resumed or handed over */
    int64_t next_sweep_mono_ms;
    struct http_full_answer full;    /* all connections are taken */
    struct http_full_answer crowded; /* or those of an address */
    struct http_full_answer strange; /* only proxies that are named may come */
    bool is_for_proxies;
    struct http_full_answer plain;   /* plain HTTP where there is a certificate */
    struct certificate *certificate; /* of new connections; NULL: plain HTTP */
    gnutls_datum_t ticket_key;       /* of TLS sessions that are taken up again */
    size_t handshake_count;
};

#endif

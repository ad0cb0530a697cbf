/* The bridge as a whole: HTTP in front, RPC behind, no data of its own. One thread, one loop. */
#ifndef BRIDGE_BRIDGE_H
#define BRIDGE_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/access.h"
#include "bridge/access_site.h"
#include "bridge/clients.h"
#include "bridge/entropy.h"
#include "bridge/feed.h"
#include "bridge/history.h"
#include "bridge/metrics.h"
#include "bridge/processes.h"
#include "kit/port/ports.h"
#include "kit/rpc/client.h"

#define BRIDGE_CALLS_MAX 1024       /* requests that wait for a service at once */
#define BRIDGE_CONNECTIONS_MAX 2000 /* more are turned away with 503 */
#define BRIDGE_ANSWER_BYTES_MAX (1 << 20)
#define BRIDGE_CONNECTIONS_KEPT 200 /* of them, the last: for clients who have spoken lately */
#define BRIDGE_SLOW_MS 10000        /* for a connection to bring a request or take an answer */
#define BRIDGE_HANDSHAKE_MS 5000    /* for a connection to begin TLS */
#define BRIDGE_HANDSHAKES_MAX 512   /* that do so at once; for one more, the longest is cut */
#define BRIDGE_EARLY_MS                                                                            \
    2000 /* to bring a head, while more than half of the connections are taken */

struct pages;
struct request;

struct bridge {
    const struct kit_clock *clock;
    const struct kit_rng *rng;
    const struct kit_log *log;
    struct kit_rpc_client *rpc;
    int64_t request_timeout_ms;
    int64_t streams_max;       /* readers of the feed, apart from the connections */
    int64_t stream_slow_ms;    /* for one of them to take what it was given */
    const struct pages *pages; /* NULL: there are none */
    const char *ca_text;       /* PEM of whom clients trust then; NULL: it is not told */
    bool is_https;             /* its ports speak HTTPS */
    bool is_draining;          /* every answer closes its connection */

    /* Of the HTTP adapter: sends what request->answer holds and lets the connection go on. */
    void (*send_answer)(struct request *request);
    void *adapter;

    struct request *pool; /* finished request objects, for reuse */
    size_t pool_count;
    size_t request_count; /* alive: from the request line until the answer has left */
    size_t waiting_count; /* of these, those that wait for a service */
    size_t stream_count;  /* of these, those that read the feed */
    struct feed feed;
    struct processes processes;
    struct history history; /* of the processes */
    struct entropy entropy;
    struct clients clients;
    struct access_hosts hosts;
    struct access access;
    struct bridge_metrics metrics;
};

#endif

/* What the bridge counts: answers by route and status, and how long they took. Loop thread. */
#ifndef BRIDGE_METRICS_H
#define BRIDGE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/route.h"
#include "kit/base/buf.h"

#define METRICS_ROUTES_MAX 96   /* the last row is for requests that no route took */
#define METRICS_STATUS_COUNT 21 /* the last column is for statuses that are not named */
#define METRICS_BUCKET_COUNT 12

struct bridge_metrics {
    int64_t answers[METRICS_ROUTES_MAX][METRICS_STATUS_COUNT];
    int64_t duration_buckets[METRICS_BUCKET_COUNT]; /* not cumulative */
    int64_t duration_sum_ms;
    int64_t duration_count;
    int64_t connections_refused;
    int64_t connections_crowded; /* of these, as their address had too many */
    int64_t connections_timed_out;
    int64_t connections_plain; /* that began with no TLS where there must be some */
    int64_t handshakes_cut;    /* as too many were under way */
    int64_t requests_cut;      /* ended without an answer: the client went away */
    int64_t sse_cut;           /* readers of the feed that were too slow */
    int64_t messages_unwanted; /* from the broker, on a topic that is not ours */
};

/* Counts one answer that has left. @route: a row of bridge_routes, NULL when none matched.
 * @duration_ms: since the request line. */
void metrics_add_answer(struct bridge_metrics *metrics, const struct route *route, int status,
                        int64_t duration_ms);

/* Appends all of it as Prometheus text. @malformed_count: replies and presence that the client of
 * the services could not read. */
void metrics_write(const struct bridge_metrics *metrics, int64_t malformed_count,
                   struct kit_buf *out);

#endif

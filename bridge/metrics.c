/* Counters as Prometheus text. */
#include "bridge/metrics.h"

#include <inttypes.h>
#include <stdio.h>

#include "bridge/routes.h"
#include "kit/process/admin.h"

/* The last one stands for every status that is not named. */
static const int STATUSES[] = { 200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 409,
                                413, 414, 415, 421, 422, 500, 501, 502, 503, 0 };
_Static_assert(KIT_COUNT(STATUSES) == METRICS_STATUS_COUNT, "a column for each status");

/* Upper bounds in ms; the last bucket has none. */
static const int64_t BOUNDS_MS[METRICS_BUCKET_COUNT] = { 1,   2,   5,   10,   25,   50,
                                                         100, 250, 500, 1000, 2500, INT64_MAX };

static size_t find_status(int status)
{
    size_t i = 0;
    while (STATUSES[i] != status && STATUSES[i] != 0)
        i++;
    return i;
}

void metrics_add_answer(struct bridge_metrics *metrics, const struct route *route, int status,
                        int64_t duration_ms)
{
    const size_t row = route == NULL ? METRICS_ROUTES_MAX - 1 : (size_t)(route - bridge_routes);
    size_t bucket = 0;

    CHECK(bridge_route_count < METRICS_ROUTES_MAX && row < METRICS_ROUTES_MAX);
    metrics->answers[row][find_status(status)]++;
    while (duration_ms > BOUNDS_MS[bucket])
        bucket++;
    metrics->duration_buckets[bucket]++;
    metrics->duration_sum_ms += duration_ms;
    metrics->duration_count++;
}

/* Routes with one path on several ports differ by their service. */
static void write_row(const struct bridge_metrics *metrics, size_t row, struct kit_buf *out)
{
    const struct route *route = row < bridge_route_count ? &bridge_routes[row] : NULL;
    char labels[160];

    for (size_t i = 0; i < METRICS_STATUS_COUNT; i++) {
        if (metrics->answers[row][i] == 0)
            continue;
        char status[12] = "other";
        if (STATUSES[i] != 0)
            snprintf(status, sizeof(status), "%d", STATUSES[i]);
        snprintf(labels, sizeof(labels), "method=\"%s\",route=\"%s\",service=\"%s\",status=\"%s\"",
                 route == NULL ? "any" : http_method_text(route->method),
                 route == NULL ? "none" : route->path,
                 route == NULL || route->service == NULL ? "bridge" : route->service, status);
        kit_metric_int(out, "http_requests_total", labels, metrics->answers[row][i]);
    }
}

static void write_durations(const struct bridge_metrics *metrics, struct kit_buf *out)
{
    int64_t count = 0;
    char labels[40];

    kit_metric_head(out, "http_request_duration_ms", "histogram",
                    "From the request line to the answer, in milliseconds.");
    for (size_t i = 0; i < METRICS_BUCKET_COUNT; i++) {
        count += metrics->duration_buckets[i];
        if (BOUNDS_MS[i] == INT64_MAX)
            snprintf(labels, sizeof(labels), "le=\"+Inf\"");
        else
            snprintf(labels, sizeof(labels), "le=\"%" PRId64 "\"", BOUNDS_MS[i]);
        kit_metric_int(out, "http_request_duration_ms_bucket", labels, count);
    }
    kit_metric_int(out, "http_request_duration_ms_sum", "", metrics->duration_sum_ms);
    kit_metric_int(out, "http_request_duration_ms_count", "", metrics->duration_count);
}

/* The names of services' refusals (kit/service), as far as they can happen here. */
static void write_refusals(const struct bridge_metrics *metrics, int64_t malformed_count,
                           struct kit_buf *out)
{
    kit_metric_head(out, "messages_refused_total", "counter",
                    "Messages of the broker that were refused.");
    kit_metric_int(out, "messages_refused_total", "reason=\"topic\"", metrics->messages_unwanted);
    kit_metric_int(out, "messages_refused_total", "reason=\"malformed\"", malformed_count);
}

void metrics_write(const struct bridge_metrics *metrics, int64_t malformed_count,
                   struct kit_buf *out)
{
    write_refusals(metrics, malformed_count, out);
    kit_metric_head(out, "http_requests_total", "counter", "Answers by route and status.");
    for (size_t row = 0; row < METRICS_ROUTES_MAX; row++)
        write_row(metrics, row, out);
    write_durations(metrics, out);
    kit_metric_head(out, "http_connections_refused_total", "counter",
                    "Connections turned away at the limit.");
    kit_metric_int(out, "http_connections_refused_total", "", metrics->connections_refused);
    kit_metric_head(out, "http_connections_crowded_total", "counter",
                    "Of these, those whose address had as many as it may.");
    kit_metric_int(out, "http_connections_crowded_total", "", metrics->connections_crowded);
    kit_metric_head(out, "http_connections_timed_out_total", "counter",
                    "Connections closed because they were idle or too slow.");
    kit_metric_int(out, "http_connections_timed_out_total", "", metrics->connections_timed_out);
    kit_metric_head(out, "http_connections_plain_total", "counter",
                    "Connections that did not begin with TLS where there must be TLS.");
    kit_metric_int(out, "http_connections_plain_total", "", metrics->connections_plain);
    kit_metric_head(out, "http_handshakes_cut_total", "counter",
                    "TLS handshakes cut off, as too many were under way.");
    kit_metric_int(out, "http_handshakes_cut_total", "", metrics->handshakes_cut);
    kit_metric_head(out, "http_requests_cut_total", "counter",
                    "Requests that ended without an answer: the client went away or was too slow.");
    kit_metric_int(out, "http_requests_cut_total", "", metrics->requests_cut);
}

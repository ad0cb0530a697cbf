/* Numbers for operators, Prometheus text. Names are documented in METRICS.md. Loop thread. */
#include <stdio.h>

#include "kit/base/metric.h"
#include "kit/service/internal.h"

#define LABELS_SIZE 160

static void add_labelled(struct kit_buf *out, const char *name, const char *label, const char *text,
                         int64_t value)
{
    char labels[LABELS_SIZE];
    snprintf(labels, sizeof(labels), "%s=\"%s\"", label, text);
    kit_metric_int(out, name, labels, value);
}

static void add_refusals(const struct kit_service *service, struct kit_buf *out)
{
    kit_metric_head(out, "messages_refused_total", "counter",
                    "Messages refused before any handler saw them.");
    for (size_t i = 0; i < REFUSAL_COUNT; i++)
        add_labelled(out, "messages_refused_total", "reason", service_refusal_names[i],
                     service->refused_total[i]);
}

static void add_requests(const struct kit_service *service, struct kit_buf *out)
{
    char labels[LABELS_SIZE];
    kit_metric_head(out, "requests_total", "counter", "Requests executed, by method and outcome.");
    for (size_t i = 0; i < service->method_count; i++) {
        const struct service_method *method = &service->methods[i];
        const struct {
            const char *outcome;
            int64_t value;
        } rows[] = {
            { "ok", method->ok_total },
            { "refused", method->refused_total },
            { "failed", method->failed_total },
        };
        for (size_t k = 0; k < KIT_COUNT(rows); k++) {
            snprintf(labels, sizeof(labels), "method=\"%s\",outcome=\"%s\"", method->row->name,
                     rows[k].outcome);
            kit_metric_int(out, "requests_total", labels, rows[k].value);
        }
    }
}

static int64_t read_field(const struct kit_follower *follower, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)follower + offset);
}

static void add_followers(const struct kit_service *service, struct kit_buf *out)
{
    static const struct {
        const char *name, *type, *help;
        size_t offset;
    } FIELDS[] = {
        { "stream_cursor", "gauge", "Last event applied.", offsetof(struct kit_follower, seq) },
        { "stream_head", "gauge", "Last head heard of.", offsetof(struct kit_follower, head_seq) },
        { "stream_applied_total", "counter", "Events applied.",
          offsetof(struct kit_follower, applied_total) },
        { "stream_duplicates_total", "counter", "Events seen again and dropped.",
          offsetof(struct kit_follower, duplicate_total) },
        { "stream_gaps_total", "counter", "Events that came too early.",
          offsetof(struct kit_follower, gap_total) },
        { "stream_fetches_total", "counter", "Questions to the source.",
          offsetof(struct kit_follower, fetch_total) },
        { "stream_parked_total", "counter", "Events put into dead_letter.",
          offsetof(struct kit_follower, parked_total) },
    };
    for (size_t k = 0; k < KIT_COUNT(FIELDS); k++) {
        if (service->desc->subscription_count > 0)
            kit_metric_head(out, FIELDS[k].name, FIELDS[k].type, FIELDS[k].help);
        for (size_t i = 0; i < service->desc->subscription_count; i++)
            add_labelled(out, FIELDS[k].name, "source", service->followers[i].source,
                         read_field(&service->followers[i], FIELDS[k].offset));
    }
}

void kit_service_metrics(struct kit_service *service, struct kit_buf *out)
{
    kit_metric_counter(out, "items_total", "Work items run.", service->items_total);
    kit_metric_counter(out, "item_failures_total", "Work items rolled back.",
                       service->item_failures_total);
    kit_metric_counter(out, "commits_total", "Group commits.", service->commits_total);
    kit_metric_counter(out, "commit_failures_total", "Group commits that failed and were undone.",
                       service->commit_failures_total);
    kit_metric_counter(out, "replies_dropped_total", "Replies that the bus did not take.",
                       service->dropped_replies_total);
    kit_metric_gauge(out, "clock_apart_ms",
                     "How far our wall clock, or another service, is from our time.",
                     kit_service_clock_apart_ms(service));
    kit_metric_gauge(out, "dead_letters", "Events parked now.", service->parked_count);
    if (service->desc->follower_count > 0) {
        kit_metric_gauge(out, "recovery_phase",
                         "0: no database is missing; 1: asks how far numbers went; 2: reads again.",
                         (int64_t)service->recovery.phase);
        kit_metric_gauge(out, "recovery_lost",
                         "Numbers given before a database was lost, of which nobody has told.",
                         service->recovery.lost_count);
    }
    kit_metric_gauge(out, "requests_waiting", "Requests that wait for another service.",
                     (int64_t)service->ticket_count);
    kit_metric_gauge(out, "calls_open", "Own calls under way.",
                     (int64_t)kit_rpc_client_open_count(service->client));
    kit_metric_counter(out, "calls_held_total", "Own calls that waited for a planned restart.",
                       kit_rpc_client_held_total(service->client));
    kit_metric_counter(out, "calls_repeated_total", "Own calls that were sent again behind one.",
                       kit_rpc_client_repeated_total(service->client));
    if (service->desc->publishes) {
        kit_metric_gauge(out, "log_head", "Last event of our own log.", service->log.head);
        kit_metric_gauge(out, "log_published", "Last event that the broker confirmed.",
                         service->publisher.acked_seq);
        kit_metric_counter(out, "log_damaged_total", "Damaged rows of our own log that were read.",
                           service->log.damaged_total);
        kit_metric_counter(out, "stream_messages_total", "Stream messages sent.",
                           service->publisher.messages_total);
    }
    kit_degraded_write_metrics(kit_service_degraded(service), out);
    if (service->desc->devices != NULL)
        kit_metric_counter(out, "device_messages_dropped_total",
                           "Messages of devices that sent more than they may.",
                           service->budget.dropped_total);
    add_refusals(service, out);
    add_requests(service, out);
    add_followers(service, out);
    if (service->desc->metrics != NULL)
        service->desc->metrics(service->app, out);
}

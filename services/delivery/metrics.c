/* Prometheus text of delivery. Reads counters only. Loop thread. */
#include "delivery/metrics.h"

#include <stdio.h>

#include "delivery/app.h"
#include "kit/base/metric.h"

#define LABELS_SIZE 64

static void add_deliveries(const struct delivery_totals *totals, struct kit_buf *out)
{
    const struct {
        const char *labels;
        int64_t total;
    } rows[] = {
        { "outcome=\"requested\"", totals->requested },
        { "outcome=\"tombstone\"", totals->tombstones },
        { "outcome=\"delivered\"", totals->delivered },
        { "outcome=\"canceled\"", totals->canceled },
        { "outcome=\"rejected\"", totals->rejected },
        { "outcome=\"ready\"", totals->ready },
        { "outcome=\"returned\"", totals->returned },
        { "outcome=\"expired\"", totals->expired },
        { "outcome=\"ignored\"", totals->ignored },
    };

    kit_metric_head(out, "deliveries_total", "counter",
                    "What happened to deliveries since the start.");
    for (size_t i = 0; i < KIT_COUNT(rows); i++)
        kit_metric_int(out, "deliveries_total", rows[i].labels, rows[i].total);
}

struct family {
    const char *name;
    const char *help;
    const char *label;
    const char *const *texts;
    const int64_t *totals;
    size_t count;
};

static void add_family(const struct family *family, struct kit_buf *out)
{
    kit_metric_head(out, family->name, "counter", family->help);
    for (size_t i = 0; i < family->count; i++) {
        char labels[LABELS_SIZE];
        if (family->texts[i] == NULL) /* no value has that number */
            continue;
        (void)snprintf(labels, sizeof(labels), "%s=\"%s\"", family->label, family->texts[i]);
        kit_metric_int(out, family->name, labels, family->totals[i]);
    }
}

static void add_lockers(const struct delivery_locker_totals *totals, struct kit_buf *out)
{
    const struct family families[] = {
        { "locker_commands_total", "Commands to lockers since the start, by what was sensed.",
          "effect", effect_texts, totals->effects, EFFECT_MAX + 1 },
        { "locker_codes_used_total", "Codes that were used since the start, by what was sensed.",
          "effect", effect_texts, totals->uses, EFFECT_MAX + 1 },
        { "locker_alarms_total", "Alarms of doors since the start.", "alarm", door_alarm_texts,
          totals->alarms, DOOR_ALARM_MAX + 1 },
    };
    for (size_t i = 0; i < KIT_COUNT(families); i++)
        add_family(&families[i], out);
    kit_metric_counter(out, "locker_grants_issued_total", "Codes issued since the start.",
                       totals->grants_issued);
    kit_metric_counter(out, "locker_wrong_codes_total", "Wrong codes typed since the start.",
                       totals->wrong_codes);
    kit_metric_counter(out, "locker_doors_jammed_total", "Doors that jammed since the start.",
                       totals->doors_jammed);
    kit_metric_counter(out, "locker_requests_ignored_total",
                       "Requests of staff to open a compartment that is not theirs, or too late.",
                       totals->requests_ignored);
    kit_metric_counter(out, "locker_commands_unanswered_total",
                       "Commands of which no effect was told in time.", totals->unanswered);
    kit_metric_counter(out, "locker_configs_sent_total", "Configurations sent since the start.",
                       totals->configs_sent);
    kit_metric_counter(out, "locker_records_suspicious_total",
                       "Records of lockers that name what is not theirs.", totals->suspicious);
    kit_metric_counter(out, "locker_revisions_suspicious_total",
                       "Configurations that lockers claim to have and that cannot be ours.",
                       totals->revisions_suspicious);
}

void delivery_metrics(void *app_pointer, struct kit_buf *out)
{
    const struct delivery_app *app = app_pointer;
    add_deliveries(&app->totals, out);
    add_lockers(&app->locker_totals, out);
    kit_metric_gauge(out, "orders_waiting_for_compartment", "Orders that wait for a compartment.",
                     app->waiting.count);
    kit_device_logs_metrics(&app->logs, out);
}

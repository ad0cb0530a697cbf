/* The numbers of stock for operators. See metrics.h. */
#include "stock/metrics.h"

#include <stdio.h>

#include "kit/base/metric.h"
#include "stock/app.h"

static void add_scanners(const struct stock_scanner_totals *totals, struct kit_buf *out)
{
    char labels[64];
    kit_metric_head(out, "stock_scans_total", "counter", "Scans by their verdict.");
    for (int i = 1; i <= SCAN_RESULT_MAX; i++) {
        snprintf(labels, sizeof(labels), "result=\"%s\"", scan_result_text((enum scan_result)i));
        kit_metric_int(out, "stock_scans_total", labels, totals->scans[i]);
    }
    kit_metric_counter(out, "stock_scans_failed_total",
                       "Scans that could not be handled: the office was called.",
                       totals->scans_failed);
}

static const struct {
    enum reservation_state state;
    const char *labels;
} STATES[] = {
    { RESERVATION_WAITING, "state=\"waiting\"" },
    { RESERVATION_RESERVED, "state=\"reserved\"" },
    { RESERVATION_PICKED, "state=\"picked\"" },
    { RESERVATION_LOADED, "state=\"loaded\"" },
    { RESERVATION_RENTED, "state=\"rented\"" },
    { RESERVATION_RETURNED, "state=\"returned\"" },
    { RESERVATION_COMING_BACK, "state=\"coming_back\"" },
    { RESERVATION_RELEASED, "state=\"released\"" },
    { RESERVATION_REJECTED, "state=\"rejected\"" },
};

void stock_metrics(void *app_pointer, struct kit_buf *out)
{
    const struct stock_app *app = app_pointer;
    const struct stock_totals *totals = &app->totals;
    kit_metric_gauge(out, "stock_reservations_waiting",
                     "Reservations that wait for the product's registration.", totals->waiting);
    kit_metric_head(out, "stock_reservations_total", "counter",
                    "Reservations that came to a state, since the start.");
    for (size_t i = 0; i < KIT_COUNT(STATES); i++)
        kit_metric_int(out, "stock_reservations_total", STATES[i].labels,
                       totals->moved[STATES[i].state]);
    kit_metric_head(out, "stock_rejected_total", "counter", "Rejected reservations by reason.");
    kit_metric_int(out, "stock_rejected_total", "reason=\"out_of_stock\"",
                   totals->rejected_out_of_stock);
    kit_metric_int(out, "stock_rejected_total", "reason=\"unregistered_product\"",
                   totals->rejected_unregistered);
    kit_metric_counter(out, "stock_registrations_refused_total",
                       "Registered quantities that were refused as below what is committed.",
                       totals->registrations_refused);
    add_scanners(&app->scanner_totals, out);
    kit_device_logs_metrics(&app->logs, out);
}

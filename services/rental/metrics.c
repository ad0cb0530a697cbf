/* Prometheus text of rental. Reads counters only. Loop thread. */
#include "rental/metrics.h"

#include <stdio.h>

#include "kit/base/metric.h"
#include "rental/app.h"

static const char *const OUTCOME_NAMES[RENTAL_CANCEL_OUTCOME_COUNT] = {
    [RENTAL_CANCEL_DONE] = "canceled",       [RENTAL_CANCEL_ALREADY] = "already-canceled",
    [RENTAL_CANCEL_REFUSED] = "refused",     [RENTAL_CANCEL_UNAVAILABLE] = "unavailable",
    [RENTAL_CANCEL_NOT_ASKED] = "not-asked", [RENTAL_CANCEL_UNKNOWN] = "unknown-rental",
};

#define LABELS_SIZE 64

static void add_breaker(const struct kit_breaker *breaker, struct kit_buf *out)
{
    kit_metric_head(out, "breaker_state", "gauge", "1 for the state the breaker is in.");
    for (int state = KIT_BREAKER_CLOSED; state <= KIT_BREAKER_HALF_OPEN; state++) {
        char labels[LABELS_SIZE];
        (void)snprintf(labels, sizeof(labels), "callee=\"delivery\",state=\"%s\"",
                       kit_breaker_state_name((enum kit_breaker_state)state));
        kit_metric_int(out, "breaker_state", labels, (int)breaker->state == state);
    }
    kit_metric_head(out, "breaker_opened_total", "counter", "Times the breaker opened.");
    kit_metric_int(out, "breaker_opened_total", "callee=\"delivery\"", breaker->opened_total);
}

void rental_metrics(void *app_pointer, struct kit_buf *out)
{
    const struct rental_app *app = app_pointer;

    add_breaker(&app->cancels.breaker, out);
    kit_metric_head(out, "rental_cancels_total", "counter", "Cancels by how they ended.");
    for (int i = 0; i < RENTAL_CANCEL_OUTCOME_COUNT; i++) {
        char labels[LABELS_SIZE];
        (void)snprintf(labels, sizeof(labels), "outcome=\"%s\"", OUTCOME_NAMES[i]);
        kit_metric_int(out, "rental_cancels_total", labels, app->cancels.totals[i]);
    }
    kit_metric_counter(out, "rental_orders_total", "Orders taken since the start.",
                       app->orders_total);
    kit_metric_counter(out, "rental_taken_back_total",
                       "Lost orders that are here again, as delivery tells them.",
                       app->taken_back_total);
    kit_metric_counter(out, "rental_news_unknown_total",
                       "Delivery's events about rentals that are not here.",
                       app->news_unknown_total);
}

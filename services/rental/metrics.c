/* Prometheus text of rental. Reads counters only. Loop thread. */
#include "rental/metrics.h"

#include "rental/app.h"

static const char *const OUTCOME_NAMES[RENTAL_CANCEL_OUTCOME_COUNT] = {
    [RENTAL_CANCEL_DONE] = "canceled",       [RENTAL_CANCEL_ALREADY] = "already-canceled",
    [RENTAL_CANCEL_REFUSED] = "refused",     [RENTAL_CANCEL_UNAVAILABLE] = "unavailable",
    [RENTAL_CANCEL_NOT_ASKED] = "not-asked", [RENTAL_CANCEL_UNKNOWN] = "unknown-rental",
};

static void add_breaker(const struct kit_breaker *breaker, struct kit_buf *out)
{
    kit_buf_add_text(out, "# HELP lockstock_breaker_state 1 for the state the breaker is in.\n"
                          "# TYPE lockstock_breaker_state gauge\n");
    for (int state = KIT_BREAKER_CLOSED; state <= KIT_BREAKER_HALF_OPEN; state++)
        kit_buf_add_format(out, "lockstock_breaker_state{callee=\"delivery\",state=\"%s\"} %d\n",
                           kit_breaker_state_name((enum kit_breaker_state)state),
                           (int)breaker->state == state);
    kit_buf_add_text(out, "# HELP lockstock_breaker_opened_total Times the breaker opened.\n"
                          "# TYPE lockstock_breaker_opened_total counter\n"
                          "lockstock_breaker_opened_total{callee=\"delivery\"} ");
    kit_buf_add_int(out, breaker->opened_total);
    kit_buf_add_char(out, '\n');
}

void rental_metrics(void *app_pointer, struct kit_buf *out)
{
    const struct rental_app *app = app_pointer;

    add_breaker(&app->cancels.breaker, out);
    kit_buf_add_text(out, "# HELP lockstock_rental_cancels_total Cancels by how they ended.\n"
                          "# TYPE lockstock_rental_cancels_total counter\n");
    for (int i = 0; i < RENTAL_CANCEL_OUTCOME_COUNT; i++) {
        kit_buf_add_format(out, "lockstock_rental_cancels_total{outcome=\"%s\"} ",
                           OUTCOME_NAMES[i]);
        kit_buf_add_int(out, app->cancels.totals[i]);
        kit_buf_add_char(out, '\n');
    }
    kit_buf_add_text(out, "# HELP lockstock_rental_orders_total Orders taken since the start.\n"
                          "# TYPE lockstock_rental_orders_total counter\n"
                          "lockstock_rental_orders_total ");
    kit_buf_add_int(out, app->orders_total);
    kit_buf_add_text(out, "\n# HELP lockstock_rental_news_unknown_total Delivery's events about"
                          " rentals that are not here.\n"
                          "# TYPE lockstock_rental_news_unknown_total counter\n"
                          "lockstock_rental_news_unknown_total ");
    kit_buf_add_int(out, app->news_unknown_total);
    kit_buf_add_char(out, '\n');
}

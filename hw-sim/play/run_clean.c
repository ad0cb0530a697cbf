/* Cancels the orders of a run that was broken off. When its locker goes away, an order that is
 * picked would get a compartment of somebody else's locker. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "play/run_parts.h"

#define PATH_SIZE 64
#define TEXT_SIZE 160
#define CLEAN_MS 2500 /* for all; deploy/down waits 5 s before it kills */

void sim_run_remember_order(struct sim_run *run, const struct sim_call *call)
{
    int64_t id = sim_json_int(call->answer, "id", 0);

    if (strcmp(call->method, "POST") != 0 || strcmp(call->path, "/rentals") != 0 || id == 0)
        return;
    if (run->order_count < SIM_ORDERS_MAX)
        run->orders[run->order_count++] = id;
}

/* Not sim_run_http(): it gives up after Ctrl-C, and this is what Ctrl-C brings about. */
static bool cancel(struct sim_run *run, int64_t id, int64_t until_ms)
{
    struct sim_http *http = &run->world.http;
    char path[PATH_SIZE], text[TEXT_SIZE];

    (void)snprintf(path, sizeof(path), "/rentals/%" PRId64, id);
    sim_http_start(http, "DELETE", path, NULL);
    while (http->is_busy && sim_now_ms() < until_ms)
        sim_loop_turn(&run->world.loop, until_ms);
    (void)snprintf(text, sizeof(text), "cancels what is left: DELETE %s answers %ld", path,
                   http->status);
    sim_run_report(run, SIM_ENTRY_STEP, NULL, text);
    return http->status != 0;
}

/* The latest order first: it is the likeliest to be open. The bridge refuses those that are over.
 */
void sim_run_cancel_orders(struct sim_run *run)
{
    const int64_t until_ms = sim_now_ms() + CLEAN_MS;

    for (size_t i = run->order_count; i > 0; i--) {
        if (!cancel(run, run->orders[i - 1], until_ms))
            return; /* the bridge is away, or our time is over */
    }
}

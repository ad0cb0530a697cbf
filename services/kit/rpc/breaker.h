/* A circuit breaker as a pure state machine: no clock, no I/O.
 *
 *            failures in a row >= failure_count_max
 *   CLOSED ------------------------------------------> OPEN
 *      ^                                                |  open_ms passed, next call is the probe
 *      |  the probe succeeded                           v
 *      +------------------------------------------- HALF_OPEN --- the probe failed ---> OPEN
 *
 * HALF_OPEN lets exactly one call through; all others are refused until the probe has ended. */
#ifndef KIT_RPC_BREAKER_H
#define KIT_RPC_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum kit_breaker_state {
    KIT_BREAKER_CLOSED = 0,
    KIT_BREAKER_OPEN = 1,
    KIT_BREAKER_HALF_OPEN = 2,
};

struct kit_breaker {
    enum kit_breaker_state state;
    int failure_count;     /* in a row, while closed */
    int failure_count_max; /* >= 1 */
    int64_t open_ms;       /* how long to stay open */
    int64_t opened_at_ms;  /* monotonic */
    int64_t opened_total;  /* times opened, for metrics */
};

/* Closed, without a failure so far. failure_count_max >= 1, open_ms >= 0. */
void kit_breaker_init(struct kit_breaker *breaker, int failure_count_max, int64_t open_ms);

/* May a call start now? true obliges the caller to report its end exactly once. */
bool kit_breaker_may_call(struct kit_breaker *breaker, int64_t now_mono_ms);
/* A call ended well: closes the breaker in every state. A call that began before it opened proves
 * as much as a probe. */
void kit_breaker_on_success(struct kit_breaker *breaker);
/* A call ended badly: counts while closed, and opens at the maximum; after a failed probe it opens
 * again. While open nothing changes, so a late failure does not make the pause longer. */
void kit_breaker_on_failure(struct kit_breaker *breaker, int64_t now_mono_ms);

/* How long until a probe may go, in ms; 0 when a call may start now. */
int64_t kit_breaker_wait_ms(const struct kit_breaker *breaker, int64_t now_mono_ms);
const char *kit_breaker_state_name(
    enum kit_breaker_state state); /* "closed", "open", "half-open" */

#endif

/* The moves of the circuit breaker; see breaker.h for the diagram. Pure. */
#include "kit/rpc/breaker.h"

#include "kit/base/check.h"

void kit_breaker_init(struct kit_breaker *breaker, int failure_count_max, int64_t open_ms)
{
    PRE(failure_count_max >= 1);
    PRE(open_ms >= 0);
    *breaker = (struct kit_breaker){
        .state = KIT_BREAKER_CLOSED,
        .failure_count_max = failure_count_max,
        .open_ms = open_ms,
    };
}

static void open_now(struct kit_breaker *breaker, int64_t now_mono_ms)
{
    breaker->state = KIT_BREAKER_OPEN;
    breaker->opened_at_ms = now_mono_ms;
    breaker->opened_total++;
}

bool kit_breaker_may_call(struct kit_breaker *breaker, int64_t now_mono_ms)
{
    switch (breaker->state) {
    case KIT_BREAKER_CLOSED:
        return true;
    case KIT_BREAKER_OPEN:
        if (now_mono_ms - breaker->opened_at_ms < breaker->open_ms)
            return false;
        breaker->state = KIT_BREAKER_HALF_OPEN; /* this caller is the probe */
        return true;
    case KIT_BREAKER_HALF_OPEN:
        return false;
    }
    UNREACHABLE("breaker state");
}

void kit_breaker_on_success(struct kit_breaker *breaker)
{
    /* A call that began before the breaker opened may still succeed; it proves as much as a probe.
     */
    breaker->state = KIT_BREAKER_CLOSED;
    breaker->failure_count = 0;
}

void kit_breaker_on_failure(struct kit_breaker *breaker, int64_t now_mono_ms)
{
    switch (breaker->state) {
    case KIT_BREAKER_CLOSED:
        if (++breaker->failure_count >= breaker->failure_count_max)
            open_now(breaker, now_mono_ms);
        return;
    case KIT_BREAKER_HALF_OPEN:
        open_now(breaker, now_mono_ms);
        return;
    case KIT_BREAKER_OPEN:
        return; /* a straggler of before: the pause is not made longer by it */
    }
}

int64_t kit_breaker_wait_ms(const struct kit_breaker *breaker, int64_t now_mono_ms)
{
    if (breaker->state == KIT_BREAKER_CLOSED)
        return 0;
    const int64_t wait_ms = breaker->opened_at_ms + breaker->open_ms - now_mono_ms;
    return wait_ms > 0 ? wait_ms : 0;
}

const char *kit_breaker_state_name(enum kit_breaker_state state)
{
    switch (state) {
    case KIT_BREAKER_CLOSED:
        return "closed";
    case KIT_BREAKER_OPEN:
        return "open";
    case KIT_BREAKER_HALF_OPEN:
        return "half-open";
    }
    UNREACHABLE("breaker state");
}

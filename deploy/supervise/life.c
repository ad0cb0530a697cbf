/* Pure: see life.h. */
#include "deploy/supervise/life.h"

void life_on_start(struct life *life, int64_t now_mono_ms)
{
    life->started_mono_ms = now_mono_ms;
}

static int64_t backoff_ms(int crash_count)
{
    int64_t delay_ms = LIFE_BACKOFF_MIN_MS;
    for (int i = 0; i < crash_count && delay_ms < LIFE_BACKOFF_MAX_MS; i++)
        delay_ms *= 2;
    return delay_ms < LIFE_BACKOFF_MAX_MS ? delay_ms : LIFE_BACKOFF_MAX_MS;
}

int64_t life_on_end(struct life *life, enum life_end end, int64_t now_mono_ms)
{
    const int64_t lived_ms = now_mono_ms - life->started_mono_ms;

    if (lived_ms >= LIFE_BRIEF_MS)
        life->brief_count = 0;
    else if (life->brief_count <= LIFE_BRIEF_COUNT_MAX)
        life->brief_count++;
    if (lived_ms >= LIFE_HEALTHY_MS)
        life->crash_count = 0;
    if (end == LIFE_END_CLEAN && life->brief_count <= LIFE_BRIEF_COUNT_MAX)
        return 0;
    return backoff_ms(life->crash_count++);
}

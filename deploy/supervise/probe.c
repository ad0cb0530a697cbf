/* Pure: see probe.h. */
#include "deploy/supervise/probe.h"

void probe_begin(struct probe *probe, int64_t now_mono_ms)
{
    *probe = (struct probe){ .due_mono_ms = now_mono_ms + PROBE_EVERY_MS };
}

enum probe_step probe_next(struct probe *probe, int64_t now_mono_ms)
{
    if (now_mono_ms < probe->due_mono_ms)
        return PROBE_WAIT;
    if (probe->is_asked)
        probe->miss_count++;
    if (probe->miss_count >= PROBE_MISSES_MAX) {
        probe_begin(probe, now_mono_ms);
        return PROBE_KILL;
    }
    probe->is_asked = true;
    probe->due_mono_ms = now_mono_ms + PROBE_ANSWER_MS;
    return PROBE_ASK;
}

void probe_on_answer(struct probe *probe, bool is_right, int64_t now_mono_ms)
{
    probe->miss_count = is_right ? 0 : probe->miss_count + 1;
    probe->is_asked = false;
    probe->due_mono_ms = now_mono_ms + PROBE_EVERY_MS;
}

void probe_on_unknown(struct probe *probe, int64_t now_mono_ms)
{
    probe->is_asked = false;
    probe->due_mono_ms = now_mono_ms + PROBE_EVERY_MS;
}

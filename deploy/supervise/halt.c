/* Pure: see halt.h. */
#include "deploy/supervise/halt.h"

enum halt_step halt_next(struct halt *halt, size_t alive_count, int64_t now_mono_ms)
{
    if (halt->group >= HALT_GROUP_COUNT)
        return HALT_DONE;
    if (alive_count == 0 || (halt->stage == HALT_KILLED && now_mono_ms >= halt->until_mono_ms)) {
        *halt = (struct halt){ .group = halt->group + 1 };
        return HALT_NEXT;
    }
    if (halt->stage == HALT_FRESH) {
        halt->stage = HALT_ASKED;
        halt->until_mono_ms = now_mono_ms + HALT_ASK_MS;
        return HALT_ASK;
    }
    if (halt->stage == HALT_ASKED && now_mono_ms >= halt->until_mono_ms) {
        halt->stage = HALT_KILLED;
        halt->until_mono_ms = now_mono_ms + HALT_KILL_MS;
        return HALT_KILL;
    }
    return HALT_WAIT;
}

/* Pure: see restart.h. */
#include "deploy/supervise/restart.h"

#include "kit/base/check.h"

void restart_begin(struct restart *restart, size_t which, bool is_alive, int64_t now_mono_ms)
{
    PRE(restart->stage == RESTART_NONE);
    *restart = (struct restart){ .stage = is_alive ? RESTART_FRESH : RESTART_BEGUN,
                                 .which = which,
                                 .until_mono_ms = now_mono_ms + (is_alive ? 0 : RESTART_READY_MS) };
}

void restart_begin_beside(struct restart *restart, size_t which, int64_t now_mono_ms)
{
    restart_begin(restart, which, false, now_mono_ms);
    restart->is_beside = true;
}

enum restart_step restart_next(struct restart *restart, int64_t now_mono_ms)
{
    const bool is_late = now_mono_ms >= restart->until_mono_ms;

    if (restart->stage == RESTART_FRESH) {
        restart->stage = RESTART_ASKED;
        restart->until_mono_ms = now_mono_ms + RESTART_ASK_MS;
        return RESTART_ASK;
    }
    if (restart->stage == RESTART_ASKED && is_late) {
        restart->stage = RESTART_KILLED;
        return RESTART_KILL;
    }
    if (restart->stage == RESTART_BEGUN && is_late) {
        restart->stage = RESTART_NONE;
        return RESTART_GIVEUP;
    }
    return RESTART_WAIT;
}

bool restart_on_end(struct restart *restart, size_t which, int64_t now_mono_ms)
{
    if (restart->which != which || restart->is_beside ||
        (restart->stage != RESTART_ASKED && restart->stage != RESTART_KILLED))
        return false;
    restart->stage = RESTART_BEGUN;
    restart->until_mono_ms = now_mono_ms + RESTART_READY_MS;
    return true;
}

bool restart_on_ready(struct restart *restart, size_t which, int64_t now_mono_ms)
{
    if (restart->which != which || restart->stage != RESTART_BEGUN)
        return false;
    restart->stage = restart->is_beside ? RESTART_FRESH : RESTART_NONE;
    restart->until_mono_ms = now_mono_ms;
    return !restart->is_beside;
}

bool restart_on_miss(struct restart *restart, size_t which)
{
    if (restart->which != which || restart->stage != RESTART_BEGUN || !restart->is_beside)
        return false;
    restart->stage = RESTART_NONE;
    return true;
}

bool restart_on_left(struct restart *restart)
{
    if (!restart->is_beside ||
        (restart->stage != RESTART_ASKED && restart->stage != RESTART_KILLED))
        return false;
    restart->stage = RESTART_NONE;
    return true;
}

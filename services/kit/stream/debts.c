/* The rules of debts.h. Nothing here reads a clock. */
#include "kit/stream/debts.h"

#include <inttypes.h>
#include <stdio.h>

/* The most that is ahead of a cursor, and of those that stand too long. */
struct worst {
    const struct kit_follower *follower; /* NULL: none */
    int64_t value;
};

static int64_t lag_of(const struct kit_follower *follower)
{
    return follower->head_seq > follower->seq ? follower->head_seq - follower->seq : 0;
}

static int64_t standing_ms(struct kit_debts *debts, size_t index,
                           const struct kit_follower *follower, int64_t now_mono_ms)
{
    const bool is_same = debts->seen[index].seq == follower->seq;

    if (!is_same || !follower->is_up || lag_of(follower) == 0) {
        debts->seen[index].seq = follower->seq;
        debts->seen[index].since_mono_ms = now_mono_ms;
    }
    return now_mono_ms - debts->seen[index].since_mono_ms;
}

static void keep_worst(struct worst *worst, const struct kit_follower *follower, int64_t value)
{
    if (value > worst->value)
        *worst = (struct worst){ follower, value };
}

static void look_at_stuck(struct kit_degraded *degraded, struct worst stuck,
                          struct kit_degraded_now now)
{
    struct kit_degraded_view view = { .level = KIT_DEGRADED_FINE };

    if (stuck.value >= KIT_DEBTS_STUCK_MS) {
        view.level = KIT_DEGRADED_BAD;
        snprintf(view.text, sizeof(view.text),
                 "stands at event %" PRId64 " of %s for %" PRId64 " s, which is at %" PRId64
                 ": look whether %s runs, and in both logs",
                 stuck.follower->seq, stuck.follower->source, stuck.value / 1000,
                 stuck.follower->head_seq, stuck.follower->source);
    }
    kit_degraded_look(degraded, DEGRADED_REASON_STUCK, &view, now);
}

static void look_at_lag(struct kit_degraded *degraded, struct worst lag,
                        struct kit_degraded_now now)
{
    struct kit_degraded_view view = { .level = kit_degraded_level(lag.value, KIT_DEBTS_LAG_EVENTS,
                                                                  KIT_DEBTS_LAG_FINE_EVENTS) };

    if (view.level != KIT_DEGRADED_FINE)
        snprintf(view.text, sizeof(view.text), "%" PRId64 " events of %s are not applied yet",
                 lag.value, lag.follower->source);
    kit_degraded_look(degraded, DEGRADED_REASON_LAG, &view, now);
}

static void look_at_history(struct kit_degraded *degraded, const struct kit_follower *back,
                            struct kit_degraded_now now)
{
    struct kit_degraded_view view = { .level = KIT_DEGRADED_FINE };

    if (back != NULL) {
        view.level = KIT_DEGRADED_BAD;
        snprintf(view.text, sizeof(view.text),
                 "the history of %s went back: it was restored; start it once with --new-epoch 1",
                 back->source);
    }
    kit_degraded_look(degraded, DEGRADED_REASON_HISTORY, &view, now);
}

void kit_debts_look(struct kit_debts *debts, struct kit_degraded *degraded,
                    const struct kit_follower *followers, size_t count, struct kit_degraded_now now)
{
    struct worst stuck = { .follower = NULL };
    struct worst lag = { .follower = NULL };
    const struct kit_follower *back = NULL;

    PRE(count <= KIT_DEBTS_STREAMS_MAX);
    for (size_t i = 0; i < count; i++) {
        keep_worst(&stuck, &followers[i], standing_ms(debts, i, &followers[i], now.mono_ms));
        keep_worst(&lag, &followers[i], lag_of(&followers[i]));
        if (followers[i].went_back)
            back = &followers[i];
    }
    look_at_stuck(degraded, stuck, now);
    look_at_lag(degraded, lag, now);
    look_at_history(degraded, back, now);
}

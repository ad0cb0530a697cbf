/* The rule of schemas/rules/time.md 1, and nothing else. */
#include "kit/base/timekeeper.h"

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* From here on the claim is looked at anew. */
static void claim(struct kit_timekeeper *keeper, int64_t claim_ms)
{
    keeper->claim_ms = claim_ms;
    keeper->since_mono_ms = keeper->mono_ms;
}

static void believe(struct kit_timekeeper *keeper)
{
    if (distance(keeper->claim_ms, 0) > KIT_TIME_STEP_MS)
        keeper->moved_mono_ms = keeper->mono_ms;
    keeper->sure_ms += keeper->claim_ms;
    keeper->claim_ms = 0;
    keeper->is_after_absence = false;
}

void kit_timekeeper_start(struct kit_timekeeper *keeper, const struct kit_time_memory *memory,
                          int64_t wall_ms, int64_t mono_ms, int64_t quarantine_ms)
{
    const bool is_first = memory->sure_ms == 0;
    *keeper = (struct kit_timekeeper){
        .sure_ms = is_first ? wall_ms : memory->sure_ms,
        .mono_ms = mono_ms,
        .since_mono_ms = mono_ms,
        .moved_mono_ms = mono_ms,
        .quarantine_ms = quarantine_ms > 0 ? quarantine_ms : KIT_TIME_QUARANTINE_MS,
        .is_young = is_first,
        .word_mono_ms = mono_ms,
    };
    const int64_t away_ms = wall_ms - memory->claim_ms - memory->sure_ms;
    const bool goes_on = memory->claim_ms != 0 && away_ms >= 0 && away_ms <= KIT_TIME_AWAY_MS;
    if (goes_on)
        keeper->sure_ms += away_ms;
    kit_timekeeper_look(keeper, wall_ms, mono_ms);
    keeper->is_after_absence = keeper->claim_ms > 0 && !goes_on &&
                               (memory->claim_ms == 0 || keeper->claim_ms <= KIT_TIME_AWAY_MS);
}

void kit_timekeeper_look(struct kit_timekeeper *keeper, int64_t wall_ms, int64_t mono_ms)
{
    keeper->sure_ms += mono_ms - keeper->mono_ms;
    keeper->mono_ms = mono_ms;
    const int64_t ahead_ms = wall_ms - keeper->sure_ms;
    const bool is_same = keeper->claim_ms != 0 &&
                         distance(ahead_ms, keeper->claim_ms) <= KIT_TIME_STEP_MS;

    if (distance(ahead_ms, 0) <= KIT_TIME_STEP_MS) {
        keeper->claim_ms = ahead_ms;
        believe(keeper);
    } else if (is_same) {
        keeper->claim_ms = ahead_ms; /* a clock that is put right little by little */
    } else {
        claim(keeper, ahead_ms);
        keeper->is_after_absence = false;
    }
    if (mono_ms - keeper->since_mono_ms < keeper->quarantine_ms)
        return;
    believe(keeper);
    keeper->is_young = false;
}

void kit_timekeeper_hear(struct kit_timekeeper *keeper, int64_t word_ms)
{
    const int64_t from_sure_ms = distance(word_ms, keeper->sure_ms);
    const int64_t from_wall_ms = distance(word_ms, keeper->sure_ms + keeper->claim_ms);

    if (from_wall_ms <= KIT_TIME_STEP_MS && from_wall_ms <= from_sure_ms) {
        believe(keeper);
        keeper->is_young = false;
    } else if (from_sure_ms <= KIT_TIME_STEP_MS) {
        claim(keeper, keeper->claim_ms);
        keeper->is_after_absence = false; /* we were not away for so long */
    }
    const int64_t apart_ms = distance(word_ms, kit_timekeeper_now_ms(keeper));
    const bool is_old = keeper->mono_ms - keeper->word_mono_ms >= KIT_TIME_WORD_MS;
    if (apart_ms >= keeper->word_ms || is_old) {
        keeper->word_ms = apart_ms;
        keeper->word_mono_ms = keeper->mono_ms;
    }
}

int64_t kit_timekeeper_now_ms(const struct kit_timekeeper *keeper)
{
    return keeper->sure_ms + (keeper->is_after_absence ? keeper->claim_ms : 0);
}

int64_t kit_timekeeper_sure_ms(const struct kit_timekeeper *keeper)
{
    return keeper->sure_ms;
}

bool kit_timekeeper_may_tell(const struct kit_timekeeper *keeper)
{
    return keeper->claim_ms == 0 && !keeper->is_young;
}

int64_t kit_timekeeper_apart_ms(const struct kit_timekeeper *keeper)
{
    const bool is_new = keeper->mono_ms - keeper->word_mono_ms < KIT_TIME_WORD_MS;
    const int64_t word_ms = is_new ? keeper->word_ms : 0;
    const int64_t claim_ms = distance(keeper->claim_ms, 0);
    return claim_ms > word_ms ? claim_ms : word_ms;
}

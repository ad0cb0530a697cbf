/* The decisions of follower.h. Nothing here sends, waits or reads a clock. Loop thread. */
#include "kit/stream/follower.h"
#include "kit/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kit_follower_init(struct kit_follower *follower, const char *source)
{
    *follower = (struct kit_follower){
        .fetch_at_mono_ms = INT64_MAX,
        .watch_at_mono_ms = INT64_MAX,
    };
    kit_text_copy(follower->source, sizeof(follower->source), source);
}

void kit_follower_on_link(struct kit_follower *follower, bool is_up, int64_t now_mono_ms)
{
    follower->is_up = is_up;
    follower->is_fetching = false;
    follower->pause_ms = 0;
    /* Whatever happened while we were away, the source knows: do not wait for its next head. */
    follower->fetch_at_mono_ms = is_up ? now_mono_ms : INT64_MAX;
    follower->watch_at_mono_ms = INT64_MAX;
}

enum kit_event_verdict kit_follower_judge(const struct kit_follower *follower, const char *epoch,
                                          int64_t seq)
{
    if (strcmp(follower->epoch, epoch) != 0)
        return KIT_EVENT_GAP;
    if (seq <= follower->seq)
        return KIT_EVENT_DUPLICATE;
    return seq == follower->seq + 1 ? KIT_EVENT_NEXT : KIT_EVENT_GAP;
}

void kit_follower_on_applied(struct kit_follower *follower, int64_t seq)
{
    PRE(seq == follower->seq + 1);
    follower->seq = seq;
    follower->is_dirty = true;
    follower->applied_total++;
    follower->failed_count = 0;
    if (seq >= follower->watch_seq)
        follower->watch_at_mono_ms = INT64_MAX;
}

void kit_follower_note(struct kit_follower *follower, const char *subject, int64_t version)
{
    const char *slash = strchr(subject, '/');
    const int64_t id = slash != NULL ? strtoll(slash + 1, NULL, 10) : 0; /* 0: a name */

    if (id > follower->highest_id && id < INT64_MAX)
        follower->highest_id = id;
    if (version > follower->highest_version)
        follower->highest_version = version;
}

bool kit_follower_is_at_head(const struct kit_follower *follower)
{
    return follower->is_up && !follower->is_fetching && follower->fetch_at_mono_ms == INT64_MAX &&
           follower->pause_ms == 0 && follower->failed_count == 0 &&
           follower->seq >= follower->head_seq;
}

static void bring_fetch_forward(struct kit_follower *follower, int64_t at_mono_ms)
{
    if (at_mono_ms < follower->fetch_at_mono_ms)
        follower->fetch_at_mono_ms = at_mono_ms;
}

/* While a failing handler or an absent source makes us pause, the pause rules. */
static void ask_unless_paused(struct kit_follower *follower, int64_t now_mono_ms)
{
    if (follower->pause_ms == 0 && follower->failed_count == 0)
        bring_fetch_forward(follower, now_mono_ms);
}

void kit_follower_on_gap(struct kit_follower *follower, int64_t now_mono_ms)
{
    follower->gap_total++;
    ask_unless_paused(follower, now_mono_ms);
}

/* A head that is not beyond the cursor. */
static void on_head_reached(struct kit_follower *follower, int64_t seq, int64_t now_mono_ms)
{
    follower->heads_below = seq < follower->seq ? follower->heads_below + 1 : 0;
    if (follower->heads_below < KIT_HEADS_BELOW)
        return;
    follower->heads_below = 0;
    ask_unless_paused(follower, now_mono_ms);
}

void kit_follower_on_head(struct kit_follower *follower, const char *epoch, int64_t seq,
                          int64_t now_mono_ms)
{
    const bool same_history = strcmp(follower->epoch, epoch) == 0;

    follower->head_seq = seq;
    if (same_history && seq <= follower->seq) {
        follower->watch_at_mono_ms = INT64_MAX;
        on_head_reached(follower, seq, now_mono_ms);
        return;
    }
    follower->heads_below = 0;
    if (follower->watch_at_mono_ms == INT64_MAX) {
        follower->watch_seq = same_history ? seq : INT64_MAX;
        follower->watch_at_mono_ms = now_mono_ms + KIT_HEAD_GRACE_MS;
    }
}

bool kit_follower_on_failed(struct kit_follower *follower, int64_t seq, int64_t now_mono_ms)
{
    if (follower->failed_seq != seq)
        follower->failed_count = 0;
    follower->failed_seq = seq;
    if (++follower->failed_count >= KIT_EVENT_TRIES_MAX)
        return true;
    follower->fetch_at_mono_ms = now_mono_ms + KIT_FETCH_PAUSE_MIN_MS * follower->failed_count;
    return false;
}

int64_t kit_follower_ask(struct kit_follower *follower, int64_t now_mono_ms)
{
    follower->ask_latest++;
    if (follower->is_up && follower->pause_ms == 0)
        bring_fetch_forward(follower, now_mono_ms);
    return follower->ask_latest;
}

void kit_follower_on_online(struct kit_follower *follower, int64_t now_mono_ms)
{
    if (!follower->is_up || follower->is_fetching || follower->pause_ms == 0)
        return;
    follower->pause_ms = 0;
    follower->fetch_at_mono_ms = now_mono_ms;
}

bool kit_follower_may_send(const struct kit_follower *follower, bool is_online)
{
    return is_online || follower->pause_ms >= KIT_FETCH_PAUSE_MAX_MS;
}

bool kit_follower_wants_fetch(const struct kit_follower *follower, int64_t now_mono_ms)
{
    if (!follower->is_up || follower->is_fetching)
        return false;
    return now_mono_ms >= follower->fetch_at_mono_ms || now_mono_ms >= follower->watch_at_mono_ms;
}

void kit_follower_on_fetch_sent(struct kit_follower *follower)
{
    PRE(!follower->is_fetching);
    follower->is_fetching = true;
    follower->fetched_from = follower->seq;
    follower->ask_sent = follower->ask_latest;
    follower->fetch_at_mono_ms = INT64_MAX;
    follower->watch_at_mono_ms = INT64_MAX;
    follower->fetch_total++;
}

void kit_follower_on_fetch_failed(struct kit_follower *follower, int64_t now_mono_ms,
                                  uint8_t jitter)
{
    follower->is_fetching = false;
    follower->watch_at_mono_ms = INT64_MAX; /* the pause rules now */
    follower->pause_ms = follower->pause_ms == 0 ? KIT_FETCH_PAUSE_MIN_MS : follower->pause_ms * 2;
    if (follower->pause_ms > KIT_FETCH_PAUSE_MAX_MS)
        follower->pause_ms = KIT_FETCH_PAUSE_MAX_MS;
    /* Between half of the pause and all of it, so that consumers of one source spread out. */
    follower->fetch_at_mono_ms = now_mono_ms + follower->pause_ms / 2 +
                                 follower->pause_ms * jitter / 512;
}

bool kit_follower_on_fetch_epoch(struct kit_follower *follower, const char *epoch)
{
    if (strcmp(follower->epoch, epoch) == 0)
        return true;
    const bool asked_from_start = follower->seq == 0;
    kit_text_copy(follower->epoch, sizeof(follower->epoch), epoch);
    follower->seq = 0;
    follower->fetched_from = -1;
    follower->is_dirty = true;
    follower->went_back = false;
    follower->failed_count = 0;
    return asked_from_start;
}

int64_t kit_follower_on_fetch_applied(struct kit_follower *follower, int64_t head_seq,
                                      int64_t now_mono_ms, uint8_t jitter)
{
    const bool is_behind = follower->seq < head_seq;
    follower->is_fetching = false;
    follower->head_seq = head_seq;
    /* Events that came past the answer, on their own topic, do not make it a step back. */
    follower->went_back = follower->fetched_from > head_seq;
    follower->is_stuck = is_behind && follower->seq == follower->fetched_from &&
                         follower->failed_count == 0;
    if (follower->is_stuck) {
        kit_follower_on_fetch_failed(follower, now_mono_ms, jitter);
        return 0;
    }
    follower->pause_ms = 0;
    if (is_behind) {
        if (follower->failed_count == 0)
            follower->fetch_at_mono_ms = now_mono_ms; /* the next page */
        return 0;
    }
    if (follower->ask_latest > follower->ask_sent)
        follower->fetch_at_mono_ms = now_mono_ms;
    if (follower->ask_sent <= follower->ask_confirmed)
        return 0;
    follower->ask_confirmed = follower->ask_sent;
    return follower->ask_confirmed;
}

void kit_follower_jump(struct kit_follower *follower, int64_t seq)
{
    PRE(seq >= 0);
    follower->seq = seq;
    follower->fetched_from = -1;
    follower->is_dirty = true;
    follower->failed_count = 0;
}

int64_t kit_follower_next(const struct kit_follower *follower)
{
    if (!follower->is_up || follower->is_fetching)
        return INT64_MAX;
    return follower->fetch_at_mono_ms < follower->watch_at_mono_ms ? follower->fetch_at_mono_ms
                                                                   : follower->watch_at_mono_ms;
}

/* What followers owe: stuck, another history, lag. Decisions only, for kit/rpc/degraded.h: a look
 * at the cursors, and how long each has not moved. Loop thread. */
#ifndef KIT_STREAM_DEBTS_H
#define KIT_STREAM_DEBTS_H

#include "kit/rpc/degraded.h"
#include "kit/stream/follower.h"

#define KIT_DEBTS_STREAMS_MAX 8
#define KIT_DEBTS_STUCK_MS 10000 /* a cursor that stands so long, with events ahead of it */
#define KIT_DEBTS_LAG_EVENTS 5000
#define KIT_DEBTS_LAG_FINE_EVENTS 1000

/* Where each cursor was seen, and since when it stands there with events ahead; all zero before the
 * first look. */
struct kit_debts {
    struct {
        int64_t seq, since_mono_ms;
    } seen[KIT_DEBTS_STREAMS_MAX];
};

/* Looks at the followers, always the same ones in the same order, at most KIT_DEBTS_STREAMS_MAX. A
 * follower whose link is down stands for that reason alone, and is not stuck. */
void kit_debts_look(struct kit_debts *debts, struct kit_degraded *degraded,
                    const struct kit_follower *followers, size_t count,
                    struct kit_degraded_now now);

#endif

/* One reader of the feed: what it is told next. It is a position in the ring and a partly written
 * text, never a queue. Decisions and bytes only; sending is the adapter's. Pure.
 *
 *   new --> PLACING --hello or reset--> LIVE --event, event, ...--> (cut)
 *              ^                         |
 *              +--- the ring was begun --+   (another history, or a hole in it)
 *
 * PLACING  we do not know yet where in the ring the reader is: the ring is empty, or not level with
 *          its source; the reader gets comments meanwhile.
 * LIVE     every event that the filter takes follows, once and in order.
 *
 * Stories, each a test:
 *  1. A new reader is told the position (hello), then what is new.
 *  2. One that comes back with its last id gets what it missed, without a gap or a double.
 *  3. The id is of another history, or older than the ring: reset, the reader loads all again.
 *  4. The id is ahead of the ring, which has just begun to fill: the reader waits.
 *  5. A reader so slow that its next event has given way is cut; it comes back by story 2 or 3.
 *  6. A filter passes over events: the comment carries the position, so that a reader for whom
 *     nothing came for hours resumes from there. */
#ifndef BRIDGE_FEED_STREAM_H
#define BRIDGE_FEED_STREAM_H

#include "bridge/feed_ring.h"

#define FEED_CONTROL_SIZE 256
#define FEED_READ_CUT ((size_t)-1)

struct feed_counters {
    int64_t events_sent, resets;
};

/* What there is to read. */
struct feed_view {
    struct feed_ring ring;
    bool is_level;      /* the ring has all that its source had when it was last asked */
    bool is_online;     /* the source says that it is there */
    bool is_simulated;  /* a simulator says that it is there */
    int64_t comment_ms; /* a reader gets something at least this often */
    struct feed_counters counters;
};

struct feed_stream {
    struct feed_filter filter;
    bool has_position; /* the reader said where it is, or it has been LIVE */
    struct feed_position position;
    bool is_live;
    bool is_greeted;     /* was told how to come back */
    int told_state;      /* is_online, and twice is_simulated; -1: not yet */
    uint64_t generation; /* of the ring when it became LIVE */
    uint64_t next;       /* index of the event that follows */
    size_t done_bytes;   /* of that event's text */
    char control[FEED_CONTROL_SIZE];
    size_t control_size, control_done;
    int64_t gave_mono_ms; /* when it was last given something */
};

/* Begins a reader. position: what it has already; NULL: it is new. Both are copied. */
void feed_stream_init(struct feed_stream *stream, const struct feed_filter *filter,
                      const struct feed_position *position, int64_t now_mono_ms);

/* Has the reader something to get now? Passes over events that are not for it. */
bool feed_stream_has_news(struct feed_stream *stream, const struct feed_view *view,
                          int64_t now_mono_ms);

/* Writes what comes next, as much as there is and as fits. 0: nothing now. FEED_READ_CUT: what
 * comes next is lost (story 5). */
size_t feed_stream_read(struct feed_stream *stream, struct feed_view *view, int64_t now_mono_ms,
                        char *ret_bytes, size_t size_bytes);

/* Has its next event given way? */
bool feed_stream_is_lost(const struct feed_stream *stream, const struct feed_view *view);

#endif

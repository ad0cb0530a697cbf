/* The bridge's window of information's stream: the newest events, followed as services follow a
 * stream (follow.h), but in memory and from near its end. Nothing here would be missed: it is
 * filled again at every start (D-050). Events of types that pages do not get are passed over.
 *
 * Loop thread. */
#ifndef BRIDGE_FEED_H
#define BRIDGE_FEED_H

#include "bridge/feed_stream.h"
#include "bridge/follow.h"

#define FEED_SOURCE "information"
#define FEED_EVENTS_MAX 8192
#define FEED_BYTES_MAX (4 << 20)
#define FEED_REPLAY_MAX 8192 /* events that are read again at a start: as many as may stay */
#define FEED_LAG_MAX 8192    /* more than that, and we begin near the end */

struct feed {
    struct feed_view view; /* what readers see */
    uint64_t news;         /* grows when readers may have something to get */
    struct follow follow;
    struct kit_buf text; /* scratch */
};

/* Begins with an empty ring and the link down. The ports are borrowed for its life. */
void feed_init(struct feed *feed, const struct kit_clock *clock, const struct kit_rng *rng,
               const struct kit_log *log);

/* Gives the ring's memory back; nobody may read any more. */
void feed_done(struct feed *feed);

/* The broker came or went. */
void feed_on_link(struct feed *feed, bool is_up);

/* Takes a message of the source's stream or head; false: it is on another topic. What cannot be
 * read is counted: the log is the truth, and is asked. */
bool feed_on_message(struct feed *feed, const struct kit_message *message);

/* Asks the source when that is due, and looks whether it is there. Returns when to run again;
 * INT64_MAX: never. */
int64_t feed_tick(struct feed *feed, int64_t now_mono_ms);

#endif

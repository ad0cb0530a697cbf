/* The newest events of the feed, each as the text that every reader gets. Old ones give way when
 * slots or bytes are used up. A reader is a number in here, never a queue. Memory is the caller's;
 * nothing here allocates, or knows who reads. Pure.
 *
 *      base |  the ring: events with base < seq <= head   | head
 *      -----+---------------------------------------------+-----> seq
 *       RESET: something is missing      RESUME               AHEAD: we know less than the reader
 */
#ifndef BRIDGE_FEED_RING_H
#define BRIDGE_FEED_RING_H

#include <stddef.h>

#include "bridge/feed_filter.h"

struct feed_slot {
    int64_t seq;
    size_t offset; /* of the text, in bytes */
    size_t size_bytes;
    enum feed_kind kind;
    int64_t account; /* whose it is; 0: nobody's */
    char subject[FEED_SUBJECT_SIZE];
};

struct feed_ring {
    struct feed_slot *slots; /* slot of index i: slots[i % slot_count] */
    size_t slot_count;
    char *bytes;
    size_t bytes_size;
    size_t write_at;
    uint64_t first;              /* index of the oldest event that is here */
    uint64_t next;               /* index that the next event gets; never goes back */
    char epoch[FEED_EPOCH_SIZE]; /* "": nothing is known yet */
    int64_t base;                /* events up to this one are not here, or no longer */
    int64_t head;                /* events up to this one are known, here or not */
    uint64_t generation;         /* grows with each feed_ring_start() */
};

enum feed_verdict {
    FEED_RESUME = 0,
    FEED_RESET = 1,
    FEED_AHEAD = 2,
};

/* Begins with nothing known. slots and bytes are lent for the ring's life. */
void feed_ring_init(struct feed_ring *ring, struct feed_slot *slots, size_t slot_count, char *bytes,
                    size_t bytes_size);

/* Forgets all events: from here on the ring tells of what follows seq in this history. */
void feed_ring_start(struct feed_ring *ring, const char *epoch, int64_t seq);

/* An event as it is told. text is borrowed for the call and copied. */
struct feed_item {
    int64_t seq;
    enum feed_kind kind;
    int64_t account; /* whose it is; 0: nobody's */
    const char *subject;
    const char *text;
    size_t size_bytes;
};

/* Adds the event that follows head; older ones give way. One that is larger than all the bytes is
 * passed over as by feed_ring_skip(). */
void feed_ring_append(struct feed_ring *ring, const struct feed_item *item);

/* The event that follows head is not for readers. */
void feed_ring_skip(struct feed_ring *ring, int64_t seq);

/* What becomes of a reader who has everything up to this position. */
enum feed_verdict feed_ring_judge(const struct feed_ring *ring,
                                  const struct feed_position *position);

/* The index of the first event behind seq; ring->next if there is none yet. seq >= base. */
uint64_t feed_ring_find(const struct feed_ring *ring, int64_t seq);

/* The event of an index. NULL: it has given way, or has not come yet. */
const struct feed_slot *feed_ring_at(const struct feed_ring *ring, uint64_t index);

/* The first index from `index` on whose event the filter takes; ring->next if there is none. */
uint64_t feed_ring_seek(const struct feed_ring *ring, uint64_t index,
                        const struct feed_filter *filter);

#endif

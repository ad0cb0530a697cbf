/* Two rings that turn together: slots, and the bytes of their texts. A text is never cut in two, so
 * at the end of the bytes some may stay unused. See feed_ring.h. */
#include "bridge/feed_ring.h"

#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

void feed_ring_init(struct feed_ring *ring, struct feed_slot *slots, size_t slot_count, char *bytes,
                    size_t bytes_size)
{
    PRE(slot_count > 0 && bytes_size > 0);
    *ring = (struct feed_ring){
        .slots = slots,
        .slot_count = slot_count,
        .bytes = bytes,
        .bytes_size = bytes_size,
    };
}

void feed_ring_start(struct feed_ring *ring, const char *epoch, int64_t seq)
{
    kit_text_copy(ring->epoch, sizeof(ring->epoch), epoch);
    ring->first = ring->next;
    ring->write_at = 0;
    ring->base = ring->head = seq;
    ring->generation++;
}

static struct feed_slot *slot_of(const struct feed_ring *ring, uint64_t index)
{
    return &ring->slots[index % ring->slot_count];
}

static void give_way(struct feed_ring *ring)
{
    ring->base = slot_of(ring, ring->first)->seq;
    ring->first++;
}

/* Does the oldest text lie in these bytes? The others lie behind it, in the order of writing. */
static bool is_in_the_way(const struct feed_ring *ring, size_t from, size_t until)
{
    if (ring->first == ring->next)
        return false;
    const struct feed_slot *oldest = slot_of(ring, ring->first);
    return oldest->offset >= from && oldest->offset < until;
}

static void make_room(struct feed_ring *ring, size_t size_bytes)
{
    if (ring->bytes_size - ring->write_at < size_bytes) {
        while (is_in_the_way(ring, ring->write_at, ring->bytes_size))
            give_way(ring);
        ring->write_at = 0;
    }
    while (is_in_the_way(ring, ring->write_at, ring->write_at + size_bytes))
        give_way(ring);
    if (ring->next - ring->first == ring->slot_count)
        give_way(ring);
}

void feed_ring_append(struct feed_ring *ring, const struct feed_item *item)
{
    PRE(item->seq > ring->head && item->size_bytes > 0);
    if (item->size_bytes > ring->bytes_size) {
        feed_ring_skip(ring, item->seq);
        return;
    }
    make_room(ring, item->size_bytes);
    struct feed_slot *slot = slot_of(ring, ring->next);
    slot->seq = item->seq;
    slot->offset = ring->write_at;
    slot->size_bytes = item->size_bytes;
    slot->kind = item->kind;
    slot->account = item->account;
    kit_text_copy(slot->subject, sizeof(slot->subject), item->subject);
    memcpy(ring->bytes + ring->write_at, item->text, item->size_bytes);
    ring->write_at += item->size_bytes;
    ring->head = item->seq;
    ring->next++;
}

void feed_ring_skip(struct feed_ring *ring, int64_t seq)
{
    PRE(seq > ring->head);
    ring->head = seq;
}

enum feed_verdict feed_ring_judge(const struct feed_ring *ring,
                                  const struct feed_position *position)
{
    if (strcmp(ring->epoch, position->epoch) != 0 || position->seq < ring->base)
        return FEED_RESET;
    return position->seq > ring->head ? FEED_AHEAD : FEED_RESUME;
}

uint64_t feed_ring_find(const struct feed_ring *ring, int64_t seq)
{
    uint64_t low = ring->first, high = ring->next;

    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (slot_of(ring, middle)->seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct feed_slot *feed_ring_at(const struct feed_ring *ring, uint64_t index)
{
    return index >= ring->first && index < ring->next ? slot_of(ring, index) : NULL;
}

uint64_t feed_ring_seek(const struct feed_ring *ring, uint64_t index,
                        const struct feed_filter *filter)
{
    for (; index < ring->next; index++) {
        const struct feed_slot *slot = feed_ring_at(ring, index);
        if (slot == NULL || (feed_filter_may_see(filter, slot->kind, slot->account) &&
                             feed_filter_takes(filter, slot->kind, slot->subject)))
            break;
    }
    return index;
}

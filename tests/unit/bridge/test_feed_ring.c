/* The ring of the newest events: bounds by slots and by bytes, what a position means in it, and
 * what a reader asks for. */
#include <stdio.h>
#include <string.h>

#include "bridge/feed_ring.h"
#include "fakes/cmocka_all.h"
#include "kit/base/text.h"

#define EPOCH_A "0123456789abcdef0123456789abcdef"
#define EPOCH_B "fedcba9876543210fedcba9876543210"

static struct feed_slot slots[8];
static char bytes[100];

static struct feed_ring ring_at(int64_t seq)
{
    struct feed_ring ring;

    feed_ring_init(&ring, slots, KIT_COUNT(slots), bytes, sizeof(bytes));
    feed_ring_start(&ring, EPOCH_A, seq);
    return ring;
}

/* A text of `size_bytes` that tells events apart. */
static void append(struct feed_ring *ring, int64_t seq, size_t size_bytes)
{
    char text[128];
    const struct feed_item item = { seq, FEED_ORDER, 0, "order/1", text, size_bytes };

    memset(text, (int)('a' + seq % 26), sizeof(text));
    feed_ring_append(ring, &item);
}

static enum feed_verdict judge(const struct feed_ring *ring, const char *epoch, int64_t seq)
{
    struct feed_position position = { .seq = seq };
    kit_text_copy(position.epoch, sizeof(position.epoch), epoch);
    return feed_ring_judge(ring, &position);
}

/* Every event from base + 1 to head is here, whole, and none lies over another. */
static void assert_whole(const struct feed_ring *ring)
{
    int64_t seq = ring->base;

    assert_true(ring->next - ring->first <= ring->slot_count);
    for (uint64_t i = ring->first; i < ring->next; i++) {
        const struct feed_slot *slot = feed_ring_at(ring, i);
        assert_int_equal(slot->seq, ++seq);
        assert_true(slot->offset + slot->size_bytes <= ring->bytes_size);
        for (size_t b = 0; b < slot->size_bytes; b++)
            assert_int_equal(ring->bytes[slot->offset + b], 'a' + seq % 26);
    }
    assert_int_equal(seq, ring->head);
}

static void test_append_beyond_the_slots_oldest_give_way(void **state)
{
    (void)state;
    struct feed_ring ring = ring_at(100);
    for (int64_t seq = 101; seq <= 112; seq++)
        append(&ring, seq, 3);
    assert_whole(&ring);
    assert_int_equal(ring.base, 104);
    assert_int_equal(ring.head, 112);
}

static void test_append_beyond_the_bytes_oldest_give_way(void **state)
{
    (void)state;
    struct feed_ring ring = ring_at(0);
    for (int64_t seq = 1; seq <= 5; seq++)
        append(&ring, seq, 30);
    assert_whole(&ring);
    assert_int_equal(ring.next - ring.first, 3);
    append(&ring, 6, 100);
    assert_whole(&ring);
    assert_int_equal(ring.next - ring.first, 1);
}

/* All sizes in all orders that a simple generator gives. */
static void test_append_of_any_sizes_stays_whole(void **state)
{
    (void)state;
    struct feed_ring ring = ring_at(0);
    uint32_t random = 1;
    for (int64_t seq = 1; seq <= 20000; seq++) {
        random = random * 1664525U + 1013904223U;
        append(&ring, seq, 1 + (random >> 16) % ((random >> 30) == 0 ? 100 : 20));
        assert_whole(&ring);
    }
}

static void test_append_larger_than_all_bytes_is_passed_over(void **state)
{
    (void)state;
    struct feed_ring ring = ring_at(0);
    append(&ring, 1, 10);
    append(&ring, 2, 101);
    assert_int_equal(ring.head, 2);
    assert_int_equal(ring.next - ring.first, 1);
}

static void test_judge_position_is_resumed_reset_or_ahead(void **state)
{
    (void)state;
    struct feed_ring ring = ring_at(100);
    for (int64_t seq = 101; seq <= 112; seq++)
        append(&ring, seq, 3);
    assert_int_equal(judge(&ring, EPOCH_A, 104), FEED_RESUME);
    assert_int_equal(judge(&ring, EPOCH_A, 112), FEED_RESUME);
    assert_int_equal(judge(&ring, EPOCH_A, 103), FEED_RESET);
    assert_int_equal(judge(&ring, EPOCH_A, 113), FEED_AHEAD);
    assert_int_equal(judge(&ring, EPOCH_B, 110), FEED_RESET);
    assert_int_equal(judge(&ring, "", 0), FEED_RESET);
    feed_ring_start(&ring, EPOCH_B, 0);
    assert_int_equal(judge(&ring, EPOCH_A, 112), FEED_RESET);
    assert_int_equal(judge(&ring, EPOCH_B, 0), FEED_RESUME);
}

static void test_find_and_seek_pass_over_what_is_not_wanted(void **state)
{
    struct feed_filter filter = { .kinds = 1U << FEED_DOOR };

    (void)state;
    struct feed_ring ring = ring_at(0);
    append(&ring, 1, 5);
    feed_ring_skip(&ring, 2); /* a type that pages do not get */
    feed_ring_append(&ring, &(struct feed_item){ 3, FEED_DOOR, 0, "locker/locker-1", "door", 4 });
    append(&ring, 4, 5);
    assert_int_equal(feed_ring_at(&ring, feed_ring_find(&ring, 1))->seq, 3);
    assert_int_equal(feed_ring_at(&ring, feed_ring_find(&ring, 2))->seq, 3);
    assert_int_equal(feed_ring_find(&ring, 4), ring.next);

    uint64_t index = feed_ring_seek(&ring, ring.first, &filter);
    assert_int_equal(feed_ring_at(&ring, index)->seq, 3);
    assert_int_equal(feed_ring_seek(&ring, index + 1, &filter), ring.next);
    assert_null(feed_ring_at(&ring, ring.next));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_beyond_the_slots_oldest_give_way),
        cmocka_unit_test(test_append_beyond_the_bytes_oldest_give_way),
        cmocka_unit_test(test_append_of_any_sizes_stays_whole),
        cmocka_unit_test(test_append_larger_than_all_bytes_is_passed_over),
        cmocka_unit_test(test_judge_position_is_resumed_reset_or_ahead),
        cmocka_unit_test(test_find_and_seek_pass_over_what_is_not_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The stories of feed_stream.h. A reader takes what it is given in pieces of any size. */
#include <stdio.h>
#include <string.h>

#include "bridge/feed_stream.h"
#include "fakes/cmocka_all.h"
#include "kit/base/text.h"

#define EPOCH_A "0123456789abcdef0123456789abcdef"
#define EPOCH_B "fedcba9876543210fedcba9876543210"
#define HELLO(epoch, seq)                                                                          \
    "id: " epoch "-" seq "\nevent: hello\ndata: {\"epoch\":\"" epoch "\",\"seq\":" seq "}\n\n"
#define RESET(epoch, seq)                                                                          \
    "id: " epoch "-" seq "\nevent: reset\ndata: {\"epoch\":\"" epoch "\",\"seq\":" seq "}\n\n"
#define RETRY "retry: 1000\n\n"
#define ONLINE "event: state\ndata: {\"information\":\"online\"}\n\n"
#define SIMULATED "event: state\ndata: {\"information\":\"online\",\"simulator\":\"online\"}\n\n"
#define OFFLINE "event: state\ndata: {\"information\":\"offline\"}\n\n"

static struct feed_slot slots[4];
static char bytes[1000];
static struct feed_view view;
static struct feed_stream stream;
static int64_t now;

static int set_up(void **state)
{
    (void)state;
    now = 50000;
    view = (struct feed_view){ .is_level = true, .is_online = true, .comment_ms = 15000 };
    feed_ring_init(&view.ring, slots, KIT_COUNT(slots), bytes, sizeof(bytes));
    feed_ring_start(&view.ring, EPOCH_A, 10);
    return 0;
}

static void append(int64_t seq, enum feed_kind kind)
{
    char text[16];
    const int size = snprintf(text, sizeof(text), "<%d>", (int)seq);
    feed_ring_append(&view.ring,
                     &(struct feed_item){ seq, kind, 0, "order/1", text, (size_t)size });
}

static void begin(const char *epoch, int64_t seq)
{
    const struct feed_filter all = { .kinds = ~0U };
    struct feed_position position = { .seq = seq };

    kit_text_copy(position.epoch, sizeof(position.epoch), epoch == NULL ? "" : epoch);
    feed_stream_init(&stream, &all, epoch == NULL ? NULL : &position, now);
}

/* Reads all there is, in pieces of `piece` bytes. */
static void assert_reads_by(size_t piece, const char *expected)
{
    char said[2048] = "";
    size_t used = 0, size;

    while ((size = feed_stream_read(&stream, &view, now, said + used, piece)) != 0) {
        assert_true(size != FEED_READ_CUT);
        used += size;
    }
    said[used] = '\0';
    assert_string_equal(said, expected);
    assert_false(feed_stream_has_news(&stream, &view, now));
}

static void assert_reads(const char *expected)
{
    assert_reads_by(1000, expected);
}

static void test_new_reader_is_told_the_position_then_what_is_new_story_1(void **state)
{
    (void)state;
    append(11, FEED_ORDER);
    begin(NULL, 0);
    assert_true(feed_stream_has_news(&stream, &view, now));
    assert_reads(RETRY HELLO(EPOCH_A, "11") ONLINE);
    append(12, FEED_ORDER);
    append(13, FEED_STOCK);
    assert_true(feed_stream_has_news(&stream, &view, now));
    assert_reads_by(1, "<12><13>");
    assert_int_equal(view.counters.events_sent, 2);
}

static void test_reader_that_comes_back_gets_what_it_missed_story_2(void **state)
{
    (void)state;
    for (int64_t seq = 11; seq <= 13; seq++)
        append(seq, FEED_ORDER);
    begin(EPOCH_A, 11);
    assert_reads_by(7, RETRY HELLO(EPOCH_A, "11") ONLINE "<12><13>");
    begin(EPOCH_A, 13);
    assert_reads(RETRY HELLO(EPOCH_A, "13") ONLINE);
}

static void test_position_that_is_not_here_is_reset_story_3(void **state)
{
    (void)state;
    append(11, FEED_ORDER);
    begin(EPOCH_A, 9);
    assert_reads(RETRY RESET(EPOCH_A, "11") ONLINE);
    begin(EPOCH_B, 11);
    assert_reads(RETRY RESET(EPOCH_A, "11") ONLINE);
    begin("", 0);
    assert_reads(RETRY RESET(EPOCH_A, "11") ONLINE);
    assert_int_equal(view.counters.resets, 3);
    append(12, FEED_ORDER);
    assert_reads("<12>");
}

static void test_reader_ahead_waits_until_the_ring_has_filled_story_4(void **state)
{
    (void)state;
    view.is_level = false;
    append(11, FEED_ORDER);
    begin(EPOCH_A, 12);
    assert_reads(RETRY ONLINE);
    append(12, FEED_ORDER);
    assert_true(feed_stream_has_news(&stream, &view, now));
    append(13, FEED_ORDER);
    assert_reads(HELLO(EPOCH_A, "12") "<13>");
    begin(EPOCH_A, 20); /* nobody can have given this one */
    assert_reads(RETRY ONLINE);
    view.is_level = true;
    assert_reads(RESET(EPOCH_A, "13"));
}

static void test_nobody_is_placed_before_the_ring_is_level(void **state)
{
    (void)state;
    view.is_level = view.is_online = false;
    view.ring.epoch[0] = '\0';
    begin(NULL, 0);
    assert_reads(RETRY OFFLINE);
    now += 15000;
    assert_reads(": \n\n");
    feed_ring_start(&view.ring, EPOCH_B, 5);
    assert_false(feed_stream_has_news(&stream, &view, now));
    view.is_level = view.is_online = true;
    assert_reads(HELLO(EPOCH_B, "5") ONLINE);
}

static void test_slow_reader_is_cut_also_within_an_event_story_5(void **state)
{
    char piece[2];

    (void)state;
    begin(EPOCH_A, 10);
    assert_reads(RETRY HELLO(EPOCH_A, "10") ONLINE);
    append(11, FEED_ORDER);
    assert_int_equal(feed_stream_read(&stream, &view, now, piece, sizeof(piece)), 2);
    for (int64_t seq = 12; seq <= 14; seq++)
        append(seq, FEED_ORDER);
    assert_false(feed_stream_is_lost(&stream, &view));
    append(15, FEED_ORDER);
    assert_true(feed_stream_is_lost(&stream, &view));
    assert_true(feed_stream_has_news(&stream, &view, now));
    assert_true(feed_stream_read(&stream, &view, now, piece, sizeof(piece)) == FEED_READ_CUT);
}

static void test_comment_carries_the_position_of_what_was_passed_over_story_6(void **state)
{
    (void)state;
    begin(NULL, 0);
    stream.filter.kinds = 1U << FEED_DOOR;
    assert_reads(RETRY HELLO(EPOCH_A, "10") ONLINE);
    append(11, FEED_ORDER);
    append(12, FEED_ORDER);
    assert_false(feed_stream_has_news(&stream, &view, now));
    now += 14999;
    assert_reads("");
    now += 1;
    assert_true(feed_stream_has_news(&stream, &view, now));
    assert_reads(": \nid: " EPOCH_A "-12\n\n");
    append(13, FEED_DOOR);
    assert_reads("<13>");
}

static void test_ring_begun_anew_is_judged_again(void **state)
{
    (void)state;
    begin(NULL, 0);
    assert_reads(RETRY HELLO(EPOCH_A, "10") ONLINE);
    append(11, FEED_ORDER);
    assert_reads("<11>");
    feed_ring_start(&view.ring, EPOCH_A, 11); /* read again; nothing is missing */
    assert_reads(HELLO(EPOCH_A, "11"));
    feed_ring_start(&view.ring, EPOCH_A, 500);
    assert_reads(RESET(EPOCH_A, "500"));
    feed_ring_start(&view.ring, EPOCH_B, 0);
    view.is_level = false;
    assert_reads("");
    append(1, FEED_ORDER);
    view.is_level = true;
    assert_reads(RESET(EPOCH_B, "1"));
}

static void test_presence_is_told_when_it_changes(void **state)
{
    (void)state;
    begin(NULL, 0);
    assert_reads(RETRY HELLO(EPOCH_A, "10") ONLINE);
    view.is_online = false;
    assert_reads(OFFLINE);
    assert_reads("");
    view.is_online = true;
    assert_reads(ONLINE);
}

static void test_simulator_is_told_only_where_one_runs(void **state)
{
    (void)state;
    begin(NULL, 0);
    assert_reads(RETRY HELLO(EPOCH_A, "10") ONLINE);
    view.is_simulated = true;
    assert_reads(SIMULATED);
    assert_reads("");
    view.is_simulated = false;
    assert_reads(ONLINE);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new_reader_is_told_the_position_then_what_is_new_story_1),
        TEST(test_reader_that_comes_back_gets_what_it_missed_story_2),
        TEST(test_position_that_is_not_here_is_reset_story_3),
        TEST(test_reader_ahead_waits_until_the_ring_has_filled_story_4),
        TEST(test_nobody_is_placed_before_the_ring_is_level),
        TEST(test_slow_reader_is_cut_also_within_an_event_story_5),
        TEST(test_comment_carries_the_position_of_what_was_passed_over_story_6),
        TEST(test_ring_begun_anew_is_judged_again),
        TEST(test_presence_is_told_when_it_changes),
        TEST(test_simulator_is_told_only_where_one_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

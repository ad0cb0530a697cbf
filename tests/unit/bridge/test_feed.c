/* The stories of feed.h, with the real RPC client on a bus that only remembers. */
#include "bridge/feed.h"
#include "bridge/request_stream.h"
#include "kit/rpc/topic.h"
#include "request_world.h"

#define EPOCH_A "0123456789abcdef0123456789abcdef"
#define EPOCH_B "fedcba9876543210fedcba9876543210"
#define PAYLOAD_MAX 32768

static struct feed *feed;

static void present(const char *status)
{
    char payload[80];
    struct kit_message message = { .topic = "lockstock/v1/service/information/state",
                                   .payload = payload,
                                   .retain = true,
                                   .response_topic = "",
                                   .status = "",
                                   .key = "",
                                   .traceparent = "" };

    snprintf(payload, sizeof(payload), "{\"status\":\"%s\",\"epoch\":1}", status);
    message.payload_size_bytes = strlen(payload);
    assert_true(kit_rpc_client_on_message(bridge.rpc, &message));
}

static void tick(void)
{
    (void)feed_tick(feed, world.now_ms);
}

static int set_up_feed(void **state)
{
    set_up(state);
    feed = &bridge.feed;
    feed_init(feed, &fake_clock, &fake_rng, &fake_logger);
    feed->follow.rpc = bridge.rpc;
    kit_rpc_client_on_link(bridge.rpc, true);
    feed_on_link(feed, true);
    present("online");
    tick();
    return 0;
}

static int tear_down_feed(void **state)
{
    feed_done(feed);
    return tear_down(state);
}

static void add_event(struct kit_buf *out, const char *epoch, int seq, const char *type)
{
    kit_buf_add_format(out,
                       "{\"specversion\":\"1.0\",\"id\":\"information:%s:%d\","
                       "\"source\":\"information\",\"type\":\"%s\",\"subject\":\"order/3\","
                       "\"time\":\"2026-01-31T12:00:00.000Z\",\"epoch\":\"%s\","
                       "\"sequence\":\"%d\",\"version\":1,"
                       "\"datacontenttype\":\"application/json\","
                       "\"data\":{\"id\":3,\"name\":\"a\\nb\"}}",
                       epoch, seq, type, epoch, seq);
}

/* The events first..last of an epoch, as they stand in a message or an answer. */
static void add_events(struct kit_buf *out, const char *epoch, int first, int last)
{
    kit_buf_add_char(out, '[');
    for (int seq = first; seq <= last; seq++) {
        kit_buf_add_text(out, seq > first ? "," : "");
        add_event(out, epoch, seq, "OrderChanged");
    }
    kit_buf_add_char(out, ']');
}

/* The question that is under way is for what follows `after`; it is answered. */
static void answer(int after, const char *epoch, int head, int first, int last)
{
    struct kit_buf payload;
    char asked[40];

    assert_string_equal(world.topic, "lockstock/v1/rpc/information/replay/bridge");
    snprintf(asked, sizeof(asked), "{\"after\":%d,", after);
    assert_memory_equal(world.payload, asked, strlen(asked));
    kit_buf_init(&payload, PAYLOAD_MAX);
    kit_buf_add_format(&payload, "{\"epoch\":\"%s\",\"head\":%d,\"events\":", epoch, head);
    add_events(&payload, epoch, first, last);
    kit_buf_add_char(&payload, '}');
    world.topic[0] = '\0';
    reply("ok", payload.data);
    kit_buf_done(&payload);
    tick();
}

static void say_to(const char *topic, const char *payload)
{
    const struct kit_message message = { .topic = topic,
                                         .payload = payload,
                                         .payload_size_bytes = strlen(payload) };
    assert_true(feed_on_message(feed, &message));
    tick();
}

static void say(const char *epoch, int first, int last)
{
    struct kit_buf events;

    kit_buf_init(&events, PAYLOAD_MAX);
    add_events(&events, epoch, first, last);
    say_to("lockstock/v1/stream/information", events.data);
    kit_buf_done(&events);
}

static void assert_ring(const char *epoch, int base, int head, bool is_level)
{
    assert_string_equal(feed->view.ring.epoch, epoch);
    assert_int_equal(feed->view.ring.base, base);
    assert_int_equal(feed->view.ring.head, head);
    assert_int_equal(feed->view.is_level, is_level);
}

/* ---- the stories ---- */

static void test_start_begins_near_the_end_and_becomes_level_story_1(void **state)
{
    (void)state;
    assert_true(feed->view.is_online);
    answer(0, EPOCH_A, 9000, 1, 1);
    assert_ring(EPOCH_A, 9000 - FEED_REPLAY_MAX, 9000 - FEED_REPLAY_MAX, false);
    feed_ring_start(&feed->view.ring, EPOCH_A, 8998); /* as if it had read so far */
    kit_follower_jump(&feed->follow.follower, 8998);
    reply("ok", "{\"epoch\":\"" EPOCH_A "\",\"head\":9000,\"events\":[]}");
    assert_false(feed->view.is_level);
}

static void test_short_log_is_read_from_its_start_and_followed(void **state)
{
    static const char TEXT[] = "id: " EPOCH_A
                               "-1\nevent: order\ndata: {\"seq\":1,\"type\":\"OrderChanged\","
                               "\"subject\":\"order/3\",\"time\":\"2026-01-31T12:00:00.000Z\","
                               "\"data\":{\"id\":3,\"name\":\"a\\nb\"}}\n\n";

    (void)state;
    answer(0, EPOCH_A, 2, 1, 1);
    assert_ring(EPOCH_A, 0, 0, false);
    answer(0, EPOCH_A, 2, 1, 2);
    assert_ring(EPOCH_A, 0, 2, true);
    const struct feed_slot *slot = feed_ring_at(&feed->view.ring, feed->view.ring.first);
    assert_int_equal(slot->size_bytes, strlen(TEXT));
    assert_memory_equal(feed->view.ring.bytes + slot->offset, TEXT, strlen(TEXT));

    const uint64_t news = feed->news;
    say(EPOCH_A, 2, 4);
    assert_ring(EPOCH_A, 0, 4, true);
    assert_true(feed->news > news);
    say(EPOCH_A, 7, 7); /* 5 and 6 were lost on the way */
    answer(4, EPOCH_A, 7, 5, 7);
    assert_ring(EPOCH_A, 0, 7, true);
}

static void make_level(int head)
{
    answer(0, EPOCH_A, head, 1, 1);
    answer(0, EPOCH_A, head, 1, head);
    assert_ring(EPOCH_A, 0, head, true);
}

static void test_other_epoch_begins_anew_story_2(void **state)
{
    (void)state;
    make_level(5);
    say_to("lockstock/v1/stream/information/head",
           "{\"source\":\"information\",\"epoch\":\"" EPOCH_B "\",\"seq\":7}");
    world.now_ms += KIT_HEAD_GRACE_MS;
    tick();
    answer(5, EPOCH_B, 7, 6, 7);
    assert_ring(EPOCH_B, 0, 0, false);
    answer(0, EPOCH_B, 7, 1, 7);
    assert_ring(EPOCH_B, 0, 7, true);
}

static void test_log_behind_us_begins_anew_story_2(void **state)
{
    (void)state;
    make_level(5);
    feed_on_link(feed, false);
    assert_false(feed->view.is_level);
    feed_on_link(feed, true);
    tick();
    answer(5, EPOCH_A, 3, 1, 0);
    assert_ring(EPOCH_A, 0, 0, false);
    answer(0, EPOCH_A, 3, 1, 3);
    assert_ring(EPOCH_A, 0, 3, true);
}

static void test_far_behind_begins_near_the_end_story_3(void **state)
{
    const int head = 5 + FEED_LAG_MAX + 1;

    (void)state;
    make_level(5);
    say(EPOCH_A, head, head);
    answer(5, EPOCH_A, head, 6, 7);
    assert_ring(EPOCH_A, head - FEED_REPLAY_MAX, head - FEED_REPLAY_MAX, false);
}

static void test_hole_in_the_log_goes_on_behind_it_story_4(void **state)
{
    (void)state;
    make_level(5);
    say(EPOCH_A, 20, 20);
    answer(5, EPOCH_A, 20, 18, 20); /* 6 to 17 were deleted meanwhile */
    assert_ring(EPOCH_A, 17, 20, true);
}

static void test_other_types_are_passed_over_story_5(void **state)
{
    struct kit_buf events;

    (void)state;
    make_level(1);
    kit_buf_init(&events, PAYLOAD_MAX);
    kit_buf_add_char(&events, '[');
    add_event(&events, EPOCH_A, 2, "SomethingElse");
    kit_buf_add_char(&events, ']');
    say_to("lockstock/v1/stream/information", events.data);
    kit_buf_done(&events);
    assert_ring(EPOCH_A, 0, 2, true);
    assert_int_equal(feed->view.ring.next - feed->view.ring.first, 1);
}

/* A change is lost, and nobody knows of what. */
static void test_damaged_event_has_all_readers_load_anew(void **state)
{
    struct kit_buf events;

    (void)state;
    make_level(3);
    kit_buf_init(&events, PAYLOAD_MAX);
    kit_buf_add_char(&events, '[');
    add_event(&events, EPOCH_A, 4, KIT_EVENT_DAMAGED);
    kit_buf_add_char(&events, ',');
    add_event(&events, EPOCH_A, 5, "OrderChanged");
    kit_buf_add_char(&events, ']');
    say_to("lockstock/v1/stream/information", events.data);
    kit_buf_done(&events);
    assert_ring(EPOCH_A, 4, 5, true);
}

static void test_what_cannot_be_read_is_counted_and_changes_nothing(void **state)
{
    (void)state;
    make_level(1);
    say_to("lockstock/v1/stream/information", "{");
    say_to("lockstock/v1/stream/information", "{\"a\":1}");
    say_to("lockstock/v1/stream/information", "[{\"specversion\":\"1.0\"}]");
    say_to("lockstock/v1/stream/information/head", "[]");
    assert_int_equal(feed->follow.refused_total, 4);
    assert_ring(EPOCH_A, 0, 1, true);
    const struct kit_message other = { .topic = "lockstock/v1/stream/stock", .payload = "" };
    assert_false(feed_on_message(feed, &other));
    const struct kit_message head = { .topic = "lockstock/v1/stream/stock/head", .payload = "" };
    assert_false(feed_on_message(feed, &head));
}

static void test_source_away_is_asked_when_it_is_there_again(void **state)
{
    (void)state;
    make_level(1);
    present("offline");
    tick();
    assert_false(feed->view.is_online);
    say(EPOCH_A, 3, 3);
    assert_string_equal(world.topic, "");
    world.now_ms += 10;
    present("online");
    tick();
    answer(1, EPOCH_A, 3, 2, 3);
    assert_ring(EPOCH_A, 0, 3, true);
}

/* ---- requests ---- */

static void test_request_for_events_becomes_a_reader(void **state)
{
    const struct request_headers headers = { .host = "shop", .last_event_id = EPOCH_A "-4" };
    struct feed_stream reader;

    (void)state;
    bridge.streams_max = 1;
    struct request *request = start("GET", "/events?kind=door&after=" EPOCH_A "-3", &headers, NULL);
    assert_int_equal(request->state, REQUEST_STREAMING);
    assert_string_equal(request->answer.content_type, "text/event-stream");
    request_fill_stream(request, &reader);
    assert_int_equal(reader.position.seq, 4); /* what the browser sends by itself wins */
    assert_int_equal(reader.filter.kinds, 1U << FEED_DOOR);
    request_free(request);
    assert_int_equal(bridge.metrics.requests_cut, 0);
}

static void test_request_for_events_is_refused_with_a_reason(void **state)
{
    (void)state;
    bridge.streams_max = 1;
    struct request *request = start("GET", "/events?kind=orders", &plain, NULL);
    assert_problem(request, 400, "invalid-query");
    request_free(request);
    request = start("HEAD", "/events", &plain, NULL);
    assert_int_equal(request->state, REQUEST_ANSWERED);
    assert_int_equal(request->answer.status, 200);
    request_free(request);
    bridge.stream_count = 1;
    request = start("GET", "/events", &plain, NULL);
    assert_problem(request, 503, "overloaded");
    request_free(request);
    bridge.stream_count = 0;
    bridge.is_draining = true;
    request = start("GET", "/events", &plain, NULL);
    assert_problem(request, 503, "service-unavailable");
    request_free(request);
}

static void test_request_with_an_id_that_nobody_gave_is_reset(void **state)
{
    static const struct request_headers strange = { .host = "shop", .last_event_id = "17" };
    static const struct request_headers empty = { .host = "shop", .last_event_id = "" };
    struct feed_stream reader;

    (void)state;
    bridge.streams_max = 1;
    struct request *request = start("GET", "/events", &strange, NULL);
    request_fill_stream(request, &reader);
    assert_true(reader.has_position);
    assert_string_equal(reader.position.epoch, "");
    request_free(request);
    request = start("GET", "/events", &empty, NULL);
    request_fill_stream(request, &reader);
    assert_false(reader.has_position);
    request_free(request);
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_feed, tear_down_feed)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_start_begins_near_the_end_and_becomes_level_story_1),
        TEST(test_short_log_is_read_from_its_start_and_followed),
        TEST(test_other_epoch_begins_anew_story_2),
        TEST(test_log_behind_us_begins_anew_story_2),
        TEST(test_far_behind_begins_near_the_end_story_3),
        TEST(test_hole_in_the_log_goes_on_behind_it_story_4),
        TEST(test_other_types_are_passed_over_story_5),
        TEST(test_damaged_event_has_all_readers_load_anew),
        TEST(test_what_cannot_be_read_is_counted_and_changes_nothing),
        TEST(test_source_away_is_asked_when_it_is_there_again),
        TEST(test_request_for_events_becomes_a_reader),
        TEST(test_request_for_events_is_refused_with_a_reason),
        TEST(test_request_with_an_id_that_nobody_gave_is_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

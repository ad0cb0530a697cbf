/* What a stream, a head or a replay may say that is wrong: refused, counted by its reason, and
 * nothing is lost by it, as the log of the source is read again. */
#include "thing_fixture.h"

static void refuses(struct fixture *f, const char *topic, const char *payload, const char *reason)
{
    const struct kit_message message = {
        .topic = topic,
        .payload = payload,
        .payload_size_bytes = strlen(payload),
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    expect_refused(f, &message, reason);
}

static int set_up_reading(void **state)
{
    (void)set_up(state);
    send_product(*state, 1, "fine");
    return 0;
}

static void is_as_before(struct fixture *f)
{
    send_product(f, 2, "fine");
    assert_int_equal(things(f), 2);
}

#define STREAM "lockstock/v1/stream/product"
#define EVENT_OF(source)                                                                           \
    "{\"specversion\":\"1.0\",\"id\":\"product:" FAKE_EPOCH ":2\",\"source\":\"" source            \
    "\",\"type\":\"ProductSaved\",\"subject\":\"product/"                                          \
    "1\",\"time\":\"2026-01-01T00:00:00.000Z\","                                                   \
    "\"epoch\":\"" FAKE_EPOCH "\",\"sequence\":\"2\",\"version\":1,"                               \
    "\"datacontenttype\":\"application/json\",\"data\":{}}"

static void test_stream_that_is_no_batch_is_refused(void **state)
{
    refuses(*state, STREAM, "{\"events\":[]}", "schema");
    is_as_before(*state);
}

static void test_stream_without_events_is_refused(void **state)
{
    refuses(*state, STREAM, "[]", "schema");
    is_as_before(*state);
}

static void test_stream_of_more_events_than_fit_is_refused(void **state)
{
    char text[2 * KIT_STREAM_EVENTS_MAX + 8] = "[0";
    for (size_t i = 0; i < KIT_STREAM_EVENTS_MAX; i++)
        memcpy(text + 2 + 2 * i, ",0", 3);
    memcpy(text + 2 + 2 * KIT_STREAM_EVENTS_MAX, "]", 2);
    refuses(*state, STREAM, text, "schema");
    is_as_before(*state);
}

static void test_event_that_is_no_envelope_is_refused(void **state)
{
    refuses(*state, STREAM, "[{\"specversion\":\"1.0\"}]", "schema");
    is_as_before(*state);
}

static void test_event_of_another_source_is_refused(void **state)
{
    refuses(*state, STREAM, "[" EVENT_OF("rental") "]", "source");
    is_as_before(*state);
}

static void test_stream_of_somebody_whom_we_do_not_follow_is_refused(void **state)
{
    refuses(*state, "lockstock/v1/stream/rental", "[]", "topic");
    is_as_before(*state);
}

static void test_stream_that_a_broker_kept_is_refused(void **state)
{
    const struct kit_message message = {
        .topic = STREAM,
        .payload = "[" EVENT_OF("product") "]",
        .payload_size_bytes = strlen("[" EVENT_OF("product") "]"),
        .retain = true,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    expect_refused(*state, &message, "retained");
    is_as_before(*state);
}

#define HEAD "lockstock/v1/stream/product/head"

static void test_head_that_is_wrong_is_refused(void **state)
{
    refuses(*state, HEAD, "{", "malformed");
    refuses(*state, HEAD, "{\"source\":\"product\"}", "schema");
    refuses(*state, HEAD, "{\"source\":\"rental\",\"epoch\":\"" FAKE_EPOCH "\",\"seq\":9}",
            "source");
    refuses(*state, "lockstock/v1/stream/rental/head", "{}", "topic");
    is_as_before(*state);
}

static void test_own_head_is_not_subscribed_to(void **state)
{
    refuses(*state, "lockstock/v1/stream/thing/head", "{}", "topic");
    is_as_before(*state);
}

/* The page is asked for again, after a pause. */
static void test_replay_answer_that_is_wrong_is_asked_for_again(void **state)
{
    static const char *const WRONG[] = {
        "{\"epoch\":\"" FAKE_EPOCH "\"}",
        "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":1,\"events\":[{}]}",
        "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":1,\"events\":[" EVENT_OF("rental") "]}",
    };
    struct fixture *f = *state;
    (void)kit_service_confirm(f->thing.service, "product");
    fake_settle(&f->thing);
    for (size_t i = 0; i < KIT_COUNT(WRONG); i++) {
        int tries = 0;
        while (!fake_answer(&f->thing, "product", "replay", NULL, WRONG[i])) {
            assert_true(tries++ < 100); /* it asks again some time */
            fake_world_advance(f->world, 1000);
            fake_settle(&f->thing);
        }
        assert_int_equal(things(f), 1);
    }
    is_as_before(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_reading, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_stream_that_is_no_batch_is_refused),
        TEST(test_stream_without_events_is_refused),
        TEST(test_stream_of_more_events_than_fit_is_refused),
        TEST(test_event_that_is_no_envelope_is_refused),
        TEST(test_event_of_another_source_is_refused),
        TEST(test_stream_of_somebody_whom_we_do_not_follow_is_refused),
        TEST(test_stream_that_a_broker_kept_is_refused),
        TEST(test_head_that_is_wrong_is_refused),
        TEST(test_own_head_is_not_subscribed_to),
        TEST(test_replay_answer_that_is_wrong_is_asked_for_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

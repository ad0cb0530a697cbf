/* The runtime with a small service on simulated ports and a real database file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "kit/rpc/presence.h"
#include "kit/stream/log.h"
#include "thing_fixture.h"

/* ---- requests ---- */

static void test_effect_is_saved_answered_and_published(void **state)
{
    struct fixture *f = *state;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
    assert_string_equal(reply->payload, "{\"id\":5}");
    assert_int_equal(things(f), 1);
    const struct fake_message *event = fake_last(f->world, "lockstock/v1/stream/thing");
    assert_non_null(event);
    assert_non_null(strstr(event->payload, "\"sequence\":\"1\""));
    assert_non_null(strstr(event->payload, "\"subject\":\"thing/5\""));
}

/* The bus is asked at the very moment of the commit. */
static void test_nothing_leaves_before_the_commit(void **state)
{
    struct fixture *f = *state;
    struct commits commits;
    const struct kit_message message = good_request(f);
    watch_commits(f, &commits);
    fake_world_forget(f->world);
    kit_service_on_message(f->thing.service, &message);
    assert_int_equal(f->world->message_count, 0);
    kit_service_flush(f->thing.service);
    assert_int_equal(commits.count, 1);
    assert_int_equal(commits.messages_before, 0);
    assert_int_equal(fake_count(f->world, "lockstock/v1/reply/bridge/thing"), 1);
    assert_int_equal(fake_count(f->world, "lockstock/v1/stream/thing"), 1);
}

static void test_effect_repeated_key_gives_the_same_answer_once(void **state)
{
    struct fixture *f = *state;
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    fake_service_reopen(&f->thing); /* the memory of it is in the database */
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_string_equal(reply->status, "ok");
    assert_string_equal(reply->payload, "{\"id\":5}");
    assert_int_equal(things(f), 1);
}

#define HOUR_MS 3600000

/* The rule's number: 24 hours. */
static void test_effect_key_is_held_for_a_day(void **state)
{
    struct fixture *f = *state;
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    fake_world_advance(f->world, 23 * HOUR_MS);
    fake_settle(&f->thing);
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":6}");
    assert_string_equal(reply->status, "key_reused");
    fake_world_advance(f->world, 2 * HOUR_MS);
    fake_settle(&f->thing);
    reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":6}");
    assert_string_equal(reply->status, "ok");
    assert_int_equal(things(f), 2);
}

static void test_effect_key_with_another_body_is_refused(void **state)
{
    struct fixture *f = *state;
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":6}");
    assert_string_equal(reply->status, "key_reused");
    assert_int_equal(things(f), 1);
    /* Another caller's key is another key. */
    reply = fake_request(&f->thing, "rental", "add", "k1", "{\"id\":6}");
    assert_string_equal(reply->status, "ok");
}

static void test_effect_without_key_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "", "{\"id\":5}");
    assert_string_equal(reply->status, "invalid");
    assert_int_equal(things(f), 0);
}

static void test_refusal_rolls_back_alone(void **state)
{
    struct fixture *f = *state;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1",
                                                    "{\"id\":13}");
    assert_string_equal(reply->status, "refused");
    assert_non_null(strstr(reply->payload, "\"type\":\"unlucky\""));
    assert_int_equal(things(f), 0);
    assert_int_equal(fake_count(f->world, "lockstock/v1/stream/thing"), 0);
    (void)fake_request(&f->thing, "bridge", "add", "k2", "{\"id\":14}");
    char row[1024];
    assert_true(fake_log_row(&f->thing, 1, row, sizeof(row))); /* the log has no gap */
    assert_non_null(strstr(row, "thing/14"));
}

/* What the database says is for our log; the caller gets the sentence of the code. */
static void test_fault_of_the_database_is_logged_and_not_told(void **state)
{
    struct fixture *f = *state;
    const int warnings = f->world->log_count[KIT_WARN];
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1",
                                                    "{\"id\":12}");
    assert_string_equal(reply->status, "conflict");
    assert_string_equal(reply->payload,
                        "{\"type\":\"conflict\",\"detail\":\"it changed meanwhile\"}");
    assert_int_equal(f->world->log_count[KIT_WARN], warnings + 1);
}

static void test_bad_bodies_say_what_is_wrong(void **state)
{
    static const struct {
        const char *body, *status, *needle;
    } CASES[] = {
        { "{", "malformed", "malformed-json" },
        { "{\"id\":0}", "invalid", "\"pointer\":\"/id\"" },
        { "{\"id\":5,\"more\":1}", "invalid", "\"pointer\":\"/more\"" },
        { "{}", "invalid", "/id" },
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < KIT_COUNT(CASES); i++) {
        const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k",
                                                        CASES[i].body);
        assert_string_equal(reply->status, CASES[i].status);
        assert_non_null(strstr(reply->payload, CASES[i].needle));
    }
    assert_int_equal(things(f), 0);
}

static void test_unknown_method_is_told(void **state)
{
    struct fixture *f = *state;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "fly", "k", "{}");
    assert_string_equal(reply->status, "not_found");
    assert_non_null(strstr(reply->payload, "unknown-method"));
}

static void test_request_that_cannot_be_answered_safely_is_refused(void **state)
{
    struct fixture *f = *state;
    struct kit_message message = good_request(f);
    message.response_topic = "lockstock/v1/reply/rental/thing"; /* somebody else's */
    expect_refused(f, &message, "reply_to");
    message = good_request(f);
    message.deadline_ms = f->world->wall_ms - 1;
    expect_refused(f, &message, "expired");
    message = good_request(f);
    message.deadline_ms = 0;
    expect_refused(f, &message, "deadline");
    message = good_request(f);
    message.key = "with space";
    expect_refused(f, &message, "key");
    message = good_request(f);
    message.topic = "lockstock/v1/rpc/other/add/bridge";
    expect_refused(f, &message, "topic");
    message = good_request(f);
    message.retain = true;
    expect_refused(f, &message, "retained");
    assert_int_equal(things(f), 0);
}

/* A second request of a caller whose clock is days away, sent so long after the first one, that has
 * taken late_ms longer. */
static void ask_late(struct fixture *f, int64_t after_ms, int64_t late_ms, int64_t days)
{
    struct kit_message message = good_request(f);
    message.deadline_ms += days * 86400000;
    message.left_ms = 1000;
    message.sender_life = 0xabcdef01;
    message.sent_mono_ms = 77;
    kit_service_on_message(f->thing.service, &message);
    fake_settle(&f->thing);
    assert_int_equal(things(f), 1);
    fake_world_advance(f->world, after_ms + late_ms);
    message.deadline_ms += after_ms;
    message.sent_mono_ms += after_ms;
    message.key = "k2";
    message.payload = "{\"id\":6}";
    kit_service_on_message(f->thing.service, &message);
    fake_settle(&f->thing);
}

static void test_request_of_a_clock_that_is_days_off_is_in_time(void **state)
{
    struct fixture *f = *state;
    ask_late(f, 5000, 1000, -3);
    assert_int_equal(things(f), 2);
}

static void test_request_that_was_too_long_on_its_way_has_no_effect(void **state)
{
    struct fixture *f = *state;
    ask_late(f, 5000, 1010, 3); /* 5 ms of it may be drift */
    assert_int_equal(things(f), 1);
}

/* ---- our own calls ---- */

static void test_pending_request_is_answered_when_the_friend_has_answered(void **state)
{
    struct fixture *f = *state;
    assert_null(fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":99}"));
    const struct fake_message *call = fake_last(f->world, "lockstock/v1/rpc/friend/help/thing");
    assert_non_null(call);
    assert_string_equal(call->key, "help-99");
    assert_true(fake_answer(&f->thing, "friend", "help", NULL, "{}"));
    const struct fake_message *reply = fake_last(f->world, "lockstock/v1/reply/bridge/thing");
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
    assert_int_equal(things(f), 1);
    /* The late answer is stored like any other. */
    reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":99}");
    assert_non_null(reply);
    assert_int_equal(things(f), 1);
}

static void test_pending_request_times_out_with_its_call(void **state)
{
    struct fixture *f = *state;
    assert_null(fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":99}"));
    fake_world_advance(f->world, 501);
    fake_settle(&f->thing);
    const struct fake_message *reply = fake_last(f->world, "lockstock/v1/reply/bridge/thing");
    assert_non_null(reply);
    assert_string_equal(reply->status, "timeout");
    assert_true(fake_answer(&f->thing, "friend", "help", NULL, "{}")); /* too late */
    assert_int_equal(things(f), 0);
    assert_int_equal(fake_count(f->world, "lockstock/v1/reply/bridge/thing"), 1);
}

static void test_call_of_a_service_that_is_down_fails_at_once(void **state)
{
    struct fixture *f = *state;
    fake_presence(&f->thing, "friend", true, 10);
    fake_presence(&f->thing, "friend", false, 10);
    fake_world_advance(f->world, KIT_PRESENCE_DOUBT_MS);
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1",
                                                    "{\"id\":99}");
    assert_non_null(reply);
    assert_string_equal(reply->status, "unavailable");
}

static void test_call_after_a_stale_will_is_made(void **state)
{
    struct fixture *f = *state;
    fake_presence(&f->thing, "friend", true, 11);
    fake_presence(&f->thing, "friend", false, 10); /* the will of its former connection */
    assert_null(fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":99}"));
    assert_non_null(fake_last(f->world, "lockstock/v1/rpc/friend/help/thing"));
}

static void test_same_request_under_way_is_not_started_twice(void **state)
{
    struct fixture *f = *state;
    assert_null(fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":99}"));
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1",
                                                    "{\"id\":99}");
    assert_string_equal(reply->status, "conflict");
    assert_int_equal(fake_count(f->world, "lockstock/v1/rpc/friend/help/thing"), 1);
}

/* Its caller lost the link, and sends again what it may not have been told. */
static void test_same_request_that_comes_again_is_answered_once(void **state)
{
    struct fixture *f = *state;
    const struct kit_message request = {
        .topic = "lockstock/v1/rpc/thing/add/bridge",
        .payload = "{\"id\":99}",
        .payload_size_bytes = 9,
        .response_topic = "lockstock/v1/reply/bridge/thing",
        .has_correlation = true,
        .deadline_ms = f->world->wall_ms + 1000,
        .status = "",
        .key = "k1",
        .traceparent = "",
    };
    for (int i = 0; i < 3; i++) {
        kit_service_on_message(f->thing.service, &request);
        fake_settle(&f->thing);
    }
    assert_int_equal(fake_count(f->world, "lockstock/v1/rpc/friend/help/thing"), 1);
    assert_int_equal(fake_count(f->world, "lockstock/v1/reply/bridge/thing"), 0);
    assert_false(kit_service_is_idle(f->thing.service));
    assert_true(fake_answer(&f->thing, "friend", "help", NULL, "{}"));
    assert_int_equal(fake_count(f->world, "lockstock/v1/reply/bridge/thing"), 1);
    assert_true(kit_service_is_idle(f->thing.service));
}

/* Their own time, 500 ms, stands meanwhile; the bridge waits for 2000 ms. */
static void test_link_down_holds_calls_until_their_caller_is_about_to_go(void **state)
{
    struct fixture *f = *state;
    assert_null(fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":99}"));
    kit_service_on_link(f->thing.service, false);
    fake_world_advance(f->world, 1899);
    fake_settle(&f->thing);
    assert_int_equal(fake_count(f->world, "lockstock/v1/reply/bridge/thing"), 0);
    fake_world_advance(f->world, 1);
    fake_settle(&f->thing);
    const struct fake_message *reply = fake_last(f->world, "lockstock/v1/reply/bridge/thing");
    assert_non_null(reply);
    assert_string_equal(reply->status, "unavailable");
}

/* ---- events ---- */

static void test_event_is_applied_once(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    send_product(f, 1, "fine");
    send_product(f, 2, "fine");
    assert_int_equal(things(f), 2);
    fake_service_reopen(&f->thing);
    send_product(f, 2, "fine");
    assert_int_equal(things(f), 2);
    kit_service_drain(f->thing.service);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT seq FROM stream_cursor"), 2);
}

/* It expired, and its place belongs to another request: that one must not get its answer. */
static void test_pending_request_that_expired_is_not_answered_in_anothers_name(void **state)
{
    struct fixture *f = *state;
    static const char REPLY[] = "lockstock/v1/reply/bridge/thing";
    assert_null(fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":97}"));
    fake_world_advance(f->world, 30000);
    fake_settle(&f->thing);
    assert_null(fake_request(&f->thing, "bridge", "add", "k2", "{\"id\":99}"));
    const size_t before = fake_count(f->world, REPLY);
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":17}");
    assert_int_equal(fake_count(f->world, REPLY), before);
    assert_true(fake_answer(&f->thing, "friend", "help", NULL, "{}"));
    assert_int_equal(fake_count(f->world, REPLY), before + 1);
    assert_string_equal(fake_last(f->world, REPLY)->payload, "{\"id\":99}");
}

/* A source that is newer than we: what we do not know of it stops nothing (topics.md). */
static void test_event_of_an_unknown_type_is_passed_over(void **state)
{
    struct fixture *f = *state;
    const struct fake_event newer = { "product",  1, "LockerChanged",
                                      "locker/1", 7, "{\"unknown\":{\"members\":[]}}" };
    const struct fake_event named = { "product", 2, "LockerChanged", "locker/locker-1", 8, "{}" };
    fake_event(&f->thing, &newer);
    fake_event(&f->thing, &named);
    send_product(f, 3, "fine");
    assert_int_equal(things(f), 1);
    kit_service_drain(f->thing.service);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT seq FROM stream_cursor"), 3);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter"), 0);
}

/* What only took events in may be committed a little later; a crash before that costs a question.
 */
static void test_crash_before_a_quiet_commit_reads_the_events_again(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    send_product(f, 2, "fine");
    assert_int_equal(things(f), 2);
    fake_service_crash(&f->thing);
    assert_int_equal(things(f), 0);
    send_product(f, 1, "fine");
    send_product(f, 2, "fine");
    assert_int_equal(things(f), 2);
}

static void test_quiet_batch_is_committed_with_the_next_effect_or_in_time(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    fake_service_crash(&f->thing);
    assert_int_equal(things(f), 2);
    send_product(f, 2, "fine");
    fake_world_advance(f->world, KIT_SERVICE_QUIET_MS);
    fake_settle(&f->thing);
    fake_service_crash(&f->thing);
    assert_int_equal(things(f), 3);
}

static void test_read_is_answered_while_a_quiet_batch_is_open(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "get", "", "{\"id\":1}");
    assert_non_null(reply);
    assert_string_equal(reply->payload, "{\"after\":1,\"limit\":1}");
}

static void test_event_after_a_gap_is_fetched(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    send_product(f, 3, "fine");
    assert_int_equal(things(f), 1);
    const struct fake_message *call = fake_last(f->world, "lockstock/v1/rpc/product/replay/thing");
    assert_non_null(call);
    assert_non_null(strstr(call->payload, "\"after\":1"));
}

static void test_failed_event_is_retried_then_parked(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "busy");
    for (int i = 0; i < 10; i++) { /* the source is asked again and sends it again */
        fake_world_advance(f->world, 3001);
        fake_settle(&f->thing);
        send_product(f, 1, "busy");
    }
    assert_int_equal(things(f), 0);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter"), 1);
    kit_service_drain(f->thing.service);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT seq FROM stream_cursor"), 1);
    send_product(f, 2, "fine");
    assert_int_equal(things(f), 1); /* everything else flows */
}

static void test_malformed_stream_messages_are_refused_and_counted(void **state)
{
    struct fixture *f = *state;
    struct kit_message message = {
        .topic = "lockstock/v1/stream/product",
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    send_product(f, 1, "fine");
    message.payload = "[{";
    message.payload_size_bytes = 2;
    expect_refused(f, &message, "malformed");
    message.payload = "[]";
    expect_refused(f, &message, "schema");
    message.topic = "lockstock/v1/stream/stranger";
    expect_refused(f, &message, "topic");
    message.topic = "lockstock/v1/stream/product";
    static char large[KIT_STREAM_BYTES_MAX + 1];
    memset(large, ' ', sizeof(large));
    message.payload = large;
    message.payload_size_bytes = sizeof(large);
    expect_refused(f, &message, "too_large");
    send_product(f, 2, "fine");
    assert_int_equal(things(f), 2);
}

static void test_confirm_runs_after_the_answer(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    assert_int_equal(kit_service_confirm(f->thing.service, "product"), 1);
    fake_settle(&f->thing);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM confirmed"), 0);
    assert_true(fake_answer(&f->thing, "product", "replay", NULL,
                            "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":1,\"events\":[]}"));
    assert_int_equal(fake_sql_int(&f->thing, "SELECT ask FROM confirmed"), 1);
}

static void test_replay_gives_what_the_log_has(void **state)
{
    char key[16], body[32];
    struct fixture *f = *state;
    for (int i = 1; i <= 5; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        snprintf(body, sizeof(body), "{\"id\":%d}", i);
        (void)fake_request(&f->thing, "bridge", "add", key, body);
    }
    const struct fake_message *reply = fake_request(&f->thing, "rental", "replay", "",
                                                    "{\"after\":3,\"limit\":10}");
    assert_non_null(strstr(reply->payload, "\"head\":5"));
    assert_null(strstr(reply->payload, "thing/3"));
    assert_non_null(strstr(reply->payload, "thing/4"));
    assert_non_null(strstr(reply->payload, "thing/5"));
}

static void send_head(struct fixture *f, int64_t seq)
{
    char text[128];
    snprintf(text, sizeof(text),
             "{\"source\":\"product\",\"epoch\":\"" FAKE_EPOCH "\",\"seq\":%" PRId64 "}", seq);
    const struct kit_message message = {
        .topic = "lockstock/v1/stream/product/head",
        .payload = text,
        .payload_size_bytes = strlen(text),
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    kit_service_on_message(f->thing.service, &message);
    fake_settle(&f->thing);
}

/* No other event follows that would show the gap: only the head of the source does. */
static void test_event_that_the_broker_swallowed_is_missed_by_the_head(void **state)
{
    static const char MORE[] = "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":2,\"events\":[]}";
    struct fixture *f = *state;
    for (int seq = 1; seq <= 2; seq++) {
        send_product(f, seq, "fine");
        send_head(f, 2);
        fake_world_advance(f->world, 501); /* the next head would be here */
        fake_settle(&f->thing);
        assert_int_equal(fake_answer(&f->thing, "product", "replay", NULL, MORE), seq == 1);
    }
}

/* The source was restored from a backup while we stayed connected: nobody else would ever ask. */
static void test_head_below_the_cursor_is_asked_about_and_said(void **state)
{
    static const char LESS[] = "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":1,\"events\":[]}";
    struct fixture *f = *state;
    fake_presence(&f->thing, "product", true, 1);
    send_product(f, 1, "one");
    send_product(f, 2, "two");
    (void)fake_answer(&f->thing, "product", "replay", NULL,
                      "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":2,\"events\":[]}");
    const struct kit_degraded *seen = kit_service_degraded(f->thing.service);
    assert_false(seen->is_on[DEGRADED_REASON_HISTORY]);
    send_head(f, 1); /* maybe overtaken by the events */
    assert_false(fake_answer(&f->thing, "product", "replay", NULL, LESS));
    const int errors = f->world->log_count[KIT_ERROR];
    send_head(f, 1);
    assert_true(fake_answer(&f->thing, "product", "replay", NULL, LESS));
    (void)kit_service_degraded(f->thing.service);
    assert_true(seen->is_on[DEGRADED_REASON_HISTORY]);
    assert_null(kit_service_not_ready(f->thing.service)); /* it answers its own requests */
    assert_int_equal(f->world->log_count[KIT_ERROR], errors + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_effect_is_saved_answered_and_published),
        TEST(test_nothing_leaves_before_the_commit),
        TEST(test_effect_repeated_key_gives_the_same_answer_once),
        TEST(test_effect_key_is_held_for_a_day),
        TEST(test_effect_key_with_another_body_is_refused),
        TEST(test_effect_without_key_is_refused),
        TEST(test_refusal_rolls_back_alone),
        TEST(test_fault_of_the_database_is_logged_and_not_told),
        TEST(test_bad_bodies_say_what_is_wrong),
        TEST(test_unknown_method_is_told),
        TEST(test_request_that_cannot_be_answered_safely_is_refused),
        TEST(test_request_of_a_clock_that_is_days_off_is_in_time),
        TEST(test_request_that_was_too_long_on_its_way_has_no_effect),
        TEST(test_pending_request_is_answered_when_the_friend_has_answered),
        TEST(test_pending_request_times_out_with_its_call),
        TEST(test_call_of_a_service_that_is_down_fails_at_once),
        TEST(test_call_after_a_stale_will_is_made),
        TEST(test_same_request_under_way_is_not_started_twice),
        TEST(test_same_request_that_comes_again_is_answered_once),
        TEST(test_link_down_holds_calls_until_their_caller_is_about_to_go),
        TEST(test_event_is_applied_once),
        TEST(test_event_of_an_unknown_type_is_passed_over),
        TEST(test_crash_before_a_quiet_commit_reads_the_events_again),
        TEST(test_quiet_batch_is_committed_with_the_next_effect_or_in_time),
        TEST(test_read_is_answered_while_a_quiet_batch_is_open),
        TEST(test_event_after_a_gap_is_fetched),
        TEST(test_pending_request_that_expired_is_not_answered_in_anothers_name),
        TEST(test_failed_event_is_retried_then_parked),
        TEST(test_malformed_stream_messages_are_refused_and_counted),
        TEST(test_confirm_runs_after_the_answer),
        TEST(test_replay_gives_what_the_log_has),
        TEST(test_event_that_the_broker_swallowed_is_missed_by_the_head),
        TEST(test_head_below_the_cursor_is_asked_about_and_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

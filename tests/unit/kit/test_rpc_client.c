/* Calls on a bus that only remembers: the test plays the executor. */
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "kit/base/text.h"
#include "kit/rpc/client.h"

struct ending {
    int count;
    int code;
    char text[KIT_ERROR_TEXT_SIZE];
    char type[KIT_ERROR_TYPE_SIZE];
    bool has_body;
};

struct fixture {
    struct fake_world *world;
    struct kit_service_ports ports;
    struct kit_rpc_client *client;
    char path[FAKE_PATH_SIZE];
    struct ending ending;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(9);
    f->ports = fake_ports(f->world, "none", f->path);
    f->client = kit_rpc_client_new("bridge", &f->ports.bus, &f->ports.clock, &f->ports.rng);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    kit_rpc_client_free(f->client);
    fake_world_free(f->world);
    test_free(f);
    return 0;
}

static void on_done(void *context, const struct kit_rpc_outcome *outcome)
{
    struct ending *ending = context;
    ending->count++;
    ending->code = outcome->code;
    ending->has_body = outcome->body != NULL;
    if (outcome->error != NULL) {
        kit_text_copy(ending->text, sizeof(ending->text), outcome->error->text);
        kit_text_copy(ending->type, sizeof(ending->type), outcome->error->type);
    }
}

static int call(struct fixture *f, struct kit_error *err)
{
    const struct kit_rpc_call rpc = {
        .instance = "rental",
        .method = "get",
        .body = "{\"id\":1}",
        .body_size_bytes = 8,
        .key = "",
        .traceparent = "",
        .timeout_ms = 100,
        .on_done = on_done,
        .context = &f->ending,
    };
    return kit_rpc_client_call(f->client, &rpc, err);
}

static void reply(struct fixture *f, const char *topic, const struct fake_message *to,
                  const char *status, const char *json)
{
    struct kit_message message = {
        .topic = topic,
        .payload = json,
        .payload_size_bytes = strlen(json),
        .has_correlation = true,
        .response_topic = "",
        .status = status,
        .key = "",
        .traceparent = "",
    };
    memcpy(message.correlation, to->correlation, sizeof(message.correlation));
    assert_true(kit_rpc_client_on_message(f->client, &message));
}

static void test_call_travels_as_the_page_says(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(call(f, NULL), KIT_OK);
    const struct fake_message *sent = fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge");
    assert_non_null(sent);
    assert_string_equal(sent->response_topic, "lockstock/v1/reply/bridge/rental");
    assert_int_equal(sent->deadline_ms, f->world->wall_ms + 100);
    assert_int_equal(sent->left_ms, 100);
    assert_int_equal(sent->sent_mono_ms, f->world->mono_ms);
    assert_int_not_equal(sent->sender_life, 0);
    assert_int_equal(sent->qos, 1);
}

static void test_reply_ends_the_call_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(call(f, NULL), KIT_OK);
    const struct fake_message *sent = fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge");
    reply(f, "lockstock/v1/reply/bridge/rental", sent, "ok", "{}");
    reply(f, "lockstock/v1/reply/bridge/rental", sent, "ok", "{}");
    assert_int_equal(f->ending.count, 1);
    assert_int_equal(f->ending.code, KIT_OK);
    assert_true(f->ending.has_body);
    assert_int_equal(kit_rpc_client_open_count(f->client), 0);
}

static void test_reply_of_another_instance_is_not_ours(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(call(f, NULL), KIT_OK);
    const struct fake_message *sent = fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge");
    reply(f, "lockstock/v1/reply/bridge/stock", sent, "ok", "{}");
    assert_int_equal(f->ending.count, 0);
}

static void test_refusal_comes_as_it_was_given(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(call(f, NULL), KIT_OK);
    reply(f, "lockstock/v1/reply/bridge/rental",
          fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge"), "refused",
          "{\"type\":\"below-committed\",\"detail\":\"3 are out\"}");
    assert_int_equal(f->ending.code, KIT_E_REFUSED);
    assert_string_equal(f->ending.type, "below-committed");
    assert_string_equal(f->ending.text, "3 are out");
    assert_false(f->ending.has_body);
}

static void test_malformed_reply_is_an_error_not_a_crash(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(call(f, NULL), KIT_OK);
    reply(f, "lockstock/v1/reply/bridge/rental",
          fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge"), "ok", "{\"a\":1,\"a\":2}");
    assert_int_equal(f->ending.code, KIT_E_MALFORMED);
    assert_int_equal(kit_rpc_client_malformed_count(f->client), 1);
}

static void test_timeout_ends_the_call_and_a_late_reply_is_dropped(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(call(f, NULL), KIT_OK);
    assert_int_equal(kit_rpc_client_tick(f->client, f->world->mono_ms + 99),
                     f->world->mono_ms + 100);
    assert_int_equal(f->ending.count, 0);
    assert_int_equal(kit_rpc_client_tick(f->client, f->world->mono_ms + 100), INT64_MAX);
    assert_int_equal(f->ending.code, KIT_E_TIMEOUT);
    reply(f, "lockstock/v1/reply/bridge/rental",
          fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge"), "ok", "{}");
    assert_int_equal(f->ending.count, 1);
}

static void test_too_many_calls_are_refused_at_once(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    for (int i = 0; i < KIT_RPC_CALLS_MAX; i++) {
        assert_int_equal(call(f, NULL), KIT_OK);
        if (i % 1000 == 0)
            fake_world_forget(f->world);
    }
    assert_int_equal(call(f, &err), KIT_E_LIMIT);
    kit_rpc_client_tick(f->client, f->world->mono_ms + 100);
    assert_int_equal(f->ending.count, KIT_RPC_CALLS_MAX);
    fake_world_forget(f->world);
    assert_int_equal(call(f, &err), KIT_OK); /* and the slots come back */
}

static void presence(struct fixture *f, const char *json)
{
    const struct kit_message message = {
        .topic = "lockstock/v1/service/rental/state",
        .payload = json,
        .payload_size_bytes = strlen(json),
        .retain = true,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    assert_true(kit_rpc_client_on_message(f->client, &message));
}

static void test_presence_offline_fails_fast_and_forgotten_with_the_link(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    presence(f, "{\"status\":\"offline\",\"epoch\":5}");
    assert_int_equal(call(f, &err), KIT_E_UNAVAILABLE);
    assert_non_null(strstr(err.text, "rental"));
    assert_true(kit_rpc_client_is_offline(f->client, "rental"));
    assert_false(kit_rpc_client_is_offline(f->client, "product")); /* never heard of */
    presence(f, "{\"status\":\"online\",\"epoch\":6}");
    assert_false(kit_rpc_client_is_offline(f->client, "rental"));
    assert_true(kit_rpc_client_is_online(f->client, "rental"));
    presence(f, "{\"status\":\"offline\",\"epoch\":5}"); /* a stale will */
    assert_true(kit_rpc_client_is_online(f->client, "rental"));
    presence(f, "{\"status\":\"asleep\",\"epoch\":7}");
    assert_true(kit_rpc_client_is_online(f->client, "rental"));
    assert_int_equal(kit_rpc_client_malformed_count(f->client), 1);
    kit_rpc_client_on_link(f->client, false);
    assert_false(kit_rpc_client_is_online(f->client, "rental"));
    kit_rpc_client_on_link(f->client, true);
    assert_int_equal(call(f, &err), KIT_OK); /* not known to be down: worth a try */
}

/* The broker has lost the word that it is back (KIT_PRESENCE_PROBE_MS: 3 s). */
static void test_one_call_in_a_while_finds_out_that_an_offline_one_is_there(void **state)
{
    struct fixture *f = *state;
    presence(f, "{\"status\":\"offline\",\"epoch\":5}");
    fake_world_advance(f->world, 2999);
    assert_int_equal(call(f, NULL), KIT_E_UNAVAILABLE);
    fake_world_advance(f->world, 1);
    assert_int_equal(call(f, NULL), KIT_OK);
    assert_int_equal(call(f, NULL), KIT_E_UNAVAILABLE); /* one in a while */
    kit_rpc_client_tick(f->client, f->world->mono_ms + 100);
    assert_int_equal(f->ending.code, KIT_E_TIMEOUT);
    assert_true(kit_rpc_client_is_offline(f->client, "rental"));
    fake_world_advance(f->world, 3000);
    assert_int_equal(call(f, NULL), KIT_OK);
    reply(f, "lockstock/v1/reply/bridge/rental",
          fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge"), "ok", "{}");
    assert_true(kit_rpc_client_is_online(f->client, "rental"));
    assert_int_equal(call(f, NULL), KIT_OK);
    presence(f, "{\"status\":\"offline\",\"epoch\":6}"); /* and gone again */
    assert_int_equal(call(f, NULL), KIT_E_UNAVAILABLE);
}

/* The broker has lost the only word that it is there. */
static void test_answer_of_one_of_which_nothing_was_heard_says_that_it_is_there(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(call(f, NULL), KIT_OK);
    assert_false(kit_rpc_client_is_online(f->client, "rental"));
    reply(f, "lockstock/v1/reply/bridge/rental",
          fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge"), "ok", "{}");
    assert_true(kit_rpc_client_is_online(f->client, "rental"));
    assert_int_equal(call(f, NULL), KIT_OK);
    presence(f, "{\"status\":\"offline\",\"epoch\":1}");
    reply(f, "lockstock/v1/reply/bridge/rental",
          fake_last(f->world, "lockstock/v1/rpc/rental/get/bridge"), "ok", "{}");
    assert_true(kit_rpc_client_is_offline(f->client, "rental")); /* asked before it went */
}

static void test_link_down_ends_every_call_that_may_not_wait(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(call(f, NULL), KIT_OK);
    assert_int_equal(call(f, NULL), KIT_OK);
    kit_rpc_client_on_link(f->client, false);
    assert_int_equal(f->ending.count, 2);
    assert_int_equal(f->ending.code, KIT_E_UNAVAILABLE);
    assert_int_equal(kit_rpc_client_tick(f->client, f->world->mono_ms), INT64_MAX);
}

static void test_bus_refuses_no_callback(void **state)
{
    struct fixture *f = *state;
    f->world->publish_rc = KIT_E_LIMIT;
    assert_int_equal(call(f, NULL), KIT_E_LIMIT);
    assert_int_equal(f->ending.count, 0);
    assert_int_equal(kit_rpc_client_open_count(f->client), 0);
}

/* ---- planned restarts ---- */

#define REQUEST_TOPIC "lockstock/v1/rpc/rental/cancel/bridge"
#define REPLY_TOPIC "lockstock/v1/reply/bridge/rental"
#define ONLINE(epoch) "{\"status\":\"online\",\"epoch\":" #epoch "}"
#define OFFLINE(epoch) "{\"status\":\"offline\",\"epoch\":" #epoch "}"
#define RESTARTING(epoch, ms) "{\"status\":\"restarting\",\"epoch\":" #epoch ",\"forMs\":" #ms "}"

static int call_patiently(struct fixture *f, int64_t timeout_ms)
{
    const struct kit_rpc_call rpc = {
        .instance = "rental",
        .method = "cancel",
        .body = "{\"id\":1}",
        .body_size_bytes = 8,
        .key = "key-1",
        .traceparent = "00-1-2-3",
        .timeout_ms = timeout_ms,
        .may_wait = true,
        .on_done = on_done,
        .context = &f->ending,
    };
    return kit_rpc_client_call(f->client, &rpc, NULL);
}

static size_t sent_count(const struct fixture *f)
{
    return fake_count(f->world, REQUEST_TOPIC);
}

static void test_call_of_one_that_restarts_is_held_and_goes_out_when_it_is_back(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    presence(f, RESTARTING(5, 2000));
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    presence(f, OFFLINE(5)); /* what it says last */
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    assert_int_equal(call(f, NULL), KIT_E_UNAVAILABLE); /* may not wait */
    assert_int_equal(sent_count(f), 0);
    assert_int_equal(kit_rpc_client_open_count(f->client), 2);
    fake_world_advance(f->world, 300);
    presence(f, ONLINE(6));
    assert_int_equal(sent_count(f), 2);
    const struct fake_message *sent = fake_last(f->world, REQUEST_TOPIC);
    assert_string_equal(sent->key, "key-1");
    assert_string_equal(sent->payload, "{\"id\":1}");
    assert_int_equal(sent->deadline_ms, f->world->wall_ms + 1700); /* its time began before */
    reply(f, REPLY_TOPIC, sent, "ok", "{}");
    assert_int_equal(f->ending.count, 1);
    assert_int_equal(f->ending.code, KIT_OK);
    assert_int_equal(kit_rpc_client_held_total(f->client), 2);
    assert_int_equal(kit_rpc_client_repeated_total(f->client), 0);
}

static void test_call_under_way_is_sent_again_under_its_key_to_the_next_one(void **state)
{
    struct fixture *f = *state;
    uint8_t correlation[KIT_CORRELATION_SIZE];
    presence(f, ONLINE(5));
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    memcpy(correlation, fake_last(f->world, REQUEST_TOPIC)->correlation, sizeof(correlation));
    presence(f, RESTARTING(5, 2000));
    presence(f, OFFLINE(5));
    assert_int_equal(sent_count(f), 1);
    presence(f, ONLINE(6));
    presence(f, ONLINE(6)); /* retained, and heard again */
    assert_int_equal(sent_count(f), 2);
    const struct fake_message *sent = fake_last(f->world, REQUEST_TOPIC);
    assert_memory_equal(sent->correlation, correlation, sizeof(correlation));
    assert_string_equal(sent->key, "key-1");
    assert_int_equal(kit_rpc_client_repeated_total(f->client), 1);
    reply(f, REPLY_TOPIC, sent, "ok", "{}");
    reply(f, REPLY_TOPIC, sent, "ok", "{}");
    assert_int_equal(f->ending.count, 1);
}

static void test_call_under_way_is_answered_by_the_one_that_goes(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    presence(f, RESTARTING(5, 2000));
    reply(f, REPLY_TOPIC, fake_last(f->world, REQUEST_TOPIC), "ok", "{}");
    presence(f, ONLINE(6));
    assert_int_equal(f->ending.count, 1);
    assert_int_equal(sent_count(f), 1);
}

static void test_held_call_ends_when_the_one_that_restarts_does_not_come_back(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    presence(f, RESTARTING(5, 60000)); /* nobody waits so long */
    assert_int_equal(call_patiently(f, 5000), KIT_OK);
    presence(f, OFFLINE(5));
    assert_int_equal(kit_rpc_client_tick(f->client, f->world->mono_ms), f->world->mono_ms + 2000);
    fake_world_advance(f->world, 2000);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
    assert_int_equal(f->ending.count, 1);
    assert_int_equal(f->ending.code, KIT_E_UNAVAILABLE);
    assert_int_equal(call_patiently(f, 5000), KIT_E_UNAVAILABLE); /* it is down */
}

static void test_held_call_ends_at_its_own_time(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    presence(f, RESTARTING(5, 2000));
    assert_int_equal(call_patiently(f, 610), KIT_OK);
    fake_world_advance(f->world, 609);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
    assert_int_equal(f->ending.count, 0);
    fake_world_advance(f->world, 1);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
    assert_int_equal(f->ending.code, KIT_E_UNAVAILABLE);
    presence(f, ONLINE(6));
    assert_int_equal(sent_count(f), 0);
}

static void test_crash_holds_nothing_and_nothing_is_sent_again(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    assert_int_equal(call_patiently(f, 100), KIT_OK);
    presence(f, OFFLINE(5)); /* its will */
    fake_world_advance(f->world, 50);
    assert_int_equal(call_patiently(f, 100), KIT_E_UNAVAILABLE);
    presence(f, ONLINE(6));
    assert_int_equal(sent_count(f), 1);
    fake_world_advance(f->world, 100);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
    assert_int_equal(f->ending.code, KIT_E_TIMEOUT);
}

static void test_crash_of_the_next_one_ends_what_is_held(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    presence(f, RESTARTING(5, 2000));
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    presence(f, OFFLINE(6));
    assert_int_equal(f->ending.count, 1);
    assert_int_equal(f->ending.code, KIT_E_UNAVAILABLE);
}

static void test_link_down_holds_calls_and_they_go_out_when_it_is_up(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    assert_int_equal(call_patiently(f, 2000), KIT_OK); /* under way */
    kit_rpc_client_on_link(f->client, false);
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    assert_int_equal(sent_count(f), 1);
    assert_int_equal(f->ending.count, 0);
    fake_world_advance(f->world, 200);
    kit_rpc_client_on_link(f->client, true);
    assert_int_equal(sent_count(f), 3);
    presence(f, OFFLINE(5)); /* the broker has it from before: rental was not as fast as we */
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    assert_int_equal(sent_count(f), 3);
    assert_int_equal(f->ending.count, 0);
    presence(f, ONLINE(6)); /* it may have got none of them */
    assert_int_equal(sent_count(f), 6);
}

/* A broker that stops tells the wills of all, and breaks our link only then. */
static void test_will_is_believed_when_the_link_still_stands_a_little_later(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    presence(f, OFFLINE(5));
    fake_world_advance(f->world, 49);
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
    assert_int_equal(f->ending.count, 0);
    kit_rpc_client_on_link(f->client, false);
    fake_world_advance(f->world, 100);
    kit_rpc_client_on_link(f->client, true);
    assert_int_equal(sent_count(f), 3);
    presence(f, ONLINE(6));
    assert_int_equal(sent_count(f), 5); /* as what went out first may be lost */

    presence(f, OFFLINE(6));
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    fake_world_advance(f->world, 50);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
    assert_int_equal(f->ending.count, 1); /* it has crashed */
    assert_int_equal(f->ending.code, KIT_E_UNAVAILABLE);
}

static void test_link_that_was_ours_alone_asks_nothing_twice_when_it_is_up(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    kit_rpc_client_on_link(f->client, false);
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    kit_rpc_client_on_link(f->client, true);
    presence(f, ONLINE(5));
    assert_int_equal(sent_count(f), 1);
}

static void test_link_that_does_not_come_back_ends_what_is_held(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    kit_rpc_client_on_link(f->client, false);
    assert_int_equal(call_patiently(f, 9000), KIT_OK);
    fake_world_advance(f->world, 2000);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
    assert_int_equal(f->ending.code, KIT_E_UNAVAILABLE);
    f->world->publish_rc = KIT_E_UNAVAILABLE;
    assert_int_equal(call_patiently(f, 9000), KIT_E_UNAVAILABLE); /* as the bus says */
}

static void test_held_call_that_the_bus_refuses_then_ends(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    presence(f, RESTARTING(5, 2000));
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    f->world->publish_rc = KIT_E_LIMIT;
    presence(f, ONLINE(6));
    assert_int_equal(f->ending.count, 1);
    assert_int_equal(f->ending.code, KIT_E_LIMIT);
    assert_int_equal(kit_rpc_client_open_count(f->client), 0);
}

/* It knows that the link breaks, and has not told us. */
static void test_call_that_the_bus_does_not_take_any_more_waits_for_the_link(void **state)
{
    struct fixture *f = *state;
    kit_rpc_client_on_link(f->client, true);
    f->world->publish_rc = KIT_E_UNAVAILABLE;
    assert_int_equal(call(f, NULL), KIT_E_UNAVAILABLE);
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    kit_rpc_client_on_link(f->client, false);
    f->world->publish_rc = KIT_OK;
    fake_world_advance(f->world, 200);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
    kit_rpc_client_on_link(f->client, true);
    assert_int_equal(f->ending.count, 0);
    assert_int_equal(sent_count(f), 1);
}

static void test_held_calls_count_as_open_ones(void **state)
{
    struct fixture *f = *state;
    kit_rpc_client_limit(f->client, 2);
    presence(f, ONLINE(5));
    presence(f, RESTARTING(5, 2000));
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    assert_int_equal(call_patiently(f, 2000), KIT_OK);
    assert_int_equal(call_patiently(f, 2000), KIT_E_LIMIT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_call_travels_as_the_page_says),
        TEST(test_reply_ends_the_call_once),
        TEST(test_reply_of_another_instance_is_not_ours),
        TEST(test_refusal_comes_as_it_was_given),
        TEST(test_malformed_reply_is_an_error_not_a_crash),
        TEST(test_timeout_ends_the_call_and_a_late_reply_is_dropped),
        TEST(test_too_many_calls_are_refused_at_once),
        TEST(test_presence_offline_fails_fast_and_forgotten_with_the_link),
        TEST(test_one_call_in_a_while_finds_out_that_an_offline_one_is_there),
        TEST(test_answer_of_one_of_which_nothing_was_heard_says_that_it_is_there),
        TEST(test_link_down_ends_every_call_that_may_not_wait),
        TEST(test_bus_refuses_no_callback),
        TEST(test_call_of_one_that_restarts_is_held_and_goes_out_when_it_is_back),
        TEST(test_call_under_way_is_sent_again_under_its_key_to_the_next_one),
        TEST(test_call_under_way_is_answered_by_the_one_that_goes),
        TEST(test_held_call_ends_when_the_one_that_restarts_does_not_come_back),
        TEST(test_held_call_ends_at_its_own_time),
        TEST(test_crash_holds_nothing_and_nothing_is_sent_again),
        TEST(test_crash_of_the_next_one_ends_what_is_held),
        TEST(test_link_down_holds_calls_and_they_go_out_when_it_is_up),
        TEST(test_will_is_believed_when_the_link_still_stands_a_little_later),
        TEST(test_link_that_was_ours_alone_asks_nothing_twice_when_it_is_up),
        TEST(test_link_that_does_not_come_back_ends_what_is_held),
        TEST(test_held_call_that_the_bus_refuses_then_ends),
        TEST(test_call_that_the_bus_does_not_take_any_more_waits_for_the_link),
        TEST(test_held_calls_count_as_open_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

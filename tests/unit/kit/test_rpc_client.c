/* Calls and their ends; planned restarts: test_rpc_restart.c. */
#include "rpc_fixture.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

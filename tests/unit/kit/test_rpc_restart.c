/* Planned restarts, of an instance and of the broker, as a caller lives through them. */
#include "rpc_fixture.h"

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
        .actor = { 17, 3, KIT_ROLE_CUSTOMER },
        .timeout_ms = timeout_ms,
        .may_wait = true,
        .on_done = on_done,
        .context = &f->ending,
    };
    return kit_rpc_client_call(f->client, &rpc, NULL);
}

/* As rental asks for a cancel whose customer waits for 2 s. */
static int call_of_two_times(struct fixture *f)
{
    const struct kit_rpc_call rpc = {
        .instance = "rental",
        .method = "cancel",
        .body = "{\"id\":1}",
        .body_size_bytes = 8,
        .key = "key-1",
        .traceparent = "00-1-2-3",
        .timeout_ms = 610,
        .longest_ms = 2000,
        .may_wait = true,
        .on_done = on_done,
        .context = &f->ending,
    };
    return kit_rpc_client_call(f->client, &rpc, NULL);
}

static void pass(struct fixture *f, int64_t ms)
{
    fake_world_advance(f->world, ms);
    kit_rpc_client_tick(f->client, f->world->mono_ms);
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
    assert_int_equal(sent->actor.person, 17);
    assert_int_equal(sent->actor.account, 3);
    assert_int_equal(sent->actor.role, KIT_ROLE_CUSTOMER);
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

static void test_time_of_a_held_call_stands_while_its_instance_is_expected_back(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    presence(f, RESTARTING(5, 2000));
    assert_int_equal(call_of_two_times(f), KIT_OK);
    pass(f, 1000);
    presence(f, ONLINE(6));
    assert_int_equal(sent_count(f), 1);
    assert_int_equal(fake_last(f->world, REQUEST_TOPIC)->left_ms, 610); /* all of it */
    pass(f, 609);
    assert_int_equal(f->ending.count, 0);
    pass(f, 1);
    assert_int_equal(f->ending.code, KIT_E_TIMEOUT); /* it is there, and slow */
}

static void test_time_of_a_call_under_way_stands_while_its_instance_is_expected_back(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    assert_int_equal(call_of_two_times(f), KIT_OK);
    pass(f, 110);
    presence(f, RESTARTING(5, 2000));
    pass(f, 100);
    presence(f, OFFLINE(5));
    pass(f, 600);
    presence(f, ONLINE(6));
    assert_int_equal(sent_count(f), 2);
    assert_int_equal(fake_last(f->world, REQUEST_TOPIC)->left_ms, 500);
    pass(f, 500);
    assert_int_equal(f->ending.code, KIT_E_TIMEOUT);
}

static void test_time_of_a_call_stands_while_the_link_is_expected_back(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    assert_int_equal(call_of_two_times(f), KIT_OK);
    pass(f, 10);
    kit_rpc_client_on_link(f->client, false);
    pass(f, 700);
    kit_rpc_client_on_link(f->client, true); /* and rental is not there yet */
    assert_int_equal(fake_last(f->world, REQUEST_TOPIC)->left_ms, 600);
    pass(f, 100);
    presence(f, ONLINE(6));
    assert_int_equal(sent_count(f), 3);
    assert_int_equal(fake_last(f->world, REQUEST_TOPIC)->left_ms, 600);
    pass(f, 599);
    assert_int_equal(f->ending.count, 0);
    pass(f, 1);
    assert_int_equal(f->ending.code, KIT_E_TIMEOUT);
}

/* Restart after restart: whoever gave the call waits no longer. */
static void test_time_that_stands_ends_with_the_longest_that_is_waited(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    pass(f, 10);
    assert_int_equal(call_of_two_times(f), KIT_OK);
    presence(f, RESTARTING(5, 2000));
    pass(f, 1500);
    presence(f, ONLINE(6));
    presence(f, RESTARTING(6, 2000));
    pass(f, 400);
    presence(f, ONLINE(7));
    assert_int_equal(fake_last(f->world, REQUEST_TOPIC)->left_ms, 100);
    pass(f, 99);
    assert_int_equal(f->ending.count, 0);
    pass(f, 1);
    assert_int_equal(f->ending.count, 1);
}

static void test_time_of_a_call_goes_on_when_its_instance_crashes(void **state)
{
    struct fixture *f = *state;
    presence(f, ONLINE(5));
    assert_int_equal(call_of_two_times(f), KIT_OK); /* under way */
    presence(f, RESTARTING(5, 2000));
    pass(f, 300);
    presence(f, OFFLINE(6)); /* the next one came, and has died */
    pass(f, 609);
    assert_int_equal(f->ending.count, 0);
    pass(f, 1);
    assert_int_equal(f->ending.code, KIT_E_TIMEOUT);

    presence(f, ONLINE(7));
    assert_int_equal(call_of_two_times(f), KIT_OK);
    presence(f, OFFLINE(7)); /* no plan, though a will is in doubt for a moment */
    assert_int_equal(call_of_two_times(f), KIT_OK);
    pass(f, 50);
    assert_int_equal(f->ending.count, 2);
    assert_int_equal(f->ending.code, KIT_E_UNAVAILABLE);
    pass(f, 560);
    assert_int_equal(f->ending.count, 3);
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
        TEST(test_call_of_one_that_restarts_is_held_and_goes_out_when_it_is_back),
        TEST(test_call_under_way_is_sent_again_under_its_key_to_the_next_one),
        TEST(test_call_under_way_is_answered_by_the_one_that_goes),
        TEST(test_held_call_ends_when_the_one_that_restarts_does_not_come_back),
        TEST(test_held_call_ends_at_its_own_time),
        TEST(test_time_of_a_held_call_stands_while_its_instance_is_expected_back),
        TEST(test_time_of_a_call_under_way_stands_while_its_instance_is_expected_back),
        TEST(test_time_of_a_call_stands_while_the_link_is_expected_back),
        TEST(test_time_that_stands_ends_with_the_longest_that_is_waited),
        TEST(test_time_of_a_call_goes_on_when_its_instance_crashes),
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

/* The publisher against a real log and a bus that the test plays. */
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "kit/stream/publisher.h"
#include "thing.h"

#define STREAM "lockstock/v1/stream/thing"

static void add(struct fake_service *thing, int from, int to)
{
    char key[16], body[32];
    for (int i = from; i <= to; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        snprintf(body, sizeof(body), "{\"id\":%d}", i + 100);
        (void)fake_request(thing, "bridge", "add", key, body);
    }
}

/* As add(), and the broker confirms nothing. */
static void take(struct fake_service *thing, int i)
{
    char key[16], body[32];
    snprintf(key, sizeof(key), "k%d", i);
    snprintf(body, sizeof(body), "{\"id\":%d}", i + 100);
    kit_service_on_message(thing->service, &(struct kit_message){
                                               .topic = "lockstock/v1/rpc/thing/add/bridge",
                                               .payload = body,
                                               .payload_size_bytes = strlen(body),
                                               .response_topic = "lockstock/v1/reply/bridge/thing",
                                               .has_correlation = true,
                                               .deadline_ms = thing->world->wall_ms + 1000,
                                               .status = "",
                                               .key = key,
                                               .traceparent = "",
                                           });
    kit_service_flush(thing->service);
}

static void test_events_leave_in_order_and_once(void **state)
{
    struct fake_world *world = fake_world_new(3);
    struct fake_service thing = fake_service_open(world, &thing_service, NULL, 0);
    char needle[32];
    int seen = 0;
    (void)state;
    add(&thing, 1, 20);
    for (size_t i = 0; i < world->message_count; i++) {
        if (strcmp(world->messages[i].topic, STREAM) != 0)
            continue;
        snprintf(needle, sizeof(needle), "\"sequence\":\"%d\"", ++seen);
        assert_non_null(strstr(world->messages[i].payload, needle));
        assert_int_equal(world->messages[i].qos, 1);
        assert_false(world->messages[i].retain);
    }
    assert_int_equal(seen, 20);
    fake_service_close(&thing);
    fake_world_free(world);
}

/* The broker took them and went away before it said so. */
static void test_link_down_unconfirmed_events_are_sent_again_as_one_batch(void **state)
{
    struct fake_world *world = fake_world_new(3);
    struct fake_service thing = fake_service_open(world, &thing_service, NULL, 0);
    (void)state;
    add(&thing, 1, 1);
    fake_world_forget(world);
    for (int i = 2; i <= 4; i++)
        take(&thing, i); /* each leaves in a message of its own */
    assert_int_equal(fake_count(world, STREAM), 3);
    kit_service_on_link(thing.service, false);
    fake_world_forget(world);
    kit_service_on_link(thing.service, true);
    fake_settle(&thing);
    assert_int_equal(fake_count(world, STREAM), 1);
    const struct fake_message *batch = fake_last(world, STREAM);
    assert_null(strstr(batch->payload, "\"sequence\":\"1\""));
    assert_non_null(strstr(batch->payload, "\"sequence\":\"2\""));
    assert_non_null(strstr(batch->payload, "\"sequence\":\"4\""));
    fake_service_close(&thing);
    fake_world_free(world);
}

/* The second time as the first; and what is confirmed is not sent again. */
static void test_link_down_twice_sends_until_it_is_confirmed(void **state)
{
    struct fake_world *world = fake_world_new(3);
    struct fake_service thing = fake_service_open(world, &thing_service, NULL, 0);
    (void)state;
    take(&thing, 1);
    for (int time = 0; time < 3; time++) {
        fake_world_forget(world);
        kit_service_on_link(thing.service, false);
        kit_service_on_link(thing.service, true);
        kit_service_flush(thing.service);
        assert_int_equal(fake_count(world, STREAM), time < 2);
        if (time == 1)
            fake_settle(&thing); /* the broker confirms */
    }
    fake_service_close(&thing);
    fake_world_free(world);
}

static void test_head_is_retained_on_connect_and_beats_every_half_second(void **state)
{
    struct fake_world *world = fake_world_new(3);
    struct fake_service thing = fake_service_open(world, &thing_service, NULL, 0);
    (void)state;
    const struct fake_message *head = &world->messages[0];
    assert_string_equal(head->topic, STREAM "/head");
    assert_true(head->retain);
    fake_world_forget(world);
    for (int i = 0; i < 4; i++) {
        fake_world_advance(world, 500);
        fake_settle(&thing);
    }
    assert_int_equal(fake_count(world, STREAM "/head"), 4);
    assert_false(fake_last(world, STREAM "/head")->retain);
    fake_service_close(&thing);
    fake_world_free(world);
}

/* Lets time pass in steps of 100 ms; how many heads were said. */
static size_t heads_in(struct fake_service *thing, int64_t ms)
{
    fake_world_forget(thing->world);
    for (int64_t passed = 0; passed < ms; passed += 100) {
        fake_world_advance(thing->world, 100);
        fake_settle(thing);
    }
    return fake_count(thing->world, STREAM "/head");
}

static void test_head_is_slow_when_nothing_changes_and_quick_at_once_when_something_does(
    void **state)
{
    struct fake_world *world = fake_world_new(3);
    struct fake_service thing = fake_service_open(world, &thing_service, NULL, 0);
    (void)state;
    assert_int_equal(heads_in(&thing, KIT_HEAD_BUSY_MS), KIT_HEAD_BUSY_MS / KIT_HEAD_PERIOD_MS);
    (void)heads_in(&thing, KIT_HEAD_PERIOD_MS);
    assert_int_equal(heads_in(&thing, 4 * KIT_HEAD_IDLE_MS), 4);
    (void)fake_request(&thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_int_equal(heads_in(&thing, KIT_HEAD_PERIOD_MS),
                     1); /* a lost tail is seen as soon as ever */
    assert_int_equal(heads_in(&thing, KIT_HEAD_BUSY_MS - KIT_HEAD_PERIOD_MS),
                     KIT_HEAD_BUSY_MS / KIT_HEAD_PERIOD_MS - 1);
    (void)heads_in(&thing, 2 * KIT_HEAD_IDLE_MS);
    kit_service_on_link(thing.service, false);
    kit_service_on_link(thing.service, true);
    fake_settle(&thing);
    assert_true(heads_in(&thing, KIT_HEAD_BUSY_MS) >= KIT_HEAD_BUSY_MS / KIT_HEAD_PERIOD_MS - 1);
    fake_service_close(&thing);
    fake_world_free(world);
}

static void test_broker_says_no_pauses_until_the_next_beat(void **state)
{
    struct fake_world *world = fake_world_new(3);
    struct fake_service thing = fake_service_open(world, &thing_service, NULL, 0);
    (void)state;
    fake_world_advance(world, 500);
    fake_settle(&thing);
    struct kit_message message = {
        .topic = "lockstock/v1/rpc/thing/add/bridge",
        .payload = "{\"id\":5}",
        .payload_size_bytes = 8,
        .response_topic = "lockstock/v1/reply/bridge/thing",
        .has_correlation = true,
        .deadline_ms = world->wall_ms + 1000,
        .status = "",
        .key = "k1",
        .traceparent = "",
    };
    kit_service_on_message(thing.service, &message);
    kit_service_flush(thing.service);
    const uint64_t cookie = fake_last(world, STREAM)->cookie;
    assert_int_not_equal(cookie, 0);
    kit_service_on_published(thing.service, cookie, KIT_E_FORBIDDEN);
    kit_service_flush(thing.service);
    assert_int_equal(fake_count(world, STREAM), 1);
    fake_world_advance(world, 500);
    fake_settle(&thing);
    assert_int_equal(fake_count(world, STREAM), 2);
    fake_service_close(&thing);
    fake_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_leave_in_order_and_once),
        cmocka_unit_test(test_link_down_unconfirmed_events_are_sent_again_as_one_batch),
        cmocka_unit_test(test_link_down_twice_sends_until_it_is_confirmed),
        cmocka_unit_test(test_head_is_retained_on_connect_and_beats_every_half_second),
        cmocka_unit_test(
            test_head_is_slow_when_nothing_changes_and_quick_at_once_when_something_does),
        cmocka_unit_test(test_broker_says_no_pauses_until_the_next_beat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a service says of itself: of each period, and only while the broker is there. */
#include "kit/json/gate.h"
#include "kit/rpc/topic.h"
#include "msg/wire_service_status.gen.h"
#include "thing_fixture.h"

#define TOPIC "lockstock/v1/service/thing/status"

static struct kit_service_desc slow;
static struct fake_world *slow_world; /* one process a file, so that statics serve */
static bool refuses;

/* A commit takes 3 ms, or fails. */
static int before_commit(void *app, struct kit_error *err)
{
    (void)app;
    slow_world->mono_ms += 3;
    return refuses ? kit_error_set(err, KIT_E_LIMIT, "no commit today") : KIT_OK;
}

static int set_up_slow(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    slow = thing_service;
    slow.before_commit = before_commit;
    f->world = slow_world = fake_world_new(7);
    refuses = false;
    f->thing = fake_service_open(f->world, &slow, NULL, 0);
    *state = f;
    return 0;
}

/* Lets a period pass; what is told at its end. */
static struct msg_wire_service_status next(struct fixture *f)
{
    struct msg_wire_service_status status;
    struct kit_error err = { 0 };
    cJSON *json = NULL;

    fake_world_forget(f->world);
    fake_world_advance(f->world, KIT_STATUS_PERIOD_MS);
    fake_settle(&f->thing);
    assert_int_equal(fake_count(f->world, TOPIC), 1);
    const struct fake_message *told = fake_last(f->world, TOPIC);
    assert_int_equal(told->qos, 0);
    assert_false(told->retain);
    assert_int_equal(kit_json_parse(told->payload, told->payload_size_bytes, 4096, &json, &err),
                     KIT_OK);
    assert_int_equal(msg_wire_service_status_decode(json, &status, &err), KIT_OK);
    cJSON_Delete(json);
    return status;
}

static void test_status_is_told_when_the_link_is_up_and_once_a_period(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fake_count(f->world, TOPIC), 1); /* at the start */
    fake_world_advance(f->world, KIT_STATUS_PERIOD_MS - 1);
    fake_settle(&f->thing);
    assert_int_equal(fake_count(f->world, TOPIC), 1);
    fake_world_advance(f->world, 1);
    fake_settle(&f->thing);
    assert_int_equal(fake_count(f->world, TOPIC), 2);

    kit_service_on_link(f->thing.service, false);
    fake_world_advance(f->world, 10 * KIT_STATUS_PERIOD_MS);
    fake_settle(&f->thing);
    assert_int_equal(fake_count(f->world, TOPIC), 2);
    kit_service_on_link(f->thing.service, true);
    fake_settle(&f->thing);
    assert_int_equal(fake_count(f->world, TOPIC), 3);
}

static void test_status_of_a_quiet_period_is_all_nothing(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine"); /* also answers the question that was asked at the start */
    (void)next(f);
    const struct msg_wire_service_status status = next(f);
    assert_true(status.has_epoch);
    assert_int_equal(strlen(status.epoch), 32);
    assert_string_equal(status.version, LOCKSTOCK_VERSION);
    assert_int_equal(status.ready, SERVICE_READY_YES);
    assert_false(status.has_why);
    assert_int_equal(status.uptime_s, 2 * KIT_STATUS_PERIOD_MS / 1000);
    assert_int_equal(status.period_ms, KIT_STATUS_PERIOD_MS);
    assert_int_equal(status.requests + status.requests_open + status.calls_open, 0);
    assert_int_equal(status.device_messages + status.events_out + status.commits, 0);
    assert_int_equal(status.dead_letters + status.lag_events, 0);
    assert_int_equal(status.follows_count, 1);
    assert_string_equal(status.follows[0].source, "product");
    assert_false(status.has_readers);
}

static void test_status_counts_what_was_done_since_the_last(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    (void)next(f);
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    (void)fake_request(&f->thing, "bridge", "get", "", "{\"id\":5}");
    (void)fake_request(&f->thing, "bridge", "add", "k2", "{\"id\":13}"); /* refused */
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":6}");
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":13}"); /* refused: not counted */
    send_product(f, 2, "fine");
    send_product(f, 3, "refuse"); /* parked: it is settled too */
    struct msg_wire_service_status status = next(f);
    assert_int_equal(status.requests, 3);
    assert_true(status.has_device_messages);
    assert_int_equal(status.device_messages, 1);
    assert_int_equal(status.follows[0].events, 2);
    assert_int_equal(status.dead_letters, 1);
    assert_true(status.events_out > 0);
    assert_true(status.commits > 0);
    status = next(f);
    assert_int_equal(status.requests + status.device_messages + status.follows[0].events, 0);
    assert_int_equal(status.dead_letters, 1);
}

static void test_status_tells_what_waits(void **state)
{
    static const char HEAD[] = "{\"source\":\"product\",\"epoch\":\"" FAKE_EPOCH "\",\"seq\":9}";
    const struct kit_message head = { .topic = "lockstock/v1/stream/product/head",
                                      .payload = HEAD,
                                      .payload_size_bytes = sizeof(HEAD) - 1 };
    struct fixture *f = *state;

    send_product(f, 1, "fine");
    kit_service_on_message(f->thing.service, &head);
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":97}"); /* answered much later */
    const struct msg_wire_service_status status = next(f);
    assert_int_equal(status.lag_events, 8);
    assert_int_equal(status.follows[0].lag, 8);
    assert_int_equal(status.requests_open, 1);
}

static void test_status_tells_how_long_commits_take(void **state)
{
    struct fixture *f = *state;
    (void)next(f);
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    (void)fake_request(&f->thing, "bridge", "add", "k2", "{\"id\":6}");
    struct msg_wire_service_status status = next(f);
    assert_true(status.commits >= 2);
    assert_int_equal(status.commit_mean_us, 3000);
    assert_int_equal(status.commit_max_ms, 3);
    status = next(f);
    assert_int_equal(status.commit_max_ms, 0);
    assert_int_equal(status.commit_mean_us, 0);
}

static void test_status_says_why_it_is_not_ready(void **state)
{
    struct fixture *f = *state;
    refuses = true;
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    const struct msg_wire_service_status status = next(f);
    assert_int_equal(status.ready, SERVICE_READY_NO);
    assert_string_equal(status.why, "no commit today");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define SLOW(name) cmocka_unit_test_setup_teardown(name, set_up_slow, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_status_is_told_when_the_link_is_up_and_once_a_period),
        TEST(test_status_of_a_quiet_period_is_all_nothing),
        TEST(test_status_counts_what_was_done_since_the_last),
        TEST(test_status_tells_what_waits),
        SLOW(test_status_tells_how_long_commits_take),
        SLOW(test_status_says_why_it_is_not_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a service does when its wall clock jumps (schemas/rules/time.md). */
#include "kit/base/timekeeper.h"
#include "thing_fixture.h"

#define HEAD "lockstock/v1/stream/thing/head"
#define DAY_MS INT64_C(86400000)
#define TURN_MS 11000 /* stored answers have their turn */

static void settle_after(struct fixture *f, int64_t ms)
{
    fake_world_advance(f->world, ms);
    fake_settle(&f->thing);
}

static void add(struct fixture *f, const char *key, const char *json)
{
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", key, json);
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
}

static int64_t answers(struct fixture *f)
{
    return fake_sql_int(&f->thing, "SELECT count(*) FROM rpc_response");
}

/* The head of product says what time it is there. */
static void hear(struct fixture *f, int64_t now_ms, bool retain)
{
    const char json[] = "{\"source\":\"product\",\"epoch\":\"" FAKE_EPOCH "\",\"seq\":0}";
    const struct kit_message message = { .topic = "lockstock/v1/stream/product/head",
                                         .payload = json,
                                         .payload_size_bytes = sizeof(json) - 1,
                                         .retain = retain,
                                         .now_ms = now_ms,
                                         .response_topic = "",
                                         .status = "",
                                         .key = "",
                                         .traceparent = "" };
    kit_service_on_message(f->thing.service, &message);
    fake_settle(&f->thing);
}

/* The next head tells the time of the wall clock, or none. */
static bool is_told(struct fixture *f)
{
    fake_world_forget(f->world);
    settle_after(f, 1000);
    const struct fake_message *head = fake_last(f->world, HEAD);
    assert_non_null(head);
    assert_true(head->now_ms == 0 || head->now_ms == f->world->wall_ms);
    return head->now_ms != 0;
}

static void test_stored_answer_outlives_a_step_of_days(void **state)
{
    struct fixture *f = *state;
    add(f, "k1", "{\"id\":5}");
    f->world->wall_ms += 3 * DAY_MS;
    settle_after(f, TURN_MS);
    add(f, "k1", "{\"id\":5}"); /* said again */
    assert_int_equal(things(f), 1);
    fake_service_crash(&f->thing);
    settle_after(f, TURN_MS);
    add(f, "k1", "{\"id\":5}");
    fake_service_reopen(&f->thing);
    settle_after(f, TURN_MS);
    add(f, "k1", "{\"id\":5}");
    f->world->wall_ms -= 6 * DAY_MS;
    add(f, "k2", "{\"id\":6}");
    f->world->wall_ms += 3 * DAY_MS;
    settle_after(f, TURN_MS);
    add(f, "k2", "{\"id\":6}");
    assert_int_equal(things(f), 2);
}

static void test_stored_answer_ends_after_a_day(void **state)
{
    struct fixture *f = *state;
    add(f, "k1", "{\"id\":5}");
    settle_after(f, DAY_MS - TURN_MS);
    assert_int_equal(answers(f), 1);
    settle_after(f, 2 * TURN_MS);
    assert_int_equal(answers(f), 0);
}

static void test_stored_answer_ends_after_days_without_the_service(void **state)
{
    struct fixture *f = *state;
    add(f, "k1", "{\"id\":5}");
    fake_service_close(&f->thing);
    f->world->wall_ms += 3 * DAY_MS; /* the machine was off */
    f->world->mono_ms = 1000;
    f->thing = fake_service_open(f->world, &thing_service, NULL, 0);
    settle_after(f, KIT_TIME_QUARANTINE_MS - TURN_MS);
    assert_int_equal(answers(f), 1);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT at_ms FROM confirmed_time") / DAY_MS,
                     f->world->wall_ms / DAY_MS - 3);
    settle_after(f, 2 * TURN_MS);
    settle_after(f, TURN_MS);
    assert_int_equal(answers(f), 0);
}

static int64_t last_made_ms(struct fixture *f)
{
    return fake_sql_int(&f->thing, "SELECT made_at_ms FROM rpc_response ORDER BY id DESC LIMIT 1");
}

/* After days without power the present is the wall clock, also for a process that dies meanwhile;
 * in a jump that a process has seen it is not. */
static void test_time_after_a_crash_is_that_of_before(void **state)
{
    struct fixture *f = *state;
    fake_service_crash(&f->thing);
    f->world->wall_ms += 3 * DAY_MS;
    fake_service_crash(&f->thing);
    settle_after(f, TURN_MS);
    fake_service_crash(&f->thing);
    add(f, "k1", "{\"id\":5}");
    assert_int_equal(last_made_ms(f), f->world->wall_ms);
    settle_after(f, KIT_TIME_QUARANTINE_MS);
    settle_after(f, TURN_MS);
    fake_service_reopen(&f->thing);
    f->world->wall_ms += 3 * DAY_MS;
    fake_settle(&f->thing);
    fake_service_crash(&f->thing); /* at once */
    add(f, "k2", "{\"id\":6}");
    assert_in_range(f->world->wall_ms - last_made_ms(f), 3 * DAY_MS, 3 * DAY_MS + 1);
}

static void test_time_of_what_is_written_does_not_jump(void **state)
{
    struct fixture *f = *state;
    const int64_t begin_ms = f->world->wall_ms;
    f->world->wall_ms -= 3 * DAY_MS;
    add(f, "k1", "{\"id\":5}");
    assert_int_equal(fake_sql_int(&f->thing, "SELECT made_at_ms FROM rpc_response"), begin_ms);
}

static void test_head_tells_the_time_when_it_is_beyond_doubt(void **state)
{
    struct fixture *f = *state;
    assert_false(is_told(f)); /* nothing but the wall clock says so */
    fake_service_reopen(&f->thing);
    assert_true(is_told(f));
    f->world->wall_ms += 3 * DAY_MS;
    assert_false(is_told(f));
    hear(f, f->world->wall_ms, true); /* retained: of whenever */
    assert_false(is_told(f));
    assert_int_equal(kit_service_clock_apart_ms(f->thing.service), 3 * DAY_MS);
    hear(f, f->world->wall_ms, false);
    assert_true(is_told(f));
    assert_int_equal(kit_service_sure_ms(f->thing.service), f->world->wall_ms);
}

static void test_time_is_kept_every_10_s(void **state)
{
    struct fixture *f = *state;
    const int64_t begin_ms = f->world->wall_ms;
    settle_after(f, 9000);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT at_ms FROM confirmed_time"), begin_ms);
    settle_after(f, 2000);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT at_ms FROM confirmed_time"), begin_ms + 11000);
    settle_after(f, 1000);
    fake_service_reopen(&f->thing);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT at_ms FROM confirmed_time"),
                     f->world->wall_ms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stored_answer_outlives_a_step_of_days),
        TEST(test_stored_answer_ends_after_a_day),
        TEST(test_stored_answer_ends_after_days_without_the_service),
        TEST(test_time_after_a_crash_is_that_of_before),
        TEST(test_time_of_what_is_written_does_not_jump),
        TEST(test_head_tells_the_time_when_it_is_beyond_doubt),
        TEST(test_time_is_kept_every_10_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A log with a limit: its oldest rows go, a few at a commit, and the numbers go on. */
#include "thing_fixture.h"

#include "kit/stream/log.h"

#define ROWS_MAX 10
#define ROWS_MOST (ROWS_MAX + KIT_LOG_TRIM_ROWS - 1) /* that may be there */

static struct kit_service_desc bounded;
static bool refuses; /* one process a file, so that a static serves */

static int before_commit(void *app, struct kit_error *err)
{
    (void)app;
    return refuses ? kit_error_set(err, KIT_E_LIMIT, "no commit") : KIT_OK;
}

static int set_up_bounded(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    bounded = thing_service;
    bounded.log_rows_max = ROWS_MAX;
    bounded.before_commit = before_commit;
    refuses = false;
    f->world = fake_world_new(7);
    f->thing = fake_service_open(f->world, &bounded, NULL, 0);
    *state = f;
    return 0;
}

/* One row of the log each, and as few commits as the runtime makes of them. */
static void add(struct fixture *f, int64_t first, int64_t last)
{
    fake_world_forget(f->world);
    for (int64_t id = first; id <= last; id++) {
        char key[32], json[48];
        snprintf(key, sizeof(key), "k%" PRId64, id);
        snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", 1000 + id);
        struct kit_message message = good_request(f);
        message.key = key;
        message.payload = json;
        message.payload_size_bytes = strlen(json);
        kit_service_on_message(f->thing.service, &message);
    }
    fake_settle(&f->thing);
}

static void assert_rows(struct fixture *f, int64_t first, int64_t last)
{
    assert_int_equal(fake_sql_int(&f->thing, "SELECT min(seq) FROM event_log"), first);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT max(seq) FROM event_log"), last);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM event_log"), last - first + 1);
}

static void test_oldest_rows_go_when_there_are_enough_of_them(void **state)
{
    struct fixture *f = *state;
    add(f, 1, ROWS_MOST);
    assert_rows(f, 1, ROWS_MOST);
    add(f, ROWS_MOST + 1, ROWS_MOST + 1);
    assert_rows(f, KIT_LOG_TRIM_ROWS + 1, ROWS_MOST + 1);
    const char *last = fake_last(f->world, "lockstock/v1/stream/thing")->payload;
    assert_non_null(strstr(last, "\"sequence\":\"1034\""));

    fake_service_reopen(&f->thing); /* the numbers go on, and the next rows go in time */
    add(f, ROWS_MOST + 2, 2 * KIT_LOG_TRIM_ROWS + ROWS_MAX);
    assert_rows(f, 2 * KIT_LOG_TRIM_ROWS + 1, 2 * KIT_LOG_TRIM_ROWS + ROWS_MAX);
}

static void test_replay_from_before_the_first_row_answers_with_what_is_there(void **state)
{
    struct fixture *f = *state;
    add(f, 1, ROWS_MOST + 1);
    const struct fake_message *reply = fake_request(&f->thing, "friend", "replay", "",
                                                    "{\"after\":0,\"limit\":1}");
    assert_string_equal(reply->status, "ok");
    assert_non_null(strstr(reply->payload, "\"head\":1034,"));
    assert_non_null(strstr(reply->payload, "\"sequence\":\"1025\""));
}

/* The deletion is a part of the commit. */
static void test_commit_that_fails_deletes_nothing(void **state)
{
    struct fixture *f = *state;
    add(f, 1, ROWS_MOST);
    refuses = true;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "more",
                                                    "{\"id\":7}");
    assert_string_not_equal(reply->status, "ok");
    assert_rows(f, 1, ROWS_MOST);
    refuses = false;
    add(f, ROWS_MOST + 1, ROWS_MOST + 1);
    assert_rows(f, KIT_LOG_TRIM_ROWS + 1, ROWS_MOST + 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_bounded, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_oldest_rows_go_when_there_are_enough_of_them),
        TEST(test_replay_from_before_the_first_row_answers_with_what_is_there),
        TEST(test_commit_that_fails_deletes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

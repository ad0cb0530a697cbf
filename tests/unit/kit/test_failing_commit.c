/* A COMMIT that fails, as by an error of the disk at its very end: nothing of the batch happened,
 * so nothing of it may be told. (A statement that fails is another thing: test_full_disk.c.) */
#include "thing_fixture.h"

#define REPLY "lockstock/v1/reply/bridge/thing"
#define STREAM "lockstock/v1/stream/thing"
#define ACK "lockstock/v1/device/main/scanner/scanner-1/ack"

static void set_failing(struct fixture *f, bool is_failing)
{
    static struct commits commits; /* one process a file, so that a static serves */
    watch_commits(f, &commits);
    commits.fail = is_failing;
    fake_world_forget(f->world);
}

static void take_request(struct fixture *f, const char *method, const char *key)
{
    char topic[KIT_TOPIC_SIZE];
    struct kit_message message = good_request(f);
    snprintf(topic, sizeof(topic), "lockstock/v1/rpc/thing/%s/bridge", method);
    message.topic = topic;
    message.key = key;
    kit_service_on_message(f->thing.service, &message);
}

static void take_record(struct fixture *f)
{
    const struct kit_message message = {
        .topic = "lockstock/v1/device/main/scanner/scanner-1/up",
        .payload = "{\"id\":6}",
        .payload_size_bytes = 8,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    kit_service_on_message(f->thing.service, &message);
}

static size_t ok_replies(const struct fixture *f)
{
    size_t count = 0;
    for (size_t i = 0; i < f->world->message_count; i++)
        count += strcmp(f->world->messages[i].topic, REPLY) == 0 &&
                 strcmp(f->world->messages[i].status, "ok") == 0;
    return count;
}

static void test_commit_that_fails_lets_no_answer_ack_or_event_leave(void **state)
{
    struct fixture *f = *state;
    set_failing(f, true);
    take_request(f, "add", "k1");
    take_record(f);
    fake_settle(&f->thing);
    assert_int_equal(things(f), 0);
    assert_int_equal(ok_replies(f), 0);
    assert_int_equal(fake_count(f->world, REPLY), 1); /* the apology */
    assert_non_null(strstr(fake_last(f->world, REPLY)->payload, "nothing was changed"));
    assert_int_equal(fake_count(f->world, ACK), 0);
    assert_int_equal(fake_count(f->world, STREAM), 0);
    assert_non_null(kit_service_not_ready(f->thing.service));

    set_failing(f, false); /* the same again: as if for the first time */
    take_request(f, "add", "k1");
    take_record(f);
    fake_settle(&f->thing);
    assert_int_equal(things(f), 2);
    assert_int_equal(ok_replies(f), 1);
    assert_int_equal(fake_count(f->world, ACK), 1);
    assert_non_null(strstr(fake_last(f->world, STREAM)->payload, "\"sequence\":\"1\""));
    assert_null(kit_service_not_ready(f->thing.service));
}

/* What a read saw of a batch that was undone is no truth to tell. */
static void test_commit_that_fails_takes_back_what_reads_saw_of_it(void **state)
{
    struct fixture *f = *state;
    set_failing(f, true);
    take_request(f, "get", ""); /* saw what is true all the same */
    take_request(f, "add", "k1");
    take_request(f, "get", "");
    fake_settle(&f->thing);
    assert_int_equal(fake_count(f->world, REPLY), 3);
    assert_int_equal(ok_replies(f), 1);
    assert_string_equal(f->world->messages[0].payload, "{\"after\":0,\"limit\":1}");
    assert_string_equal(f->world->messages[0].status, "ok");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_commit_that_fails_lets_no_answer_ack_or_event_leave),
        TEST(test_commit_that_fails_takes_back_what_reads_saw_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How the processes were: which samples are kept, and what GET /processes/history tells of them. */
#include "bridge/history.h"
#include "bridge/local.h"
#include "kit/base/text.h"
#include "request_world.h"

#define START_MS INT64_C(1790000000000)

static struct msg_http_process_list list;

static int set_up_history(void **state)
{
    set_up(state);
    history_init(&bridge.history);
    memset(&list, 0, sizeof(list));
    list.at_ms = START_MS;
    list.broker.link = BROKER_LINK_UP;
    list.embedded.processes_count = 2;
    kit_text_copy(list.embedded.processes[0].instance, sizeof(list.embedded.processes[0].instance),
                  "bridge");
    kit_text_copy(list.embedded.processes[1].instance, sizeof(list.embedded.processes[1].instance),
                  "stock");
    list.embedded.processes[1].state = PROCESS_STATE_SILENT;
    return 0;
}

static int tear_down_history(void **state)
{
    history_done(&bridge.history);
    return tear_down(state);
}

/* Both clocks are at once `ms` after the start; true: a sample was taken. */
static bool look(int64_t ms)
{
    list.at_ms = START_MS + ms;
    return history_take(&bridge.history, &list, ms);
}

static size_t count_samples(const char *text)
{
    size_t count = 0;
    for (const char *at = strstr(text, "{\"at\":"); at != NULL; at = strstr(at + 1, "{\"at\":"))
        count++;
    return count;
}

/* Samples since a time, and where more begin. */
static size_t written(int64_t since_ms, int64_t *ret_next_ms)
{
    struct kit_buf out;
    kit_buf_init(&out, BRIDGE_ANSWER_BYTES_MAX);
    *ret_next_ms = history_write(&bridge.history, since_ms, &out);
    assert_false(out.overflow);
    const size_t count = count_samples(out.data);
    kit_buf_done(&out);
    return count;
}

static void test_one_is_kept_each_ten_seconds(void **state)
{
    (void)state;
    assert_true(look(0));
    assert_false(look(2000));
    assert_false(look(9999));
    assert_true(look(10000));
    assert_int_equal(bridge.history.count, 2);
}

static void test_a_change_is_kept_at_once(void **state)
{
    (void)state;
    assert_true(look(0));
    list.embedded.processes[1].state = PROCESS_STATE_READY;
    assert_true(look(2000));
    assert_false(look(4000));
    list.broker.link = BROKER_LINK_DOWN;
    assert_true(look(6000));
    list.embedded.processes_count = 1;
    assert_true(look(8000));
}

static void test_older_than_an_hour_is_forgotten(void **state)
{
    (void)state;
    for (int64_t ms = 0; ms <= 2 * HISTORY_AGE_MS_MAX; ms += HISTORY_PERIOD_MS)
        assert_true(look(ms));
    assert_int_equal(bridge.history.count, HISTORY_AGE_MS_MAX / HISTORY_PERIOD_MS + 1);
    assert_int_equal(bridge.history.samples[bridge.history.first].at_ms,
                     START_MS + HISTORY_AGE_MS_MAX);
}

static void test_there_are_never_too_many(void **state)
{
    (void)state;
    for (int64_t ms = 0; ms < 2000 * 2 * HISTORY_SAMPLES_MAX; ms += 2000) {
        list.embedded.processes[1].state ^= 1; /* it flaps */
        assert_true(look(ms));
    }
    assert_int_equal(bridge.history.count, HISTORY_SAMPLES_MAX);
}

static void test_bytes_are_bounded_and_counted(void **state)
{
    (void)state;
    list.embedded.processes_count = PROCESSES_MAX + 1;
    for (size_t i = 0; i <= PROCESSES_MAX; i++) {
        struct msg_http_process *one = &list.embedded.processes[i];
        kit_text_copy(one->instance, sizeof(one->instance), "stock");
        kit_text_copy(one->status.version, sizeof(one->status.version), "0.3.0");
        one->has_status = one->status.has_why = true;
        one->status.period_ms = 2000;
        memset(one->status.why, 'y', sizeof(one->status.why) - 1);
    }
    for (int64_t ms = 0; ms <= HISTORY_AGE_MS_MAX; ms += HISTORY_PERIOD_MS)
        assert_true(look(ms));
    size_t sum = 0;
    for (size_t i = 0; i < HISTORY_SAMPLES_MAX; i++)
        sum += bridge.history.samples[i].text.size_bytes;
    assert_int_equal(bridge.history.bytes, sum);
    assert_in_range(sum, HISTORY_BYTES_MAX / 2, HISTORY_BYTES_MAX);
}

static void test_written_in_pieces_none_twice(void **state)
{
    (void)state;
    int64_t since_ms = 0, next_ms = 0;
    size_t sum = 0, pieces = 0;
    for (int64_t ms = 0; ms < 150 * HISTORY_PERIOD_MS; ms += HISTORY_PERIOD_MS)
        assert_true(look(ms));
    do {
        sum += written(since_ms, &next_ms);
        pieces++;
        since_ms = next_ms;
    } while (next_ms > 0);
    assert_int_equal(sum, 150);
    assert_int_equal(pieces, 3);
    assert_int_equal(written(START_MS + 148 * HISTORY_PERIOD_MS, &next_ms), 1);
    assert_int_equal(next_ms, 0);
    assert_int_equal(written(START_MS + 149 * HISTORY_PERIOD_MS, &next_ms), 0);
}

/* What is left would claim to be younger than all that comes, and hide it from whoever asks for
 * what is new. */
static void test_clock_set_back_hides_nothing(void **state)
{
    (void)state;
    int64_t next_ms = 0;
    for (int64_t ms = 0; ms < 100 * HISTORY_PERIOD_MS; ms += HISTORY_PERIOD_MS)
        assert_true(look(ms));
    list.at_ms = START_MS + 39 * HISTORY_PERIOD_MS + 1;
    assert_true(history_take(&bridge.history, &list, 100 * HISTORY_PERIOD_MS));
    assert_int_equal(bridge.history.count, 41);
    assert_int_equal(written(START_MS + 39 * HISTORY_PERIOD_MS, &next_ms), 1);
    size_t sum = 0;
    for (size_t i = 0; i < HISTORY_SAMPLES_MAX; i++)
        sum += bridge.history.samples[i].text.size_bytes;
    assert_int_equal(bridge.history.bytes, sum);
    list.at_ms = 0;
    assert_true(history_take(&bridge.history, &list, 101 * HISTORY_PERIOD_MS));
    assert_int_equal(bridge.history.count, 1);
}

static void test_answer_over_http(void **state)
{
    (void)state;
    list.broker.has_round_trip_ms = true;
    list.broker.round_trip_ms = 3;
    assert_true(look(0));
    struct request *request = start("GET", "/processes/history", &plain, NULL);
    assert_int_equal(request->answer.status, 200);
    assert_string_equal(request->answer.content_type, "application/hal+json");
    assert_string_equal(
        request->answer.body.data,
        "{\"_embedded\":{\"samples\":[{\"at\":\"2026-09-21T14:13:20.000Z\","
        "\"broker\":{\"link\":\"up\",\"roundTripMs\":3},\"processes\":["
        "{\"instance\":\"bridge\",\"state\":\"ready\"},{\"instance\":\"stock\",\"state\":"
        "\"silent\"}"
        "]}]},\"_links\":{\"self\":{\"href\":\"http://shop:8080/processes/history\"}}}");
    request_free(request);
    request = start("GET", "/processes/history?since=2026-09-21T14%3A13%3A20.000Z", &plain, NULL);
    assert_non_null(strstr(request->answer.body.data, "\"samples\":[]"));
    assert_non_null(strstr(request->answer.body.data, "?since=2026-09-21T14:13:20.000Z\""));
    request_free(request);
}

static void test_since_that_is_no_time_is_refused(void **state)
{
    (void)state;
    const char *const targets[] = { "?since=", "?since=yesterday", "?after=3",
                                    "?since=2026-09-21T14:13:20Z",
                                    "?since=2026-09-21T14:13:20.000Z&page=1" };
    for (size_t i = 0; i < KIT_COUNT(targets); i++) {
        char target[100];
        snprintf(target, sizeof(target), "/processes/history%s", targets[i]);
        struct request *request = start("GET", target, &plain, NULL);
        assert_problem(request, 400, "invalid-query");
        request_free(request);
    }
}

int main(void)
{
#define HISTORY(name) cmocka_unit_test_setup_teardown(name, set_up_history, tear_down_history)
    const struct CMUnitTest tests[] = {
        HISTORY(test_one_is_kept_each_ten_seconds),     HISTORY(test_a_change_is_kept_at_once),
        HISTORY(test_older_than_an_hour_is_forgotten),  HISTORY(test_there_are_never_too_many),
        HISTORY(test_bytes_are_bounded_and_counted),    HISTORY(test_written_in_pieces_none_twice),
        HISTORY(test_clock_set_back_hides_nothing),     HISTORY(test_answer_over_http),
        HISTORY(test_since_that_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a device and its service have said to each other: records, acks, verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world/traffic.h"

#define EPOCH "0123456789abcdef0123456789abcdef"

static void up(struct sim_traffic *traffic, const char *records)
{
    char text[400];
    (void)snprintf(text, sizeof(text),
                   "{\"epoch\":\"" EPOCH "\",\"boot\":2,\"firstSeq\":1,\"configRevision\":0,"
                   "\"bounced\":4,\"unreadable\":0,\"overflowed\":0,\"records\":[%s]}",
                   records);
    sim_traffic_on_up(traffic, text, strlen(text));
}

static void ack(struct sim_traffic *traffic, const char *epoch, int seq, const char *verdicts)
{
    char text[400];
    (void)snprintf(text, sizeof(text), "{\"epoch\":\"%s\",\"seq\":%d,\"now\":1,\"verdicts\":[%s]}",
                   epoch, seq, verdicts);
    sim_traffic_on_ack(traffic, text, strlen(text));
}

static int64_t counter(const struct sim_traffic *traffic, const char *name)
{
    int64_t value = -1;
    assert_true(sim_traffic_counter(traffic, name, &value));
    return value;
}

static void test_traffic_config_unstored_until_device_says(void **state)
{
    static const char config[] = "{\"revision\":7,\"now\":1,\"grants\":[]}";
    static const char said[] = "{\"epoch\":\"" EPOCH "\",\"configRevision\":7,\"records\":[]}";
    struct sim_traffic traffic = { 0 };

    (void)state;
    up(&traffic, "");
    assert_int_equal(counter(&traffic, "configUnstored"), 0);
    sim_traffic_on_config(&traffic, config, strlen(config));
    assert_int_equal(counter(&traffic, "configUnstored"), 1);
    up(&traffic, "{\"seq\":1}"); /* of before */
    assert_int_equal(counter(&traffic, "configUnstored"), 1);
    sim_traffic_on_config(&traffic, "?", 1);
    sim_traffic_on_up(&traffic, said, strlen(said));
    assert_int_equal(counter(&traffic, "configUnstored"), 0);
    sim_traffic_done(&traffic);
}

static void test_traffic_counts_records_and_verdicts_once(void **state)
{
    static const char verdict[] =
        "{\"seq\":1,\"result\":\"accepted\",\"signal\":\"ok\",\"prompt\":\"p\"}";
    struct sim_traffic traffic = { 0 };
    int64_t value = 0;

    (void)state;
    up(&traffic, "{\"seq\":1},{\"seq\":2}");
    up(&traffic, "{\"seq\":1},{\"seq\":2}"); /* sent again */
    assert_int_equal(counter(&traffic, "records"), 2);
    assert_int_equal(counter(&traffic, "unacked"), 2);
    assert_int_equal(counter(&traffic, "bounced"), 4);
    ack(&traffic, "ffffffffffffffffffffffffffffffff", 2, verdict); /* another epoch */
    ack(&traffic, EPOCH, 9, "");                                   /* beyond what was sent */
    assert_int_equal(counter(&traffic, "acked"), 0);
    ack(&traffic, EPOCH, 1, verdict);
    ack(&traffic, EPOCH, 1, verdict); /* told again */
    assert_int_equal(counter(&traffic, "acked"), 1);
    assert_int_equal(counter(&traffic, "verdicts"), 1);
    up(&traffic, "{\"seq\":4}");
    assert_int_equal(counter(&traffic, "gaps"), 1);
    assert_false(sim_traffic_counter(&traffic, "nope", &value));
    sim_traffic_on_up(&traffic, "{garbage", 8);
    sim_traffic_on_ack(&traffic, "[]", 2);
    assert_int_equal(counter(&traffic, "records"), 3);
    sim_traffic_done(&traffic);
}

static void test_traffic_verdict_after_the_ack_of_a_hello_is_counted(void **state)
{
    static const char verdict[] =
        "{\"seq\":2,\"result\":\"accepted\",\"signal\":\"ok\",\"prompt\":\"p\"}";
    struct sim_traffic traffic = { 0 };

    (void)state;
    up(&traffic, "{\"seq\":1},{\"seq\":2}"); /* its ack gets lost, and the device restarts */
    up(&traffic, "");
    ack(&traffic, EPOCH, 2, "");
    assert_int_equal(counter(&traffic, "unacked"), 0);
    assert_int_equal(counter(&traffic, "verdicts"), 0);
    up(&traffic, "{\"seq\":1},{\"seq\":2},{\"seq\":3}");
    ack(&traffic, EPOCH, 3, verdict);
    assert_int_equal(counter(&traffic, "verdicts"), 1);
    sim_traffic_done(&traffic);
}

static void test_traffic_that_is_forgotten_goes_on(void **state)
{
    static const char first[] =
        "{\"seq\":1,\"result\":\"accepted\",\"signal\":\"ok\",\"prompt\":\"one\"}";
    static const char second[] =
        "{\"seq\":2,\"result\":\"accepted\",\"signal\":\"ok\",\"prompt\":\"two\"}";
    struct sim_traffic traffic = { 0 };

    (void)state;
    up(&traffic, "{\"seq\":1}");
    sim_traffic_keep_up(&traffic, 0, "{}", 2);
    ack(&traffic, EPOCH, 1, first);
    sim_traffic_forget(&traffic);
    assert_int_equal(counter(&traffic, "verdicts"), 0);
    assert_int_equal(traffic.up_count, 0);
    up(&traffic, "{\"seq\":2}");
    ack(&traffic, EPOCH, 2, first); /* a repetition is no news after that, either */
    ack(&traffic, EPOCH, 2, second);
    assert_int_equal(counter(&traffic, "verdicts"), 1);
    assert_string_equal(traffic.verdicts[0].prompt, "two");
    sim_traffic_done(&traffic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_traffic_config_unstored_until_device_says),
        cmocka_unit_test(test_traffic_counts_records_and_verdicts_once),
        cmocka_unit_test(test_traffic_verdict_after_the_ack_of_a_hello_is_counted),
        cmocka_unit_test(test_traffic_that_is_forgotten_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

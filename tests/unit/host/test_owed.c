/* What every process sees of its own debts (kit/process/degraded.c): the queues, the broker, the
 * disk. The bus and the host are made up here, as a real queue of thousands needs a real flood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/process/process.h"

static struct {
    struct kit_bus_stats stats;
    const char *not_ready;
    int64_t mono_ms;
} now;

void kit_bus_paho_stats(const struct kit_bus_paho *bus, struct kit_bus_stats *ret_stats)
{
    (void)bus;
    *ret_stats = now.stats;
}

const char *kit_host_not_ready(const struct kit_host *host)
{
    (void)host;
    return now.not_ready;
}

static int64_t read_ms(void *self)
{
    (void)self;
    return now.mono_ms;
}

static void write_log(void *self, enum kit_level level, const char *event, const char *text)
{
    (void)self;
    (void)level;
    (void)event;
    (void)text;
}

static struct kit_host host;
static struct kit_degraded degraded;

static int set_up(void **state)
{
    static const struct kit_clock clock = { read_ms, read_ms, NULL };
    static const struct kit_log log = { .write = write_log };
    (void)state;
    memset(&now, 0, sizeof(now));
    memset(&host, 0, sizeof(host));
    host.clock = &clock;
    host.bus = (struct kit_bus_paho *)&host; /* anything that is not NULL */
    kit_degraded_init(&degraded, &log);
    return 0;
}

static bool owes_after(enum degraded_reason reason, int64_t ms)
{
    now.mono_ms += ms;
    kit_host_look(&host, &degraded);
    return degraded.is_on[reason];
}

static void assert_says(enum degraded_reason reason, const char *part)
{
    if (strstr(degraded.reasons[reason].text, part) == NULL)
        fail_msg("\"%s\" without \"%s\"", degraded.reasons[reason].text, part);
}

static void test_queue_that_is_half_full_for_two_seconds_is_owed(void **state)
{
    (void)state;
    now.stats.inbound_waiting = 4095;
    assert_false(owes_after(DEGRADED_REASON_QUEUE, 0));
    assert_false(owes_after(DEGRADED_REASON_QUEUE, 60000));
    now.stats.inbound_waiting = 4096;
    assert_false(owes_after(DEGRADED_REASON_QUEUE, 0));
    assert_false(owes_after(DEGRADED_REASON_QUEUE, 1999));
    assert_true(owes_after(DEGRADED_REASON_QUEUE, 1));
    assert_says(DEGRADED_REASON_QUEUE, "4096 messages wait to be worked off; beyond 8192");
}

static void test_queue_is_owed_until_an_eighth_is_left_for_five_seconds(void **state)
{
    (void)state;
    now.stats.outbound_waiting = 5000;
    assert_false(owes_after(DEGRADED_REASON_QUEUE, 0));
    assert_true(owes_after(DEGRADED_REASON_QUEUE, 2000));
    assert_says(DEGRADED_REASON_QUEUE, "5000 messages wait for the broker");
    now.stats.outbound_waiting = 1025;
    assert_true(owes_after(DEGRADED_REASON_QUEUE, 60000));
    now.stats.outbound_waiting = 1024;
    assert_true(owes_after(DEGRADED_REASON_QUEUE, 0));
    assert_true(owes_after(DEGRADED_REASON_QUEUE, 4999));
    assert_false(owes_after(DEGRADED_REASON_QUEUE, 1));
}

static void test_longer_one_of_the_two_queues_is_named(void **state)
{
    (void)state;
    now.stats.inbound_waiting = 6000;
    now.stats.outbound_waiting = 7000;
    (void)owes_after(DEGRADED_REASON_QUEUE, 0);
    assert_true(owes_after(DEGRADED_REASON_QUEUE, 2000));
    assert_says(DEGRADED_REASON_QUEUE, "7000 messages wait for the broker");
    now.stats.inbound_waiting = 8000;
    (void)owes_after(DEGRADED_REASON_QUEUE, 1);
    assert_says(DEGRADED_REASON_QUEUE, "8000 messages wait to be worked off");
}

static void test_host_without_a_bus_owes_no_queue(void **state)
{
    (void)state;
    now.stats.inbound_waiting = 8192;
    host.bus = NULL;
    (void)owes_after(DEGRADED_REASON_QUEUE, 0);
    assert_false(owes_after(DEGRADED_REASON_QUEUE, 60000));
}

static void test_broker_that_is_away_for_two_seconds_is_owed(void **state)
{
    (void)state;
    now.not_ready = "the broker is away";
    assert_false(owes_after(DEGRADED_REASON_BROKER, 0));
    assert_true(owes_after(DEGRADED_REASON_BROKER, 2000));
    now.not_ready = NULL;
    assert_false(owes_after(DEGRADED_REASON_BROKER, 1));
}

static void test_disk_without_the_space_that_was_asked_for_is_owed(void **state)
{
    (void)state;
    kit_host_watch_disk(&host, "/", INT64_C(1) << 40);
    assert_true(owes_after(DEGRADED_REASON_DISK, 0));
    assert_says(DEGRADED_REASON_DISK, "(--disk-free-mib): make room");
    host.disk.least_bytes = host.disk.free_bytes - 1; /* more than that, and not a quarter more */
    assert_true(owes_after(DEGRADED_REASON_DISK, 60000));
    host.disk.least_bytes = 1;
    assert_true(owes_after(DEGRADED_REASON_DISK, 0));
    assert_false(owes_after(DEGRADED_REASON_DISK, 10000));
}

static void test_disk_that_nobody_watches_is_not_looked_at(void **state)
{
    (void)state;
    kit_host_watch_disk(&host, "/", 0);
    assert_false(owes_after(DEGRADED_REASON_DISK, 0));
    kit_host_watch_disk(&host, "/nowhere/at/all", INT64_C(1) << 40);
    (void)owes_after(DEGRADED_REASON_DISK, 0); /* what cannot be read counts as nothing */
    assert_int_equal(host.disk.due_mono_ms, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(test_queue_that_is_half_full_for_two_seconds_is_owed),
        TEST(test_queue_is_owed_until_an_eighth_is_left_for_five_seconds),
        TEST(test_longer_one_of_the_two_queues_is_named),
        TEST(test_host_without_a_bus_owes_no_queue),
        TEST(test_broker_that_is_away_for_two_seconds_is_owed),
        TEST(test_disk_without_the_space_that_was_asked_for_is_owed),
        TEST(test_disk_that_nobody_watches_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

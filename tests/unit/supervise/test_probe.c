/* When a process is asked whether it lives, and given up. */
#include "deploy/supervise/probe.h"
#include "fakes/cmocka_all.h"

/* Asks at its time; the answer never comes. Returns the step at the end of that time. */
static enum probe_step miss(struct probe *probe)
{
    return probe_next(probe, probe->due_mono_ms);
}

static void test_probe_new_one_is_not_asked_at_once(void **state)
{
    struct probe probe;
    (void)state;
    probe_begin(&probe, 1000);
    assert_int_equal(probe_next(&probe, 1000), PROBE_WAIT);
    assert_int_equal(probe_next(&probe, 999 + PROBE_EVERY_MS), PROBE_WAIT);
    assert_int_equal(probe_next(&probe, 1000 + PROBE_EVERY_MS), PROBE_ASK);
    assert_int_equal(probe_next(&probe, 1000 + PROBE_EVERY_MS), PROBE_WAIT);
}

static void test_probe_silent_one_is_asked_again_and_killed(void **state)
{
    struct probe probe;
    (void)state;
    probe_begin(&probe, 0);
    for (int i = 0; i < PROBE_MISSES_MAX; i++)
        assert_int_equal(miss(&probe), PROBE_ASK);
    assert_int_equal(miss(&probe), PROBE_KILL);
    assert_int_equal(probe.miss_count, 0); /* it dies: what comes next is another */
}

static void test_probe_one_that_resets_is_killed_at_the_same_count(void **state)
{
    struct probe probe;
    (void)state;
    probe_begin(&probe, 0);
    for (int i = 0; i < PROBE_MISSES_MAX; i++) {
        assert_int_equal(miss(&probe), PROBE_ASK);
        probe_on_answer(&probe, false, probe.due_mono_ms - PROBE_ANSWER_MS + 1);
    }
    assert_int_equal(miss(&probe), PROBE_KILL);
}

static void test_probe_answer_ends_the_row_of_misses(void **state)
{
    struct probe probe;
    (void)state;
    probe_begin(&probe, 0);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < PROBE_MISSES_MAX; i++)
            assert_int_equal(miss(&probe), PROBE_ASK);
        probe_on_answer(&probe, true, 1000000 * round);
        assert_int_equal(probe.due_mono_ms, 1000000 * round + PROBE_EVERY_MS);
        assert_int_equal(probe.miss_count, 0);
    }
}

static void test_probe_one_that_has_not_said_where_it_listens_is_never_killed(void **state)
{
    struct probe probe;
    (void)state;
    probe_begin(&probe, 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(miss(&probe), PROBE_ASK);
        probe_on_unknown(&probe, PROBE_EVERY_MS * i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_new_one_is_not_asked_at_once),
        cmocka_unit_test(test_probe_silent_one_is_asked_again_and_killed),
        cmocka_unit_test(test_probe_one_that_resets_is_killed_at_the_same_count),
        cmocka_unit_test(test_probe_answer_ends_the_row_of_misses),
        cmocka_unit_test(test_probe_one_that_has_not_said_where_it_listens_is_never_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* One process that somebody asks to be restarted. */
#include "deploy/supervise/restart.h"
#include "fakes/cmocka_all.h"

static void test_restart_one_that_runs_is_asked_started_and_awaited(void **state)
{
    struct restart restart = { 0 };
    (void)state;
    assert_int_equal(restart_next(&restart, 900), RESTART_WAIT);
    restart_begin(&restart, 2, true, 1000);
    assert_int_equal(restart.until_mono_ms, 1000); /* nothing to wait for */
    assert_int_equal(restart_next(&restart, 1000), RESTART_ASK);
    assert_int_equal(restart_next(&restart, 1001), RESTART_WAIT);
    assert_false(restart_on_end(&restart, 3, 1002));
    assert_false(restart_on_ready(&restart, 2)); /* the old one, late */
    assert_true(restart_on_end(&restart, 2, 1003));
    assert_false(restart_on_end(&restart, 2, 1004)); /* a crash of the new one rests as always */
    assert_false(restart_on_ready(&restart, 3));
    assert_true(restart_on_ready(&restart, 2));
    assert_int_equal(restart.stage, RESTART_NONE);
    assert_int_equal(restart_next(&restart, 99999), RESTART_WAIT);
}

static void test_restart_one_that_does_not_run_is_only_awaited(void **state)
{
    struct restart restart = { 0 };
    (void)state;
    restart_begin(&restart, 0, false, 1000);
    assert_int_equal(restart_next(&restart, 1000), RESTART_WAIT);
    assert_true(restart_on_ready(&restart, 0));
}

static void test_restart_one_that_does_not_hear_is_killed(void **state)
{
    struct restart restart = { 0 };
    (void)state;
    restart_begin(&restart, 1, true, 0);
    assert_int_equal(restart_next(&restart, 0), RESTART_ASK);
    assert_int_equal(restart_next(&restart, RESTART_ASK_MS - 1), RESTART_WAIT);
    assert_int_equal(restart_next(&restart, RESTART_ASK_MS), RESTART_KILL);
    assert_int_equal(restart_next(&restart, RESTART_ASK_MS), RESTART_WAIT);
    assert_true(restart_on_end(&restart, 1, RESTART_ASK_MS + 1));
    assert_int_equal(restart_next(&restart, RESTART_ASK_MS + RESTART_READY_MS), RESTART_WAIT);
}

static void test_restart_one_that_is_never_ready_is_given_up(void **state)
{
    struct restart restart = { 0 };
    (void)state;
    restart_begin(&restart, 1, false, 0);
    assert_int_equal(restart_next(&restart, RESTART_READY_MS - 1), RESTART_WAIT);
    assert_int_equal(restart_next(&restart, RESTART_READY_MS), RESTART_GIVEUP);
    assert_int_equal(restart.stage, RESTART_NONE);
    assert_false(restart_on_ready(&restart, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restart_one_that_runs_is_asked_started_and_awaited),
        cmocka_unit_test(test_restart_one_that_does_not_run_is_only_awaited),
        cmocka_unit_test(test_restart_one_that_does_not_hear_is_killed),
        cmocka_unit_test(test_restart_one_that_is_never_ready_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

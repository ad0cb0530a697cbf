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
    assert_false(restart_on_ready(&restart, 2, 0)); /* the old one, late */
    assert_true(restart_on_end(&restart, 2, 1003));
    assert_false(restart_on_end(&restart, 2, 1004)); /* a crash of the new one rests as always */
    assert_false(restart_on_ready(&restart, 3, 0));
    assert_true(restart_on_ready(&restart, 2, 0));
    assert_int_equal(restart.stage, RESTART_NONE);
    assert_int_equal(restart_next(&restart, 99999), RESTART_WAIT);
}

static void test_restart_one_that_does_not_run_is_only_awaited(void **state)
{
    struct restart restart = { 0 };
    (void)state;
    restart_begin(&restart, 0, false, 1000);
    assert_int_equal(restart_next(&restart, 1000), RESTART_WAIT);
    assert_true(restart_on_ready(&restart, 0, 0));
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
    assert_false(restart_on_ready(&restart, 1, 0));
}

static void test_restart_beside_the_old_one_asks_it_when_the_new_one_is_ready(void **state)
{
    struct restart restart = { 0 };
    (void)state;
    restart_begin_beside(&restart, 6, 1000);
    assert_int_equal(restart_next(&restart, 1000), RESTART_WAIT);
    assert_false(restart_on_left(&restart)); /* a crash of the old one */
    assert_false(restart_on_ready(&restart, 6, 1200));
    assert_int_equal(restart.until_mono_ms, 1200);
    assert_int_equal(restart_next(&restart, 1200), RESTART_ASK);
    assert_false(restart_on_end(&restart, 6, 1201)); /* the new one: a crash like any */
    assert_false(restart_on_miss(&restart, 6));
    assert_int_equal(restart_next(&restart, 1200 + RESTART_ASK_MS), RESTART_KILL);
    assert_true(restart_on_left(&restart));
    assert_int_equal(restart.stage, RESTART_NONE);
    restart_begin(&restart, 6, true, 9000);
    assert_false(restart.is_beside);
}

static void test_restart_beside_one_that_is_no_good_leaves_the_old_one(void **state)
{
    struct restart restart = { 0 };
    (void)state;
    restart_begin_beside(&restart, 6, 0);
    assert_false(restart_on_miss(&restart, 5));
    assert_true(restart_on_miss(&restart, 6));
    assert_int_equal(restart_next(&restart, 1), RESTART_WAIT);
    restart_begin_beside(&restart, 6, 0);
    assert_int_equal(restart_next(&restart, RESTART_READY_MS), RESTART_GIVEUP);
    assert_int_equal(restart.stage, RESTART_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restart_one_that_runs_is_asked_started_and_awaited),
        cmocka_unit_test(test_restart_one_that_does_not_run_is_only_awaited),
        cmocka_unit_test(test_restart_one_that_does_not_hear_is_killed),
        cmocka_unit_test(test_restart_one_that_is_never_ready_is_given_up),
        cmocka_unit_test(test_restart_beside_the_old_one_asks_it_when_the_new_one_is_ready),
        cmocka_unit_test(test_restart_beside_one_that_is_no_good_leaves_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

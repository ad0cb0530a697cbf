/* The order in which everything stops. */
#include "deploy/supervise/halt.h"
#include "fakes/cmocka_all.h"

static void test_halt_nothing_alive_is_done_without_a_signal(void **state)
{
    struct halt halt = { 0 };
    (void)state;
    for (int i = 0; i < HALT_GROUP_COUNT; i++) {
        assert_int_equal(halt.group, i);
        assert_int_equal(halt_next(&halt, 0, 7), HALT_NEXT);
    }
    assert_int_equal(halt_next(&halt, 0, 7), HALT_DONE);
}

static void test_halt_group_that_hears_is_waited_for_before_the_next(void **state)
{
    struct halt halt = { .group = HALT_SERVICES };
    (void)state;
    assert_int_equal(halt_next(&halt, 5, 1000), HALT_ASK);
    assert_int_equal(halt.until_mono_ms, 1000 + HALT_ASK_MS);
    assert_int_equal(halt_next(&halt, 5, 1001), HALT_WAIT);
    assert_int_equal(halt_next(&halt, 1, 1002), HALT_WAIT);
    assert_int_equal(halt_next(&halt, 0, 1003), HALT_NEXT);
    assert_int_equal(halt.group, HALT_BROKER);
    assert_int_equal(halt_next(&halt, 1, 2000), HALT_ASK);
}

static void test_halt_group_that_does_not_hear_is_killed_and_then_left(void **state)
{
    struct halt halt = { .group = HALT_BRIDGE };
    (void)state;
    assert_int_equal(halt_next(&halt, 1, 0), HALT_ASK);
    assert_int_equal(halt_next(&halt, 1, HALT_ASK_MS - 1), HALT_WAIT);
    assert_int_equal(halt_next(&halt, 1, HALT_ASK_MS), HALT_KILL);
    assert_int_equal(halt_next(&halt, 1, HALT_ASK_MS), HALT_WAIT);
    assert_int_equal(halt_next(&halt, 1, HALT_ASK_MS + HALT_KILL_MS), HALT_NEXT);
    assert_int_equal(halt.group, HALT_SERVICES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halt_nothing_alive_is_done_without_a_signal),
        cmocka_unit_test(test_halt_group_that_hears_is_waited_for_before_the_next),
        cmocka_unit_test(test_halt_group_that_does_not_hear_is_killed_and_then_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

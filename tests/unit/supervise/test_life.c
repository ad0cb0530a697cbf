/* When a process is started again. */
#include "deploy/supervise/life.h"
#include "fakes/cmocka_all.h"

static int64_t end_after(struct life *life, int64_t lived_ms, enum life_end end)
{
    life_on_start(life, 1000);
    return life_on_end(life, end, 1000 + lived_ms);
}

static void test_life_clean_end_starts_at_once_however_often(void **state)
{
    struct life life = { 0 };
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(end_after(&life, LIFE_BRIEF_MS, LIFE_END_CLEAN), 0);
    assert_int_equal(life.crash_count, 0);
}

static void test_life_too_many_brief_clean_ends_rest(void **state)
{
    struct life life = { 0 };
    (void)state;
    for (int i = 0; i < LIFE_BRIEF_COUNT_MAX; i++)
        assert_int_equal(end_after(&life, 5, LIFE_END_CLEAN), 0);
    assert_int_equal(end_after(&life, 5, LIFE_END_CLEAN), LIFE_BACKOFF_MIN_MS);
    assert_int_equal(end_after(&life, 5, LIFE_END_CLEAN), 2 * LIFE_BACKOFF_MIN_MS);
    /* A life that is long enough ends the row of brief ones. */
    assert_int_equal(end_after(&life, LIFE_BRIEF_MS, LIFE_END_CLEAN), 0);
    assert_int_equal(end_after(&life, 5, LIFE_END_CLEAN), 0);
}

static void test_life_crashes_in_a_row_rest_longer_up_to_a_most(void **state)
{
    static const int64_t delays[] = { 200, 400, 800, 1600, 3200, 5000, 5000, 5000 };
    struct life life = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        assert_int_equal(end_after(&life, LIFE_BRIEF_MS * 2, LIFE_END_CRASH), delays[i]);
        assert_int_equal(life.crash_count, i + 1);
    }
    life.crash_count = 2000000000;
    assert_int_equal(end_after(&life, 5, LIFE_END_CRASH), LIFE_BACKOFF_MAX_MS);
}

static void test_life_healthy_one_begins_the_row_anew(void **state)
{
    struct life life = { 0 };
    (void)state;
    for (int i = 0; i < 4; i++)
        (void)end_after(&life, 5, LIFE_END_CRASH);
    assert_int_equal(end_after(&life, LIFE_HEALTHY_MS - 1, LIFE_END_CRASH), 3200);
    assert_int_equal(end_after(&life, LIFE_HEALTHY_MS, LIFE_END_CRASH), LIFE_BACKOFF_MIN_MS);
}

static void test_life_clean_end_between_crashes_does_not_end_the_row(void **state)
{
    struct life life = { 0 };
    (void)state;
    assert_int_equal(end_after(&life, 5000, LIFE_END_CRASH), 200);
    assert_int_equal(end_after(&life, 5000, LIFE_END_CLEAN), 0);
    assert_int_equal(end_after(&life, 5000, LIFE_END_CRASH), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life_clean_end_starts_at_once_however_often),
        cmocka_unit_test(test_life_too_many_brief_clean_ends_rest),
        cmocka_unit_test(test_life_crashes_in_a_row_rest_longer_up_to_a_most),
        cmocka_unit_test(test_life_healthy_one_begins_the_row_anew),
        cmocka_unit_test(test_life_clean_end_between_crashes_does_not_end_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The stories of schemas/rules/time.md, and each edge of its rule. */
#include "fakes/cmocka_all.h"
#include "kit/base/timekeeper.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)
#define TRUTH_MS INT64_C(1767225600000)
#define MONO_MS INT64_C(5000)

struct fixture {
    struct kit_timekeeper keeper;
    int64_t truth_ms, mono_ms;
    int64_t wrong_ms; /* the wall clock */
};

static void look(struct fixture *f)
{
    kit_timekeeper_look(&f->keeper, f->truth_ms + f->wrong_ms, f->mono_ms);
}

/* Time goes on, and is looked at every second. */
static void pass(struct fixture *f, int64_t ms)
{
    for (int64_t left_ms = ms; left_ms > 0; left_ms -= 1000) {
        f->truth_ms += left_ms < 1000 ? left_ms : 1000;
        f->mono_ms += left_ms < 1000 ? left_ms : 1000;
        look(f);
    }
}

static void start(struct fixture *f, int64_t remembered_ms, int64_t claim_ms)
{
    const struct kit_time_memory memory = { remembered_ms, claim_ms };
    kit_timekeeper_start(&f->keeper, &memory, f->truth_ms + f->wrong_ms, f->mono_ms, 0);
}

/* One that has run for long. */
static struct fixture running(void)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS };
    start(&f, TRUTH_MS, 0);
    return f;
}

static int64_t sure_error(const struct fixture *f)
{
    return kit_timekeeper_sure_ms(&f->keeper) - f->truth_ms;
}

static int64_t now_error(const struct fixture *f)
{
    return kit_timekeeper_now_ms(&f->keeper) - f->truth_ms;
}

static void step(struct fixture *f, int64_t wrong_ms)
{
    f->wrong_ms = wrong_ms;
    look(f);
}

static void test_step_of_days_for_seconds_moves_nothing(void **state)
{
    const int64_t steps_ms[] = { 3 * DAY_MS, -3 * DAY_MS, KIT_TIME_STEP_MS + 1,
                                 -KIT_TIME_STEP_MS - 1 };
    (void)state;
    for (size_t i = 0; i < sizeof(steps_ms) / sizeof(steps_ms[0]); i++) {
        struct fixture f = running();
        step(&f, steps_ms[i]);
        pass(&f, 8000);
        assert_int_equal(sure_error(&f), 0);
        assert_int_equal(now_error(&f), 0);
        assert_false(kit_timekeeper_may_tell(&f.keeper));
        assert_int_equal(kit_timekeeper_apart_ms(&f.keeper), llabs(steps_ms[i]));
        step(&f, 0);
        assert_int_equal(sure_error(&f), 0);
        assert_true(kit_timekeeper_may_tell(&f.keeper));
        assert_int_equal(kit_timekeeper_apart_ms(&f.keeper), 0);
        assert_int_equal(f.keeper.moved_mono_ms, MONO_MS);
    }
}

static void test_wall_clock_is_followed_within_a_second(void **state)
{
    struct fixture f = running();
    (void)state;
    step(&f, KIT_TIME_STEP_MS);
    assert_int_equal(sure_error(&f), KIT_TIME_STEP_MS);
    step(&f, 2 * KIT_TIME_STEP_MS); /* a clock that is put right little by little */
    step(&f, 3 * KIT_TIME_STEP_MS);
    assert_int_equal(sure_error(&f), 3 * KIT_TIME_STEP_MS);
    step(&f, 2 * KIT_TIME_STEP_MS);
    assert_int_equal(now_error(&f), 2 * KIT_TIME_STEP_MS);
    assert_int_equal(f.keeper.moved_mono_ms, MONO_MS);
}

static void test_step_that_stays_is_believed_after_the_quarantine(void **state)
{
    struct fixture f = running();
    (void)state;
    step(&f, -HOUR_MS);
    pass(&f, KIT_TIME_QUARANTINE_MS - 1);
    assert_int_equal(sure_error(&f), 0);
    pass(&f, 1);
    assert_int_equal(sure_error(&f), -HOUR_MS);
    assert_true(kit_timekeeper_may_tell(&f.keeper));
    assert_int_equal(f.keeper.moved_mono_ms, f.mono_ms);
}

static void test_another_step_begins_another_quarantine(void **state)
{
    struct fixture f = running();
    (void)state;
    step(&f, HOUR_MS);
    pass(&f, KIT_TIME_QUARANTINE_MS - 1000);
    step(&f, HOUR_MS + KIT_TIME_STEP_MS); /* the same still */
    step(&f, 2 * HOUR_MS);
    pass(&f, KIT_TIME_QUARANTINE_MS - 1);
    assert_int_equal(sure_error(&f), 0);
    pass(&f, 1);
    assert_int_equal(sure_error(&f), 2 * HOUR_MS);
}

static void test_step_is_confirmed_by_another_service(void **state)
{
    struct fixture f = running();
    (void)state;
    step(&f, 3 * DAY_MS);
    kit_timekeeper_hear(&f.keeper, f.truth_ms + 3 * DAY_MS - KIT_TIME_STEP_MS);
    assert_int_equal(sure_error(&f), 3 * DAY_MS);
    assert_int_equal(f.keeper.moved_mono_ms, f.mono_ms);
}

static void test_step_is_not_confirmed_by_a_third_time(void **state)
{
    struct fixture f = running();
    (void)state;
    step(&f, 3 * DAY_MS);
    kit_timekeeper_hear(&f.keeper, f.truth_ms + 3 * DAY_MS + KIT_TIME_STEP_MS + 1);
    kit_timekeeper_hear(&f.keeper, f.truth_ms + HOUR_MS);
    assert_int_equal(sure_error(&f), 0);
    pass(&f, KIT_TIME_QUARANTINE_MS); /* nor is it contradicted */
    assert_int_equal(sure_error(&f), 3 * DAY_MS);
}

static void test_step_that_others_contradict_is_never_believed(void **state)
{
    struct fixture f = running();
    (void)state;
    step(&f, 3 * DAY_MS);
    for (int i = 0; i < 10; i++) {
        pass(&f, KIT_TIME_QUARANTINE_MS - 1);
        kit_timekeeper_hear(&f.keeper, f.truth_ms);
    }
    assert_int_equal(sure_error(&f), 0);
}

static void test_small_step_is_judged_by_what_is_nearer(void **state)
{
    struct fixture f = running();
    (void)state;
    step(&f, KIT_TIME_STEP_MS + 200);
    kit_timekeeper_hear(&f.keeper, f.truth_ms + 500);
    assert_int_equal(sure_error(&f), 0);
    kit_timekeeper_hear(&f.keeper, f.truth_ms + 700);
    assert_int_equal(sure_error(&f), KIT_TIME_STEP_MS + 200);
}

static void test_start_after_days_tells_the_wall_clock_and_ends_nothing(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS };
    (void)state;
    start(&f, TRUTH_MS - 3 * DAY_MS, 0);
    assert_int_equal(now_error(&f), 0);
    assert_int_equal(sure_error(&f), -3 * DAY_MS);
    assert_false(kit_timekeeper_may_tell(&f.keeper));
    pass(&f, KIT_TIME_QUARANTINE_MS - 1);
    assert_int_equal(now_error(&f), 0);
    assert_int_equal(sure_error(&f), -3 * DAY_MS);
    pass(&f, 1);
    assert_int_equal(sure_error(&f), 0);
    assert_true(kit_timekeeper_may_tell(&f.keeper));
}

static void test_start_after_days_among_others_is_confirmed_at_once(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS };
    (void)state;
    start(&f, TRUTH_MS - 3 * DAY_MS, 0);
    kit_timekeeper_hear(&f.keeper, f.truth_ms - 20);
    assert_int_equal(sure_error(&f), 0);
    assert_int_equal(now_error(&f), 0);
}

static void test_start_with_a_wrong_clock_among_others_goes_back(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS, .wrong_ms = 3 * DAY_MS };
    (void)state;
    start(&f, TRUTH_MS, 0);
    assert_int_equal(now_error(&f), 3 * DAY_MS);
    kit_timekeeper_hear(&f.keeper, f.truth_ms);
    assert_int_equal(now_error(&f), 0);
    pass(&f, 8000);
    assert_int_equal(now_error(&f), 0);
    step(&f, 0);
    assert_int_equal(sure_error(&f), 0);
}

static void test_start_with_a_clock_that_is_put_right_then(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS, .wrong_ms = 3 * DAY_MS };
    (void)state;
    start(&f, TRUTH_MS, 0);
    step(&f, 0);
    assert_int_equal(now_error(&f), 0);
    step(&f, 3 * DAY_MS); /* this one is no absence */
    assert_int_equal(now_error(&f), 0);
}

static void test_start_behind_the_database_goes_on_from_there(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS, .wrong_ms = -3 * DAY_MS };
    (void)state;
    start(&f, TRUTH_MS, 0);
    pass(&f, 8000);
    assert_int_equal(now_error(&f), 0);
    assert_int_equal(sure_error(&f), 0);
}

static void test_start_in_a_claim_goes_on_with_it(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS, .wrong_ms = 3 * DAY_MS };
    (void)state;
    start(&f, TRUTH_MS - KIT_TIME_AWAY_MS, 3 * DAY_MS);
    assert_int_equal(now_error(&f), 0);
    pass(&f, KIT_TIME_QUARANTINE_MS - 1);
    assert_int_equal(sure_error(&f), 0);
    step(&f, 0);
    assert_true(kit_timekeeper_may_tell(&f.keeper));
}

static void test_start_after_a_claim_that_has_ended_was_an_absence(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS };
    (void)state;
    start(&f, TRUTH_MS - KIT_TIME_AWAY_MS, 3 * DAY_MS);
    assert_int_equal(now_error(&f), 0);
    assert_int_equal(sure_error(&f), -KIT_TIME_AWAY_MS);
}

static void test_start_in_another_claim_goes_on_from_the_database(void **state)
{
    const int64_t claims_ms[] = { HOUR_MS, 3 * DAY_MS + 1, -HOUR_MS };
    (void)state;
    for (size_t i = 0; i < sizeof(claims_ms) / sizeof(claims_ms[0]); i++) {
        struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS, .wrong_ms = 3 * DAY_MS };
        start(&f, TRUTH_MS, claims_ms[i]);
        assert_int_equal(now_error(&f), 0);
        assert_int_equal(sure_error(&f), 0);
    }
}

static void test_first_start_believes_its_clock_and_tells_nobody(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS };
    (void)state;
    start(&f, 0, 0);
    assert_int_equal(sure_error(&f), 0);
    pass(&f, KIT_TIME_QUARANTINE_MS - 1);
    assert_false(kit_timekeeper_may_tell(&f.keeper));
    pass(&f, 1);
    assert_true(kit_timekeeper_may_tell(&f.keeper));
    assert_int_equal(f.keeper.moved_mono_ms, MONO_MS);
}

static void test_first_start_is_confirmed_by_another_service(void **state)
{
    struct fixture f = { .truth_ms = TRUTH_MS, .mono_ms = MONO_MS };
    (void)state;
    start(&f, 0, 0);
    kit_timekeeper_hear(&f.keeper, f.truth_ms + HOUR_MS);
    assert_false(kit_timekeeper_may_tell(&f.keeper));
    kit_timekeeper_hear(&f.keeper, f.truth_ms);
    assert_true(kit_timekeeper_may_tell(&f.keeper));
}

static void test_apart_is_the_farthest_new_word(void **state)
{
    struct fixture f = running();
    (void)state;
    kit_timekeeper_hear(&f.keeper, f.truth_ms - HOUR_MS);
    kit_timekeeper_hear(&f.keeper, f.truth_ms + 2 * HOUR_MS);
    kit_timekeeper_hear(&f.keeper, f.truth_ms);
    assert_int_equal(kit_timekeeper_apart_ms(&f.keeper), 2 * HOUR_MS);
    pass(&f, KIT_TIME_WORD_MS - 1);
    assert_int_equal(kit_timekeeper_apart_ms(&f.keeper), 2 * HOUR_MS);
    pass(&f, 1);
    assert_int_equal(kit_timekeeper_apart_ms(&f.keeper), 0);
    kit_timekeeper_hear(&f.keeper, f.truth_ms - 7);
    assert_int_equal(kit_timekeeper_apart_ms(&f.keeper), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step_of_days_for_seconds_moves_nothing),
        cmocka_unit_test(test_wall_clock_is_followed_within_a_second),
        cmocka_unit_test(test_step_that_stays_is_believed_after_the_quarantine),
        cmocka_unit_test(test_another_step_begins_another_quarantine),
        cmocka_unit_test(test_step_is_confirmed_by_another_service),
        cmocka_unit_test(test_step_is_not_confirmed_by_a_third_time),
        cmocka_unit_test(test_step_that_others_contradict_is_never_believed),
        cmocka_unit_test(test_small_step_is_judged_by_what_is_nearer),
        cmocka_unit_test(test_start_after_days_tells_the_wall_clock_and_ends_nothing),
        cmocka_unit_test(test_start_after_days_among_others_is_confirmed_at_once),
        cmocka_unit_test(test_start_with_a_wrong_clock_among_others_goes_back),
        cmocka_unit_test(test_start_with_a_clock_that_is_put_right_then),
        cmocka_unit_test(test_start_behind_the_database_goes_on_from_there),
        cmocka_unit_test(test_start_in_a_claim_goes_on_with_it),
        cmocka_unit_test(test_start_after_a_claim_that_has_ended_was_an_absence),
        cmocka_unit_test(test_start_in_another_claim_goes_on_from_the_database),
        cmocka_unit_test(test_first_start_believes_its_clock_and_tells_nobody),
        cmocka_unit_test(test_first_start_is_confirmed_by_another_service),
        cmocka_unit_test(test_apart_is_the_farthest_new_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

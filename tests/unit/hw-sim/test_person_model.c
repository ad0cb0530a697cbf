/* People's habits and the random streams behind them: each profile errs in its own way, never for
 * ever, and the same with the same seed. */
#include "models/person.h"

#include <string.h>

#include "fakes/cmocka_all.h"

#define ACTS 1000

static void test_rng_of_a_seed_is_the_same_on_every_machine(void **state)
{
    (void)state;
    struct sim_rng rng;
    struct sim_rng again;
    struct sim_rng other;
    sim_rng_init(&rng, 42, "anna");
    sim_rng_init(&again, 42, "anna");
    sim_rng_init(&other, 42, "bert");
    uint64_t first = sim_rng_next(&rng);
    assert_int_equal(first, UINT64_C(0x6F6EE9266A697A39));
    assert_int_equal(first, sim_rng_next(&again));
    assert_int_not_equal(first, sim_rng_next(&other));
}

static void test_rng_between_reaches_both_ends_and_nothing_else(void **state)
{
    (void)state;
    struct sim_rng rng;
    uint32_t seen[5] = { 0 };
    sim_rng_init(&rng, 1, "");
    for (int i = 0; i < ACTS; i++) {
        int64_t value = sim_rng_between(&rng, -2, 2);
        assert_in_range(value + 2, 0, 4);
        seen[value + 2]++;
    }
    for (int i = 0; i < 5; i++)
        assert_in_range(seen[i], ACTS / 5 - 80, ACTS / 5 + 80);
}

static void test_rng_chance_of_0_never_and_of_1000_always(void **state)
{
    (void)state;
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "");
    for (int i = 0; i < ACTS; i++) {
        assert_false(sim_rng_chance(&rng, 0));
        assert_true(sim_rng_chance(&rng, SIM_PERMILLE));
    }
}

static uint32_t count_errors(enum sim_profile profile, enum sim_mistake mistake)
{
    struct sim_person person;
    uint32_t in_a_row = 0;
    sim_person_init(&person, "anna", profile, 3);
    for (int i = 0; i < ACTS; i++) {
        in_a_row = sim_person_errs(&person, mistake) ? in_a_row + 1 : 0;
        assert_true(in_a_row <= SIM_MISTAKES_MAX);
    }
    return person.made[mistake];
}

static void test_errs_follows_the_profile(void **state)
{
    (void)state;
    for (int mistake = 0; mistake < SIM_MISTAKE_COUNT; mistake++)
        assert_int_equal(count_errors(SIM_PROFILE_PATIENT, (enum sim_mistake)mistake), 0);
    assert_true(count_errors(SIM_PROFILE_HASTY, SIM_MISTAKE_RUSH) > ACTS / 4);
    assert_true(count_errors(SIM_PROFILE_HASTY, SIM_MISTAKE_DOUBLE_SCAN) > ACTS / 5);
    assert_int_equal(count_errors(SIM_PROFILE_HASTY, SIM_MISTAKE_WRONG_DIGIT), 0);
    assert_true(count_errors(SIM_PROFILE_FORGETFUL, SIM_MISTAKE_LEAVE_OPEN) > ACTS / 4);
    assert_true(count_errors(SIM_PROFILE_FORGETFUL, SIM_MISTAKE_LEAVE_GOODS) > ACTS / 4);
    assert_true(count_errors(SIM_PROFILE_MISTAKEN, SIM_MISTAKE_WRONG_DIGIT) > ACTS / 4);
    assert_true(count_errors(SIM_PROFILE_MISTAKEN, SIM_MISTAKE_WRONG_LABEL) > ACTS / 4);
}

static void test_errs_is_the_same_for_the_same_seed_and_person(void **state)
{
    (void)state;
    struct sim_person a;
    struct sim_person b;
    sim_person_init(&a, "anna", SIM_PROFILE_MISTAKEN, 9);
    sim_person_init(&b, "anna", SIM_PROFILE_MISTAKEN, 9);
    for (int i = 0; i < ACTS; i++) {
        assert_int_equal(sim_person_errs(&a, SIM_MISTAKE_WRONG_LABEL),
                         sim_person_errs(&b, SIM_MISTAKE_WRONG_LABEL));
        assert_int_equal(sim_person_think_ms(&a), sim_person_think_ms(&b));
    }
}

static void test_type_code_differs_in_one_digit_exactly_when_it_says_so(void **state)
{
    (void)state;
    struct sim_person person;
    uint32_t wrong = 0;
    sim_person_init(&person, "anna", SIM_PROFILE_MISTAKEN, 1);
    for (int i = 0; i < ACTS; i++) {
        char typed[9];
        bool is_wrong = sim_person_type_code(&person, "09182736", typed, sizeof(typed));
        int different = 0;
        for (int d = 0; d < 8; d++) {
            assert_true(typed[d] >= '0' && typed[d] <= '9');
            different += typed[d] != "09182736"[d] ? 1 : 0;
        }
        assert_int_equal(typed[8], '\0');
        assert_int_equal(different, is_wrong ? 1 : 0);
        wrong += is_wrong ? 1 : 0;
    }
    assert_true(wrong > ACTS / 4);
}

static void test_choose_label_errs_to_a_neighbour_only(void **state)
{
    (void)state;
    struct sim_person person;
    uint32_t wrong = 0;
    sim_person_init(&person, "anna", SIM_PROFILE_MISTAKEN, 1);
    for (size_t i = 0; i < ACTS; i++) {
        size_t right = i % 5;
        size_t chosen = sim_person_choose_label(&person, right, 5);
        assert_true(chosen < 5 && chosen + 1 >= right && chosen <= right + 1);
        wrong += chosen != right ? 1 : 0;
        assert_int_equal(sim_person_choose_label(&person, 0, 1), 0);
    }
    assert_int_equal(wrong, person.made[SIM_MISTAKE_WRONG_LABEL]);
    assert_true(wrong > ACTS / 4);
}

static void test_times_of_the_hasty_are_shorter_than_those_of_the_patient(void **state)
{
    (void)state;
    struct sim_person hasty;
    struct sim_person patient;
    sim_person_init(&hasty, "a", SIM_PROFILE_HASTY, 1);
    sim_person_init(&patient, "b", SIM_PROFILE_PATIENT, 1);
    for (int i = 0; i < ACTS; i++) {
        assert_true(sim_person_think_ms(&hasty) < sim_person_think_ms(&patient));
    }
}

static void test_profile_from_name_knows_all_four_and_no_other(void **state)
{
    (void)state;
    enum sim_profile profile = SIM_PROFILE_HASTY;
    assert_false(sim_profile_from_name("lazy", &profile));
    assert_int_equal(profile, SIM_PROFILE_HASTY);
    static const char *const names[] = { [SIM_PROFILE_PATIENT] = "patient",
                                         [SIM_PROFILE_HASTY] = "hasty",
                                         [SIM_PROFILE_FORGETFUL] = "forgetful",
                                         [SIM_PROFILE_MISTAKEN] = "mistaken" };
    for (size_t i = 0; i < 4; i++) {
        assert_true(sim_profile_from_name(names[i], &profile));
        assert_int_equal(profile, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rng_of_a_seed_is_the_same_on_every_machine),
        cmocka_unit_test(test_rng_between_reaches_both_ends_and_nothing_else),
        cmocka_unit_test(test_rng_chance_of_0_never_and_of_1000_always),
        cmocka_unit_test(test_errs_follows_the_profile),
        cmocka_unit_test(test_errs_is_the_same_for_the_same_seed_and_person),
        cmocka_unit_test(test_type_code_differs_in_one_digit_exactly_when_it_says_so),
        cmocka_unit_test(test_choose_label_errs_to_a_neighbour_only),
        cmocka_unit_test(test_times_of_the_hasty_are_shorter_than_those_of_the_patient),
        cmocka_unit_test(test_profile_from_name_knows_all_four_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

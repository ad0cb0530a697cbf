/* One table between an enum of the messages and the stored one. */
#include "kit/base/enum_map.h"
#include "unit/base/aborts.h"

static const int TABLE[] = { 3, 1, 2 };
static const int WITH_A_HOLE[] = { 3, 0, 2 };

static void test_stored_and_told_are_each_others_inverse(void **state)
{
    (void)state;
    for (size_t told = 0; told < KIT_COUNT(TABLE); told++) {
        assert_int_equal(KIT_ENUM_STORED(TABLE, told), TABLE[told]);
        assert_int_equal(KIT_ENUM_TOLD(TABLE, TABLE[told]), told);
    }
}

static void store_beyond_the_table(void)
{
    (void)KIT_ENUM_STORED(TABLE, KIT_COUNT(TABLE));
}

static void store_what_was_forgotten(void)
{
    (void)KIT_ENUM_STORED(WITH_A_HOLE, 1);
}

static void tell_what_is_not_in_it(void)
{
    (void)KIT_ENUM_TOLD(TABLE, 4);
}

static void test_value_that_is_not_in_the_table_aborts(void **state)
{
    (void)state;
    assert_true(aborts(store_beyond_the_table));
    assert_true(aborts(store_what_was_forgotten));
    assert_true(aborts(tell_what_is_not_in_it));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored_and_told_are_each_others_inverse),
        cmocka_unit_test(test_value_that_is_not_in_the_table_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

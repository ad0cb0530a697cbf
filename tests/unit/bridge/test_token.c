/* Numbers and names as they stand in a request. */
#include <string.h>

#include "bridge/token.h"
#include "fakes/cmocka_all.h"
#include "kit/base/check.h"

static void test_token_read_decimal_bounds(void **state)
{
    int64_t value = -7;

    (void)state;
    assert_true(token_read_decimal("9223372036854775807", 19, (struct token_range){ 0, INT64_MAX },
                                   &value));
    assert_true(value == INT64_MAX);
    value = -7;
    assert_false(token_read_decimal("9223372036854775808", 19, (struct token_range){ 0, INT64_MAX },
                                    &value));
    assert_false(token_read_decimal("5", 1, (struct token_range){ 6, 10 }, &value));
    assert_false(token_read_decimal("11", 2, (struct token_range){ 6, 10 }, &value));
    assert_false(token_read_decimal("9", 1, (struct token_range){ 0, 8 }, &value));
    assert_false(token_read_decimal("", 0, (struct token_range){ 0, 8 }, &value));
    assert_int_equal(value, -7);
    assert_true(token_read_decimal("0", 1, (struct token_range){ 0, 8 }, &value));
    assert_int_equal(value, 0);
}

static void test_token_is_device_is_a_name(void **state)
{
    static const char *const names[] = { "locker-1", "l",
                                         "l0123456789-0123456789-0123456789-0123456789-01" };
    static const char *const wrong[] = {
        "",         "1",          "-l",  "Locker-1",
        "locker_1", "locker%2D1", "l 1", "l0123456789-0123456789-0123456789-0123456789-0123",
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(names); i++)
        assert_true(token_is_device(names[i], strlen(names[i])));
    for (size_t i = 0; i < KIT_COUNT(wrong); i++)
        assert_false(token_is_device(wrong[i], strlen(wrong[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_read_decimal_bounds),
        cmocka_unit_test(test_token_is_device_is_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

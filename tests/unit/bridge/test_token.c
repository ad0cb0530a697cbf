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

static void test_token_decode_percent_gives_bytes(void **state)
{
    static const struct {
        const char *text, *decoded; /* NULL: refused */
    } rows[] = {
        { "", "" },        { "a%20b", "a b" }, { "%C3%a9", "\xc3\xa9" }, { "a+b", "a+b" },
        { "%", NULL },     { "%4", NULL },     { "%4g", NULL },          { "%00", NULL },
        { "a%0Ab", NULL }, { "%7f", NULL },    { "1234567", "1234567" }, { "12345678", NULL },
    };
    char decoded[8];

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        const bool is_fine = token_decode_percent(rows[i].text, strlen(rows[i].text),
                                                  sizeof(decoded), decoded);
        assert_int_equal(is_fine, rows[i].decoded != NULL);
        if (is_fine)
            assert_string_equal(decoded, rows[i].decoded);
    }
    assert_false(token_decode_percent("%41", 2, sizeof(decoded), decoded)); /* within its length */
}

static void test_token_count_characters_takes_utf8_alone(void **state)
{
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
        { "", 0 },
        { "desk", 4 },
        { "\xc3\xa9\xed\x8a\xb8\xf0\x9f\x96\xa5", 3 },
        { "\xc3", 0 },
        { "\xa9", 0 },
        { "\xc0\x80", 0 },
        { "\xe0\x80\x80", 0 },
        { "\xed\xa0\x80", 0 },
        { "\xf0\x80\x80\x80", 0 },
        { "\xf4\x90\x80\x80", 0 },
        { "\xff", 0 },
        { "a\xe2\x82", 0 },
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++)
        assert_int_equal(token_count_characters(rows[i].text), rows[i].count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_read_decimal_bounds),
        cmocka_unit_test(test_token_is_device_is_a_name),
        cmocka_unit_test(test_token_decode_percent_gives_bytes),
        cmocka_unit_test(test_token_count_characters_takes_utf8_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The byte buffer: growth, the maximum, and what it writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/buf.h"

static void test_new_buffer_is_an_empty_text(void **state)
{
    (void)state;
    struct kit_buf buf;
    kit_buf_init(&buf, 10);
    assert_string_equal(buf.data, "");
    kit_buf_reset(&buf);
    kit_buf_done(&buf);
    assert_string_equal(buf.data, "");
    kit_buf_done(&buf);
}

static void test_add_grows_and_keeps_what_was_there(void **state)
{
    (void)state;
    struct kit_buf buf;
    kit_buf_init(&buf, 100000);
    for (int i = 0; i < 10000; i++)
        kit_buf_add(&buf, "0123456789", 10);
    assert_false(buf.overflow);
    assert_int_equal(buf.size_bytes, 100000);
    for (size_t i = 0; i < buf.size_bytes; i++)
        assert_int_equal(buf.data[i], '0' + (int)(i % 10));
    assert_int_equal(buf.data[buf.size_bytes], '\0');
    kit_buf_done(&buf);
}

static void test_add_past_the_maximum_sets_overflow_for_good(void **state)
{
    (void)state;
    struct kit_buf buf;
    kit_buf_init(&buf, 5);
    kit_buf_add_text(&buf, "12345");
    assert_false(buf.overflow);
    kit_buf_add_char(&buf, '6');
    assert_true(buf.overflow);
    assert_string_equal(buf.data, "12345");
    kit_buf_reset(&buf);
    assert_false(buf.overflow);
    assert_string_equal(buf.data, "");
    kit_buf_add_text(&buf, "123456");
    assert_true(buf.overflow);
    kit_buf_add_text(&buf, "1"); /* would fit, but something is missing already */
    assert_string_equal(buf.data, "");
    kit_buf_done(&buf);
}

static void test_add_int_writes_every_magnitude(void **state)
{
    (void)state;
    struct kit_buf buf;
    kit_buf_init(&buf, 200);
    const int64_t values[] = { 0, 7, -7, 10, 9007199254740991, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < KIT_COUNT(values); i++) {
        kit_buf_add_int(&buf, values[i]);
        kit_buf_add_char(&buf, ' ');
    }
    assert_string_equal(buf.data,
                        "0 7 -7 10 9007199254740991 9223372036854775807 -9223372036854775808 ");
    kit_buf_done(&buf);
}

static void test_add_format_fits_exactly_or_not_at_all(void **state)
{
    (void)state;
    struct kit_buf buf;
    kit_buf_init(&buf, 8);
    kit_buf_add_format(&buf, "%d-%s", 12, "abcde");
    assert_string_equal(buf.data, "12-abcde");
    assert_false(buf.overflow);
    kit_buf_add_format(&buf, "%s", "");
    assert_false(buf.overflow);
    kit_buf_add_format(&buf, "%d", 1);
    assert_true(buf.overflow);
    assert_string_equal(buf.data, "12-abcde");
    kit_buf_done(&buf);
}

static void test_add_json_string_escapes_what_json_needs(void **state)
{
    (void)state;
    struct kit_buf buf;
    kit_buf_init(&buf, 200);
    kit_buf_add_json_string(&buf, "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f<\xF0\x9F\x98\x80>");
    assert_string_equal(buf.data,
                        "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f<\xF0\x9F\x98\x80>\"");
    kit_buf_reset(&buf);
    kit_buf_add_json_string(&buf, "");
    assert_string_equal(buf.data, "\"\"");
    kit_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_buffer_is_an_empty_text),
        cmocka_unit_test(test_add_grows_and_keeps_what_was_there),
        cmocka_unit_test(test_add_past_the_maximum_sets_overflow_for_good),
        cmocka_unit_test(test_add_int_writes_every_magnitude),
        cmocka_unit_test(test_add_format_fits_exactly_or_not_at_all),
        cmocka_unit_test(test_add_json_string_escapes_what_json_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

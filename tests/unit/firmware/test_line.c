/* Lines out of bytes (rules/devices.md 3.1). */
#include "fakes/cmocka_all.h"

#include <string.h>

#include "core/line.h"

#define COUNT_MAX 8

struct got {
    char text[COUNT_MAX][FW_LINE_BYTES_MAX + 1];
    size_t count;
};

static void push(struct fw_line *line, const char *bytes, struct got *got)
{
    for (const char *at = bytes; *at != '\0'; at++) {
        if (!fw_line_push(line, (uint8_t)*at))
            continue;
        assert_true(got->count < COUNT_MAX);
        memcpy(got->text[got->count], line->bytes, line->size);
        got->text[got->count++][line->size] = '\0';
    }
}

static void test_push_any_line_end_gives_each_line_once(void **state)
{
    (void)state;
    struct fw_line line;
    struct got got = { 0 };
    fw_line_init(&line);
    push(&line, "\r\n\nA\rB\nC\r\nDD\n\rE\r\r\n\n", &got);
    assert_int_equal(got.count, 5);
    assert_string_equal(got.text[0], "A");
    assert_string_equal(got.text[1], "B");
    assert_string_equal(got.text[2], "C");
    assert_string_equal(got.text[3], "DD");
    assert_string_equal(got.text[4], "E");
    assert_int_equal(line.too_long_count, 0);
}

static void test_push_longest_line_is_taken_and_one_more_is_counted(void **state)
{
    (void)state;
    char text[2 * FW_LINE_BYTES_MAX];
    struct fw_line line;
    struct got got = { 0 };
    fw_line_init(&line);
    memset(text, 'x', sizeof(text));
    text[FW_LINE_BYTES_MAX] = '\r';
    text[FW_LINE_BYTES_MAX + 1] = '\0';
    push(&line, text, &got);
    assert_int_equal(got.count, 1);
    assert_int_equal(strlen(got.text[0]), FW_LINE_BYTES_MAX);

    text[FW_LINE_BYTES_MAX] = 'x';
    push(&line, text, &got); /* too long, without an end as yet */
    assert_int_equal(got.count, 1);
    assert_int_equal(line.too_long_count, 1);
    push(&line, text, &got); /* still the same line */
    push(&line, "\r\nB\n", &got);
    assert_int_equal(line.too_long_count, 1);
    assert_int_equal(got.count, 2);
    assert_string_equal(got.text[1], "B");
}

static void test_reset_half_a_line_drops_it_and_keeps_the_count(void **state)
{
    (void)state;
    char text[FW_LINE_BYTES_MAX + 2];
    struct fw_line line;
    struct got got = { 0 };
    fw_line_init(&line);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    push(&line, text, &got);
    fw_line_reset(&line);
    push(&line, "ha", &got);
    fw_line_reset(&line);
    push(&line, "lf\n", &got);
    assert_int_equal(got.count, 1);
    assert_string_equal(got.text[0], "lf");
    assert_int_equal(line.too_long_count, 1);
}

static void test_push_any_byte_but_ends_is_kept(void **state)
{
    (void)state;
    struct fw_line line;
    fw_line_init(&line);
    for (int byte = 0; byte < 256; byte++) {
        if (byte == '\r' || byte == '\n')
            continue;
        assert_false(fw_line_push(&line, (uint8_t)byte));
        assert_true(fw_line_push(&line, '\n'));
        assert_int_equal(line.size, 1);
        assert_int_equal(line.bytes[0], byte);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push_any_line_end_gives_each_line_once),
        cmocka_unit_test(test_push_longest_line_is_taken_and_one_more_is_counted),
        cmocka_unit_test(test_reset_half_a_line_drops_it_and_keeps_the_count),
        cmocka_unit_test(test_push_any_byte_but_ends_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

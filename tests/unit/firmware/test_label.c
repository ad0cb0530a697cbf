/* Labels (rules/devices.md 3.2 to 3.4), by the vectors of label_model.h. */
#include "fakes/cmocka_all.h"

#include <string.h>

#include "core/gs1.h"
#include "core/label.h"
#include "core/line.h"
#include "unit/firmware/label_model.h"

static void test_parse_every_known_label_gives_kind_and_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < label_vector_count; i++) {
        const struct label_vector *vector = &label_vectors[i];
        struct fw_label label;
        memset(&label, 0x55, sizeof(label));
        fw_label_parse((const uint8_t *)vector->line, strlen(vector->line), &label);
        const char *kind = label_vector_kinds[label.kind];
        if (strcmp(kind, vector->kind) != 0 || strcmp(label.value, vector->value) != 0)
            print_error("%s: kind %s, value %s\n", vector->line, kind, label.value);
        assert_string_equal(kind, vector->kind);
        assert_string_equal(label.value, vector->value);
        assert_string_equal(label.symbology, vector->symbology);
    }
}

static void test_check_char_every_single_error_and_swap_is_noticed(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-";
    static const char value[] = "A-01-03XZ";
    char changed[sizeof(value)];
    char right = fw_label_check_char('B', value, strlen(value));
    assert_int_equal(right, fw_label_check_char('B', value, strlen(value)));
    for (size_t at = 0; at < strlen(value); at++) {
        for (const char *c = alphabet; *c != '\0'; c++) {
            memcpy(changed, value, sizeof(value));
            changed[at] = *c;
            assert_int_equal(fw_label_check_char('B', changed, strlen(value)) == right,
                             *c == value[at]);
        }
        if (at > 0 && value[at] != value[at - 1]) {
            memcpy(changed, value, sizeof(value));
            changed[at] = value[at - 1];
            changed[at - 1] = value[at];
            assert_int_not_equal(fw_label_check_char('B', changed, strlen(value)), right);
        }
    }
}

static void test_check_char_not_of_our_form_gives_none(void **state)
{
    (void)state;
    assert_int_equal(fw_label_check_char('G', "1", 1), 0);
    assert_int_equal(fw_label_check_char('\0', "1", 1), 0);
    assert_int_equal(fw_label_check_char('P', "", 0), 0);
    assert_int_equal(fw_label_check_char('P', "1234567890123456789012345", 25), 0);
    assert_int_equal(fw_label_check_char('P', "a", 1), 0);
    assert_int_equal(fw_label_check_char('P', "*", 1), 0);
}

static void test_parse_longest_line_stays_in_bounds(void **state)
{
    (void)state;
    static const char *const starts[] = { "]C18004", "]C1", "LS:P:", "(8004)", "]d221", "]E0", "" };
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        uint8_t line[FW_LINE_BYTES_MAX];
        struct fw_label label;
        memset(line, '1', sizeof(line));
        memcpy(line, starts[i], strlen(starts[i]));
        fw_label_parse(line, sizeof(line), &label);
        assert_true(label.kind == FW_LABEL_TEXT || label.kind == FW_LABEL_DAMAGED);
        assert_int_equal(strlen(label.value), FW_LABEL_VALUE_SIZE - 1);
    }
}

static void test_gs1_check_digit_published_numbers_are_right(void **state)
{
    (void)state;
    assert_int_equal(fw_gs1_check_digit((const uint8_t *)"629104150021", 12), '3');
    assert_int_equal(fw_gs1_check_digit((const uint8_t *)"37610425002123456", 17), '9');
    assert_int_equal(fw_gs1_check_digit((const uint8_t *)"7351353", 7), '7');
    assert_int_equal(fw_gs1_check_digit((const uint8_t *)"0000000", 7), '0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_every_known_label_gives_kind_and_value),
        cmocka_unit_test(test_check_char_every_single_error_and_swap_is_noticed),
        cmocka_unit_test(test_check_char_not_of_our_form_gives_none),
        cmocka_unit_test(test_parse_longest_line_stays_in_bounds),
        cmocka_unit_test(test_gs1_check_digit_published_numbers_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

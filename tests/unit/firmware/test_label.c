/* Labels (rules/devices.md 3.2 to 3.4). GS1 vectors: General Specifications and EPC Tag Data
 * Standard (the 0614141 and 9501101 series); MOD 37-2: ISBT 128's published example. */
#include "fakes/cmocka_all.h"

#include <string.h>

#include "core/gs1.h"
#include "core/label.h"
#include "core/line.h"

#define GS "\x1D"

struct vector {
    const char *line;
    enum fw_label_type kind;
    const char *symbology;
    const char *value;
};

static void check(const struct vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fw_label label;
        memset(&label, 0x55, sizeof(label));
        fw_label_parse((const uint8_t *)vectors[i].line, strlen(vectors[i].line), &label);
        if (label.kind != vectors[i].kind || strcmp(label.value, vectors[i].value) != 0)
            print_error("%s: kind %d, value %s\n", vectors[i].line, (int)label.kind, label.value);
        assert_int_equal(label.kind, vectors[i].kind);
        assert_string_equal(label.value, vectors[i].value);
        assert_string_equal(label.symbology, vectors[i].symbology);
    }
}

#define CHECK_ALL(vectors) check(vectors, sizeof(vectors) / sizeof((vectors)[0]))

static void test_parse_our_own_labels_gives_kind_and_value(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        { "LS:P:1:A", FW_LABEL_PRODUCT, "", "1" },
        { "LS:A:A0001:1", FW_LABEL_ASSET, "", "A0001" },
        { "LS:B:A-01-03:P", FW_LABEL_BIN, "", "A-01-03" },
        { "LS:T:T-7:Z", FW_LABEL_TOTE, "", "T-7" },
        { "LS:O:42:B", FW_LABEL_ORDER, "", "42" },
        { "LS:C:L1-03:R", FW_LABEL_COMPARTMENT, "", "L1-03" },
        { "LS:X:PUT-AWAY:6", FW_LABEL_COMMAND, "", "PUT-AWAY" },
        { "LS:B:-:X", FW_LABEL_BIN, "", "-" },
        { "LS:P:28:*", FW_LABEL_PRODUCT, "", "28" },
        { "LS:P:123456789012345678901234:I", FW_LABEL_PRODUCT, "", "123456789012345678901234" },
        /* T and W lead to the same product as the G of G123498654321, whose character is H. */
        { "LS:T:W123498654321:H", FW_LABEL_TOTE, "", "W123498654321" },
        { "]C0LS:P:1:A", FW_LABEL_PRODUCT, "]C0", "1" },
        { "]Q1LS:O:42:B", FW_LABEL_ORDER, "]Q1", "42" },
    };
    CHECK_ALL(vectors);
}

static void test_parse_own_form_broken_is_damaged_or_text(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        { "LS:P:1:B", FW_LABEL_DAMAGED, "", "LS:P:1:B" },
        { "]C0LS:P:2:A", FW_LABEL_DAMAGED, "]C0", "LS:P:2:A" },
        { "LS:P:1:a", FW_LABEL_DAMAGED, "", "LS:P:1:a" },
        { "LS:Z:1:A", FW_LABEL_TEXT, "", "LS:Z:1:A" },
        { "LS:P::A", FW_LABEL_TEXT, "", "LS:P::A" },
        { "LS:P:a:A", FW_LABEL_TEXT, "", "LS:P:a:A" },
        { "LS:P:1 :A", FW_LABEL_TEXT, "", "LS:P:1 :A" },
        { "LS:P:1:A ", FW_LABEL_TEXT, "", "LS:P:1:A " },
        { "ls:P:1:A", FW_LABEL_TEXT, "", "ls:P:1:A" },
        { "LS:P:1A", FW_LABEL_TEXT, "", "LS:P:1A" },
        { "LS:P:1234567890123456789012345:I", FW_LABEL_TEXT, "",
          "LS:P:1234567890123456789012345:I" },
        { "LS:", FW_LABEL_TEXT, "", "LS:" },
    };
    CHECK_ALL(vectors);
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

static void test_parse_gs1_keys_with_fnc1_gives_the_key(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        { "]C10109501101530003", FW_LABEL_GTIN, "]C1", "09501101530003" },
        { "]d2010950110153000317150119"
          "10AB-123",
          FW_LABEL_GTIN, "]d2", "09501101530003" },
        { "]d2" GS "011061414112345921400", FW_LABEL_SGTIN, "]d2", "10614141123459.400" },
        { "]Q301106141411234592132a/b" GS "10LOT", FW_LABEL_SGTIN, "]Q3", "10614141123459.32a/b" },
        { "]d210LOT" GS "21400" GS "0110614141123459", FW_LABEL_SGTIN, "]d2",
          "10614141123459.400" },
        { "]C100106141412345678908", FW_LABEL_SSCC, "]C1", "106141412345678908" },
        { "]C10037610425002123456902095011015300033712", FW_LABEL_SSCC, "]C1",
          "376104250021234569" },
        { "]e0800300614141123452400", FW_LABEL_GRAI, "]e0", "0614141123452400" },
        { "]C1800300614141123452", FW_LABEL_GRAI, "]C1", "0614141123452" },
        { "]C18004061414112345400", FW_LABEL_GIAI, "]C1", "061414112345400" },
        { "]C18004A!\"%&'()*+,-./:;<=>?_z", FW_LABEL_GIAI, "]C1", "A!\"%&'()*+,-./:;<=>?_z" },
        { "]C14140614141123452", FW_LABEL_GLN, "]C1", "0614141123452" },
        { "]C14150614141123452"
          "8020ABC",
          FW_LABEL_GLN, "]C1", "0614141123452" },
        /* weight (4 digits of identifier), a superfluous FNC1 behind it, country, internal */
        { "]C13103001750" GS "422276" GS "91X" GS "0109501101530003", FW_LABEL_GTIN, "]C1",
          "09501101530003" },
        { "]C1414061414112345280030061414112345212" GS "00106141412345678908", FW_LABEL_GRAI, "]C1",
          "061414112345212" },
    };
    CHECK_ALL(vectors);
}

static void test_parse_gs1_keys_in_brackets_gives_the_key(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        { "(01)09501101530003", FW_LABEL_GTIN, "", "09501101530003" },
        { "(01)10614141123459(21)400", FW_LABEL_SGTIN, "", "10614141123459.400" },
        { "]C0(17)150119(10)A(1)B(21)9(01)09501101530003", FW_LABEL_SGTIN, "]C0",
          "09501101530003.9" },
        { "(8003)00614141123452400", FW_LABEL_GRAI, "", "0614141123452400" },
        { "(8004)(x)1", FW_LABEL_GIAI, "", "(x)1" },
        { "(00)106141412345678908", FW_LABEL_SSCC, "", "106141412345678908" },
        { "(414)0614141123452(254)32a", FW_LABEL_GLN, "", "0614141123452" },
        { "(10)LOT", FW_LABEL_TEXT, "", "(10)LOT" },
        { "(05)1", FW_LABEL_TEXT, "", "(05)1" },
        { "(001)106141412345678908", FW_LABEL_TEXT, "", "(001)106141412345678908" },
        { "(hello", FW_LABEL_TEXT, "", "(hello" },
        { "(", FW_LABEL_TEXT, "", "(" },
        { "(01)0950110153000", FW_LABEL_DAMAGED, "", "(01)0950110153000" },
        { "(01)09501101530004", FW_LABEL_DAMAGED, "", "(01)09501101530004" },
        { "(01)09501101530003(21)", FW_LABEL_DAMAGED, "", "(01)09501101530003(21)" },
        { "(01)", FW_LABEL_DAMAGED, "", "(01)" },
    };
    CHECK_ALL(vectors);
}

static void test_parse_gs1_broken_is_damaged(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        { "]C10109501101530002", FW_LABEL_DAMAGED, "]C1", "0109501101530002" },
        { "]C1010950110153000", FW_LABEL_DAMAGED, "]C1", "010950110153000" },
        { "]C1010950110" GS "1530003", FW_LABEL_DAMAGED, "]C1", "010950110?1530003" },
        { "]C101095O1101530003", FW_LABEL_DAMAGED, "]C1", "01095O1101530003" },
        { "]C100106141412345678907", FW_LABEL_DAMAGED, "]C1", "00106141412345678907" },
        { "]C14140614141123453", FW_LABEL_DAMAGED, "]C1", "4140614141123453" },
        /* The 13 digits of the key without the 0 before them, and with something else there. */
        { "]C180030614141123452", FW_LABEL_DAMAGED, "]C1", "80030614141123452" },
        { "]C1800310614141123459", FW_LABEL_DAMAGED, "]C1", "800310614141123459" },
        { "]C1800300614141123452"
          "12345678901234567",
          FW_LABEL_DAMAGED, "]C1", "80030061414112345212345678901234567" },
        { "]C18004", FW_LABEL_DAMAGED, "]C1", "8004" },
        { "]C180041234567890123456789012345678901", FW_LABEL_DAMAGED, "]C1",
          "80041234567890123456789012345678901" },
        { "]C18004a\x01", FW_LABEL_DAMAGED, "]C1", "8004a?" },
        { "]C1010950110153000321"
          "123456789012345678901",
          FW_LABEL_DAMAGED, "]C1", "010950110153000321123456789012345678901" },
        { "]C1111501", FW_LABEL_DAMAGED, "]C1", "111501" },
    };
    CHECK_ALL(vectors);
}

static void test_parse_gs1_without_a_key_is_text(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        { "]C110LOT", FW_LABEL_TEXT, "]C1", "10LOT" },
        { "]C121400", FW_LABEL_TEXT, "]C1", "21400" },
        { "]C1HELLO", FW_LABEL_TEXT, "]C1", "HELLO" },
        { "]C105123", FW_LABEL_TEXT, "]C1", "05123" },
        { "]C1800", FW_LABEL_TEXT, "]C1", "800" },
        { "]C18", FW_LABEL_TEXT, "]C1", "8" },
        { "]C1", FW_LABEL_TEXT, "]C1", "" },
        { "]C1" GS GS, FW_LABEL_TEXT, "]C1", "??" },
        { "]C010109501101530003", FW_LABEL_TEXT, "]C0", "10109501101530003" },
        { "0109501101530003", FW_LABEL_TEXT, "", "0109501101530003" },
    };
    CHECK_ALL(vectors);
}

static void test_parse_ean_and_upc_gives_a_gtin(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        { "]E06291041500213", FW_LABEL_GTIN, "]E0", "06291041500213" },
        { "]E04006381333931", FW_LABEL_GTIN, "]E0", "04006381333931" },
        { "]E0036000291452", FW_LABEL_GTIN, "]E0", "00036000291452" },
        { "]E473513537", FW_LABEL_GTIN, "]E4", "00000073513537" },
        { "]E473513536", FW_LABEL_DAMAGED, "]E4", "73513536" },
        { "]E06291041500214", FW_LABEL_DAMAGED, "]E0", "6291041500214" },
        { "]E0629104150021", FW_LABEL_DAMAGED, "]E0", "629104150021" },
        { "]E062910415002133", FW_LABEL_TEXT, "]E0", "62910415002133" },
        { "]E0629104150021X", FW_LABEL_TEXT, "]E0", "629104150021X" },
        { "6291041500213", FW_LABEL_TEXT, "", "6291041500213" },
    };
    CHECK_ALL(vectors);
}

static void test_parse_anything_else_is_printable_text_cut_at_64(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        { "hello world", FW_LABEL_TEXT, "", "hello world" },
        { "]C", FW_LABEL_TEXT, "", "]C" },
        { "]1C23", FW_LABEL_TEXT, "", "]1C23" },
        { "]C!23", FW_LABEL_TEXT, "", "]C!23" },
        { "a\tb\x7F\xC3\xA4", FW_LABEL_TEXT, "", "a?b???" },
        { "0123456789012345678901234567890123456789012345678901234567890123456789", FW_LABEL_TEXT,
          "", "0123456789012345678901234567890123456789012345678901234567890123" },
    };
    CHECK_ALL(vectors);
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
        cmocka_unit_test(test_parse_our_own_labels_gives_kind_and_value),
        cmocka_unit_test(test_parse_own_form_broken_is_damaged_or_text),
        cmocka_unit_test(test_check_char_every_single_error_and_swap_is_noticed),
        cmocka_unit_test(test_check_char_not_of_our_form_gives_none),
        cmocka_unit_test(test_parse_gs1_keys_with_fnc1_gives_the_key),
        cmocka_unit_test(test_parse_gs1_keys_in_brackets_gives_the_key),
        cmocka_unit_test(test_parse_gs1_broken_is_damaged),
        cmocka_unit_test(test_parse_gs1_without_a_key_is_text),
        cmocka_unit_test(test_parse_ean_and_upc_gives_a_gtin),
        cmocka_unit_test(test_parse_anything_else_is_printable_text_cut_at_64),
        cmocka_unit_test(test_parse_longest_line_stays_in_bounds),
        cmocka_unit_test(test_gs1_check_digit_published_numbers_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

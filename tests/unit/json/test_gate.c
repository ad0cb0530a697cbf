/* The gate: every trap of cJSON, and every kind of text that is not JSON. A table row is a text and
 * the code it must get; texts with NUL inside carry their size. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/buf.h"
#include "kit/json/gate.h"

#define SIZE_MAX_BYTES 4096
#define ROW(text, code)                                                                            \
    {                                                                                              \
        text, sizeof(text) - 1, code                                                               \
    }

struct row {
    const char *text;
    size_t size_bytes;
    int code;
};

/* From a heap copy of exactly that size, so that the sanitizer sees a read past the end. */
static int gate(const char *text, size_t size_bytes, struct kit_error *err)
{
    char *copy = malloc(size_bytes > 0 ? size_bytes : 1);
    assert_non_null(copy);
    memcpy(copy, text, size_bytes);
    int rc = kit_json_gate(copy, size_bytes, SIZE_MAX_BYTES, err);
    if (rc == KIT_OK) {
        cJSON *root = NULL;
        assert_int_equal(kit_json_parse(copy, size_bytes, SIZE_MAX_BYTES, &root, err), KIT_OK);
        assert_non_null(root);
        cJSON_Delete(root);
    }
    free(copy);
    return rc;
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct kit_error err = { 0 };
        int rc = gate(rows[i].text, rows[i].size_bytes, &err);
        if (rc != rows[i].code)
            fail_msg("row %zu (%s): %s, expected %s; %s", i, rows[i].text, kit_code_name(rc),
                     kit_code_name(rows[i].code), err.text);
        if (rc != KIT_OK)
            assert_true(strlen(err.text) > 0);
    }
}

static void test_gate_takes_well_formed_documents(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("{}", KIT_OK),
        ROW("[]", KIT_OK),
        ROW(" \t\r\n{ \"a\" : [ 1 , -2 , true , false , null , \"x\" ] , \"b\" : { } } \n", KIT_OK),
        ROW("\"\"", KIT_OK),
        ROW("0", KIT_OK),
        ROW("-0", KIT_OK),
        ROW("true", KIT_OK),
        ROW("null", KIT_OK),
        ROW("{\"\":1}", KIT_OK),
        ROW("{\"a\":1,\"A\":2,\"b\":3}", KIT_OK),
        ROW("[{\"a\":1},{\"a\":1}]", KIT_OK),
        ROW("{\"a\":{\"a\":{\"a\":1}},\"b\":1}", KIT_OK),
        ROW("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\uD83D\\uDE00\"", KIT_OK),
        ROW("\"\x7f\"", KIT_OK),
    };
    check_rows(rows, KIT_COUNT(rows));
}

static void test_gate_refuses_broken_grammar(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", KIT_E_MALFORMED),
        ROW(" ", KIT_E_MALFORMED),
        ROW(" \t\r\n ", KIT_E_MALFORMED),
        ROW("\xEF\xBB\xBF{}", KIT_E_MALFORMED),
        ROW("\xEF\xBB\xBF", KIT_E_MALFORMED),
        ROW("not json", KIT_E_MALFORMED),
        ROW("{}x", KIT_E_MALFORMED),
        ROW("{} {}", KIT_E_MALFORMED),
        ROW("{}\0", KIT_E_MALFORMED),
        ROW("1 2", KIT_E_MALFORMED),
        ROW("{]", KIT_E_MALFORMED),
        ROW("[}", KIT_E_MALFORMED),
        ROW("]", KIT_E_MALFORMED),
        ROW("[1,]", KIT_E_MALFORMED),
        ROW("[,1]", KIT_E_MALFORMED),
        ROW("[1,,2]", KIT_E_MALFORMED),
        ROW("[1 2]", KIT_E_MALFORMED),
        ROW("{\"a\":1,}", KIT_E_MALFORMED),
        ROW("{,\"a\":1}", KIT_E_MALFORMED),
        ROW("{\"a\" 1}", KIT_E_MALFORMED),
        ROW("{\"a\":}", KIT_E_MALFORMED),
        ROW("{\"a\"}", KIT_E_MALFORMED),
        ROW("{a:1}", KIT_E_MALFORMED),
        ROW("{'a':1}", KIT_E_MALFORMED),
        ROW("{1:1}", KIT_E_MALFORMED),
        ROW("{\"a\":1 \"b\":2}", KIT_E_MALFORMED),
        ROW("{\"a\"::1}", KIT_E_MALFORMED),
        ROW("[1]//x", KIT_E_MALFORMED),
        ROW("/**/1", KIT_E_MALFORMED),
        ROW("True", KIT_E_MALFORMED),
        ROW("truex", KIT_E_MALFORMED),
        ROW("nul", KIT_E_MALFORMED),
        ROW("NaN", KIT_E_MALFORMED),
        ROW("Infinity", KIT_E_MALFORMED),
        ROW("\v1", KIT_E_MALFORMED),
        ROW("\xC2\xA0"
            "1",
            KIT_E_MALFORMED),
    };
    check_rows(rows, KIT_COUNT(rows));
}

static void test_gate_refuses_bad_strings(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("\"", KIT_E_MALFORMED),
        ROW("\"abc", KIT_E_MALFORMED),
        ROW("\"abc\\", KIT_E_MALFORMED),
        ROW("\"abc\\\"", KIT_E_MALFORMED),
        ROW("\"\\x41\"", KIT_E_MALFORMED),
        ROW("\"\\'\"", KIT_E_MALFORMED),
        ROW("\"\\\0\"", KIT_E_MALFORMED),
        ROW("\"\\u\"", KIT_E_MALFORMED),
        ROW("\"\\u12\"", KIT_E_MALFORMED),
        ROW("\"\\u12g4\"", KIT_E_MALFORMED),
        ROW("\"\\u123", KIT_E_MALFORMED),
        ROW("\"\\u 123\"", KIT_E_MALFORMED),
        ROW("\"\\U0041\"", KIT_E_MALFORMED),
        ROW("\"\\u0000\"", KIT_E_MALFORMED),
        ROW("\"a\0b\"", KIT_E_MALFORMED),
        ROW("\"\\uD800\"", KIT_E_MALFORMED),
        ROW("\"\\uDC00\"", KIT_E_MALFORMED),
        ROW("\"\\uDBFFx\"", KIT_E_MALFORMED),
        ROW("\"\\uD800\\n\"", KIT_E_MALFORMED),
        ROW("\"\\uD800\\u0041\"", KIT_E_MALFORMED),
        ROW("\"\\uD800\\uD800\"", KIT_E_MALFORMED),
        ROW("\"\\uDE00\\uD83D\"", KIT_E_MALFORMED),
        ROW("\"\\uD83D\\uDE0", KIT_E_MALFORMED),
        ROW("\"\n\"", KIT_E_MALFORMED),
        ROW("\"\t\"", KIT_E_MALFORMED),
        ROW("\"\x1f\"", KIT_E_MALFORMED),
        ROW("\"\x01\"", KIT_E_MALFORMED),
        ROW("{\"\\u0000\":1}", KIT_E_MALFORMED),
        ROW("{\"\\uD800\":1}", KIT_E_MALFORMED),
    };
    check_rows(rows, KIT_COUNT(rows));
}

static void test_gate_takes_the_edges_of_utf8_only(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("\"\xC2\x80\"", KIT_OK),
        ROW("\"\xDF\xBF\"", KIT_OK),
        ROW("\"\xE0\xA0\x80\"", KIT_OK),
        ROW("\"\xED\x9F\xBF\"", KIT_OK),
        ROW("\"\xEE\x80\x80\"", KIT_OK),
        ROW("\"\xEF\xBF\xBF\"", KIT_OK),
        ROW("\"\xEF\xBB\xBF\"", KIT_OK), /* U+FEFF inside a string is a character */
        ROW("\"\xF0\x90\x80\x80\"", KIT_OK),
        ROW("\"\xF4\x8F\xBF\xBF\"", KIT_OK),
        ROW("\"\x80\"", KIT_E_MALFORMED), /* continuation without lead */
        ROW("\"\xBF\"", KIT_E_MALFORMED),
        ROW("\"\xC0\x80\"", KIT_E_MALFORMED),     /* overlong NUL */
        ROW("\"\xC1\xBF\"", KIT_E_MALFORMED),     /* overlong */
        ROW("\"\xE0\x80\xAF\"", KIT_E_MALFORMED), /* overlong slash */
        ROW("\"\xE0\x9F\xBF\"", KIT_E_MALFORMED),
        ROW("\"\xF0\x80\x80\xAF\"", KIT_E_MALFORMED),
        ROW("\"\xF0\x8F\xBF\xBF\"", KIT_E_MALFORMED),
        ROW("\"\xED\xA0\x80\"", KIT_E_MALFORMED),             /* surrogate D800 */
        ROW("\"\xED\xBF\xBF\"", KIT_E_MALFORMED),             /* surrogate DFFF */
        ROW("\"\xED\xA0\xBD\xED\xB8\x80\"", KIT_E_MALFORMED), /* CESU-8 pair */
        ROW("\"\xF4\x90\x80\x80\"", KIT_E_MALFORMED),         /* U+110000 */
        ROW("\"\xF5\x80\x80\x80\"", KIT_E_MALFORMED),
        ROW("\"\xF8\x88\x80\x80\x80\"", KIT_E_MALFORMED), /* five bytes */
        ROW("\"\xFC\x84\x80\x80\x80\x80\"", KIT_E_MALFORMED),
        ROW("\"\xFE\"", KIT_E_MALFORMED),
        ROW("\"\xFF\"", KIT_E_MALFORMED),
        ROW("\"\xC3\"", KIT_E_MALFORMED), /* cut short */
        ROW("\"\xE2\x82\"", KIT_E_MALFORMED),
        ROW("\"\xF0\x9F\x98\"", KIT_E_MALFORMED),
        ROW("\"\xC3", KIT_E_MALFORMED),
        ROW("\"\xF0\x9F\x98", KIT_E_MALFORMED),
        ROW("\"\xC3(\"", KIT_E_MALFORMED),
        ROW("\"\xE2\x28\xA1\"", KIT_E_MALFORMED),
        ROW("\"\xE9\"", KIT_E_MALFORMED), /* Latin-1 */
        ROW("{\"\xC3\":1}", KIT_E_MALFORMED),
        ROW("\xC3\xA9", KIT_E_MALFORMED), /* outside of a string */
    };
    check_rows(rows, KIT_COUNT(rows));
}

static void test_gate_takes_exact_integers_only(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("9007199254740991", KIT_OK),
        ROW("-9007199254740991", KIT_OK),
        ROW("2147483648", KIT_OK),
        ROW("9007199254740992", KIT_E_INVALID), /* 2^53 */
        ROW("9007199254740993", KIT_E_INVALID),
        ROW("-9007199254740992", KIT_E_INVALID),
        ROW("9223372036854775808", KIT_E_INVALID),
        ROW("99999999999999999999", KIT_E_INVALID),
        ROW("18446744073709551617", KIT_E_INVALID), /* 2^64+1: must not wrap to 1 */
        ROW("0.5", KIT_E_INVALID),
        ROW("1.0", KIT_E_INVALID),
        ROW("1e400", KIT_E_INVALID),
        ROW("1E2", KIT_E_INVALID),
        ROW("1e+2", KIT_E_INVALID),
        ROW("-1.5e-3", KIT_E_INVALID),
        ROW("01", KIT_E_MALFORMED),
        ROW("-01", KIT_E_MALFORMED),
        ROW("00", KIT_E_MALFORMED),
        ROW("+1", KIT_E_MALFORMED),
        ROW("-", KIT_E_MALFORMED),
        ROW("--1", KIT_E_MALFORMED),
        ROW("1.", KIT_E_MALFORMED),
        ROW(".5", KIT_E_MALFORMED),
        ROW("1e", KIT_E_MALFORMED),
        ROW("1e+", KIT_E_MALFORMED),
        ROW("1.e5", KIT_E_MALFORMED),
        ROW("0x10", KIT_E_MALFORMED),
        ROW("1_000", KIT_E_MALFORMED),
        ROW("9x", KIT_E_MALFORMED),
    };
    check_rows(rows, KIT_COUNT(rows));
}

static void test_gate_names_the_number_by_pointer(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *pointer;
    } rows[] = {
        { "0.5", "" },
        { "{\"qty\":0.5}", "/qty" },
        { "{\"a\":{\"b\":[1,[],{\"c\":1,\"d\":1e400}]}}", "/a/b/2/d" },
        { "[[],[1,2.5]]", "/1/1" },
        { "{\"x\":{\"y\":1},\"a/b~c\":[0.5]}", "/a~1b~0c/0" },
        { "{\"\\u0061\\n\":0.5}", "/a\n" },
        { "{\"\\uD83D\\uDE00\\u00e9\":0.5}", "/\xF0\x9F\x98\x80\xC3\xA9" },
        { "{\"\":0.5}", "/" },
    };
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct kit_error err = { 0 };
        assert_int_equal(gate(rows[i].text, strlen(rows[i].text), &err), KIT_E_INVALID);
        assert_string_equal(err.pointer, rows[i].pointer);
        assert_non_null(strstr(err.text, "must be a whole number"));
    }
}

static void test_gate_pointer_that_does_not_fit_names_the_parent(void **state)
{
    (void)state;
    struct kit_error err = { 0 };
    struct kit_buf text;
    kit_buf_init(&text, 1000);
    kit_buf_add_text(&text, "{\"a\":{\"");
    for (int i = 0; i < KIT_JSON_KEY_BYTES_MAX; i++)
        kit_buf_add_char(&text, 'k');
    kit_buf_add_text(&text, "\":[0.5]}}");
    assert_int_equal(gate(text.data, text.size_bytes, &err), KIT_E_INVALID);
    assert_string_equal(err.pointer, "/a");
    kit_buf_done(&text);
}

static void test_gate_refuses_duplicate_keys(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("{\"a\":1,\"a\":2}", KIT_E_MALFORMED),
        ROW("{\"a\":1,\"\\u0061\":2}", KIT_E_MALFORMED),
        ROW("{\"\\u0061\":1,\"a\":2}", KIT_E_MALFORMED),
        ROW("{\"\\n\":1,\"\\u000A\":2}", KIT_E_MALFORMED),
        ROW("{\"\\/\":1,\"/\":2}", KIT_E_MALFORMED),
        ROW("{\"\xC3\xA9\":1,\"\\u00E9\":2}", KIT_E_MALFORMED),
        ROW("{\"\xE2\x82\xAC\":1,\"\\u20ac\":2}", KIT_E_MALFORMED),
        ROW("{\"\xF0\x9F\x98\x80\":1,\"\\uD83D\\uDE00\":2}", KIT_E_MALFORMED),
        ROW("{\"\":1,\"\":2}", KIT_E_MALFORMED),
        ROW("{\"a\":{\"b\":1},\"b\":2,\"a\":3}", KIT_E_MALFORMED),
        ROW("[{\"a\":{\"b\":1,\"c\":{},\"b\":1}}]", KIT_E_MALFORMED),
    };
    check_rows(rows, KIT_COUNT(rows));
}

/* "[[[...]]]", or the same with objects. */
static int gate_nested(int depth, const char *open, const char *close)
{
    struct kit_error err = { 0 };
    struct kit_buf text;
    kit_buf_init(&text, SIZE_MAX_BYTES);
    for (int i = 0; i < depth; i++)
        kit_buf_add_text(&text, open);
    if (close[0] == '}')
        kit_buf_add_text(&text, "1");
    for (int i = 0; i < depth; i++)
        kit_buf_add_text(&text, close);
    assert_false(text.overflow);
    int rc = gate(text.data, text.size_bytes, &err);
    kit_buf_done(&text);
    return rc;
}

static void test_gate_limits_the_depth(void **state)
{
    (void)state;
    assert_int_equal(gate_nested(KIT_JSON_DEPTH_MAX, "[", "]"), KIT_OK);
    assert_int_equal(gate_nested(KIT_JSON_DEPTH_MAX + 1, "[", "]"), KIT_E_MALFORMED);
    assert_int_equal(gate_nested(100, "[", "]"), KIT_E_MALFORMED);
    assert_int_equal(gate_nested(1000, "[", "]"), KIT_E_MALFORMED);
    assert_int_equal(gate_nested(KIT_JSON_DEPTH_MAX, "{\"a\":", "}"), KIT_OK);
    assert_int_equal(gate_nested(KIT_JSON_DEPTH_MAX + 1, "{\"a\":", "}"), KIT_E_MALFORMED);
}

static int gate_members(int count, int key_size)
{
    struct kit_error err = { 0 };
    struct kit_buf text;
    kit_buf_init(&text, SIZE_MAX_BYTES);
    kit_buf_add_char(&text, '{');
    for (int i = 0; i < count; i++)
        kit_buf_add_format(&text, "%s\"%0*d\":1", i == 0 ? "" : ",", key_size, i);
    kit_buf_add_char(&text, '}');
    assert_false(text.overflow);
    int rc = gate(text.data, text.size_bytes, &err);
    kit_buf_done(&text);
    return rc;
}

static void test_gate_limits_members_and_their_names(void **state)
{
    (void)state;
    assert_int_equal(gate_members(KIT_JSON_MEMBERS_MAX, 3), KIT_OK);
    assert_int_equal(gate_members(KIT_JSON_MEMBERS_MAX + 1, 3), KIT_E_MALFORMED);
    assert_int_equal(gate_members(1, KIT_JSON_KEY_BYTES_MAX), KIT_OK);
    assert_int_equal(gate_members(1, KIT_JSON_KEY_BYTES_MAX + 1), KIT_E_MALFORMED);
}

static void test_gate_limits_the_size(void **state)
{
    (void)state;
    struct kit_error err;
    assert_int_equal(kit_json_gate("[1,2]", 5, 5, &err), KIT_OK);
    assert_int_equal(kit_json_gate("[1,2]", 5, 4, &err), KIT_E_TOO_LARGE);
    cJSON *root = NULL;
    assert_int_equal(kit_json_parse("[1,2]", 5, 4, &root, &err), KIT_E_TOO_LARGE);
    assert_int_equal(kit_json_parse("{", 1, 4, &root, NULL), KIT_E_MALFORMED);
    assert_null(root);
}

static void test_gate_says_where(void **state)
{
    (void)state;
    struct kit_error err;
    assert_int_equal(gate("{\"a\":tru}", 9, &err), KIT_E_MALFORMED);
    assert_non_null(strstr(err.text, "at byte 5:"));
    assert_int_equal(gate("{\"a\":1} x", 9, &err), KIT_E_MALFORMED);
    assert_non_null(strstr(err.text, "at byte 8: nothing may follow"));
}

static void test_gate_refuses_a_document_cut_at_any_byte(void **state)
{
    (void)state;
    static const char document[] =
        "{\"name\":\"caf\xC3\xA9 \\uD83D\\uDE00 \xF0\x9F\x98\x80\",\"qty\":-12,\"list\":[true,"
        "false,null,{\"a\":[]}],\"\\u0061\\n\":\"\"}";
    struct kit_error err;
    for (size_t size_bytes = 0; size_bytes < sizeof(document) - 1; size_bytes++)
        assert_int_equal(gate(document, size_bytes, &err), KIT_E_MALFORMED);
    assert_int_equal(gate(document, sizeof(document) - 1, &err), KIT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_takes_well_formed_documents),
        cmocka_unit_test(test_gate_refuses_broken_grammar),
        cmocka_unit_test(test_gate_refuses_bad_strings),
        cmocka_unit_test(test_gate_takes_the_edges_of_utf8_only),
        cmocka_unit_test(test_gate_takes_exact_integers_only),
        cmocka_unit_test(test_gate_names_the_number_by_pointer),
        cmocka_unit_test(test_gate_pointer_that_does_not_fit_names_the_parent),
        cmocka_unit_test(test_gate_refuses_duplicate_keys),
        cmocka_unit_test(test_gate_limits_the_depth),
        cmocka_unit_test(test_gate_limits_members_and_their_names),
        cmocka_unit_test(test_gate_limits_the_size),
        cmocka_unit_test(test_gate_says_where),
        cmocka_unit_test(test_gate_refuses_a_document_cut_at_any_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

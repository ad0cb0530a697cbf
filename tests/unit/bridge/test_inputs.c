/* What the request line and headers may say. */
#include <string.h>

#include "bridge/inputs.h"
#include "fakes/cmocka_all.h"

static void test_input_page_valid_query_is_read(void **state)
{
    static const struct {
        const char *query;
        int64_t number, size;
    } rows[] = {
        { "", 0, 20 },
        { "page=3", 3, 20 },
        { "size=100", 0, 100 },
        { "page=0&size=1", 0, 1 },
        { "size=7&page=1000000000", 1000000000, 7 },
    };
    struct kit_error err;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct page_query page = { -1, -1 };
        assert_int_equal(input_page(rows[i].query, &page, &err), KIT_OK);
        assert_int_equal(page.number, rows[i].number);
        assert_int_equal(page.size, rows[i].size);
    }
}

static void test_input_format_query_wins_then_accept(void **state)
{
    static const struct {
        const char *query, *accept;
        enum answer_format format;
    } rows[] = {
        { "", NULL, FORMAT_HAL },
        { "", "*/*", FORMAT_HAL },
        { "", "image/png", FORMAT_PNG },
        { "", "IMAGE/SVG+XML;q=0.8", FORMAT_SVG },
        { "", "image/png;q=0.5, image/svg+xml;q=0.9", FORMAT_SVG },
        { "", "text/html, image/avif, image/*;q=0.8, */*;q=0.5", FORMAT_SVG },
        { "", "application/json, */*;q=0.5", FORMAT_HAL },
        { "format=png", "image/svg+xml", FORMAT_PNG },
        { "format=svg", NULL, FORMAT_SVG },
        { "format=json", "image/png", FORMAT_HAL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum answer_format format = FORMAT_HAL;
        struct kit_error err;
        assert_int_equal(input_format(rows[i].query, rows[i].accept, &format, &err), KIT_OK);
        assert_int_equal(format, rows[i].format);
    }
}

static void test_input_format_unknown_is_refused(void **state)
{
    static const struct {
        const char *query, *accept, *type;
    } rows[] = {
        { "", "text/html", "not-acceptable" },      { "", "image/png;q=0", "not-acceptable" },
        { "", "image/pngx,,;", "not-acceptable" },  { "format=gif", NULL, "invalid-query" },
        { "page=1", "image/png", "invalid-query" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum answer_format format = FORMAT_HAL;
        struct kit_error err;
        assert_int_equal(input_format(rows[i].query, rows[i].accept, &format, &err), KIT_E_INVALID);
        assert_string_equal(err.type, rows[i].type);
    }
}

static void test_input_page_bad_query_is_refused(void **state)
{
    static const char *const queries[] = {
        "page=",
        "page",
        "page=-1",
        "page=+1",
        "page=1.0",
        "page=a",
        "page=%31",
        "page=01",
        "page=1000000001",
        "page=99999999999999999999",
        "size=0",
        "size=101",
        "size=",
        "size=-5",
        "page=1&page=2",
        "size=1&size=1",
        "sort=name",
        "page=1&sort=name,asc",
        "Page=1",
        "page=1&&size=2",
        "&",
        "=",
        "page=1;size=2",
        "page =1",
        "page=1 ",
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(queries); i++) {
        struct page_query page = { -1, -1 };
        struct kit_error err;
        assert_int_equal(input_page(queries[i], &page, &err), KIT_E_INVALID);
        assert_string_equal(err.type, "invalid-query");
        assert_true(strlen(err.text) > 0);
        assert_int_equal(page.number, -1);
        assert_int_equal(page.size, -1);
    }
}

static void test_input_label_is_decoded(void **state)
{
    static const struct {
        const char *query, *label;
    } rows[] = {
        { "label=asset:DRILL-1", "asset:DRILL-1" },
        { "label=grai%3A4012345678901A", "grai:4012345678901A" },
        { "label=sgtin:04012345678901.a%2Fb%26+%2b", "sgtin:04012345678901.a/b&++" },
        { "label=giai:1=2", "giai:1=2" },
    };
    char label[BRIDGE_LABEL_SIZE];
    struct kit_error err;

    (void)state;
    assert_false(input_has_label("page=0&label=asset:A"));
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        assert_true(input_has_label(rows[i].query));
        assert_int_equal(input_label(rows[i].query, label, &err), KIT_OK);
        assert_string_equal(label, rows[i].label);
    }
}

#define DIGITS_10 "0123456789"
#define DIGITS_60 DIGITS_10 DIGITS_10 DIGITS_10 DIGITS_10 DIGITS_10 DIGITS_10

static void test_input_label_bad_one_is_refused(void **state)
{
    static const char *const queries[] = {
        "label=",
        "label=DRILL-1",
        "label=asset:",
        "label=Asset:A",
        "label=bin:A1",
        "label=assets:A",
        "label=asset:A&page=0",
        "label=asset:A&",
        "label=asset:%",
        "label=asset:%4",
        "label=asset:%4G",
        "label=asset:%00",
        "label=asset:%0a",
        "label=asset:%C3%A4",
        "label=asset:\xc3\xa4",
        "label=asset:\x7f",
        "label=asset:" DIGITS_60 "01234",
        "label=asset:" DIGITS_60 DIGITS_60 DIGITS_60,
    };
    char label[BRIDGE_LABEL_SIZE] = "kept";
    struct kit_error err;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(queries); i++) {
        assert_int_equal(input_label(queries[i], label, &err), KIT_E_INVALID);
        assert_string_equal(err.type, "invalid-query");
        assert_string_equal(label, "kept");
    }
    assert_int_equal(input_label("label=asset:" DIGITS_60 "0123", label, &err), KIT_OK);
}

static void test_input_device_is_a_name(void **state)
{
    static const char *const names[] = { "locker-1", "l",
                                         "l0123456789-0123456789-0123456789-0123456789-01" };
    static const char *const wrong[] = {
        "",         "1",          "-l",  "Locker-1",
        "locker_1", "locker%2D1", "l 1", "l0123456789-0123456789-0123456789-0123456789-0123",
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(names); i++)
        assert_true(input_device_is_valid(names[i], strlen(names[i])));
    for (size_t i = 0; i < KIT_COUNT(wrong); i++)
        assert_false(input_device_is_valid(wrong[i], strlen(wrong[i])));
}

static void test_input_host_good_ones_are_valid(void **state)
{
    static const char *const hosts[] = { "localhost",     "localhost:8080",
                                         "127.0.0.1:80",  "[::1]:8080",
                                         "[fe80::1]",     "lock-stock.example.com",
                                         "my_host:65535", "A.b" };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(hosts); i++)
        assert_true(input_host_is_valid(hosts[i]));
}

static void test_input_host_bad_ones_are_not(void **state)
{
    static const char *const hosts[] = {
        "",           ":8080",      "a b",         "host/path", "host?x",     "user@host", "host:0",
        "host:65536", "host:",      "host:80a",    "[::1",      "[]",         "[x]",       "a\"b",
        "<script>",   "host\r\nX:", "h\xc3\xb6st", "a,b",       "host:80:80",
    };
    char long_host[BRIDGE_HOST_SIZE + 8];

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(hosts); i++)
        assert_false(input_host_is_valid(hosts[i]));
    memset(long_host, 'a', sizeof(long_host));
    long_host[BRIDGE_HOST_SIZE] = '\0';
    assert_false(input_host_is_valid(long_host));
    long_host[BRIDGE_HOST_SIZE - 1] = '\0';
    assert_true(input_host_is_valid(long_host));
}

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define ZERO16 "0000000000000000"

static void test_input_traceparent_only_valid_one_is_taken(void **state)
{
    static const char *const bad[] = {
        "",
        "00-" TRACE "-" SPAN,
        "01-" TRACE "-" SPAN "-01",
        "00-" ZERO16 ZERO16 "-" SPAN "-01",
        "00-" TRACE "-" ZERO16 "-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01",
        "00-" TRACE "-" SPAN "-01-extra",
        "00-" TRACE "-" SPAN "-0",
        "00-" TRACE "_" SPAN "-01",
        "00-" TRACE "-" SPAN "-0g",
    };

    (void)state;
    assert_true(input_traceparent_is_valid("00-" TRACE "-" SPAN "-01"));
    for (size_t i = 0; i < KIT_COUNT(bad); i++)
        assert_false(input_traceparent_is_valid(bad[i]));
}

static void test_input_key_limits(void **state)
{
    char key[BRIDGE_HEADER_KEY_MAX + 2];

    (void)state;
    assert_true(input_key_is_valid("a"));
    assert_true(input_key_is_valid("5f0c7d0e-9a51-4a3c-9a55-0a8fb8f4d3b1"));
    assert_true(input_key_is_valid("!~"));
    assert_false(input_key_is_valid(""));
    assert_false(input_key_is_valid("a b"));
    assert_false(input_key_is_valid("a\tb"));
    assert_false(input_key_is_valid("\x7f"));
    assert_false(input_key_is_valid("k\xc3\xa4y"));
    memset(key, 'k', sizeof(key));
    key[BRIDGE_HEADER_KEY_MAX + 1] = '\0';
    assert_false(input_key_is_valid(key));
    key[BRIDGE_HEADER_KEY_MAX] = '\0';
    assert_true(input_key_is_valid(key));
}

static void test_input_media_type_json_is_accepted(void **state)
{
    static const char *const good[] = {
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "application/hal+json",
        "application/json; charset=\"utf-8\"",
        "application/json ; x=y",
    };
    static const char *const bad[] = {
        "",
        "text/plain",
        "application/jsonx",
        "application/x-www-form-urlencoded",
        "json",
        "application/json, text/plain",
        "application/json; charset=iso-8859-1",
        "application/xml",
        "application/merge-patch+json",
        "application/json charset=utf-8",
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(good); i++)
        assert_true(input_media_type_is_json(good[i], false));
    for (size_t i = 0; i < KIT_COUNT(bad); i++)
        assert_false(input_media_type_is_json(bad[i], false));
    assert_true(input_media_type_is_json("application/merge-patch+json", true));
    assert_false(input_media_type_is_json("text/plain", true));
}

static void test_input_decimal_bounds(void **state)
{
    int64_t value = -7;

    (void)state;
    assert_true(input_decimal("9223372036854775807", 19, 0, INT64_MAX, &value));
    assert_true(value == INT64_MAX);
    value = -7;
    assert_false(input_decimal("9223372036854775808", 19, 0, INT64_MAX, &value));
    assert_false(input_decimal("5", 1, 6, 10, &value));
    assert_false(input_decimal("11", 2, 6, 10, &value));
    assert_false(input_decimal("9", 1, 0, 8, &value));
    assert_false(input_decimal("", 0, 0, 8, &value));
    assert_int_equal(value, -7);
    assert_true(input_decimal("0", 1, 0, 8, &value));
    assert_int_equal(value, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input_page_valid_query_is_read),
        cmocka_unit_test(test_input_page_bad_query_is_refused),
        cmocka_unit_test(test_input_label_is_decoded),
        cmocka_unit_test(test_input_label_bad_one_is_refused),
        cmocka_unit_test(test_input_device_is_a_name),
        cmocka_unit_test(test_input_format_query_wins_then_accept),
        cmocka_unit_test(test_input_format_unknown_is_refused),
        cmocka_unit_test(test_input_host_good_ones_are_valid),
        cmocka_unit_test(test_input_host_bad_ones_are_not),
        cmocka_unit_test(test_input_traceparent_only_valid_one_is_taken),
        cmocka_unit_test(test_input_key_limits),
        cmocka_unit_test(test_input_media_type_json_is_accepted),
        cmocka_unit_test(test_input_decimal_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

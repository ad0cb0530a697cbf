/* What each header may say. */
#include <string.h>

#include "bridge/headers.h"
#include "fakes/cmocka_all.h"

static void test_header_is_host_good_ones_are_valid(void **state)
{
    static const char *const hosts[] = { "localhost",     "localhost:8080",
                                         "127.0.0.1:80",  "[::1]:8080",
                                         "[fe80::1]",     "lock-stock.example.com",
                                         "my_host:65535", "A.b" };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(hosts); i++)
        assert_true(header_is_host(hosts[i]));
}

static void test_header_is_host_bad_ones_are_not(void **state)
{
    static const char *const hosts[] = {
        "",           ":8080",      "a b",         "host/path", "host?x",     "user@host", "host:0",
        "host:65536", "host:",      "host:80a",    "[::1",      "[]",         "[x]",       "a\"b",
        "<script>",   "host\r\nX:", "h\xc3\xb6st", "a,b",       "host:80:80",
    };
    char long_host[BRIDGE_HOST_SIZE + 8];

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(hosts); i++)
        assert_false(header_is_host(hosts[i]));
    memset(long_host, 'a', sizeof(long_host));
    long_host[BRIDGE_HOST_SIZE] = '\0';
    assert_false(header_is_host(long_host));
    long_host[BRIDGE_HOST_SIZE - 1] = '\0';
    assert_true(header_is_host(long_host));
}

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define ZERO16 "0000000000000000"

static void test_header_is_traceparent_only_valid_one_is_taken(void **state)
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
    assert_true(header_is_traceparent("00-" TRACE "-" SPAN "-01"));
    for (size_t i = 0; i < KIT_COUNT(bad); i++)
        assert_false(header_is_traceparent(bad[i]));
}

static void test_header_is_name_is_a_token(void **state)
{
    static const char *const names[] = { "Content-Length", "X-1", "a", "!#$%&'*+-.^_`|~" };
    static const char *const others[] = { "",      "Content-Length ", " X",  "X\t",
                                          "X\x01", "X\x7f",           "a:b", "caf\xc3\xa9" };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(names); i++)
        assert_true(header_is_name(names[i]));
    for (size_t i = 0; i < KIT_COUNT(others); i++)
        assert_false(header_is_name(others[i]));
}

static void test_header_is_key_limits(void **state)
{
    char key[BRIDGE_HEADER_KEY_MAX + 2];

    (void)state;
    assert_true(header_is_key("a"));
    assert_true(header_is_key("5f0c7d0e-9a51-4a3c-9a55-0a8fb8f4d3b1"));
    assert_true(header_is_key("!~"));
    assert_false(header_is_key(""));
    assert_false(header_is_key("a b"));
    assert_false(header_is_key("a\tb"));
    assert_false(header_is_key("\x7f"));
    assert_false(header_is_key("k\xc3\xa4y"));
    memset(key, 'k', sizeof(key));
    key[BRIDGE_HEADER_KEY_MAX + 1] = '\0';
    assert_false(header_is_key(key));
    key[BRIDGE_HEADER_KEY_MAX] = '\0';
    assert_true(header_is_key(key));
}

static void test_header_is_json_is_accepted(void **state)
{
    static const char *const good[] = {
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "application/hal+json",
        "application/json; charset=\"utf-8\"",
        "application/json ; x=y",
        "\tapplication/json\t",
        "application/json;", /* empty parameters are one of RFC 9110's kindnesses */
        "application/json; ;;charset=utf-8; ",
        "application/json; charset=utf8",
        "application/json;odata=verbose;charset=utf-8",
        "application/json; profile=\"https://example.com/a;charset=x\"; Charset=\"UTF-8\"",
        "application/json; a=\"\\\"\"",
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
        "application/json;;;;a=\"",
        "application/json; a=\"\\\"",
        "application/json; a=\"x\"y",
        "application/json; a=\"\x7f\"",
        "application/json; a",
        "application/json; a=",
        "application/json; =b",
        "application/json; a = b",
        "application/json; a=b c=d",
        "application/json; a=b, text/plain",
        "application/json; charset=utf-8foo",
        "application/json; charset=utf",
        "application/json; charset=\"utf-8",
        "application/json; charset=\"utf-8x\"",
        "application/json; charset=\"\"",
        "application/json; charset=utf-8; charset=iso-8859-1",
        "application/json; a=\"charset=utf-8\"; charset=iso-8859-1",
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(good); i++)
        if (!header_is_json(good[i], false))
            fail_msg("%s is not taken", good[i]);
    for (size_t i = 0; i < KIT_COUNT(bad); i++)
        if (header_is_json(bad[i], false))
            fail_msg("%s is taken", bad[i]);
    assert_true(header_is_json("application/merge-patch+json", true));
    assert_false(header_is_json("text/plain", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_is_host_good_ones_are_valid),
        cmocka_unit_test(test_header_is_host_bad_ones_are_not),
        cmocka_unit_test(test_header_is_traceparent_only_valid_one_is_taken),
        cmocka_unit_test(test_header_is_name_is_a_token),
        cmocka_unit_test(test_header_is_key_limits),
        cmocka_unit_test(test_header_is_json_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

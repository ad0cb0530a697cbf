/* Log lines: one line each, valid JSON whatever is in them, and not more than people can read. */
#include "capture.h"
#include "fakes/cmocka_all.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <unistd.h>

#include "kit/log/log.h"

#define TEXT_SIZE (1 << 20)

static int64_t now_ms;
static char text[TEXT_SIZE];

static int64_t fake_now(void *self)
{
    (void)self;
    return now_ms;
}

static const struct kit_clock clock = { .wall_ms = fake_now, .mono_ms = fake_now };

static int setup(void **state)
{
    (void)state;
    now_ms += 1000000; /* a second of its own */
    return 0;
}

static size_t count_lines(void)
{
    size_t count = 0;
    for (const char *c = text; *c != '\0'; c++)
        count += *c == '\n';
    return count;
}

static const char *member(const cJSON *root, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, name));
    assert_non_null(value);
    return value;
}

static void test_json_line_has_all_members(void **state)
{
    (void)state;
    now_ms = INT64_C(1767225600123);
    const struct kit_log *log = kit_log_stderr("lockstock-test", "json", KIT_INFO, &clock);
    capture_begin(STDERR_FILENO);
    log->write(log->self, KIT_WARN, "something",
               "it \"happened\"\nand\tagain \x01\xc3\xa9\xff\xc3");
    capture_end(text, sizeof(text));
    assert_int_equal(count_lines(), 1);
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    assert_string_equal(member(root, "ts"), "2026-01-01T00:00:00.123Z");
    assert_string_equal(member(root, "level"), "warn");
    assert_string_equal(member(root, "process"), "lockstock-test");
    assert_string_equal(member(root, "event"), "something");
    assert_string_equal(member(root, "text"), "it \"happened\" and again  \xc3\xa9??");
    cJSON_Delete(root);
}

static void test_auto_is_json_when_stderr_is_no_terminal(void **state)
{
    (void)state;
    capture_begin(STDERR_FILENO);
    const struct kit_log *log = kit_log_stderr("lockstock-test", "auto", KIT_INFO, &clock);
    log->write(log->self, KIT_INFO, "a", "b");
    capture_end(text, sizeof(text));
    assert_int_equal(text[0], '{');
}

static void test_text_line_is_for_people(void **state)
{
    (void)state;
    now_ms = INT64_C(1867225600123);
    const struct kit_log *log = kit_log_stderr("lockstock-test", "text", KIT_INFO, &clock);
    capture_begin(STDERR_FILENO);
    log->write(log->self, KIT_ERROR, "event", "one\nline");
    capture_end(text, sizeof(text));
    assert_int_equal(count_lines(), 1);
    assert_non_null(strstr(text, ":46:40.123 error lockstock-test"));
    assert_non_null(strstr(text, "one line"));
}

static void test_level_below_the_minimum_is_not_written(void **state)
{
    (void)state;
    const struct kit_log *log = kit_log_stderr("p", "json", KIT_WARN, &clock);
    capture_begin(STDERR_FILENO);
    log->write(log->self, KIT_DEBUG, "a", "b");
    log->write(log->self, KIT_INFO, "a", "b");
    log->write(log->self, KIT_WARN, "a", "b");
    log->write(log->self, KIT_ERROR, "a", "b");
    capture_end(text, sizeof(text));
    assert_int_equal(count_lines(), 2);
}

static void test_long_text_is_cut_at_a_character(void **state)
{
    (void)state;
    static char long_text[10001];
    const struct kit_log *log = kit_log_stderr("p", "json", KIT_INFO, &clock);
    for (size_t i = 0; i + 2 < sizeof(long_text); i += 2)
        memcpy(long_text + i, "\xc3\xa9", 2);
    capture_begin(STDERR_FILENO);
    log->write(log->self, KIT_INFO, "long", long_text);
    capture_end(text, sizeof(text));
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    size_t length = strlen(member(root, "text"));
    assert_true(length > 1000 && length < 4096);
    assert_int_equal(length % 2, 0);
    cJSON_Delete(root);
}

static void test_flood_is_limited_and_the_rest_is_counted(void **state)
{
    (void)state;
    const struct kit_log *log = kit_log_stderr("p", "json", KIT_INFO, &clock);
    capture_begin(STDERR_FILENO);
    for (int i = 0; i < 1234; i++)
        log->write(log->self, KIT_INFO, "flood", "x");
    capture_end(text, sizeof(text));
    assert_int_equal(count_lines(), 1000);

    now_ms += 1000;
    capture_begin(STDERR_FILENO);
    log->write(log->self, KIT_INFO, "after", "x");
    capture_end(text, sizeof(text));
    assert_int_equal(count_lines(), 2);
    assert_non_null(strstr(text, "\"log_limited\",\"text\":\"234 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_json_line_has_all_members, setup),
        cmocka_unit_test_setup(test_auto_is_json_when_stderr_is_no_terminal, setup),
        cmocka_unit_test_setup(test_text_line_is_for_people, setup),
        cmocka_unit_test_setup(test_level_below_the_minimum_is_not_written, setup),
        cmocka_unit_test_setup(test_long_text_is_cut_at_a_character, setup),
        cmocka_unit_test_setup(test_flood_is_limited_and_the_rest_is_counted, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

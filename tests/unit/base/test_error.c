/* Errors: codes, texts that are too long, prefixes, and the log line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/error.h"
#include "kit/port/ports.h"

static void test_set_clears_type_and_pointer_of_an_earlier_error(void **state)
{
    (void)state;
    struct kit_error err;
    assert_int_equal(kit_error_at(&err, KIT_E_INVALID, "/qty", "too %s", "high"), KIT_E_INVALID);
    assert_string_equal(err.pointer, "/qty");
    assert_string_equal(err.text, "too high");
    assert_int_equal(kit_error_typed(&err, KIT_E_REFUSED, "out-of-stock", "none left"),
                     KIT_E_REFUSED);
    assert_string_equal(err.type, "out-of-stock");
    assert_string_equal(err.pointer, "");
    assert_int_equal(kit_error_set(&err, KIT_E_IO, "disk"), KIT_E_IO);
    assert_int_equal(err.code, KIT_E_IO);
    assert_string_equal(err.type, "");
    assert_int_equal(err.retry_after_ms, 0);
}

static void test_every_function_takes_null(void **state)
{
    (void)state;
    assert_int_equal(kit_error_set(NULL, KIT_E_FULL, "x"), KIT_E_FULL);
    assert_int_equal(kit_error_typed(NULL, KIT_E_FULL, "t", "x"), KIT_E_FULL);
    assert_int_equal(kit_error_at(NULL, KIT_E_FULL, "/p", "x"), KIT_E_FULL);
    assert_int_equal(kit_error_wrap(NULL, KIT_E_FULL, "x"), KIT_E_FULL);
}

static void test_wrap_prefixes_and_keeps_the_rest(void **state)
{
    (void)state;
    struct kit_error err;
    int rc = kit_error_at(&err, KIT_E_INVALID, "/a/0", "must be 1");
    assert_int_equal(kit_error_wrap(&err, rc, "reading order %d", 7), KIT_E_INVALID);
    assert_string_equal(err.text, "reading order 7: must be 1");
    assert_string_equal(err.pointer, "/a/0");
    assert_int_equal(err.code, KIT_E_INVALID);
}

static void test_set_may_use_its_own_text(void **state)
{
    (void)state;
    struct kit_error err;
    int rc = kit_error_set(&err, KIT_E_IO, "inner");
    rc = kit_error_at(&err, rc, "/x", "outer(%s)", err.text);
    assert_int_equal(kit_error_at(&err, rc, err.pointer, "%s", err.text), KIT_E_IO);
    assert_string_equal(err.text, "outer(inner)");
    assert_string_equal(err.pointer, "/x");
}

static void test_long_text_is_cut_between_characters(void **state)
{
    (void)state;
    char text[KIT_ERROR_TEXT_SIZE * 2];
    struct kit_error err;
    /* A two-byte character across the end, for both parities. */
    for (size_t lead = 0; lead < 2; lead++) {
        memset(text, 'a', lead);
        for (size_t i = lead; i + 2 < sizeof(text); i += 2)
            memcpy(text + i, "\xC3\xA9", 2);
        text[sizeof(text) - 2] = '\0';
        kit_error_set(&err, KIT_E_IO, "%s", text);
        size_t length = strlen(err.text);
        assert_in_range(length, KIT_ERROR_TEXT_SIZE - 2, KIT_ERROR_TEXT_SIZE - 1);
        assert_int_equal((unsigned char)err.text[length - 1], 0xA9);
        assert_memory_equal(err.text, text, length);
        kit_error_wrap(&err, KIT_E_IO, "p");
        length = strlen(err.text);
        assert_in_range(length, KIT_ERROR_TEXT_SIZE - 2, KIT_ERROR_TEXT_SIZE - 1);
        assert_int_equal((unsigned char)err.text[length - 1], 0xA9);
    }
}

static void test_codes_have_names_that_lead_back(void **state)
{
    (void)state;
    for (int code = KIT_OK; code <= KIT_E_CORRUPT; code++) {
        assert_int_equal(kit_code_from_name(kit_code_name(code)), code);
        assert_in_range(kit_code_http_status(code), 200, 599);
        assert_true(strlen(kit_code_type(code)) > 0 && strlen(kit_code_text(code)) > 0);
    }
    assert_int_equal(kit_code_from_name("nonsense"), KIT_E_INVALID);
    assert_int_equal(kit_code_http_status(KIT_E_NOT_FOUND), 404);
    assert_int_equal(kit_code_action(KIT_E_CORRUPT), KIT_ACTION_STOP);
    assert_int_equal(kit_code_action(KIT_E_INVALID), KIT_ACTION_PARK);
    assert_string_equal(kit_code_name(KIT_E_KEY_REUSED), "key_reused");
}

struct line {
    enum kit_level level;
    char event[32];
    char text[2048];
};

static void line_write(void *self, enum kit_level level, const char *event, const char *text)
{
    struct line *line = self;
    line->level = level;
    memcpy(line->event, event, strlen(event) + 1);
    memcpy(line->text, text, strlen(text) + 1);
}

static void test_log_write_formats_and_cuts(void **state)
{
    (void)state;
    struct line line = { 0 };
    const struct kit_log log = { line_write, &line };
    kit_log_write(&log, KIT_WARN, "refused", "%d of %d", 1, 2);
    assert_int_equal(line.level, KIT_WARN);
    assert_string_equal(line.event, "refused");
    assert_string_equal(line.text, "1 of 2");

    char text[3000];
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, "\xC3\xA9", 2);
    text[sizeof(text) - 2] = '\0';
    kit_log_write(&log, KIT_ERROR, "long", "%s", text);
    size_t length = strlen(line.text);
    assert_in_range(length, 1000, 1023);
    assert_int_equal(length % 2, 0);
    assert_memory_equal(line.text, text, length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_clears_type_and_pointer_of_an_earlier_error),
        cmocka_unit_test(test_every_function_takes_null),
        cmocka_unit_test(test_wrap_prefixes_and_keeps_the_rest),
        cmocka_unit_test(test_set_may_use_its_own_text),
        cmocka_unit_test(test_long_text_is_cut_between_characters),
        cmocka_unit_test(test_codes_have_names_that_lead_back),
        cmocka_unit_test(test_log_write_formats_and_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

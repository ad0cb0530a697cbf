/* Instants to text and back, compared with the C library's calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "kit/base/check.h"
#include "kit/base/time.h"

static void check_instant(int64_t ms)
{
    char text[KIT_TIME_TEXT_SIZE];
    char expected[40];
    char seconds[32];
    time_t whole = (time_t)(ms / 1000);
    struct tm tm;
    assert_non_null(gmtime_r(&whole, &tm));
    assert_true(strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm) > 0);
    snprintf(expected, sizeof(expected), "%s.%03dZ", seconds, (int)(ms % 1000));
    kit_time_to_text(ms, text);
    assert_string_equal(text, expected);
    int64_t back = -1;
    assert_true(kit_time_from_text(text, &back));
    assert_int_equal(back, ms);
}

static void test_every_day_agrees_with_the_c_library(void **state)
{
    (void)state;
    /* Each day of the first 400 years, after which the calendar repeats; then a sample. */
    int64_t day_step = 1;
    for (int64_t day = 0; day <= KIT_TIME_MS_MAX / 86400000; day += day_step) {
        check_instant(day * 86400000 + day * 7919 % 86400000);
        day_step = day < 146097 ? 1 : 97;
    }
    check_instant(0);
    check_instant(KIT_TIME_MS_MAX);
}

static void test_from_text_refuses_other_forms(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-01-31",
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.000",
        "2026-01-31T12:00:00.000z",
        "2026-01-31t12:00:00.000Z",
        "2026-01-31 12:00:00.000Z",
        "2026-01-31T12:00:00.000+00:00",
        "2026-01-31T12:00:00.0000Z",
        "2026-01-31T12:00:00.000Z ",
        " 2026-01-31T12:00:00.000Z",
        "2026-13-01T12:00:00.000Z",
        "2026-00-01T12:00:00.000Z",
        "2026-01-00T12:00:00.000Z",
        "2026-01-32T12:00:00.000Z",
        "2026-04-31T12:00:00.000Z",
        "2026-02-29T12:00:00.000Z",
        "2100-02-29T12:00:00.000Z",
        "2026-01-31T24:00:00.000Z",
        "2026-01-31T12:60:00.000Z",
        "2026-01-31T12:00:60.000Z",
        "1969-12-31T23:59:59.999Z",
        "+026-01-31T12:00:00.000Z",
        "2026-1 -31T12:00:00.000Z",
    };
    for (size_t i = 0; i < KIT_COUNT(bad); i++) {
        int64_t ms = 42;
        assert_false(kit_time_from_text(bad[i], &ms));
        assert_int_equal(ms, 42);
    }
    int64_t ms;
    assert_true(kit_time_from_text("2000-02-29T00:00:00.000Z", &ms));
    assert_int_equal(ms, INT64_C(951782400000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day_agrees_with_the_c_library),
        cmocka_unit_test(test_from_text_refuses_other_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

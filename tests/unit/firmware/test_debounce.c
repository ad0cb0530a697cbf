/* Bounce or a scan of its own (rules/devices.md 3.5). */
#include "fakes/cmocka_all.h"

#include <string.h>

#include "core/crc.h"
#include "core/debounce.h"

static bool take(struct fw_debounce *debounce, const char *text, int64_t now_ms)
{
    return fw_debounce_take(debounce, (const uint8_t *)text, strlen(text), now_ms);
}

static void test_take_same_line_within_dead_time_is_a_bounce(void **state)
{
    (void)state;
    struct fw_debounce debounce;
    fw_debounce_init(&debounce, 500);
    assert_true(take(&debounce, "A", 1000));
    assert_false(take(&debounce, "A", 1000));
    assert_false(take(&debounce, "A", 1499));
    assert_int_equal(debounce.bounced_count, 2);
    assert_true(take(&debounce, "A", 1500)); /* intended */
    assert_false(take(&debounce, "A", 1999));
    assert_int_equal(debounce.bounced_count, 3);
}

static void test_take_another_line_is_a_scan_of_its_own(void **state)
{
    (void)state;
    struct fw_debounce debounce;
    fw_debounce_init(&debounce, 500);
    assert_true(take(&debounce, "A", 0));
    assert_true(take(&debounce, "AB", 1));
    assert_true(take(&debounce, "AC", 2));
    assert_true(take(&debounce, "AB", 3)); /* not the line before */
    assert_int_equal(debounce.bounced_count, 0);
}

static void test_take_endless_bounces_still_scan_each_dead_time(void **state)
{
    (void)state;
    struct fw_debounce debounce;
    int taken = 0;
    fw_debounce_init(&debounce, 500);
    for (int64_t now_ms = 0; now_ms < 5000; now_ms += 100)
        taken += take(&debounce, "A", now_ms);
    assert_int_equal(taken, 10);
    assert_int_equal(debounce.bounced_count, 40);
}

static void test_take_no_dead_time_takes_every_read(void **state)
{
    (void)state;
    struct fw_debounce debounce;
    fw_debounce_init(&debounce, 0);
    assert_true(take(&debounce, "A", 7));
    assert_true(take(&debounce, "A", 7));
}

static void test_crc32_known_text_gives_known_sum_in_pieces_too(void **state)
{
    (void)state;
    assert_int_equal(fw_crc32(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(fw_crc32(fw_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
    assert_int_equal(fw_crc32(0, "", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_same_line_within_dead_time_is_a_bounce),
        cmocka_unit_test(test_take_another_line_is_a_scan_of_its_own),
        cmocka_unit_test(test_take_endless_bounces_still_scan_each_dead_time),
        cmocka_unit_test(test_take_no_dead_time_takes_every_read),
        cmocka_unit_test(test_crc32_known_text_gives_known_sum_in_pieces_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The line reader in time: a line that never ends, a loop that was held up, and what is a bounce.
 */
#include "core/reader.h"

#include "port_world.h"

#define DEAD_TIME_MS 500
#define GAP_MS 400

static struct fake_reader uart;
static struct fw_reader reader;
static struct fw_clock clock_port;
static int64_t now_ms;
static int counts[FW_READER_EVENTS];
static char last_line[FW_LINE_BYTES_MAX + 1];
static int64_t work_ms;         /* that the next line costs its owner */
static const char *typed_while; /* it works */

static int64_t mono_ms(void *self)
{
    (void)self;
    return now_ms;
}

static void on_event(void *self, enum fw_reader_event event, const uint8_t *bytes, size_t size)
{
    (void)self;
    counts[event]++;
    if (event == FW_READER_LINE) {
        memcpy(last_line, bytes, size);
        last_line[size] = '\0';
        now_ms += work_ms;
        work_ms = 0;
        if (typed_while != NULL)
            fake_reader_type(&uart, typed_while);
        typed_while = NULL;
    }
}

static int setup(void **state)
{
    (void)state;
    memset(counts, 0, sizeof(counts));
    now_ms = 1000;
    work_ms = 0;
    typed_while = NULL;
    clock_port = (struct fw_clock){ .mono_ms = mono_ms };
    fake_reader_init(&uart);
    struct fw_reader_setup wanted = { .uart = &uart.port,
                                      .clock = &clock_port,
                                      .dead_time_ms = DEAD_TIME_MS,
                                      .gap_ms = GAP_MS,
                                      .on_event = on_event };
    fw_reader_init(&reader, &wanted);
    return 0;
}

static int64_t type(const char *text)
{
    fake_reader_type(&uart, text);
    return fw_reader_step(&reader, now_ms);
}

static void test_reader_step_with_half_a_line_drops_it_when_nothing_follows(void **state)
{
    (void)state;
    assert_int_equal(type("half a la"), now_ms + GAP_MS);
    now_ms += GAP_MS - 1;
    assert_int_equal(fw_reader_step(&reader, now_ms), now_ms + 1);
    assert_int_equal(counts[FW_READER_CUT_SHORT], 0);
    now_ms += 1;
    assert_int_equal(fw_reader_step(&reader, now_ms), INT64_MAX);
    assert_int_equal(counts[FW_READER_CUT_SHORT], 1);
    assert_int_equal(type("whole\r"), INT64_MAX);
    assert_string_equal(last_line, "whole");
    assert_int_equal(counts[FW_READER_LINE], 1);
}

static void test_reader_step_with_pauses_in_a_line_keeps_it(void **state)
{
    (void)state;
    static const char *const parts[] = { "LS:", "P:", "1", ":x" };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        (void)type(parts[i]);
        now_ms += GAP_MS - 1;
    }
    (void)type("\r");
    assert_string_equal(last_line, "LS:P:1:x");
    assert_int_equal(counts[FW_READER_CUT_SHORT], 0);
}

/* The rest came while the loop was held up: the line is whole, only seen late. */
static void test_reader_step_after_a_long_hold_up_still_joins_the_line(void **state)
{
    (void)state;
    (void)type("half ");
    now_ms += 100 * GAP_MS;
    (void)type("and half\r");
    assert_string_equal(last_line, "half and half");
}

static void test_reader_step_with_the_rest_of_a_line_too_long_says_it_once(void **state)
{
    (void)state;
    char text[FW_LINE_BYTES_MAX + 2];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)type(text);
    now_ms += GAP_MS;
    (void)fw_reader_step(&reader, now_ms);
    assert_int_equal(counts[FW_READER_TOO_LONG], 1);
    assert_int_equal(counts[FW_READER_CUT_SHORT], 0);
    (void)type("fine\r");
    assert_string_equal(last_line, "fine");
}

static void test_reader_step_with_the_same_line_within_the_dead_time_is_a_bounce(void **state)
{
    (void)state;
    (void)type("LABEL\rLABEL\r");
    now_ms += DEAD_TIME_MS - 1;
    (void)type("LABEL\r");
    assert_int_equal(counts[FW_READER_LINE], 1);
    assert_int_equal(counts[FW_READER_BOUNCED], 2);
}

/* Flash took two seconds for the first: what came meanwhile was scanned at unknown times, so it is
 * better counted twice than lost. */
static void test_reader_step_after_slow_work_takes_each_line_as_meant(void **state)
{
    (void)state;
    work_ms = 2000;
    typed_while = "LABEL\rLABEL\r";
    (void)type("LABEL\r");
    assert_int_equal(counts[FW_READER_LINE], 3);
    (void)type("LABEL\r"); /* nothing held us up since */
    assert_int_equal(counts[FW_READER_LINE], 3);
    assert_int_equal(counts[FW_READER_BOUNCED], 1);
}

static void test_reader_was_busy_longer_than_the_dead_time_takes_each_line_as_meant(void **state)
{
    (void)state;
    (void)type("LABEL\r");
    fw_reader_was_busy(&reader, DEAD_TIME_MS / 2);
    (void)type("LABEL\r");
    assert_int_equal(counts[FW_READER_BOUNCED], 1);
    fw_reader_was_busy(&reader, DEAD_TIME_MS / 2);
    fw_reader_was_busy(&reader, DEAD_TIME_MS / 2 + 1);
    (void)type("LABEL\r");
    assert_int_equal(counts[FW_READER_LINE], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reader_step_with_half_a_line_drops_it_when_nothing_follows,
                               setup),
        cmocka_unit_test_setup(test_reader_step_with_pauses_in_a_line_keeps_it, setup),
        cmocka_unit_test_setup(test_reader_step_after_a_long_hold_up_still_joins_the_line, setup),
        cmocka_unit_test_setup(test_reader_step_with_the_rest_of_a_line_too_long_says_it_once,
                               setup),
        cmocka_unit_test_setup(test_reader_step_with_the_same_line_within_the_dead_time_is_a_bounce,
                               setup),
        cmocka_unit_test_setup(test_reader_step_after_slow_work_takes_each_line_as_meant, setup),
        cmocka_unit_test_setup(
            test_reader_was_busy_longer_than_the_dead_time_takes_each_line_as_meant, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

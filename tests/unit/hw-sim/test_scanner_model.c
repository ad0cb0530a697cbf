/* A simulated scanner on a real pseudo terminal: the very bytes that firmware will read. */
#include <string.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "models/scanner.h"
#include "sim_world.h"

static struct sim_heard heard;
static struct sim_scanner scanner;
static struct sim_model model;

static int fresh(void **state)
{
    (void)state;
    struct sim_listener listener = sim_heard_listener(&heard);
    model = sim_scanner_model(&scanner);
    return sim_scanner_open(&scanner, "scanner-1", &listener, NULL);
}

static int done(void **state)
{
    (void)state;
    sim_scanner_close(&scanner);
    return 0;
}

static bool scan(const char *label)
{
    return sim_scanner_scan(&scanner, (const uint8_t *)label, strlen(label), sim_now_ms());
}

static bool is_idle(void *self)
{
    return sim_scanner_is_idle(self);
}

static void expect_bytes(int fd, const char *wanted)
{
    char got[SIM_TX_FRAME_BYTES] = "";
    sim_pump_read(&model, fd, got, strlen(wanted));
    assert_string_equal(got, wanted);
    sim_pump(&model, is_idle, &scanner);
    assert_int_equal(read(fd, got, sizeof(got)), -1); /* and nothing more */
}

static void test_scan_puts_label_and_suffix_on_the_line(void **state)
{
    (void)state;
    static const struct {
        enum sim_suffix suffix;
        const char *wanted;
    } cases[] = { { SIM_SUFFIX_CR, "LS:A:DRILL-0001:K\r" },
                  { SIM_SUFFIX_LF, "LS:A:DRILL-0001:K\n" },
                  { SIM_SUFFIX_CRLF, "LS:A:DRILL-0001:K\r\n" },
                  { SIM_SUFFIX_NONE, "LS:A:DRILL-0001:K" } };
    int fd = sim_open_line(scanner.pty.path);
    for (size_t i = 0; i < 4; i++) {
        struct sim_scanner_options options = sim_scanner_options_default();
        options.suffix = cases[i].suffix;
        sim_scanner_set_options(&scanner, &options);
        assert_true(scan("LS:A:DRILL-0001:K"));
        expect_bytes(fd, cases[i].wanted);
    }
    assert_int_equal(close(fd), 0);
}

static void test_scan_with_identifier_and_gs_keeps_every_byte(void **state)
{
    (void)state;
    struct sim_scanner_options options = sim_scanner_options_default();
    memcpy(options.symbology, "]C1", 4);
    options.byte_gap_ms = 1;
    sim_scanner_set_options(&scanner, &options);
    int fd = sim_open_line(scanner.pty.path);
    assert_true(scan("0104012345678901\x1D"
                     "21AB"));
    expect_bytes(fd, "]C10104012345678901\x1D"
                     "21AB\r");
    assert_string_equal(sim_heard_detail(&heard, SIM_EVENT_LINE_SENT),
                        "]C10104012345678901\\x1D21AB\\r");
    assert_int_equal(close(fd), 0);
}

static void test_scan_that_bounces_comes_again_after_its_time(void **state)
{
    (void)state;
    struct sim_scanner_options options = sim_scanner_options_default();
    options.bounce_count = 2;
    options.bounce_after_ms = 5;
    sim_scanner_set_options(&scanner, &options);
    int fd = sim_open_line(scanner.pty.path);
    assert_true(scan("X"));
    expect_bytes(fd, "X\rX\rX\r");
    assert_int_equal(scanner.counts.scans, 1);
    assert_int_equal(scanner.counts.bounces, 2);
    assert_int_equal(scanner.counts.lines_sent, 3);
    assert_true(heard.events[heard.count - 1].at_ms - sim_heard_at(&heard, SIM_EVENT_LINE_SENT) >=
                10);
    assert_int_equal(close(fd), 0);
}

static void test_scan_while_nobody_listens_is_lost_and_not_read_later(void **state)
{
    (void)state;
    assert_true(scan("LOST"));
    sim_pump(&model, is_idle, &scanner);
    assert_int_equal(scanner.counts.lines_lost, 1);
    assert_string_equal(sim_heard_detail(&heard, SIM_EVENT_LINE_LOST), "LOST\\r");
    int fd = sim_open_line(scanner.pty.path);
    assert_true(scan("HEARD"));
    expect_bytes(fd, "HEARD\r");
    assert_int_equal(close(fd), 0);
}

static void test_scan_beyond_the_limits_is_refused_and_sends_nothing(void **state)
{
    (void)state;
    uint8_t label[SIM_LABEL_BYTES_MAX + 1];
    memset(label, 'A', sizeof(label));
    assert_false(sim_scanner_scan(&scanner, label, sizeof(label), 0));
    assert_false(sim_scanner_scan(&scanner, label, 0, 0));
    assert_true(sim_scanner_is_idle(&scanner));
    int taken = 0;
    while (scan("X"))
        taken++;
    assert_in_range(taken, SIM_TX_FRAMES_MAX - 2, SIM_TX_FRAMES_MAX);
    assert_int_equal(scanner.counts.scans, taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_scan_puts_label_and_suffix_on_the_line, fresh, done),
        cmocka_unit_test_setup_teardown(test_scan_with_identifier_and_gs_keeps_every_byte, fresh,
                                        done),
        cmocka_unit_test_setup_teardown(test_scan_that_bounces_comes_again_after_its_time, fresh,
                                        done),
        cmocka_unit_test_setup_teardown(test_scan_while_nobody_listens_is_lost_and_not_read_later,
                                        fresh, done),
        cmocka_unit_test_setup_teardown(test_scan_beyond_the_limits_is_refused_and_sends_nothing,
                                        fresh, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

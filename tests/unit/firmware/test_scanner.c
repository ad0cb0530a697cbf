/* The scanner: what it says only after flash has it, what it sends, and that a cut of power at any
 * moment loses nothing that the panel has called stored. */
#include "core/scanner.h"

#include "port_world.h"

#define DEAD_TIME_MS 500
#define CUT_SCANS 6
#define CUT_STEPS_MAX 5000

static struct world world;
static struct fake_reader reader;
static struct fake_panel panel;
static struct fw_scanner scanner;

static int boot(void)
{
    struct fw_scanner_setup setup = { .device = world_device_setup(&world, &panel),
                                      .uart = &reader.port,
                                      .dead_time_ms = DEAD_TIME_MS };
    fw_fake_flash_power_on(&world.flash);
    return fw_scanner_open(&scanner, &setup);
}

static int setup(void **state)
{
    (void)state;
    world_init(&world);
    fake_reader_init(&reader);
    fake_panel_init(&panel);
    assert_int_equal(boot(), FW_OK);
    return 0;
}

static int64_t step(void)
{
    return fw_scanner_step(&scanner, world.mono_ms);
}

static void scan(const char *line)
{
    fake_reader_type(&reader, line);
    (void)step();
}

/* The service answers until nothing is left. */
static void drain(void)
{
    char text[WORLD_TEXT_SIZE];
    fw_scanner_on_link(&scanner, true);
    (void)step();
    for (int i = 0; i < SEQS_MAX && scanner.device.log.first_seq < scanner.device.log.next_seq;
         i++) {
        size_t size = world_take_up(&world, text);
        fw_scanner_on_message(&scanner, FW_LEAF_ACK, text, size);
        (void)step();
    }
    assert_int_equal(scanner.device.log.first_seq, scanner.device.log.next_seq);
}

static void test_scanner_step_with_a_label_stores_shows_and_sends_it(void **state)
{
    (void)state;
    scan("]C10100012345678905\r\n");
    assert_int_equal(panel.signal, FW_SIGNAL_STORED);
    assert_string_equal(panel.text, "00012345678905");
    drain();
    assert_int_equal(panel.signal, FW_SIGNAL_OK);
    assert_string_equal(panel.text, "Next");
    const struct fw_device_record *record = &world.stored[2]; /* 1 is the start */
    assert_int_equal(record->kind, FW_MSG_DEVICE_RECORD_KIND_SCAN);
    assert_int_equal(record->label, FW_MSG_LABEL_KIND_GTIN);
    assert_string_equal(record->value, "00012345678905");
    assert_string_equal(record->symbology, "]C1");
}

/* It goes on, and somebody is told (rules 1.9). */
static void test_scanner_on_message_with_memory_that_fails_tells_the_person_once(void **state)
{
    (void)state;
    char text[WORLD_TEXT_SIZE];
    int told = 0;
    for (uint32_t i = 1; i <= FW_DEVICE_SESSION_BLOCKS; i++)
        world.flash.program_fails[world.flash.port.block_count - i] = true;
    scan("one\n");
    fw_scanner_on_link(&scanner, true);
    for (int i = 0; i < FW_SESSION_SAVES_FAILED_MAX + 2; i++) {
        world.mono_ms += FW_SESSION_RESEND_MAX_MS * 2;
        (void)step();
        size_t size = world_take_up(&world, text);
        int errors = panel.counts[FW_SIGNAL_ERROR];
        fw_scanner_on_message(&scanner, FW_LEAF_ACK, text, size);
        told += panel.counts[FW_SIGNAL_ERROR] - errors;
        if (panel.counts[FW_SIGNAL_ERROR] > errors)
            assert_string_equal(panel.text, "memory failing: call staff, it still works");
    }
    assert_int_equal(told, 1);
    assert_int_equal(world_count_kind(&world, FW_MSG_DEVICE_RECORD_KIND_SCAN), 1);
}

static void test_scanner_step_without_identifier_sends_no_symbology(void **state)
{
    (void)state;
    scan("anything\n");
    drain();
    assert_false(world.stored[2].has_symbology);
    assert_int_equal(world.stored[2].label, FW_MSG_LABEL_KIND_TEXT);
}

static void test_scanner_step_with_a_bounce_takes_it_once(void **state)
{
    (void)state;
    scan("LABEL\rLABEL\r");
    world.mono_ms += DEAD_TIME_MS - 1;
    scan("LABEL\r");
    assert_int_equal(panel.counts[FW_SIGNAL_STORED], 1);
    world.mono_ms += 1;
    scan("LABEL\r"); /* meant: a record of its own */
    assert_int_equal(panel.counts[FW_SIGNAL_STORED], 2);
    drain();
    assert_int_equal(world_count_kind(&world, FW_MSG_DEVICE_RECORD_KIND_SCAN), 2);
    assert_int_equal(world.up.bounced, 2);
}

static void test_scanner_step_with_a_line_too_long_says_so_and_reads_the_next(void **state)
{
    (void)state;
    char line[FW_LINE_BYTES_MAX + 3];
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 2] = '\r';
    line[sizeof(line) - 1] = '\0';
    scan(line);
    assert_int_equal(panel.signal, FW_SIGNAL_ERROR);
    scan("fine\r");
    assert_int_equal(panel.signal, FW_SIGNAL_STORED);
    drain();
    assert_int_equal(world.up.unreadable, 1);
}

static void test_scanner_step_with_a_full_log_refuses_and_takes_scans_again_later(void **state)
{
    (void)state;
    char line[] = "FULL-00000\r";
    int stored = 0;
    while (panel.counts[FW_SIGNAL_ERROR] == 0 && stored < SEQS_MAX) {
        panel.counts[FW_SIGNAL_STORED] = 0; /* room to remember */
        line[5] = (char)('0' + stored / 100 % 10);
        line[6] = (char)('0' + stored / 10 % 10);
        line[7] = (char)('0' + stored % 10);
        scan(line);
        stored += panel.counts[FW_SIGNAL_STORED];
    }
    assert_non_null(strstr(panel.text, "memory full"));
    drain();
    assert_int_equal(world_count_kind(&world, FW_MSG_DEVICE_RECORD_KIND_SCAN), stored);
    scan("room\r");
    assert_int_equal(panel.signal, FW_SIGNAL_STORED);
    assert_int_equal(world.up.overflowed, 1);
}

static void answer_with(enum fw_msg_scan_signal signal)
{
    char text[WORLD_TEXT_SIZE];
    struct fw_device_ack ack;
    world_store(&world);
    world_ack_make(&world, &ack);
    assert_int_equal(ack.verdicts_count, 1);
    ack.verdicts[0].signal = signal;
    int size = fw_device_ack_encode(&ack, text, sizeof(text));
    assert_true(size > 0);
    fw_scanner_on_message(&scanner, FW_LEAF_ACK, text, (size_t)size);
}

static void test_scanner_on_message_tells_each_verdict_with_its_signal(void **state)
{
    (void)state;
    static const struct {
        enum fw_msg_scan_signal from;
        enum fw_signal to;
    } cases[] = { { FW_MSG_SCAN_SIGNAL_OK, FW_SIGNAL_OK },
                  { FW_MSG_SCAN_SIGNAL_DONE, FW_SIGNAL_DONE },
                  { FW_MSG_SCAN_SIGNAL_ERROR, FW_SIGNAL_ERROR } };
    drain(); /* the start */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        world.mono_ms += DEAD_TIME_MS;
        scan("LABEL\r");
        answer_with(cases[i].from);
        assert_int_equal(panel.signal, cases[i].to);
    }
}

static void test_scanner_on_message_with_rubbish_keeps_everything(void **state)
{
    (void)state;
    scan("LABEL\r");
    int64_t first_seq = scanner.device.log.first_seq;
    fw_scanner_on_link(&scanner, true);
    (void)step();
    fw_scanner_on_message(&scanner, FW_LEAF_ACK, "{", 1);
    fw_scanner_on_message(&scanner, FW_LEAF_CMD, "{}", 2);
    fw_scanner_on_message(&scanner, FW_LEAF_CONFIG, "", 0);
    assert_int_equal(scanner.device.log.first_seq, first_seq);
    assert_int_equal(panel.counts[FW_SIGNAL_OK], 0);
}

static void test_scanner_step_with_a_lost_line_opens_it_again_with_growing_pauses(void **state)
{
    (void)state;
    fake_reader_type(&reader, "half a la");
    (void)step();
    reader.is_gone = true;
    int64_t next_ms = step();
    assert_int_equal(panel.signal, FW_SIGNAL_ERROR);
    int64_t pause_ms = FW_READER_REOPEN_MIN_MS;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(next_ms, world.mono_ms + pause_ms);
        world.mono_ms += pause_ms - 1;
        (void)step();
        assert_int_equal(reader.reopens, i); /* not before its time */
        world.mono_ms += 1;
        next_ms = step();
        assert_int_equal(reader.reopens, i + 1);
        pause_ms = pause_ms * 2 > FW_READER_REOPEN_MAX_MS ? FW_READER_REOPEN_MAX_MS : pause_ms * 2;
    }
    reader.is_gone = false;
    world.mono_ms += pause_ms;
    scan("bel\rnew\r"); /* what came before the gap is void */
    assert_int_equal(panel.counts[FW_SIGNAL_STORED], 2);
    assert_string_equal(panel.stored[0], "bel");
    assert_string_equal(panel.stored[1], "new");
}

static void test_scanner_step_with_much_input_yields_and_goes_on(void **state)
{
    (void)state;
    for (int i = 0; i < FW_READER_CHUNKS_MAX * FW_READER_CHUNK_BYTES / 6 + 40; i++)
        fake_reader_type(&reader, "LABEL\r");
    assert_int_equal(step(), world.mono_ms); /* others first, then again at once */
    assert_true(reader.at < reader.size);
    assert_true(step() > world.mono_ms);
    assert_int_equal(reader.at, reader.size);
    assert_int_equal(panel.counts[FW_SIGNAL_STORED], 1);
}

static void test_scanner_open_with_too_little_flash_is_refused(void **state)
{
    (void)state;
    fw_fake_flash_init(&world.flash, BLOCK_BYTES,
                       FW_DEVICE_SESSION_BLOCKS + FW_DEVICE_LOG_BLOCKS_MIN - 1, 16);
    assert_int_equal(boot(), FW_E_INVALID);
}

static void test_scanner_step_with_broken_flash_says_so(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < world.flash.port.block_count; i++)
        world.flash.program_fails[i] = true;
    scan("LABEL\r");
    assert_int_equal(panel.signal, FW_SIGNAL_ERROR);
    assert_int_equal(panel.counts[FW_SIGNAL_STORED], 0);
    assert_non_null(strstr(panel.text, "memory broken"));
}

/* ---- power cuts ---- */

static bool is_with_service(const char *value)
{
    for (int64_t seq = 1; seq <= world.stored_seq; seq++) {
        if (world.stored[seq].kind == FW_MSG_DEVICE_RECORD_KIND_SCAN &&
            strcmp(world.stored[seq].value, value) == 0)
            return true;
    }
    return false;
}

/* Scans until the power goes, boots, drains. false: the power never went. */
static bool run_with_cut(uint64_t steps, enum fw_fake_cut cut)
{
    setup(NULL);
    fw_fake_flash_cut_in(&world.flash, steps, cut, steps);
    char line[] = "CUT-0\r";
    for (int i = 0; i < CUT_SCANS && !world.flash.is_off; i++) {
        line[4] = (char)('0' + i);
        scan(line);
    }
    bool was_cut = world.flash.is_off;
    assert_int_equal(boot(), FW_OK);
    drain();
    for (int i = 0; i < panel.counts[FW_SIGNAL_STORED]; i++)
        assert_true(is_with_service(panel.stored[i]));
    assert_true(world_count_kind(&world, FW_MSG_DEVICE_RECORD_KIND_SCAN) <= CUT_SCANS);
    return was_cut;
}

static void test_scanner_step_with_power_cut_anywhere_loses_nothing_that_was_shown(void **state)
{
    (void)state;
    static const enum fw_fake_cut cuts[] = { FW_FAKE_CUT_BEFORE, FW_FAKE_CUT_TORN,
                                             FW_FAKE_CUT_AFTER, FW_FAKE_CUT_SCATTERED };
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        uint64_t steps = 0;
        while (steps < CUT_STEPS_MAX && run_with_cut(steps, cuts[i]))
            steps++;
        assert_true(steps > CUT_SCANS && steps < CUT_STEPS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_scanner_step_with_a_label_stores_shows_and_sends_it, setup),
        cmocka_unit_test_setup(test_scanner_on_message_with_memory_that_fails_tells_the_person_once,
                               setup),
        cmocka_unit_test_setup(test_scanner_step_without_identifier_sends_no_symbology, setup),
        cmocka_unit_test_setup(test_scanner_step_with_a_bounce_takes_it_once, setup),
        cmocka_unit_test_setup(test_scanner_step_with_a_line_too_long_says_so_and_reads_the_next,
                               setup),
        cmocka_unit_test_setup(
            test_scanner_step_with_a_full_log_refuses_and_takes_scans_again_later, setup),
        cmocka_unit_test_setup(test_scanner_on_message_tells_each_verdict_with_its_signal, setup),
        cmocka_unit_test_setup(test_scanner_on_message_with_rubbish_keeps_everything, setup),
        cmocka_unit_test_setup(
            test_scanner_step_with_a_lost_line_opens_it_again_with_growing_pauses, setup),
        cmocka_unit_test_setup(test_scanner_step_with_much_input_yields_and_goes_on, setup),
        cmocka_unit_test_setup(test_scanner_open_with_too_little_flash_is_refused, setup),
        cmocka_unit_test_setup(test_scanner_step_with_broken_flash_says_so, setup),
        cmocka_unit_test_setup(
            test_scanner_step_with_power_cut_anywhere_loses_nothing_that_was_shown, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The command line: what is taken, and the sentence for what is not. */
#include <stdio.h>
#include <string.h>

#include "drivers/cu12.h"
#include "drivers/cu16.h"
#include "fakes/cmocka_all.h"
#include "ports/linux/options.h"

#define WORDS_MAX 40
#define SCANNER "--id", "scanner-1", "--flash", "s.flash", "--port", "/dev/ttyUSB0"
#define LOCKER_BASE "--id", "locker-1", "--flash", "l.flash", "--key", "l.key"
#define LOCKER LOCKER_BASE, "--board", "cu16:/dev/ttyUSB1", "--compartments", "SSML"

static struct fw_linux_options options;
static char error[FW_LINUX_ERROR_SIZE];

static int parse(enum fw_linux_role role, const char *const *words)
{
    char texts[WORDS_MAX][160];
    char *argv[WORDS_MAX + 1] = { 0 };
    int argc = 0;
    snprintf(texts[argc], sizeof(texts[0]), "program");
    argv[argc] = texts[argc];
    argc++;
    for (; *words != NULL; words++, argc++) {
        assert_true(argc < WORDS_MAX);
        snprintf(texts[argc], sizeof(texts[0]), "%s", *words);
        argv[argc] = texts[argc];
    }
    error[0] = '\0';
    return fw_linux_options_parse(&options, role, argc, argv, error);
}

#define PARSE(role, ...) parse(role, (const char *const[]){ __VA_ARGS__, NULL })

static void test_options_parse_of_a_scanner_has_defaults(void **state)
{
    (void)state;
    assert_int_equal(PARSE(FW_LINUX_SCANNER, SCANNER), FW_OK);
    assert_string_equal(options.id, "scanner-1");
    assert_string_equal(options.site, "main");
    assert_string_equal(options.host, "127.0.0.1");
    assert_int_equal(options.broker_port, 11883);
    assert_int_equal(options.dead_time_ms, 500);
    assert_int_equal(options.flash_blocks, FW_LINUX_BLOCKS_DEFAULT);
    assert_false(options.traces);
}

static void test_options_parse_takes_everything_of_a_locker(void **state)
{
    (void)state;
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER, "--site", "busan", "--port", "/dev/ttyUSB0",
                           "--broker", "broker.local:1884", "--password-file", "p", "--trace",
                           "--hook-inverted", "--presence-inverted", "--door-jam-ms", "100",
                           "--door-remind-ms", "200", "--door-escalate-ms", "300",
                           "--door-alarm-ms", "400", "--dead-time-ms", "0", "--flash-blocks", "16",
                           "--locks-per-board", "4", "--baud", "115200"),
                     FW_OK);
    assert_string_equal(options.site, "busan");
    assert_string_equal(options.host, "broker.local");
    assert_int_equal(options.broker_port, 1884);
    assert_int_equal(options.timers.jam_ms, 100);
    assert_int_equal(options.timers.remind_ms, 200);
    assert_int_equal(options.timers.escalate_ms, 300);
    assert_int_equal(options.timers.alarm_ms, 400);
    assert_int_equal(options.dead_time_ms, 0);
    assert_int_equal(options.flash_blocks, 16);
    assert_int_equal(options.baud, 115200);
    assert_true(options.is_hook_inverted && options.is_presence_inverted && options.traces);
}

static void test_options_parse_reads_boards_with_and_without_address(void **state)
{
    (void)state;
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER_BASE, "--compartments", "S", "--board",
                           "cu16:/dev/ttyUSB1:3", "--board", "cu12:/dev/serial/by-path/pci-0:1:x",
                           "--board", "cu12:/dev/ttyUSB2"),
                     FW_OK);
    assert_int_equal(options.board_count, 3);
    assert_ptr_equal(options.boards[0].driver, &fw_cu16);
    assert_string_equal(options.boards[0].path, "/dev/ttyUSB1");
    assert_int_equal(options.boards[0].address, 3);
    assert_ptr_equal(options.boards[1].driver, &fw_cu12);
    assert_string_equal(options.boards[1].path, "/dev/serial/by-path/pci-0:1:x");
    assert_int_equal(options.boards[1].address, 0);
    assert_string_equal(options.boards[2].path, "/dev/ttyUSB2");
}

static void test_options_parse_reads_brokers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host;
        int port;
    } cases[] = { { "host", "host", 11883 },
                  { "10.0.0.1:9", "10.0.0.1", 9 },
                  { "[::1]:1885", "::1", 1885 },
                  { "[::1]", "::1", 11883 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(PARSE(FW_LINUX_SCANNER, SCANNER, "--broker", cases[i].text), FW_OK);
        assert_string_equal(options.host, cases[i].host);
        assert_int_equal(options.broker_port, cases[i].port);
    }
}

static void test_options_parse_with_help_or_version_checks_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(PARSE(FW_LINUX_SCANNER, "--help"), FW_OK);
    assert_true(options.wants_help);
    assert_int_equal(PARSE(FW_LINUX_LOCKER, "--version"), FW_OK);
    assert_true(options.wants_version);
}

static void test_options_parse_with_a_bad_scanner_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *words[3];
        const char *text;
    } cases[] = {
        { { "--id", "Big" }, "begin with a letter" },
        { { "--id", "a/b" }, "use a-z, 0-9 and -" },
        { { "--id", "" }, "begin with a letter" },
        { { "--site", "-x" }, "begin with a letter" },
        { { "--broker", "host:0" }, "write HOST:PORT" },
        { { "--broker", "host:65536" }, "write HOST:PORT" },
        { { "--broker", ":11883" }, "write HOST:PORT" },
        { { "--broker", "a b" }, "write HOST:PORT" },
        { { "--dead-time-ms", "-1" }, "must be a number from 0 to 10000" },
        { { "--dead-time-ms", "1x" }, "must be a number" },
        { { "--dead-time-ms", "99999999999999999999" }, "must be a number" },
        { { "--flash-blocks", "7" }, "from 8 to" },
        { { "--flash-blocks", "67" }, "from 8 to 66: more would not be used" },
        { { "--port", "" }, "1 to 255 characters" },
        { { "--board", "cu16:/dev/x" }, "for lockers only" },
        { { "--key", "k" }, "for lockers only" },
        { { "--nothing" }, "--nothing is not known" },
        { { "--id" }, "--id is not complete" },
        { { "-x" }, "-x is not known" },
        { { "-xy" }, "-xy is not known" },
        { { "-xy", "--nothing" }, "-xy is not known" },
        { { "stray" }, "belongs to no option" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(PARSE(FW_LINUX_SCANNER, SCANNER, cases[i].words[0], cases[i].words[1]),
                         FW_E_INVALID);
        assert_non_null(strstr(error, cases[i].text));
    }
}

static void test_options_parse_without_what_is_needed_names_it(void **state)
{
    (void)state;
    assert_int_equal(PARSE(FW_LINUX_SCANNER, "--site", "main"), FW_E_INVALID);
    assert_non_null(strstr(error, "--id NAME is missing"));
    assert_int_equal(PARSE(FW_LINUX_SCANNER, "--id", "a"), FW_E_INVALID);
    assert_non_null(strstr(error, "--flash FILE is missing"));
    assert_int_equal(PARSE(FW_LINUX_SCANNER, "--id", "a", "--flash", "f"), FW_E_INVALID);
    assert_non_null(strstr(error, "--port TTY is missing"));
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER_BASE), FW_E_INVALID);
    assert_non_null(strstr(error, "--board KIND:TTY is missing"));
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER_BASE, "--board", "cu16:x"), FW_E_INVALID);
    assert_non_null(strstr(error, "--compartments SIZES is missing"));
    assert_int_equal(PARSE(FW_LINUX_LOCKER, "--id", "a", "--flash", "f", "--board", "cu16:x",
                           "--compartments", "S"),
                     FW_E_INVALID);
    assert_non_null(strstr(error, "--key FILE is missing"));
}

static void test_options_parse_with_a_bad_locker_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *words[3];
        const char *text;
    } cases[] = {
        { { "--board", "cu99:/dev/x" }, "write cu16:TTY or cu12:TTY" },
        { { "--board", "cu16" }, "write cu16:TTY or cu12:TTY" },
        { { "--board", "cu16:" }, "write cu16:TTY or cu12:TTY" },
        { { "--board", "cu16:/dev/x:99" }, "write cu16:TTY or cu12:TTY" },
        { { "--board", "cu16:/dev/x,inverted" }, "then ,hook-inverted or ,presence-inverted" },
        { { "--board", "cu16:/dev/x,hook-inverted," }, "e.g. cu16:/dev/ttyUSB1:3,hook-inverted" },
        { { "--board", "cu16:,hook-inverted" }, "write cu16:TTY or cu12:TTY" },
        { { "--compartments", "SSX" }, "1 to 16 of S, M and L" },
        { { "--compartments", "SSSSSSSSSSSSSSSSS" }, "1 to 16 of S, M and L" },
        { { "--locks-per-board", "17" }, "from 0 to 16" },
        { { "--door-remind-ms", "60000" }, "must grow" },
        { { "--door-jam-ms", "0" }, "no timer is 0" },
        { { "--flash-blocks", "71" }, "from 8 to 70" },
        { { "--port", "/dev/ttyUSB1" }, "--port and --board name the same line /dev/ttyUSB1" },
        { { "--board", "cu16:/dev/ttyUSB1" }, "two boards have address 0 on /dev/ttyUSB1" },
        { { "--board", "cu12:/dev/ttyUSB1:0" }, "two boards have address 0 on /dev/ttyUSB1" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER, cases[i].words[0], cases[i].words[1]),
                         FW_E_INVALID);
        assert_non_null(strstr(error, cases[i].text));
    }
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER, "--board", "cu16:b", "--board", "cu16:c",
                           "--board", "cu16:d", "--board", "cu16:e"),
                     FW_E_INVALID);
    assert_non_null(strstr(error, "at most 4 boards"));
}

/* /dev/serial/by-id/... and /dev/ttyUSB0 may be one line. */
static void test_options_parse_knows_a_line_by_each_of_its_names(void **state)
{
    (void)state;
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER_BASE, "--compartments", "S", "--board",
                           "cu16:/dev/null", "--port", "/dev/../dev/null"),
                     FW_E_INVALID);
    assert_non_null(strstr(error, "the same line"));
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER_BASE, "--compartments", "S", "--board",
                           "cu16:/dev/null", "--board", "cu16:/dev/./null"),
                     FW_E_INVALID);
    assert_non_null(strstr(error, "two boards have address 0"));
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER_BASE, "--compartments", "S", "--board",
                           "cu16:/dev/null", "--board", "cu16:/dev/./null:1", "--port",
                           "/dev/zero"),
                     FW_OK);
}

static void test_options_bank_maps_compartments_to_locks_in_order(void **state)
{
    (void)state;
    struct fw_uart uarts[2] = { 0 };
    const struct fw_uart *lines[FW_BANK_BOARDS_MAX] = { &uarts[0], &uarts[1] };
    struct fw_bank_config bank;
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER_BASE, "--compartments", "SSMML", "--board",
                           "cu16:a", "--board", "cu12:b:2", "--locks-per-board", "3"),
                     FW_OK);
    assert_int_equal(fw_linux_options_bank(&options, lines, &bank, error), FW_OK);
    assert_int_equal(bank.compartment_count, 5);
    static const struct fw_bank_lock wanted[] = {
        { 0, 0 }, { 0, 1 }, { 0, 2 }, { 1, 0 }, { 1, 1 }
    };
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(bank.locks[i].board, wanted[i].board);
        assert_int_equal(bank.locks[i].lock, wanted[i].lock);
    }
    assert_ptr_equal(bank.boards[1].uart, &uarts[1]);
    assert_int_equal(bank.boards[1].address, 2);
}

static void check_inverted(const struct fw_bank_board_config *board, bool is_hook, bool is_presence)
{
    assert_int_equal(board->is_hook_inverted, is_hook);
    assert_int_equal(board->is_presence_inverted, is_presence);
}

static void test_options_bank_inverts_each_board_or_all(void **state)
{
    (void)state;
    const struct fw_uart *lines[FW_BANK_BOARDS_MAX] = { 0 };
    struct fw_bank_config bank;
    assert_int_equal(PARSE(FW_LINUX_LOCKER, LOCKER_BASE, "--compartments", "S", "--board",
                           "cu16:/dev/x:3,hook-inverted", "--board", "cu12:/a,b/y", "--board",
                           "cu16:z,presence-inverted,hook-inverted"),
                     FW_OK);
    assert_string_equal(options.boards[0].path, "/dev/x");
    assert_int_equal(options.boards[0].address, 3);
    assert_string_equal(options.boards[1].path, "/a,b/y");
    assert_string_equal(options.boards[2].path, "z");
    assert_int_equal(fw_linux_options_bank(&options, lines, &bank, error), FW_OK);
    check_inverted(&bank.boards[0], true, false);
    check_inverted(&bank.boards[1], false, false);
    check_inverted(&bank.boards[2], true, true);
    options.is_presence_inverted = true;
    assert_int_equal(fw_linux_options_bank(&options, lines, &bank, error), FW_OK);
    check_inverted(&bank.boards[0], true, true);
    check_inverted(&bank.boards[1], false, true);
}

static void test_options_bank_with_too_few_locks_is_refused(void **state)
{
    (void)state;
    struct fw_uart uart = { 0 };
    const struct fw_uart *lines[FW_BANK_BOARDS_MAX] = { &uart };
    struct fw_bank_config bank;
    assert_int_equal(
        PARSE(FW_LINUX_LOCKER, LOCKER_BASE, "--compartments", "SSSSSSSSSSSSS", "--board", "cu12:a"),
        FW_OK);
    assert_int_equal(fw_linux_options_bank(&options, lines, &bank, error), FW_E_INVALID);
    assert_non_null(strstr(error, "12 locks for 13 compartments"));
}

static void test_options_help_names_every_option_and_shows_examples(void **state)
{
    (void)state;
    static const char *const common[] = { "--id",           "--site",    "--flash",
                                          "--flash-blocks", "--broker",  "--password-file",
                                          "--dead-time-ms", "--baud",    "--trace",
                                          "--port",         "--version", "Examples:" };
    static const char *const lockers[] = { "--board",
                                           "--key",
                                           "--compartments",
                                           "--locks-per-board",
                                           "--hook-inverted",
                                           "--presence-inverted",
                                           "--door-jam-ms",
                                           "--door-remind-ms",
                                           "--door-escalate-ms",
                                           "--door-alarm-ms" };
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
        assert_non_null(strstr(fw_linux_options_help(FW_LINUX_SCANNER), common[i]));
        assert_non_null(strstr(fw_linux_options_help(FW_LINUX_LOCKER), common[i]));
    }
    for (size_t i = 0; i < sizeof(lockers) / sizeof(lockers[0]); i++) {
        assert_null(strstr(fw_linux_options_help(FW_LINUX_SCANNER), lockers[i]));
        assert_non_null(strstr(fw_linux_options_help(FW_LINUX_LOCKER), lockers[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_parse_of_a_scanner_has_defaults),
        cmocka_unit_test(test_options_parse_takes_everything_of_a_locker),
        cmocka_unit_test(test_options_parse_reads_boards_with_and_without_address),
        cmocka_unit_test(test_options_parse_reads_brokers),
        cmocka_unit_test(test_options_parse_with_help_or_version_checks_nothing_else),
        cmocka_unit_test(test_options_parse_with_a_bad_scanner_says_what_to_do),
        cmocka_unit_test(test_options_parse_without_what_is_needed_names_it),
        cmocka_unit_test(test_options_parse_with_a_bad_locker_says_what_to_do),
        cmocka_unit_test(test_options_parse_knows_a_line_by_each_of_its_names),
        cmocka_unit_test(test_options_bank_maps_compartments_to_locks_in_order),
        cmocka_unit_test(test_options_bank_inverts_each_board_or_all),
        cmocka_unit_test(test_options_bank_with_too_few_locks_is_refused),
        cmocka_unit_test(test_options_help_names_every_option_and_shows_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

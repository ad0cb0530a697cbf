/* Words of the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "play/cli.h"

static bool parse(struct sim_cli *cli, char *message, const char *const *words)
{
    char *copies[32];
    int count = 0;
    for (; words[count] != NULL && count < 31; count++)
        copies[count] = (char *)(uintptr_t)words[count]; /* main() has no const either */
    return sim_cli_parse(count, copies, cli, message);
}

static void test_cli_parse_reads_options(void **state)
{
    const char *const words[] = { "lockstock-sim", "run",       "a.json",  "--seed", "9",
                                  "--speed",       "2.5",       "--until", "x",      "--device",
                                  "s=/dev/ttyS0",  "--verbose", "b.json",  NULL };
    struct sim_cli cli;
    char message[SIM_MESSAGE_SIZE];

    (void)state;
    assert_true(parse(&cli, message, words));
    assert_int_equal(cli.command, SIM_COMMAND_RUN);
    assert_int_equal(cli.file_count, 2);
    assert_int_equal(cli.options.seed, 9);
    assert_int_equal(cli.options.speed_percent, 250);
    assert_string_equal(cli.options.until, "x");
    assert_string_equal(cli.options.ports[0], "s=/dev/ttyS0");
    assert_true(cli.options.is_verbose);
    assert_false(cli.options.keep_names);
}

static void test_cli_parse_bad_words_are_told(void **state)
{
    static const char *const rows[][6] = {
        { "sim", NULL },
        { "sim", "fly", NULL },
        { "sim", "run", NULL },
        { "sim", "run", "a", "--seed", "x", NULL },
        { "sim", "run", "a", "--seed", "-1", NULL },
        { "sim", "run", "a", "--speed", "nan", NULL },
        { "sim", "run", "a", "--until", NULL },
        { "sim", "run", "a", "--device", "s", NULL },
        { "sim", "run", "a", "--nope", NULL },
    };
    static const char *const said[] = {
        "say what to do",
        "'fly' is not a command",
        "needs at least one scenario",
        "--seed 'x' is not a number",
        "--seed '-1' is not",
        "--speed 'nan' is not",
        "--until needs a value",
        "--device 's' is not ID=PORT",
        "unknown option '--nope'",
    };
    struct sim_cli cli;
    char message[SIM_MESSAGE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(parse(&cli, message, rows[i]));
        if (strstr(message, said[i]) == NULL)
            fail_msg("row %zu: \"%s\"", i, message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cli_parse_reads_options),
        cmocka_unit_test(test_cli_parse_bad_words_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

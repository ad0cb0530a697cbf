/* Settings: where a value comes from, and what is said about a wrong one. */
#include "capture.h"
#include "fakes/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/config/config.h"

#define PROCESS "lockstock-test"
#define TEXT_SIZE 8192
#define ARGUMENTS_MAX 12

static const struct kit_option options[] = {
    { .name = "db", .kind = KIT_OPTION_TEXT, .help = "database file" },
    { .name = "mqtt-port",
      .kind = KIT_OPTION_INT,
      .fallback = "1883",
      .min = 1,
      .max = 65535,
      .help = "port of the broker" },
    { .name = "balance",
      .kind = KIT_OPTION_INT,
      .fallback = "0",
      .min = -5,
      .max = INT64_MAX,
      .help = "any number" },
    { .name = "mqtt-password-file",
      .kind = KIT_OPTION_SECRET_FILE,
      .fallback = "",
      .help = "file with the password" },
};

static struct kit_config *config;
static struct kit_error err;
static char text[TEXT_SIZE];
static char ini_path[64];
static char secret_path[64];

static int setup(void **state)
{
    (void)state;
    unsetenv("LOCKSTOCK_DB");
    unsetenv("LOCKSTOCK_MQTT_PORT");
    unsetenv("LOCKSTOCK_BALANCE");
    unsetenv("LOCKSTOCK_CONFIG");
    unsetenv("LOCKSTOCK_MQTT_PASSWORD_FILE");
    snprintf(ini_path, sizeof(ini_path), "/tmp/lockstock-ini-%ld", (long)getpid());
    snprintf(secret_path, sizeof(secret_path), "/tmp/lockstock-secret-%ld", (long)getpid());
    config = NULL;
    err = (struct kit_error){ .code = KIT_OK };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_config_free(config);
    unlink(ini_path);
    unlink(secret_path);
    return 0;
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    assert_int_equal(fclose(file), 0);
}

/* Arguments are separated by one space. */
static enum kit_config_outcome load(const char *arguments)
{
    static char line[1024];
    char *argv[ARGUMENTS_MAX] = { line };
    int argc = 1;
    snprintf(line, sizeof(line), "%s %s", PROCESS, arguments);
    for (char *c = strchr(line, ' '); c != NULL && c[1] != '\0'; c = strchr(c + 1, ' ')) {
        *c = '\0';
        assert_true(argc < ARGUMENTS_MAX);
        argv[argc++] = c + 1;
    }
    kit_config_free(config);
    config = NULL;
    const struct kit_config_spec spec = {
        .process = PROCESS,
        .purpose = "tests settings",
        .examples = "  lockstock-test --db x",
        .options = options,
        .option_count = KIT_COUNT(options),
    };
    return kit_config_load(&spec, argc, argv, &config, &err);
}

static void check_wrong(const char *arguments, const char *says)
{
    assert_int_equal(load(arguments), KIT_CONFIG_WRONG);
    if (strstr(err.text, says) == NULL)
        fail_msg("\"%s\" gives \"%s\", which says nothing of \"%s\"", arguments, err.text, says);
}

static void test_load_default_is_used_last(void **state)
{
    (void)state;
    assert_int_equal(load("--db a.db"), KIT_CONFIG_READY);
    assert_string_equal(kit_config_text(config, "db"), "a.db");
    assert_int_equal(kit_config_int(config, "mqtt-port"), 1883);
    assert_string_equal(kit_config_text(config, "mqtt-password-file"), "");
}

static void test_load_flag_beats_environment_beats_file(void **state)
{
    (void)state;
    char arguments[200];
    write_file(ini_path, "[lockstock]\nmqtt-port = 1001\ndb = shared.db ; a comment\n"
                         "[" PROCESS "]\nmqtt-port = 1002\n[lockstock-other]\nunknown = 1\n");
    snprintf(arguments, sizeof(arguments), "--config %s", ini_path);
    assert_int_equal(load(arguments), KIT_CONFIG_READY);
    assert_string_equal(kit_config_text(config, "db"), "shared.db");
    assert_int_equal(kit_config_int(config, "mqtt-port"), 1002); /* its own section wins */

    setenv("LOCKSTOCK_MQTT_PORT", "1003", 1);
    assert_int_equal(load(arguments), KIT_CONFIG_READY);
    assert_int_equal(kit_config_int(config, "mqtt-port"), 1003);

    snprintf(arguments, sizeof(arguments), "--mqtt-port=1004 --config=%s", ini_path);
    assert_int_equal(load(arguments), KIT_CONFIG_READY);
    assert_int_equal(kit_config_int(config, "mqtt-port"), 1004);

    setenv("LOCKSTOCK_CONFIG", ini_path, 1);
    assert_int_equal(load("--db flag.db"), KIT_CONFIG_READY);
    assert_string_equal(kit_config_text(config, "db"), "flag.db");
}

static void test_load_own_section_wins_in_any_order(void **state)
{
    (void)state;
    write_file(ini_path, "[" PROCESS "]\nmqtt-port = 1002\n[lockstock]\nmqtt-port = 1001\n"
                         "db = x\n");
    setenv("LOCKSTOCK_CONFIG", ini_path, 1);
    assert_int_equal(load(""), KIT_CONFIG_READY);
    assert_int_equal(kit_config_int(config, "mqtt-port"), 1002);
}

static void test_load_number_at_its_limits(void **state)
{
    (void)state;
    assert_int_equal(load("--db x --balance -5"), KIT_CONFIG_READY);
    assert_int_equal(kit_config_int(config, "balance"), -5);
    assert_int_equal(load("--db x --balance 9223372036854775807"), KIT_CONFIG_READY);
    assert_int_equal(kit_config_int(config, "balance"), INT64_MAX);
    check_wrong("--db x --balance -6", "from -5 to");
    check_wrong("--db x --balance 9223372036854775808", "balance");
    check_wrong("--db x --balance 99999999999999999999999", "balance");
    check_wrong("--db x --mqtt-port 0", "from 1 to 65535, not \"0\" (from flag --mqtt-port)");
    check_wrong("--db x --mqtt-port 65536", "65535");
    check_wrong("--db x --mqtt-port 18x3", "whole number");
    check_wrong("--db x --mqtt-port=", "whole number");
    check_wrong("--db x --mqtt-port +5", "whole number");
    setenv("LOCKSTOCK_MQTT_PORT", "zero", 1);
    check_wrong("--db x", "(from environment LOCKSTOCK_MQTT_PORT)");
}

static void test_load_wrong_flags_say_what_to_do(void **state)
{
    (void)state;
    check_wrong("--db x --mqtt-prot 1", "did you mean --mqtt-port?");
    check_wrong("--confg x", "did you mean --config?");
    check_wrong("--something-else 1", "--help lists them");
    check_wrong("--db", "--db needs a value");
    check_wrong("--config", "--config needs a value");
    check_wrong("--db x --db y", "given twice");
    check_wrong("run --db x", "\"run\" is not an option");
    check_wrong("-h", "is not an option");
    check_wrong("--", "is not an option");
    check_wrong("--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1",
                "there is no option");
    check_wrong("", "--db is needed (database file): give the flag, the variable LOCKSTOCK_DB");
}

static void test_load_wrong_file_names_file_and_line(void **state)
{
    (void)state;
    char expected[200];
    setenv("LOCKSTOCK_DB", "x", 1);
    check_wrong("--config /nonexistent.ini", "cannot read the settings file /nonexistent.ini");

    setenv("LOCKSTOCK_CONFIG", ini_path, 1);
    write_file(ini_path, "[lockstock]\nmqtt-port = 1\nmqtt-prot = 2\n");
    snprintf(expected, sizeof(expected), "%s, line 3: key \"mqtt-prot\"", ini_path);
    check_wrong("", expected);
    check_wrong("", "did you mean \"mqtt-port\"?");

    write_file(ini_path, "[lockstock]\nbase-port-of-bridge = 2\n");
    check_wrong("", "a key of one process belongs into the section of that name");
    write_file(ini_path, "[rental]\nmqtt-port = 2\n");
    check_wrong("", "section [rental] is not known; use [lockstock] or [" PROCESS "]");
    write_file(ini_path, "[lockstock]\nnonsense\n");
    check_wrong("", "line 2: expected \"[section]\" or \"key = value\"");
    write_file(ini_path, "[lockstock]\nmqtt-port = 99999\n");
    check_wrong("", "[lockstock])");
}

static void test_load_secret_is_the_first_line_of_its_file(void **state)
{
    (void)state;
    char arguments[200];
    snprintf(arguments, sizeof(arguments), "--db x --mqtt-password-file %s", secret_path);
    check_wrong(arguments, "cannot read mqtt-password-file");
    write_file(secret_path, "");
    check_wrong(arguments, "the first line must hold the secret");
    write_file(secret_path, "\nsecond line\n");
    check_wrong(arguments, "the first line must hold the secret");
    char long_line[300];
    memset(long_line, 's', sizeof(long_line));
    long_line[sizeof(long_line) - 1] = '\0';
    write_file(secret_path, long_line);
    check_wrong(arguments, "1 to 256 bytes");
    write_file(secret_path, "s3cret word\r\nmore\n");
    assert_int_equal(load(arguments), KIT_CONFIG_READY);
    assert_string_equal(kit_config_text(config, "mqtt-password-file"), "s3cret word");
}

static void test_print_config_shows_values_and_sources_but_no_secret(void **state)
{
    (void)state;
    char arguments[200];
    write_file(secret_path, "s3cret\n");
    write_file(ini_path, "[lockstock]\nbalance = 7\n");
    setenv("LOCKSTOCK_MQTT_PORT", "1999", 1);
    snprintf(arguments, sizeof(arguments),
             "--db x --mqtt-password-file %s --config %s --print-config", secret_path, ini_path);
    capture_begin(STDOUT_FILENO);
    enum kit_config_outcome outcome = load(arguments);
    capture_end(text, sizeof(text));
    assert_int_equal(outcome, KIT_CONFIG_DONE);
    assert_non_null(strstr(text, "db = x ; flag --db\n"));
    assert_non_null(strstr(text, "mqtt-port = 1999 ; environment LOCKSTOCK_MQTT_PORT\n"));
    assert_non_null(strstr(text, "balance = 7 ; "));
    assert_non_null(strstr(text, "[lockstock]\n"));
    assert_non_null(strstr(text, "mqtt-password-file = *** ; flag"));
    assert_null(strstr(text, "s3cret"));
}

static void test_help_and_version_need_no_settings(void **state)
{
    (void)state;
    capture_begin(STDOUT_FILENO);
    enum kit_config_outcome outcome = load("--help");
    capture_end(text, sizeof(text));
    assert_int_equal(outcome, KIT_CONFIG_DONE);
    assert_non_null(strstr(text, PROCESS ": tests settings"));
    assert_non_null(strstr(text, "port of the broker (1 to 65535) [1883]"));
    assert_non_null(strstr(text, "database file [must be given]"));
    assert_non_null(strstr(text, "--print-config"));
    assert_non_null(strstr(text, "  lockstock-test --db x\n"));

    capture_begin(STDOUT_FILENO);
    outcome = load("--version");
    capture_end(text, sizeof(text));
    assert_int_equal(outcome, KIT_CONFIG_DONE);
    assert_string_equal(text, PROCESS " " LOCKSTOCK_VERSION "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_load_default_is_used_last, setup, teardown),
        cmocka_unit_test_setup_teardown(test_load_flag_beats_environment_beats_file, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_load_own_section_wins_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_load_number_at_its_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_load_wrong_flags_say_what_to_do, setup, teardown),
        cmocka_unit_test_setup_teardown(test_load_wrong_file_names_file_and_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_load_secret_is_the_first_line_of_its_file, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_print_config_shows_values_and_sources_but_no_secret,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_help_and_version_need_no_settings, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

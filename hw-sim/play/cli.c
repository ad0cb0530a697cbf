/* Options, and the commands run, check and list. */
#include "play/cli.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_MAX 200
#define SPEED_MAX 1000
#define SCENARIOS "hw-sim/scenarios"

static const char help[] =
    "lockstock-sim COMMAND [options]: plays scenarios with simulated scanners, lockers and people\n"
    "against a running Lockstock (deploy/up), prints labels, puts load on it.\n"
    "  run FILE...       plays each scenario, one after the other\n"
    "  check FILE...     says what is wrong with a scenario, without playing it\n"
    "  list [FOLDER]     shows the scenarios of a folder (default: hw-sim/scenarios)\n"
    "  label KIND VALUE...  prints labels, also as QR codes\n"
    "  load              thousands of devices in one process\n"
    "lockstock-sim COMMAND --help tells more of one.\n";

static const char help_run[] =
    "lockstock-sim run FILE... [options]: plays each scenario, one after the other. FILE is a "
    "path,\n"
    "or a name of lockstock-sim list.\n"
    "  --data DIR        of deploy/up (default: .lockstock)\n"
    "  --seed N          of everything random, instead of the scenario's\n"
    "  --speed X         of people: 1 as they are, 10 ten times as fast, 0 they do not think "
    "(default: 1)\n"
    "  --until STEP      ends after the step of that name\n"
    "  --report DIR      where report.txt, report.json and diagram.md go (default: DATA/sim/...)\n"
    "  --device ID=PORT  a real scanner, or lock board, at that serial port\n"
    "  --keep-names      ids of devices as the scenario has them, without a tag of the run;\n"
    "                    those that it adds stay (else they are removed at the end)\n"
    "  --bin DIR         where lockstock-scanner and lockstock-locker are (default: beside this)\n"
    "  --deploy DIR      where add-device is (default: deploy/ here or in a folder above)\n"
    "  --verbose         every message and panel line as it comes\n"
    "A run that fails, or that you interrupt, cancels the orders that it made.\n"
    "Exit status: 0 everything expected happened, 1 something did not or you interrupted it, 2 a\n"
    "scenario or an option is wrong, 3 the system, its firmware or a serial port was not there.\n";

static const char help_check[] =
    "lockstock-sim check FILE...: says what is wrong with a scenario, without playing it: file,\n"
    "line, column, where in it, and the first mistake of each file. FILE is a path, or a name of\n"
    "lockstock-sim list.\n"
    "Verbs of scenarios: http order cancel scan expect-verdict open shut put take type-code fault\n"
    "wait expect pause note set repeat; hw-sim/scenario.schema.json describes them.\n"
    "Exit status: 0 all are fine, 2 one is not.\n";

static const char help_list[] =
    "lockstock-sim list [FOLDER...]: shows the scenarios of folders (default: hw-sim/scenarios)\n"
    "with their titles.\n"
    "Exit status: 0, or 2 when a folder has none or one is wrong.\n";

static const char examples[] =
    "Examples:\n"
    "  deploy/up --detach && build/release/bin/lockstock-sim run \\\n"
    "      hw-sim/scenarios/day-in-the-warehouse.json\n"
    "  lockstock-sim run wrong-item door-jammed --seed 7 --speed 10 --verbose\n"
    "  lockstock-sim run wrong-item --device scanner-1=/dev/ttyUSB0\n"
    "  lockstock-sim check hw-sim/scenarios/*.json\n"
    "  lockstock-sim label command RECEIVE PICK\n";

/* Each command has its own page; that of the program has them all. */
static int show_help(enum sim_command about)
{
    static const char *const pages[] = { [SIM_COMMAND_RUN] = help_run,
                                         [SIM_COMMAND_CHECK] = help_check,
                                         [SIM_COMMAND_LIST] = help_list };
    if (about != SIM_COMMAND_HELP) {
        (void)printf("%s%s", pages[about], examples);
        return SIM_EXIT_PASSED;
    }
    (void)fputs(help, stdout);
    for (size_t i = SIM_COMMAND_RUN; i < KIT_COUNT(pages); i++)
        (void)printf("\n%s", pages[i]);
    (void)printf("\n%s", examples);
    return SIM_EXIT_PASSED;
}

/* ---- options ---- */

struct parser {
    struct sim_options *options;
    const char *value;
    char *message;
};

static bool refuse(char *message, const char *sentence, const char *word)
{
    (void)snprintf(message, SIM_MESSAGE_SIZE, sentence, word);
    return false;
}

static bool take_seed(struct parser *parser)
{
    char *end = NULL;
    errno = 0;
    long long seed = strtoll(parser->value, &end, 10);
    if (*parser->value == '\0' || *end != '\0' || errno != 0 || seed < 0 || seed > INT32_MAX)
        return refuse(parser->message, "--seed '%.60s' is not a number from 0 to 2147483647",
                      parser->value);
    parser->options->seed = seed;
    return true;
}

static bool take_speed(struct parser *parser)
{
    char *end = NULL;
    double speed = strtod(parser->value, &end);
    if (*parser->value == '\0' || *end != '\0' || !(speed >= 0 && speed <= SPEED_MAX))
        return refuse(parser->message, "--speed '%.60s' is not a number from 0 to 1000",
                      parser->value);
    parser->options->speed_percent = speed > 0 && speed < 0.01 ? 1 : (int64_t)(speed * 100);
    return true;
}

static bool take_device(struct parser *parser)
{
    const char *equals = strchr(parser->value, '=');
    size_t max = sizeof(parser->options->ports) / sizeof(parser->options->ports[0]);

    if (equals == NULL || equals == parser->value || equals[1] != '/')
        return refuse(parser->message,
                      "--device '%.60s' is not ID=PORT, as in scanner-1=/dev/ttyUSB0",
                      parser->value);
    if (parser->options->port_count == max)
        return refuse(parser->message, "--device %.60s: more of them than there can be",
                      parser->value);
    parser->options->ports[parser->options->port_count++] = parser->value;
    return true;
}

/* An option with a value: a place for it, or a function that reads it. */
static bool take_valued(struct parser *parser, const char *name, bool *ret_known)
{
    struct sim_options *options = parser->options;
    const struct {
        const char *name;
        const char **place;
        bool (*take)(struct parser *);
    } valued[] = {
        { "--data", &options->data, NULL },     { "--report", &options->report_dir, NULL },
        { "--until", &options->until, NULL },   { "--bin", &options->bin, NULL },
        { "--deploy", &options->deploy, NULL }, { "--seed", NULL, take_seed },
        { "--speed", NULL, take_speed },        { "--device", NULL, take_device },
    };
    *ret_known = false;
    for (size_t i = 0; i < KIT_COUNT(valued); i++) {
        if (strcmp(valued[i].name, name) != 0)
            continue;
        *ret_known = true;
        if (parser->value == NULL || *parser->value == '\0')
            return refuse(parser->message, "%.60s needs a value; see lockstock-sim --help", name);
        if (valued[i].take != NULL)
            return valued[i].take(parser);
        *valued[i].place = parser->value;
    }
    return true;
}

static bool take_command(const char *word, enum sim_command *ret_command)
{
    static const char *const names[] = { "help", "run", "check", "list" };
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        if (strcmp(names[i], word) == 0) {
            *ret_command = (enum sim_command)i;
            return true;
        }
    }
    return false;
}

/* Steps over what it has read. */
static bool take_word(struct sim_cli *cli, int argc, char **argv, int *at, char *message)
{
    const char *word = argv[*at];
    struct parser parser = { .options = &cli->options,
                             .value = *at + 1 < argc ? argv[*at + 1] : NULL,
                             .message = message };
    bool known = false;

    (*at)++;
    if (strncmp(word, "--", 2) != 0) {
        if (cli->file_count == SIM_CLI_FILES_MAX)
            return refuse(message, "too many scenarios, from '%.60s' on", word);
        cli->files[cli->file_count++] = word;
        return true;
    }
    if (strcmp(word, "--help") == 0) {
        cli->wants_help = true;
        return true;
    }
    if (strcmp(word, "--verbose") == 0 || strcmp(word, "--keep-names") == 0) {
        *(word[2] == 'v' ? &cli->options.is_verbose : &cli->options.keep_names) = true;
        return true;
    }
    if (!take_valued(&parser, word, &known))
        return false;
    if (!known)
        return refuse(message, "unknown option '%.60s'; see lockstock-sim --help", word);
    (*at)++;
    return true;
}

bool sim_cli_parse(int argc, char **argv, struct sim_cli *ret, char *ret_message)
{
    struct sim_cli cli = { .options = { .seed = -1, .speed_percent = 100 } };
    int at = 2;

    if (argc < 2)
        return refuse(ret_message,
                      "say what to do: run, check, list, label or load; see lockstock-sim %s",
                      "--help");
    if (strcmp(argv[1], "--help") != 0 && !take_command(argv[1], &cli.command))
        return refuse(ret_message,
                      "'%.60s' is not a command; there are run, check, list, label and load",
                      argv[1]);
    while (at < argc) {
        if (!take_word(&cli, argc, argv, &at, ret_message))
            return false;
    }
    if ((cli.command == SIM_COMMAND_RUN || cli.command == SIM_COMMAND_CHECK) &&
        cli.file_count == 0 && !cli.wants_help)
        return refuse(ret_message, "%s needs at least one scenario file; see lockstock-sim list",
                      argv[1]);
    *ret = cli;
    return true;
}

/* ---- commands ---- */

/* "wrong-item" is the one of that name in hw-sim/scenarios; anything else is a path. */
static bool load(const char *word, struct sim_scenario *ret, char *ret_message)
{
    char folder[SIM_DIR_SIZE], path[SIM_FILE_SIZE];

    if (strpbrk(word, "/.") != NULL || access(word, F_OK) == 0 ||
        !sim_find_above(SCENARIOS, folder))
        return sim_scenario_load(word, ret, ret_message);
    (void)snprintf(path, sizeof(path), "%s/%.100s.json", folder, word);
    if (access(path, F_OK) == 0)
        return sim_scenario_load(path, ret, ret_message);
    return refuse(ret_message, "there is no scenario '%.100s'; lockstock-sim list shows them",
                  word);
}

/* All files are read before the first is played: a bad one shows at once. */
static int check_all(const struct sim_cli *cli, bool is_loud)
{
    int result = SIM_EXIT_PASSED;

    for (size_t i = 0; i < cli->file_count; i++) {
        struct sim_scenario scenario;
        char message[SIM_MESSAGE_SIZE];
        if (!load(cli->files[i], &scenario, message)) {
            (void)fprintf(stderr, "lockstock-sim: %s\n", message);
            result = SIM_EXIT_BAD;
            continue;
        }
        if (is_loud)
            (void)printf("%s: fine, %d steps\n", cli->files[i], cJSON_GetArraySize(scenario.steps));
        sim_scenario_done(&scenario);
    }
    return result;
}

static int run_all(const struct sim_cli *cli)
{
    int result = check_all(cli, false);

    if (result != SIM_EXIT_PASSED)
        return result;
    sim_loop_catch_signals();
    for (size_t i = 0; i < cli->file_count && !sim_loop_interrupted; i++) {
        struct sim_scenario scenario;
        char message[SIM_MESSAGE_SIZE];
        if (!load(cli->files[i], &scenario, message)) { /* it was good a moment ago */
            (void)fprintf(stderr, "lockstock-sim: %s\n", message);
            return SIM_EXIT_BAD;
        }
        int one = (int)sim_run_scenario(&scenario, &cli->options);
        result = one > result ? one : result;
        sim_scenario_done(&scenario);
    }
    return result;
}

static int is_scenario(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

static void show(const struct sim_scenario *scenario)
{
    int64_t hold_ms = sim_json_int(sim_json_get(scenario->root, "requires"), "holdMs", -1);

    (void)printf("%-27s %s%s", scenario->name, scenario->title,
                 cJSON_IsTrue(sim_json_get(scenario->root, "slow")) ? " (slow)" : "");
    if (hold_ms >= 0)
        (void)printf(" (wants deploy/up --set delivery.hold-ms=%" PRId64 ")", hold_ms);
    (void)putchar('\n');
}

static int list_folder(const char *folder)
{
    struct dirent **names = NULL;
    int result = SIM_EXIT_PASSED;

    int count = scandir(folder, &names, is_scenario, alphasort);
    if (count <= 0) {
        (void)fprintf(stderr, "lockstock-sim: no scenarios in '%s': %s; name their folder\n",
                      folder, count < 0 ? strerror(errno) : "no file ends with .json");
        free(names);
        return SIM_EXIT_BAD;
    }
    for (int i = 0; i < count; i++) {
        char path[SIM_FILE_SIZE], message[SIM_MESSAGE_SIZE];
        struct sim_scenario scenario;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        if (i < LIST_MAX && sim_scenario_load(path, &scenario, message)) {
            show(&scenario);
            sim_scenario_done(&scenario);
        } else if (i < LIST_MAX) {
            (void)fprintf(stderr, "lockstock-sim: %s\n", message);
            result = SIM_EXIT_BAD;
        }
        free(names[i]);
    }
    free(names);
    return result;
}

static int list_all(const struct sim_cli *cli)
{
    int result = SIM_EXIT_PASSED;
    char folder[SIM_DIR_SIZE] = SCENARIOS;

    if (cli->file_count == 0) {
        (void)sim_find_above(SCENARIOS, folder);
        return list_folder(folder);
    }
    for (size_t i = 0; i < cli->file_count; i++) {
        int one = list_folder(cli->files[i]);
        result = one > result ? one : result;
    }
    return result;
}

int sim_cli_main(int argc, char **argv)
{
    struct sim_cli cli;
    char message[SIM_MESSAGE_SIZE];

    if (!sim_cli_parse(argc, argv, &cli, message)) {
        (void)fprintf(stderr, "lockstock-sim: %s\n", message);
        return SIM_EXIT_BAD;
    }
    if (cli.wants_help)
        return show_help(cli.command);
    switch (cli.command) {
    case SIM_COMMAND_RUN:
        return run_all(&cli);
    case SIM_COMMAND_CHECK:
        return check_all(&cli, true);
    case SIM_COMMAND_LIST:
        return list_all(&cli);
    case SIM_COMMAND_HELP:
        break;
    }
    return show_help(SIM_COMMAND_HELP);
}

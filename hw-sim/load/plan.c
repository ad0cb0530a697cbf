/* Options in, numbers out. One thread. */
#include "load/plan.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#define SETTINGS_MAX 16

static const char HELP[] =
    "lockstock-sim load [options]: many scanners and lockers in this process, with the firmware's\n"
    "own core and a broker connection each, against a running Lockstock (deploy/up).\n"
    "  --scanners N   scanners that receive goods (default 200, at most 20000)\n"
    "  --lockers M    lockers whose doors are opened now and then (default 10, at most 2000)\n"
    "  --rate R       scans a second, all scanners together; 0: as fast as verdicts come "
    "(default)\n"
    "  --window W     with --rate 0: scans of one scanner that may wait for a verdict (default 8)\n"
    "  --for T        seconds of scanning (default 10)\n"
    "  --restart-broker  kill the broker in the middle; its supervisor starts it again\n"
    "  --data DIR     of deploy/up (default .lockstock)\n"
    "  --deploy DIR   where add-device is (default: deploy/ here or in a folder above)\n"
    "  --json         print the numbers as JSON\n"
    "Its devices, load-scanner-1 and so on, stay for the next time; to remove them:\n"
    "  deploy/add-device scanner load-scanner --count 200 --remove\n"
    "  deploy/add-device locker load-locker --count 10 --remove\n"
    "Every scan is one piece that is received, so that in the end stock's own count is compared.\n"
    "Exit: 0 nothing was lost, 1 something was, 2 wrong options, 3 no system.\n"
    "Examples:\n"
    "  lockstock-sim load --scanners 200 --lockers 10 --for 10\n"
    "  lockstock-sim load --scanners 2000 --rate 1000 --for 30 --restart-broker\n";

static bool refuse(const char *what, const char *why)
{
    (void)fprintf(stderr, "lockstock-sim: %s: %s\n", what, why);
    return false;
}

static bool read_number(const char *option, const char *text, int64_t max, int64_t *ret_value)
{
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && value >= 0 && value <= max) {
        *ret_value = value;
        return true;
    }
    (void)fprintf(stderr, "lockstock-sim: --%s '%s' is not a number from 0 to %" PRId64 "\n",
                  option, text, max);
    return false;
}

/* One of the options; each has one place for its value. */
struct setting {
    const char *name;
    int64_t *number; /* from 0 to max */
    int64_t max;
    const char **text;
    bool *flag;
};

static bool read_setting(const struct setting *setting, const char *value)
{
    if (setting->number != NULL)
        return read_number(setting->name, value, setting->max, setting->number);
    if (setting->text != NULL)
        *setting->text = value;
    else
        *setting->flag = true;
    return true;
}

/* False: a word that is no option, or a value that it cannot have. It ends at --help. */
static bool read_settings(const struct setting *settings, const bool *wants_help, int argc,
                          char **argv)
{
    struct option options[SETTINGS_MAX + 1] = { { .name = NULL } };
    int index = 0, found = 0;

    for (int i = 0; settings[i].name != NULL; i++)
        options[i] = (struct option){ .name = settings[i].name,
                                      .has_arg = settings[i].flag != NULL ? no_argument
                                                                          : required_argument };
    opterr = 0;
    while (!*wants_help && (found = getopt_long(argc, argv, "", options, &index)) != -1) {
        if (found != 0)
            return refuse(argv[optind - 1], "no such option, or its value is missing");
        if (!read_setting(&settings[index], optarg))
            return false;
    }
    if (!*wants_help && optind < argc)
        return refuse(argv[optind], "there are options only");
    return true;
}

static bool check_plan(const struct load_plan *plan)
{
    if (plan->scanner_count + plan->locker_count == 0)
        return refuse("--scanners 0 --lockers 0", "give at least one device");
    if (plan->window == 0)
        return refuse("--window 0", "at least one scan must be allowed to wait");
    return plan->time_s > 0 || refuse("--for 0", "give a time of at least one second");
}

int load_plan_read(struct load_plan *plan, int argc, char **argv, bool *ret_is_over)
{
    bool wants_help = false;
    const struct setting settings[] = {
        { "scanners", .number = &plan->scanner_count, .max = LOAD_SCANNERS_MAX },
        { "lockers", .number = &plan->locker_count, .max = LOAD_LOCKERS_MAX },
        { "rate", .number = &plan->rate, .max = LOAD_RATE_MAX },
        { "window", .number = &plan->window, .max = LOAD_HELD_MAX - 8 },
        { "for", .number = &plan->time_s, .max = LOAD_SECONDS_MAX },
        { "restart-broker", .flag = &plan->with_restart },
        { "data", .text = &plan->data },
        { "json", .flag = &plan->is_json },
        { "deploy", .text = &plan->deploy },
        { "help", .flag = &wants_help },
        { .name = NULL },
    };

    *plan =
        (struct load_plan){ .scanner_count = 200, .locker_count = 10, .window = 8, .time_s = 10 };
    *ret_is_over = true;
    const bool is_read = read_settings(settings, &wants_help, argc, argv);
    if (is_read && wants_help)
        return fputs(HELP, stdout) >= 0 ? LOAD_PASSED : LOAD_FAILED;
    if (is_read && check_plan(plan)) {
        *ret_is_over = false;
        return LOAD_PASSED;
    }
    (void)fprintf(stderr, "see lockstock-sim load --help\n");
    return LOAD_USAGE;
}

bool load_result_has_loss(const struct load_result *result)
{
    return result->scans_acked != result->scans ||
           result->pieces_counted != (int64_t)result->scans ||
           result->locker_records_acked != result->locker_records || result->refused != 0;
}

static double to_seconds(int64_t ms)
{
    return (double)ms / 1000.0;
}

static double get_rate(const struct load_result *result, uint64_t count)
{
    return result->run_ms > 0 ? (double)count / to_seconds(result->run_ms) : 0.0;
}

static double get_quantile_ms(const struct load_result *result, uint32_t permille)
{
    return (double)load_meter_quantile(result->verdicts, permille) / 1000.0;
}

static void print_json(const struct load_plan *plan, const struct load_result *result, FILE *out)
{
    (void)fprintf(out,
                  "{\"scanners\":%" PRId64 ",\"lockers\":%" PRId64 ",\"connectMs\":%" PRId64
                  ",\"runMs\":%" PRId64 ",\"scans\":%" PRIu64 ",\"scansAcked\":%" PRIu64
                  ",\"piecesCounted\":%" PRId64 ",\"refused\":%" PRIu64
                  ",\"lockerRecords\":%" PRIu64 ",\"lockerRecordsAcked\":%" PRIu64
                  ",\"scansPerSecond\":%.1f,\"upsPerSecond\":%.1f,\"messagesPerSecond\":%.1f,"
                  "\"verdictP50Ms\":%.3f,\"verdictP99Ms\":%.3f,"
                  "\"stormUpMs\":%" PRId64 ",\"stormCaughtUpMs\":%" PRId64
                  ",\"stormConnects\":%" PRIu64 ",\"loss\":%s}\n",
                  plan->scanner_count, plan->locker_count, result->connect_ms, result->run_ms,
                  result->scans, result->scans_acked, result->pieces_counted, result->refused,
                  result->locker_records, result->locker_records_acked,
                  get_rate(result, result->acked_in_run), get_rate(result, result->ups_in_run),
                  get_rate(result, result->ups_in_run + result->acks_in_run),
                  get_quantile_ms(result, 500), get_quantile_ms(result, 990), result->storm_up_ms,
                  result->storm_caught_up_ms, result->storm_connects,
                  load_result_has_loss(result) ? "true" : "false");
}

void load_result_print(const struct load_plan *plan, const struct load_result *result, FILE *out)
{
    if (plan->is_json) {
        print_json(plan, result, out);
        return;
    }
    (void)fprintf(out,
                  "devices          %" PRId64 " scanners, %" PRId64
                  " lockers, all connected in %.1f s\n",
                  plan->scanner_count, plan->locker_count, to_seconds(result->connect_ms));
    (void)fprintf(
        out,
        "scans            %" PRIu64 " acknowledged in %.1f s: %.0f a second, in %.0f messages\n",
        result->acked_in_run, to_seconds(result->run_ms), get_rate(result, result->acked_in_run),
        get_rate(result, result->ups_in_run + result->acks_in_run));
    (void)fprintf(out, "scan to verdict  p50 %.1f ms, p99 %.1f ms, longest %.1f ms\n",
                  get_quantile_ms(result, 500), get_quantile_ms(result, 990),
                  (double)result->verdicts->max_us / 1000.0);
    if (result->storm_up_ms >= 0)
        (void)fprintf(out,
                      "broker restart   all connected again after %.1f s (%" PRIu64
                      " attempts), caught up after %.1f s\n",
                      to_seconds(result->storm_up_ms), result->storm_connects,
                      to_seconds(result->storm_caught_up_ms));
    (void)fprintf(out,
                  "loss             %s: %" PRIu64 " scans taken, %" PRIu64 " acknowledged, %" PRId64
                  " pieces counted by stock, %" PRIu64 " refused; %" PRIu64 " of %" PRIu64
                  " locker records acknowledged\n",
                  load_result_has_loss(result) ? "YES" : "0", result->scans, result->scans_acked,
                  result->pieces_counted, result->refused, result->locker_records_acked,
                  result->locker_records);
}

/* The command line (ports/linux/options.h). Each option is a row of a table with a function that
 * takes its text; what the options mean together is checked at the end. */
#include "ports/linux/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/locker.h"
#include "drivers/cu12.h"
#include "drivers/cu16.h"

#define BROKER_PORT_DEFAULT 11883
#define TIMER_MS_MAX 86400000
#define OPTIONS_MAX 24
#define BLOCKS_MIN 8
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-"

struct parser {
    struct fw_linux_options *options;
    char *error;
};

typedef int (*take_fn)(struct parser *parser, const char *text);

struct row {
    const char *name;
    bool has_text;
    bool is_for_lockers_only;
    take_fn take;
};

/* ---- values ---- */

static int take_text(char *place, size_t size, struct parser *parser, const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length >= size) {
        snprintf(parser->error, FW_LINUX_ERROR_SIZE, "\"%.60s\" must have 1 to %zu characters",
                 text, size - 1);
        return FW_E_INVALID;
    }
    memcpy(place, text, length + 1);
    return FW_OK;
}

static int take_name(char *place, size_t size, struct parser *parser, const char *text)
{
    if (text[0] < 'a' || text[0] > 'z' || strspn(text, NAME_CHARS) != strlen(text)) {
        snprintf(parser->error, FW_LINUX_ERROR_SIZE,
                 "\"%.60s\" is no name; use a-z, 0-9 and -, and begin with a letter", text);
        return FW_E_INVALID;
    }
    return take_text(place, size, parser, text);
}

static bool read_int(const char *text, long min, long max, long *ret_value)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

static int take_int(int32_t *place, long max, struct parser *parser, const char *text)
{
    long value;
    if (!read_int(text, 0, max, &value)) {
        snprintf(parser->error, FW_LINUX_ERROR_SIZE, "\"%.60s\" must be a number from 0 to %ld",
                 text, max);
        return FW_E_INVALID;
    }
    *place = (int32_t)value;
    return FW_OK;
}

/* ---- options of both ---- */

static int take_help(struct parser *parser, const char *text)
{
    (void)text;
    parser->options->wants_help = true;
    return FW_OK;
}

static int take_version(struct parser *parser, const char *text)
{
    (void)text;
    parser->options->wants_version = true;
    return FW_OK;
}

static int take_trace(struct parser *parser, const char *text)
{
    (void)text;
    parser->options->traces = true;
    return FW_OK;
}

static int take_id(struct parser *parser, const char *text)
{
    return take_name(parser->options->id, sizeof(parser->options->id), parser, text);
}

static int take_site(struct parser *parser, const char *text)
{
    return take_name(parser->options->site, sizeof(parser->options->site), parser, text);
}

static int take_port(struct parser *parser, const char *text)
{
    return take_text(parser->options->port, sizeof(parser->options->port), parser, text);
}

static int take_flash(struct parser *parser, const char *text)
{
    return take_text(parser->options->flash, sizeof(parser->options->flash), parser, text);
}

static int take_key(struct parser *parser, const char *text)
{
    return take_text(parser->options->key, sizeof(parser->options->key), parser, text);
}

static int take_password_file(struct parser *parser, const char *text)
{
    return take_text(parser->options->password_file, sizeof(parser->options->password_file), parser,
                     text);
}

static int take_flash_blocks(struct parser *parser, const char *text)
{
    long value;
    int most = FW_FLASH_LOG_BLOCKS_MAX + FW_DEVICE_SESSION_BLOCKS;
    if (parser->options->role == FW_LINUX_LOCKER)
        most += FW_LOCKER_GATE_BLOCKS;
    if (!read_int(text, BLOCKS_MIN, most, &value)) {
        snprintf(parser->error, FW_LINUX_ERROR_SIZE,
                 "\"%.60s\" must be a number from %d to %d: more would not be used", text,
                 BLOCKS_MIN, most);
        return FW_E_INVALID;
    }
    parser->options->flash_blocks = (uint32_t)value;
    return FW_OK;
}

static int take_dead_time(struct parser *parser, const char *text)
{
    return take_int(&parser->options->dead_time_ms, FW_LINUX_DEAD_TIME_MS_MAX, parser, text);
}

static int take_baud(struct parser *parser, const char *text)
{
    return take_int(&parser->options->baud, 4000000, parser, text);
}

/* HOST:PORT, HOST, or [IPV6]:PORT. */
static int take_broker(struct parser *parser, const char *text)
{
    char copy[FW_LINUX_HOST_SIZE + 8];
    long port = BROKER_PORT_DEFAULT;
    int rc = take_text(copy, sizeof(copy), parser, text);
    if (rc != FW_OK)
        return rc;
    char *host = copy;
    char *colon = strrchr(copy, ':');
    if (copy[0] == '[') {
        char *end = strchr(copy, ']');
        host = copy + 1;
        colon = end != NULL && end[1] == ':' ? end + 1 : NULL;
        if (end != NULL)
            *end = '\0';
    }
    bool is_right = colon == NULL || read_int(colon + 1, 1, 65535, &port);
    if (colon != NULL && copy[0] != '[')
        *colon = '\0';
    if (!is_right || host[0] == '\0' || strpbrk(host, " \t/") != NULL) {
        snprintf(parser->error, FW_LINUX_ERROR_SIZE,
                 "\"%.60s\" is no broker; write HOST:PORT, e.g. 127.0.0.1:11883", text);
        return FW_E_INVALID;
    }
    parser->options->broker_port = (int)port;
    return take_text(parser->options->host, sizeof(parser->options->host), parser, host);
}

/* ---- options of lockers ---- */

static int refuse_board(struct parser *parser, const char *text)
{
    snprintf(
        parser->error, FW_LINUX_ERROR_SIZE,
        "\"%.60s\" is no board; write cu16:TTY or cu12:TTY, with :ADDRESS if it is not 0, then "
        ",hook-inverted or ,presence-inverted if a bit is, e.g. cu16:/dev/ttyUSB1:3,hook-inverted",
        text);
    return FW_E_INVALID;
}

/* A path may have colons (/dev/serial/by-path/...): only digits after the last one are an address.
 */
static bool split_address(char *path, long max, uint8_t *ret_address)
{
    long address = 0;
    char *colon = strrchr(path, ':');
    if (colon != NULL && colon[1] != '\0' && strspn(colon + 1, "0123456789") == strlen(colon + 1)) {
        if (!read_int(colon + 1, 0, max, &address))
            return false;
        *colon = '\0';
    }
    *ret_address = (uint8_t)address;
    return path[0] != '\0';
}

/* What is behind the path: ,hook-inverted and ,presence-inverted, in any order. */
static bool split_inverted(struct fw_linux_board_option *board)
{
    char *name = strrchr(board->path, '/');
    char *comma = strchr(name != NULL ? name : board->path, ',');
    if (comma == NULL)
        return true;
    *comma = '\0';
    char *rest = comma + 1, *flag;
    while ((flag = strsep(&rest, ",")) != NULL) {
        if (strcmp(flag, "hook-inverted") == 0)
            board->is_hook_inverted = true;
        else if (strcmp(flag, "presence-inverted") == 0)
            board->is_presence_inverted = true;
        else
            return false;
    }
    return true;
}

static int take_board(struct parser *parser, const char *text)
{
    static const struct fw_board_driver *const drivers[] = { &fw_cu16, &fw_cu12 };

    struct fw_linux_options *options = parser->options;
    if (options->board_count >= FW_BANK_BOARDS_MAX) {
        snprintf(parser->error, FW_LINUX_ERROR_SIZE, "a locker has at most %d boards",
                 FW_BANK_BOARDS_MAX);
        return FW_E_INVALID;
    }
    struct fw_linux_board_option *board = &options->boards[options->board_count];
    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        size_t length = strlen(drivers[i]->name);
        if (strncmp(text, drivers[i]->name, length) == 0 && text[length] == ':') {
            board->driver = drivers[i];
            text += length + 1;
            break;
        }
    }
    if (board->driver == NULL || strlen(text) >= sizeof(board->path))
        return refuse_board(parser, text);
    memcpy(board->path, text, strlen(text) + 1);
    if (!split_inverted(board) ||
        !split_address(board->path, board->driver->address_max, &board->address))
        return refuse_board(parser, text);
    options->board_count++;
    return FW_OK;
}

static int take_locks(struct parser *parser, const char *text)
{
    int32_t locks = 0;
    int rc = take_int(&locks, FW_BOARD_LOCKS_MAX, parser, text);
    if (rc == FW_OK)
        parser->options->locks_per_board = (uint8_t)locks;
    return rc;
}

static int take_compartments(struct parser *parser, const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > FW_BANK_COMPARTMENTS_MAX || strspn(text, "SML") != length) {
        snprintf(parser->error, FW_LINUX_ERROR_SIZE,
                 "\"%.60s\" are no compartments; write the size of each, 1 to %d of S, M and L, "
                 "e.g. SSML",
                 text, FW_BANK_COMPARTMENTS_MAX);
        return FW_E_INVALID;
    }
    memcpy(parser->options->compartments, text, length + 1);
    return FW_OK;
}

static int take_jam(struct parser *parser, const char *text)
{
    return take_int(&parser->options->timers.jam_ms, TIMER_MS_MAX, parser, text);
}

static int take_remind(struct parser *parser, const char *text)
{
    return take_int(&parser->options->timers.remind_ms, TIMER_MS_MAX, parser, text);
}

static int take_escalate(struct parser *parser, const char *text)
{
    return take_int(&parser->options->timers.escalate_ms, TIMER_MS_MAX, parser, text);
}

static int take_alarm(struct parser *parser, const char *text)
{
    return take_int(&parser->options->timers.alarm_ms, TIMER_MS_MAX, parser, text);
}

static int take_hook_inverted(struct parser *parser, const char *text)
{
    (void)text;
    parser->options->is_hook_inverted = true;
    return FW_OK;
}

static int take_presence_inverted(struct parser *parser, const char *text)
{
    (void)text;
    parser->options->is_presence_inverted = true;
    return FW_OK;
}

/* ---- all of them ---- */

static const struct row rows[] = {
    { "help", false, false, take_help },
    { "version", false, false, take_version },
    { "id", true, false, take_id },
    { "site", true, false, take_site },
    { "port", true, false, take_port },
    { "baud", true, false, take_baud },
    { "flash", true, false, take_flash },
    { "flash-blocks", true, false, take_flash_blocks },
    { "broker", true, false, take_broker },
    { "password-file", true, false, take_password_file },
    { "dead-time-ms", true, false, take_dead_time },
    { "trace", false, false, take_trace },
    { "board", true, true, take_board },
    { "key", true, true, take_key },
    { "locks-per-board", true, true, take_locks },
    { "compartments", true, true, take_compartments },
    { "door-jam-ms", true, true, take_jam },
    { "door-remind-ms", true, true, take_remind },
    { "door-escalate-ms", true, true, take_escalate },
    { "door-alarm-ms", true, true, take_alarm },
    { "hook-inverted", false, true, take_hook_inverted },
    { "presence-inverted", false, true, take_presence_inverted },
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROW_COUNT < OPTIONS_MAX, "options and the end mark");

static int require(bool is_there, const char *option, char error[FW_LINUX_ERROR_SIZE])
{
    if (is_there)
        return FW_OK;
    snprintf(error, FW_LINUX_ERROR_SIZE, "%s is missing; --help shows examples", option);
    return FW_E_INVALID;
}

/* Two readers on one line would each get half of what comes. */
static int check_lines(const struct fw_linux_options *options, char error[FW_LINUX_ERROR_SIZE])
{
    for (int i = 0; i < options->board_count; i++) {
        const struct fw_linux_board_option *board = &options->boards[i];
        if (options->port[0] != '\0' && fw_linux_uart_is_same(board->path, options->port)) {
            snprintf(error, FW_LINUX_ERROR_SIZE,
                     "--port and --board name the same line %.100s; give each its own",
                     board->path);
            return FW_E_INVALID;
        }
        for (int k = 0; k < i; k++) {
            if (board->address != options->boards[k].address ||
                !fw_linux_uart_is_same(board->path, options->boards[k].path))
                continue;
            snprintf(error, FW_LINUX_ERROR_SIZE,
                     "two boards have address %d on %.100s; set another on one of them, and name "
                     "it as --board KIND:TTY:ADDRESS",
                     board->address, board->path);
            return FW_E_INVALID;
        }
    }
    return FW_OK;
}

static int check_locker(const struct fw_linux_options *options, char error[FW_LINUX_ERROR_SIZE])
{
    int rc = require(options->board_count > 0, "--board KIND:TTY", error);
    if (rc == FW_OK)
        rc = require(options->compartments[0] != '\0', "--compartments SIZES", error);
    if (rc == FW_OK)
        rc = require(options->key[0] != '\0', "--key FILE", error);
    const struct fw_door_timers *timers = &options->timers;
    if (rc == FW_OK &&
        (timers->jam_ms == 0 || timers->remind_ms == 0 ||
         timers->escalate_ms <= timers->remind_ms || timers->alarm_ms <= timers->escalate_ms)) {
        snprintf(
            error, FW_LINUX_ERROR_SIZE,
            "--door-remind-ms, --door-escalate-ms and --door-alarm-ms must grow in this order, "
            "and no timer is 0");
        rc = FW_E_INVALID;
    }
    return rc == FW_OK ? check_lines(options, error) : rc;
}

static int check_all(const struct fw_linux_options *options, char error[FW_LINUX_ERROR_SIZE])
{
    int rc = require(options->id[0] != '\0', "--id NAME", error);
    if (rc == FW_OK)
        rc = require(options->flash[0] != '\0', "--flash FILE", error);
    if (rc == FW_OK && options->role == FW_LINUX_SCANNER)
        rc = require(options->port[0] != '\0', "--port TTY", error);
    if (rc == FW_OK && options->role == FW_LINUX_LOCKER)
        rc = check_locker(options, error);
    return rc;
}

static void set_defaults(struct fw_linux_options *options, enum fw_linux_role role)
{
    *options = (struct fw_linux_options){ .role = role,
                                          .site = "main",
                                          .host = "127.0.0.1",
                                          .broker_port = BROKER_PORT_DEFAULT,
                                          .flash_blocks = FW_LINUX_BLOCKS_DEFAULT,
                                          .dead_time_ms = 500,
                                          .baud = FW_LINUX_BAUD_READER,
                                          .timers = fw_door_timers_default };
}

static int take_row(struct parser *parser, const struct row *row, const char *text)
{
    if (row->is_for_lockers_only && parser->options->role != FW_LINUX_LOCKER) {
        snprintf(parser->error, FW_LINUX_ERROR_SIZE, "--%s is for lockers only; leave it out",
                 row->name);
        return FW_E_INVALID;
    }
    char sentence[FW_LINUX_ERROR_SIZE];
    struct parser inner = { parser->options, sentence };
    int rc = row->take(&inner, text);
    if (rc != FW_OK)
        snprintf(parser->error, FW_LINUX_ERROR_SIZE, "--%s: %.*s", row->name,
                 FW_LINUX_ERROR_SIZE - 32, sentence);
    return rc;
}

int fw_linux_options_parse(struct fw_linux_options *options, enum fw_linux_role role, int argc,
                           char **argv, char error[FW_LINUX_ERROR_SIZE])
{
    struct parser parser = { options, error };
    struct option known[OPTIONS_MAX] = { 0 };
    for (size_t i = 0; i < ROW_COUNT; i++)
        known[i] = (struct option){ rows[i].name,
                                    rows[i].has_text ? required_argument : no_argument, NULL, 0 };
    set_defaults(options, role);
    optind = 0; /* of the C library: begin anew */
    opterr = 0;
    int index = -1;
    int rc = FW_OK;
    int found;
    while (rc == FW_OK && (found = getopt_long(argc, argv, ":", known, &index)) != -1) {
        if (found == 0)
            rc = take_row(&parser, &rows[index], optarg);
        else {
            snprintf(error, FW_LINUX_ERROR_SIZE, "%.60s is %s; see --help", argv[optind - 1],
                     found == ':' ? "not complete" : "not known");
            rc = FW_E_INVALID;
        }
    }
    if (rc != FW_OK || options->wants_help || options->wants_version)
        return rc;
    if (optind < argc) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "\"%.60s\" belongs to no option; see --help",
                 argv[optind]);
        return FW_E_INVALID;
    }
    return check_all(options, error);
}

int fw_linux_options_bank(const struct fw_linux_options *options,
                          const struct fw_uart *const uarts[FW_BANK_BOARDS_MAX],
                          struct fw_bank_config *ret_bank, char error[FW_LINUX_ERROR_SIZE])
{
    struct fw_bank_config bank = { .board_count = options->board_count, .timers = options->timers };
    uint8_t count = (uint8_t)strlen(options->compartments);
    uint8_t mapped = 0;
    for (uint8_t i = 0; i < options->board_count; i++) {
        const struct fw_linux_board_option *board = &options->boards[i];
        bank.boards[i] = (struct fw_bank_board_config){
            .driver = board->driver,
            .uart = uarts[i],
            .address = board->address,
            .is_hook_inverted = options->is_hook_inverted || board->is_hook_inverted,
            .is_presence_inverted = options->is_presence_inverted || board->is_presence_inverted,
        };
        uint8_t locks = board->driver->lock_count;
        if (options->locks_per_board > 0 && options->locks_per_board < locks)
            locks = options->locks_per_board;
        for (uint8_t lock = 0; lock < locks && mapped < count; lock++)
            bank.locks[mapped++] = (struct fw_bank_lock){ .board = i, .lock = lock };
    }
    bank.compartment_count = count;
    if (mapped < count) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "the boards have %d locks for %d compartments; add a --board, or name fewer",
                 mapped, count);
        return FW_E_INVALID;
    }
    *ret_bank = bank;
    return FW_OK;
}

/* The command line (ports/linux/options.h), word by word: each option is a row of a table, which
 * says what its text must be and which member it goes to. */
#include "ports/linux/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/debounce.h"
#include "core/locker.h"
#include "port/check.h"
#include "ports/linux/options_internal.h"

#define BROKER_PORT_DEFAULT 11883
#define BAUD_MAX 4000000
#define TIMER_MS_MAX 86400000
#define OPTIONS_MAX 32 /* options of a program, and the end mark */
#define BLOCKS_MIN 8
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-"

enum row_kind {
    ROW_FLAG = 0,   /* no text; sets a bool */
    ROW_NAME = 1,   /* a-z, 0-9 and -; a char array */
    ROW_TEXT = 2,   /* any text; a char array */
    ROW_NUMBER = 3, /* 0 to max; an int32_t */
    ROW_OWN = 4,    /* a text that a function of its own reads */
};

typedef int (*take_fn)(struct fw_linux_options *options, const char *text,
                       char error[FW_LINUX_ERROR_SIZE]);

struct row {
    const char *name;
    enum row_kind kind;
    bool is_for_lockers_only;
    size_t offset;     /* of the member */
    size_t size_bytes; /* of the member */
    long max;
    take_fn take;
};

/* ---- kinds of texts ---- */

bool options_read_int(const char *text, long min, long max, long *ret_value)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

static int take_text(char *ret, size_t size, const char *text, char error[FW_LINUX_ERROR_SIZE])
{
    size_t length = strlen(text);
    if (length == 0 || length >= size) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "\"%.60s\" must have 1 to %zu characters", text,
                 size - 1);
        return FW_E_INVALID;
    }
    memcpy(ret, text, length + 1);
    return FW_OK;
}

static int take_name(char *ret, size_t size, const char *text, char error[FW_LINUX_ERROR_SIZE])
{
    if (text[0] < 'a' || text[0] > 'z' || strspn(text, NAME_CHARS) != strlen(text)) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "\"%.60s\" is no name; use a-z, 0-9 and -, and begin with a letter", text);
        return FW_E_INVALID;
    }
    return take_text(ret, size, text, error);
}

static int take_number(int32_t *ret, long max, const char *text, char error[FW_LINUX_ERROR_SIZE])
{
    long value;
    if (!options_read_int(text, 0, max, &value)) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "\"%.60s\" must be a number from 0 to %ld", text, max);
        return FW_E_INVALID;
    }
    *ret = (int32_t)value;
    return FW_OK;
}

/* ---- options with a text of their own ---- */

static int take_flash_blocks(struct fw_linux_options *options, const char *text,
                             char error[FW_LINUX_ERROR_SIZE])
{
    long value;
    int most = FW_FLASH_LOG_BLOCKS_MAX + FW_DEVICE_SESSION_BLOCKS;
    if (options->role == FW_LINUX_LOCKER)
        most += FW_LOCKER_GATE_BLOCKS;
    if (!options_read_int(text, BLOCKS_MIN, most, &value)) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "\"%.60s\" must be a number from %d to %d: more would not be used", text,
                 BLOCKS_MIN, most);
        return FW_E_INVALID;
    }
    options->flash_blocks = (uint32_t)value;
    return FW_OK;
}

/* HOST:PORT, HOST, or [IPV6]:PORT. */
static int take_broker(struct fw_linux_options *options, const char *text,
                       char error[FW_LINUX_ERROR_SIZE])
{
    char copy[FW_LINUX_HOST_SIZE + 8];
    long port = BROKER_PORT_DEFAULT;
    int rc = take_text(copy, sizeof(copy), text, error);
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
    bool is_right = colon == NULL || options_read_int(colon + 1, 1, 65535, &port);
    if (colon != NULL && copy[0] != '[')
        *colon = '\0';
    if (!is_right || host[0] == '\0' || strpbrk(host, " \t/") != NULL) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "\"%.60s\" is no broker; write HOST:PORT, e.g. 127.0.0.1:11883", text);
        return FW_E_INVALID;
    }
    options->broker_port = (int)port;
    return take_text(options->host, sizeof(options->host), host, error);
}

static int take_compartments(struct fw_linux_options *options, const char *text,
                             char error[FW_LINUX_ERROR_SIZE])
{
    size_t length = strlen(text);
    if (length == 0 || length > FW_BANK_COMPARTMENTS_MAX || strspn(text, "SML") != length) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "\"%.60s\" are no compartments; write the size of each, 1 to %d of S, M and L, "
                 "e.g. SSML",
                 text, FW_BANK_COMPARTMENTS_MAX);
        return FW_E_INVALID;
    }
    memcpy(options->compartments, text, length + 1);
    return FW_OK;
}

/* ---- the table ---- */

#define BOTH false /* is_for_lockers_only */
#define LOCKER true
/* Where the value of an option goes. */
#define MEMBER(member)                                                                             \
    .offset = offsetof(struct fw_linux_options, member),                                           \
    .size_bytes = sizeof(((struct fw_linux_options *)0)->member)

static const struct row rows[] = {
    { "help", ROW_FLAG, BOTH, MEMBER(wants_help) },
    { "version", ROW_FLAG, BOTH, MEMBER(wants_version) },
    { "id", ROW_NAME, BOTH, MEMBER(id) },
    { "site", ROW_NAME, BOTH, MEMBER(site) },
    { "port", ROW_TEXT, BOTH, MEMBER(port) },
    { "baud", ROW_NUMBER, BOTH, MEMBER(baud), .max = BAUD_MAX },
    { "flash", ROW_TEXT, BOTH, MEMBER(flash) },
    { "flash-blocks", ROW_OWN, BOTH, .take = take_flash_blocks },
    { "broker", ROW_OWN, BOTH, .take = take_broker },
    { "password-file", ROW_TEXT, BOTH, MEMBER(password_file) },
    { "ca", ROW_TEXT, BOTH, MEMBER(ca) },
    { "certificate", ROW_TEXT, BOTH, MEMBER(certificate) },
    { "certificate-key", ROW_TEXT, BOTH, MEMBER(certificate_key) },
    { "dead-time-ms", ROW_NUMBER, BOTH, MEMBER(dead_time_ms), .max = FW_LINUX_DEAD_TIME_MS_MAX },
    { "trace", ROW_FLAG, BOTH, MEMBER(traces) },
    { "board", ROW_OWN, LOCKER, .take = options_take_board },
    { "key", ROW_TEXT, LOCKER, MEMBER(key) },
    { "locks-per-board", ROW_NUMBER, LOCKER, MEMBER(locks_per_board), .max = FW_BOARD_LOCKS_MAX },
    { "compartments", ROW_OWN, LOCKER, .take = take_compartments },
    { "door-jam-ms", ROW_NUMBER, LOCKER, MEMBER(timers.jam_ms), .max = TIMER_MS_MAX },
    { "door-remind-ms", ROW_NUMBER, LOCKER, MEMBER(timers.remind_ms), .max = TIMER_MS_MAX },
    { "door-escalate-ms", ROW_NUMBER, LOCKER, MEMBER(timers.escalate_ms), .max = TIMER_MS_MAX },
    { "door-alarm-ms", ROW_NUMBER, LOCKER, MEMBER(timers.alarm_ms), .max = TIMER_MS_MAX },
    { "hook-inverted", ROW_FLAG, LOCKER, MEMBER(is_hook_inverted) },
    { "presence-inverted", ROW_FLAG, LOCKER, MEMBER(is_presence_inverted) },
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROW_COUNT < OPTIONS_MAX, "options and the end mark");

/* ---- reading ---- */

static int take_value(struct fw_linux_options *options, const struct row *row, const char *text,
                      char error[FW_LINUX_ERROR_SIZE])
{
    void *member = (char *)options + row->offset;
    switch (row->kind) {
    case ROW_FLAG:
        *(bool *)member = true;
        return FW_OK;
    case ROW_NAME:
        return take_name(member, row->size_bytes, text, error);
    case ROW_TEXT:
        return take_text(member, row->size_bytes, text, error);
    case ROW_NUMBER:
        FW_CHECK(row->size_bytes == sizeof(int32_t));
        return take_number(member, row->max, text, error);
    case ROW_OWN:
        return row->take(options, text, error);
    }
    FW_UNREACHABLE();
}

static int take_row(struct fw_linux_options *options, const struct row *row, const char *text,
                    char error[FW_LINUX_ERROR_SIZE])
{
    if (row->is_for_lockers_only && options->role != FW_LINUX_LOCKER) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "--%s is for lockers only; leave it out", row->name);
        return FW_E_INVALID;
    }
    char sentence[FW_LINUX_ERROR_SIZE];
    int rc = take_value(options, row, text, sentence);
    if (rc != FW_OK)
        snprintf(error, FW_LINUX_ERROR_SIZE, "--%s: %.*s", row->name, FW_LINUX_ERROR_SIZE - 32,
                 sentence);
    return rc;
}

static void set_defaults(struct fw_linux_options *options, enum fw_linux_role role)
{
    *options = (struct fw_linux_options){ .role = role,
                                          .site = "main",
                                          .host = "127.0.0.1",
                                          .broker_port = BROKER_PORT_DEFAULT,
                                          .flash_blocks = FW_LINUX_BLOCKS_DEFAULT,
                                          .dead_time_ms = FW_DEBOUNCE_DEAD_TIME_MS,
                                          .baud = FW_LINUX_BAUD_READER,
                                          .timers = fw_door_timers_default };
}

/* The word that getopt_long() did not take. optind stays at a word of short options, "-xy", when
 * the first of them is not known; optopt is 0 for a long option. */
static const char *find_bad_word(char **argv)
{
    const char *last = argv[optind - 1];
    const char short_option[] = { '-', (char)optopt, '\0' };
    return optopt == 0 || strcmp(last, short_option) == 0 ? last : argv[optind];
}

static int read_words(struct fw_linux_options *options, int argc, char **argv,
                      char error[FW_LINUX_ERROR_SIZE])
{
    struct option known[OPTIONS_MAX] = { 0 };
    for (size_t i = 0; i < ROW_COUNT; i++) {
        int has_text = rows[i].kind == ROW_FLAG ? no_argument : required_argument;
        known[i] = (struct option){ rows[i].name, has_text, NULL, 0 };
    }
    optind = 0; /* of the C library: begin again */
    opterr = 0;
    int found, index = -1;
    while ((found = getopt_long(argc, argv, ":", known, &index)) != -1) {
        if (found != 0) {
            snprintf(error, FW_LINUX_ERROR_SIZE, "%.60s is %s; see --help", find_bad_word(argv),
                     found == ':' ? "not complete" : "not known");
            return FW_E_INVALID;
        }
        int rc = take_row(options, &rows[index], optarg, error);
        if (rc != FW_OK)
            return rc;
    }
    return FW_OK;
}

int fw_linux_options_parse(struct fw_linux_options *options, enum fw_linux_role role, int argc,
                           char **argv, char error[FW_LINUX_ERROR_SIZE])
{
    set_defaults(options, role);
    int rc = read_words(options, argc, argv, error);
    if (rc != FW_OK || options->wants_help || options->wants_version)
        return rc;
    if (optind < argc) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "\"%.60s\" belongs to no option; see --help",
                 argv[optind]);
        return FW_E_INVALID;
    }
    return options_check(options, error);
}

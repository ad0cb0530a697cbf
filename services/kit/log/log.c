/* Writes log lines to stderr, each with one write(2), so that lines of several threads never mix.
 * Must never fail its caller: what cannot be written is lost. Any thread. */
#include "kit/log/log.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/buf.h"
#include "kit/base/time.h"

#define LOG_LINE_BYTES_MAX 8192
#define LOG_TEXT_SIZE 2048
#define LOG_LINES_PER_SECOND_MAX 1000
#define LOG_WINDOW_MS 1000

struct log_stderr {
    pthread_mutex_t lock; /* guards all below */
    const char *process;
    bool is_json;
    enum kit_level min_level;
    struct kit_clock clock;
    int64_t window_start_ms;
    int lines_in_window;
    int64_t dropped;
    struct kit_buf line;
};

static const char *name_level(enum kit_level level)
{
    switch (level) {
    case KIT_DEBUG:
        return "debug";
    case KIT_INFO:
        return "info";
    case KIT_WARN:
        return "warn";
    case KIT_ERROR:
        return "error";
    }
    return "error";
}

/* Length of the UTF-8 sequence at text, 0 if it is not one (RFC 3629). */
static size_t measure_utf8(const unsigned char *text)
{
    if (text[0] < 0x80)
        return 1;
    size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    if (text[0] < 0xc2 || text[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
        (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

/* Texts may quote what came from outside: a line must stay one line of valid UTF-8. */
static void copy_clean(const char *text, char ret[LOG_TEXT_SIZE])
{
    const unsigned char *in = (const unsigned char *)text;
    size_t used = 0;
    while (*in != '\0' && used + 4 < LOG_TEXT_SIZE) {
        size_t length = measure_utf8(in);
        if (length == 0 || *in < 0x20 || *in == 0x7f) {
            ret[used++] = length == 0 ? '?' : ' ';
            in++;
            continue;
        }
        memcpy(ret + used, in, length);
        used += length;
        in += length;
    }
    ret[used] = '\0';
}

static void format_json(struct log_stderr *log, enum kit_level level, const char *event,
                        const char *text)
{
    char now[KIT_TIME_TEXT_SIZE];
    kit_time_to_text(log->clock.wall_ms(log->clock.self), now);
    struct kit_buf *line = &log->line;
    kit_buf_add_format(line, "{\"ts\":\"%s\",\"level\":\"%s\",\"process\":", now,
                       name_level(level));
    kit_buf_add_json_string(line, log->process);
    kit_buf_add_text(line, ",\"event\":");
    kit_buf_add_json_string(line, event);
    kit_buf_add_text(line, ",\"text\":");
    kit_buf_add_json_string(line, text);
    kit_buf_add_text(line, "}\n");
}

static void format_text(struct log_stderr *log, enum kit_level level, const char *event,
                        const char *text)
{
    char now[KIT_TIME_TEXT_SIZE];
    kit_time_to_text(log->clock.wall_ms(log->clock.self), now);
    /* The time of day is what a person at a terminal wants: "12:00:00.000". */
    kit_buf_add_format(&log->line, "%.12s %-5s %-20s %-20s %s\n", now + 11, name_level(level),
                       log->process, event, text);
}

static void emit(struct log_stderr *log, enum kit_level level, const char *event, const char *text)
{
    kit_buf_reset(&log->line);
    if (log->is_json)
        format_json(log, level, event, text);
    else
        format_text(log, level, event, text);
    ssize_t written = write(STDERR_FILENO, log->line.data, log->line.size_bytes);
    (void)written;
}

static void report_dropped(struct log_stderr *log)
{
    if (log->dropped == 0)
        return;
    struct kit_buf text;
    kit_buf_init(&text, LOG_TEXT_SIZE);
    kit_buf_add_format(&text, "%lld log lines were left out: more than %d in a second",
                       (long long)log->dropped, LOG_LINES_PER_SECOND_MAX);
    log->dropped = 0;
    emit(log, KIT_WARN, "log_limited", text.data);
    kit_buf_done(&text);
}

/* false: this line is over the limit of the current second. */
static bool admit(struct log_stderr *log)
{
    int64_t now = log->clock.mono_ms(log->clock.self);
    if (now - log->window_start_ms >= LOG_WINDOW_MS) {
        log->window_start_ms = now;
        log->lines_in_window = 0;
        report_dropped(log);
    }
    if (log->lines_in_window >= LOG_LINES_PER_SECOND_MAX) {
        log->dropped++;
        return false;
    }
    log->lines_in_window++;
    return true;
}

static void write_line(void *self, enum kit_level level, const char *event, const char *text)
{
    struct log_stderr *log = self;
    if (level < log->min_level)
        return;
    char clean[LOG_TEXT_SIZE];
    copy_clean(text, clean);

    pthread_mutex_lock(&log->lock);
    if (admit(log))
        emit(log, level, event, clean);
    pthread_mutex_unlock(&log->lock);
}

const struct kit_log *kit_log_stderr(const char *process, const char *format,
                                     enum kit_level min_level, const struct kit_clock *clock)
{
    static struct log_stderr state = { .lock = PTHREAD_MUTEX_INITIALIZER };
    static const struct kit_log port = { .write = write_line, .self = &state };

    pthread_mutex_lock(&state.lock);
    if (state.line.max_bytes == 0)
        kit_buf_init(&state.line, LOG_LINE_BYTES_MAX);
    state.process = process;
    state.min_level = min_level;
    state.clock = *clock;
    state.is_json = strcmp(format, "json") == 0 ||
                    (strcmp(format, "auto") == 0 && !isatty(STDERR_FILENO));
    pthread_mutex_unlock(&state.lock);
    return &port;
}

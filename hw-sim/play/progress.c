/* What people see while a scenario runs: on a terminal the present step and then its result in the
 * same line, elsewhere one line a step. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "play/run_parts.h"

#define COLUMNS 120
#define COLUMNS_AROUND 22 /* number, time and " ..." */
#define COLUMNS_MIN 20

/* What is written over must stand in one line of the terminal. */
static size_t count_columns(void)
{
    struct winsize window = { .ws_col = 0 };

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 ||
        window.ws_col > COLUMNS + COLUMNS_AROUND)
        return COLUMNS;
    return window.ws_col < COLUMNS_MIN + COLUMNS_AROUND ? COLUMNS_MIN
                                                        : window.ws_col - COLUMNS_AROUND;
}

/* Bytes of the text that fit: whole words, whole characters. */
static int cut_text(const char *text, size_t columns, const char **ret_more)
{
    size_t size = strlen(text);

    *ret_more = "";
    if (size <= columns)
        return (int)size;
    *ret_more = " ...";
    for (size = columns; size > 0 && text[size] != ' '; size--)
        ;
    if (size == 0) /* one long word */
        for (size = columns; size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80; size--)
            ;
    return (int)size;
}

void sim_progress_begin(const struct sim_run *run, const char *text)
{
    const char *more = "";

    if (run->options->is_verbose) /* messages of the step are printed before its result */
        (void)printf("  %3zu begins     %s\n", run->step_count, text);
    if (!isatty(STDOUT_FILENO) || run->options->is_verbose)
        return;
    int size = cut_text(text, count_columns(), &more);
    (void)printf("\r\033[K  %3zu  ...        %.*s%s", run->step_count, size, text, more);
    (void)fflush(stdout);
}

void sim_progress_end(const struct sim_run *run, const char *text, int64_t took_ms, bool is_ok)
{
    const char *more = "", *state = is_ok ? "" : sim_loop_interrupted ? "interrupted: " : "FAILED ";
    int size = cut_text(text, COLUMNS, &more);

    if (isatty(STDOUT_FILENO) && !run->options->is_verbose)
        (void)printf("\r\033[K");
    (void)printf("  %3zu %6" PRId64 " ms  %s%.*s%s%s%s\n", run->step_count, took_ms, state, size,
                 text, more, run->step.answer[0] != '\0' ? " -> " : "", run->step.answer);
    (void)fflush(stdout);
}

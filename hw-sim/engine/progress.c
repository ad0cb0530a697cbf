/* What people see while a scenario runs: on a terminal the present step and then its result in the
 * same line, elsewhere one line a step. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/run_parts.h"

#define COLUMNS 120

/* Bytes of the text that fit: whole words, whole characters. */
static int fitting(const char *text, const char **ret_more)
{
    size_t size = strlen(text);

    *ret_more = "";
    if (size <= COLUMNS)
        return (int)size;
    *ret_more = " ...";
    for (size = COLUMNS; size > 0 && text[size] != ' '; size--)
        ;
    return (int)size;
}

void sim_progress_begin(const struct sim_run *run, const char *text)
{
    const char *more = "";

    if (!isatty(STDOUT_FILENO) || run->options->is_verbose)
        return;
    int size = fitting(text, &more);
    (void)printf("\r\033[K  %3zu  ...        %.*s%s", run->step_count, size, text, more);
    (void)fflush(stdout);
}

void sim_progress_end(const struct sim_run *run, const char *text, int64_t took_ms, bool is_ok)
{
    const char *more = "", *state = is_ok ? "" : sim_loop_interrupted ? "interrupted: " : "FAILED ";
    int size = fitting(text, &more);

    if (isatty(STDOUT_FILENO) && !run->options->is_verbose)
        (void)printf("\r\033[K");
    (void)printf("  %3zu %6" PRId64 " ms  %s%.*s%s%s%s\n", run->step_count, took_ms, state, size,
                 text, more, run->answer[0] != '\0' ? " -> " : "", run->answer);
    (void)fflush(stdout);
}

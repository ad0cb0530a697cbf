/* What people see while a scenario runs: on a terminal the present step and then its result in the
 * same line, elsewhere one line a step. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/run_parts.h"

#define COLUMNS 90

void sim_progress_begin(const struct sim_run *run, const char *text)
{
    if (!isatty(STDOUT_FILENO) || run->options->is_verbose)
        return;
    (void)printf("\r\033[K  %3zu  ...        %.*s", run->step_count, COLUMNS, text);
    (void)fflush(stdout);
}

void sim_progress_end(const struct sim_run *run, const char *text, int64_t took_ms, bool is_ok)
{
    if (isatty(STDOUT_FILENO) && !run->options->is_verbose)
        (void)printf("\r\033[K");
    (void)printf("  %3zu %6" PRId64 " ms  %s%.*s\n", run->step_count, took_ms,
                 is_ok ? "" : "FAILED ", COLUMNS, text);
    (void)fflush(stdout);
}

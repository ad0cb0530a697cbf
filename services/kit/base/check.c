/* The last words of a process with a bug: what did not hold, and where. Then abort, so that the
 * supervisor starts it again from what the database says. Any thread. */
#include "kit/base/check.h"

#include <stdio.h>
#include <stdlib.h>

void kit_check_failed(const char *kind, const char *condition, const char *file, int line)
{
    fprintf(stderr, "bug: %s (%s) does not hold at %s:%d\n", kind, condition, file, line);
    fflush(stderr);
    abort();
}

/* When a process that ended is started again. Pure: equal inputs give equal results; time is
 * monotonic and a parameter. Any thread. */
#ifndef DEPLOY_SUPERVISE_LIFE_H
#define DEPLOY_SUPERVISE_LIFE_H

#include <stdint.h>

#define LIFE_BACKOFF_MIN_MS 200
#define LIFE_BACKOFF_MAX_MS 5000
#define LIFE_HEALTHY_MS 30000  /* a life so long is no part of a row of crashes */
#define LIFE_BRIEF_MS 1000     /* a life so short did nothing useful */
#define LIFE_BRIEF_COUNT_MAX 5 /* of these in a row */

enum life_end {
    LIFE_END_CLEAN, /* status 0: it was asked to end, and did */
    LIFE_END_CRASH, /* anything else, also what nobody can know of an adopted process */
};

/* The lives of one process; all zero before the first. */
struct life {
    int64_t started_mono_ms;
    int crash_count; /* in a row */
    int brief_count; /* brief lives in a row, at most one more than there may be */
};

/* It was started, or found alive, now. */
void life_on_start(struct life *life, int64_t now_mono_ms);

/* It ended now. Returns the ms after which it is to be started again: none after a clean end, so
 * that a restart costs no pause; growing ones after crashes in a row. After too many brief lives in
 * a row a clean end is taken for a crash: it would be started for ever without a rest. */
int64_t life_on_end(struct life *life, enum life_end end, int64_t now_mono_ms);

#endif

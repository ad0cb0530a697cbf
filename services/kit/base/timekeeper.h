/* What time a process believes that it is. The wall clock may jump by days, for seconds or for
 * good; nothing that cannot be taken back may happen on such a jump before a second source confirms
 * it: the time of the database, which goes on by the monotonic clock, or the word of another
 * service.
 *
 *    sure  the latest confirmed time, going on with the monotonic clock: by it orders expire,
 *          stored answers and codes end.
 *    now   what is told and written as the present: `sure`, but for a process that has just started
 *          and finds a wall clock ahead of its database: it was away for so long, probably.
 *    claim how far the wall clock is from `sure`, while that is not confirmed.
 *
 *           |wall - sure| > STEP                    a second source agrees with the wall clock,
 *  AGREED ------------------------> CLAIMED ------- or nothing contradicts for QUARANTINE: sure =
 * wall ^                                |
 *     +--- the wall clock is back -----+            a second source agrees with `sure`: the
 *                                                   quarantine begins anew
 *
 * Pure but for its own storage; any thread. Source: schemas/rules/time.md, D-075. */
#ifndef KIT_BASE_TIMEKEEPER_H
#define KIT_BASE_TIMEKEEPER_H

#include <stdbool.h>
#include <stdint.h>

#define KIT_TIME_STEP_MS 1000 /* what is within it, is followed at once */
#define KIT_TIME_QUARANTINE_MS                                                                     \
    (30 * 60 * 1000)                      /* then a jump is believed without a second source */
#define KIT_TIME_AWAY_MS (10 * 60 * 1000) /* in a claim, a process is away for so long at most */
#define KIT_TIME_WORD_MS 10000            /* how long the word of another service is new */

struct kit_timekeeper {
    int64_t sure_ms, mono_ms; /* at the last look */
    int64_t claim_ms;         /* 0: none */
    int64_t since_mono_ms;    /* the claim, or a young process's time: without a contradiction */
    int64_t moved_mono_ms;    /* when `sure` jumped last; that of the start at first */
    int64_t quarantine_ms;
    bool is_young;         /* nothing but its own wall clock speaks for `sure` */
    bool is_after_absence; /* the claim is that of a start */
    int64_t word_ms;       /* how far the farthest new word of another service is from `now` */
    int64_t word_mono_ms;
};

/* What a database remembers of the time at its last commit. */
struct kit_time_memory {
    int64_t sure_ms;  /* 0: nothing */
    int64_t claim_ms; /* the wall clock said something else: that goes on; 0: it did not */
};

/* A process starts, with what its database remembers. quarantine_ms 0: KIT_TIME_QUARANTINE_MS. */
void kit_timekeeper_start(struct kit_timekeeper *keeper, const struct kit_time_memory *memory,
                          int64_t wall_ms, int64_t mono_ms, int64_t quarantine_ms);
/* What the clocks say now; before each use. */
void kit_timekeeper_look(struct kit_timekeeper *keeper, int64_t wall_ms, int64_t mono_ms);
/* Another service has just told its `sure`, which it does only without a doubt. After a look. */
void kit_timekeeper_hear(struct kit_timekeeper *keeper, int64_t word_ms);

/* The present, as of the last look: what is told and written. */
int64_t kit_timekeeper_now_ms(const struct kit_timekeeper *keeper);
/* The confirmed time, as of the last look: for what cannot be taken back. */
int64_t kit_timekeeper_sure_ms(const struct kit_timekeeper *keeper);
/* Whether `sure` is more than the word of one wall clock, and may be told to others. */
bool kit_timekeeper_may_tell(const struct kit_timekeeper *keeper);
/* How far our wall clock, or another service, is from what we believe: for operators. */
int64_t kit_timekeeper_apart_ms(const struct kit_timekeeper *keeper);

#endif

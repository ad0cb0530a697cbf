/* When a process is asked whether it lives, and when it is given up. Pure: equal inputs give equal
 * results; time is monotonic and a parameter. Any thread. */
#ifndef DEPLOY_SUPERVISE_PROBE_H
#define DEPLOY_SUPERVISE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#define PROBE_EVERY_MS 5000  /* from an answer to the next question */
#define PROBE_ANSWER_MS 5000 /* in which it has to answer */
#define PROBE_MISSES_MAX 3   /* in a row, then it is killed */

enum probe_step {
    PROBE_WAIT, /* nothing to do before probe.due_mono_ms, or before an answer */
    PROBE_ASK,  /* ask now; what was asked before is not waited for any more */
    PROBE_KILL, /* it hangs */
};

struct probe {
    int64_t due_mono_ms; /* of the next question, or of the answer */
    int miss_count;      /* in a row */
    bool is_asked;
};

/* The process was started, or found alive, now. */
void probe_begin(struct probe *probe, int64_t now_mono_ms);

/* Returns the step to take, and counts a miss when the time of an answer is over. */
enum probe_step probe_next(struct probe *probe, int64_t now_mono_ms);

/* The answer to the last question came: right, or none that a living process gives (refused,
 * reset). A wrong one is asked again at the usual time: a listener may be about to come back. */
void probe_on_answer(struct probe *probe, bool is_right, int64_t now_mono_ms);

/* It could not be asked, since it has not yet said where it listens: no miss. */
void probe_on_unknown(struct probe *probe, int64_t now_mono_ms);

#endif

/* How the processes were in the last hour: samples of GET /processes, one every 10 s, and one as
 * soon as a state or the link is another. Kept as the text that is sent, in memory only; a bridge
 * that starts anew has none. No I/O; loop thread. */
#ifndef BRIDGE_HISTORY_H
#define BRIDGE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/processes.h"
#include "kit/base/buf.h"
#include "msg/http_process_list.gen.h"

#define HISTORY_PERIOD_MS 10000
#define HISTORY_AGE_MS_MAX (INT64_C(3600) * 1000)
#define HISTORY_SAMPLES_MAX 512 /* an hour has 360; the rest is for changes */
#define HISTORY_BYTES_MAX (4 << 20)
#define HISTORY_SAMPLE_BYTES_MAX (64 << 10) /* a longer one is left out */
#define HISTORY_ANSWER_SAMPLES 60
#define HISTORY_ANSWER_BYTES (768 << 10) /* beside one sample */

struct history_sample {
    int64_t at_ms;
    struct kit_buf text; /* {"at":...,"broker":{...},"processes":[...]} */
};

/* What a sample is told apart by. */
struct history_look {
    enum broker_link link;
    size_t count;
    enum process_state states[PROCESSES_MAX + 1];
    unsigned owed[PROCESSES_MAX + 1]; /* reasons to be degraded, a bit each */
};

struct history {
    struct history_sample samples[HISTORY_SAMPLES_MAX]; /* a ring, oldest at first */
    size_t first, count, bytes;
    int64_t due_mono_ms;
    struct history_look look; /* of the newest */
};

/* Empties it: there are no samples yet. Allocates nothing. */
void history_init(struct history *history);

/* Frees what the samples hold; afterwards there are none. */
void history_done(struct history *history);

/* Takes a sample when one is due, or a state or the link is another than in the newest; forgets
 * those that are older than an hour, the oldest where there are too many, and those that a clock
 * which was set back makes younger than it. false: none was taken.
 * list: as processes_fill() and `at_ms` left it. */
bool history_take(struct history *history, const struct msg_http_process_list *list,
                  int64_t now_mono_ms);

/**
 * history_write() - Write the samples that are younger than a time, oldest first.
 *
 * @since_ms: wall clock; 0: from the oldest.
 * @out:      gets "[...]": at most HISTORY_ANSWER_SAMPLES, about HISTORY_ANSWER_BYTES.
 *
 * Returns the time of the last one that was written when there are more, else 0.
 */
int64_t history_write(const struct history *history, int64_t since_ms, struct kit_buf *out);

#endif

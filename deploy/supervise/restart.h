/* One process that is restarted because somebody asks for it: it ends in order, is started again,
 * and gets ready; only then comes the next. One that can be there twice is started beside the old
 * one, which ends when the new one is ready. Pure: equal inputs give equal results; time is
 * monotonic and a parameter. Any thread. */
#ifndef DEPLOY_SUPERVISE_RESTART_H
#define DEPLOY_SUPERVISE_RESTART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESTART_ASK_MS 5000    /* from SIGTERM to SIGKILL */
#define RESTART_READY_MS 30000 /* from its start until it has to be ready */

enum restart_step {
    RESTART_ASK,    /* SIGTERM to it */
    RESTART_KILL,   /* SIGKILL to it */
    RESTART_GIVEUP, /* it was not ready in time: nothing is being restarted any more */
    RESTART_WAIT,   /* nothing to do before until_mono_ms, or before it ended or is ready */
};

/* begin: { 0 }, when nothing is being restarted.
 *
 *   NONE --begin--> FRESH --ASK--> ASKED --KILL--> KILLED
 *     ^    (it does not run)          +---- it ended ----+
 *     |            |                            |
 *     +- ready, or +---------> BEGUN <----------+
 *        GIVEUP -----------------+
 *
 * Beside the old one: NONE --begin--> BEGUN --ready--> FRESH --ASK--> ... the old one ended -->
 * NONE
 */
struct restart {
    enum { RESTART_NONE, RESTART_FRESH, RESTART_ASKED, RESTART_KILLED, RESTART_BEGUN } stage;
    size_t which;   /* of the processes; the caller's number */
    bool is_beside; /* who is asked and killed is the old one, and the new one runs */
    int64_t until_mono_ms;
};

/* Begins with one; nothing else may be under way. is_alive: whether it runs; when not, the caller
 * starts it now. */
void restart_begin(struct restart *restart, size_t which, bool is_alive, int64_t now_mono_ms);

/* Begins with one that runs, and beside which the caller starts the new one now. */
void restart_begin_beside(struct restart *restart, size_t which, int64_t now_mono_ms);

/* What to do now. Never returns the same step but RESTART_WAIT twice. */
enum restart_step restart_next(struct restart *restart, int64_t now_mono_ms);

/* A process has ended. Returns whether it is the one that was asked to, which is then started
 * without a rest, however it ended. */
bool restart_on_end(struct restart *restart, size_t which, int64_t now_mono_ms);

/* A process is ready. Returns whether it is the one that was restarted: that is done now, unless
 * the old one has still to end. */
bool restart_on_ready(struct restart *restart, size_t which, int64_t now_mono_ms);

/* The new one has ended before it was ready beside the old one, which stays: nothing is being
 * restarted any more. false: that is not what happened. */
bool restart_on_miss(struct restart *restart, size_t which);

/* The old one has ended beside the new one. Returns whether that was awaited: it is done now. */
bool restart_on_left(struct restart *restart);

#endif

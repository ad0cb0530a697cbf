/* How long messages were on their way, from the monotonic clocks of both ends alone: what one took
 * longer than the quickest of its sender. No two clocks have to agree, and none may be set wrong
 * for a request to be in time. Looks at nothing but what it is given; any thread.
 * Source: D-074. */
#ifndef KIT_RPC_PASSAGE_H
#define KIT_RPC_PASSAGE_H

#include "kit/port/ports.h"

#define KIT_PASSAGE_SENDERS_MAX 16       /* one more takes the place of who was quick longest ago */
#define KIT_PASSAGE_DRIFT 1000           /* two clocks part by 1/1000 of what passes at most */
#define KIT_PASSAGE_LATE_MS 1000         /* later than that: not in time */
#define KIT_PASSAGE_RESET_MS (60 * 1000) /* nothing in time for so long: the clocks have moved */

struct kit_passage_sender {
    char name[KIT_INSTANCE_SIZE];
    uint32_t life;              /* of the sender's process; 0: no such place */
    int64_t quickest_ms;        /* our clock minus its clock, of the quickest message */
    int64_t quickest_mono_ms;   /* when that came */
    int64_t late_since_mono_ms; /* since then none was in time; INT64_MAX: the last one was */
};

struct kit_passage {
    struct kit_passage_sender senders[KIT_PASSAGE_SENDERS_MAX];
};

/* Takes a message that has arrived now, and tells how many ms it took longer than the quickest one
 * of its sender. 0 for the first of a process, and for one that does not say when it was sent.
 *
 * Stories: 1. The receiver was stopped for 10 s: what waited for it is late by as much.
 *          2. The sender was started again: its clock may be another one, so all begins anew.
 *          3. One of two machines slept, and its clock with it: everything looks late, for
 *             KIT_PASSAGE_RESET_MS; then that is how the clocks stand.
 *          4. The clocks run apart by a little: the quickest may be as much slower. */
int64_t kit_passage_take(struct kit_passage *passage, const char *sender,
                         const struct kit_message *message, int64_t now_mono_ms);

#endif

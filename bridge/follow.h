/* One stream, read as services read theirs, without a service around it: the owner says what an
 * event does, and how far back it wants to begin. What the feed and the copy of sessions have in
 * common. Loop thread.
 *
 * Stories, each a test:
 *  1. At the start we ask how far the log is, begin where the owner wants to, and read from there;
 *     then we are level.
 *  2. The log has another epoch (its database was made anew), or is behind us: the same.
 *  3. We were away so long that more than lag_max events came: the same.
 *  4. The log no longer has what we ask for: we go on with the first event that it has.
 *  5. The owner cannot take an event: we ask for it again after a pause, and for nothing behind it.
 */
#ifndef BRIDGE_FOLLOW_H
#define BRIDGE_FOLLOW_H

#include "kit/port/ports.h"
#include "kit/rpc/client.h"
#include "kit/stream/follower.h"
#include "msg/wire_event.gen.h"

/* What the owner does. */
struct follow_owner {
    /* A history begins, or begins again: forget what is known of another one. Returns the position
     * behind which we read; below 0: not now, ask again later. */
    int64_t (*begin)(void *self, const char *epoch, int64_t head_seq);
    /* There is nothing between the last event and the one behind this position. */
    void (*skip)(void *self, int64_t seq);
    /* The next event. false: it could not be taken; it comes again. */
    bool (*take)(void *self, const struct msg_wire_event *event, int64_t seq);
    int64_t lag_max; /* events that we want to read behind one another; more, and we begin anew */
};

struct follow {
    struct kit_follower follower;
    bool is_known;              /* a history has begun */
    bool is_level;              /* we have all that the source had when it was last asked */
    bool is_online;             /* the source says that it is there */
    struct kit_rpc_client *rpc; /* NULL: not there yet, or gone */
    const struct kit_clock *clock;
    const struct kit_rng *rng;
    const struct kit_log *log;
    const struct follow_owner *owner;
    void *self;            /* of the owner */
    int64_t refused_total; /* messages of the stream that could not be read */
};

/* The ports that it needs. */
struct follow_ports {
    const struct kit_clock *clock;
    const struct kit_rng *rng;
    const struct kit_log *log;
};

/* Begins with nothing known and the link down. All is borrowed for its life. */
void follow_init(struct follow *follow, const char *source, const struct follow_ports *ports,
                 const struct follow_owner *owner, void *self);

/* What was read before this process began: the next event is the one behind seq. */
void follow_resume(struct follow *follow, const char *epoch, int64_t seq);

/* The broker came or went. */
void follow_on_link(struct follow *follow, bool is_up);

/* Takes a message of the source's stream or head; false: it is on another topic. What cannot be
 * read is counted: the log is the truth, and is asked. */
bool follow_on_message(struct follow *follow, const struct kit_message *message);

/* Asks the source when that is due, and looks whether it is there. Returns when to run again;
 * INT64_MAX: never. */
int64_t follow_tick(struct follow *follow, int64_t now_mono_ms);

#endif

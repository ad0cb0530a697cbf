/* Who is there, as told by the retained states (and wills) of the instances. A hint: it makes calls
 * fail fast, and nothing is decided by it alone. A state of a lower epoch than one already seen is
 * a stale will and is ignored. An instance that says that it is restarting, and one that was there
 * when the link broke, is expected back for a while under a higher epoch: what is asked meanwhile
 * may wait, and is asked again then. A broker may lose the word that somebody is back, and nobody
 * says it again: so one call in KIT_PRESENCE_PROBE_MS goes to an instance that is said to be away,
 * and its answer says that it is there. */
#ifndef KIT_RPC_PRESENCE_H
#define KIT_RPC_PRESENCE_H

#include "kit/port/ports.h"

#define KIT_RPC_INSTANCES_MAX 16 /* services whose presence is followed */
#define KIT_PRESENCE_PROBE_MS 3000
#define KIT_PRESENCE_RETURN_MS 2000 /* the longest that one is expected back */
/* From a will until it is believed: a broker that stops tells the wills of all, and then breaks the
 * link of whoever hears them. */
#define KIT_PRESENCE_DOUBT_MS 50

enum kit_presence_status {
    KIT_PRESENCE_UNKNOWN = 0, /* never heard of since the link came up: worth a try */
    KIT_PRESENCE_OFFLINE = 1,
    KIT_PRESENCE_ONLINE = 2,
};

struct kit_presence_entry {
    char instance[KIT_INSTANCE_SIZE];
    enum kit_presence_status status;
    int64_t epoch;
    int64_t told_mono_ms;      /* when it said so, or the broker for it */
    int64_t probe_at_mono_ms;  /* OFFLINE: when the next call may go there all the same */
    int64_t return_by_mono_ms; /* expected back until then, under a higher epoch; 0: not */
};

struct kit_presence {
    struct kit_presence_entry entries[KIT_RPC_INSTANCES_MAX];
    size_t count;
};

/* What the newest state of the instance says; KIT_PRESENCE_UNKNOWN when it never told one. */
enum kit_presence_status kit_presence_get(const struct kit_presence *presence,
                                          const char *instance);

/* Takes a message of a state topic. KIT_E_INVALID and the like: it was malformed and is ignored.
 * KIT_E_LIMIT: more instances than we follow. */
int kit_presence_on_message(struct kit_presence *presence, const char *instance,
                            const struct kit_message *message, int64_t now_mono_ms,
                            struct kit_error *err);

enum kit_presence_verdict {
    KIT_PRESENCE_CALL,  /* worth a try */
    KIT_PRESENCE_PROBE, /* said to be away; the one call of this while that is to find out */
    KIT_PRESENCE_HOLD,  /* away, but expected back: until kit_presence_hold_until() */
    KIT_PRESENCE_REFUSE,
};

/* What to do with a call to the instance. */
enum kit_presence_verdict kit_presence_judge(struct kit_presence *presence, const char *instance,
                                             int64_t now_mono_ms);

/* Until when the instance is expected back, under an epoch above kit_presence_epoch(); 0: it is
 * not. */
int64_t kit_presence_return_by(const struct kit_presence *presence, const char *instance,
                               int64_t now_mono_ms);

/* Until when a call to it may wait for it; 0: not at all. */
int64_t kit_presence_hold_until(const struct kit_presence *presence, const char *instance,
                                int64_t now_mono_ms);

/* The highest epoch that was seen of the instance; 0: none. */
int64_t kit_presence_epoch(const struct kit_presence *presence, const char *instance);

/* The instance has answered: it is there, if nothing was said of it, as the broker may have dropped
 * its word. One that is said to be away is there when it answers a probe: what was asked before may
 * be answered late. */
void kit_presence_on_answer(struct kit_presence *presence, const char *instance, bool is_probe);

/* The link is down: what we knew may be old. Epochs are kept. Who was there, or has gone just now,
 * is expected back: the broker may have gone, and all have to connect to it again. */
void kit_presence_forget(struct kit_presence *presence, int64_t now_mono_ms);

#endif

/* Who is there, as told by the retained states (and wills) of the instances. A hint: it makes calls
 * fail fast, and nothing is decided by it alone. A state of a lower epoch than one already seen is
 * a stale will and is ignored. A broker may lose the word that somebody is back, and nobody says it
 * again: so one call in KIT_PRESENCE_PROBE_MS goes to an instance that is said to be away, and its
 * answer says that it is there. */
#ifndef KIT_RPC_PRESENCE_H
#define KIT_RPC_PRESENCE_H

#include "kit/port/ports.h"

#define KIT_RPC_INSTANCES_MAX 16 /* services whose presence is followed */
#define KIT_PRESENCE_PROBE_MS 3000

enum kit_presence_status {
    KIT_PRESENCE_UNKNOWN = 0, /* never heard of since the link came up: worth a try */
    KIT_PRESENCE_OFFLINE = 1,
    KIT_PRESENCE_ONLINE = 2,
};

struct kit_presence_entry {
    char instance[KIT_INSTANCE_SIZE];
    enum kit_presence_status status;
    int64_t epoch;
    int64_t probe_at_mono_ms; /* OFFLINE: when the next call may go there all the same */
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

/* Whether a call to the instance is worth a try. *ret_is_probe: it is said to be away, and this is
 * the one call of this while that is to find out. */
bool kit_presence_may_call(struct kit_presence *presence, const char *instance, int64_t now_mono_ms,
                           bool *ret_is_probe);

/* The instance has answered: it is there, if nothing was said of it, as the broker may have dropped
 * its word. One that is said to be away is there when it answers a probe: what was asked before may
 * be answered late. */
void kit_presence_on_answer(struct kit_presence *presence, const char *instance, bool is_probe);

/* The link is down: what we knew may be old. Epochs are kept. */
void kit_presence_forget(struct kit_presence *presence);

#endif

/* Who is there, as told by the retained states (and wills) of the instances. A hint: it makes calls
 * fail fast, and nothing is decided by it alone. A state of a lower epoch than one already seen is
 * a stale will and is ignored. */
#ifndef KIT_RPC_PRESENCE_H
#define KIT_RPC_PRESENCE_H

#include "kit/port/ports.h"

#define KIT_RPC_INSTANCES_MAX 16 /* services whose presence is followed */

enum kit_presence_status {
    KIT_PRESENCE_UNKNOWN = 0, /* never heard of since the link came up: worth a try */
    KIT_PRESENCE_OFFLINE = 1,
    KIT_PRESENCE_ONLINE = 2,
};

struct kit_presence_entry {
    char instance[KIT_INSTANCE_SIZE];
    enum kit_presence_status status;
    int64_t epoch;
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
                            const struct kit_message *message, struct kit_error *err);

/* The link is down: what we knew may be old. Epochs are kept. */
void kit_presence_forget(struct kit_presence *presence);

#endif

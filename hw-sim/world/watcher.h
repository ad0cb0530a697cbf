/* The users of the broker as whom runs may watch one system. The broker takes the name of the
 * user as client id: two watchers of one name would evict each other for ever. So a run locks a
 * name as long as it plays, and the next run takes the next name. One thread. */
#ifndef SIM_WORLD_WATCHER_H
#define SIM_WORLD_WATCHER_H

#include "kit/base/error.h"

#define SIM_WATCHER_COUNT 2

struct sim_watcher {
    const char *user; /* of the broker; NULL: none is held */
    int fd;           /* the lock goes with it, also when we are killed */
};

/* data: the folder of deploy/up. Errors: KIT_E_UNAVAILABLE (all are taken: the sentence names the
 * processes; or nothing was ever started in that folder). */
int sim_watcher_take(struct sim_watcher *watcher, const char *data,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Lets the next run have the user. Fine when none is held. */
void sim_watcher_leave(struct sim_watcher *watcher);

#endif

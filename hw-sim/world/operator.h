/* The places from which runs may watch one system. The broker takes the user's name as client id:
 * two watchers of one name would evict each other for ever. So a run holds a lock on its name as
 * long as it plays, and the next one takes the next name. One thread. */
#ifndef SIM_WORLD_OPERATOR_H
#define SIM_WORLD_OPERATOR_H

#include "kit/base/error.h"

#define SIM_OPERATOR_COUNT 2

struct sim_operator {
    const char *user; /* of the broker; NULL: none is held */
    int fd;           /* the lock goes with it, also when we are killed */
};

/* data: the folder of deploy/up. Errors: KIT_E_UNAVAILABLE (all are taken: the sentence names the
 * processes; or nothing was ever started in that folder). */
int sim_operator_take(struct sim_operator *operator, const char * data,
                      struct kit_error *err) KIT_MUST_CHECK;

/* Fine without one. */
void sim_operator_leave(struct sim_operator *operator);

#endif

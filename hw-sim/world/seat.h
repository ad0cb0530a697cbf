/* The places from which runs may watch one system. The broker takes the user's name as client id:
 * two watchers of one name would evict each other for ever. So a run holds a lock on its name as
 * long as it plays, and the next one takes the next name. One thread. */
#ifndef SIM_WORLD_SEAT_H
#define SIM_WORLD_SEAT_H

#include "kit/base/error.h"

#define SIM_SEAT_COUNT 2

struct sim_seat {
    const char *user; /* of the broker; NULL: none is held */
    int fd;           /* the lock goes with it, also when we are killed */
};

/* data: the folder of deploy/up. Errors: KIT_E_UNAVAILABLE (all are taken: the sentence names the
 * processes; or nothing was ever started in that folder). */
int sim_seat_take(struct sim_seat *seat, const char *data, struct kit_error *err) KIT_MUST_CHECK;

/* Fine without one. */
void sim_seat_leave(struct sim_seat *seat);

#endif

/* The end of some worlds: when all is well, a database is lost, while its service is away, or
 * under it: then it goes on for a moment, ends, and starts without it.
 * It asks its followers, reads its sources, and all is as it was: rental takes its orders back from
 * delivery; delivery, where no goods lie in lockers, from rental and stock. */
#ifndef TESTS_WORLD_LOSS_H
#define TESTS_WORLD_LOSS_H

#include "world/world.h"

/* Takes the database of a service away, in a world whose processes have ended, and starts them
 * again. false: this seed does not. */
bool world_loss_begin(struct world *world);

#endif

/* The end of some worlds: when all is well, one bit of a committed event changes on the disk, and
 * its source begins a new history, so that everybody who follows reads its log once more. Then
 * exactly that number is parked, once with each of them, and everything else is as it was. */
#ifndef TESTS_WORLD_FLIP_H
#define TESTS_WORLD_FLIP_H

#include "world/world.h"

/* Chooses an event of a world whose processes have ended, changes it, and starts them again. false:
 * this seed does not, or there is no event. */
bool world_flip_begin(struct world *world);
/* Puts the bit back, for those who look into the log. The processes have ended. Without a flip
 * nothing happens. */
void world_flip_end(struct world *world);
/* How many events this service has to have parked, and of the one that was changed. */
int64_t world_flip_letters(const struct world *world, const struct kit_service_desc *desc);

#endif

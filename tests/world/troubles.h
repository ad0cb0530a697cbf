/* What goes wrong in a world, as its plan says. */
#ifndef TESTS_WORLD_TROUBLES_H
#define TESTS_WORLD_TROUBLES_H

#include "world/world.h"

/* From now on troubles come. */
void world_troubles_begin(struct world *world);
/* No more of them: disks, clocks and the broker are well. What is down or silent comes back by
 * itself. */
void world_troubles_end(struct world *world);

#endif

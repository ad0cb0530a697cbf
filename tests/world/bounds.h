/* That no service holds more than it may (LIMITS.md), and that what waits for somebody is gone when
 * nobody waits any more. */
#ifndef TESTS_WORLD_BOUNDS_H
#define TESTS_WORLD_BOUNDS_H

#include "world/world.h"

/* Looks at each process that runs. is_at_rest: everything has drained. What is wrong becomes the
 * world's violation, if it has none. */
void world_bounds_check(struct world *world, bool is_at_rest);

#endif

/* Whether a warehouse that runs for days grows no more than by its orders: what waits to happen,
 * databases, and their logs. */
#ifndef TESTS_WORLD_GROWTH_H
#define TESTS_WORLD_GROWTH_H

#include <stdint.h>

struct world;

/* Looks at the end of a day (1: the first), and writes what is wrong to world->violation. */
void world_growth_check(struct world *world, uint32_t day);

#endif

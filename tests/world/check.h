/* What must be true at the end of a world, when everything has drained: each invariant is a query
 * over all databases and over what people were told (tables asked, registered), and counts what is
 * wrong. */
#ifndef TESTS_WORLD_CHECK_H
#define TESTS_WORLD_CHECK_H

struct world;

/* Ends all processes, looks into their databases, and writes the first thing that is wrong to
 * world->violation. */
void world_check(struct world *world);

#endif

/* What must be true at the end of a world, when everything has drained. Most of it is queries over
 * all databases and over what people were told (tables asked, registered, renamed), each of which
 * counts what is wrong; the rest is what the bridge, devices and people have in memory. */
#ifndef TESTS_WORLD_CHECK_H
#define TESTS_WORLD_CHECK_H

struct world;

/* Ends all services, looks into their databases, and writes the first thing that is wrong to
 * world->violation. */
void world_check(struct world *world);

#endif

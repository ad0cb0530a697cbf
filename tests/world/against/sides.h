/* The two brokers that a script is played with. One thread. */
#ifndef TESTS_WORLD_AGAINST_SIDES_H
#define TESTS_WORLD_AGAINST_SIDES_H

#include "world/against/record.h"

/* With the world's broker. */
void simulated_play(const struct script *script, enum world_broker_lie lie, struct record *record);
/* With a mosquitto of its own, configured as deploy/ does where it matters. Fails the test when it
 * does not answer. */
void real_play(const struct script *script, struct record *record);

#endif

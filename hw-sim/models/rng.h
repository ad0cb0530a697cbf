/* A small seeded random source (xoshiro256**, seeded through splitmix64): equal seeds and names
 * give equal streams on every machine. Each person, board and scanner has a stream of its own, so
 * that one more actor does not change what the others do. Not for secrets. Pure; any thread. */
#ifndef SIM_MODELS_RNG_H
#define SIM_MODELS_RNG_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_PERMILLE 1000

struct sim_rng {
    uint64_t state[4];
};

/* The stream called name of that seed. name may be "". */
void sim_rng_init(struct sim_rng *rng, uint64_t seed, const char *name);

/* The next 64 bits of the stream. */
uint64_t sim_rng_next(struct sim_rng *rng);

/* Each number from 0 to count - 1 is equally likely; count > 0. */
uint32_t sim_rng_below(struct sim_rng *rng, uint32_t count);

/* Evenly from low to high, both included; low <= high. */
int64_t sim_rng_between(struct sim_rng *rng, int64_t low, int64_t high);

/* True in permille of 1000 cases: never for 0, always for 1000. */
bool sim_rng_chance(struct sim_rng *rng, uint32_t permille);

#endif

/* xoshiro256** and splitmix64, after the reference texts of D. Blackman and S. Vigna (public
 * domain); the name enters by FNV-1a. Pure; any thread. */
#include "models/rng.h"

#include "kit/base/check.h"

static uint64_t splitmix64(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = *state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

static uint64_t rotate_left(uint64_t value, int count)
{
    return (value << count) | (value >> (64 - count));
}

void sim_rng_init(struct sim_rng *rng, uint64_t seed, const char *name)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (const char *at = name; *at != '\0'; at++)
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001B3);
    uint64_t mix = splitmix64(&seed) ^ hash;
    for (int i = 0; i < 4; i++)
        rng->state[i] = splitmix64(&mix);
}

uint64_t sim_rng_next(struct sim_rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t sim_rng_below(struct sim_rng *rng, uint32_t count)
{
    PRE(count > 0);
    /* Multiply and shift instead of a division: no use of it would notice the error, below count
     * / 2^32. */
    return (uint32_t)(((sim_rng_next(rng) >> 32) * count) >> 32);
}

int64_t sim_rng_between(struct sim_rng *rng, int64_t low, int64_t high)
{
    PRE(low <= high && high - low < UINT32_MAX);
    return low + sim_rng_below(rng, (uint32_t)(high - low) + 1);
}

bool sim_rng_chance(struct sim_rng *rng, uint32_t permille)
{
    return sim_rng_below(rng, SIM_PERMILLE) < permille;
}

/* Log-linear buckets: 32 to each power of two. Pure. */
#include "load/meter.h"

#include <stddef.h>

static size_t find_bucket(uint64_t us)
{
    if (us < LOAD_METER_STEPS)
        return (size_t)us;
    const unsigned power = 63U - (unsigned)__builtin_clzll(us); /* at least 5 */
    const size_t row = power - 4U;
    const size_t step = (size_t)(us >> (power - 5U)) - LOAD_METER_STEPS;
    const size_t bucket = row * LOAD_METER_STEPS + step;
    const size_t last = (size_t)LOAD_METER_POWERS * LOAD_METER_STEPS - 1;
    return bucket < last ? bucket : last;
}

static uint64_t get_top(size_t bucket)
{
    if (bucket < LOAD_METER_STEPS)
        return bucket;
    const size_t row = bucket / LOAD_METER_STEPS;
    const uint64_t step = bucket % LOAD_METER_STEPS + LOAD_METER_STEPS + 1;
    return (step << (row - 1)) - 1;
}

void load_meter_add(struct load_meter *meter, uint64_t us)
{
    meter->count++;
    meter->buckets[find_bucket(us)]++;
    if (us > meter->max_us)
        meter->max_us = us;
}

uint64_t load_meter_quantile(const struct load_meter *meter, uint32_t permille)
{
    const uint64_t wanted = (meter->count * permille + 999) / 1000;
    uint64_t seen = 0;
    for (size_t i = 0; i < (size_t)LOAD_METER_POWERS * LOAD_METER_STEPS && wanted > 0; i++) {
        seen += meter->buckets[i];
        if (seen >= wanted)
            return get_top(i) < meter->max_us ? get_top(i) : meter->max_us;
    }
    return 0;
}

/* Durations of any number of things: a histogram whose steps are 3 % apart. */
#ifndef SIM_LOAD_METER_H
#define SIM_LOAD_METER_H

#include <stdint.h>

#define LOAD_METER_STEPS 32 /* in each power of two */
#define LOAD_METER_POWERS 40

struct load_meter {
    uint64_t count;
    uint64_t max_us;
    uint64_t buckets[LOAD_METER_POWERS * LOAD_METER_STEPS];
};

/* Counts one measured duration, in microseconds. */
void load_meter_add(struct load_meter *meter, uint64_t us);

/* The duration in microseconds that permille of all did not exceed, rounded up to a step; 0:
 * there are none. */
uint64_t load_meter_quantile(const struct load_meter *meter, uint32_t permille);

#endif

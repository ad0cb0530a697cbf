/* The production clock and random source. The only place of the kit where time is read. */
#include "kit/process/system.h"

#include <sodium.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec ts;
    CHECK(clock_gettime(id, &ts) == 0);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t read_wall_ms(void *self)
{
    (void)self;
    return read_ms(CLOCK_REALTIME);
}

static int64_t read_mono_ms(void *self)
{
    (void)self;
    return read_ms(CLOCK_MONOTONIC);
}

static void fill_random(void *self, void *ret_bytes, size_t size_bytes)
{
    (void)self;
    CHECK(sodium_init() >= 0); /* 1 when it already ran; cheap, any thread */
    randombytes_buf(ret_bytes, size_bytes);
}

const struct kit_clock *kit_system_clock(void)
{
    static const struct kit_clock clock = { .wall_ms = read_wall_ms, .mono_ms = read_mono_ms };
    return &clock;
}

const struct kit_rng *kit_system_rng(void)
{
    static const struct kit_rng rng = { .fill = fill_random };
    return &rng;
}

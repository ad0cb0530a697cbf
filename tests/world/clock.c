/* See clock.h. */
#include "world/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"

#define LINE_SIZE 1024
#define PAUSE_MAX_MS 60000 /* between two turns */
#define FNV_BASIS UINT64_C(0xCBF29CE484222325)
#define FNV_PRIME UINT64_C(0x100000001B3)

void world_clock_init(struct world_clock *clock, uint64_t seed, bool is_loud)
{
    memset(clock, 0, sizeof(*clock));
    clock->now_us = WORLD_MONO_US;
    world_heap_init(&clock->heap);
    sim_rng_init(&clock->ties, seed, "ties");
    clock->hash = FNV_BASIS;
    clock->is_loud = is_loud;
}

void world_clock_done(struct world_clock *clock)
{
    world_heap_done(&clock->heap);
}

int64_t world_clock_mono_ms(const struct world_clock *clock)
{
    return clock->now_us / 1000;
}

void world_clock_at(struct world_clock *clock, const struct world_event *event)
{
    struct world_event added = *event;
    PRE(event->at_us >= clock->now_us);
    added.tie = sim_rng_next(&clock->ties);
    world_heap_push(&clock->heap, &added);
}

void world_clock_in(struct world_clock *clock, int64_t in_us, world_event_cb run, void *self,
                    uint64_t number)
{
    const struct world_event event = {
        .at_us = clock->now_us + in_us, .run = run, .self = self, .number = number
    };
    world_clock_at(clock, &event);
}

void world_clock_sleep(struct world_clock *clock, int64_t for_us)
{
    PRE(for_us >= 0);
    clock->now_us += for_us;
}

bool world_clock_step(struct world_clock *clock, int64_t until_us)
{
    struct world_event event;
    if (clock->heap.count == 0 || clock->heap.events[0].at_us > until_us)
        return false;
    CHECK(world_heap_pop(&clock->heap, &event));
    if (event.at_us > clock->now_us) /* else everything was asleep then */
        clock->now_us = event.at_us;
    clock->steps++;
    event.run(event.self, event.message, event.number);
    return true;
}

static void on_turn(void *self, struct world_message *message, uint64_t life);

/* At that time at the latest. */
static void schedule(struct world_turns *turns, int64_t at_us)
{
    if (turns->at_us <= at_us)
        return;
    turns->at_us = at_us;
    world_clock_in(turns->clock, at_us - turns->clock->now_us, on_turn, turns, turns->life);
}

static void on_turn(void *self, struct world_message *message, uint64_t life)
{
    struct world_turns *turns = self;
    const int64_t now_ms = world_clock_mono_ms(turns->clock);
    (void)message;
    if (life != turns->life || turns->at_us > turns->clock->now_us)
        return;
    turns->at_us = INT64_MAX;
    int64_t next_ms = turns->run(turns->self, now_ms);
    if (life != turns->life)
        return; /* it has ended */
    if (next_ms > now_ms + PAUSE_MAX_MS)
        next_ms = now_ms + PAUSE_MAX_MS;
    schedule(turns, next_ms > now_ms ? next_ms * 1000 : turns->clock->now_us + turns->again_us);
}

void world_turns_wake(struct world_turns *turns)
{
    schedule(turns, turns->clock->now_us);
}

void world_turns_end(struct world_turns *turns)
{
    turns->life++;
    turns->at_us = INT64_MAX;
}

void world_clock_trace(struct world_clock *clock, const char *who, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list arguments;

    int length = snprintf(line, sizeof(line), "%10.3f %-12s ",
                          (double)(clock->now_us - WORLD_MONO_US) / 1e6, who);
    CHECK(length > 0 && (size_t)length < sizeof(line));
    va_start(arguments, format);
    (void)vsnprintf(line + length, sizeof(line) - (size_t)length, format, arguments);
    va_end(arguments);
    for (const char *at = line; *at != '\0'; at++)
        clock->hash = (clock->hash ^ (uint8_t)*at) * FNV_PRIME;
    if (clock->is_loud)
        (void)puts(line);
}

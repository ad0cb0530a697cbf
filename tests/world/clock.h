/* The time line of one world: what happens next, and the trace of what has happened. Everything in
 * a world runs from here, on one thread. */
#ifndef TESTS_WORLD_CLOCK_H
#define TESTS_WORLD_CLOCK_H

#include "kit/base/error.h"
#include "models/rng.h"
#include "world/facts.h"
#include "world/heap.h"

#define WORLD_WALL_MS INT64_C(1767225600000) /* 2026-01-01, when a world begins */
#define WORLD_MONO_US INT64_C(1000000000)

struct world_clock {
    int64_t now_us; /* monotonic */
    struct world_heap heap;
    struct sim_rng ties;
    uint64_t hash;  /* of everything traced so far */
    uint64_t steps; /* events that have run */
    struct world_facts facts;
    bool is_loud; /* the trace is printed */
};

/* Time begins. */
void world_clock_init(struct world_clock *clock, uint64_t seed, bool is_loud);
/* Drops what is pending. */
void world_clock_done(struct world_clock *clock);

/* Monotonic ms now. */
int64_t world_clock_mono_ms(const struct world_clock *clock);

/* Runs something in_us from now (0: still in this moment, behind what runs). */
void world_clock_in(struct world_clock *clock, int64_t in_us, world_event_cb run, void *self,
                    uint64_t number);
/* The same at a time, with a message, whose reference goes along. */
void world_clock_at(struct world_clock *clock, const struct world_event *event);

/* Everything sleeps for a while: what was due meanwhile happens late, when it wakes up. */
void world_clock_sleep(struct world_clock *clock, int64_t for_us);

/* Runs the next event; false: nothing is pending, or the next is later than until_us. */
bool world_clock_step(struct world_clock *clock, int64_t until_us);

/* A process that works in turns: a turn does what is due, and says when the next is. */
struct world_turns {
    struct world_clock *clock;
    int64_t (*run)(void *self, int64_t now_ms); /* returns monotonic ms; may end the process */
    void *self;
    int64_t again_us; /* until the next turn, when more is due at once */
    int64_t at_us;    /* when the next one is scheduled; INT64_MAX: none */
    uint64_t life;    /* grows with each end: what was scheduled before is void */
};

/* A turn comes now. */
void world_turns_wake(struct world_turns *turns);
/* The process ends: no turn comes until one is scheduled again. */
void world_turns_end(struct world_turns *turns);

/* One line of the trace: it enters the hash, and is printed when the world is loud. */
void world_clock_trace(struct world_clock *clock, const char *who, const char *format, ...)
    KIT_FORMAT(3, 4);

#endif

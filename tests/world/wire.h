/* Somebody evil between the broker and a locker: old commands come again, commands come late, some
 * with another compartment, time or name and the old MAC; configurations of the past come again,
 * what the locker says is not heard for a while, and its power goes just when it acts. All of it is
 * of a stream of its own. One thread. */
#ifndef TESTS_WORLD_WIRE_H
#define TESTS_WORLD_WIRE_H

#include "models/rng.h"
#include "world/clock.h"
#include "world/message.h"

#define WORLD_WIRE_KEPT_MAX 12

/* The locker's end. */
struct world_wire_ends {
    void (*bring)(void *self, const struct kit_message *message);
    void (*cut)(void *self); /* its power goes while it acts on what it got now */
    void *self;
};

struct world_wire {
    struct world_clock *clock;
    struct sim_rng rng;
    struct world_wire_ends ends;
    bool is_evil;
    int64_t until_us;                                    /* then it is good again */
    struct world_message *commands[WORLD_WIRE_KEPT_MAX]; /* a ring each */
    struct world_message *configs[WORLD_WIRE_KEPT_MAX];
    size_t command_count, config_count; /* kept so far */
    int64_t mute_until_us;              /* what the locker says is lost */
    int64_t slow_until_us;              /* whatever comes is kept back for a while */
    int64_t deaf_until_us;              /* and no configuration comes before then */
};

/* A good one. */
void world_wire_init(struct world_wire *wire, struct world_clock *clock, uint64_t seed,
                     const char *device, const struct world_wire_ends *ends);
void world_wire_done(struct world_wire *wire);
/* It is evil from now until then. */
void world_wire_turn_evil(struct world_wire *wire, int64_t until_us);

/* A command or configuration has come from the broker. */
void world_wire_bring(struct world_wire *wire, const struct kit_message *message);
/* An acknowledgement has come to a locker whose service signs: before it comes another one without
 * a MAC, which says another time. */
void world_wire_lie(struct world_wire *wire, const struct kit_message *message);
/* Somebody types something: the power may go, and the locker may not be heard afterwards. */
void world_wire_on_typed(struct world_wire *wire);
/* Whether nothing that the locker says leaves now. */
bool world_wire_is_mute(const struct world_wire *wire);

#endif

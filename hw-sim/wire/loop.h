/* The loop of the runner: one thread, one poll() over everything that is simulated or watched.
 * Steps of a scenario wait by turning this loop. */
#ifndef SIM_WIRE_LOOP_H
#define SIM_WIRE_LOOP_H

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "models/model.h"

#define SIM_LOOP_FDS_MAX 512
#define SIM_LOOP_PARTS_MAX 512

struct sim_part {
    /* Writes at most `max` entries, returns how many. */
    size_t (*add_fds)(void *self, struct pollfd *fds, size_t max);
    /* After poll(): the entries of add_fds with their revents; also when nothing happened. */
    void (*on_turn)(void *self, const struct pollfd *fds, size_t count, int64_t now_ms);
    int64_t (*next_due_ms)(void *self); /* SIM_NEVER: nothing is due */
    void *self;
};

struct sim_loop {
    struct sim_part parts[SIM_LOOP_PARTS_MAX];
    size_t count;
    struct sim_model models[SIM_LOOP_PARTS_MAX];
    size_t model_count;
};

/* Monotonic clock of this process, started anywhere. */
int64_t sim_now_ms(void);

/* Milliseconds since 1970 UTC. */
int64_t sim_wall_ms(void);

/* Adds a part, whose self stays valid until it is removed; not from within a turn. More than
 * SIM_LOOP_PARTS_MAX is a bug. */
void sim_loop_add(struct sim_loop *loop, const struct sim_part *part);

/* The same with a model. */
void sim_loop_add_model(struct sim_loop *loop, const struct sim_model *model);

/* Removes every part and model of that self; not from within a turn. */
void sim_loop_remove(struct sim_loop *loop, const void *self);

/* Waits until something happens, something is due, or until_ms; then runs every part once. */
void sim_loop_turn(struct sim_loop *loop, int64_t until_ms);

/* Set by SIGINT and SIGTERM after sim_loop_catch_signals(): whoever waits ends then. */
extern volatile sig_atomic_t sim_loop_interrupted;

/* Takes SIGINT and SIGTERM for this program, and ignores SIGPIPE. */
void sim_loop_catch_signals(void);

#endif

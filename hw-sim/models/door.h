/* The door of a compartment: shut, ajar (off its lock, not yet open) or open, and the spring that
 * pushes it off the lock. It knows nothing of the latch: sim_compartment asks that.
 * Pure but for its struct; one thread. */
#ifndef SIM_MODELS_DOOR_H
#define SIM_MODELS_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_SPRING_MS 150  /* from ajar to open */
#define SIM_NO_SPRING (-1) /* the door stays where it is until a hand moves it */

enum sim_door_place {
    SIM_DOOR_SHUT = 0,
    SIM_DOOR_AJAR = 1,
    SIM_DOOR_OPEN = 2,
};

struct sim_door {
    enum sim_door_place place;
    int64_t spring_ms;
    int64_t open_at_ms; /* SIM_NEVER: nothing pushes it */
};

/* Shut. spring_ms: how long the spring takes to open it, or SIM_NO_SPRING. */
void sim_door_init(struct sim_door *door, int64_t spring_ms);

/* The lock lets go of a shut door: with a spring it goes ajar. True: it moved. */
bool sim_door_let_go(struct sim_door *door, int64_t now_ms);

/* Opened by a hand, from wherever it stands. */
void sim_door_pull(struct sim_door *door);

/* Shut by a hand, from wherever it stands; the spring rests. */
void sim_door_push(struct sim_door *door);

/* When the spring will have opened it. */
int64_t sim_door_next_due_ms(const struct sim_door *door);

/* True: the spring has opened it by now, at *ret_at_ms. */
bool sim_door_step(struct sim_door *door, int64_t now_ms, int64_t *ret_at_ms);

#endif

/* One compartment of a locker: latch, door, what lies in it, the switch in the lock and the light
 * barrier inside. The board pulses the latch and reads switch and sensor; hands do the rest. What a
 * board answers never moves anything here. One thread. */
#ifndef SIM_MODELS_COMPARTMENT_H
#define SIM_MODELS_COMPARTMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/door.h"
#include "models/latch.h"
#include "models/model.h"

#define SIM_OBJECTS_MAX 8
#define SIM_OBJECT_SIZE 64

enum sim_sensor_fault {
    SIM_SENSOR_OK = 0,
    SIM_SENSOR_STUCK_ABSENT = 1,  /* never sees anything */
    SIM_SENSOR_STUCK_PRESENT = 2, /* always sees something */
};

struct sim_compartment_options {
    int64_t release_ms; /* SIM_RELEASE_MS */
    int64_t pulse_ms;   /* SIM_PULSE_MS */
    int64_t spring_ms;  /* SIM_SPRING_MS, SIM_NO_SPRING */
    enum sim_latch_fault latch_fault;
    enum sim_sensor_fault sensor_fault;
};

/* What a hand found. */
enum sim_hand {
    SIM_HAND_DONE = 0,
    SIM_HAND_ALREADY = 1,    /* it was open, or shut, already */
    SIM_HAND_LOCKED = 2,     /* the door is held by its lock */
    SIM_HAND_NOT_CAUGHT = 3, /* pushed shut, the lock did not hold, the spring opened it again */
    SIM_HAND_DOOR_SHUT = 4,  /* cannot reach inside */
    SIM_HAND_NOT_THERE = 5,  /* no such object inside */
    SIM_HAND_NO_ROOM = 6,    /* SIM_OBJECTS_MAX are inside */
};

struct sim_compartment {
    char name[SIM_NAME_SIZE];
    struct sim_latch latch;
    struct sim_door door;
    bool is_held; /* shut, and the bolt holds it */
    enum sim_sensor_fault sensor_fault;
    size_t object_count;
    char objects[SIM_OBJECTS_MAX][SIM_OBJECT_SIZE];
    uint64_t pulse_count; /* how often a board energised the coil */
    uint64_t open_count;  /* how often the door left its lock */
    struct sim_listener listener;
};

/* A lock, a spring and a sensor without faults. */
struct sim_compartment_options sim_compartment_options_default(void);

/* Shut, locked, empty. listener may be NULL. */
void sim_compartment_init(struct sim_compartment *compartment, const char *name,
                          const struct sim_compartment_options *options,
                          const struct sim_listener *listener);

/* ---- the board's side ---- */

/* Energises the coil of the lock. */
void sim_compartment_pulse(struct sim_compartment *compartment, int64_t now_ms);

/* The switch in the lock: the door is shut and held. */
bool sim_compartment_is_hooked(const struct sim_compartment *compartment);

/* The light barrier, with its fault. */
bool sim_compartment_sees_object(const struct sim_compartment *compartment);

/* ---- hands; the compartment is first brought to now_ms ---- */

/* Pulls the door, which opens unless its lock holds it. */
enum sim_hand sim_compartment_pull(struct sim_compartment *compartment, int64_t now_ms);

/* Pushes the door shut; its lock catches it, or the spring opens it again. */
enum sim_hand sim_compartment_push(struct sim_compartment *compartment, int64_t now_ms);

/* Breaks the door open. */
enum sim_hand sim_compartment_force(struct sim_compartment *compartment, int64_t now_ms);

/* Lays it inside, in front, when the door is open. */
enum sim_hand sim_compartment_put(struct sim_compartment *compartment, const char *object,
                                  int64_t now_ms);

/* Takes it out, when the door is open; object "": whichever lies in front. */
enum sim_hand sim_compartment_take(struct sim_compartment *compartment, const char *object,
                                   char ret_object[SIM_OBJECT_SIZE], int64_t now_ms);
/* "the door is locked" */
const char *sim_hand_text(enum sim_hand hand);

/* ---- time; a board advances the compartments that are wired to it ---- */

/* When latch or door move next by themselves. */
int64_t sim_compartment_next_due_ms(const struct sim_compartment *compartment);

/* Moves latch and door to where they are now. */
void sim_compartment_advance(struct sim_compartment *compartment, int64_t now_ms);

/* How the lock is broken from now on. */
void sim_compartment_set_latch_fault(struct sim_compartment *compartment,
                                     enum sim_latch_fault fault);

/* How the light barrier is broken from now on. */
void sim_compartment_set_sensor_fault(struct sim_compartment *compartment,
                                      enum sim_sensor_fault fault);

#endif

/* The lock of a compartment: a coil that pulls a bolt back. It knows nothing of boards and doors.
 *
 *   coil off, bolt out --pulse--> coil on --release_ms--> bolt back --pulse over--> bolt ready
 *
 * Jammed: the coil is on, and the bolt stays out. Pure but for its struct; one thread. */
#ifndef SIM_MODELS_LATCH_H
#define SIM_MODELS_LATCH_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_RELEASE_MS 50 /* from the begin of the pulse until the bolt is back */
#define SIM_PULSE_MS 300  /* how long a board energises the coil */

enum sim_latch_fault {
    SIM_LATCH_OK = 0,
    SIM_LATCH_JAMMED = 1,   /* the bolt does not move back */
    SIM_LATCH_NO_CATCH = 2, /* the bolt does not come out: the door does not stay shut */
};

enum sim_latch_change {
    SIM_LATCH_SAME = 0,
    SIM_LATCH_RELEASED = 1, /* the bolt is back */
    SIM_LATCH_STUCK = 2,    /* it should be back, and is not */
    SIM_LATCH_COIL_OFF = 3,
};

struct sim_latch {
    enum sim_latch_fault fault;
    int64_t release_after_ms;
    int64_t pulse_length_ms;
    bool is_coil_on;
    bool is_bolt_back;
    int64_t release_at_ms; /* SIM_NEVER: not moving */
    int64_t coil_off_at_ms;
};

/* The bolt is out, the coil off. */
void sim_latch_init(struct sim_latch *latch, int64_t release_after_ms, int64_t pulse_length_ms);

/* Energises the coil; a pulse in a pulse lengthens it. */
void sim_latch_pulse(struct sim_latch *latch, int64_t now_ms);

/* When coil or bolt change next; SIM_NEVER: they rest. */
int64_t sim_latch_next_due_ms(const struct sim_latch *latch);

/* The next change that is due by now; *ret_at_ms is when it was. Call until SIM_LATCH_SAME. */
enum sim_latch_change sim_latch_step(struct sim_latch *latch, int64_t now_ms, int64_t *ret_at_ms);

/* Would it hold a door that is pushed shut now? */
bool sim_latch_can_catch(const struct sim_latch *latch);

#endif

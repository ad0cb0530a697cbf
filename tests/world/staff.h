/* A worker with a scanner: looks what is to be done, and does it label by label, from receiving new
 * goods to checking those that came back. Believes nothing but the scanner's verdicts and open
 * doors. One thread. */
#ifndef TESTS_WORLD_STAFF_H
#define TESTS_WORLD_STAFF_H

#include "scenario/label.h"
#include "world/people.h"

#define WORLD_STEPS_MAX 40
#define WORLD_LOOSE_MAX 8 /* units that were received, and are not put away */

enum world_task {
    TASK_NONE = 0,
    TASK_PICK = 1,
    TASK_LOAD = 2,
    TASK_HAND_OVER = 3, /* at the counter */
    TASK_FETCH = 4,     /* out of a compartment: a return, or an order that has ended */
    TASK_CHECK = 5,     /* of goods that are at the desk */
    TASK_PUT_AWAY = 6,  /* a tote whose order has ended */
    TASK_RECEIVE = 7,
    TASK_SHELVE = 8, /* units that were received before */
};

/* A label that is to be scanned. */
struct world_step {
    char label[SIM_LABEL_SIZE];
    uint32_t on_error;              /* the step that follows a refusal; 0: the worker gives up */
    struct world_device *locker;    /* whose door is to be served before the next label; or NULL */
    uint32_t compartment;           /* of it */
    struct world_product *received; /* a piece of it may be put away with the bin; NULL: none */
    bool is_piece;                  /* and is, unless the scanner told a verdict twice */
    struct world_product *damaged;  /* a piece of it goes to quarantine; NULL: none */
};

struct world_staff {
    struct world_clock *clock;
    struct world_web *web;
    struct sim_rng rng;
    struct world_device *scanner;
    struct world_lockers *lockers;
    struct world_people *people;
    uint32_t index; /* of the worker: their totes */
    enum world_task task;
    int64_t order_id;
    struct world_device *locker; /* at whose door the worker stands, or stood */
    uint32_t compartment;
    struct world_step steps[WORLD_STEPS_MAX];
    uint32_t step_count, at;
    uint64_t turn;                   /* grows with each label: an older wait is void */
    bool is_waiting;                 /* for the verdict of the label that was scanned last */
    uint64_t life;                   /* of the scanner, when the flow began */
    bool is_stuck;                   /* the flow's own label was refused: a check may be open */
    uint32_t receive_count;          /* flows of receiving */
    uint32_t label_count;            /* labels for units, printed so far */
    uint32_t loose[WORLD_LOOSE_MAX]; /* their numbers */
    uint32_t loose_count;
};

/* The worker begins to work. */
void world_staff_init(struct world_staff *staff, struct world_people *people,
                      struct world_device *scanner, struct world_lockers *lockers, uint64_t seed);

/* ---- between staff.c and staff_plans.c ---- */

/* The worker does nothing for a while, and then looks again. */
void world_staff_rest(struct world_staff *staff);
/* The site has closed: what is to be picked is picked, and then the worker goes home. */
bool world_staff_is_late(const struct world_staff *staff);
/* Does the steps, from the first one on. */
void world_staff_begin(struct world_staff *staff, enum world_task task);
/* Looks what is to be done; an event. */
void world_staff_look(void *self, struct world_message *message, uint64_t number);

#endif

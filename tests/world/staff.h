/* A worker with a scanner: looks what is to be picked, picks it into a tote, and loads it into the
 * compartment that delivery has chosen. Believes nothing but the scanner's verdicts and open doors.
 * One thread. */
#ifndef TESTS_WORLD_STAFF_H
#define TESTS_WORLD_STAFF_H

#include "scenario/label.h"
#include "world/visit.h"

#define WORLD_STEPS_MAX 24

struct world_staff {
    struct world_clock *clock;
    struct world_web *web;
    struct sim_rng rng;
    struct world_device *scanner;
    struct world_lockers *lockers;
    uint32_t index; /* of the worker: their totes */
    int64_t order_id;
    bool is_loading; /* with the labels below: into the compartment; else into a tote */
    char locker[FW_DEVICE_SIZE];
    int64_t compartment;
    char labels[WORLD_STEPS_MAX][SIM_LABEL_SIZE]; /* to be scanned, in order */
    uint32_t label_count, at;
    uint64_t turn; /* grows with each label: an older wait is void */
};

/* The worker begins to work. */
void world_staff_init(struct world_staff *staff, struct world_web *web,
                      struct world_device *scanner, struct world_lockers *lockers, uint64_t seed);

#endif

/* One warehouse of one seed: all services, the bridge, the broker, people, and what goes wrong. It
 * is played in two parts: chaos, in which troubles come, and healing, in which nothing goes wrong
 * any more and everything has to drain. One thread; worlds do not share anything. */
#ifndef TESTS_WORLD_WORLD_H
#define TESTS_WORLD_WORLD_H

#include "world/node.h"
#include "world/others.h"
#include "world/staff.h"

/* The services of a world: a row each. */
extern const struct world_service_row world_services[];
#define WORLD_SERVICE_COUNT 5
#define WORLD_SCANNER_COUNT 2
#define WORLD_LOCKER_COUNT 2
#define WORLD_DEVICE_COUNT (WORLD_SCANNER_COUNT + WORLD_LOCKER_COUNT)

/* The event that the end of a world changes on the disk. */
struct world_flip {
    struct world_node *source; /* NULL: none */
    int64_t seq;
    uint32_t where;
};

struct world {
    struct world_plan plan;
    struct world_clock clock;
    struct sim_rng troubles;
    struct world_broker *broker;
    struct world_broker_faults lasting; /* as the plan has them */
    struct world_node nodes[WORLD_SERVICE_COUNT];
    struct world_web web;
    struct world_device devices[WORLD_DEVICE_COUNT]; /* scanners, then lockers */
    struct world_lockers lockers;
    struct world_staff staff[WORLD_SCANNER_COUNT];
    struct world_people people;
    struct world_others others;
    struct world_said said;
    struct world_flip flip;
    uint64_t trouble_count; /* that came at a moment */
    char violation[500];    /* "": none */
};

/* Once in a process, before its first world: memory, disks and what is on new ones. */
void world_begin_process(void);

/* Plays it to its end, checks included. Heap memory, for world_free(). */
struct world *world_play(const struct world_plan *plan, bool is_loud);
/* The service that is described so. */
struct world_node *world_find_node(struct world *world, const struct kit_service_desc *desc);
void world_free(struct world *world);

#endif

/* Customers at lockers: each waits until their order is ready, fetches the code, walks to the
 * locker, types it, takes what lies behind the door, and shuts it. Goods are told apart by the
 * order for which staff laid them in. One thread. */
#ifndef TESTS_WORLD_VISIT_H
#define TESTS_WORLD_VISIT_H

#include "world/device.h"
#include "world/web.h"

#define WORLD_OBJECT_SIZE 32
#define WORLD_CODES_MAX 8 /* of one order, that are kept in mind */
#define WORLD_LAID_MAX 64

struct world_lockers {
    struct world_device *devices;
    uint32_t count;
    int64_t laid[WORLD_LAID_MAX]; /* orders whose goods have left their tote for a compartment */
    uint32_t laid_count;
};

/* One order with fulfilment locker. */
struct world_visit {
    struct world_clock *clock;
    struct world_web *web;
    struct sim_rng *rng;
    struct world_lockers *lockers;
    int64_t order_id;
    char locker[FW_DEVICE_SIZE];     /* as the order says it */
    int64_t compartment;             /* 0: none */
    char codes[WORLD_CODES_MAX][16]; /* those that were typed, each of which may open once */
    uint32_t code_count;
    bool has_taken;
    char wrong[200]; /* what no customer may meet; "": nothing */
};

/* The customer begins to look whether the order is ready. */
void world_visit_begin(struct world_visit *visit, int64_t order_id);

/* Of the name of a locker, as an order says it; NULL: there is none. */
struct world_device *world_locker_find(const struct world_lockers *lockers, const char *name);
/* What staff lay into a compartment for an order. */
void world_object_name(int64_t order_id, char ret_name[WORLD_OBJECT_SIZE]);

#endif

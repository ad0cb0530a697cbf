/* What a seed does to its world: how much work there is, which troubles come, how often. Each seed
 * draws a random subset, so that rare pairs of troubles meet too. */
#ifndef TESTS_WORLD_PLAN_H
#define TESTS_WORLD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum world_trouble {
    TROUBLE_KILL = 0,         /* kill -9 of a service */
    TROUBLE_POWER = 1,        /* power of its machine */
    TROUBLE_STOP = 2,         /* SIGTERM */
    TROUBLE_BROKER_KILL = 3,  /* broker killed, and what it had saved is there or not */
    TROUBLE_RESET = 4,        /* a connection is reset */
    TROUBLE_SILENCE = 5,      /* a network says nothing for a while */
    TROUBLE_WEB_KILL = 6,     /* kill -9 of the bridge */
    TROUBLE_DISK_IO = 7,      /* a write or a sync fails, at COMMIT as well */
    TROUBLE_DISK_FULL = 8,    /* no room for some writes */
    TROUBLE_CLOCK_STEP = 9,   /* the wall clock of a service jumps */
    TROUBLE_DEVICE_KILL = 10, /* kill -9 of a scanner's or locker's program */
    TROUBLE_DEVICE_CUT = 11,  /* power of a device, in a write to its flash */
    TROUBLE_SWALLOW = 12,     /* single messages get lost while links stay up */
    TROUBLE_DOUBLE = 13,      /* single messages come twice */
    TROUBLE_SLOW = 14,        /* messages are late, and topics overtake each other */
    TROUBLE_SMALL_QUEUE = 15, /* the broker keeps two to five messages for a client */
    TROUBLE_COUNT = 16,
};

struct world_plan {
    bool has[TROUBLE_COUNT];
    int64_t chaos_ms;       /* how long troubles come */
    int64_t heal_ms;        /* how long everything has to drain afterwards */
    int64_t trouble_gap_ms; /* between two troubles, on average */
    uint32_t order_count, product_count;
    uint32_t locker_orders; /* of these, the first ones */
    uint32_t cancel_permille;
    uint32_t scarce_permille; /* products of which there is too little */
};

/* The plan of a seed. */
void world_plan_draw(struct world_plan *plan, uint64_t seed);
/* "kill", "power", ...; borrowed for ever. */
const char *world_trouble_name(enum world_trouble trouble);

#endif

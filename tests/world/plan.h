/* What a seed does to its world: how much work there is, which troubles come, how often. Each seed
 * draws a random subset, so that rare pairs of troubles meet too. A plan can be changed afterwards:
 * what it leaves out neither happens nor moves what is left. Its text is its seed and what differs
 * from the plan that the seed draws. */
#ifndef TESTS_WORLD_PLAN_H
#define TESTS_WORLD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kit/base/error.h"
#include "models/rng.h"

enum world_trouble {
    TROUBLE_KILL = 0,         /* kill -9 of a service */
    TROUBLE_POWER = 1,        /* power of its machine */
    TROUBLE_STOP = 2,         /* SIGTERM */
    TROUBLE_BROKER_KILL = 3,  /* broker stopped or killed; what it saved is there or not */
    TROUBLE_RESET = 4,        /* a connection is reset */
    TROUBLE_SILENCE = 5,      /* a network says nothing for a while */
    TROUBLE_WEB_KILL = 6,     /* kill -9 of the bridge */
    TROUBLE_DISK_IO = 7,      /* a read, a write or a sync fails, at COMMIT as well */
    TROUBLE_DISK_FULL = 8,    /* no room for some writes */
    TROUBLE_CLOCK_STEP = 9,   /* the wall clock of a service jumps */
    TROUBLE_DEVICE_KILL = 10, /* kill -9 of a scanner's or locker's program */
    TROUBLE_DEVICE_CUT = 11,  /* power of a device, in a write to its flash */
    TROUBLE_BIT = 12,         /* a bit of a database changes by itself, for a while */
    TROUBLE_SWALLOW = 13,     /* single messages get lost while links stay up */
    TROUBLE_DOUBLE = 14,      /* single messages come twice */
    TROUBLE_SLOW = 15,        /* messages are late, and topics overtake each other */
    TROUBLE_SMALL_QUEUE = 16, /* the broker keeps two to six messages for a client */
    TROUBLE_TINY_BATCH = 17,  /* of a service: one item a commit */
    TROUBLE_TINY_STREAM = 18, /* one event a message, two of them under way */
    TROUBLE_TINY_FETCH = 19,  /* one or two events an answer to replay */
    TROUBLE_TINY_QUEUES = 20, /* two requests that wait, two calls; so at the bridge */
    TROUBLE_JAM = 21,         /* locks that are used keep their bolts, or do not catch */
    TROUBLE_BOARD = 22,       /* a lock board that is used says nothing for a while */
    TROUBLE_REMOVE = 23,      /* the database of information is removed or replaced under it */
    TROUBLE_COUNT = 24,
};

/* What can be left out, by number. */
enum world_part {
    PART_KIND = 0,    /* enum world_trouble */
    PART_TIME = 1,    /* slices of the time of chaos, in which no trouble comes or lasts */
    PART_TROUBLE = 2, /* single ones, in the order in which they come */
    PART_ORDER = 3,
    PART_ERRAND = 4, /* of others.h */
    PART_COUNT = 5,
};
#define WORLD_OUT_MAX 256 /* numbers of a part that can be left out: the first */
#define WORLD_SLICE_MS 250
#define WORLD_DAYS_MAX 30
#define WORLD_DAY_MS INT64_C(86400000)

struct world_plan {
    uint64_t seed;
    bool has[TROUBLE_COUNT];
    bool is_out[PART_COUNT][WORLD_OUT_MAX];
    bool is_calm;           /* see world_plan_calm() */
    uint32_t days;          /* 0: one stretch of work; else its work is spread over so many days */
    int64_t chaos_ms;       /* how long troubles come */
    int64_t heal_ms;        /* how long everything has to drain afterwards */
    int64_t trouble_gap_ms; /* between two troubles, on average */
    uint32_t order_count, product_count;
    uint32_t locker_orders; /* of these, the first ones */
    bool is_hasty;          /* goods wait in lockers for seconds */
    uint32_t cancel_permille;
    uint32_t scarce_permille; /* products of which there is too little */
};

/* The plan of a seed. */
void world_plan_draw(struct world_plan *plan, uint64_t seed);
/* Nothing comes but planned restarts, one after the other, each over in 0.8 s: no customer may
 * notice one. No order goes to a locker. */
void world_plan_calm(struct world_plan *plan);

/* Spreads the plan over days: fewer troubles and orders an hour, all kinds of trouble. */
void world_plan_stretch(struct world_plan *plan, uint32_t days);
/* A time in the plan's chaos, in us from its begin. */
int64_t world_plan_draw_us(const struct world_plan *plan, struct sim_rng *rng);
/* Whether a number of a part is left out; one beyond WORLD_OUT_MAX never is. */
bool world_plan_leaves_out(const struct world_plan *plan, enum world_part part, uint64_t number);
/* Whether it comes at a moment; the others last as long as the chaos, or the world. */
bool world_trouble_is_moment(enum world_trouble trouble);
/* Whether such troubles come. */
bool world_plan_has(const struct world_plan *plan, enum world_trouble trouble);
/* "kill", "power", ...; borrowed for ever. */
const char *world_trouble_name(enum world_trouble trouble);

#define WORLD_NOTE_SIZE 512

/* A plan and what its text says about it. */
struct world_story {
    struct world_plan plan;
    char bug[64];                    /* the planted one that it shows; "": none */
    char violation[WORLD_NOTE_SIZE]; /* that it has shown; "": not said */
};

/* Writes it as text: "seed 17", "days 30", "only restarts", "bug NAME", "violation TEXT", "without
 * PART NUMBER..NUMBER ...". */
void world_story_write(const struct world_story *story, FILE *file);
/* Reads a file of such a text; a line that begins with # says nothing. Ends the program with a
 * sentence when there is no such file (66), or with the line that is no line of a plan (65). */
void world_story_load(struct world_story *story, const char *path);

#endif

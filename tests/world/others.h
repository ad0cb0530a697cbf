/* Who else asks over HTTP: strangers who order what nobody sells, an office that renames products
 * and sets quantities, customers who use a key a second time for something else, and readers who
 * look again and again. They never give up either. One thread. */
#ifndef TESTS_WORLD_OTHERS_H
#define TESTS_WORLD_OTHERS_H

#include <sqlite3.h>

#include "world/people.h"

#define WORLD_STRANGERS_MAX 3
#define WORLD_EDITS_MAX 12
#define WORLD_REUSES_MAX 4
#define WORLD_READERS_MAX 3

struct world_others;

/* One wish of somebody, from its first request to a clear answer. */
struct world_errand {
    struct world_others *others;
    uint32_t index;
    bool is_done;
    int64_t id;  /* of the order or product; 0: not known yet */
    int64_t qty; /* that is set or ordered */
    uint32_t looks;
    int rank; /* of the status that was read last */
};

struct world_others {
    struct world_clock *clock;
    struct world_web *web;
    struct world_people *people;
    struct sim_rng rng;
    struct world_errand strangers[WORLD_STRANGERS_MAX];
    struct world_errand edits[WORLD_EDITS_MAX];
    struct world_errand reuses[WORLD_REUSES_MAX];
    struct world_errand readers[WORLD_READERS_MAX];
    uint32_t stranger_count, edit_count, reuse_count, reader_count;
    uint32_t renamed[WORLD_PRODUCTS_MAX]; /* which name a product has; 0: its first */
    bool is_edited[WORLD_PRODUCTS_MAX];   /* somebody waits for the answer to a change of it */
};

/* Begins; they come over the plan's time of chaos, and keep in mind what is wrong in people. */
void world_others_init(struct world_others *others, struct world_people *people,
                       const struct world_plan *plan, uint64_t seed);
/* Whether everybody has had a clear answer. */
bool world_others_are_done(const struct world_others *others);

/* Adds the orders of strangers to the table `asked`, and what products are called as `renamed`. */
void world_others_write(const struct world_others *others, sqlite3 *db);

#endif

/* Who else asks over HTTP: strangers who order what nobody sells, an office that renames products
 * and sets quantities, customers who use a key a second time for something else, readers who
 * look again and again, and people who ask in ways that are wrong. They never give up either. One
 * thread. */
#ifndef TESTS_WORLD_OTHERS_H
#define TESTS_WORLD_OTHERS_H

#include <sqlite3.h>

#include "world/people.h"

#define WORLD_ERRANDS_MAX 28

struct world_others;

/* One wish of somebody, from its first request to a clear answer. */
struct world_errand {
    struct world_others *others;
    uint32_t index;
    bool is_done;
    bool is_out; /* of the plan: nobody goes */
    int64_t id;  /* of the order or product; 0: not known yet. Which blunder it is */
    int64_t qty; /* that is set or ordered */
    uint32_t looks;
    int rank; /* of the status that was read last */
};

struct world_others {
    struct world_people *people;
    struct sim_rng rng;
    struct world_errand errands[WORLD_ERRANDS_MAX];
    uint32_t errand_count, stranger_count; /* strangers are the first */
    uint32_t renamed[WORLD_PRODUCTS_MAX];  /* which name a product has; 0: its first */
    bool is_edited[WORLD_PRODUCTS_MAX];    /* somebody waits for the answer to a change of it */
};

/* Begins; they come over the plan's time of chaos, and keep in mind what is wrong in people. */
void world_others_init(struct world_others *others, struct world_people *people,
                       const struct world_plan *plan);
/* Whether everybody has had a clear answer. */
bool world_others_are_done(const struct world_others *others);

/* Adds the orders of strangers to the table `asked`, and what products are called as `renamed`. */
void world_others_write(const struct world_others *others, sqlite3 *db);

#endif

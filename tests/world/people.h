/* Customers and the operator, who ask over HTTP and keep in mind what they were told: the history
 * against which the databases are held at the end. They never give up: a request without a clear
 * answer is made again with the same key, until there is one. One thread. */
#ifndef TESTS_WORLD_PEOPLE_H
#define TESTS_WORLD_PEOPLE_H

#include "world/plan.h"
#include "world/visit.h"

#define WORLD_ORDERS_MAX 300
#define WORLD_PRODUCTS_MAX 8

struct world_people;

struct world_product {
    struct world_people *people;
    uint32_t index;
    int64_t qty;                           /* as registered, and as changed since */
    int64_t id;                            /* 0: not known yet */
    bool is_serialised, is_edited;         /* edited: since it was registered */
    int64_t received_least, received_most; /* pieces that scans have surely, or perhaps, added */
    int64_t damaged_least, damaged_most;   /* and taken away */
};

enum world_wish {
    WISH_KEEP = 0,
    WISH_CANCEL = 1,
};

struct world_order {
    struct world_people *people;
    uint32_t index;
    int64_t product_id, qty;
    enum world_wish wish;
    bool is_out;                  /* of the plan: it is never ordered */
    bool is_locker, is_collected; /* goes to a locker; its customer comes for it */
    int64_t id;                   /* 0: no 201 yet */
    int64_t confirmed_us;         /* when the 201 came */
    int cancel_status;            /* the answer to its cancel; 0: none yet */
    struct world_visit visit;
};

struct world_people {
    struct world_clock *clock;
    struct world_web *web;
    struct sim_rng rng;
    struct world_product products[WORLD_PRODUCTS_MAX];
    uint32_t product_count;
    bool is_calm;        /* of the plan: nobody may be told that it did not work */
    int64_t patience_us; /* until then, people wait for what is not received yet */
    struct world_order orders[WORLD_ORDERS_MAX];
    uint32_t order_count;
    char wrong[400]; /* an answer that nobody should get; "": none */
};

/* Begins: products are registered, and orders come over the plan's time of chaos. */
void world_people_init(struct world_people *people, struct world_web *web,
                       struct world_lockers *lockers, const struct world_plan *plan);
/* Keeps the first answer in mind that nobody should get. */
void world_people_blame(struct world_people *people, const char *who, uint32_t index,
                        const struct world_answer *answer);
/* One that is told to ask again: fine, but not in a plan of nothing but planned restarts. */
void world_people_doubt(struct world_people *people, const char *who, uint32_t index,
                        const struct world_answer *answer);
/* Whether everybody has had a clear answer to everything. */
bool world_people_are_done(const struct world_people *people);

#endif

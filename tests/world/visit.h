/* Customers at lockers: each waits until their order is ready, fetches the code, walks to the
 * locker, types it, takes what lies behind the door, and shuts it. Some come late, type it twice,
 * at another locker, or that of a neighbour, and again when the order has ended or was canceled.
 * Some bring the goods back, to a locker or the counter. Goods are told apart by their order. One
 * thread. */
#ifndef TESTS_WORLD_VISIT_H
#define TESTS_WORLD_VISIT_H

#include "scenario/label.h"
#include "world/device.h"
#include "world/web.h"

#define WORLD_GOODS_MAX 64
#define WORLD_UNITS_MAX 4 /* of one order: customers take no more */

/* Where the goods of an order are, once they were picked. */
enum world_place {
    WORLD_TOTE = 0, /* or not picked yet */
    WORLD_COMPARTMENT = 1,
    WORLD_CUSTOMER = 2,
    WORLD_DESK = 3, /* of those who check what came back */
};

struct world_goods {
    int64_t order_id;
    char name[SIM_NAME_SIZE];
    enum world_place place;
    bool was_with_customer;
    bool is_settled;                             /* somebody was told that they are home */
    uint32_t tries;                              /* to bring them home */
    char units[WORLD_UNITS_MAX][SIM_LABEL_SIZE]; /* labels of units that were picked for it */
    uint32_t unit_count;                         /* 0: a bulk product */
};

struct world_lockers {
    struct world_device *devices;
    uint32_t count;
    int64_t closes_us; /* nobody begins anything from then on, so that the site comes to rest */
    struct world_goods goods[WORLD_GOODS_MAX];
    uint32_t goods_count;
};

/* One order with fulfilment locker. */
struct world_visit {
    struct world_clock *clock;
    struct world_web *web;
    struct sim_rng *rng;
    struct world_lockers *lockers;
    int64_t order_id;
    char locker[FW_DEVICE_SIZE]; /* as the order says it */
    int64_t compartment;         /* 0: none */
    char code[16];               /* that the customer was given last; "": none */
    uint32_t again_count;        /* how often it is still to be typed once more */
    bool is_returning;           /* the customer brings the goods back to a locker */
    bool waits_for_cancel;       /* the customer stays away until the cancel has an answer */
    bool is_there;               /* no door has opened, and the customer waits before it */
    char wrong[200];             /* what no customer may meet; "": nothing */
};

/* The customer begins to look whether the order is ready. */
void world_visit_begin(struct world_visit *visit, int64_t order_id);

/* The customer has been told what became of the cancel. Of an order that was canceled the code
 * opens nothing, and some try it at once. */
void world_visit_on_cancel(struct world_visit *visit, bool is_canceled);

/* Of the name of a locker, as an order says it; NULL: there is none. */
struct world_device *world_locker_find(const struct world_lockers *lockers, const char *name);
/* Those of an order, from when somebody first asks. */
struct world_goods *world_goods_of(struct world_lockers *lockers, int64_t order_id);

#endif

/* Which reservation gets goods, and what becomes of it. Pure: no I/O, no clock, no allocation. Any
 * thread. Source: schemas/rules/stock.md 3, 6.
 *
 *                      REQUESTED
 *                          |
 *         product unknown  |  product known
 *              +-----------+-----------+----------------------+
 *              v                       | enough               | not enough
 *           WAITING ----- DECIDE ------+                      |
 *              |  |                    v                      v
 *              |  |                RESERVED               REJECTED
 *              |  |                    |  \                   ^
 *              |  |          DELIVERED |   \ CANCELED         |
 *              |  |            direct  v    \                 |
 *              |  |                 RENTED   \                |
 *              |  |                    |      \               |
 *              |  |           CANCELED |       |              |
 *              |  |            direct  v       v              |
 *              |  +-- CANCELED ------> RELEASED               |
 *              +----- DECIDE: still unknown, or not enough ---+
 *
 * Fulfilment locker, from RESERVED on (rules 6):
 *
 *   RESERVED -- last unit picked --> PICKED -- READY --> LOADED -- DELIVERED --> RENTED
 *      | CANCELED, something            |  \                |                     ^ | last unit
 *      | is picked              CANCELED|   \ handed over,  |CANCELED, EXPIRED    | | came home
 *      v                                v    \ DELIVERED ---|---------------------+ v
 *   COMING_BACK <-----------------------+-------------------+                   RETURNED
 *      | last unit came home
 *      v
 *   RELEASED
 */
#ifndef STOCK_DOMAIN_RESERVATION_H
#define STOCK_DOMAIN_RESERVATION_H

#include "stock/domain/balance.h"

/* The numbers are stored: never change one, only add. */
enum reservation_state {
    RESERVATION_NEW = 0,     /* not stored yet: the request is being read */
    RESERVATION_WAITING = 1, /* we wait for product's log, as long as product is away (rules 3.2) */
    RESERVATION_RESERVED = 2,    /* we wait for delivery: delivered or canceled */
    RESERVATION_RENTED = 3,      /* we wait for the customer: canceled gives the goods back */
    RESERVATION_RELEASED = 4,    /* the end: canceled */
    RESERVATION_REJECTED = 5,    /* the end: got nothing */
    RESERVATION_PICKED = 6,      /* we wait for the worker: load or hand over */
    RESERVATION_LOADED = 7,      /* we wait for the customer to collect, as long as delivery says */
    RESERVATION_RETURNED = 8,    /* the end: every unit is home or in quarantine */
    RESERVATION_COMING_BACK = 9, /* we wait for the scans that bring every unit home */
};
#define RESERVATION_STATE_COUNT 10

#define RESERVATION_TOTE_SIZE 25
#define RESERVATION_LOCKER_SIZE 48
#define RESERVATION_REASON_POINTS_MAX 64 /* what fits a scanner */
#define RESERVATION_REASON_SIZE (4 * RESERVATION_REASON_POINTS_MAX + 1)

/* How far the scans are, in pieces. When an order that was picked in part is canceled, what was not
 * picked counts as picked and home. */
struct reservation_progress {
    int64_t picked;  /* taken off the shelf */
    int64_t checked; /* came back fine and waits for a bin */
    int64_t home;    /* back on the shelf */
    int64_t damaged; /* came back to quarantine */
};

/* The compartment of an order. */
struct reservation_spot {
    char locker[RESERVATION_LOCKER_SIZE]; /* "": none */
    int64_t compartment;
    bool is_loaded;
    char reason[RESERVATION_REASON_SIZE]; /* delivery's words, when there is none */
};

/* Has the id of its delivery, which is the rental's. */
struct reservation {
    struct rental_id id;
    struct product_id product;
    int64_t qty; /* pieces */
    enum fulfilment fulfilment;
    enum reservation_state state;
    int64_t version; /* one higher with each state, from 1; 0 while NEW */
    int64_t ask;     /* WAITING: the question to product whose answer decides */
    struct reservation_progress progress;
    char tote[RESERVATION_TOTE_SIZE]; /* that holds what is picked; "": none */
    struct reservation_spot spot;     /* as delivery said last */
    int64_t load_ms; /* when its compartment was opened for a load that may still go on; 0: never */
};

/* Pieces that were taken off the shelf and are not home yet; those that are checked are among them.
 */
static inline int64_t reservation_out(const struct reservation *reservation)
{
    return reservation->progress.picked - reservation->progress.home -
           reservation->progress.damaged;
}

/* Is every unit of it home, or in quarantine, for good? */
static inline bool reservation_has_ended(const struct reservation *reservation)
{
    return reservation->state == RESERVATION_RELEASED || reservation->state == RESERVATION_RETURNED;
}

/* Shall staff lay its goods into its compartment? PICKED; or LOADED, and delivery says that nothing
 * lies there any more (rules 7.7). */
static inline bool reservation_is_to_be_loaded(const struct reservation *reservation)
{
    return reservation->state == RESERVATION_PICKED ||
           (reservation->state == RESERVATION_LOADED && reservation->spot.locker[0] != '\0' &&
            !reservation->spot.is_loaded);
}

enum reservation_event {
    RESERVATION_ON_REQUESTED = 0,   /* DeliveryRequested; a missing product may only be late */
    RESERVATION_ON_DECIDE = 1,      /* the product is known now, or product's log surely lacks it */
    RESERVATION_ON_DELIVERED = 2,   /* DeliveryUpdated, status DELIVERED */
    RESERVATION_ON_CANCELED = 3,    /* DeliveryUpdated, status CANCELED */
    RESERVATION_ON_READY = 4,       /* DeliveryUpdated, status READY: it is in the locker */
    RESERVATION_ON_EXPIRED = 5,     /* DeliveryUpdated, status EXPIRED */
    RESERVATION_ON_HANDED_OVER = 6, /* a scan at the counter */
    RESERVATION_ON_UNIT_CHECKED = 7, /* a scan found that a unit came back fine */
};
#define RESERVATION_EVENT_COUNT 8

enum reservation_reason {
    RESERVATION_FINE = 0,
    RESERVATION_OUT_OF_STOCK = 1,
    RESERVATION_UNREGISTERED_PRODUCT = 2,
};

struct reservation_decision {
    enum reservation_state state; /* the new one, or the same: only the progress changed */
    struct reservation_progress progress;
    enum reservation_reason reason; /* why, when REJECTED */
    int64_t available;              /* when REJECTED: what there was */
    bool moves_goods;
    struct stock_change change; /* when moves_goods */
};

/* May a scan bring its goods back? RENTED by way of a locker or the counter, or COMING_BACK. */
bool reservation_takes_back(const struct reservation *reservation);

/* Whether the diagram above has an arrow from one state to the other. */
bool reservation_may_move(enum reservation_state from, enum reservation_state to);

/**
 * reservation_decide() - Decide what an event does to a reservation.
 *
 * @reservation:  in any state, NEW for one that is not stored; borrowed.
 * @event:        what happened.
 * @stock:        the product's quantities, or NULL when it is not known here; borrowed.
 * @ret_decision: written only when true is returned.
 *
 * Returns false when there is nothing to do: the event is double, late, or about a delivery that
 * never asked.
 *
 * Pure. Any thread. Source: schemas/rules/stock.md 3.1 to 3.6, races R1 to R6.
 */
bool reservation_decide(const struct reservation *reservation, enum reservation_event event,
                        const struct stock *stock, struct reservation_decision *ret_decision);

/**
 * reservation_decide_picked() - Decide what units that were taken off the shelf change.
 *
 * @pieces: at least 1.
 *
 * Only RESERVED (fulfilment locker) is picked, and no more than it lacks: false otherwise. With the
 * last unit it is PICKED.
 *
 * Pure. Any thread. Source: schemas/rules/stock.md 6, 7.6.
 */
bool reservation_decide_picked(const struct reservation *reservation, int64_t pieces,
                               struct reservation_decision *ret_decision);

/* Pieces of a reservation that came back. */
struct reservation_back {
    int64_t home;    /* on the shelf now */
    int64_t checked; /* those of `home` that were checked before */
    int64_t damaged; /* in quarantine now */
};

/**
 * reservation_decide_back() - Decide what units that came back change.
 *
 * @back: home and damaged are at most reservation_out(), in all; one of them is 0.
 *
 * Only RENTED (fulfilment locker) and COMING_BACK take goods back: false otherwise. With the last
 * unit the reservation ends: RETURNED, or RELEASED.
 *
 * Pure. Any thread. Source: schemas/rules/stock.md 4.1, 6.2, 7.8.
 */
bool reservation_decide_back(const struct reservation *reservation,
                             const struct reservation_back *back, const struct stock *stock,
                             struct reservation_decision *ret_decision);

#endif

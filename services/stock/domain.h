/* Stock's decisions: which reservation gets goods, and how a product's quantities move. Pure: no
 * I/O, no clock, no allocation. Any thread. Source: schemas/rules/stock.md.
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
 *              |  |                    v    \                 |
 *              |  |                 RENTED   \                |
 *              |  |                    |      \               |
 *              |  |           CANCELED |       |              |
 *              |  |                    v       v              |
 *              |  +-- CANCELED ------> RELEASED               |
 *              +----- DECIDE: still unknown, or not enough ---+
 */
#ifndef STOCK_DOMAIN_H
#define STOCK_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "msg/common.gen.h"

/* ---- quantities ---- */

/* registered = available + reserved + rented, each >= 0, in pieces. */
struct stock {
    struct product_id product;
    int64_t registered;
    int64_t registration; /* counts changes of registered; product adopts the higher one */
    int64_t available;    /* in the bins */
    int64_t reserved;     /* set aside for a delivery */
    int64_t rented;       /* with customers */
    int64_t version;      /* one higher with each movement, from 1 */
};

/* The numbers are stored: never change one, only add. */
enum stock_movement_kind {
    STOCK_MOVEMENT_REGISTERED = 1, /* the product's first quantity */
    STOCK_MOVEMENT_ADJUSTED = 2,   /* the registered quantity or its registration changed */
    STOCK_MOVEMENT_CLAMPED = 3,    /* adjusted, but only down to what is committed (rules 2.5) */
    STOCK_MOVEMENT_RESERVED = 4,   /* available -> reserved */
    STOCK_MOVEMENT_RENTED = 5,     /* reserved -> rented */
    STOCK_MOVEMENT_RELEASED = 6,   /* reserved or rented -> available */
};

/* One row of the ledger. The sum of a product's movements is its balance. */
struct stock_movement {
    enum stock_movement_kind kind;
    int64_t d_registered, d_available, d_reserved, d_rented;
};

/* A change of a balance: the movement, and the row after it. after.version 1 is a new row. */
struct stock_change {
    struct stock after;
    struct stock_movement movement;
};

/* A registered quantity, as product wishes it or reports it. */
struct stock_registration {
    struct product_id product;
    int64_t qty;
    int64_t registration;
};

enum stock_verdict {
    STOCK_SAME = 0,                    /* nothing to change */
    STOCK_CHANGED = 1,                 /* *ret_change holds the change */
    STOCK_REFUSED_BELOW_COMMITTED = 2, /* fewer than reserved + rented */
};

static inline int64_t stock_committed(const struct stock *stock)
{
    return stock->reserved + stock->rented;
}

/**
 * stock_decide_registered_set() - Decide about a registered quantity that product asks for.
 *
 * @stock:      as stored, or NULL for a product not known here yet; borrowed.
 * @wish:       registration is the highest that product knows.
 * @ret_change: written only when STOCK_CHANGED is returned. Its registration is higher than both.
 *
 * Pure. Any thread. Source: schemas/rules/stock.md 2.1 to 2.4.
 */
enum stock_verdict stock_decide_registered_set(const struct stock *stock,
                                               const struct stock_registration *wish,
                                               struct stock_change *ret_change);

/**
 * stock_decide_product_saved() - Decide what product's report of a registered quantity changes.
 *
 * @stock:      as stored, or NULL for a product not known here yet; borrowed.
 * @report:     as the event says.
 * @ret_change: written only when STOCK_CHANGED is returned.
 *
 * Never refuses: it happened. What is committed stays: then the quantity is the committed one,
 * under a registration above the report's, so that product adopts ours.
 *
 * Pure. Any thread. Source: schemas/rules/stock.md 2.5.
 */
enum stock_verdict stock_decide_product_saved(const struct stock *stock,
                                              const struct stock_registration *report,
                                              struct stock_change *ret_change);

/* ---- reservations ---- */

/* The numbers are stored: never change one, only add. */
enum reservation_state {
    RESERVATION_NEW = 0,     /* not stored yet: the request is being read */
    RESERVATION_WAITING = 1, /* we wait for product's log, as long as product is away (rules 3.2) */
    RESERVATION_RESERVED = 2, /* we wait for delivery: delivered or canceled */
    RESERVATION_RENTED = 3,   /* we wait for the customer: canceled gives the goods back */
    RESERVATION_RELEASED = 4, /* the end: canceled */
    RESERVATION_REJECTED = 5, /* the end: got nothing */
};
#define RESERVATION_STATE_COUNT 6

/* Has the id of its delivery, which is the rental's. */
struct reservation {
    struct rental_id id;
    struct product_id product;
    int64_t qty; /* pieces */
    enum reservation_state state;
    int64_t version; /* one higher with each state, from 1; 0 while NEW */
    int64_t ask;     /* WAITING: the question to product whose answer decides */
};

enum reservation_event {
    RESERVATION_ON_REQUESTED = 0, /* DeliveryRequested; a missing product may only be late */
    RESERVATION_ON_DECIDE = 1,    /* the product is known now, or product's log surely lacks it */
    RESERVATION_ON_DELIVERED = 2, /* DeliveryUpdated, status DELIVERED */
    RESERVATION_ON_CANCELED = 3,  /* DeliveryUpdated, status CANCELED */
};
#define RESERVATION_EVENT_COUNT 4

enum reservation_reason {
    RESERVATION_FINE = 0,
    RESERVATION_OUT_OF_STOCK = 1,
    RESERVATION_UNREGISTERED_PRODUCT = 2,
};

struct reservation_decision {
    enum reservation_state state;   /* the new one */
    enum reservation_reason reason; /* why, when REJECTED */
    int64_t available;              /* when REJECTED: what there was */
    bool moves_goods;
    struct stock_change change; /* when moves_goods */
};

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

#endif

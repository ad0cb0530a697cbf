/* What may happen to a delivery: pure decisions, no I/O, no clock, no allocation.
 *
 * Fulfilment `direct`:
 *
 *                            StockReserved             StockReturned
 *     RentalOrdered --> REQUESTED ---------> DELIVERED --------> RETURNED
 *                        |    |                  |
 *                        |    | cancel           | cancel: the goods come back
 *          StockRejected |    v                  v
 *                        |   CANCELED <----------+
 *                        |      ^
 *                        |      +--- a cancel that overtook the order (tombstone)
 *                        |
 *                        +-- out_of_stock ---------> CANCELED_OutOfStock
 *                        +-- unregistered_product -> CANCELED_UnregisteredProduct
 *
 * Fulfilment `locker` (rules 6):
 *
 *     REQUESTED --> RESERVED --> PICKED --> READY --> DELIVERED --> RETURNING --> RETURNED
 *         |            |          | |        | |       ^  | ^           |            ^
 *         |            |          | +--------|-|-------+  | +-----------+            |
 *         |            |          | handed over|         nobody brought them         |
 *         |            |          |          | +--> EXPIRED                          |
 *         +------------+----------+----------+        +------- at the counter -------+
 *                        cancel: CANCELED
 *
 * Any thread. Rules: schemas/rules/delivery.md. */
#ifndef DELIVERY_DOMAIN_DELIVERY_H
#define DELIVERY_DOMAIN_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "msg/common.gen.h"

#define DELIVERY_REASON_SIZE 801 /* 200 code points of at most 4 bytes, and NUL */
#define DELIVERY_LOCKER_SIZE 48  /* the id of a device, and NUL */

/* Whom we wait for in each state (rules 2, 6.3):
 *   REQUESTED  stock's answer, for as long as it takes
 *   DELIVERED  nobody; only a cancel or a return leads out
 *   RESERVED   a person who picks, for as long as it takes
 *   PICKED     a compartment, then a person who loads it
 *   READY      the customer, at most the hold time
 *   RETURNING  the customer who brings the goods, then staff
 *   CANCELED, CANCELED_OutOfStock, CANCELED_UnregisteredProduct, RETURNED, EXPIRED  the end; of
 *   EXPIRED, staff fetch the goods */

/* What a delivery's compartment is used for is an enum compartment_use (rules 6.4): ASSIGNED when
 * nothing is in it yet, or not any more (rules 8.7); LOADED; or this, of a delivery without a
 * compartment. */
#define DELIVERY_USE_NONE ((enum compartment_use)0)

/* What shall become of a delivery once its locker has confirmed that no code opens it any more
 * (rules 6.2, 6.3). The numbers are stored. */
enum delivery_wish {
    DELIVERY_WISH_NONE = 0,
    DELIVERY_WISH_CANCEL = 1,  /* the customer wants it no more: READY to CANCELED */
    DELIVERY_WISH_EXPIRE = 2,  /* the hold time is over: READY to EXPIRED */
    DELIVERY_WISH_GIVE_UP = 3, /* nothing was brought in time: RETURNING to DELIVERED */
};

/* What a customer ordered. It never changes. */
struct delivery_order {
    struct rental_id id; /* of the rental, and so of the delivery (rules 1.1) */
    struct product_id product_id;
    int64_t qty; /* pieces */
    enum fulfilment fulfilment;
    char wished_locker[DELIVERY_LOCKER_SIZE]; /* "": any */
    int64_t account;                          /* whose it is; 0: nobody's */
    int64_t ordered_at_ms; /* 0: not known; a cancel does not say, and 0.3 did not keep it */
};

/* Where the goods lie, or shall lie. locker "", compartment 0, USE_NONE: nowhere. */
struct delivery_spot {
    char locker[DELIVERY_LOCKER_SIZE];
    int compartment; /* 1 to 16 */
    enum compartment_use use;
};

struct delivery {
    struct delivery_order order;
    enum delivery_status status;
    char reason[DELIVERY_REASON_SIZE]; /* "": none */
    int64_t version;                   /* one higher at each change (rules 2.4, 2.5), from 1 */
    int64_t updated_at_ms;
    struct delivery_spot spot;
    enum delivery_wish wish;
    int64_t deadline_ms;  /* READY: collect by then. RETURNING: bring by then. 0: none */
    int64_t issue_count;  /* codes issued so far (rules 9.1) */
    bool stock_has_goods; /* after CANCELED, EXPIRED: StockReleased. RETURNED implies it */
};

/* What can happen to a delivery that exists. */
enum delivery_incident {
    DELIVERY_INCIDENT_RESERVED = 0,             /* stock has set the goods aside */
    DELIVERY_INCIDENT_OUT_OF_STOCK = 1,         /* stock has not enough */
    DELIVERY_INCIDENT_UNREGISTERED_PRODUCT = 2, /* stock does not know the product */
    DELIVERY_INCIDENT_CANCEL = 3,               /* the customer wants it no more */
    DELIVERY_INCIDENT_PICKED = 4,               /* every unit was picked */
    DELIVERY_INCIDENT_HANDED_OVER = 5,          /* at the counter */
    DELIVERY_INCIDENT_LOADED = 6,               /* goods lie in the locker (rules 8.2) */
    DELIVERY_INCIDENT_COLLECTED = 7,            /* the customer took them (rules 8.3) */
    DELIVERY_INCIDENT_RETURN_ASKED = 8,         /* the customer wants to bring them back */
    DELIVERY_INCIDENT_RETURNED = 9,             /* stock has them again */
    DELIVERY_INCIDENT_EXPIRED = 10,             /* nobody came (rules 6.3) */
    DELIVERY_INCIDENT_GIVEN_UP = 11,            /* nothing was brought in time */
};
#define DELIVERY_INCIDENT_MAX 11

/* A change, for delivery_store_apply() alone. What is not mentioned stays. */
struct delivery_change {
    enum delivery_status to; /* may be the status that it has: then another member changes */
    const char *reason;      /* "" if none; borrowed */
    int64_t at_ms;
    struct delivery_spot spot;
    int64_t deadline_ms;
};

enum delivery_decision {
    DELIVERY_UNCHANGED = 0, /* late, repeated, or settled already */
    DELIVERY_MOVED = 1,     /* *ret_change says how */
};

/**
 * delivery_decide() - Decide what an incident means for a delivery.
 *
 * Pure: equal inputs give equal results. The spot stays as it is, the deadline ends with the move.
 * READY may be canceled only through delivery_decide_cancel() and its locker.
 *
 * @delivery:   delivery in any state; borrowed.
 * @incident:   what happened.
 * @reason:     why, "" if there is nothing to say; lent on to *ret_change.
 * @now_ms:     service wall clock at receipt.
 * @ret_change: written only when DELIVERY_MOVED is returned.
 *
 * Units:   ms since 1970-01-01 UTC.
 * Thread:  any.
 * Source:  schemas/rules/delivery.md 3.1 to 3.3, 4.1, 4.2, 6.1.
 */
enum delivery_decision delivery_decide(const struct delivery *delivery,
                                       enum delivery_incident incident, const char *reason,
                                       int64_t now_ms, struct delivery_change *ret_change);

enum delivery_cancel {
    DELIVERY_CANCEL_NOW = 0,       /* move it to CANCELED */
    DELIVERY_CANCEL_SETTLED = 1,   /* nothing left to cancel: answered as it is */
    DELIVERY_CANCEL_COLLECTED = 2, /* refused: the goods are or were with the customer */
    DELIVERY_CANCEL_ASK = 3,       /* a code is out: the locker must confirm first */
};
/* What a customer's cancel leads to in the state that the delivery has now (rules 4.1, 4.2, 6.2).
 */
enum delivery_cancel delivery_decide_cancel(const struct delivery *delivery);

/* A change that leaves all as it is, to build one on. */
struct delivery_change delivery_change_from(const struct delivery *delivery, int64_t now_ms);

/* Does the change change anything that is told? (rules 2.4, 2.5) */
bool delivery_is_news(const struct delivery *delivery, const struct delivery_change *change);

/* Does the table of moves allow this one? A move to itself is none. */
bool delivery_may_move(enum delivery_status from, enum delivery_status to);

/* Does it still need the compartment that it has? (rules 6, 8.4) */
bool delivery_has_ended(const struct delivery *delivery);

/* Does it wait for a compartment? (rules 7.3) */
bool delivery_is_waiting(const struct delivery *delivery);

/* Shall staff lay its goods into its compartment? PICKED; or READY, and the compartment turned out
 * to be empty (rules 8.7). */
bool delivery_is_to_be_loaded(const struct delivery *delivery);

/* Is there a code, or could there be? READY, or RETURNING and not loaded, with a compartment, and
 * nothing under way that ends it (rules 9.2). */
bool delivery_may_have_code(const struct delivery *delivery);

/* NULL when the two agree, else the JSON pointer of the first member that differs (rules 1.2, 4.3).
 * Both are about one rental. When it was ordered counts where both know it; the wished locker is no
 * part of it: a cancel does not carry it. */
const char *delivery_order_difference(const struct delivery_order *kept,
                                      const struct delivery_order *given);

#endif

/* What may happen to a delivery: pure decisions, no I/O, no clock, no allocation.
 *
 *                            StockReserved
 *     RentalOrdered --> REQUESTED ---------> DELIVERED
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
 * Any thread. Rules: schemas/rules/delivery.md. */
#ifndef DELIVERY_DOMAIN_H
#define DELIVERY_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "msg/common.gen.h"

#define DELIVERY_REASON_SIZE 801 /* 200 code points of at most 4 bytes, and NUL */

/* The numbers are stored: never change one, only add. */
enum delivery_status {
    DELIVERY_REQUESTED = 1, /* we wait for stock's answer, for as long as it takes (rules 2.1) */
    DELIVERY_DELIVERED = 2, /* we wait for nobody; only a cancel leads out (rules 2.2) */
    DELIVERY_CANCELED = 3,  /* the end, as are the next two (rules 2.3) */
    DELIVERY_CANCELED_OUT_OF_STOCK = 4,
    DELIVERY_CANCELED_UNREGISTERED_PRODUCT = 5,
};
#define DELIVERY_STATUS_MAX 5

enum delivery_fulfilment {
    DELIVERY_FULFILMENT_DIRECT = 1, /* the customer takes the goods as soon as they are set aside */
};

/* What a customer ordered. It never changes. */
struct delivery_order {
    struct rental_id id; /* of the rental, and so of the delivery (rules 1.1) */
    struct product_id product_id;
    int64_t qty; /* pieces */
    enum delivery_fulfilment fulfilment;
};

struct delivery {
    struct delivery_order order;
    enum delivery_status status;
    char reason[DELIVERY_REASON_SIZE]; /* "": none */
    int64_t version;                   /* one higher at each change of status, from 1 */
    int64_t updated_at_ms;
};

/* What can happen to a delivery that exists. */
enum delivery_incident {
    DELIVERY_INCIDENT_RESERVED = 0,             /* stock has set the goods aside */
    DELIVERY_INCIDENT_OUT_OF_STOCK = 1,         /* stock has not enough */
    DELIVERY_INCIDENT_UNREGISTERED_PRODUCT = 2, /* stock does not know the product */
    DELIVERY_INCIDENT_CANCEL = 3,               /* the customer wants it no more */
};
#define DELIVERY_INCIDENT_MAX 3

/* A change of status, for delivery_store_apply() alone. */
struct delivery_change {
    enum delivery_status to;
    const char *reason; /* "" if none; borrowed */
    int64_t at_ms;
};

enum delivery_decision {
    DELIVERY_UNCHANGED = 0, /* late, repeated, or settled already */
    DELIVERY_MOVED = 1,     /* *ret_change says how */
};

/**
 * delivery_decide() - Decide what an incident means for a delivery.
 *
 * Pure: equal inputs give equal results.
 *
 * @delivery:   delivery in any state; borrowed.
 * @incident:   what happened.
 * @reason:     why, "" if there is nothing to say; lent on to *ret_change.
 * @now_ms:     service wall clock at receipt.
 * @ret_change: written only when DELIVERY_MOVED is returned.
 *
 * Units:   ms since 1970-01-01 UTC.
 * Thread:  any.
 * Source:  schemas/rules/delivery.md 3.1 to 3.3, 4.1, 4.2.
 */
enum delivery_decision delivery_decide(const struct delivery *delivery,
                                       enum delivery_incident incident, const char *reason,
                                       int64_t now_ms, struct delivery_change *ret_change);

/* Does the table of moves allow this one? */
bool delivery_may_move(enum delivery_status from, enum delivery_status to);

/* NULL when the two agree, else the JSON pointer of the first member that differs (rules 4.3). Both
 * are about one rental. */
const char *delivery_order_difference(const struct delivery_order *kept,
                                      const struct delivery_order *given);

#endif

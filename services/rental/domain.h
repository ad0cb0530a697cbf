/* What may happen to a rental: pure decisions, no I/O, no clock, no allocation.
 *
 *                        delivery: DELIVERED                RETURNED
 *     order --> ORDERED ---------------------> DELIVERED --------> RETURNED
 *                 | | |                            |
 *                 | | +-- CANCELED -------------+  | CANCELED
 *                 | |                           v  v
 *                 | |                         CANCELED
 *                 | +-- CANCELED_OutOfStock ----------> CANCELED_OutOfStock
 *                 +---- CANCELED_UnregisteredProduct -> CANCELED_UnregisteredProduct
 *
 * For a locker there are stations between ORDERED and DELIVERED. Any may be passed over, and from
 * each CANCELED leads out:
 *
 *     ORDERED --> RESERVED --> PICKED --> READY --> DELIVERED --> RETURNED
 *                                           +-----> EXPIRED
 *
 * Every arrow but the first is delivery's word: an event, or its answer to a cancel.
 * Any thread. Rules: schemas/rules/rental.md. */
#ifndef RENTAL_DOMAIN_H
#define RENTAL_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "msg/common.gen.h"

#define RENTAL_NAME_SIZE 801   /* 200 code points of at most 4 bytes, and NUL */
#define RENTAL_REASON_SIZE 801 /* the same */

/* Whom we wait for in each state (rules 2, 3.7):
 *   ORDERED    delivery's word, for as long as it takes
 *   DELIVERED  nobody; only a cancel leads out
 *   RESERVED   a person who picks
 *   PICKED     a person who loads the locker, or hands over
 *   READY      the customer, at most the hold time
 *   CANCELED, CANCELED_OutOfStock, CANCELED_UnregisteredProduct, RETURNED, EXPIRED  the end */

#define RENTAL_LOCKER_SIZE 48 /* the id of a device, and NUL */

struct rental {
    struct rental_id id;
    struct product_id product_id;
    char product_name[RENTAL_NAME_SIZE]; /* "": not known when ordered */
    int64_t qty;                         /* pieces */
    enum fulfilment fulfilment;
    char locker[RENTAL_LOCKER_SIZE]; /* which the customer would like; "": any */
    int64_t account;                 /* whose it is (rules 1.7); 0: nobody's */
    enum rental_status status;
    char reason[RENTAL_REASON_SIZE]; /* "": none */
    int64_t version;                 /* one higher at each change of status, from 1 */
    int64_t ordered_at_ms;
    int64_t updated_at_ms;
    int64_t delivery_version; /* the highest version of the delivery that was seen; 0: none */
};

struct rental_news {
    enum delivery_status kind;
    int64_t version;    /* of the delivery */
    const char *reason; /* "" if none; borrowed */
};

/* A change of status, for rental_store_apply() alone. */
struct rental_change {
    enum rental_status to;
    const char *reason; /* borrowed from the news */
    int64_t delivery_version;
    int64_t at_ms;
};

enum rental_decision {
    RENTAL_STALE = 0, /* nothing changes */
    RENTAL_NOTED = 1, /* only the delivery's version is remembered */
    RENTAL_MOVED = 2, /* *ret_change says how */
};

/* What was ordered becomes an order: ORDERED, version 1. Whatever the stock, it is accepted. */
void rental_begin(struct rental *rental, int64_t now_ms);

/**
 * rental_decide_news() - Decide what delivery's word means for a rental.
 *
 * Pure: equal inputs give equal results.
 *
 * @rental:     rental in any state; borrowed.
 * @news:       delivery's word; its reason is lent on to *ret_change.
 * @now_ms:     service wall clock at receipt.
 * @ret_change: written only when RENTAL_MOVED is returned.
 *
 * Units:   ms since 1970-01-01 UTC.
 * Thread:  any.
 * Source:  schemas/rules/rental.md 3.1 to 3.5, 3.7.
 */
enum rental_decision rental_decide_news(const struct rental *rental, const struct rental_news *news,
                                        int64_t now_ms, struct rental_change *ret_change);

/* Must delivery be asked about a cancel? Not when nothing is left to cancel (rules 4.1); delivery
 * refuses what was collected. */
bool rental_is_cancelable(const struct rental *rental);

/* Does the table of moves allow this one? (rules 3.2 to 3.4, 3.7) */
bool rental_may_move(enum rental_status from, enum rental_status to);

#endif

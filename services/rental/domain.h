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

/* The numbers are stored: never change one, only add. */
enum rental_status {
    RENTAL_ORDERED = 1,   /* we wait for delivery's word, for as long as it takes (rules 2.1) */
    RENTAL_DELIVERED = 2, /* we wait for nobody; only a cancel leads out (rules 2.2) */
    RENTAL_CANCELED = 3,  /* the end, as are the next two (rules 2.3) */
    RENTAL_CANCELED_OUT_OF_STOCK = 4,
    RENTAL_CANCELED_UNREGISTERED_PRODUCT = 5,
    RENTAL_RESERVED = 6, /* we wait for a person who picks (rules 3.7) */
    RENTAL_PICKED = 7,   /* we wait for a person who loads the locker, or hands over */
    RENTAL_READY = 8,    /* we wait for the customer, at most the hold time */
    RENTAL_RETURNED = 9, /* the end, as is the next one */
    RENTAL_EXPIRED = 10,
};
#define RENTAL_STATUS_MAX 10

enum rental_fulfilment {
    RENTAL_FULFILMENT_DIRECT = 1, /* the goods go out as soon as stock has set them aside */
    RENTAL_FULFILMENT_LOCKER = 2, /* picked, laid into a locker, collected with a code */
};

#define RENTAL_LOCKER_SIZE 48 /* the id of a device, and NUL */

struct rental {
    struct rental_id id;
    struct product_id product_id;
    char product_name[RENTAL_NAME_SIZE]; /* "": not known when ordered */
    int64_t qty;                         /* pieces */
    enum rental_fulfilment fulfilment;
    char locker[RENTAL_LOCKER_SIZE]; /* which the customer would like; "": any */
    enum rental_status status;
    char reason[RENTAL_REASON_SIZE]; /* "": none */
    int64_t version;                 /* one higher at each change of status, from 1 */
    int64_t ordered_at_ms;
    int64_t updated_at_ms;
    int64_t delivery_version; /* the highest version of the delivery that was seen; 0: none */
};

/* What delivery says about a rental. */
enum rental_news_kind {
    RENTAL_NEWS_REQUESTED = 0, /* still waiting for stock */
    RENTAL_NEWS_DELIVERED = 1,
    RENTAL_NEWS_CANCELED = 2,
    RENTAL_NEWS_OUT_OF_STOCK = 3,
    RENTAL_NEWS_UNREGISTERED_PRODUCT = 4,
    RENTAL_NEWS_RESERVED = 5,
    RENTAL_NEWS_PICKED = 6,
    RENTAL_NEWS_READY = 7,
    RENTAL_NEWS_RETURNING = 8, /* changes nothing here (rules 3.7) */
    RENTAL_NEWS_RETURNED = 9,
    RENTAL_NEWS_EXPIRED = 10,
};
#define RENTAL_NEWS_MAX 10

struct rental_news {
    enum rental_news_kind kind;
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

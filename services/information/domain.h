/* How two streams become one row: pure merges, no I/O, no clock, no allocation.
 *
 *                      rental's event               delivery's event
 *     nothing --> rental part known  ------------> both parts known
 *        |                                                ^
 *        |  delivery's event        rental's event        |
 *        +-----------------> kept, not shown -------------+
 *
 * The merges commute: in whatever order the two streams are mixed, the row comes out the same,
 * because each member depends on one stream only, or is a maximum. Any thread. Rules:
 * schemas/rules/information.md. */
#ifndef INFORMATION_DOMAIN_H
#define INFORMATION_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "msg/common.gen.h"

#define INFORMATION_NAME_SIZE 801   /* 200 code points of at most 4 bytes, and NUL */
#define INFORMATION_REASON_SIZE 801 /* the same */
#define INFORMATION_LOCKER_SIZE 48  /* the id of a device, and NUL */

/* What the stream rental says of an order. version 0: nothing yet, and the rest means nothing. */
struct information_rental {
    int64_t version;
    struct product_id product_id;
    char product_name[INFORMATION_NAME_SIZE]; /* "": none */
    int64_t qty;                              /* pieces */
    enum rental_status status;
    char reason[INFORMATION_REASON_SIZE]; /* "": none */
    int64_t ordered_at_ms;
    int64_t account; /* whose it is (rules 1.10); 0: nobody's */
};

/* What the stream delivery says of it. version 0: nothing yet. */
struct information_delivery {
    int64_t version;
    enum delivery_status status;
    char reason[INFORMATION_REASON_SIZE]; /* "": none */
    char locker[INFORMATION_LOCKER_SIZE]; /* "": none */
    int64_t compartment;                  /* 0: none */
    int64_t collect_by_ms;                /* 0: none */
};

/* One event of an order's story. Members that the event has not are 0 or "". */
struct information_step {
    struct rental_id id;
    int64_t at_ms; /* the event's own time */
    enum story_type type;
    int64_t version; /* of the event's aggregate */
    int64_t status;  /* rental_status, delivery_status or door_report, as the type says */
    char reason[INFORMATION_REASON_SIZE];
    char locker[INFORMATION_LOCKER_SIZE];
    int64_t compartment;
    int64_t opener;                      /* door_opener */
    char actor[INFORMATION_LOCKER_SIZE]; /* a scanner or station */
};

struct information_order {
    struct rental_id id;
    struct information_rental rental;
    struct information_delivery delivery;
    int64_t updated_at_ms;  /* the latest time of the events that made it (rules 1.4) */
    enum order_state state; /* 0: not shown (rules 1.7) */
};

/**
 * information_merge_rental(), information_merge_delivery() - Bring one part of an order up to date.
 *
 * Pure: equal inputs give equal results, and the two commute.
 *
 * @order:   in any state, all zero but the id when nothing is known; changed only if true is
 * returned.
 * @part:    as the event has it; version >= 1.
 * @time_ms: the event's own time, never a clock of this service.
 *
 * Returns: false when the part is not newer than what is known (rules 1.2).
 * Units:   ms since 1970-01-01 UTC.
 * Thread:  any.
 * Source:  schemas/rules/information.md 1.1, 1.2, 1.4, 1.7.
 */
bool information_merge_rental(struct information_order *order,
                              const struct information_rental *part, int64_t time_ms);
bool information_merge_delivery(struct information_order *order,
                                const struct information_delivery *part, int64_t time_ms);

/* Whether the rental part is about the order that is known, if one is (rules 1.9): what was ordered
 * never changes. */
bool information_is_same_order(const struct information_order *order,
                               const struct information_rental *part);

/* Whether customers can see the order: its rental part is here (rules 1.5). */
bool information_is_shown(const struct information_order *order);

/* The reason to show, "" for none: delivery's, or until its part is here the rental's (rules 1.3).
 */
const char *information_reason(const struct information_order *order);

#endif

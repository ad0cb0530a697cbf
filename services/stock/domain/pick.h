/* What is to be picked now, and in which order to walk. Pure: no I/O, no clock, no allocation. Any
 * thread. Source: schemas/rules/stock.md 9. */
#ifndef STOCK_DOMAIN_PICK_H
#define STOCK_DOMAIN_PICK_H

#include "stock/domain/asset.h"
#include "stock/domain/scan.h"

#define PICK_UNITS_MAX 10 /* units that are told of one order */
#define PICK_TOUR_MAX 200 /* orders of one tour: the oldest */

/* A unit that lies on the shelf. */
struct pick_unit {
    struct asset_id id;
    char label[ASSET_LABEL_SIZE];
    char bin[ASSET_BIN_SIZE];
};

/* An order that waits to be picked, or is picked in part. */
struct pick {
    struct reservation reservation;
    int64_t before; /* pieces of the product that are for older orders */
    int64_t reserved_ms;
    struct scan_item item;
    char with[SCANNER_NAME_SIZE]; /* the scanner or station that picks it now; "": nobody */
    struct pick_unit units[PICK_UNITS_MAX];
    size_t unit_count; /* 0: bulk, or nothing of it is found on the shelf */
};

/* Pieces that are still to be taken. */
static inline int64_t pick_left(const struct pick *pick)
{
    return pick->reservation.qty - pick->reservation.progress.picked;
}

/* Which bin comes first on a walk: below 0, 0 or above, as strcmp() does. Numbers in names count as
 * numbers, so A-2 comes before A-10. */
int pick_compare_bins(const char *one, const char *other);

/* Puts the units of one order into the order of the walk. */
void pick_sort_units(struct pick *pick);

/**
 * pick_tour() - Put orders into the order of one walk along the bins.
 *
 * @picks: count orders, the oldest first, their units sorted; only the pointers are moved.
 *
 * An order stands where its first unit lies; those without a known bin come last, and of two with
 * the same bin the older one first.
 */
void pick_tour(struct pick **picks, size_t count);

/* The nearest order before picks[index] of the same product; NULL: there is none. */
const struct pick *pick_find_older(const struct pick *picks, size_t index);

#endif

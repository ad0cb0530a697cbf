/* The quantities of a product, and how they move. Pure: no I/O, no clock, no allocation. Any
 * thread. Source: schemas/rules/stock.md 1, 2, 4. */
#ifndef STOCK_DOMAIN_BALANCE_H
#define STOCK_DOMAIN_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "msg/common.gen.h"

/* registered = available + reserved + rented, each >= 0, in pieces. */
struct stock {
    struct product_id product;
    enum tracking tracking; /* bulk until ProductSaved has come (rules 2.6) */
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
    STOCK_MOVEMENT_RECEIVED = 7,   /* put away after receiving: available grows (rules 4.1) */
    STOCK_MOVEMENT_DAMAGED = 8,    /* to quarantine, which is outside the balance */
    STOCK_MOVEMENT_COUNTED = 9,    /* available becomes what was counted */
    STOCK_MOVEMENT_SHELVED = 10,   /* out of quarantine: available grows */
    STOCK_MOVEMENT_RETURNED = 11,  /* rented -> available */
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
    enum tracking tracking; /* as ProductSaved says; a wish says nothing about it */
};

enum stock_verdict {
    STOCK_SAME = 0,                    /* nothing to change */
    STOCK_CHANGED = 1,                 /* *ret_change holds the change */
    STOCK_REFUSED_BELOW_COMMITTED = 2, /* fewer than reserved + rented */
    STOCK_REFUSED_COUNTED = 3,         /* serialised: scans count them (rules 4.2) */
    STOCK_REFUSED_LIMIT = 4,           /* more than STOCK_QTY_MAX pieces */
};

#define STOCK_QTY_MAX 1000000 /* registered pieces of one product */

/* Pieces that are promised or handed out: no registered quantity goes below them. */
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

/**
 * stock_decide_pieces() - Decide about pieces that come into the balance, or leave it, by a scan.
 *
 * @kind:       RECEIVED, SHELVED (pieces > 0), DAMAGED (pieces < 0), COUNTED (either).
 * @pieces:     by how much available changes.
 * @ret_change: written only when STOCK_CHANGED is returned; its registration is one higher.
 *
 * Errors:  STOCK_REFUSED_LIMIT; STOCK_REFUSED_BELOW_COMMITTED when fewer than that are available.
 * Source:  schemas/rules/stock.md 4.1.
 */
enum stock_verdict stock_decide_pieces(const struct stock *stock, enum stock_movement_kind kind,
                                       int64_t pieces, struct stock_change *ret_change);

/* Moves a balance: the one place where a version becomes the next. A movement that would leave a
 * term below 0 is a bug of the caller. */
void stock_change_make(const struct stock *before, const struct stock_movement *movement,
                       struct stock_change *ret_change);

#endif

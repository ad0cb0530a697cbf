/* Looking for orders: what is asked for, and the orders that fit, a page at a time (rules 1.8).
 * Changes nothing. Loop thread. */
#ifndef INFORMATION_SEARCH_H
#define INFORMATION_SEARCH_H

#include "information/store.h"

#define INFORMATION_SEARCH_IDS_MAX 100
#define INFORMATION_SEARCH_PRODUCTS_MAX 10

struct information_search {
    int64_t size;           /* orders at most, from 1 */
    struct rental_id after; /* behind this one, in the order asked for; 0: from the start */
    bool is_newest;         /* the newest first */
    int64_t owner;          /* 0: whoever's; else orders of that account alone (rules 1.10) */
    unsigned states;        /* bits 1 << enum order_state; 0: every one */
    size_t product_count;   /* 0: every product */
    struct product_id products[INFORMATION_SEARCH_PRODUCTS_MAX];
    char locker[INFORMATION_LOCKER_SIZE]; /* "": wherever it goes */
    size_t id_count;                      /* 0: all orders, else these alone */
    struct rental_id ids[INFORMATION_SEARCH_IDS_MAX];
};

struct information_found {
    size_t count;
    struct information_order *orders; /* room for the size that was asked for */
    struct rental_id next;            /* to be given as `after` for what follows; 0: nothing does */
};

/**
 * information_search() - Find a page of the orders that customers can see and that fit.
 *
 * Costs one step along an index for each order found and for each row that is looked along: a
 * state, with a product or a locker. With ids, each of them is loaded.
 *
 * @search: with ids, any of the others; without, products or a locker, never both.
 * @found:  orders are written; count and next only on KIT_OK.
 *
 * Source:  schemas/rules/information.md 1.7, 1.8.
 */
int information_search(struct information_store *store, const struct information_search *search,
                       struct information_found *found, struct kit_error *err) KIT_MUST_CHECK;

#endif

/* The catalogue's decisions: what a product becomes when somebody renames it or when stock reports
 * its quantities. Pure: no I/O, no clock, no allocation. Any thread.
 * Source: schemas/rules/product.md. */
#ifndef PRODUCT_DOMAIN_H
#define PRODUCT_DOMAIN_H

#include <stdint.h>

#include "msg/common.gen.h"

#define PRODUCT_NAME_SIZE 801 /* 200 code points of at most 4 bytes, and NUL */

struct product {
    struct product_id id; /* 0 until it is stored */
    char name[PRODUCT_NAME_SIZE];
    int64_t registered_qty; /* pieces that we have in all; agreed with stock */
    int64_t registration;   /* counts changes of registered_qty, at stock and here */
    int64_t version;        /* of the catalogue entry: name, registered_qty, registration */
    int64_t available_qty;  /* as stock said last */
    int64_t stock_version;  /* of the stock row that available_qty is from; 0: not heard yet */
};

/* What stock said about one product: in its answer to registered-set, or in StockChanged. */
struct product_stock {
    int64_t registered_qty;
    int64_t registration;
    int64_t available_qty;
    int64_t version;
};

enum product_effect {
    PRODUCT_SAME = 0,  /* nothing new */
    PRODUCT_SEEN = 1,  /* only the availability moved: save, tell nobody (stock has told them) */
    PRODUCT_SAVED = 2, /* the entry changed, version is one higher: save and append ProductSaved */
};

/* A new product: registration 1, version 1, everything available until stock says otherwise
 * (rules 1.1). name has at most PRODUCT_NAME_SIZE - 1 bytes. */
void product_init(struct product *ret_product, const char *name, int64_t registered_qty);

/**
 * product_decide_update() - Decide what a product becomes by a new name, by news of stock, or both.
 *
 * Pure: equal inputs give equal results.
 *
 * @product:     as stored; borrowed.
 * @name:        new name, or NULL to keep it.
 * @stock:       what stock said, or NULL.
 * @ret_product: written unless PRODUCT_SAME is returned; may not be @product.
 *
 * Stock's registered quantity counts when its registration is higher than ours, its availability
 * when its version is higher: answers and events may come double, late and in any order.
 *
 * Units:   pieces.
 * Thread:  any.
 * Source:  schemas/rules/product.md 2.2, 3.3, 4.1 to 4.3.
 */
enum product_effect product_decide_update(const struct product *product, const char *name,
                                          const struct product_stock *stock,
                                          struct product *ret_product);

#endif

/* The catalogue's decisions: what a product becomes when somebody renames it or when stock reports
 * its quantities. Pure: no I/O, no clock, no allocation. Any thread.
 * Source: schemas/rules/product.md. */
#ifndef PRODUCT_DOMAIN_H
#define PRODUCT_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "msg/common.gen.h"

#define PRODUCT_NAME_SIZE 801 /* 200 code points of at most 4 bytes, and NUL */
#define PRODUCT_GTIN_SIZE 15

struct product {
    struct product_id id; /* 0 until it is stored */
    char name[PRODUCT_NAME_SIZE];
    enum tracking tracking; /* never changes (rules 1.5) */
    enum product_size size;
    char gtin[PRODUCT_GTIN_SIZE]; /* "": none */
    int64_t registered_qty;       /* pieces that we have in all; agreed with stock */
    int64_t registration;         /* counts changes of registered_qty, at stock and here */
    int64_t version;              /* of the catalogue entry: all above */
    int64_t available_qty;        /* as stock said last */
    int64_t stock_version; /* of the stock row that available_qty is from; 0: not heard yet */
};

/* What stock said about one product: in its answer to registered-set, or in StockChanged. */
struct product_stock {
    int64_t registered_qty;
    int64_t registration;
    int64_t available_qty;
    int64_t version;
};

/* What somebody asks of an entry; what has_ does not name stays. */
struct product_wish {
    bool has_name, has_size, has_gtin;
    char name[PRODUCT_NAME_SIZE];
    enum product_size size;
    char gtin[PRODUCT_GTIN_SIZE];
};

/**
 * product_is_like() - Is a product what somebody looks for?
 *
 * All words of the text are parts of its name, or the text is its GTIN, given as rules 1.6 take it.
 * Letters are alike in either case: Latin (ASCII and Latin-1), Greek and Cyrillic.
 *
 * @text: at most PRODUCT_NAME_SIZE - 1 bytes; blanks alone fit everything.
 *
 * Thread: any.
 * Source: schemas/rules/product.md 1.8.
 */
bool product_is_like(const struct product *product, const char *text);

enum product_effect {
    PRODUCT_SAME = 0,  /* nothing new */
    PRODUCT_SEEN = 1,  /* only the availability moved: save, tell nobody (stock has told them) */
    PRODUCT_SAVED = 2, /* the entry changed, version is one higher: save and append ProductSaved */
};

/* A new bulk product of size S without a GTIN: registration 1, version 1, everything available
 * until stock says otherwise (rules 1.1). name has at most PRODUCT_NAME_SIZE - 1 bytes.
 * registered_qty is 0 for what scans will count (rules 1.5). */
void product_init(struct product *ret_product, const char *name, int64_t registered_qty);

/* How many there are of a product that is registered without a quantity (rules 1.7). */
int64_t product_default_qty(enum tracking tracking);

/* Reads a GTIN-8, -12, -13 or -14 and gives it with 14 digits: they are one number with zeros in
 * front (GS1 General Specifications 7.9). false: another length, something that is no digit, or a
 * wrong check digit; ret_gtin is not written then. It may be digits. */
bool product_gtin_read(const char *digits, char ret_gtin[PRODUCT_GTIN_SIZE]);

/**
 * product_decide_update() - Decide what a product becomes by a wish, by news of stock, or both.
 *
 * Pure: equal inputs give equal results.
 *
 * @product:     as stored; borrowed.
 * @wish:        new name, size, GTIN; or NULL.
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
enum product_effect product_decide_update(const struct product *product,
                                          const struct product_wish *wish,
                                          const struct product_stock *stock,
                                          struct product *ret_product);

#endif

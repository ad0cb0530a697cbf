/* An asset: one unit of a serialised product, with a label of its own. Pure: no I/O, no clock, no
 * allocation. Any thread. Source: schemas/rules/stock.md 5.
 *
 *   received -> on_shelf -> picked -> in_locker -> on_hire -> returned -> checked -> on_shelf
 *                 |  ^        |  |        |                      ^ |
 *                 |  |        |  +--------|--> on_hire           | +--> quarantine -> checked
 *                 |  +--------+           +--> returned (recall)-+
 *                 +--> quarantine      picked -> returned (canceled, checked on its way back) */
#ifndef STOCK_DOMAIN_ASSET_H
#define STOCK_DOMAIN_ASSET_H

#include <stdbool.h>
#include <stdint.h>

#include "msg/common.gen.h"

#define ASSET_LABEL_SIZE 71
#define ASSET_PLACE_SIZE 77
#define ASSET_BIN_SIZE 25

struct asset {
    struct asset_id id;           /* 0 until it is stored */
    char label[ASSET_LABEL_SIZE]; /* kind:value */
    struct product_id product;
    enum asset_state state;
    char place[ASSET_PLACE_SIZE];
    char bin[ASSET_BIN_SIZE]; /* where it lay last, or lies; "": never yet */
    struct rental_id order;   /* 0: none */
    int64_t shelved_ms;       /* since when it lies on the shelf; the longest is taken first */
    int64_t version;          /* one higher with each change, from 1 */
    int64_t updated_ms;
};

/* What shall become of an asset. */
struct asset_wish {
    enum asset_state state;
    const char *place;      /* NULL: stays where it is */
    const char *bin;        /* for on_shelf, else NULL: the bin behind `place` */
    struct rental_id order; /* 0: of no order from then on */
    int64_t now_ms;
};

enum asset_verdict {
    ASSET_MOVED = 0,
    ASSET_SAME = 1,    /* it is there, and like that, already */
    ASSET_ILLEGAL = 2, /* no such move */
};

/* Whether the table of moves leads from one state into the other (rules 5.2). */
bool asset_may_move(enum asset_state from, enum asset_state to);

/**
 * asset_decide_move() - The one decision about moves, whoever asks: a scan, HTTP, a locker.
 *
 * @ret_after: written only when ASSET_MOVED is returned. Its version is one higher.
 *
 * The same state in another place is a move only on the shelf and in quarantine: from bin to bin.
 *
 * Source: schemas/rules/stock.md 5.3.
 */
enum asset_verdict asset_decide_move(const struct asset *asset, const struct asset_wish *wish,
                                     struct asset *ret_after);

/* "kind:value"; false if that is not the label of an asset. */
bool asset_label_make(enum label_kind kind, const char *value, char ret_label[ASSET_LABEL_SIZE]);

/* Writes where an asset lies, as people read it: "bin:A-01". Cuts what is too long. */
void asset_place_make(char ret_place[ASSET_PLACE_SIZE], const char *kind, const char *name);

/* 1 to 24 characters of 0-9 A-Z -: the name of a bin or tote. */
bool asset_bin_is_valid(const char *name);

#endif

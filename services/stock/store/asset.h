/* Assets and their history. SQL of this service only. Every function runs inside the transaction
 * that the runtime has open; none begins or commits. Loop thread. */
#ifndef STOCK_STORE_ASSET_H
#define STOCK_STORE_ASSET_H

#include "kit/store/db.h"
#include "kit/store/table.h"
#include "stock/domain/asset.h"

struct asset_store {
    struct kit_statements statements;
};

/* Prepares the statements. KIT_E_CORRUPT when the tables have other columns. */
int asset_store_open(struct asset_store *store, struct kit_db *db,
                     struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void asset_store_close(struct asset_store *store);

/* *ret_found is false when there is none; then *ret_asset is untouched. */
int asset_store_find(struct asset_store *store, struct asset_id id, struct asset *ret_asset,
                     bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* The same by its label, "kind:value". */
int asset_store_find_label(struct asset_store *store, const char *label, struct asset *ret_asset,
                           bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* Adds an asset of version 1 and its first history row; writes its id, counted from 1 without gaps.
 */
int asset_store_add(struct asset_store *store, struct asset *asset,
                    struct kit_error *err) KIT_MUST_CHECK;
/* The one way in which an asset changes: `after` is one version above what is stored. Adds the
 * history row. KIT_E_CONFLICT when it is not. */
int asset_store_move(struct asset_store *store, const struct asset *after,
                     struct kit_error *err) KIT_MUST_CHECK;

/* The asset of the product that lies longest on the shelf. */
int asset_store_find_oldest(struct asset_store *store, struct product_id product,
                            struct asset *ret_asset, bool *ret_found,
                            struct kit_error *err) KIT_MUST_CHECK;
/* A piece of the shelf: the assets of a product in the order in which they are to be taken. */
struct asset_shelf {
    struct product_id product;
    int64_t skip; /* those in front, which are for somebody else */
    size_t max;
};
/* Those that lie longest come first. ret_assets has room for shelf->max. */
int asset_store_list_shelf(struct asset_store *store, const struct asset_shelf *shelf,
                           struct asset *ret_assets, size_t *ret_count,
                           struct kit_error *err) KIT_MUST_CHECK;
/* The asset of the order that follows *asset in id order (id 0: the first), in its place. */
int asset_store_next_of_order(struct asset_store *store, struct rental_id order,
                              struct asset *asset, bool *ret_found,
                              struct kit_error *err) KIT_MUST_CHECK;
/* Counts the assets of the order in none of the states picked and checked. */
int asset_store_count_unfit(struct asset_store *store, struct rental_id order, int64_t *ret_count,
                            struct kit_error *err) KIT_MUST_CHECK;

/* Reads a page in id order, and counts all assets. ret_assets has room for page->size. */
int asset_store_list(struct asset_store *store, struct kit_page *page, struct asset *ret_assets,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Which assets: of an order, of a product or at a place, one of them; or all when none is given. */
struct asset_search {
    struct rental_id order;    /* 0: not given */
    struct product_id product; /* 0: not given */
    const char *place;         /* borrowed; NULL: not given */
    struct asset_id after;     /* those with a higher id */
    size_t max;
};
/* The first of them in id order. ret_assets has room for search->max. */
int asset_store_search(struct asset_store *store, const struct asset_search *search,
                       struct asset *ret_assets, size_t *ret_count,
                       struct kit_error *err) KIT_MUST_CHECK;

/* ---- the list of a scanner's session, by the scanner's number ---- */

/* Puts an asset into the list. KIT_E_CONFLICT when it is there. */
int scan_list_add(struct asset_store *store, int64_t scanner, struct asset_id asset,
                  struct kit_error *err) KIT_MUST_CHECK;
/* Writes whether this session has listed it before. */
int scan_list_has(struct asset_store *store, int64_t scanner, struct asset_id asset, bool *ret_has,
                  struct kit_error *err) KIT_MUST_CHECK;
/* Drops every row of the session: it ended, or began again. */
int scan_list_clear(struct asset_store *store, int64_t scanner,
                    struct kit_error *err) KIT_MUST_CHECK;
/* Counts the assets on the shelf in the bin that the list lacks. */
int scan_list_count_missing(struct asset_store *store, int64_t scanner, const char *bin,
                            int64_t *ret_count, struct kit_error *err) KIT_MUST_CHECK;
/* Counts those of the list that lie on the shelf in another bin. */
int scan_list_count_misplaced(struct asset_store *store, int64_t scanner, const char *bin,
                              int64_t *ret_count, struct kit_error *err) KIT_MUST_CHECK;
/* Where a walk through the list stands. */
struct scan_list_place {
    int64_t scanner;
    const char *bin;       /* NULL for scan_list_next() */
    struct asset_id after; /* the one that was found last; 0: begin */
};
/* Walks in id order; without a next one *ret_found is false. */
int scan_list_next(struct asset_store *store, const struct scan_list_place *place,
                   struct asset *ret_asset, bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* The next asset on the shelf in the bin that the list lacks, in id order. */
int scan_list_next_missing(struct asset_store *store, const struct scan_list_place *place,
                           struct asset *ret_asset, bool *ret_found,
                           struct kit_error *err) KIT_MUST_CHECK;
/* The next of the list that lies on the shelf in another bin. */
int scan_list_next_misplaced(struct asset_store *store, const struct scan_list_place *place,
                             struct asset *ret_asset, bool *ret_found,
                             struct kit_error *err) KIT_MUST_CHECK;

#endif

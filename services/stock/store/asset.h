/* Assets and their history. SQL of this service only. Every function runs inside the transaction
 * that the runtime has open; none begins or commits. Loop thread. */
#ifndef STOCK_STORE_ASSET_H
#define STOCK_STORE_ASSET_H

#include "kit/store/db.h"
#include "stock/domain/asset.h"

struct asset_store {
    struct kit_db *db; /* borrowed */
    struct kit_statements statements;
};

int asset_store_open(struct asset_store *store, struct kit_db *db,
                     struct kit_error *err) KIT_MUST_CHECK;
void asset_store_close(struct asset_store *store);

int asset_store_find(struct asset_store *store, struct asset_id id, struct asset *ret_asset,
                     bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
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
/* The next asset of the order above `after`, in id order. */
int asset_store_next_of_order(struct asset_store *store, struct rental_id order,
                              struct asset_id after, struct asset *ret_asset, bool *ret_found,
                              struct kit_error *err) KIT_MUST_CHECK;
/* Assets of the order in none of the states picked and checked. */
int asset_store_count_unfit(struct asset_store *store, struct rental_id order, int64_t *ret_count,
                            struct kit_error *err) KIT_MUST_CHECK;

/* A page in id order, page numbers from 0. Writes at most `size` assets. */
int asset_store_list(struct asset_store *store, int64_t page, int64_t size,
                     struct asset *ret_assets, size_t *ret_count,
                     struct kit_error *err) KIT_MUST_CHECK;
int asset_store_count(struct asset_store *store, int64_t *ret_count,
                      struct kit_error *err) KIT_MUST_CHECK;

/* ---- the list of a scanner's session, by the scanner's number ---- */

int scan_list_add(struct asset_store *store, int64_t scanner, struct asset_id asset,
                  struct kit_error *err) KIT_MUST_CHECK;
int scan_list_has(struct asset_store *store, int64_t scanner, struct asset_id asset, bool *ret_has,
                  struct kit_error *err) KIT_MUST_CHECK;
int scan_list_clear(struct asset_store *store, int64_t scanner,
                    struct kit_error *err) KIT_MUST_CHECK;
/* The next asset of the list above `after`, in id order. */
int scan_list_next(struct asset_store *store, int64_t scanner, struct asset_id after,
                   struct asset *ret_asset, bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Assets on the shelf in the bin that the list lacks: how many, and the next above `after`. */
int scan_list_count_missing(struct asset_store *store, int64_t scanner, const char *bin,
                            int64_t *ret_count, struct kit_error *err) KIT_MUST_CHECK;
int scan_list_count_misplaced(struct asset_store *store, int64_t scanner, const char *bin,
                              int64_t *ret_count, struct kit_error *err) KIT_MUST_CHECK;
/* What scan_list_next_missing() and scan_list_next_misplaced() look for. */
struct scan_list_gap {
    int64_t scanner;
    const char *bin;
    struct asset_id after;
};
int scan_list_next_missing(struct asset_store *store, const struct scan_list_gap *gap,
                           struct asset *ret_asset, bool *ret_found,
                           struct kit_error *err) KIT_MUST_CHECK;
/* The next of the list that lies on the shelf in another bin. */
int scan_list_next_misplaced(struct asset_store *store, const struct scan_list_gap *gap,
                             struct asset *ret_asset, bool *ret_found,
                             struct kit_error *err) KIT_MUST_CHECK;

#endif

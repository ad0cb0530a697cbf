/* The catalogue's tables: SQL of this service only. Every function runs inside the transaction that
 * the runtime has open; none begins or commits. Loop thread. */
#ifndef PRODUCT_STORE_H
#define PRODUCT_STORE_H

#include "kit/store/db.h"
#include "kit/store/table.h"
#include "product/domain.h"

#define PRODUCT_MIGRATION_COUNT 3
extern const struct kit_migration product_migrations[PRODUCT_MIGRATION_COUNT];

struct product_store {
    struct kit_statements statements;
    int64_t id_floor; /* new ids are above; 0 until a database is lost (rules 5.1) */
};

/* Prepares the statements. KIT_E_CORRUPT when the tables have other columns. */
int product_store_open(struct product_store *store, struct kit_db *db,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void product_store_close(struct product_store *store);

/* Adds a product and its first history row; writes the id that it got into *product. Ids count from
 * 1 without gaps, because products are never deleted (rules 1.2), or go on above the floor. */
int product_store_add(struct product_store *store, struct product *product, int64_t now_ms,
                      struct kit_error *err) KIT_MUST_CHECK;

/* *ret_found is false when there is none; then *ret_product is untouched. */
int product_store_find(struct product_store *store, struct product_id id,
                       struct product *ret_product, bool *ret_found,
                       struct kit_error *err) KIT_MUST_CHECK;

/* As find; absent is KIT_E_NOT_FOUND with a sentence for the client. */
int product_store_get(struct product_store *store, struct product_id id,
                      struct product *ret_product, struct kit_error *err) KIT_MUST_CHECK;

/* Finds the product that has the GTIN; at most one does (rules 1.6). */
int product_store_find_gtin(struct product_store *store, const char *gtin,
                            struct product_id *ret_id, bool *ret_found,
                            struct kit_error *err) KIT_MUST_CHECK;

/* Replaces `before` by `after`, with a history row if the version moved. KIT_E_CONFLICT when the
 * stored row is not `before` any more. */
int product_store_save(struct product_store *store, const struct product *before,
                       const struct product *after, int64_t now_ms,
                       struct kit_error *err) KIT_MUST_CHECK;

#define PRODUCT_SEARCH_BATCH 100
#define PRODUCT_SEARCH_LOOKED_AT_MAX 2000

/* The first PRODUCT_SEARCH_BATCH products with a higher id; ret_products has room for them. */
int product_store_after(struct product_store *store, struct product_id after,
                        struct product *ret_products, size_t *ret_count,
                        struct kit_error *err) KIT_MUST_CHECK;

/* How many ids up to this one have no product. */
int product_store_missing(struct product_store *store, int64_t until, int64_t *ret_count,
                          struct kit_error *err) KIT_MUST_CHECK;
/* Reads a page in id order, and counts all. ret_products has room for page->size. */
int product_store_list(struct product_store *store, struct kit_page *page,
                       struct product *ret_products, struct kit_error *err) KIT_MUST_CHECK;

/* Counts the products: the last id, as ids have no gaps. */
int product_store_count(struct product_store *store, int64_t *ret_count,
                        struct kit_error *err) KIT_MUST_CHECK;

#endif

/* The quantities of products and their ledger. SQL of this service only. Every function runs inside
 * the transaction that the runtime has open; none begins or commits. Loop thread. */
#ifndef STOCK_STORE_BALANCE_H
#define STOCK_STORE_BALANCE_H

#include "kit/store/db.h"
#include "stock/domain/balance.h"
#include "stock/domain/scan.h"

#define STOCK_MIGRATION_COUNT 10
/* Of all tables of stock: schema.c. */
extern const struct kit_migration stock_migrations[STOCK_MIGRATION_COUNT];

struct stock_store {
    struct kit_statements statements;
};

/* Prepares the statements. KIT_E_CORRUPT when the tables have other columns. */
int stock_store_open(struct stock_store *store, struct kit_db *db,
                     struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void stock_store_close(struct stock_store *store);

/* The quantities of a product. *ret_found is false for one not known here. */
int stock_store_find(struct stock_store *store, struct product_id product, struct stock *ret_stock,
                     bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* The same with what a person with a scanner is told of the product. */
int stock_store_find_item(struct stock_store *store, struct product_id product,
                          struct scan_item *ret_item, bool *ret_found,
                          struct kit_error *err) KIT_MUST_CHECK;
/* The same by the product's GTIN, of 14 digits. */
int stock_store_find_gtin(struct stock_store *store, const char *gtin, struct scan_item *ret_item,
                          bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* Stores what ProductSaved says beside quantities, of a product that is known. gtin "": none. */
int stock_store_describe(struct stock_store *store, const struct scan_item *item, const char *gtin,
                         struct kit_error *err) KIT_MUST_CHECK;

/* Writes the balance after a change and its movement. `cause` is the reservation that moved the
 * goods, which must be stored already, or NULL. KIT_E_CONFLICT when the stored row is not one
 * version below, or a CHECK says that the numbers cannot be. */
int stock_store_apply(struct stock_store *store, const struct stock_change *change,
                      const struct rental_id *cause, int64_t now_ms,
                      struct kit_error *err) KIT_MUST_CHECK;

/* The next product, lowest id first, whose last change has not been told to the world. */
int stock_store_find_untold(struct stock_store *store, struct stock *ret_stock, bool *ret_found,
                            struct kit_error *err) KIT_MUST_CHECK;
/* Notes that these quantities have been told. */
int stock_store_set_told(struct stock_store *store, const struct stock *stock,
                         struct kit_error *err) KIT_MUST_CHECK;

#endif

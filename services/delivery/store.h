/* Where deliveries are kept: the SQL of this service and nothing else. Every call runs inside the
 * loop's transaction; nothing here begins or commits one. Loop thread. */
#ifndef DELIVERY_STORE_H
#define DELIVERY_STORE_H

#include "delivery/domain.h"
#include "kit/store/db.h"

#define DELIVERY_MIGRATION_COUNT 2
extern const struct kit_migration delivery_migrations[DELIVERY_MIGRATION_COUNT];

struct delivery_store {
    struct kit_statements statements;
};

int delivery_store_open(struct delivery_store *store, struct kit_db *db,
                        struct kit_error *err) KIT_MUST_CHECK;
void delivery_store_close(struct delivery_store *store);

/* Adds a new delivery, version 1, REQUESTED or a tombstone, with its first history row.
 * KIT_E_CONFLICT when the rental has one already (rules 1.1). */
int delivery_store_add(struct delivery_store *store, const struct delivery *delivery,
                       struct kit_error *err) KIT_MUST_CHECK;

/* KIT_OK with *ret_found false when there is none; then *ret_delivery is untouched. */
int delivery_store_find(struct delivery_store *store, struct rental_id id,
                        struct delivery *ret_delivery, bool *ret_found,
                        struct kit_error *err) KIT_MUST_CHECK;

/**
 * delivery_store_apply() - The one way to change a delivery's status.
 *
 * Updates the row if it still has the status and version of *delivery, adds the history row, and
 * brings *delivery up to date. KIT_E_CONFLICT when the row has moved on or the table of moves does
 * not allow it: then nothing is written.
 * Source: schemas/rules/delivery.md 2.4.
 */
int delivery_store_apply(struct delivery_store *store, struct delivery *delivery,
                         const struct delivery_change *change,
                         struct kit_error *err) KIT_MUST_CHECK;

/* One page in id order, from page 0. ret_page->deliveries has room for size. */
struct delivery_page {
    struct delivery *deliveries;
    size_t count;
    int64_t total;
};
int delivery_store_list(struct delivery_store *store, int64_t page, int64_t size,
                        struct delivery_page *ret_page, struct kit_error *err) KIT_MUST_CHECK;

#endif

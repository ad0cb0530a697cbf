/* Where the read model is kept: the SQL of this service and nothing else. Every call runs inside
 * the loop's transaction; nothing here begins or commits one. Loop thread. */
#ifndef INFORMATION_STORE_H
#define INFORMATION_STORE_H

#include "information/domain.h"
#include "kit/store/db.h"

#define INFORMATION_MIGRATION_COUNT 2
extern const struct kit_migration information_migrations[INFORMATION_MIGRATION_COUNT];

struct information_store {
    struct kit_statements statements;
};

int information_store_open(struct information_store *store, struct kit_db *db,
                           struct kit_error *err) KIT_MUST_CHECK;
void information_store_close(struct information_store *store);

/* Finds an order, shown or not. When there is none, *ret_order is all zero but its id. */
int information_store_load(struct information_store *store, struct rental_id id,
                           struct information_order *ret_order,
                           struct kit_error *err) KIT_MUST_CHECK;

/* Writes the whole row, new or not. */
int information_store_save(struct information_store *store, const struct information_order *order,
                           struct kit_error *err) KIT_MUST_CHECK;

/* One page of the orders that are shown, in id order, from page 0. ret_page->orders has room for
 * size. */
struct information_page {
    struct information_order *orders;
    size_t count;
    int64_t total;
};
int information_store_list(struct information_store *store, int64_t page, int64_t size,
                           struct information_page *ret_page, struct kit_error *err) KIT_MUST_CHECK;

#endif

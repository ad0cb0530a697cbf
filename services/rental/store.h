/* Where rentals are kept: the SQL of this service and nothing else. Every call runs inside the
 * loop's transaction; nothing here begins or commits one. Loop thread. */
#ifndef RENTAL_STORE_H
#define RENTAL_STORE_H

#include "kit/store/table.h"
#include "rental/domain.h"

#define RENTAL_MIGRATION_COUNT 5
extern const struct kit_migration rental_migrations[RENTAL_MIGRATION_COUNT];

struct rental_store {
    struct kit_statements statements;
    int64_t id_floor; /* new ids are above; 0 until a database is lost (rules 7.1) */
};

/* KIT_E_CORRUPT: a table has other columns than this program knows. */
int rental_store_open(struct rental_store *store, struct kit_db *db,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Also after a failed open. */
void rental_store_close(struct rental_store *store);

/* Adds a new rental with its first history row. An id of 0 becomes the next one. */
int rental_store_add(struct rental_store *store, struct rental *rental,
                     struct kit_error *err) KIT_MUST_CHECK;

/* KIT_OK with *ret_found false when there is none; then *ret_rental is untouched. */
int rental_store_find(struct rental_store *store, struct rental_id id, struct rental *ret_rental,
                      bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/**
 * rental_store_apply() - The one way to change a rental's status.
 *
 * Updates the row if it still has the status and version of *rental, adds the history row, and
 * brings *rental up to date. KIT_E_CONFLICT when the row has moved on or the table of moves does
 * not allow it: then nothing is written. Source: schemas/rules/rental.md 2.4.
 */
int rental_store_apply(struct rental_store *store, struct rental *rental,
                       const struct rental_change *change, struct kit_error *err) KIT_MUST_CHECK;

/* Remembers that this version of the delivery was seen. No change of status, no new version. */
int rental_store_note(struct rental_store *store, struct rental *rental, int64_t delivery_version,
                      struct kit_error *err) KIT_MUST_CHECK;

/* One page in id order. ret_rentals has room for page->size. It costs what the page costs; below a
 * floor there are gaps, and all rows before the page are counted. */
int rental_store_list(struct rental_store *store, struct kit_page *page, struct rental *ret_rentals,
                      struct kit_error *err) KIT_MUST_CHECK;
/* How many ids up to this one have no rental. */
int rental_store_missing(struct rental_store *store, int64_t until, int64_t *ret_count,
                         struct kit_error *err) KIT_MUST_CHECK;

#endif

/* Where deliveries are kept: the SQL of this service and nothing else. Every call runs inside the
 * loop's transaction; nothing here begins or commits one. Loop thread. */
#ifndef DELIVERY_STORE_DELIVERY_H
#define DELIVERY_STORE_DELIVERY_H

#include "delivery/domain/delivery.h"
#include "kit/store/db.h"
#include "kit/store/table.h"

#define DELIVERY_MIGRATION_COUNT 19
extern const struct kit_migration delivery_migrations[DELIVERY_MIGRATION_COUNT];

struct delivery_store {
    struct kit_statements statements;
};

/* Prepares the statements. KIT_E_CORRUPT when the tables have other columns. */
int delivery_store_open(struct delivery_store *store, struct kit_db *db,
                        struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
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
 * delivery_store_apply() - The one way to change what is told of a delivery.
 *
 * Updates the row if it still has the status and version of *delivery, adds the history row, and
 * brings *delivery up to date. A move to another status ends the wish. KIT_E_CONFLICT when
 * the row has moved on or the table of moves does not allow it: then nothing is written. Source:
 * schemas/rules/delivery.md 2.4, 2.5.
 */
int delivery_store_apply(struct delivery_store *store, struct delivery *delivery,
                         const struct delivery_change *change,
                         struct kit_error *err) KIT_MUST_CHECK;

/* Saves what is not told: wish, issue_count, stock_has_goods. No new version. KIT_E_CONFLICT
 * when the row has moved on. */
int delivery_store_note(struct delivery_store *store, const struct delivery *delivery,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Writes whose the delivery is, where that was not known: a cancel has overtaken its order, which
 * alone says it (rules 1.4, 5.1). */
int delivery_store_set_account(struct delivery_store *store, const struct delivery_order *order,
                               struct kit_error *err) KIT_MUST_CHECK;

/* Ids of some deliveries, in id order. */
#define DELIVERY_IDS_MAX 64
struct delivery_ids {
    struct rental_id ids[DELIVERY_IDS_MAX];
    size_t count;
};
/* Those that wait for a compartment (rules 7.3): PICKED or RETURNING without one. Above that id. */
int delivery_store_waiting(struct delivery_store *store, struct rental_id after,
                           struct delivery_ids *ret_ids, struct kit_error *err) KIT_MUST_CHECK;
/* The lowest id above `after` of those that wait and need at most so many units; 0: none. */
int delivery_store_first_fitting(struct delivery_store *store, struct rental_id after,
                                 int64_t units, struct rental_id *ret_id,
                                 struct kit_error *err) KIT_MUST_CHECK;
/* Counts the orders that have no compartment and need one. */
int delivery_store_waiting_count(struct delivery_store *store, int64_t *ret_count,
                                 struct kit_error *err) KIT_MUST_CHECK;
/* Those whose deadline has passed and of which no end is wished yet, with a compartment at whose
 * door nothing happens now (rules 6.3). */
int delivery_store_overdue(struct delivery_store *store, int64_t now_ms,
                           struct delivery_ids *ret_ids, struct kit_error *err) KIT_MUST_CHECK;
/* Those in a locker of which an end is wished. */
int delivery_store_ending(struct delivery_store *store, const char *locker,
                          struct delivery_ids *ret_ids, struct kit_error *err) KIT_MUST_CHECK;

/* Reads a page in id order, and counts all. ret_deliveries has room for page->size. */
int delivery_store_list(struct delivery_store *store, struct kit_page *page,
                        struct delivery *ret_deliveries, struct kit_error *err) KIT_MUST_CHECK;

#endif

/* Where the read model is kept: the SQL of this service and nothing else. Every call runs inside
 * the loop's transaction; nothing here begins or commits one. Loop thread. */
#ifndef INFORMATION_STORE_H
#define INFORMATION_STORE_H

#include "information/domain.h"
#include "kit/store/table.h"

#define INFORMATION_MIGRATION_COUNT 5
extern const struct kit_migration information_migrations[INFORMATION_MIGRATION_COUNT];

struct information_store {
    struct kit_statements statements;
};

/* KIT_E_CORRUPT: a table has other columns than this program knows. */
int information_store_open(struct information_store *store, struct kit_db *db,
                           struct kit_error *err) KIT_MUST_CHECK;
/* Also after a failed open. */
void information_store_close(struct information_store *store);

/* Finds an order, shown or not. When there is none, *ret_order is all zero but its id. */
int information_store_load(struct information_store *store, struct rental_id id,
                           struct information_order *ret_order,
                           struct kit_error *err) KIT_MUST_CHECK;

/* Writes the whole row, new or not. */
int information_store_save(struct information_store *store, const struct information_order *order,
                           struct kit_error *err) KIT_MUST_CHECK;

/* One page of the orders that customers can see, in id order. ret_orders has room for page->size.
 */
int information_store_list(struct information_store *store, struct kit_page *page,
                           struct information_order *ret_orders,
                           struct kit_error *err) KIT_MUST_CHECK;

/* A row of orders along an index, all of one kind (rules 1.8). Members that are 0 or NULL do not
 * count; product and locker are never both given, and come with a state. */
struct information_row {
    enum order_state state;
    struct product_id product;
    const char *locker; /* borrowed */
    bool is_newest;     /* the newest first */
    int64_t owner;      /* of that account alone */
};

/* The next order of a row behind the place `from`, an id that is not of the row's own; 0: from its
 * start. *ret_id is all zero behind the last. One step along an index. */
int information_store_next(struct information_store *store, const struct information_row *row,
                           struct rental_id from, struct rental_id *ret_id,
                           struct kit_error *err) KIT_MUST_CHECK;

#define INFORMATION_STEPS_MAX 200

/* Adds a step; one that is there already changes nothing (rules 3.2). */
int information_store_add_step(struct information_store *store, const struct information_step *step,
                               struct kit_error *err) KIT_MUST_CHECK;
/* Writes the actor into the steps of that order, type and version; there may be none. */
int information_store_name_actor(struct information_store *store,
                                 const struct information_step *step,
                                 struct kit_error *err) KIT_MUST_CHECK;
/* The newest steps of an order, the oldest of them first; ret_steps has room for
 * INFORMATION_STEPS_MAX. */
int information_store_list_steps(struct information_store *store, struct rental_id id,
                                 struct information_step *ret_steps, size_t *ret_count,
                                 struct kit_error *err) KIT_MUST_CHECK;

#endif

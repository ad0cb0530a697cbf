/* The SQL of rental. Statements are prepared at open, so that a typo fails the start. Never begins
 * or commits. Loop thread. */
#include "rental/store.h"

#include <inttypes.h>
#include <stdio.h>

#include "catalogue/catalogue.h"
#include "kit/base/check.h"

/* History refers to rental, so it steps aside while rental is built anew. */
#define LOCKER_MIGRATION                                                                           \
    "CREATE TABLE history_before AS SELECT * FROM rental_history;"                                 \
    "DROP TABLE rental_history;"                                                                   \
    "ALTER TABLE rental RENAME TO rental_before;"                                                  \
    "CREATE TABLE rental ("                                                                        \
    "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"                          \
    "  product_id INTEGER NOT NULL CHECK (product_id >= 1),"                                       \
    "  product_name TEXT CHECK (product_name <> ''),"                                              \
    "  qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"                                    \
    "  fulfilment INTEGER NOT NULL CHECK (fulfilment BETWEEN 1 AND 2),"                            \
    "  locker TEXT CHECK (locker <> ''),"                                                          \
    "  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 10),"                                   \
    "  reason TEXT CHECK (reason <> ''),"                                                          \
    "  version INTEGER NOT NULL CHECK (version >= 1),"                                             \
    "  ordered_at_ms INTEGER NOT NULL CHECK (ordered_at_ms >= 0),"                                 \
    "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"                                 \
    "  delivery_version INTEGER NOT NULL CHECK (delivery_version >= 0),"                           \
    "  CHECK (status <> 1 OR version = 1),"                                                        \
    "  CHECK (status = 1 OR delivery_version >= 1)"                                                \
    ") STRICT;"                                                                                    \
    "INSERT INTO rental SELECT id, product_id, product_name, qty, fulfilment, NULL, status,"       \
    "  reason, version, ordered_at_ms, updated_at_ms, delivery_version FROM rental_before;"        \
    "DROP TABLE rental_before;"                                                                    \
    "CREATE TABLE rental_history ("                                                                \
    "  rental_id INTEGER NOT NULL REFERENCES rental (id),"                                         \
    "  version INTEGER NOT NULL CHECK (version >= 1),"                                             \
    "  from_status INTEGER CHECK (from_status BETWEEN 1 AND 10),"                                  \
    "  to_status INTEGER NOT NULL CHECK (to_status BETWEEN 1 AND 10),"                             \
    "  reason TEXT,"                                                                               \
    "  at_ms INTEGER NOT NULL,"                                                                    \
    "  PRIMARY KEY (rental_id, version),"                                                          \
    "  CHECK ((from_status IS NULL) = (version = 1))"                                              \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "INSERT INTO rental_history SELECT * FROM history_before;"                                     \
    "DROP TABLE history_before;"

/* Append-only. 1: ORDERED, 2: DELIVERED, 3: CANCELED, 4: out of stock, 5: unregistered product; 6:
 * RESERVED, 7: PICKED, 8: READY, 9: RETURNED, 10: EXPIRED. */
const struct kit_migration rental_migrations[RENTAL_MIGRATION_COUNT] = {
    { "rentals",
      "CREATE TABLE rental ("
      "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      "  product_id INTEGER NOT NULL CHECK (product_id >= 1),"
      "  product_name TEXT CHECK (product_name <> ''),"
      "  qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"
      "  fulfilment INTEGER NOT NULL CHECK (fulfilment = 1),"
      "  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 5),"
      "  reason TEXT CHECK (reason <> ''),"
      "  version INTEGER NOT NULL CHECK (version >= 1),"
      "  ordered_at_ms INTEGER NOT NULL CHECK (ordered_at_ms >= 0),"
      "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"
      "  delivery_version INTEGER NOT NULL CHECK (delivery_version >= 0),"
      "  CHECK (status <> 1 OR version = 1),"         /* nothing leads back to ORDERED */
      "  CHECK (status = 1 OR delivery_version >= 1)" /* only delivery's word leads out of it */
      ") STRICT;"
      "CREATE TABLE rental_history ("
      "  rental_id INTEGER NOT NULL REFERENCES rental (id),"
      "  version INTEGER NOT NULL CHECK (version >= 1),"
      "  from_status INTEGER CHECK (from_status BETWEEN 1 AND 5)," /* NULL: it was ordered */
      "  to_status INTEGER NOT NULL CHECK (to_status BETWEEN 1 AND 5),"
      "  reason TEXT,"
      "  at_ms INTEGER NOT NULL,"
      "  PRIMARY KEY (rental_id, version),"
      "  CHECK ((from_status IS NULL) = (version = 1))"
      ") STRICT, WITHOUT ROWID;" },
    { "products", CATALOGUE_MIGRATION },
    { "lockers", LOCKER_MIGRATION },
    { "product kinds", CATALOGUE_KINDS_MIGRATION },
};

enum rental_query {
    Q_ADD = 0,
    Q_HISTORY_ADD,
    Q_GET,
    Q_APPLY,
    Q_NOTE,
    Q_LIST,
    Q_COUNT,
    QUERY_COUNT,
};

#define RENTAL_COLUMNS                                                                             \
    "id, product_id, product_name, qty, fulfilment, status, reason, version, ordered_at_ms,"       \
    " updated_at_ms, delivery_version, locker"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD] = "INSERT INTO rental (product_id, product_name, qty, fulfilment, status, reason,"
              " version, ordered_at_ms, updated_at_ms, delivery_version, locker) VALUES"
              " (?, nullif(?, ''), ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, nullif(?, ''))"
              " RETURNING id",
    [Q_HISTORY_ADD] = "INSERT INTO rental_history"
                      " (rental_id, version, from_status, to_status, reason, at_ms)"
                      " VALUES (?, ?, nullif(?, 0), ?, nullif(?, ''), ?)",
    [Q_GET] = "SELECT " RENTAL_COLUMNS " FROM rental WHERE id = ?",
    [Q_APPLY] = "UPDATE rental SET status = ?, reason = nullif(?, ''), version = version + 1,"
                " updated_at_ms = ?, delivery_version = ?"
                " WHERE id = ? AND status = ? AND version = ?",
    [Q_NOTE] = "UPDATE rental SET delivery_version = ? WHERE id = ? AND version = ?",
    /* Nothing is deleted (rules 1.4), so ids have no gaps: a page begins at a known id, and the
     * last id is the count. */
    [Q_LIST] = "SELECT " RENTAL_COLUMNS " FROM rental WHERE id > ? ORDER BY id LIMIT ?",
    [Q_COUNT] = "SELECT coalesce(max(id), 0) FROM rental",
};

int rental_store_open(struct rental_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_statements_prepare(&store->statements, db, QUERIES, QUERY_COUNT, err);
}

void rental_store_close(struct rental_store *store)
{
    kit_statements_done(&store->statements);
}

static void read_row(struct kit_query *q, struct rental *ret)
{
    ret->id.v = kit_query_col_int(q, 0);
    ret->product_id.v = kit_query_col_int(q, 1);
    kit_query_col_text(q, 2, ret->product_name, sizeof(ret->product_name));
    ret->qty = kit_query_col_int(q, 3);
    ret->fulfilment = (enum fulfilment)kit_query_col_int(q, 4);
    ret->status = (enum rental_status)kit_query_col_int(q, 5);
    kit_query_col_text(q, 6, ret->reason, sizeof(ret->reason));
    ret->version = kit_query_col_int(q, 7);
    ret->ordered_at_ms = kit_query_col_int(q, 8);
    ret->updated_at_ms = kit_query_col_int(q, 9);
    ret->delivery_version = kit_query_col_int(q, 10);
    kit_query_col_text(q, 11, ret->locker, sizeof(ret->locker));
}

/* from 0: the rental is new. */
static int add_history(struct rental_store *store, const struct rental *rental, int64_t from,
                       struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_HISTORY_ADD);
    kit_query_int(&q, rental->id.v);
    kit_query_int(&q, rental->version);
    kit_query_int(&q, from);
    kit_query_int(&q, rental->status);
    kit_query_text(&q, rental->reason);
    kit_query_int(&q, rental->updated_at_ms);
    return kit_query_run(&q, NULL, err);
}

int rental_store_add(struct rental_store *store, struct rental *rental, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    bool found = false;
    int64_t id = 0;

    struct kit_query q = kit_query_start(&store->statements, Q_ADD);
    kit_query_int(&q, rental->product_id.v);
    kit_query_text(&q, rental->product_name);
    kit_query_int(&q, rental->qty);
    kit_query_int(&q, rental->fulfilment);
    kit_query_int(&q, rental->status);
    kit_query_text(&q, rental->reason);
    kit_query_int(&q, rental->version);
    kit_query_int(&q, rental->ordered_at_ms);
    kit_query_int(&q, rental->updated_at_ms);
    kit_query_int(&q, rental->delivery_version);
    kit_query_text(&q, rental->locker);
    int rc = kit_query_row(&q, &found, err);
    if (rc == KIT_OK && found)
        id = kit_query_col_int(&q, 0);
    kit_query_end(&q);
    if (rc != KIT_OK)
        return rc;

    CHECK(found); /* INSERT ... RETURNING gives a row or fails */
    rental->id.v = id;
    return add_history(store, rental, 0, err);
}

int rental_store_find(struct rental_store *store, struct rental_id id, struct rental *ret_rental,
                      bool *ret_found, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    struct kit_query q = kit_query_start(&store->statements, Q_GET);
    kit_query_int(&q, id.v);
    int rc = kit_query_row(&q, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        read_row(&q, ret_rental);
    kit_query_end(&q);
    return rc;
}

int rental_store_apply(struct rental_store *store, struct rental *rental,
                       const struct rental_change *change, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    if (!rental_may_move(rental->status, change->to))
        return kit_error_set(err, KIT_E_CONFLICT, "rental %" PRId64 ": no move from %d to %d",
                             rental->id.v, (int)rental->status, (int)change->to);

    int changes = 0;
    struct kit_query q = kit_query_start(&store->statements, Q_APPLY);
    kit_query_int(&q, change->to);
    kit_query_text(&q, change->reason);
    kit_query_int(&q, change->at_ms);
    kit_query_int(&q, change->delivery_version);
    kit_query_int(&q, rental->id.v);
    kit_query_int(&q, rental->status);
    kit_query_int(&q, rental->version);
    int rc = kit_query_run(&q, &changes, err);
    if (rc != KIT_OK)
        return rc;
    if (changes != 1)
        return kit_error_set(err, KIT_E_CONFLICT, "rental %" PRId64 " changed meanwhile",
                             rental->id.v);

    int64_t from = rental->status;
    rental->status = change->to;
    rental->version++;
    rental->updated_at_ms = change->at_ms;
    rental->delivery_version = change->delivery_version;
    (void)snprintf(rental->reason, sizeof(rental->reason), "%s", change->reason);
    return add_history(store, rental, from, err);
}

int rental_store_note(struct rental_store *store, struct rental *rental, int64_t delivery_version,
                      struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    int changes = 0;
    struct kit_query q = kit_query_start(&store->statements, Q_NOTE);
    kit_query_int(&q, delivery_version);
    kit_query_int(&q, rental->id.v);
    kit_query_int(&q, rental->version);
    int rc = kit_query_run(&q, &changes, err);
    if (rc != KIT_OK)
        return rc;
    if (changes != 1)
        return kit_error_set(err, KIT_E_CONFLICT, "rental %" PRId64 " changed meanwhile",
                             rental->id.v);
    rental->delivery_version = delivery_version;
    return KIT_OK;
}

int rental_store_list(struct rental_store *store, int64_t page, int64_t size,
                      struct rental_page *ret_page, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    bool found = true;
    ret_page->count = 0;

    struct kit_query q = kit_query_start(&store->statements, Q_LIST);
    kit_query_int(&q, page * size);
    kit_query_int(&q, size);
    int rc = kit_query_row(&q, &found, err);
    while (rc == KIT_OK && found && ret_page->count < (size_t)size) {
        read_row(&q, &ret_page->rentals[ret_page->count++]);
        rc = kit_query_row(&q, &found, err);
    }
    kit_query_end(&q);
    return rc == KIT_OK ? kit_query_one_int(&store->statements, Q_COUNT, &ret_page->total, err)
                        : rc;
}

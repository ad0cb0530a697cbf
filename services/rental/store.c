/* The SQL of rental. Statements are prepared at open, so that a typo fails the start. Never begins
 * or commits. Loop thread. */
#include "rental/store.h"

#include <inttypes.h>

#include "catalogue/catalogue.h"
#include "kit/base/text.h"

/* History refers to rental, so it steps aside while rental is built again. */
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
    { "accounts",
      "ALTER TABLE rental ADD COLUMN account INTEGER CHECK (account >= 1);"
      "CREATE INDEX rental_account ON rental (account, id) WHERE account IS NOT NULL;" },
};

enum rental_query {
    Q_ADD = 0,
    Q_HISTORY_ADD,
    Q_GET,
    Q_APPLY,
    Q_NOTE,
    Q_LIST,
    Q_COUNT,
    Q_LIST_GAPS,
    Q_COUNT_GAPS,
    Q_LIST_OWN,
    Q_COUNT_OWN,
    Q_NEXT,
    Q_MISSING,
    QUERY_COUNT,
};

#define RENTAL_CHANGING(X, AND)                                                                    \
    X(INT, status, status)                                                                         \
    AND X(TEXT0, reason, reason)                                                                   \
    AND X(INT, updated_at_ms, updated_at_ms)                                                       \
    AND X(INT, delivery_version, delivery_version)
#define RENTAL_COLUMNS(X, AND)                                                                     \
    X(INT0, id, id.v) /* 0: SQLite gives the next one */                                           \
    AND X(INT, product_id, product_id.v) AND X(TEXT0, product_name, product_name)                  \
    AND X(INT, qty, qty)                                                                           \
    AND X(INT, fulfilment, fulfilment)                                                             \
    AND X(TEXT0, locker, locker)                                                                   \
    AND X(INT0, account, account)                                                                  \
    AND X(INT, version, version)                                                                   \
    AND X(INT, ordered_at_ms, ordered_at_ms)                                                       \
    AND RENTAL_CHANGING(X, AND)
/* The rental after a change; where it came from stands behind these. */
#define HISTORY_COLUMNS(X, AND)                                                                    \
    X(INT, rental_id, id.v)                                                                        \
    AND X(INT, version, version)                                                                   \
    AND X(INT, to_status, status)                                                                  \
    AND X(TEXT0, reason, reason)                                                                   \
    AND X(INT, at_ms, updated_at_ms)
#define HISTORY KIT_COLUMN_NAMES(HISTORY_COLUMNS) ", from_status"

static const struct kit_table TABLES[] = {
    KIT_TABLE(rental, RENTAL_COLUMNS),
    { .name = "rental_history", .columns = HISTORY },
};

KIT_ROW_FUNCTIONS(rental, struct rental, RENTAL_COLUMNS);
KIT_ROW_BIND(changing, struct rental, RENTAL_CHANGING);
KIT_ROW_BIND(history, struct rental, HISTORY_COLUMNS);

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD] = KIT_INSERT(rental, RENTAL_COLUMNS) " RETURNING id",
    [Q_HISTORY_ADD] = KIT_INSERT_WITH(rental_history, HISTORY_COLUMNS, "from_status", "?"),
    [Q_GET] = "SELECT " KIT_COLUMN_NAMES(RENTAL_COLUMNS) " FROM rental WHERE id = ?",
    [Q_APPLY] = "UPDATE rental SET " KIT_COLUMN_SETS(
        RENTAL_CHANGING) ", version = version + 1"
                         " WHERE id = ? AND status = ? AND version = ?",
    [Q_NOTE] = "UPDATE rental SET delivery_version = ? WHERE id = ? AND version = ?",
    /* Nothing is deleted (rules 1.4), so ids have no gaps until a database is lost (rules 7): a
     * page begins at a known id, and the last id is the count. */
    [Q_LIST] = "SELECT " KIT_COLUMN_NAMES(RENTAL_COLUMNS) " FROM rental WHERE id > ?1"
                                                          " ORDER BY id LIMIT ?2",
    [Q_COUNT] = "SELECT coalesce(max(id), 0) FROM rental",
    [Q_LIST_GAPS] = "SELECT " KIT_COLUMN_NAMES(RENTAL_COLUMNS) " FROM rental"
                                                               " ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_COUNT_GAPS] = "SELECT count(*) FROM rental",
    [Q_LIST_OWN] = "SELECT " KIT_COLUMN_NAMES(
        RENTAL_COLUMNS) " FROM rental WHERE account = ?3 ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_COUNT_OWN] = "SELECT count(*) FROM rental WHERE account = ?1",
    [Q_NEXT] = "SELECT max(coalesce(max(id), 0), ?) + 1 FROM rental",
    [Q_MISSING] = "SELECT ?1 - count(*) FROM rental WHERE id <= ?1",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int rental_store_open(struct rental_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void rental_store_close(struct rental_store *store)
{
    kit_statements_done(&store->statements);
}

/* from 0: the rental is new. */
static int add_history(struct rental_store *store, const struct rental *rental, int64_t from,
                       struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_HISTORY_ADD);
    history_bind(&query, rental);
    kit_query_int_or_null(&query, from);
    return kit_query_run(&query, NULL, err);
}

static int take_next_id(struct rental_store *store, struct rental_id *ret_id, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_NEXT);
    kit_query_int(&query, store->id_floor);
    return kit_query_number(&query, &ret_id->v, err);
}

int rental_store_add(struct rental_store *store, struct rental *rental, struct kit_error *err)
{
    if (rental->id.v == 0 && store->id_floor > 0) {
        int rc = take_next_id(store, &rental->id, err);
        if (rc != KIT_OK)
            return rc;
    }
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    rental_bind(&query, rental);
    int rc = kit_query_number(&query, &rental->id.v, err);
    if (rc != KIT_OK)
        return rc;
    return add_history(store, rental, 0, err);
}

int rental_store_missing(struct rental_store *store, int64_t until, int64_t *ret_count,
                         struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_MISSING);
    kit_query_int(&query, until);
    return kit_query_number(&query, ret_count, err);
}

int rental_store_find(struct rental_store *store, struct rental_id id, struct rental *ret_rental,
                      bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_GET);
    kit_query_int(&query, id.v);
    return rental_read_one(&query, ret_rental, ret_found, err);
}

int rental_store_apply(struct rental_store *store, struct rental *rental,
                       const struct rental_change *change, struct kit_error *err)
{
    if (!rental_may_move(rental->status, change->to))
        return kit_error_set(err, KIT_E_CONFLICT, "rental %" PRId64 ": no move from %d to %d",
                             rental->id.v, (int)rental->status, (int)change->to);

    struct rental after = *rental;
    after.status = change->to;
    after.version++;
    after.updated_at_ms = change->at_ms;
    after.delivery_version = change->delivery_version;
    kit_text_copy(after.reason, sizeof(after.reason), change->reason);

    struct kit_query query = kit_query_start(&store->statements, Q_APPLY);
    changing_bind(&query, &after);
    kit_query_int(&query, rental->id.v);
    kit_query_int(&query, rental->status);
    kit_query_int(&query, rental->version);
    int rc = kit_query_run_one(&query, "rental", rental->id.v, err);
    if (rc != KIT_OK)
        return rc;

    const enum rental_status from = rental->status;
    *rental = after;
    return add_history(store, rental, from, err);
}

int rental_store_note(struct rental_store *store, struct rental *rental, int64_t delivery_version,
                      struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_NOTE);
    kit_query_int(&query, delivery_version);
    kit_query_int(&query, rental->id.v);
    kit_query_int(&query, rental->version);
    int rc = kit_query_run_one(&query, "rental", rental->id.v, err);
    if (rc != KIT_OK)
        return rc;
    rental->delivery_version = delivery_version;
    return KIT_OK;
}

int rental_store_list(struct rental_store *store, struct kit_page *page, struct rental *ret_rentals,
                      struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    static const struct kit_page_queries LIST_GAPS = { Q_LIST_GAPS, Q_COUNT_GAPS };
    static const struct kit_page_queries LIST_OWN = { Q_LIST_OWN, Q_COUNT_OWN };
    if (page->owner != 0)
        return rental_read_page(&store->statements, &LIST_OWN, page, ret_rentals, err);
    return rental_read_page(&store->statements, store->id_floor > 0 ? &LIST_GAPS : &LIST, page,
                            ret_rentals, err);
}

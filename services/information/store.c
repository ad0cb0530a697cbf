/* The SQL of information. Statements are prepared at open, so that a typo fails the start. Never
 * begins or commits. Loop thread. */
#include "information/store.h"

#include "kit/base/check.h"

#define LOCKER_MIGRATION                                                                           \
    "ALTER TABLE my_order RENAME TO order_before;"                                                 \
    "CREATE TABLE my_order ("                                                                      \
    "  rental_id INTEGER PRIMARY KEY CHECK (rental_id BETWEEN 1 AND 9007199254740991),"            \
    "  product_id INTEGER CHECK (product_id >= 1),"                                                \
    "  product_name TEXT CHECK (product_name <> ''),"                                              \
    "  rental_qty INTEGER CHECK (rental_qty BETWEEN 1 AND 1000000),"                               \
    "  rental_status INTEGER CHECK (rental_status BETWEEN 1 AND 10),"                              \
    "  rental_reason TEXT CHECK (rental_reason <> ''),"                                            \
    "  rental_version INTEGER NOT NULL CHECK (rental_version >= 0),"                               \
    "  ordered_at_ms INTEGER CHECK (ordered_at_ms >= 0),"                                          \
    "  delivery_status INTEGER CHECK (delivery_status BETWEEN 1 AND 11),"                          \
    "  delivery_reason TEXT CHECK (delivery_reason <> ''),"                                        \
    "  delivery_version INTEGER NOT NULL CHECK (delivery_version >= 0),"                           \
    "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"                                 \
    "  locker TEXT CHECK (locker <> ''),"                                                          \
    "  compartment INTEGER CHECK (compartment BETWEEN 1 AND 16),"                                  \
    "  collect_by_ms INTEGER CHECK (collect_by_ms > 0),"                                           \
    "  CHECK (rental_version > 0 OR delivery_version > 0),"                                        \
    "  CHECK ((rental_version = 0) = (product_id IS NULL)),"                                       \
    "  CHECK ((rental_version = 0) = (rental_qty IS NULL)),"                                       \
    "  CHECK ((rental_version = 0) = (rental_status IS NULL)),"                                    \
    "  CHECK ((rental_version = 0) = (ordered_at_ms IS NULL)),"                                    \
    "  CHECK ((delivery_version = 0) = (delivery_status IS NULL))"                                 \
    ") STRICT;"                                                                                    \
    "INSERT INTO my_order SELECT *, NULL, NULL, NULL FROM order_before;"                           \
    "DROP TABLE order_before;"

/* Append-only. A part whose version is 0 is not known yet, and its columns are NULL. */
const struct kit_migration information_migrations[INFORMATION_MIGRATION_COUNT] = {
    { "orders", "CREATE TABLE my_order ("
                "  rental_id INTEGER PRIMARY KEY CHECK (rental_id BETWEEN 1 AND 9007199254740991),"
                "  product_id INTEGER CHECK (product_id >= 1),"
                "  product_name TEXT CHECK (product_name <> ''),"
                "  rental_qty INTEGER CHECK (rental_qty BETWEEN 1 AND 1000000),"
                "  rental_status INTEGER CHECK (rental_status BETWEEN 1 AND 5),"
                "  rental_reason TEXT CHECK (rental_reason <> ''),"
                "  rental_version INTEGER NOT NULL CHECK (rental_version >= 0),"
                "  ordered_at_ms INTEGER CHECK (ordered_at_ms >= 0),"
                "  delivery_status INTEGER CHECK (delivery_status BETWEEN 1 AND 5),"
                "  delivery_reason TEXT CHECK (delivery_reason <> ''),"
                "  delivery_version INTEGER NOT NULL CHECK (delivery_version >= 0),"
                "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"
                "  CHECK (rental_version > 0 OR delivery_version > 0),"
                "  CHECK ((rental_version = 0) = (product_id IS NULL)),"
                "  CHECK ((rental_version = 0) = (rental_qty IS NULL)),"
                "  CHECK ((rental_version = 0) = (rental_status IS NULL)),"
                "  CHECK ((rental_version = 0) = (ordered_at_ms IS NULL)),"
                "  CHECK ((delivery_version = 0) = (delivery_status IS NULL))"
                ") STRICT;" },
    { "lockers", LOCKER_MIGRATION },
};

enum information_query {
    Q_SAVE = 0,
    Q_GET,
    Q_LIST,
    Q_COUNT,
    QUERY_COUNT,
};

#define ORDER_COLUMNS                                                                              \
    "rental_id, product_id, product_name, rental_qty, rental_status, rental_reason,"               \
    " rental_version, ordered_at_ms, delivery_status, delivery_reason, delivery_version,"          \
    " updated_at_ms, locker, compartment, collect_by_ms"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_SAVE] = "INSERT OR REPLACE INTO my_order (" ORDER_COLUMNS ")"
               " VALUES (?, ?, nullif(?, ''), ?, ?, nullif(?, ''), ?, ?, ?, nullif(?, ''), ?, ?,"
               " nullif(?, ''), nullif(?, 0), nullif(?, 0))",
    [Q_GET] = "SELECT " ORDER_COLUMNS " FROM my_order WHERE rental_id = ?",
    [Q_LIST] = "SELECT " ORDER_COLUMNS " FROM my_order WHERE rental_version > 0"
               " ORDER BY rental_id LIMIT ? OFFSET ?",
    [Q_COUNT] = "SELECT count(*) FROM my_order WHERE rental_version > 0",
};

int information_store_open(struct information_store *store, struct kit_db *db,
                           struct kit_error *err)
{
    return kit_statements_prepare(&store->statements, db, QUERIES, QUERY_COUNT, err);
}

void information_store_close(struct information_store *store)
{
    kit_statements_done(&store->statements);
}

static void read_row(struct kit_query *q, struct information_order *ret)
{
    ret->id.v = kit_query_col_int(q, 0);
    ret->rental.product_id.v = kit_query_col_int(q, 1);
    kit_query_col_text(q, 2, ret->rental.product_name, sizeof(ret->rental.product_name));
    ret->rental.qty = kit_query_col_int(q, 3);
    ret->rental.status = (enum rental_status)kit_query_col_int(q, 4);
    kit_query_col_text(q, 5, ret->rental.reason, sizeof(ret->rental.reason));
    ret->rental.version = kit_query_col_int(q, 6);
    ret->rental.ordered_at_ms = kit_query_col_int(q, 7);
    ret->delivery.status = (enum delivery_status)kit_query_col_int(q, 8);
    kit_query_col_text(q, 9, ret->delivery.reason, sizeof(ret->delivery.reason));
    ret->delivery.version = kit_query_col_int(q, 10);
    ret->updated_at_ms = kit_query_col_int(q, 11);
    kit_query_col_text(q, 12, ret->delivery.locker, sizeof(ret->delivery.locker));
    ret->delivery.compartment = kit_query_col_int(q, 13);
    ret->delivery.collect_by_ms = kit_query_col_int(q, 14);
}

int information_store_load(struct information_store *store, struct rental_id id,
                           struct information_order *ret_order, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    bool found = false;

    struct kit_query q = kit_query_start(&store->statements, Q_GET);
    kit_query_int(&q, id.v);
    int rc = kit_query_row(&q, &found, err);
    if (rc == KIT_OK) {
        *ret_order = (struct information_order){ .id = id };
        if (found)
            read_row(&q, ret_order);
    }
    kit_query_end(&q);
    return rc;
}

static void bind_if(struct kit_query *q, bool is_known, int64_t value)
{
    if (is_known)
        kit_query_int(q, value);
    else
        kit_query_null(q);
}

int information_store_save(struct information_store *store, const struct information_order *order,
                           struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    const struct information_rental *rental = &order->rental;
    const struct information_delivery *delivery = &order->delivery;
    bool has_rental = rental->version > 0;

    struct kit_query q = kit_query_start(&store->statements, Q_SAVE);
    kit_query_int(&q, order->id.v);
    bind_if(&q, has_rental, rental->product_id.v);
    kit_query_text(&q, rental->product_name);
    bind_if(&q, has_rental, rental->qty);
    bind_if(&q, has_rental, rental->status);
    kit_query_text(&q, rental->reason);
    kit_query_int(&q, rental->version);
    bind_if(&q, has_rental, rental->ordered_at_ms);
    bind_if(&q, delivery->version > 0, delivery->status);
    kit_query_text(&q, delivery->reason);
    kit_query_int(&q, delivery->version);
    kit_query_int(&q, order->updated_at_ms);
    kit_query_text(&q, delivery->locker);
    kit_query_int(&q, delivery->compartment);
    kit_query_int(&q, delivery->collect_by_ms);
    return kit_query_run(&q, NULL, err);
}

int information_store_list(struct information_store *store, int64_t page, int64_t size,
                           struct information_page *ret_page, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    bool found = false;
    ret_page->count = 0;

    struct kit_query q = kit_query_start(&store->statements, Q_LIST);
    kit_query_int(&q, size);
    kit_query_int(&q, page * size);
    int rc = kit_query_row(&q, &found, err);
    while (rc == KIT_OK && found && ret_page->count < (size_t)size) {
        read_row(&q, &ret_page->orders[ret_page->count++]);
        rc = kit_query_row(&q, &found, err);
    }
    kit_query_end(&q);
    return rc == KIT_OK ? kit_query_one_int(&store->statements, Q_COUNT, &ret_page->total, err)
                        : rc;
}

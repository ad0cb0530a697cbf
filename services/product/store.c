/* The catalogue's tables. Statements are prepared at open, so a typo fails the start. */
#include "product/store.h"

#include <inttypes.h>

#include "kit/store/table.h"

/* Append-only: never change a migration that was released. */
const struct kit_migration product_migrations[PRODUCT_MIGRATION_COUNT] = {
    { "1: products and their versions",
      "CREATE TABLE product ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),"
      " registered_qty INTEGER NOT NULL CHECK (registered_qty BETWEEN 1 AND 1000000),"
      " registration INTEGER NOT NULL CHECK (registration BETWEEN 1 AND 2147483647),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " available_qty INTEGER NOT NULL CHECK (available_qty BETWEEN 0 AND 1000000),"
      " stock_version INTEGER NOT NULL CHECK (stock_version BETWEEN 0 AND 2147483647)"
      ") STRICT;"
      "CREATE TABLE product_history ("
      " product_id INTEGER NOT NULL REFERENCES product (id),"
      " version INTEGER NOT NULL,"
      " name TEXT NOT NULL,"
      " registered_qty INTEGER NOT NULL,"
      " registration INTEGER NOT NULL,"
      " at_ms INTEGER NOT NULL,"
      " PRIMARY KEY (product_id, version)"
      ") STRICT, WITHOUT ROWID;" },
    /* The history is rebuilt as well: it refers to the table that is replaced. */
    { "2: tracking, size and GTIN; a registered quantity may be 0",
      "ALTER TABLE product RENAME TO product_1;"
      "ALTER TABLE product_history RENAME TO product_history_1;"
      "CREATE TABLE product ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),"
      " registered_qty INTEGER NOT NULL CHECK (registered_qty BETWEEN 0 AND 1000000),"
      " registration INTEGER NOT NULL CHECK (registration BETWEEN 1 AND 2147483647),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " available_qty INTEGER NOT NULL CHECK (available_qty BETWEEN 0 AND 1000000),"
      " stock_version INTEGER NOT NULL CHECK (stock_version BETWEEN 0 AND 2147483647),"
      " tracking INTEGER NOT NULL CHECK (tracking BETWEEN 0 AND 1),"
      " size INTEGER NOT NULL CHECK (size BETWEEN 0 AND 2),"
      " gtin TEXT CHECK (length(gtin) = 14)"
      ") STRICT;"
      "CREATE TABLE product_history ("
      " product_id INTEGER NOT NULL REFERENCES product (id),"
      " version INTEGER NOT NULL,"
      " name TEXT NOT NULL,"
      " registered_qty INTEGER NOT NULL,"
      " registration INTEGER NOT NULL,"
      " at_ms INTEGER NOT NULL,"
      " size INTEGER NOT NULL,"
      " gtin TEXT,"
      " PRIMARY KEY (product_id, version)"
      ") STRICT, WITHOUT ROWID;"
      "INSERT INTO product SELECT id, name, registered_qty, registration, version, available_qty,"
      " stock_version, 0, 0, NULL FROM product_1;"
      "INSERT INTO product_history SELECT product_id, version, name, registered_qty, registration,"
      " at_ms, 0, NULL FROM product_history_1;"
      "DROP TABLE product_history_1;"
      "DROP TABLE product_1;"
      "CREATE UNIQUE INDEX product_gtin ON product (gtin) WHERE gtin IS NOT NULL;" },
    /* Until here places in the lists of messages, from 0; from here on the numbers of x-stored. The
     * history refers to the table that is built again, and so to nothing for a while. */
    { "3: tracking and size by their stored numbers",
      "PRAGMA defer_foreign_keys = ON;"
      "CREATE TABLE product_2 AS SELECT * FROM product;"
      "DROP TABLE product;"
      "CREATE TABLE product ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),"
      " registered_qty INTEGER NOT NULL CHECK (registered_qty BETWEEN 0 AND 1000000),"
      " registration INTEGER NOT NULL CHECK (registration BETWEEN 1 AND 2147483647),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " available_qty INTEGER NOT NULL CHECK (available_qty BETWEEN 0 AND 1000000),"
      " stock_version INTEGER NOT NULL CHECK (stock_version BETWEEN 0 AND 2147483647),"
      " tracking INTEGER NOT NULL CHECK (tracking BETWEEN 1 AND 2),"
      " size INTEGER NOT NULL CHECK (size BETWEEN 1 AND 3),"
      " gtin TEXT CHECK (length(gtin) = 14)"
      ") STRICT;"
      "INSERT INTO product SELECT id, name, registered_qty, registration, version, available_qty,"
      " stock_version, tracking + 1, size + 1, gtin FROM product_2;"
      "DROP TABLE product_2;"
      "CREATE UNIQUE INDEX product_gtin ON product (gtin) WHERE gtin IS NOT NULL;"
      "UPDATE product_history SET size = size + 1;" },
};

enum query {
    Q_ADD = 0,
    Q_FIND,
    Q_FIND_GTIN,
    Q_SAVE,
    Q_LIST,
    Q_COUNT,
    Q_LIST_GAPS,
    Q_COUNT_GAPS,
    Q_MISSING,
    Q_HISTORY_ADD,
    QUERY_COUNT,
};

#define SAVED_COLUMNS(X, AND)                                                                      \
    X(TEXT, name, name)                                                                            \
    AND X(INT, registered_qty, registered_qty)                                                     \
    AND X(INT, registration, registration)                                                         \
    AND X(INT, version, version)                                                                   \
    AND X(INT, available_qty, available_qty)                                                       \
    AND X(INT, stock_version, stock_version)                                                       \
    AND X(INT, tracking, tracking)                                                                 \
    AND X(INT, size, size)                                                                         \
    AND X(TEXT0, gtin, gtin)
/* The id is given by the table. */
#define PRODUCT_COLUMNS(X, AND) X(INT, id, id.v) AND SAVED_COLUMNS(X, AND)
#define ID_COLUMNS(X, AND) X(INT, id, v)

#define HISTORY_COLUMNS(X, AND)                                                                    \
    X(INT, product_id, id.v)                                                                       \
    AND X(INT, version, version)                                                                   \
    AND X(TEXT, name, name)                                                                        \
    AND X(INT, registered_qty, registered_qty)                                                     \
    AND X(INT, registration, registration)                                                         \
    AND X(INT, size, size)                                                                         \
    AND X(TEXT0, gtin, gtin)
#define HISTORY_TABLE_COLUMNS(X, AND) HISTORY_COLUMNS(X, AND) AND X(INT, at_ms, -)

static const struct kit_table TABLES[] = {
    KIT_TABLE(product, PRODUCT_COLUMNS),
    KIT_TABLE(product_history, HISTORY_TABLE_COLUMNS),
};

KIT_ROW_BIND(saved, struct product, SAVED_COLUMNS);
KIT_ROW_READ(product, struct product, PRODUCT_COLUMNS);
KIT_ROW_READ(id, struct product_id, ID_COLUMNS);
KIT_ROW_BIND(history, struct product, HISTORY_COLUMNS);

#define SELECT "SELECT " KIT_COLUMN_NAMES(PRODUCT_COLUMNS) " FROM product"

static const char *const QUERIES[QUERY_COUNT] = {
    /* Above the floor (rules 5.1), and behind the last one. */
    [Q_ADD] = KIT_INSERT_WITH(product, SAVED_COLUMNS, "id",
                              "(SELECT max(coalesce(max(id), 0), ?) + 1 FROM product)") " RETURNING"
                                                                                        " id",
    [Q_FIND] = SELECT " WHERE id = ?",
    [Q_FIND_GTIN] = "SELECT id FROM product WHERE gtin = ?",
    [Q_SAVE] = "UPDATE product SET " KIT_COLUMN_SETS(
        SAVED_COLUMNS) " WHERE id = ? AND version = ? AND stock_version = ?",
    /* Ids have no gaps until a database is lost (rules 5): a page begins at a known id, and the
     * last id is the count. */
    [Q_LIST] = SELECT " WHERE id > ?1 ORDER BY id LIMIT ?2",
    [Q_COUNT] = "SELECT coalesce(max(id), 0) FROM product",
    [Q_LIST_GAPS] = SELECT " ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_COUNT_GAPS] = "SELECT count(*) FROM product",
    [Q_MISSING] = "SELECT ?1 - count(*) FROM product WHERE id <= ?1",
    [Q_HISTORY_ADD] = KIT_INSERT_WITH(product_history, HISTORY_COLUMNS, "at_ms", "?"),
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int product_store_open(struct product_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void product_store_close(struct product_store *store)
{
    kit_statements_done(&store->statements);
}

static int add_history(struct product_store *store, const struct product *product, int64_t now_ms,
                       struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_HISTORY_ADD);
    history_bind(&query, product);
    kit_query_int(&query, now_ms);
    return kit_query_run(&query, NULL, err);
}

int product_store_add(struct product_store *store, struct product *product, int64_t now_ms,
                      struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    saved_bind(&query, product);
    kit_query_int(&query, store->id_floor);
    int rc = kit_query_number(&query, &product->id.v, err);
    if (rc != KIT_OK)
        return rc;
    return add_history(store, product, now_ms, err);
}

int product_store_find(struct product_store *store, struct product_id id,
                       struct product *ret_product, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_int(&query, id.v);
    return product_read_one(&query, ret_product, ret_found, err);
}

int product_store_find_gtin(struct product_store *store, const char *gtin,
                            struct product_id *ret_id, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_GTIN);
    kit_query_text(&query, gtin);
    return id_read_one(&query, ret_id, ret_found, err);
}

int product_store_get(struct product_store *store, struct product_id id,
                      struct product *ret_product, struct kit_error *err)
{
    bool is_found = false;
    int rc = product_store_find(store, id, ret_product, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no product %" PRId64 "; register it first.", id.v);
    return KIT_OK;
}

int product_store_save(struct product_store *store, const struct product *before,
                       const struct product *after, int64_t now_ms, struct kit_error *err)
{
    PRE(before->id.v == after->id.v);
    struct kit_query query = kit_query_start(&store->statements, Q_SAVE);
    saved_bind(&query, after);
    kit_query_int(&query, before->id.v);
    kit_query_int(&query, before->version);
    kit_query_int(&query, before->stock_version);
    int rc = kit_query_run_one(&query, "product", before->id.v, err);
    if (rc != KIT_OK || after->version == before->version)
        return rc;
    return add_history(store, after, now_ms, err);
}

int product_store_list(struct product_store *store, struct kit_page *page,
                       struct product *ret_products, struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    static const struct kit_page_queries LIST_GAPS = { Q_LIST_GAPS, Q_COUNT_GAPS };
    return product_read_page(&store->statements, store->id_floor > 0 ? &LIST_GAPS : &LIST, page,
                             ret_products, err);
}

int product_store_after(struct product_store *store, struct product_id after,
                        struct product *ret_products, size_t *ret_count, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_LIST);
    kit_query_int(&query, after.v);
    kit_query_int(&query, PRODUCT_SEARCH_BATCH);
    return product_read_all(&query, ret_products, PRODUCT_SEARCH_BATCH, ret_count, err);
}

int product_store_count(struct product_store *store, int64_t *ret_count, struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_COUNT, ret_count, err);
}

int product_store_missing(struct product_store *store, int64_t until, int64_t *ret_count,
                          struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_MISSING);
    kit_query_int(&query, until);
    return kit_query_number(&query, ret_count, err);
}

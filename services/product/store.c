/* The catalogue's tables. Statements are prepared at open, so a typo fails the start. */
#include "product/store.h"

#include <inttypes.h>

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
     * history refers to the table that is built anew, and so to nothing for a while. */
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
    Q_PRODUCT_ADD,
    Q_PRODUCT_FIND,
    Q_PRODUCT_FIND_GTIN,
    Q_PRODUCT_SAVE,
    Q_PRODUCT_LIST,
    Q_PRODUCT_COUNT,
    Q_HISTORY_ADD,
    Q_COUNT,
};

#define PRODUCT_COLUMNS                                                                            \
    "id, name, registered_qty, registration, version, available_qty, stock_version, tracking,"     \
    " size, gtin"

static const char *const QUERIES[Q_COUNT] = {
    [Q_PRODUCT_ADD] = "INSERT INTO product (name, registered_qty, registration, version,"
                      " available_qty, stock_version, tracking, size, gtin)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    [Q_PRODUCT_FIND] = "SELECT " PRODUCT_COLUMNS " FROM product WHERE id = ?",
    [Q_PRODUCT_FIND_GTIN] = "SELECT id FROM product WHERE gtin = ?",
    [Q_PRODUCT_SAVE] = "UPDATE product SET name = ?, registered_qty = ?, registration = ?,"
                       " version = ?, available_qty = ?, stock_version = ?, tracking = ?,"
                       " size = ?, gtin = ?"
                       " WHERE id = ? AND version = ? AND stock_version = ?",
    /* Ids have no gaps: a page begins at a known id, and the last id is the count. */
    [Q_PRODUCT_LIST] = "SELECT " PRODUCT_COLUMNS " FROM product WHERE id > ? ORDER BY id LIMIT ?",
    [Q_PRODUCT_COUNT] = "SELECT coalesce(max(id), 0) FROM product",
    [Q_HISTORY_ADD] = ("INSERT INTO product_history (product_id, version, name, registered_qty,"
                       " registration, at_ms, size, gtin) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
};

int product_store_open(struct product_store *store, struct kit_db *db, struct kit_error *err)
{
    store->db = db;
    return kit_statements_prepare(&store->statements, db, QUERIES, Q_COUNT, err);
}

void product_store_close(struct product_store *store)
{
    kit_statements_done(&store->statements);
}

static void gtin_bind(struct kit_query *query, const struct product *product)
{
    if (product->gtin[0] != '\0')
        kit_query_text(query, product->gtin);
    else
        kit_query_null(query);
}

static void product_bind(struct kit_query *query, const struct product *product)
{
    kit_query_text(query, product->name);
    kit_query_int(query, product->registered_qty);
    kit_query_int(query, product->registration);
    kit_query_int(query, product->version);
    kit_query_int(query, product->available_qty);
    kit_query_int(query, product->stock_version);
    kit_query_int(query, product->tracking);
    kit_query_int(query, product->size);
    gtin_bind(query, product);
}

static void product_read(struct kit_query *query, struct product *ret_product)
{
    ret_product->id.v = kit_query_col_int(query, 0);
    kit_query_col_text(query, 1, ret_product->name, sizeof(ret_product->name));
    ret_product->registered_qty = kit_query_col_int(query, 2);
    ret_product->registration = kit_query_col_int(query, 3);
    ret_product->version = kit_query_col_int(query, 4);
    ret_product->available_qty = kit_query_col_int(query, 5);
    ret_product->stock_version = kit_query_col_int(query, 6);
    ret_product->tracking = (enum tracking)kit_query_col_int(query, 7);
    ret_product->size = (enum product_size)kit_query_col_int(query, 8);
    kit_query_col_text(query, 9, ret_product->gtin, sizeof(ret_product->gtin));
}

static int history_add(struct product_store *store, const struct product *product, int64_t now_ms,
                       struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_HISTORY_ADD);
    kit_query_int(&query, product->id.v);
    kit_query_int(&query, product->version);
    kit_query_text(&query, product->name);
    kit_query_int(&query, product->registered_qty);
    kit_query_int(&query, product->registration);
    kit_query_int(&query, now_ms);
    kit_query_int(&query, product->size);
    gtin_bind(&query, product);
    return kit_query_run(&query, NULL, err);
}

int product_store_add(struct product_store *store, struct product *product, int64_t now_ms,
                      struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    bool is_found = false;
    struct kit_query query = kit_query_start(&store->statements, Q_PRODUCT_ADD);
    product_bind(&query, product);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK) {
        CHECK(is_found);
        product->id.v = kit_query_col_int(&query, 0);
    }
    kit_query_end(&query);
    return rc == KIT_OK ? history_add(store, product, now_ms, err) : rc;
}

int product_store_find(struct product_store *store, struct product_id id,
                       struct product *ret_product, bool *ret_found, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&store->statements, Q_PRODUCT_FIND);
    kit_query_int(&query, id.v);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK && is_found)
        product_read(&query, ret_product);
    if (rc == KIT_OK)
        *ret_found = is_found;
    kit_query_end(&query);
    return rc;
}

int product_store_find_gtin(struct product_store *store, const char *gtin,
                            struct product_id *ret_id, bool *ret_found, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&store->statements, Q_PRODUCT_FIND_GTIN);
    kit_query_text(&query, gtin);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK && is_found)
        ret_id->v = kit_query_col_int(&query, 0);
    if (rc == KIT_OK)
        *ret_found = is_found;
    kit_query_end(&query);
    return rc;
}

int product_store_get(struct product_store *store, struct product_id id,
                      struct product *ret_product, struct kit_error *err)
{
    bool is_found = false;
    int rc = product_store_find(store, id, ret_product, &is_found, err);
    if (rc == KIT_OK && !is_found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no product %" PRId64 "; register it first.", id.v);
    return rc;
}

int product_store_save(struct product_store *store, const struct product *before,
                       const struct product *after, int64_t now_ms, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    PRE(before->id.v == after->id.v);
    int change_count = 0;
    struct kit_query query = kit_query_start(&store->statements, Q_PRODUCT_SAVE);
    product_bind(&query, after);
    kit_query_int(&query, before->id.v);
    kit_query_int(&query, before->version);
    kit_query_int(&query, before->stock_version);
    int rc = kit_query_run(&query, &change_count, err);
    if (rc != KIT_OK)
        return rc;
    if (change_count != 1)
        return kit_error_set(err, KIT_E_CONFLICT,
                             "product %" PRId64 " is not at version %" PRId64 " any more",
                             before->id.v, before->version);
    return after->version == before->version ? KIT_OK : history_add(store, after, now_ms, err);
}

int product_store_list(struct product_store *store, int64_t page, int64_t size,
                       struct product *ret_products, size_t *ret_count, struct kit_error *err)
{
    size_t count = 0;
    bool is_found = false;
    int rc;
    struct kit_query query = kit_query_start(&store->statements, Q_PRODUCT_LIST);
    kit_query_int(&query, page * size);
    kit_query_int(&query, size);
    while ((rc = kit_query_row(&query, &is_found, err)) == KIT_OK && is_found) {
        CHECK(count < (size_t)size);
        product_read(&query, &ret_products[count++]);
    }
    kit_query_end(&query);
    if (rc == KIT_OK)
        *ret_count = count;
    return rc;
}

int product_store_count(struct product_store *store, int64_t *ret_count, struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_PRODUCT_COUNT, ret_count, err);
}

/* Quantities and movements. Statements are prepared at open, so a typo fails the start. */
#include "stock/store/balance.h"

#include "kit/store/table.h"

#define QUANTITY_COLUMNS(X, AND)                                                                   \
    X(INT, registered, registered)                                                                 \
    AND X(INT, registration, registration)                                                         \
    AND X(INT, available, available)                                                               \
    AND X(INT, reserved, reserved)                                                                 \
    AND X(INT, rented, rented)                                                                     \
    AND X(INT, version, version)
/* A row that is added has the tracking of the table's default until ProductSaved is described. */
#define ADDED_COLUMNS(X, AND) QUANTITY_COLUMNS(X, AND) AND X(INT, product_id, product.v)
#define STOCK_COLUMNS(X, AND) ADDED_COLUMNS(X, AND) AND X(INT, tracking, tracking)
/* Columns that only WHERE clauses use. */
#define TABLE_COLUMNS(X, AND)                                                                      \
    STOCK_COLUMNS(X, AND)                                                                          \
    AND X(TEXT, name, -) AND X(INT0, size, -) AND X(TEXT0, gtin, -) AND X(INT, announced, -)

struct movement_row {
    const struct stock_change *change;
    int64_t cause; /* 0: none */
    int64_t at_ms;
};
#define MOVEMENT_COLUMNS(X, AND)                                                                   \
    X(INT, product_id, change->after.product.v)                                                    \
    AND X(INT, version, change->after.version) AND X(INT0, reservation_id, cause)                  \
    AND X(INT, kind, change->movement.kind) AND X(INT, d_registered,                               \
                                                  change->movement.d_registered) AND               \
    X(INT, d_available, change->movement.d_available) AND                                          \
    X(INT, d_reserved, change->movement.d_reserved) AND                                            \
    X(INT, d_rented, change->movement.d_rented) AND                                                \
    X(INT, at_ms, at_ms)
#define MOVEMENT_TABLE_COLUMNS(X, AND) X(INT, id, -) AND MOVEMENT_COLUMNS(X, AND)

KIT_ROW_BIND(quantity, struct stock, QUANTITY_COLUMNS);
KIT_ROW_BIND(added, struct stock, ADDED_COLUMNS);
KIT_ROW_READ(stock, struct stock, STOCK_COLUMNS);
KIT_ROW_BIND(movement, struct movement_row, MOVEMENT_COLUMNS);

static void item_read(struct kit_query *query, struct scan_item *ret_item)
{
    stock_read(query, &ret_item->stock);
    kit_query_next_text(query, ret_item->name, sizeof(ret_item->name));
    ret_item->size = (enum product_size)kit_query_next_int(query);
}
KIT_ROW_READERS(item, struct scan_item);

static const struct kit_table TABLES[] = {
    KIT_TABLE(stock, TABLE_COLUMNS),
    KIT_TABLE(movement, MOVEMENT_TABLE_COLUMNS),
};

enum query {
    Q_FIND = 0,
    Q_FIND_ITEM,
    Q_FIND_GTIN,
    Q_DESCRIBE,
    Q_ADD,
    Q_SAVE,
    Q_FIND_UNTOLD,
    Q_SET_TOLD,
    Q_MOVEMENT_ADD,
    QUERY_COUNT,
};

#define SELECT_STOCK "SELECT " KIT_COLUMN_NAMES(STOCK_COLUMNS) " FROM stock"
#define SELECT_ITEM "SELECT " KIT_COLUMN_NAMES(STOCK_COLUMNS) ", name, size FROM stock"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_FIND] = SELECT_STOCK " WHERE product_id = ?",
    [Q_FIND_ITEM] = SELECT_ITEM " WHERE product_id = ?",
    [Q_FIND_GTIN] = SELECT_ITEM " WHERE gtin = ? LIMIT 1",
    [Q_DESCRIBE] = "UPDATE stock SET tracking = ?, name = ?, size = ?, gtin = ?"
                   " WHERE product_id = ?",
    [Q_ADD] = KIT_INSERT(stock, ADDED_COLUMNS),
    [Q_SAVE] = "UPDATE stock SET " KIT_COLUMN_SETS(
        QUANTITY_COLUMNS) " WHERE product_id = ? AND version = ?",
    [Q_FIND_UNTOLD] = SELECT_STOCK " WHERE announced < version ORDER BY product_id LIMIT 1",
    [Q_SET_TOLD] = "UPDATE stock SET announced = ? WHERE product_id = ? AND version = ?",
    [Q_MOVEMENT_ADD] = KIT_INSERT(movement, MOVEMENT_COLUMNS),
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int stock_store_open(struct stock_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void stock_store_close(struct stock_store *store)
{
    kit_statements_done(&store->statements);
}

int stock_store_find(struct stock_store *store, struct product_id product, struct stock *ret_stock,
                     bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_int(&query, product.v);
    return stock_read_one(&query, ret_stock, ret_found, err);
}

int stock_store_find_item(struct stock_store *store, struct product_id product,
                          struct scan_item *ret_item, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_ITEM);
    kit_query_int(&query, product.v);
    return item_read_one(&query, ret_item, ret_found, err);
}

int stock_store_find_gtin(struct stock_store *store, const char *gtin, struct scan_item *ret_item,
                          bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_GTIN);
    kit_query_text(&query, gtin);
    return item_read_one(&query, ret_item, ret_found, err);
}

int stock_store_describe(struct stock_store *store, const struct scan_item *item, const char *gtin,
                         struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_DESCRIBE);
    kit_query_int(&query, item->stock.tracking);
    kit_query_text(&query, item->name);
    kit_query_int_or_null(&query, item->size);
    kit_query_text_or_null(&query, gtin);
    kit_query_int(&query, item->stock.product.v);
    return kit_query_run(&query, NULL, err);
}

int stock_store_find_untold(struct stock_store *store, struct stock *ret_stock, bool *ret_found,
                            struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_UNTOLD);
    return stock_read_one(&query, ret_stock, ret_found, err);
}

int stock_store_set_told(struct stock_store *store, const struct stock *stock,
                         struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SET_TOLD);
    kit_query_int(&query, stock->version);
    kit_query_int(&query, stock->product.v);
    kit_query_int(&query, stock->version);
    return kit_query_run(&query, NULL, err);
}

static int add_stock(struct stock_store *store, const struct stock *after, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    added_bind(&query, after);
    return kit_query_run(&query, NULL, err);
}

static int save_stock(struct stock_store *store, const struct stock *after, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SAVE);
    quantity_bind(&query, after);
    kit_query_int(&query, after->product.v);
    kit_query_int(&query, after->version - 1);
    return kit_query_run_one(&query, "stock of product", after->product.v, err);
}

int stock_store_apply(struct stock_store *store, const struct stock_change *change,
                      const struct rental_id *cause, int64_t now_ms, struct kit_error *err)
{
    int rc = change->after.version == 1 ? add_stock(store, &change->after, err)
                                        : save_stock(store, &change->after, err);
    if (rc != KIT_OK)
        return rc;
    const struct movement_row row = { change, cause != NULL ? cause->v : 0, now_ms };
    struct kit_query query = kit_query_start(&store->statements, Q_MOVEMENT_ADD);
    movement_bind(&query, &row);
    return kit_query_run(&query, NULL, err);
}

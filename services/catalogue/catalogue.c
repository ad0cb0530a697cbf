/* A service's own copy of the products: one table, two events, two requests. Decides nothing.
 * Runs on the loop inside the open transaction. */
#include "catalogue/catalogue.h"

#include <inttypes.h>

#include "kit/base/text.h"
#include "kit/store/table.h"

/* What product says: columns of struct msg_product. */
#define SAVED_COLUMNS(X, AND)                                                                      \
    X(TEXT, name, name)                                                                            \
    AND X(INT, registered_qty, registered_qty)                                                     \
    AND X(INT, product_version, version)                                                           \
    AND X(INT, tracking, tracking)                                                                 \
    AND X(INT, size, size)                                                                         \
    AND X(OPT_TEXT, gtin, gtin)
#define PRODUCT_COLUMNS(X, AND) X(INT, id, id.v) AND SAVED_COLUMNS(X, AND)

/* What stock says: columns of struct msg_stock. */
#define STOCK_COLUMNS(X, AND)                                                                      \
    X(INT, available_qty, available_qty) AND X(INT, stock_version, version)
#define STOCK_ROW_COLUMNS(X, AND) X(INT, id, product_id.v) AND STOCK_COLUMNS(X, AND)

#define TABLE_COLUMNS(X, AND) PRODUCT_COLUMNS(X, AND) AND STOCK_COLUMNS(X, AND)

static const struct kit_table TABLES[] = { KIT_TABLE(product, TABLE_COLUMNS) };

KIT_ROW_FUNCTIONS(product, struct msg_product, PRODUCT_COLUMNS);
KIT_ROW_BIND(stock, struct msg_stock, STOCK_ROW_COLUMNS);

enum products_query {
    Q_SAVE = 0,
    Q_STOCK,
    Q_GET,
    Q_LIST,
    Q_COUNT,
    QUERY_COUNT,
};

/* Until stock has spoken, what is registered is available (rules/products.md 1.2). */
#define SHOWN KIT_COLUMN_NAMES(PRODUCT_COLUMNS) ", coalesce(available_qty, registered_qty)"

/* The two upserts commute: each writes the columns of its own source only, and only forward. */
static const char *const QUERIES[QUERY_COUNT] = {
    [Q_SAVE] = KIT_INSERT_WITH(product, PRODUCT_COLUMNS, "stock_version", "0") KIT_ON_CONFLICT(
        "id", SAVED_COLUMNS) " WHERE excluded.product_version > product.product_version",
    [Q_STOCK] = KIT_INSERT_WITH(product, STOCK_ROW_COLUMNS, "product_version", "0") KIT_ON_CONFLICT(
        "id", STOCK_COLUMNS) " WHERE excluded.stock_version > product.stock_version",
    [Q_GET] = "SELECT " SHOWN " FROM product WHERE id = ? AND product_version > 0",
    [Q_LIST] = "SELECT " SHOWN " FROM product WHERE product_version > 0"
               " ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_COUNT] = "SELECT count(*) FROM product WHERE product_version > 0",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

/* A row of SHOWN. */
static void shown_read(struct kit_query *query, struct msg_rpc_product_response *ret_row)
{
    product_read(query, &ret_row->product);
    ret_row->qty = kit_query_next_int(query);
}
KIT_ROW_READERS(shown, struct msg_rpc_product_response);

int catalogue_open(struct catalogue *catalogue, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&catalogue->statements, db, &SPEC, err);
}

void catalogue_close(struct catalogue *catalogue)
{
    kit_statements_done(&catalogue->statements);
}

int catalogue_on_saved(struct catalogue *catalogue, const struct msg_event_product *event,
                       struct kit_error *err)
{
    struct kit_query query = kit_query_start(&catalogue->statements, Q_SAVE);
    product_bind(&query, &event->product);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "copying product %" PRId64, event->product.id.v);
    return KIT_OK;
}

int catalogue_on_stock_changed(struct catalogue *catalogue,
                               const struct msg_event_stock_changed *event, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&catalogue->statements, Q_STOCK);
    stock_bind(&query, &event->stock);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "copying the stock of product %" PRId64,
                              event->stock.product_id.v);
    return KIT_OK;
}

static int find(struct catalogue *catalogue, int64_t id, struct msg_rpc_product_response *ret,
                bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&catalogue->statements, Q_GET);
    kit_query_int(&query, id);
    return shown_read_one(&query, ret, ret_found, err);
}

int catalogue_find_name(struct catalogue *catalogue, struct product_id id, char *ret_name,
                        size_t size_bytes, struct kit_error *err)
{
    PRE(size_bytes > 0);
    struct msg_rpc_product_response found;
    bool is_found = false;

    ret_name[0] = '\0';
    int rc = find(catalogue, id.v, &found, &is_found, err);
    if (rc == KIT_OK && is_found)
        kit_text_copy(ret_name, size_bytes, found.product.name);
    return rc;
}

int catalogue_find_size(struct catalogue *catalogue, struct product_id id,
                        enum product_size *ret_size, bool *ret_found, struct kit_error *err)
{
    struct msg_rpc_product_response found;
    int rc = find(catalogue, id.v, &found, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        *ret_size = found.product.size;
    return rc;
}

int catalogue_get(struct catalogue *catalogue, const struct msg_rpc_get_request *in,
                  struct msg_rpc_product_response *out, struct kit_error *err)
{
    bool is_found = false;
    int rc = find(catalogue, in->id, out, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "Product %" PRId64 " is not known here; one that was just registered"
                             " arrives within a moment.",
                             in->id);
    return KIT_OK;
}

int catalogue_list(struct catalogue *catalogue, const struct msg_rpc_list_request *in,
                   struct msg_rpc_product_list_response *out, struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    struct kit_page page = { .number = in->page, .size = in->size };
    int rc = shown_read_page(&catalogue->statements, &LIST, &page, out->items, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing the copies of products");
    out->items_count = page.count;
    out->total = page.total;
    return KIT_OK;
}

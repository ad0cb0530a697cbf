/* Assets, their history, and the lists of sessions. Statements are prepared at open. */
#include "stock/store/asset.h"

#include "kit/store/table.h"

#define MOVED_COLUMNS(X, AND)                                                                      \
    X(INT, state, state)                                                                           \
    AND X(TEXT, place, place)                                                                      \
    AND X(TEXT, bin, bin)                                                                          \
    AND X(INT0, order_id, order.v) AND X(INT, shelved_ms, shelved_ms)                              \
    AND X(INT, version, version)                                                                   \
    AND X(INT, updated_ms, updated_ms)
/* The id is given by the table. */
#define ADDED_COLUMNS(X, AND)                                                                      \
    X(TEXT, label, label) AND X(INT, product_id, product.v) AND MOVED_COLUMNS(X, AND)
#define ASSET_COLUMNS(X, AND) X(INT, id, id.v) AND ADDED_COLUMNS(X, AND)
#define HISTORY_COLUMNS(X, AND)                                                                    \
    X(INT, asset_id, id.v)                                                                         \
    AND X(INT, version, version)                                                                   \
    AND X(INT, state, state)                                                                       \
    AND X(TEXT, place, place)                                                                      \
    AND X(INT0, order_id, order.v) AND X(INT, at_ms, updated_ms)

KIT_ROW_BIND(moved, struct asset, MOVED_COLUMNS);
KIT_ROW_BIND(added, struct asset, ADDED_COLUMNS);
KIT_ROW_READ(asset, struct asset, ASSET_COLUMNS);
KIT_ROW_BIND(history, struct asset, HISTORY_COLUMNS);

static const struct kit_table TABLES[] = {
    KIT_TABLE(asset, ASSET_COLUMNS),
    KIT_TABLE(asset_history, HISTORY_COLUMNS),
};

enum query {
    Q_FIND,
    Q_FIND_LABEL,
    Q_ADD,
    Q_MOVE,
    Q_HISTORY_ADD,
    Q_FIND_OLDEST,
    Q_LIST_SHELF,
    Q_NEXT_OF_ORDER,
    Q_COUNT_UNFIT,
    Q_LIST,
    Q_COUNT,
    Q_SEARCH_ALL,
    Q_SEARCH_ORDER,
    Q_SEARCH_PRODUCT,
    Q_SEARCH_PLACE,
    Q_UNIT_ADD,
    Q_UNIT_HAS,
    Q_UNIT_CLEAR,
    Q_UNIT_NEXT,
    Q_UNIT_COUNT_MISSING,
    Q_UNIT_COUNT_MISPLACED,
    Q_UNIT_NEXT_MISSING,
    Q_UNIT_NEXT_MISPLACED,
    QUERY_COUNT,
};

#define SELECT "SELECT " KIT_COLUMN_NAMES(ASSET_COLUMNS) " FROM "

#define SEARCHED " ORDER BY id LIMIT ?2"

/* State 2 is on_shelf, 3 picked, 7 checked: written out, so that the partial indexes serve. */
static const char *const QUERIES[QUERY_COUNT] = {
    [Q_FIND] = SELECT "asset WHERE id = ?",
    [Q_FIND_LABEL] = SELECT "asset WHERE label = ?",
    [Q_ADD] = KIT_INSERT(asset, ADDED_COLUMNS) " RETURNING id",
    [Q_MOVE] = "UPDATE asset SET " KIT_COLUMN_SETS(MOVED_COLUMNS) " WHERE id = ? AND version = ?",
    [Q_HISTORY_ADD] = KIT_INSERT(asset_history, HISTORY_COLUMNS),
    [Q_FIND_OLDEST] = SELECT "asset WHERE state = 2 AND product_id = ?"
                             " ORDER BY shelved_ms, id LIMIT 1",
    [Q_LIST_SHELF] = SELECT "asset WHERE state = 2 AND product_id = ?"
                            " ORDER BY shelved_ms, id LIMIT ? OFFSET ?",
    [Q_NEXT_OF_ORDER] = SELECT "asset WHERE order_id = ? AND id > ?"
                               " ORDER BY id LIMIT 1",
    [Q_COUNT_UNFIT] = "SELECT count(*) FROM asset WHERE order_id = ? AND state NOT IN (3, 7)",
    /* Nothing is deleted, so ids have no gaps: a page begins at a known id, and the last is the
     * count. */
    [Q_LIST] = SELECT "asset WHERE id > ?1 ORDER BY id LIMIT ?2",
    [Q_COUNT] = "SELECT coalesce(max(id), 0) FROM asset",
    [Q_SEARCH_ALL] = SELECT "asset WHERE id > ?1" SEARCHED,
    [Q_SEARCH_ORDER] = SELECT "asset WHERE id > ?1 AND order_id = ?3" SEARCHED,
    [Q_SEARCH_PRODUCT] = SELECT "asset WHERE id > ?1 AND product_id = ?3" SEARCHED,
    [Q_SEARCH_PLACE] = SELECT "asset WHERE id > ?1 AND place = ?3" SEARCHED,
    [Q_UNIT_ADD] = "INSERT INTO scan_unit (scanner_id, asset_id) VALUES (?, ?)",
    [Q_UNIT_HAS] = "SELECT 1 FROM scan_unit WHERE scanner_id = ? AND asset_id = ?",
    [Q_UNIT_CLEAR] = "DELETE FROM scan_unit WHERE scanner_id = ?",
    [Q_UNIT_NEXT] = SELECT "asset WHERE id = (SELECT min(asset_id) FROM scan_unit"
                           " WHERE scanner_id = ? AND asset_id > ?)",
    [Q_UNIT_COUNT_MISSING] = "SELECT count(*) FROM asset WHERE state = 2 AND bin = ?"
                             " AND NOT EXISTS (SELECT 1 FROM scan_unit WHERE scanner_id = ?"
                             " AND asset_id = asset.id)",
    [Q_UNIT_COUNT_MISPLACED] = "SELECT count(*) FROM scan_unit JOIN asset ON asset.id = asset_id"
                               " WHERE scanner_id = ? AND state = 2 AND bin <> ?",
    [Q_UNIT_NEXT_MISSING] = SELECT "asset WHERE state = 2 AND bin = ? AND id > ?"
                                   " AND NOT EXISTS (SELECT 1 FROM scan_unit WHERE scanner_id = ?"
                                   " AND asset_id = asset.id) ORDER BY id LIMIT 1",
    [Q_UNIT_NEXT_MISPLACED] = SELECT
    "scan_unit CROSS JOIN asset ON id = asset_id"
    " WHERE scanner_id = ? AND asset_id > ? AND state = 2 AND bin <> ?"
    " ORDER BY asset_id LIMIT 1",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int asset_store_open(struct asset_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void asset_store_close(struct asset_store *store)
{
    kit_statements_done(&store->statements);
}

int asset_store_find(struct asset_store *store, struct asset_id id, struct asset *ret_asset,
                     bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_int(&query, id.v);
    return asset_read_one(&query, ret_asset, ret_found, err);
}

int asset_store_find_label(struct asset_store *store, const char *label, struct asset *ret_asset,
                           bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_LABEL);
    kit_query_text(&query, label);
    return asset_read_one(&query, ret_asset, ret_found, err);
}

static int add_history(struct asset_store *store, const struct asset *asset, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_HISTORY_ADD);
    history_bind(&query, asset);
    return kit_query_run(&query, NULL, err);
}

int asset_store_add(struct asset_store *store, struct asset *asset, struct kit_error *err)
{
    PRE(asset->version == 1);
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    added_bind(&query, asset);
    int rc = kit_query_number(&query, &asset->id.v, err);
    if (rc != KIT_OK)
        return rc;
    return add_history(store, asset, err);
}

int asset_store_move(struct asset_store *store, const struct asset *after, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_MOVE);
    moved_bind(&query, after);
    kit_query_int(&query, after->id.v);
    kit_query_int(&query, after->version - 1);
    int rc = kit_query_run_one(&query, "asset", after->id.v, err);
    if (rc != KIT_OK)
        return rc;
    return add_history(store, after, err);
}

int asset_store_find_oldest(struct asset_store *store, struct product_id product,
                            struct asset *ret_asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_OLDEST);
    kit_query_int(&query, product.v);
    return asset_read_one(&query, ret_asset, ret_found, err);
}

int asset_store_list_shelf(struct asset_store *store, const struct asset_shelf *shelf,
                           struct asset *ret_assets, size_t *ret_count, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_LIST_SHELF);
    kit_query_int(&query, shelf->product.v);
    kit_query_int(&query, (int64_t)shelf->max);
    kit_query_int(&query, shelf->skip);
    return asset_read_all(&query, ret_assets, shelf->max, ret_count, err);
}

int asset_store_next_of_order(struct asset_store *store, struct rental_id order,
                              struct asset *asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_NEXT_OF_ORDER);
    kit_query_int(&query, order.v);
    kit_query_int(&query, asset->id.v);
    return asset_read_one(&query, asset, ret_found, err);
}

int asset_store_count_unfit(struct asset_store *store, struct rental_id order, int64_t *ret_count,
                            struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_COUNT_UNFIT);
    kit_query_int(&query, order.v);
    return kit_query_number(&query, ret_count, err);
}

int asset_store_list(struct asset_store *store, struct kit_page *page, struct asset *ret_assets,
                     struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    return asset_read_page(&store->statements, &LIST, page, ret_assets, err);
}

int asset_store_search(struct asset_store *store, const struct asset_search *search,
                       struct asset *ret_assets, size_t *ret_count, struct kit_error *err)
{
    const enum query which = search->place != NULL    ? Q_SEARCH_PLACE
                             : search->product.v != 0 ? Q_SEARCH_PRODUCT
                             : search->order.v != 0   ? Q_SEARCH_ORDER
                                                      : Q_SEARCH_ALL;

    struct kit_query query = kit_query_start(&store->statements, which);
    kit_query_int(&query, search->after.v);
    kit_query_int(&query, (int64_t)search->max);
    if (search->place != NULL)
        kit_query_text(&query, search->place);
    else if (which != Q_SEARCH_ALL)
        kit_query_int(&query, search->product.v != 0 ? search->product.v : search->order.v);
    return asset_read_all(&query, ret_assets, search->max, ret_count, err);
}

/* ---- the list of a session ---- */

int scan_list_add(struct asset_store *store, int64_t scanner, struct asset_id asset,
                  struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_ADD);
    kit_query_int(&query, scanner);
    kit_query_int(&query, asset.v);
    return kit_query_run(&query, NULL, err);
}

int scan_list_has(struct asset_store *store, int64_t scanner, struct asset_id asset, bool *ret_has,
                  struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_HAS);
    kit_query_int(&query, scanner);
    kit_query_int(&query, asset.v);
    int rc = kit_query_row(&query, ret_has, err);
    kit_query_end(&query);
    return rc;
}

int scan_list_clear(struct asset_store *store, int64_t scanner, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_CLEAR);
    kit_query_int(&query, scanner);
    return kit_query_run(&query, NULL, err);
}

int scan_list_next(struct asset_store *store, const struct scan_list_place *place,
                   struct asset *ret_asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_NEXT);
    kit_query_int(&query, place->scanner);
    kit_query_int(&query, place->after.v);
    return asset_read_one(&query, ret_asset, ret_found, err);
}

int scan_list_count_missing(struct asset_store *store, int64_t scanner, const char *bin,
                            int64_t *ret_count, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_COUNT_MISSING);
    kit_query_text(&query, bin);
    kit_query_int(&query, scanner);
    return kit_query_number(&query, ret_count, err);
}

int scan_list_count_misplaced(struct asset_store *store, int64_t scanner, const char *bin,
                              int64_t *ret_count, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_COUNT_MISPLACED);
    kit_query_int(&query, scanner);
    kit_query_text(&query, bin);
    return kit_query_number(&query, ret_count, err);
}

int scan_list_next_missing(struct asset_store *store, const struct scan_list_place *place,
                           struct asset *ret_asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_NEXT_MISSING);
    kit_query_text(&query, place->bin);
    kit_query_int(&query, place->after.v);
    kit_query_int(&query, place->scanner);
    return asset_read_one(&query, ret_asset, ret_found, err);
}

int scan_list_next_misplaced(struct asset_store *store, const struct scan_list_place *place,
                             struct asset *ret_asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_NEXT_MISPLACED);
    kit_query_int(&query, place->scanner);
    kit_query_int(&query, place->after.v);
    kit_query_text(&query, place->bin);
    return asset_read_one(&query, ret_asset, ret_found, err);
}

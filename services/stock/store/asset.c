/* Assets, their history, and the lists of sessions. Statements are prepared at open. */
#include "stock/store/asset.h"

#include <inttypes.h>

enum query {
    Q_FIND,
    Q_FIND_LABEL,
    Q_ADD,
    Q_MOVE,
    Q_HISTORY_ADD,
    Q_FIND_OLDEST,
    Q_NEXT_OF_ORDER,
    Q_COUNT_UNFIT,
    Q_LIST,
    Q_COUNT_ALL,
    Q_UNIT_ADD,
    Q_UNIT_HAS,
    Q_UNIT_CLEAR,
    Q_UNIT_NEXT,
    Q_UNIT_COUNT_MISSING,
    Q_UNIT_COUNT_MISPLACED,
    Q_UNIT_NEXT_MISSING,
    Q_UNIT_NEXT_MISPLACED,
    Q_COUNT,
};

#define COLUMNS                                                                                    \
    "id, label, product_id, state, place, bin, order_id, shelved_ms, version, updated_ms"

/* State 1 is on_shelf, 2 picked, 6 checked: written out, so that the partial indexes serve. */
static const char *const QUERIES[Q_COUNT] = {
    [Q_FIND] = "SELECT " COLUMNS " FROM asset WHERE id = ?",
    [Q_FIND_LABEL] = "SELECT " COLUMNS " FROM asset WHERE label = ?",
    [Q_ADD] = "INSERT INTO asset (label, product_id, state, place, bin, order_id, shelved_ms,"
              " version, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    [Q_MOVE] = "UPDATE asset SET state = ?, place = ?, bin = ?, order_id = ?, shelved_ms = ?,"
               " version = ?, updated_ms = ? WHERE id = ? AND version = ?",
    [Q_HISTORY_ADD] = "INSERT INTO asset_history (asset_id, version, state, place, order_id, at_ms)"
                      " VALUES (?, ?, ?, ?, ?, ?)",
    [Q_FIND_OLDEST] = "SELECT " COLUMNS " FROM asset WHERE state = 2 AND product_id = ?"
                      " ORDER BY shelved_ms, id LIMIT 1",
    [Q_NEXT_OF_ORDER] = "SELECT " COLUMNS " FROM asset WHERE order_id = ? AND id > ?"
                        " ORDER BY id LIMIT 1",
    [Q_COUNT_UNFIT] = "SELECT count(*) FROM asset WHERE order_id = ? AND state NOT IN (3, 7)",
    [Q_LIST] = "SELECT " COLUMNS " FROM asset WHERE id > ? ORDER BY id LIMIT ?",
    [Q_COUNT_ALL] = "SELECT coalesce(max(id), 0) FROM asset",
    [Q_UNIT_ADD] = "INSERT INTO scan_unit (scanner_id, asset_id) VALUES (?, ?)",
    [Q_UNIT_HAS] = "SELECT 1 FROM scan_unit WHERE scanner_id = ? AND asset_id = ?",
    [Q_UNIT_CLEAR] = "DELETE FROM scan_unit WHERE scanner_id = ?",
    [Q_UNIT_NEXT] = "SELECT " COLUMNS " FROM asset WHERE id = (SELECT min(asset_id) FROM scan_unit"
                    " WHERE scanner_id = ? AND asset_id > ?)",
    [Q_UNIT_COUNT_MISSING] = "SELECT count(*) FROM asset WHERE state = 2 AND bin = ?"
                             " AND NOT EXISTS (SELECT 1 FROM scan_unit WHERE scanner_id = ?"
                             " AND asset_id = asset.id)",
    [Q_UNIT_COUNT_MISPLACED] = "SELECT count(*) FROM scan_unit JOIN asset ON asset.id = asset_id"
                               " WHERE scanner_id = ? AND state = 2 AND bin <> ?",
    [Q_UNIT_NEXT_MISSING] = "SELECT " COLUMNS " FROM asset WHERE state = 2 AND bin = ? AND id > ?"
                            " AND NOT EXISTS (SELECT 1 FROM scan_unit WHERE scanner_id = ?"
                            " AND asset_id = asset.id) ORDER BY id LIMIT 1",
    [Q_UNIT_NEXT_MISPLACED] = "SELECT " COLUMNS " FROM scan_unit CROSS JOIN asset ON id = asset_id"
                              " WHERE scanner_id = ? AND asset_id > ? AND state = 2 AND bin <> ?"
                              " ORDER BY asset_id LIMIT 1",
};

int asset_store_open(struct asset_store *store, struct kit_db *db, struct kit_error *err)
{
    store->db = db;
    return kit_statements_prepare(&store->statements, db, QUERIES, Q_COUNT, err);
}

void asset_store_close(struct asset_store *store)
{
    kit_statements_done(&store->statements);
}

static void asset_columns(struct kit_query *query, struct asset *ret_asset)
{
    *ret_asset = (struct asset){
        .id = { kit_query_col_int(query, 0) },
        .product = { kit_query_col_int(query, 2) },
        .state = (enum asset_state)kit_query_col_int(query, 3),
        .order = { kit_query_col_int(query, 6) },
        .shelved_ms = kit_query_col_int(query, 7),
        .version = kit_query_col_int(query, 8),
        .updated_ms = kit_query_col_int(query, 9),
    };
    kit_query_col_text(query, 1, ret_asset->label, sizeof(ret_asset->label));
    kit_query_col_text(query, 4, ret_asset->place, sizeof(ret_asset->place));
    kit_query_col_text(query, 5, ret_asset->bin, sizeof(ret_asset->bin));
}

/* Runs a query that selects COLUMNS and ends it. */
static int asset_row(struct kit_query *query, struct asset *ret_asset, bool *ret_found,
                     struct kit_error *err)
{
    bool is_found = false;
    int rc = kit_query_row(query, &is_found, err);
    if (rc == KIT_OK && is_found)
        asset_columns(query, ret_asset);
    if (rc == KIT_OK)
        *ret_found = is_found;
    kit_query_end(query);
    return rc;
}

/* Runs a query that always gives one number and ends it. */
static int number_row(struct kit_query *query, int64_t *ret_number, struct kit_error *err)
{
    bool is_found = false;
    int rc = kit_query_row(query, &is_found, err);
    if (rc == KIT_OK) {
        CHECK(is_found);
        *ret_number = kit_query_col_int(query, 0);
    }
    kit_query_end(query);
    return rc;
}

static void order_bind(struct kit_query *query, struct rental_id order)
{
    if (order.v != 0)
        kit_query_int(query, order.v);
    else
        kit_query_null(query);
}

int asset_store_find(struct asset_store *store, struct asset_id id, struct asset *ret_asset,
                     bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_int(&query, id.v);
    return asset_row(&query, ret_asset, ret_found, err);
}

int asset_store_find_label(struct asset_store *store, const char *label, struct asset *ret_asset,
                           bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_LABEL);
    kit_query_text(&query, label);
    return asset_row(&query, ret_asset, ret_found, err);
}

static int history_add(struct asset_store *store, const struct asset *asset, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_HISTORY_ADD);
    kit_query_int(&query, asset->id.v);
    kit_query_int(&query, asset->version);
    kit_query_int(&query, asset->state);
    kit_query_text(&query, asset->place);
    order_bind(&query, asset->order);
    kit_query_int(&query, asset->updated_ms);
    return kit_query_run(&query, NULL, err);
}

int asset_store_add(struct asset_store *store, struct asset *asset, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db) && asset->version == 1);
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    kit_query_text(&query, asset->label);
    kit_query_int(&query, asset->product.v);
    kit_query_int(&query, asset->state);
    kit_query_text(&query, asset->place);
    kit_query_text(&query, asset->bin);
    order_bind(&query, asset->order);
    kit_query_int(&query, asset->shelved_ms);
    kit_query_int(&query, asset->version);
    kit_query_int(&query, asset->updated_ms);
    int rc = number_row(&query, &asset->id.v, err);
    return rc == KIT_OK ? history_add(store, asset, err) : rc;
}

int asset_store_move(struct asset_store *store, const struct asset *after, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    int change_count = 0;
    struct kit_query query = kit_query_start(&store->statements, Q_MOVE);
    kit_query_int(&query, after->state);
    kit_query_text(&query, after->place);
    kit_query_text(&query, after->bin);
    order_bind(&query, after->order);
    kit_query_int(&query, after->shelved_ms);
    kit_query_int(&query, after->version);
    kit_query_int(&query, after->updated_ms);
    kit_query_int(&query, after->id.v);
    kit_query_int(&query, after->version - 1);
    int rc = kit_query_run(&query, &change_count, err);
    if (rc == KIT_OK && change_count != 1)
        rc = kit_error_set(err, KIT_E_CONFLICT,
                           "asset %" PRId64 " is not at version %" PRId64 " any more", after->id.v,
                           after->version - 1);
    return rc == KIT_OK ? history_add(store, after, err) : rc;
}

int asset_store_find_oldest(struct asset_store *store, struct product_id product,
                            struct asset *ret_asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_OLDEST);
    kit_query_int(&query, product.v);
    return asset_row(&query, ret_asset, ret_found, err);
}

int asset_store_next_of_order(struct asset_store *store, struct rental_id order,
                              struct asset_id after, struct asset *ret_asset, bool *ret_found,
                              struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_NEXT_OF_ORDER);
    kit_query_int(&query, order.v);
    kit_query_int(&query, after.v);
    return asset_row(&query, ret_asset, ret_found, err);
}

int asset_store_count_unfit(struct asset_store *store, struct rental_id order, int64_t *ret_count,
                            struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_COUNT_UNFIT);
    kit_query_int(&query, order.v);
    return number_row(&query, ret_count, err);
}

int asset_store_list(struct asset_store *store, int64_t page, int64_t size,
                     struct asset *ret_assets, size_t *ret_count, struct kit_error *err)
{
    size_t count = 0;
    bool is_found = false;
    int rc;
    struct kit_query query = kit_query_start(&store->statements, Q_LIST);
    kit_query_int(&query, page * size); /* ids have no gaps: a page begins at a known one */
    kit_query_int(&query, size);
    while ((rc = kit_query_row(&query, &is_found, err)) == KIT_OK && is_found) {
        CHECK(count < (size_t)size);
        asset_columns(&query, &ret_assets[count++]);
    }
    kit_query_end(&query);
    if (rc == KIT_OK)
        *ret_count = count;
    return rc;
}

int asset_store_count(struct asset_store *store, int64_t *ret_count, struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_COUNT_ALL, ret_count, err);
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

int scan_list_next(struct asset_store *store, int64_t scanner, struct asset_id after,
                   struct asset *ret_asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_NEXT);
    kit_query_int(&query, scanner);
    kit_query_int(&query, after.v);
    return asset_row(&query, ret_asset, ret_found, err);
}

int scan_list_count_missing(struct asset_store *store, int64_t scanner, const char *bin,
                            int64_t *ret_count, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_COUNT_MISSING);
    kit_query_text(&query, bin);
    kit_query_int(&query, scanner);
    return number_row(&query, ret_count, err);
}

int scan_list_count_misplaced(struct asset_store *store, int64_t scanner, const char *bin,
                              int64_t *ret_count, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_COUNT_MISPLACED);
    kit_query_int(&query, scanner);
    kit_query_text(&query, bin);
    return number_row(&query, ret_count, err);
}

int scan_list_next_missing(struct asset_store *store, const struct scan_list_gap *gap,
                           struct asset *ret_asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_NEXT_MISSING);
    kit_query_text(&query, gap->bin);
    kit_query_int(&query, gap->after.v);
    kit_query_int(&query, gap->scanner);
    return asset_row(&query, ret_asset, ret_found, err);
}

int scan_list_next_misplaced(struct asset_store *store, const struct scan_list_gap *gap,
                             struct asset *ret_asset, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_UNIT_NEXT_MISPLACED);
    kit_query_int(&query, gap->scanner);
    kit_query_int(&query, gap->after.v);
    kit_query_text(&query, gap->bin);
    return asset_row(&query, ret_asset, ret_found, err);
}

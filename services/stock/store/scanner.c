/* Scanners, sessions and verdicts. Statements are prepared at open. */
#include "stock/store/scanner.h"

#include <string.h>

#include "kit/base/text.h"
#include "kit/device/device_logs.h"
#include "kit/store/table.h"

/* The log is written by kit/device alone. */
#define SAVED_COLUMNS(X, AND)                                                                      \
    X(INT, first_seq, first_seq)                                                                   \
    AND X(INT, flow, session.flow) AND X(INT, step, session.step) AND X(INT, order_id,             \
                                                                        session.order.v) AND       \
    X(INT, product_id, session.product.v) AND                                                      \
    X(TEXT, tote, session.tote) AND                                                                \
    X(TEXT, bin, session.bin) AND                                                                  \
    X(INT, pieces, session.pieces) AND                                                             \
    X(INT, units, session.units) AND                                                               \
    X(INT, asset_id, session.asset.v) AND                                                          \
    X(INT, touched_ms, session.touched_ms) AND                                                     \
    X(INT, times, session.times) AND                                                               \
    X(INT, errand, session.errand) AND                                                             \
    X(INT, scans, health.scans) AND                                                                \
    X(INT, refused, health.refused) AND                                                            \
    X(INT, failed, health.failed) AND                                                              \
    X(INT, scanned_ms, health.scanned_ms) AND                                                      \
    X(INT, last_result, health.last.result) AND                                                    \
    X(INT, last_signal, health.last.signal) AND                                                    \
    X(TEXT, last_prompt, health.last.prompt)
/* The id is given by the table. */
#define ADDED_COLUMNS(X, AND)                                                                      \
    X(TEXT, name, name) AND KIT_LOG_COLUMNS(X, AND, log.) AND SAVED_COLUMNS(X, AND)
#define SCANNER_COLUMNS(X, AND) X(INT, id, id) AND ADDED_COLUMNS(X, AND)

#define VERDICT_COLUMNS(X, AND)                                                                    \
    X(INT, result, result) AND X(INT, signal, signal)                                              \
    AND X(TEXT, prompt, prompt)
/* Whose it is, and of which record. */
#define VERDICT_TABLE_COLUMNS(X, AND)                                                              \
    VERDICT_COLUMNS(X, AND) AND X(INT, scanner_id, -) AND X(INT, seq, -)

KIT_ROW_BIND(saved, struct scanner, SAVED_COLUMNS);
KIT_ROW_BIND(added, struct scanner, ADDED_COLUMNS);
KIT_ROW_READ(scanner, struct scanner, SCANNER_COLUMNS);
KIT_ROW_FUNCTIONS(verdict, struct scan_verdict, VERDICT_COLUMNS);

static const struct kit_table TABLES[] = {
    KIT_TABLE(scanner, SCANNER_COLUMNS),
    KIT_TABLE(verdict, VERDICT_TABLE_COLUMNS),
};

enum query {
    Q_FIND,
    Q_LIST,
    Q_COUNT,
    Q_ADD,
    Q_SAVE,
    Q_COUNT_STATIONS,
    Q_FIND_IDLE_STATION,
    Q_REMOVE_STATION,
    Q_WITH_ORDER,
    Q_WITH_TOTE,
    Q_VERDICT_ADD,
    Q_VERDICT_FIND,
    Q_VERDICT_FORGET,
    QUERY_COUNT,
};

/* scanner_is_station() in SQL. */
#define IS_STATION "epoch = '' AND state_epoch = ''"

/* A station does not go; a scanner is there as kit_log_is_there() says. */
#define IS_THERE "(is_online > is_silent OR (" IS_STATION "))"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_FIND] = "SELECT " KIT_COLUMN_NAMES(SCANNER_COLUMNS) " FROM scanner WHERE name = ?",
    [Q_LIST] = "SELECT " KIT_COLUMN_NAMES(
        SCANNER_COLUMNS) " FROM scanner ORDER BY name LIMIT ?2 OFFSET ?1",
    [Q_COUNT] = "SELECT count(*) FROM scanner",
    [Q_ADD] = KIT_INSERT(scanner, ADDED_COLUMNS) " RETURNING id",
    [Q_SAVE] = "UPDATE scanner SET " KIT_COLUMN_SETS(SAVED_COLUMNS) " WHERE id = ?",
    [Q_COUNT_STATIONS] = "SELECT count(*) FROM scanner WHERE " IS_STATION,
    [Q_FIND_IDLE_STATION] = "SELECT id FROM scanner WHERE " IS_STATION
                            " AND scanned_ms < ? ORDER BY scanned_ms LIMIT 1",
    [Q_REMOVE_STATION] = "DELETE FROM scanner WHERE id = ? AND " IS_STATION,
    [Q_WITH_ORDER] = "SELECT name FROM scanner WHERE order_id > 0 AND order_id = ? AND id <> ?"
                     " AND touched_ms >= ? AND " IS_THERE " LIMIT 1",
    [Q_WITH_TOTE] = "SELECT name FROM scanner WHERE tote <> '' AND tote = ? AND id <> ?"
                    " AND touched_ms >= ? AND " IS_THERE " LIMIT 1",
    [Q_VERDICT_ADD] = KIT_INSERT_WITH(verdict, VERDICT_COLUMNS, "scanner_id, seq", "?, ?"),
    [Q_VERDICT_FIND] = "SELECT " KIT_COLUMN_NAMES(
        VERDICT_COLUMNS) " FROM verdict WHERE scanner_id = ? AND seq = ?",
    [Q_VERDICT_FORGET] = "DELETE FROM verdict WHERE scanner_id = ? AND seq < ?",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int scanner_store_open(struct scanner_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void scanner_store_close(struct scanner_store *store)
{
    kit_statements_done(&store->statements);
}

static int add_scanner(struct scanner_store *store, const char *name, struct scanner *ret_scanner,
                       struct kit_error *err)
{
    struct scanner scanner = { 0 };
    CHECK(strlen(name) < sizeof(scanner.name));
    kit_text_copy(scanner.name, sizeof(scanner.name), name);
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    added_bind(&query, &scanner);
    int rc = kit_query_number(&query, &scanner.id, err);
    if (rc != KIT_OK)
        return rc;
    *ret_scanner = scanner;
    return KIT_OK;
}

int scanner_store_find(struct scanner_store *store, const char *name, struct scanner *ret_scanner,
                       bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_text(&query, name);
    return scanner_read_one(&query, ret_scanner, ret_found, err);
}

int scanner_store_list(struct scanner_store *store, struct kit_page *page,
                       struct scanner *ret_scanners, struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    return scanner_read_page(&store->statements, &LIST, page, ret_scanners, err);
}

int scanner_store_get(struct scanner_store *store, const char *name, struct scanner *ret_scanner,
                      struct kit_error *err)
{
    bool is_found = false;
    int rc = scanner_store_find(store, name, ret_scanner, &is_found, err);
    if (rc != KIT_OK || is_found)
        return rc;
    return add_scanner(store, name, ret_scanner, err);
}

int scanner_store_save(struct scanner_store *store, const struct scanner *scanner,
                       struct kit_error *err)
{
    PRE(scanner->id != 0);
    struct kit_query query = kit_query_start(&store->statements, Q_SAVE);
    saved_bind(&query, scanner);
    kit_query_int(&query, scanner->id);
    return kit_query_run(&query, NULL, err);
}

int station_store_count(struct scanner_store *store, int64_t *ret_count, struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_COUNT_STATIONS, ret_count, err);
}

int station_store_find_idle(struct scanner_store *store, int64_t before_ms, int64_t *ret_station,
                            bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_IDLE_STATION);
    kit_query_int(&query, before_ms);
    int rc = kit_query_row(&query, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        *ret_station = kit_query_next_int(&query);
    kit_query_end(&query);
    return rc;
}

int station_store_remove(struct scanner_store *store, int64_t station, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_REMOVE_STATION);
    kit_query_int(&query, station);
    return kit_query_run_one(&query, "station", station, err);
}

/* Runs a query that finds at most one name, and ends it. */
static int read_name(struct kit_query *query, char ret_name[SCANNER_NAME_SIZE],
                     struct kit_error *err)
{
    bool is_found = false;
    ret_name[0] = '\0';
    int rc = kit_query_row(query, &is_found, err);
    if (rc == KIT_OK && is_found)
        kit_query_next_text(query, ret_name, SCANNER_NAME_SIZE);
    kit_query_end(query);
    return rc;
}

int scanner_store_find_with_order(struct scanner_store *store, struct rental_id order,
                                  const struct scanner_others *others,
                                  char ret_name[SCANNER_NAME_SIZE], struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_WITH_ORDER);
    kit_query_int(&query, order.v);
    kit_query_int(&query, others->but_not);
    kit_query_int(&query, others->since_ms);
    return read_name(&query, ret_name, err);
}

int scanner_store_find_with_tote(struct scanner_store *store, const char *tote,
                                 const struct scanner_others *others,
                                 char ret_name[SCANNER_NAME_SIZE], struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_WITH_TOTE);
    kit_query_text(&query, tote);
    kit_query_int(&query, others->but_not);
    kit_query_int(&query, others->since_ms);
    return read_name(&query, ret_name, err);
}

/* ---- verdicts ---- */

int verdict_store_add(struct scanner_store *store, int64_t scanner, int64_t seq,
                      const struct scan_verdict *verdict, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_VERDICT_ADD);
    verdict_bind(&query, verdict);
    kit_query_int(&query, scanner);
    kit_query_int(&query, seq);
    return kit_query_run(&query, NULL, err);
}

int verdict_store_find(struct scanner_store *store, const struct verdict_id *id,
                       struct scan_verdict *ret_verdict, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_VERDICT_FIND);
    kit_query_int(&query, id->scanner);
    kit_query_int(&query, id->seq);
    return verdict_read_one(&query, ret_verdict, ret_found, err);
}

int verdict_store_forget(struct scanner_store *store, int64_t scanner, int64_t below_seq,
                         struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_VERDICT_FORGET);
    kit_query_int(&query, scanner);
    kit_query_int(&query, below_seq);
    return kit_query_run(&query, NULL, err);
}

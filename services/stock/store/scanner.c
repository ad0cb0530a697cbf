/* Scanners, sessions and verdicts. Statements are prepared at open. */
#include "stock/store/scanner.h"

#include <stdio.h>

enum query {
    Q_FIND,
    Q_ADD,
    Q_SAVE,
    Q_END_SILENT,
    Q_COUNT_ONLINE,
    Q_WITH_ORDER,
    Q_WITH_TOTE,
    Q_VERDICT_ADD,
    Q_VERDICT_FIND,
    Q_VERDICT_FORGET,
    Q_COUNT,
};

/* Whoever has never said that it is there has not gone either. */
#define NOT_OFFLINE "(is_online = 1 OR online_epoch = '')"

static const char *const QUERIES[Q_COUNT] = {
    [Q_FIND] = "SELECT id, epoch, epoch_before, seq, first_seq, is_online, online_epoch,"
               " online_boot, flow, step, order_id, product_id, tote, bin, pieces, units, asset_id,"
               " touched_ms, seq_before, times, heard_ms FROM scanner WHERE name = ?",
    [Q_ADD] = "INSERT INTO scanner (name, epoch, epoch_before, seq, first_seq, is_online,"
              " online_epoch, online_boot, flow, step, order_id, product_id, tote, bin, pieces,"
              " units, asset_id, touched_ms)"
              " VALUES (?, '', '', 0, 0, 0, '', 0, 0, 0, 0, 0, '', '', 0, 0, 0, 0) RETURNING id",
    [Q_SAVE] =
        "UPDATE scanner SET epoch = ?, epoch_before = ?, seq = ?, first_seq = ?,"
        " is_online = ?, online_epoch = ?, online_boot = ?, flow = ?, step = ?,"
        " order_id = ?, product_id = ?, tote = ?, bin = ?, pieces = ?, units = ?,"
        " asset_id = ?, touched_ms = ?, seq_before = ?, times = ?, heard_ms = ? WHERE id = ?",
    [Q_END_SILENT] = "UPDATE scanner SET is_online = 0 WHERE is_online = 1 AND heard_ms < ?",
    [Q_COUNT_ONLINE] = "SELECT count(*) FROM scanner WHERE is_online = 1",
    [Q_WITH_ORDER] = "SELECT name FROM scanner WHERE order_id > 0 AND order_id = ? AND id <> ?"
                     " AND touched_ms >= ? AND " NOT_OFFLINE " LIMIT 1",
    [Q_WITH_TOTE] = "SELECT name FROM scanner WHERE tote <> '' AND tote = ? AND id <> ?"
                    " AND touched_ms >= ? AND " NOT_OFFLINE " LIMIT 1",
    [Q_VERDICT_ADD] = "INSERT INTO verdict (scanner_id, seq, result, signal, prompt)"
                      " VALUES (?, ?, ?, ?, ?)",
    [Q_VERDICT_FIND] = "SELECT result, signal, prompt FROM verdict WHERE scanner_id = ?"
                       " AND seq = ?",
    [Q_VERDICT_FORGET] = "DELETE FROM verdict WHERE scanner_id = ? AND seq < ?",
};

int scanner_store_open(struct scanner_store *store, struct kit_db *db, struct kit_error *err)
{
    store->db = db;
    return kit_statements_prepare(&store->statements, db, QUERIES, Q_COUNT, err);
}

void scanner_store_close(struct scanner_store *store)
{
    kit_statements_done(&store->statements);
}

static void scanner_columns(struct kit_query *query, struct scanner *ret)
{
    ret->id = kit_query_col_int(query, 0);
    kit_query_col_text(query, 1, ret->epoch, sizeof(ret->epoch));
    kit_query_col_text(query, 2, ret->epoch_before, sizeof(ret->epoch_before));
    ret->seq = kit_query_col_int(query, 3);
    ret->first_seq = kit_query_col_int(query, 4);
    ret->is_online = kit_query_col_int(query, 5) != 0;
    kit_query_col_text(query, 6, ret->online_epoch, sizeof(ret->online_epoch));
    ret->online_boot = kit_query_col_int(query, 7);
    struct scan_session *session = &ret->session;
    session->flow = (enum scan_flow)kit_query_col_int(query, 8);
    session->step = (enum scan_step)kit_query_col_int(query, 9);
    session->order.v = kit_query_col_int(query, 10);
    session->product.v = kit_query_col_int(query, 11);
    kit_query_col_text(query, 12, session->tote, sizeof(session->tote));
    kit_query_col_text(query, 13, session->bin, sizeof(session->bin));
    session->pieces = kit_query_col_int(query, 14);
    session->units = kit_query_col_int(query, 15);
    session->asset.v = kit_query_col_int(query, 16);
    session->touched_ms = kit_query_col_int(query, 17);
    ret->seq_before = kit_query_col_int(query, 18);
    session->times = kit_query_col_int(query, 19);
    ret->heard_ms = kit_query_col_int(query, 20);
}

static int scanner_add(struct scanner_store *store, struct scanner *scanner, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    kit_query_text(&query, scanner->name);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK) {
        CHECK(is_found);
        scanner->id = kit_query_col_int(&query, 0);
    }
    kit_query_end(&query);
    return rc;
}

int scanner_store_get(struct scanner_store *store, const char *name, struct scanner *ret_scanner,
                      struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    struct scanner scanner = { 0 };
    bool is_found = false;
    int size = snprintf(scanner.name, sizeof(scanner.name), "%s", name);
    CHECK(size > 0 && (size_t)size < sizeof(scanner.name));
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_text(&query, name);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK && is_found)
        scanner_columns(&query, &scanner);
    kit_query_end(&query);
    if (rc == KIT_OK && !is_found)
        rc = scanner_add(store, &scanner, err);
    if (rc == KIT_OK)
        *ret_scanner = scanner;
    return rc;
}

int scanner_store_save(struct scanner_store *store, const struct scanner *scanner,
                       struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db) && scanner->id != 0);
    const struct scan_session *session = &scanner->session;
    struct kit_query query = kit_query_start(&store->statements, Q_SAVE);
    kit_query_text(&query, scanner->epoch);
    kit_query_text(&query, scanner->epoch_before);
    kit_query_int(&query, scanner->seq);
    kit_query_int(&query, scanner->first_seq);
    kit_query_int(&query, scanner->is_online ? 1 : 0);
    kit_query_text(&query, scanner->online_epoch);
    kit_query_int(&query, scanner->online_boot);
    kit_query_int(&query, session->flow);
    kit_query_int(&query, session->step);
    kit_query_int(&query, session->order.v);
    kit_query_int(&query, session->product.v);
    kit_query_text(&query, session->tote);
    kit_query_text(&query, session->bin);
    kit_query_int(&query, session->pieces);
    kit_query_int(&query, session->units);
    kit_query_int(&query, session->asset.v);
    kit_query_int(&query, session->touched_ms);
    kit_query_int(&query, scanner->seq_before);
    kit_query_int(&query, session->times);
    kit_query_int(&query, scanner->heard_ms);
    kit_query_int(&query, scanner->id);
    return kit_query_run(&query, NULL, err);
}

int scanner_store_end_silent(struct scanner_store *store, int64_t since_ms, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_END_SILENT);
    kit_query_int(&query, since_ms);
    return kit_query_run(&query, NULL, err);
}

int scanner_store_count_online(struct scanner_store *store, int64_t *ret_count,
                               struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_COUNT_ONLINE, ret_count, err);
}

static int name_row(struct kit_query *query, char ret_name[SCANNER_NAME_SIZE],
                    struct kit_error *err)
{
    bool is_found = false;
    ret_name[0] = '\0';
    int rc = kit_query_row(query, &is_found, err);
    if (rc == KIT_OK && is_found)
        kit_query_col_text(query, 0, ret_name, SCANNER_NAME_SIZE);
    kit_query_end(query);
    return rc;
}

int scanner_store_find_with_order(struct scanner_store *store, int64_t but_not,
                                  struct rental_id order, int64_t since_ms,
                                  char ret_name[SCANNER_NAME_SIZE], struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_WITH_ORDER);
    kit_query_int(&query, order.v);
    kit_query_int(&query, but_not);
    kit_query_int(&query, since_ms);
    return name_row(&query, ret_name, err);
}

int scanner_store_find_with_tote(struct scanner_store *store, int64_t but_not, const char *tote,
                                 int64_t since_ms, char ret_name[SCANNER_NAME_SIZE],
                                 struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_WITH_TOTE);
    kit_query_text(&query, tote);
    kit_query_int(&query, but_not);
    kit_query_int(&query, since_ms);
    return name_row(&query, ret_name, err);
}

/* ---- verdicts ---- */

int verdict_store_add(struct scanner_store *store, int64_t scanner, int64_t seq,
                      const struct scan_verdict *verdict, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_VERDICT_ADD);
    kit_query_int(&query, scanner);
    kit_query_int(&query, seq);
    kit_query_int(&query, verdict->result);
    kit_query_int(&query, verdict->signal);
    kit_query_text(&query, verdict->prompt);
    return kit_query_run(&query, NULL, err);
}

int verdict_store_find(struct scanner_store *store, int64_t scanner, int64_t seq,
                       struct scan_verdict *ret_verdict, bool *ret_found, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&store->statements, Q_VERDICT_FIND);
    kit_query_int(&query, scanner);
    kit_query_int(&query, seq);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK && is_found) {
        ret_verdict->result = (enum scan_result)kit_query_col_int(&query, 0);
        ret_verdict->signal = (enum scan_signal)kit_query_col_int(&query, 1);
        kit_query_col_text(&query, 2, ret_verdict->prompt, sizeof(ret_verdict->prompt));
    }
    if (rc == KIT_OK)
        *ret_found = is_found;
    kit_query_end(&query);
    return rc;
}

int verdict_store_forget(struct scanner_store *store, int64_t scanner, int64_t below_seq,
                         struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_VERDICT_FORGET);
    kit_query_int(&query, scanner);
    kit_query_int(&query, below_seq);
    return kit_query_run(&query, NULL, err);
}

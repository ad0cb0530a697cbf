/* Stock's tables. Statements are prepared at open, so a typo fails the start. */
#include "stock/store/balance.h"

#include <inttypes.h>

enum query {
    Q_STOCK_FIND,
    Q_STOCK_ADD,
    Q_STOCK_SAVE,
    Q_STOCK_FIND_ITEM,
    Q_STOCK_FIND_GTIN,
    Q_STOCK_DESCRIBE,
    Q_STOCK_FIND_UNTOLD,
    Q_STOCK_TOLD,
    Q_MOVEMENT_ADD,
    Q_RESERVATION_FIND,
    Q_RESERVATION_ADD,
    Q_RESERVATION_MOVE,
    Q_RESERVATION_GO_ON,
    Q_RESERVATION_SET_SPOT,
    Q_RESERVATION_SET_LOAD,
    Q_RESERVATION_FIND_TOTE,
    Q_RESERVATION_FIND_SPOT,
    Q_RESERVATION_COUNT_PICKED,
    Q_RESERVATION_HISTORY_ADD,
    Q_RESERVATION_FIND_WAITING,
    Q_RESERVATION_FIND_ASKED,
    Q_RESERVATION_FORGET_ASKS,
    Q_RESERVATION_COUNT_WAITING,
    Q_COUNT,
};

#define STOCK_COLUMNS                                                                              \
    "product_id, registered, registration, available, reserved, rented, version, tracking"
#define RESERVATION_COLUMNS                                                                        \
    "id, product_id, qty, fulfilment, state, version, ask, picked, checked, home, damaged, tote,"  \
    " locker, compartment, is_loaded, reason, load_ms"

static const char *const QUERIES[Q_COUNT] = {
    [Q_STOCK_FIND] = "SELECT " STOCK_COLUMNS " FROM stock WHERE product_id = ?",
    [Q_STOCK_FIND_ITEM] = "SELECT " STOCK_COLUMNS ", name FROM stock WHERE product_id = ?",
    [Q_STOCK_FIND_GTIN] = "SELECT " STOCK_COLUMNS ", name FROM stock WHERE gtin = ? LIMIT 1",
    [Q_STOCK_DESCRIBE] = "UPDATE stock SET tracking = ?, name = ?, gtin = ? WHERE product_id = ?",
    [Q_STOCK_FIND_UNTOLD] = "SELECT " STOCK_COLUMNS " FROM stock WHERE announced < version"
                            " ORDER BY product_id LIMIT 1",
    [Q_STOCK_TOLD] = "UPDATE stock SET announced = ? WHERE product_id = ? AND version = ?",
    [Q_STOCK_ADD] = "INSERT INTO stock (registered, registration, available, reserved, rented,"
                    " version, product_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [Q_STOCK_SAVE] = "UPDATE stock SET registered = ?, registration = ?, available = ?,"
                     " reserved = ?, rented = ?, version = ? WHERE product_id = ? AND version = ?",
    [Q_MOVEMENT_ADD] = "INSERT INTO movement (product_id, version, reservation_id, kind,"
                       " d_registered, d_available, d_reserved, d_rented, at_ms)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [Q_RESERVATION_FIND] = "SELECT " RESERVATION_COLUMNS " FROM reservation WHERE id = ?",
    [Q_RESERVATION_ADD] = "INSERT INTO reservation (" RESERVATION_COLUMNS ")"
                          " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
    [Q_RESERVATION_MOVE] = "UPDATE reservation SET state = ?, version = ?, ask = 0, picked = ?,"
                           " checked = ?, home = ?, damaged = ?, tote = ?, locker = ?,"
                           " compartment = ?, is_loaded = ?, reason = ?"
                           " WHERE id = ? AND state = ? AND version = ?",
    [Q_RESERVATION_GO_ON] = "UPDATE reservation SET picked = ?, checked = ?, home = ?, damaged = ?,"
                            " tote = ? WHERE id = ? AND state = ? AND version = ?",
    [Q_RESERVATION_SET_SPOT] = "UPDATE reservation SET locker = ?, compartment = ?, is_loaded = ?,"
                               " reason = ?, load_ms = 0 WHERE id = ?",
    [Q_RESERVATION_SET_LOAD] = "UPDATE reservation SET load_ms = ? WHERE id = ?",
    [Q_RESERVATION_FIND_TOTE] = "SELECT " RESERVATION_COLUMNS " FROM reservation"
                                " WHERE tote <> '' AND tote = ? LIMIT 1",
    [Q_RESERVATION_FIND_SPOT] = "SELECT " RESERVATION_COLUMNS " FROM reservation"
                                " WHERE locker <> '' AND locker = ? AND compartment = ?"
                                " AND is_loaded = 1 ORDER BY state IN (3, 9) DESC,"
                                " state IN (4, 8), id DESC LIMIT 1",
    [Q_RESERVATION_COUNT_PICKED] = "SELECT coalesce(sum(picked - home - damaged), 0)"
                                   " FROM reservation WHERE product_id = ? AND picked > 0"
                                   " AND state IN (2, 6, 7, 9)",
    [Q_RESERVATION_HISTORY_ADD] = "INSERT INTO reservation_history (reservation_id, version,"
                                  " state, reason, at_ms) VALUES (?, ?, ?, ?, ?)",
    [Q_RESERVATION_FIND_WAITING] = "SELECT " RESERVATION_COLUMNS " FROM reservation"
                                   " WHERE state = 1 AND product_id = ? ORDER BY id LIMIT 1",
    [Q_RESERVATION_FIND_ASKED] = "SELECT " RESERVATION_COLUMNS " FROM reservation"
                                 " WHERE state = 1 AND ask <= ? ORDER BY ask, id LIMIT 1",
    [Q_RESERVATION_FORGET_ASKS] = "UPDATE reservation SET ask = 0 WHERE state = 1 AND ask > 0",
    [Q_RESERVATION_COUNT_WAITING] = "SELECT count(*) FROM reservation WHERE state = 1",
};

int stock_store_open(struct stock_store *store, struct kit_db *db, struct kit_error *err)
{
    store->db = db;
    return kit_statements_prepare(&store->statements, db, QUERIES, Q_COUNT, err);
}

void stock_store_close(struct stock_store *store)
{
    kit_statements_done(&store->statements);
}

/* ---- quantities ---- */

static void stock_columns(struct kit_query *query, struct stock *ret_stock)
{
    ret_stock->product.v = kit_query_col_int(query, 0);
    ret_stock->registered = kit_query_col_int(query, 1);
    ret_stock->registration = kit_query_col_int(query, 2);
    ret_stock->available = kit_query_col_int(query, 3);
    ret_stock->reserved = kit_query_col_int(query, 4);
    ret_stock->rented = kit_query_col_int(query, 5);
    ret_stock->version = kit_query_col_int(query, 6);
    ret_stock->tracking = (enum tracking)kit_query_col_int(query, 7);
}

/* Reads the row that the query finds, and ends it. */
static int stock_read(struct kit_query *query, struct stock *ret_stock, bool *ret_found,
                      struct kit_error *err)
{
    bool is_found = false;
    int rc = kit_query_row(query, &is_found, err);
    if (rc == KIT_OK && is_found)
        stock_columns(query, ret_stock);
    if (rc == KIT_OK)
        *ret_found = is_found;
    kit_query_end(query);
    return rc;
}

int stock_store_find(struct stock_store *store, struct product_id product, struct stock *ret_stock,
                     bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STOCK_FIND);
    kit_query_int(&query, product.v);
    return stock_read(&query, ret_stock, ret_found, err);
}

static int item_read(struct kit_query *query, struct scan_item *ret_item, bool *ret_found,
                     struct kit_error *err)
{
    bool is_found = false;
    int rc = kit_query_row(query, &is_found, err);
    if (rc == KIT_OK && is_found) {
        stock_columns(query, &ret_item->stock);
        kit_query_col_text(query, 8, ret_item->name, sizeof(ret_item->name));
    }
    if (rc == KIT_OK)
        *ret_found = is_found;
    kit_query_end(query);
    return rc;
}

int stock_store_find_item(struct stock_store *store, struct product_id product,
                          struct scan_item *ret_item, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STOCK_FIND_ITEM);
    kit_query_int(&query, product.v);
    return item_read(&query, ret_item, ret_found, err);
}

int stock_store_find_gtin(struct stock_store *store, const char *gtin, struct scan_item *ret_item,
                          bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STOCK_FIND_GTIN);
    kit_query_text(&query, gtin);
    return item_read(&query, ret_item, ret_found, err);
}

int stock_store_describe(struct stock_store *store, const struct scan_item *item, const char *gtin,
                         struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STOCK_DESCRIBE);
    kit_query_int(&query, item->stock.tracking);
    kit_query_text(&query, item->name);
    if (gtin[0] != '\0')
        kit_query_text(&query, gtin);
    else
        kit_query_null(&query);
    kit_query_int(&query, item->stock.product.v);
    return kit_query_run(&query, NULL, err);
}

int stock_store_find_untold(struct stock_store *store, struct stock *ret_stock, bool *ret_found,
                            struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STOCK_FIND_UNTOLD);
    return stock_read(&query, ret_stock, ret_found, err);
}

int stock_store_told(struct stock_store *store, const struct stock *stock, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STOCK_TOLD);
    kit_query_int(&query, stock->version);
    kit_query_int(&query, stock->product.v);
    kit_query_int(&query, stock->version);
    return kit_query_run(&query, NULL, err);
}

static int stock_save(struct stock_store *store, const struct stock *after, struct kit_error *err)
{
    bool is_new = after->version == 1;
    int change_count = 0;
    struct kit_query query = kit_query_start(&store->statements,
                                             is_new ? Q_STOCK_ADD : Q_STOCK_SAVE);
    kit_query_int(&query, after->registered);
    kit_query_int(&query, after->registration);
    kit_query_int(&query, after->available);
    kit_query_int(&query, after->reserved);
    kit_query_int(&query, after->rented);
    kit_query_int(&query, after->version);
    kit_query_int(&query, after->product.v);
    if (!is_new)
        kit_query_int(&query, after->version - 1);
    int rc = kit_query_run(&query, &change_count, err);
    if (rc == KIT_OK && change_count != 1)
        rc = kit_error_set(err, KIT_E_CONFLICT,
                           "stock of product %" PRId64 " is not at version %" PRId64 " any more",
                           after->product.v, after->version - 1);
    return rc;
}

int stock_store_apply(struct stock_store *store, const struct stock_change *change,
                      const struct rental_id *cause, int64_t now_ms, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    int rc = stock_save(store, &change->after, err);
    if (rc != KIT_OK)
        return rc;

    struct kit_query query = kit_query_start(&store->statements, Q_MOVEMENT_ADD);
    kit_query_int(&query, change->after.product.v);
    kit_query_int(&query, change->after.version);
    if (cause != NULL)
        kit_query_int(&query, cause->v);
    else
        kit_query_null(&query);
    kit_query_int(&query, change->movement.kind);
    kit_query_int(&query, change->movement.d_registered);
    kit_query_int(&query, change->movement.d_available);
    kit_query_int(&query, change->movement.d_reserved);
    kit_query_int(&query, change->movement.d_rented);
    kit_query_int(&query, now_ms);
    return kit_query_run(&query, NULL, err);
}

/* ---- reservations ---- */

/* Runs a query that selects RESERVATION_COLUMNS and ends it. */
static int reservation_row(struct kit_query *query, struct reservation *ret_reservation,
                           bool *ret_found, struct kit_error *err)
{
    bool is_found = false;
    int rc = kit_query_row(query, &is_found, err);
    if (rc == KIT_OK && is_found) {
        *ret_reservation = (struct reservation){
            .id = { kit_query_col_int(query, 0) },
            .product = { kit_query_col_int(query, 1) },
            .qty = kit_query_col_int(query, 2),
            .fulfilment = (enum fulfilment)kit_query_col_int(query, 3),
            .state = (enum reservation_state)kit_query_col_int(query, 4),
            .version = kit_query_col_int(query, 5),
            .ask = kit_query_col_int(query, 6),
            .progress = { .picked = kit_query_col_int(query, 7),
                          .checked = kit_query_col_int(query, 8),
                          .home = kit_query_col_int(query, 9),
                          .damaged = kit_query_col_int(query, 10) },
            .spot = { .compartment = kit_query_col_int(query, 13),
                      .is_loaded = kit_query_col_int(query, 14) != 0 },
            .load_ms = kit_query_col_int(query, 16),
        };
        kit_query_col_text(query, 11, ret_reservation->tote, sizeof(ret_reservation->tote));
        struct reservation_spot *spot = &ret_reservation->spot;
        kit_query_col_text(query, 12, spot->locker, sizeof(spot->locker));
        kit_query_col_text(query, 15, spot->reason, sizeof(spot->reason));
    }
    if (rc == KIT_OK)
        *ret_found = is_found;
    kit_query_end(query);
    return rc;
}

int reservation_store_find(struct stock_store *store, struct rental_id id,
                           struct reservation *ret_reservation, bool *ret_found,
                           struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_FIND);
    kit_query_int(&query, id.v);
    return reservation_row(&query, ret_reservation, ret_found, err);
}

int reservation_store_find_waiting(struct stock_store *store, struct product_id product,
                                   struct reservation *ret_reservation, bool *ret_found,
                                   struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_FIND_WAITING);
    kit_query_int(&query, product.v);
    return reservation_row(&query, ret_reservation, ret_found, err);
}

int reservation_store_find_asked(struct stock_store *store, int64_t ask,
                                 struct reservation *ret_reservation, bool *ret_found,
                                 struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_FIND_ASKED);
    kit_query_int(&query, ask);
    return reservation_row(&query, ret_reservation, ret_found, err);
}

int reservation_store_find_tote(struct stock_store *store, const char *tote,
                                struct reservation *ret_reservation, bool *ret_found,
                                struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_FIND_TOTE);
    kit_query_text(&query, tote);
    return reservation_row(&query, ret_reservation, ret_found, err);
}

int reservation_store_find_spot(struct stock_store *store, const struct reservation_spot *spot,
                                struct reservation *ret_reservation, bool *ret_found,
                                struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_FIND_SPOT);
    kit_query_text(&query, spot->locker);
    kit_query_int(&query, spot->compartment);
    return reservation_row(&query, ret_reservation, ret_found, err);
}

int reservation_store_count_picked(struct stock_store *store, struct product_id product,
                                   int64_t *ret_pieces, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_COUNT_PICKED);
    kit_query_int(&query, product.v);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK) {
        CHECK(is_found);
        *ret_pieces = kit_query_col_int(&query, 0);
    }
    kit_query_end(&query);
    return rc;
}

static int reservation_add(struct stock_store *store, const struct reservation *after,
                           struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_ADD);
    kit_query_int(&query, after->id.v);
    kit_query_int(&query, after->product.v);
    kit_query_int(&query, after->qty);
    kit_query_int(&query, after->fulfilment);
    kit_query_int(&query, after->state);
    kit_query_int(&query, after->version);
    kit_query_int(&query, after->ask);
    return kit_query_run(&query, NULL, err);
}

static void progress_bind(struct kit_query *query, const struct reservation *after)
{
    kit_query_int(query, after->progress.picked);
    kit_query_int(query, after->progress.checked);
    kit_query_int(query, after->progress.home);
    kit_query_int(query, after->progress.damaged);
    kit_query_text(query, after->tote);
}

static void spot_bind(struct kit_query *query, const struct reservation_spot *spot)
{
    kit_query_text(query, spot->locker);
    kit_query_int(query, spot->compartment);
    kit_query_int(query, spot->is_loaded ? 1 : 0);
    kit_query_text(query, spot->reason);
}

static int reservation_changed(int rc, int change_count, const struct reservation *before,
                               struct kit_error *err)
{
    if (rc == KIT_OK && change_count != 1)
        rc = kit_error_set(err, KIT_E_CONFLICT,
                           "reservation %" PRId64 " is not in state %d, version %" PRId64
                           " any more",
                           before->id.v, before->state, before->version);
    return rc;
}

static int reservation_update(struct stock_store *store, const struct reservation *before,
                              const struct reservation *after, struct kit_error *err)
{
    int change_count = 0;
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_MOVE);
    kit_query_int(&query, after->state);
    kit_query_int(&query, after->version);
    progress_bind(&query, after);
    spot_bind(&query, &after->spot);
    kit_query_int(&query, before->id.v);
    kit_query_int(&query, before->state);
    kit_query_int(&query, before->version);
    int rc = kit_query_run(&query, &change_count, err);
    return reservation_changed(rc, change_count, before, err);
}

int reservation_store_go_on(struct stock_store *store, struct reservation *reservation,
                            const struct reservation_decision *decision, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db) && decision->state == reservation->state);
    struct reservation after = *reservation;
    after.progress = decision->progress;
    int change_count = 0;
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_GO_ON);
    progress_bind(&query, &after);
    kit_query_int(&query, after.id.v);
    kit_query_int(&query, after.state);
    kit_query_int(&query, after.version);
    int rc = kit_query_run(&query, &change_count, err);
    rc = reservation_changed(rc, change_count, reservation, err);
    if (rc == KIT_OK)
        *reservation = after;
    return rc;
}

int reservation_store_set_spot(struct stock_store *store, struct reservation *reservation,
                               const struct reservation_spot *spot, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_SET_SPOT);
    spot_bind(&query, spot);
    kit_query_int(&query, reservation->id.v);
    int rc = kit_query_run(&query, NULL, err);
    if (rc == KIT_OK) {
        reservation->spot = *spot;
        reservation->load_ms = 0;
    }
    return rc;
}

int reservation_store_set_load(struct stock_store *store, struct rental_id id, int64_t now_ms,
                               struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_SET_LOAD);
    kit_query_int(&query, now_ms);
    kit_query_int(&query, id.v);
    return kit_query_run(&query, NULL, err);
}

/* In the locker, with the customer, or at the end: the tote is free again; at the end also the
 * compartment, unless goods lie in it: somebody must open it to get them (rules 7.8). */
static void reservation_let_go(struct reservation *reservation)
{
    bool is_end = reservation->state == RESERVATION_RELEASED ||
                  reservation->state == RESERVATION_RETURNED;
    if (is_end || reservation->state == RESERVATION_LOADED ||
        reservation->state == RESERVATION_RENTED)
        reservation->tote[0] = '\0';
    if (is_end && !reservation->spot.is_loaded)
        reservation->spot = (struct reservation_spot){ 0 };
}

int reservation_store_move(struct stock_store *store, struct reservation *reservation,
                           const struct reservation_decision *decision, int64_t ask, int64_t now_ms,
                           struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    if (!reservation_may_move(reservation->state, decision->state))
        return kit_error_set(err, KIT_E_CONFLICT, "reservation %" PRId64 ": no move from %d to %d",
                             reservation->id.v, reservation->state, decision->state);

    struct reservation after = *reservation;
    after.state = decision->state;
    after.version++;
    after.ask = ask;
    after.progress = decision->progress;
    reservation_let_go(&after);
    int rc = reservation->state == RESERVATION_NEW
                 ? reservation_add(store, &after, err)
                 : reservation_update(store, reservation, &after, err);
    if (rc != KIT_OK)
        return rc;

    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_HISTORY_ADD);
    kit_query_int(&query, after.id.v);
    kit_query_int(&query, after.version);
    kit_query_int(&query, after.state);
    kit_query_int(&query, decision->reason);
    kit_query_int(&query, now_ms);
    rc = kit_query_run(&query, NULL, err);
    if (rc == KIT_OK)
        *reservation = after;
    return rc;
}

int reservation_store_forget_asks(struct stock_store *store, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->db));
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_FORGET_ASKS);
    return kit_query_run(&query, NULL, err);
}

int reservation_store_count_waiting(struct stock_store *store, int64_t *ret_count,
                                    struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_RESERVATION_COUNT_WAITING, ret_count, err);
}

/* Stock's tables. Statements are prepared at open, so a typo fails the start. */
#include "stock/store.h"

#include <inttypes.h>

/* Append-only: never change a migration that was released.
 * State 1 is WAITING: partial indexes, so that deciding them costs what waits, not what was. */
const struct kit_migration stock_migrations[STOCK_MIGRATION_COUNT] = {
    { "1: quantities, reservations, ledger",
      "CREATE TABLE stock ("
      " product_id INTEGER PRIMARY KEY CHECK (product_id BETWEEN 1 AND 9007199254740991),"
      " registered INTEGER NOT NULL CHECK (registered BETWEEN 1 AND 1000000),"
      " registration INTEGER NOT NULL CHECK (registration BETWEEN 1 AND 2147483647),"
      " available INTEGER NOT NULL CHECK (available >= 0),"
      " reserved INTEGER NOT NULL CHECK (reserved >= 0),"
      " rented INTEGER NOT NULL CHECK (rented >= 0),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " announced INTEGER NOT NULL DEFAULT 0" /* the version of the last StockChanged */
      "  CHECK (announced BETWEEN 0 AND version),"
      " CHECK (registered = available + reserved + rented)"
      ") STRICT;"
      "CREATE INDEX stock_to_announce ON stock (product_id) WHERE announced < version;"
      "CREATE TABLE reservation ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " product_id INTEGER NOT NULL CHECK (product_id BETWEEN 1 AND 9007199254740991),"
      " qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " ask INTEGER NOT NULL CHECK (ask >= 0)"
      ") STRICT;"
      "CREATE INDEX reservation_waiting ON reservation (product_id, id) WHERE state = 1;"
      "CREATE INDEX reservation_asked ON reservation (ask, id) WHERE state = 1;"
      "CREATE TABLE reservation_history ("
      " reservation_id INTEGER NOT NULL REFERENCES reservation (id),"
      " version INTEGER NOT NULL,"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),"
      " reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 2),"
      " at_ms INTEGER NOT NULL,"
      " PRIMARY KEY (reservation_id, version)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE movement ("
      " id INTEGER PRIMARY KEY,"
      " product_id INTEGER NOT NULL REFERENCES stock (product_id),"
      " version INTEGER NOT NULL," /* of the stock row after it: no movement is missing or double */
      " reservation_id INTEGER REFERENCES reservation (id),"
      " kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),"
      " d_registered INTEGER NOT NULL,"
      " d_available INTEGER NOT NULL,"
      " d_reserved INTEGER NOT NULL,"
      " d_rented INTEGER NOT NULL,"
      " at_ms INTEGER NOT NULL,"
      " UNIQUE (product_id, version),"
      " CHECK (d_registered = d_available + d_reserved + d_rented)"
      ") STRICT;" },
};

enum query {
    Q_STOCK_FIND,
    Q_STOCK_ADD,
    Q_STOCK_SAVE,
    Q_STOCK_FIND_UNTOLD,
    Q_STOCK_TOLD,
    Q_MOVEMENT_ADD,
    Q_RESERVATION_FIND,
    Q_RESERVATION_ADD,
    Q_RESERVATION_MOVE,
    Q_RESERVATION_HISTORY_ADD,
    Q_RESERVATION_FIND_WAITING,
    Q_RESERVATION_FIND_ASKED,
    Q_RESERVATION_FORGET_ASKS,
    Q_RESERVATION_COUNT_WAITING,
    Q_COUNT,
};

#define STOCK_COLUMNS "product_id, registered, registration, available, reserved, rented, version"
#define RESERVATION_COLUMNS "id, product_id, qty, state, version, ask"

static const char *const QUERIES[Q_COUNT] = {
    [Q_STOCK_FIND] = "SELECT " STOCK_COLUMNS " FROM stock WHERE product_id = ?",
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
                          " VALUES (?, ?, ?, ?, ?, ?)",
    [Q_RESERVATION_MOVE] = "UPDATE reservation SET state = ?, version = ?, ask = 0"
                           " WHERE id = ? AND state = ? AND version = ?",
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

/* Reads the row that the query finds, and ends it. */
static int stock_read(struct kit_query *query, struct stock *ret_stock, bool *ret_found,
                      struct kit_error *err)
{
    bool is_found = false;
    int rc = kit_query_row(query, &is_found, err);
    if (rc == KIT_OK && is_found) {
        ret_stock->product.v = kit_query_col_int(query, 0);
        ret_stock->registered = kit_query_col_int(query, 1);
        ret_stock->registration = kit_query_col_int(query, 2);
        ret_stock->available = kit_query_col_int(query, 3);
        ret_stock->reserved = kit_query_col_int(query, 4);
        ret_stock->rented = kit_query_col_int(query, 5);
        ret_stock->version = kit_query_col_int(query, 6);
    }
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
            .state = (enum reservation_state)kit_query_col_int(query, 3),
            .version = kit_query_col_int(query, 4),
            .ask = kit_query_col_int(query, 5),
        };
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

static int reservation_add(struct stock_store *store, const struct reservation *after,
                           struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_ADD);
    kit_query_int(&query, after->id.v);
    kit_query_int(&query, after->product.v);
    kit_query_int(&query, after->qty);
    kit_query_int(&query, after->state);
    kit_query_int(&query, after->version);
    kit_query_int(&query, after->ask);
    return kit_query_run(&query, NULL, err);
}

static int reservation_update(struct stock_store *store, const struct reservation *before,
                              const struct reservation *after, struct kit_error *err)
{
    int change_count = 0;
    struct kit_query query = kit_query_start(&store->statements, Q_RESERVATION_MOVE);
    kit_query_int(&query, after->state);
    kit_query_int(&query, after->version);
    kit_query_int(&query, before->id.v);
    kit_query_int(&query, before->state);
    kit_query_int(&query, before->version);
    int rc = kit_query_run(&query, &change_count, err);
    if (rc == KIT_OK && change_count != 1)
        rc = kit_error_set(err, KIT_E_CONFLICT,
                           "reservation %" PRId64 " is not in state %d, version %" PRId64
                           " any more",
                           before->id.v, before->state, before->version);
    return rc;
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

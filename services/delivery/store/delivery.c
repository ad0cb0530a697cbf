/* The SQL of delivery. Statements are prepared at open, so that a typo fails the start. Never
 * begins or commits. Loop thread. */
#include "delivery/store/delivery.h"

#include <inttypes.h>
#include <stdio.h>

#include "catalogue/catalogue.h"
#include "delivery/store/locker.h"
#include "kit/service/losses.h"

/* READY_USE: what a compartment of a delivery that is READY may be used for. */
#define DELIVERY_TABLE(READY_USE)                                                                  \
    "CREATE TABLE delivery ("                                                                      \
    "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"                          \
    "  product_id INTEGER NOT NULL CHECK (product_id >= 1),"                                       \
    "  qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"                                    \
    "  fulfilment INTEGER NOT NULL CHECK (fulfilment BETWEEN 1 AND 2),"                            \
    "  wished_locker TEXT CHECK (wished_locker <> ''),"                                            \
    "  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 11),"                                   \
    "  reason TEXT CHECK (reason <> ''),"                                                          \
    "  version INTEGER NOT NULL CHECK (version >= 1),"                                             \
    "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"                                 \
    "  locker TEXT CHECK (locker <> ''),"                                                          \
    "  compartment INTEGER CHECK (compartment BETWEEN 1 AND 16),"                                  \
    "  compartment_use INTEGER CHECK (compartment_use BETWEEN 1 AND 2),"                           \
    "  deadline_ms INTEGER CHECK (deadline_ms > 0),"                                               \
    "  wish INTEGER NOT NULL CHECK (wish BETWEEN 0 AND 3),"                                        \
    "  issue_count INTEGER NOT NULL CHECK (issue_count >= 0),"                                     \
    "  stock_has_goods INTEGER NOT NULL CHECK (stock_has_goods BETWEEN 0 AND 1),"                  \
    "  CHECK (status <> 1 OR version = 1),"                                                        \
    "  CHECK (fulfilment = 2 OR status <> 2 OR version = 2),"                                      \
    "  CHECK (fulfilment = 2 OR status NOT IN (6, 7, 8, 9, 11)),"                                  \
    "  CHECK (status NOT IN (4, 5) OR (version = 2 AND reason IS NOT NULL)),"                      \
    "  CHECK ((locker IS NULL) = (compartment IS NULL)),"                                          \
    "  CHECK ((locker IS NULL) = (compartment_use IS NULL)),"                                      \
    "  CHECK (status <> 8 OR (" READY_USE " AND deadline_ms IS NOT NULL)),"                        \
    "  CHECK (wish = 0 OR (wish < 3 AND status = 8) OR (wish = 3 AND status = 9))"                 \
    ") STRICT;"
#define DELIVERY_INDEXES                                                                           \
    "CREATE INDEX delivery_waiting ON delivery (id)"                                               \
    "  WHERE status IN (7, 9) AND compartment IS NULL;"                                            \
    "CREATE INDEX delivery_deadline ON delivery (deadline_ms)"                                     \
    "  WHERE deadline_ms IS NOT NULL AND wish = 0;"                                                \
    "CREATE INDEX delivery_wish ON delivery (locker, id) WHERE wish <> 0;"

/* History refers to delivery, so it steps aside while delivery is built anew. */
#define LOCKER_ORDERS_MIGRATION                                                                    \
    "CREATE TABLE history_before AS SELECT * FROM delivery_history;"                               \
    "DROP TABLE delivery_history;"                                                                 \
    "ALTER TABLE delivery RENAME TO delivery_before;" DELIVERY_TABLE(                              \
        "compartment_use IS 2") "INSERT INTO delivery SELECT id, product_id, qty, fulfilment, "    \
                                "NULL, status, reason, version,"                                   \
                                "  updated_at_ms, NULL, NULL, NULL, NULL, 0, 0, 0 FROM "           \
                                "delivery_before;"                                                 \
                                "DROP TABLE delivery_before;" DELIVERY_INDEXES                     \
                                "CREATE TABLE delivery_history ("                                  \
                                "  delivery_id INTEGER NOT NULL REFERENCES delivery (id),"         \
                                "  version INTEGER NOT NULL CHECK (version >= 1),"                 \
                                "  from_status INTEGER CHECK (from_status BETWEEN 1 AND 11),"      \
                                "  to_status INTEGER NOT NULL CHECK (to_status BETWEEN 1 AND 11)," \
                                "  reason TEXT,"                                                   \
                                "  at_ms INTEGER NOT NULL,"                                        \
                                "  locker TEXT,"                                                   \
                                "  compartment INTEGER,"                                           \
                                "  compartment_use INTEGER,"                                       \
                                "  PRIMARY KEY (delivery_id, version),"                            \
                                "  CHECK ((from_status IS NULL) = (version = 1))"                  \
                                ") STRICT, WITHOUT ROWID;"                                         \
                                "INSERT INTO delivery_history SELECT *, NULL, NULL, NULL FROM "    \
                                "history_before;"                                                  \
                                "DROP TABLE history_before;"

/* READY with a compartment that turned out to be empty (rules 8.7). Other tables refer to delivery:
 * until every row is back, at the end of the transaction, they may refer to nothing. */
#define EMPTY_READY_MIGRATION                                                                      \
    "PRAGMA defer_foreign_keys = ON;"                                                              \
    "CREATE TABLE delivery_before AS SELECT * FROM delivery;"                                      \
    "DROP TABLE delivery;" DELIVERY_TABLE(                                                         \
        "compartment_use IS NOT NULL") "INSERT INTO delivery SELECT * FROM delivery_before;"       \
                                       "DROP TABLE delivery_before;" DELIVERY_INDEXES

/* Append-only. 1: REQUESTED, 2: DELIVERED, 3: CANCELED, 4: out of stock, 5: unregistered product;
 * 6: RESERVED, 7: PICKED, 8: READY, 9: RETURNING, 10: RETURNED, 11: EXPIRED. */
const struct kit_migration delivery_migrations[DELIVERY_MIGRATION_COUNT] = {
    { "deliveries",
      "CREATE TABLE delivery ("
      "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991)," /* the rental's */
      "  product_id INTEGER NOT NULL CHECK (product_id >= 1),"
      "  qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"
      "  fulfilment INTEGER NOT NULL CHECK (fulfilment = 1),"
      "  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 5),"
      "  reason TEXT CHECK (reason <> ''),"
      "  version INTEGER NOT NULL CHECK (version >= 1),"
      "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"
      "  CHECK (status <> 1 OR version = 1),"             /* nothing leads back to REQUESTED */
      "  CHECK (status NOT IN (2, 4, 5) OR version = 2)," /* stock answers what was requested */
      "  CHECK (status NOT IN (4, 5) OR reason IS NOT NULL)"
      ") STRICT;"
      "CREATE TABLE delivery_history ("
      "  delivery_id INTEGER NOT NULL REFERENCES delivery (id),"
      "  version INTEGER NOT NULL CHECK (version >= 1),"
      "  from_status INTEGER CHECK (from_status BETWEEN 1 AND 5)," /* NULL: it is new */
      "  to_status INTEGER NOT NULL CHECK (to_status BETWEEN 1 AND 5),"
      "  reason TEXT,"
      "  at_ms INTEGER NOT NULL,"
      "  PRIMARY KEY (delivery_id, version),"
      "  CHECK ((from_status IS NULL) = (version = 1))"
      ") STRICT, WITHOUT ROWID;" },
    { "products", CATALOGUE_MIGRATION },
    { "locker orders", LOCKER_ORDERS_MIGRATION },
    { "lockers", LOCKER_STORE_MIGRATION },
    { "product kinds", CATALOGUE_KINDS_MIGRATION },
    { "locker logs", LOCKER_LOGS_MIGRATION },
    { "locker care", LOCKER_CARE_MIGRATION },
    { "empty while ready", EMPTY_READY_MIGRATION },
    { "losses", KIT_LOSSES_MIGRATION },
    { "lockers removed", LOCKER_REMOVED_MIGRATION },
};

enum delivery_query {
    Q_ADD = 0,
    Q_HISTORY_ADD,
    Q_GET,
    Q_APPLY,
    Q_NOTE,
    Q_LIST,
    Q_COUNT,
    Q_WAITING,
    Q_FIRST_FITTING,
    Q_WAITING_COUNT,
    Q_OVERDUE,
    Q_WISHED,
    QUERY_COUNT,
};

#define DELIVERY_COLUMNS                                                                           \
    "id, product_id, qty, fulfilment, status, reason, version, updated_at_ms, wished_locker,"      \
    " locker, compartment, compartment_use, deadline_ms, wish, issue_count, stock_has_goods"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD] = "INSERT INTO delivery (" DELIVERY_COLUMNS ")"
              " VALUES (?, ?, ?, ?, ?, nullif(?, ''), ?, ?, nullif(?, ''), NULL, NULL, NULL, NULL,"
              " 0, 0, 0)",
    [Q_HISTORY_ADD] = "INSERT INTO delivery_history (delivery_id, version, from_status, to_status,"
                      " reason, at_ms, locker, compartment, compartment_use) VALUES (?, ?,"
                      " nullif(?, 0), ?, nullif(?, ''), ?, nullif(?, ''), nullif(?, 0),"
                      " nullif(?, 0))",
    [Q_GET] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id = ?",
    [Q_APPLY] = "UPDATE delivery SET status = ?, reason = nullif(?, ''), version = version + 1,"
                " updated_at_ms = ?, locker = nullif(?, ''), compartment = nullif(?, 0),"
                " compartment_use = nullif(?, 0), deadline_ms = nullif(?, 0), wish = ?"
                " WHERE id = ? AND status = ? AND version = ?",
    [Q_NOTE] = "UPDATE delivery SET wish = ?, issue_count = ?, stock_has_goods = ?"
               " WHERE id = ? AND version = ?",
    [Q_LIST] = "SELECT " DELIVERY_COLUMNS " FROM delivery ORDER BY id LIMIT ? OFFSET ?",
    [Q_COUNT] = "SELECT count(*) FROM delivery",
    [Q_WAITING] = "SELECT id FROM delivery WHERE status IN (7, 9) AND compartment IS NULL"
                  " AND id > ? ORDER BY id LIMIT ?",
    /* Units of rules 7.2; the sizes as in enum product_size. */
    [Q_FIRST_FITTING] =
        "SELECT coalesce(min(d.id), 0) FROM delivery d"
        " JOIN product p ON p.id = d.product_id"
        " WHERE d.status IN (7, 9) AND d.compartment IS NULL"
        " AND d.qty * CASE p.size WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 4 END <= ?",
    [Q_WAITING_COUNT] = "SELECT count(*) FROM delivery WHERE status IN (7, 9)"
                        " AND compartment IS NULL",
    [Q_OVERDUE] = "SELECT d.id FROM delivery d JOIN compartment c ON c.delivery_id = d.id"
                  " WHERE d.deadline_ms IS NOT NULL AND d.wish = 0 AND d.deadline_ms <= ?"
                  " AND c.story = 0 ORDER BY d.deadline_ms LIMIT ?",
    [Q_WISHED] = "SELECT id FROM delivery WHERE wish <> 0 AND locker = ? ORDER BY id LIMIT ?",
};

int delivery_store_open(struct delivery_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_statements_prepare(&store->statements, db, QUERIES, QUERY_COUNT, err);
}

void delivery_store_close(struct delivery_store *store)
{
    kit_statements_done(&store->statements);
}

static void read_row(struct kit_query *q, struct delivery *ret)
{
    ret->order.id.v = kit_query_col_int(q, 0);
    ret->order.product_id.v = kit_query_col_int(q, 1);
    ret->order.qty = kit_query_col_int(q, 2);
    ret->order.fulfilment = (enum fulfilment)kit_query_col_int(q, 3);
    ret->status = (enum delivery_status)kit_query_col_int(q, 4);
    kit_query_col_text(q, 5, ret->reason, sizeof(ret->reason));
    ret->version = kit_query_col_int(q, 6);
    ret->updated_at_ms = kit_query_col_int(q, 7);
    kit_query_col_text(q, 8, ret->order.wished_locker, sizeof(ret->order.wished_locker));
    kit_query_col_text(q, 9, ret->spot.locker, sizeof(ret->spot.locker));
    ret->spot.compartment = (int)kit_query_col_int(q, 10);
    ret->spot.use = (enum compartment_use)kit_query_col_int(q, 11); /* NULL reads as 0: none */
    ret->deadline_ms = kit_query_col_int(q, 12);
    ret->wish = (enum delivery_wish)kit_query_col_int(q, 13);
    ret->issue_count = kit_query_col_int(q, 14);
    ret->stock_has_goods = kit_query_col_int(q, 15) != 0;
}

/* from 0: the delivery is new. */
static int add_history(struct delivery_store *store, const struct delivery *delivery, int64_t from,
                       struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_HISTORY_ADD);
    kit_query_int(&q, delivery->order.id.v);
    kit_query_int(&q, delivery->version);
    kit_query_int(&q, from);
    kit_query_int(&q, delivery->status);
    kit_query_text(&q, delivery->reason);
    kit_query_int(&q, delivery->updated_at_ms);
    kit_query_text(&q, delivery->spot.locker);
    kit_query_int(&q, delivery->spot.compartment);
    kit_query_int(&q, delivery->spot.use);
    return kit_query_run(&q, NULL, err);
}

int delivery_store_add(struct delivery_store *store, const struct delivery *delivery,
                       struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    struct kit_query q = kit_query_start(&store->statements, Q_ADD);
    kit_query_int(&q, delivery->order.id.v);
    kit_query_int(&q, delivery->order.product_id.v);
    kit_query_int(&q, delivery->order.qty);
    kit_query_int(&q, delivery->order.fulfilment);
    kit_query_int(&q, delivery->status);
    kit_query_text(&q, delivery->reason);
    kit_query_int(&q, delivery->version);
    kit_query_int(&q, delivery->updated_at_ms);
    kit_query_text(&q, delivery->order.wished_locker);
    int rc = kit_query_run(&q, NULL, err);
    return rc == KIT_OK ? add_history(store, delivery, 0, err) : rc;
}

int delivery_store_find(struct delivery_store *store, struct rental_id id,
                        struct delivery *ret_delivery, bool *ret_found, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    struct kit_query q = kit_query_start(&store->statements, Q_GET);
    kit_query_int(&q, id.v);
    int rc = kit_query_row(&q, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        read_row(&q, ret_delivery);
    kit_query_end(&q);
    return rc;
}

/* Runs a started query that changes the row of *delivery, if it is still as we know it. */
static int run_one(struct kit_query *q, const struct delivery *delivery, struct kit_error *err)
{
    int changes = 0;
    int rc = kit_query_run(q, &changes, err);
    if (rc == KIT_OK && changes != 1)
        return kit_error_set(err, KIT_E_CONFLICT, "delivery %" PRId64 " changed meanwhile",
                             delivery->order.id.v);
    return rc;
}

/* Writes the change to the row if it is still as *delivery has it. */
static int update_row(struct delivery_store *store, const struct delivery *delivery,
                      const struct delivery_change *change, enum delivery_wish wish,
                      struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_APPLY);
    kit_query_int(&q, change->to);
    kit_query_text(&q, change->reason);
    kit_query_int(&q, change->at_ms);
    kit_query_text(&q, change->spot.locker);
    kit_query_int(&q, change->spot.compartment);
    kit_query_int(&q, change->spot.use);
    kit_query_int(&q, change->deadline_ms);
    kit_query_int(&q, wish);
    kit_query_int(&q, delivery->order.id.v);
    kit_query_int(&q, delivery->status);
    kit_query_int(&q, delivery->version);
    return run_one(&q, delivery, err);
}

int delivery_store_apply(struct delivery_store *store, struct delivery *delivery,
                         const struct delivery_change *change, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    bool is_move = delivery->status != change->to;
    if (is_move && !delivery_may_move(delivery->status, change->to))
        return kit_error_set(err, KIT_E_CONFLICT, "delivery %" PRId64 ": no move from %d to %d",
                             delivery->order.id.v, (int)delivery->status, (int)change->to);

    enum delivery_wish wish = is_move ? DELIVERY_WISH_NONE : delivery->wish;
    int rc = update_row(store, delivery, change, wish, err);
    if (rc != KIT_OK)
        return rc;

    int64_t from = delivery->status;
    delivery->status = change->to;
    delivery->version++;
    delivery->updated_at_ms = change->at_ms;
    delivery->spot = change->spot;
    delivery->deadline_ms = change->deadline_ms;
    delivery->wish = wish;
    if (change->reason != delivery->reason)
        (void)snprintf(delivery->reason, sizeof(delivery->reason), "%s", change->reason);
    return add_history(store, delivery, from, err);
}

int delivery_store_note(struct delivery_store *store, const struct delivery *delivery,
                        struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    struct kit_query q = kit_query_start(&store->statements, Q_NOTE);
    kit_query_int(&q, delivery->wish);
    kit_query_int(&q, delivery->issue_count);
    kit_query_int(&q, delivery->stock_has_goods);
    kit_query_int(&q, delivery->order.id.v);
    kit_query_int(&q, delivery->version);
    return run_one(&q, delivery, err);
}

/* Runs a started query whose only column is an id, and ends it. */
static int read_ids(struct kit_query *q, struct delivery_ids *ret_ids, struct kit_error *err)
{
    bool found = false;
    ret_ids->count = 0;
    int rc = kit_query_row(q, &found, err);
    while (rc == KIT_OK && found && ret_ids->count < DELIVERY_IDS_MAX) {
        ret_ids->ids[ret_ids->count++].v = kit_query_col_int(q, 0);
        rc = kit_query_row(q, &found, err);
    }
    kit_query_end(q);
    return rc;
}

int delivery_store_waiting(struct delivery_store *store, struct rental_id after,
                           struct delivery_ids *ret_ids, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_WAITING);
    kit_query_int(&q, after.v);
    kit_query_int(&q, DELIVERY_IDS_MAX);
    return read_ids(&q, ret_ids, err);
}

int delivery_store_first_fitting(struct delivery_store *store, int64_t units,
                                 struct rental_id *ret_id, struct kit_error *err)
{
    bool found = false;
    struct kit_query q = kit_query_start(&store->statements, Q_FIRST_FITTING);
    kit_query_int(&q, units);
    int rc = kit_query_row(&q, &found, err);
    ret_id->v = rc == KIT_OK && found ? kit_query_col_int(&q, 0) : 0;
    kit_query_end(&q);
    return rc;
}

int delivery_store_waiting_count(struct delivery_store *store, int64_t *ret_count,
                                 struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_WAITING_COUNT, ret_count, err);
}

int delivery_store_overdue(struct delivery_store *store, int64_t now_ms,
                           struct delivery_ids *ret_ids, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_OVERDUE);
    kit_query_int(&q, now_ms);
    kit_query_int(&q, DELIVERY_IDS_MAX);
    return read_ids(&q, ret_ids, err);
}

int delivery_store_wished(struct delivery_store *store, const char *locker,
                          struct delivery_ids *ret_ids, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_WISHED);
    kit_query_text(&q, locker);
    kit_query_int(&q, DELIVERY_IDS_MAX);
    return read_ids(&q, ret_ids, err);
}

int delivery_store_list(struct delivery_store *store, int64_t page, int64_t size,
                        struct delivery_page *ret_page, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    bool found = false;
    ret_page->count = 0;

    struct kit_query q = kit_query_start(&store->statements, Q_LIST);
    kit_query_int(&q, size);
    kit_query_int(&q, page * size);
    int rc = kit_query_row(&q, &found, err);
    while (rc == KIT_OK && found && ret_page->count < (size_t)size) {
        read_row(&q, &ret_page->deliveries[ret_page->count++]);
        rc = kit_query_row(&q, &found, err);
    }
    kit_query_end(&q);
    return rc == KIT_OK ? kit_query_one_int(&store->statements, Q_COUNT, &ret_page->total, err)
                        : rc;
}

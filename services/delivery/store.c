/* The SQL of delivery. Statements are prepared at open, so that a typo fails the start. Never
 * begins or commits. Loop thread. */
#include "delivery/store.h"

#include <inttypes.h>
#include <stdio.h>

#include "kit/products/products.h"

/* Append-only. 1: REQUESTED, 2: DELIVERED, 3: CANCELED, 4: out of stock, 5: unregistered product.
 */
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
    { "products", KIT_PRODUCTS_MIGRATION },
};

enum delivery_query {
    Q_ADD = 0,
    Q_HISTORY_ADD,
    Q_GET,
    Q_APPLY,
    Q_LIST,
    Q_COUNT,
    QUERY_COUNT,
};

#define DELIVERY_COLUMNS "id, product_id, qty, fulfilment, status, reason, version, updated_at_ms"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD] = "INSERT INTO delivery (" DELIVERY_COLUMNS ")"
              " VALUES (?, ?, ?, ?, ?, nullif(?, ''), ?, ?)",
    [Q_HISTORY_ADD] = "INSERT INTO delivery_history"
                      " (delivery_id, version, from_status, to_status, reason, at_ms)"
                      " VALUES (?, ?, nullif(?, 0), ?, nullif(?, ''), ?)",
    [Q_GET] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id = ?",
    [Q_APPLY] = "UPDATE delivery SET status = ?, reason = nullif(?, ''), version = version + 1,"
                " updated_at_ms = ? WHERE id = ? AND status = ? AND version = ?",
    [Q_LIST] = "SELECT " DELIVERY_COLUMNS " FROM delivery ORDER BY id LIMIT ? OFFSET ?",
    [Q_COUNT] = "SELECT count(*) FROM delivery",
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
    ret->order.fulfilment = (enum delivery_fulfilment)kit_query_col_int(q, 3);
    ret->status = (enum delivery_status)kit_query_col_int(q, 4);
    kit_query_col_text(q, 5, ret->reason, sizeof(ret->reason));
    ret->version = kit_query_col_int(q, 6);
    ret->updated_at_ms = kit_query_col_int(q, 7);
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

int delivery_store_apply(struct delivery_store *store, struct delivery *delivery,
                         const struct delivery_change *change, struct kit_error *err)
{
    PRE(kit_db_in_tx(store->statements.db));
    int64_t id = delivery->order.id.v;
    if (!delivery_may_move(delivery->status, change->to))
        return kit_error_set(err, KIT_E_CONFLICT, "delivery %" PRId64 ": no move from %d to %d", id,
                             (int)delivery->status, (int)change->to);

    int changes = 0;
    struct kit_query q = kit_query_start(&store->statements, Q_APPLY);
    kit_query_int(&q, change->to);
    kit_query_text(&q, change->reason);
    kit_query_int(&q, change->at_ms);
    kit_query_int(&q, id);
    kit_query_int(&q, delivery->status);
    kit_query_int(&q, delivery->version);
    int rc = kit_query_run(&q, &changes, err);
    if (rc != KIT_OK)
        return rc;
    if (changes != 1)
        return kit_error_set(err, KIT_E_CONFLICT, "delivery %" PRId64 " changed meanwhile", id);

    int64_t from = delivery->status;
    delivery->status = change->to;
    delivery->version++;
    delivery->updated_at_ms = change->at_ms;
    (void)snprintf(delivery->reason, sizeof(delivery->reason), "%s", change->reason);
    return add_history(store, delivery, from, err);
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

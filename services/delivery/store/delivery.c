/* The SQL of delivery. Statements are prepared at open, so that a typo fails the start. Never
 * begins or commits. Loop thread. */
#include "delivery/store/delivery.h"

#include <inttypes.h>

#include "kit/base/text.h"
#include "kit/store/table.h"

enum delivery_query {
    Q_ADD = 0,
    Q_HISTORY_ADD,
    Q_GET,
    Q_APPLY,
    Q_NOTE,
    Q_LIST,
    Q_COUNT,
    Q_LIST_OWN,
    Q_COUNT_OWN,
    Q_SET_ACCOUNT,
    Q_WAITING,
    Q_FIRST_FITTING,
    Q_WAITING_COUNT,
    Q_OVERDUE,
    Q_ENDING,
    QUERY_COUNT,
};

#define SPOT_COLUMNS(X, AND)                                                                       \
    X(TEXT0, locker, spot.locker)                                                                  \
    AND X(INT0, compartment, spot.compartment) AND X(INT0, compartment_use, spot.use)
#define CHANGING_COLUMNS(X, AND)                                                                   \
    X(INT, status, status)                                                                         \
    AND X(TEXT0, reason, reason)                                                                   \
    AND X(INT, version, version)                                                                   \
    AND X(INT, updated_at_ms, updated_at_ms)                                                       \
    AND SPOT_COLUMNS(X, AND)                                                                       \
    AND X(INT0, deadline_ms, deadline_ms)                                                          \
    AND X(INT, wish, wish)
/* What no event tells. */
#define UNTOLD_COLUMNS(X, AND)                                                                     \
    X(INT, issue_count, issue_count) AND X(INT, stock_has_goods, stock_has_goods)
#define NOTED_COLUMNS(X, AND) X(INT, wish, wish) AND UNTOLD_COLUMNS(X, AND)
#define DELIVERY_COLUMNS(X, AND)                                                                   \
    X(INT, id, order.id.v)                                                                         \
    AND X(INT, product_id, order.product_id.v) AND X(INT, qty, order.qty) AND X(                   \
        INT, fulfilment, order.fulfilment) AND                                                     \
    X(TEXT0, wished_locker, order.wished_locker) AND                                               \
    X(INT0, ordered_at_ms, order.ordered_at_ms) AND                                                \
    X(INT0, account, order.account) AND                                                            \
    CHANGING_COLUMNS(X, AND)                                                                       \
    AND UNTOLD_COLUMNS(X, AND)
/* The delivery after a change; where it came from stands behind these. */
#define HISTORY_COLUMNS(X, AND)                                                                    \
    X(INT, delivery_id, order.id.v)                                                                \
    AND X(INT, version, version)                                                                   \
    AND X(INT, to_status, status)                                                                  \
    AND X(TEXT0, reason, reason)                                                                   \
    AND X(INT, at_ms, updated_at_ms)                                                               \
    AND SPOT_COLUMNS(X, AND)
#define ID_COLUMNS(X, AND) X(INT, id, v)
#define HISTORY KIT_COLUMN_NAMES(HISTORY_COLUMNS) ", from_status"

static const struct kit_table TABLES[] = {
    KIT_TABLE(delivery, DELIVERY_COLUMNS),
    { .name = "delivery_history", .columns = HISTORY },
};

KIT_ROW_FUNCTIONS(delivery, struct delivery, DELIVERY_COLUMNS);
KIT_ROW_BIND(changing, struct delivery, CHANGING_COLUMNS);
KIT_ROW_BIND(noted, struct delivery, NOTED_COLUMNS);
KIT_ROW_BIND(history, struct delivery, HISTORY_COLUMNS);
KIT_ROW_READ(id, struct rental_id, ID_COLUMNS);

#define SELECT "SELECT " KIT_COLUMN_NAMES(DELIVERY_COLUMNS) " FROM delivery"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD] = KIT_INSERT(delivery, DELIVERY_COLUMNS),
    [Q_HISTORY_ADD] = KIT_INSERT_WITH(delivery_history, HISTORY_COLUMNS, "from_status", "?"),
    [Q_GET] = SELECT " WHERE id = ?",
    [Q_APPLY] = "UPDATE delivery SET " KIT_COLUMN_SETS(
        CHANGING_COLUMNS) " WHERE id = ? AND status = ? AND version = ?",
    [Q_NOTE] = "UPDATE delivery SET " KIT_COLUMN_SETS(
        NOTED_COLUMNS) " WHERE id = ? AND version = ?",
    [Q_LIST] = SELECT " ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_COUNT] = "SELECT count(*) FROM delivery",
    [Q_LIST_OWN] = SELECT " WHERE account = ?3 ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_COUNT_OWN] = "SELECT count(*) FROM delivery WHERE account = ?1",
    [Q_SET_ACCOUNT] = "UPDATE delivery SET account = ? WHERE id = ? AND account IS NULL",
    [Q_WAITING] = "SELECT id FROM delivery WHERE status IN (7, 9) AND compartment IS NULL"
                  " AND id > ? ORDER BY id LIMIT ?",
    /* Units of rules 7.2; the sizes as in enum product_size. */
    [Q_FIRST_FITTING] =
        "SELECT coalesce(min(d.id), 0) FROM delivery d"
        " JOIN product p ON p.id = d.product_id"
        " WHERE d.status IN (7, 9) AND d.compartment IS NULL AND d.id > ?"
        " AND d.qty * CASE p.size WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 4 END <= ?",
    [Q_WAITING_COUNT] = "SELECT count(*) FROM delivery WHERE status IN (7, 9)"
                        " AND compartment IS NULL",
    [Q_OVERDUE] = "SELECT d.id FROM delivery d JOIN compartment c ON c.delivery_id = d.id"
                  " WHERE d.deadline_ms IS NOT NULL AND d.wish = 0 AND d.deadline_ms <= ?"
                  " AND c.story = 0 ORDER BY d.deadline_ms LIMIT ?",
    [Q_ENDING] = "SELECT id FROM delivery WHERE wish <> 0 AND locker = ? ORDER BY id LIMIT ?",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int delivery_store_open(struct delivery_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void delivery_store_close(struct delivery_store *store)
{
    kit_statements_done(&store->statements);
}

/* from 0: the delivery is new. */
static int add_history(struct delivery_store *store, const struct delivery *delivery, int64_t from,
                       struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_HISTORY_ADD);
    history_bind(&query, delivery);
    kit_query_int_or_null(&query, from);
    return kit_query_run(&query, NULL, err);
}

int delivery_store_add(struct delivery_store *store, const struct delivery *delivery,
                       struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    delivery_bind(&query, delivery);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    return add_history(store, delivery, 0, err);
}

int delivery_store_find(struct delivery_store *store, struct rental_id id,
                        struct delivery *ret_delivery, bool *ret_found, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_GET);
    kit_query_int(&query, id.v);
    return delivery_read_one(&query, ret_delivery, ret_found, err);
}

int delivery_store_set_account(struct delivery_store *store, const struct delivery_order *order,
                               struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SET_ACCOUNT);
    kit_query_int(&query, order->account);
    kit_query_int(&query, order->id.v);
    return kit_query_run(&query, NULL, err);
}

static void change_delivery(struct delivery *delivery, const struct delivery_change *change)
{
    if (delivery->status != change->to)
        delivery->wish = DELIVERY_WISH_NONE;
    delivery->status = change->to;
    delivery->version++;
    delivery->updated_at_ms = change->at_ms;
    delivery->spot = change->spot;
    delivery->deadline_ms = change->deadline_ms;
    kit_text_copy(delivery->reason, sizeof(delivery->reason), change->reason);
}

int delivery_store_apply(struct delivery_store *store, struct delivery *delivery,
                         const struct delivery_change *change, struct kit_error *err)
{
    bool is_move = delivery->status != change->to;
    if (is_move && !delivery_may_move(delivery->status, change->to))
        return kit_error_set(err, KIT_E_CONFLICT, "delivery %" PRId64 ": no move from %d to %d",
                             delivery->order.id.v, (int)delivery->status, (int)change->to);

    struct delivery after = *delivery;
    change_delivery(&after, change);
    struct kit_query query = kit_query_start(&store->statements, Q_APPLY);
    changing_bind(&query, &after);
    kit_query_int(&query, delivery->order.id.v);
    kit_query_int(&query, delivery->status);
    kit_query_int(&query, delivery->version);
    int rc = kit_query_run_one(&query, "delivery", delivery->order.id.v, err);
    if (rc != KIT_OK)
        return rc;
    const int64_t from = delivery->status;
    *delivery = after;
    return add_history(store, delivery, from, err);
}

int delivery_store_note(struct delivery_store *store, const struct delivery *delivery,
                        struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_NOTE);
    noted_bind(&query, delivery);
    kit_query_int(&query, delivery->order.id.v);
    kit_query_int(&query, delivery->version);
    return kit_query_run_one(&query, "delivery", delivery->order.id.v, err);
}

int delivery_store_waiting(struct delivery_store *store, struct rental_id after,
                           struct delivery_ids *ret_ids, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_WAITING);
    kit_query_int(&q, after.v);
    kit_query_int(&q, DELIVERY_IDS_MAX);
    return id_read_all(&q, ret_ids->ids, DELIVERY_IDS_MAX, &ret_ids->count, err);
}

int delivery_store_first_fitting(struct delivery_store *store, struct rental_id after,
                                 int64_t units, struct rental_id *ret_id, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIRST_FITTING);
    kit_query_int(&query, after.v);
    kit_query_int(&query, units);
    return kit_query_number(&query, &ret_id->v, err);
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
    return id_read_all(&q, ret_ids->ids, DELIVERY_IDS_MAX, &ret_ids->count, err);
}

int delivery_store_ending(struct delivery_store *store, const char *locker,
                          struct delivery_ids *ret_ids, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_ENDING);
    kit_query_text(&q, locker);
    kit_query_int(&q, DELIVERY_IDS_MAX);
    return id_read_all(&q, ret_ids->ids, DELIVERY_IDS_MAX, &ret_ids->count, err);
}

int delivery_store_list(struct delivery_store *store, struct kit_page *page,
                        struct delivery *ret_deliveries, struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    static const struct kit_page_queries LIST_OWN = { Q_LIST_OWN, Q_COUNT_OWN };
    return delivery_read_page(&store->statements, page->owner != 0 ? &LIST_OWN : &LIST, page,
                              ret_deliveries, err);
}

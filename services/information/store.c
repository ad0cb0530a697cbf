/* The SQL of information. Statements are prepared at open, so that a typo fails the start. Never
 * begins or commits. Loop thread. */
#include "information/store.h"

#define LOCKER_MIGRATION                                                                           \
    "ALTER TABLE my_order RENAME TO order_before;"                                                 \
    "CREATE TABLE my_order ("                                                                      \
    "  rental_id INTEGER PRIMARY KEY CHECK (rental_id BETWEEN 1 AND 9007199254740991),"            \
    "  product_id INTEGER CHECK (product_id >= 1),"                                                \
    "  product_name TEXT CHECK (product_name <> ''),"                                              \
    "  rental_qty INTEGER CHECK (rental_qty BETWEEN 1 AND 1000000),"                               \
    "  rental_status INTEGER CHECK (rental_status BETWEEN 1 AND 10),"                              \
    "  rental_reason TEXT CHECK (rental_reason <> ''),"                                            \
    "  rental_version INTEGER NOT NULL CHECK (rental_version >= 0),"                               \
    "  ordered_at_ms INTEGER CHECK (ordered_at_ms >= 0),"                                          \
    "  delivery_status INTEGER CHECK (delivery_status BETWEEN 1 AND 11),"                          \
    "  delivery_reason TEXT CHECK (delivery_reason <> ''),"                                        \
    "  delivery_version INTEGER NOT NULL CHECK (delivery_version >= 0),"                           \
    "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"                                 \
    "  locker TEXT CHECK (locker <> ''),"                                                          \
    "  compartment INTEGER CHECK (compartment BETWEEN 1 AND 16),"                                  \
    "  collect_by_ms INTEGER CHECK (collect_by_ms > 0),"                                           \
    "  CHECK (rental_version > 0 OR delivery_version > 0),"                                        \
    "  CHECK ((rental_version = 0) = (product_id IS NULL)),"                                       \
    "  CHECK ((rental_version = 0) = (rental_qty IS NULL)),"                                       \
    "  CHECK ((rental_version = 0) = (rental_status IS NULL)),"                                    \
    "  CHECK ((rental_version = 0) = (ordered_at_ms IS NULL)),"                                    \
    "  CHECK ((delivery_version = 0) = (delivery_status IS NULL))"                                 \
    ") STRICT;"                                                                                    \
    "INSERT INTO my_order SELECT *, NULL, NULL, NULL FROM order_before;"                           \
    "DROP TABLE order_before;"

/* Steps are kept in the order in which they are read. What rental and delivery have said before is
 * read once more, for its steps; the orders know it and stay as they are (rules 1.2, 3.2). What is
 * parked of them is parked again. */
#define STORY_MIGRATION                                                                            \
    "CREATE TABLE step ("                                                                          \
    "  rental_id INTEGER NOT NULL CHECK (rental_id BETWEEN 1 AND 9007199254740991),"               \
    "  at_ms INTEGER NOT NULL CHECK (at_ms >= 0),"                                                 \
    "  type INTEGER NOT NULL CHECK (type >= 1),"                                                   \
    "  version INTEGER NOT NULL CHECK (version >= 1),"                                             \
    "  status INTEGER CHECK (status >= 1),"                                                        \
    "  reason TEXT CHECK (reason <> ''),"                                                          \
    "  locker TEXT CHECK (locker <> ''),"                                                          \
    "  compartment INTEGER CHECK (compartment BETWEEN 1 AND 16),"                                  \
    "  opener INTEGER CHECK (opener >= 1),"                                                        \
    "  actor TEXT CHECK (actor <> ''),"                                                            \
    "  PRIMARY KEY (rental_id, at_ms, type, version)"                                              \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "DELETE FROM dead_letter WHERE source IN ('rental', 'delivery');"                              \
    "DELETE FROM stream_cursor WHERE source IN ('rental', 'delivery');"

/* The state follows from what is there (rules 1.7): 11 states, in the order of the schema. */
#define STATE_MIGRATION                                                                            \
    "ALTER TABLE my_order ADD COLUMN state INTEGER CHECK (state BETWEEN 1 AND 11);"                \
    "UPDATE my_order SET state = CASE"                                                             \
    "  WHEN rental_status IN (3, 4, 5, 9, 10) OR coalesce(delivery_status, 1) = 1"                 \
    "  THEN CASE rental_status WHEN 1 THEN 1 WHEN 2 THEN 5 WHEN 3 THEN 8 WHEN 4 THEN 9"            \
    "    WHEN 5 THEN 10 WHEN 6 THEN 2 WHEN 7 THEN 3 WHEN 8 THEN 4 WHEN 9 THEN 7 WHEN 10 THEN 11"   \
    "    END"                                                                                      \
    "  ELSE CASE delivery_status WHEN 2 THEN 5 WHEN 3 THEN 8 WHEN 4 THEN 9 WHEN 5 THEN 10"         \
    "    WHEN 6 THEN 2 WHEN 7 THEN 3 WHEN 8 THEN 4 WHEN 9 THEN 6 WHEN 10 THEN 7 WHEN 11 THEN 11"   \
    "    END END"                                                                                  \
    "  WHERE rental_version > 0;"                                                                  \
    "CREATE INDEX my_order_state ON my_order (state, rental_id) WHERE state IS NOT NULL;"          \
    "CREATE INDEX my_order_product ON my_order (product_id, state, rental_id)"                     \
    "  WHERE state IS NOT NULL;"                                                                   \
    "CREATE INDEX my_order_locker ON my_order (locker, state, rental_id)"                          \
    "  WHERE locker IS NOT NULL AND state IS NOT NULL;"

/* Whose orders they are. In a system without accounts these indexes are empty. */
#define ACCOUNT_MIGRATION                                                                          \
    "ALTER TABLE my_order ADD COLUMN account INTEGER CHECK (account >= 1);"                        \
    "CREATE INDEX my_order_own ON my_order (account, rental_id) WHERE account IS NOT NULL;"        \
    "CREATE INDEX my_order_own_state ON my_order (account, state, rental_id)"                      \
    "  WHERE account IS NOT NULL;"                                                                 \
    "CREATE INDEX my_order_own_product ON my_order (account, product_id, state, rental_id)"        \
    "  WHERE account IS NOT NULL;"                                                                 \
    "CREATE INDEX my_order_own_locker ON my_order (account, locker, state, rental_id)"             \
    "  WHERE account IS NOT NULL AND locker IS NOT NULL;"

/* Append-only. A part whose version is 0 is not known yet, and its columns are NULL. */
const struct kit_migration information_migrations[INFORMATION_MIGRATION_COUNT] = {
    { "orders", "CREATE TABLE my_order ("
                "  rental_id INTEGER PRIMARY KEY CHECK (rental_id BETWEEN 1 AND 9007199254740991),"
                "  product_id INTEGER CHECK (product_id >= 1),"
                "  product_name TEXT CHECK (product_name <> ''),"
                "  rental_qty INTEGER CHECK (rental_qty BETWEEN 1 AND 1000000),"
                "  rental_status INTEGER CHECK (rental_status BETWEEN 1 AND 5),"
                "  rental_reason TEXT CHECK (rental_reason <> ''),"
                "  rental_version INTEGER NOT NULL CHECK (rental_version >= 0),"
                "  ordered_at_ms INTEGER CHECK (ordered_at_ms >= 0),"
                "  delivery_status INTEGER CHECK (delivery_status BETWEEN 1 AND 5),"
                "  delivery_reason TEXT CHECK (delivery_reason <> ''),"
                "  delivery_version INTEGER NOT NULL CHECK (delivery_version >= 0),"
                "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"
                "  CHECK (rental_version > 0 OR delivery_version > 0),"
                "  CHECK ((rental_version = 0) = (product_id IS NULL)),"
                "  CHECK ((rental_version = 0) = (rental_qty IS NULL)),"
                "  CHECK ((rental_version = 0) = (rental_status IS NULL)),"
                "  CHECK ((rental_version = 0) = (ordered_at_ms IS NULL)),"
                "  CHECK ((delivery_version = 0) = (delivery_status IS NULL))"
                ") STRICT;" },
    { "lockers", LOCKER_MIGRATION },
    { "story", STORY_MIGRATION },
    { "state", STATE_MIGRATION },
    { "accounts", ACCOUNT_MIGRATION },
};

enum information_query {
    Q_SAVE = 0,
    Q_GET,
    Q_LIST,
    Q_COUNT,
    Q_LIST_OWN,
    Q_COUNT_OWN,
    Q_NEXT_OLDEST, /* of all; the others in pairs behind it, oldest first and newest first */
    Q_NEXT_NEWEST,
    Q_NEXT_OF_STATE,
    Q_NEXT_OF_STATE_NEWEST,
    Q_NEXT_OF_PRODUCT,
    Q_NEXT_OF_PRODUCT_NEWEST,
    Q_NEXT_OF_LOCKER,
    Q_NEXT_OF_LOCKER_NEWEST,
    Q_NEXT_OWN, /* the same of an account */
    Q_NEXT_OWN_NEWEST,
    Q_NEXT_OWN_OF_STATE,
    Q_NEXT_OWN_OF_STATE_NEWEST,
    Q_NEXT_OWN_OF_PRODUCT,
    Q_NEXT_OWN_OF_PRODUCT_NEWEST,
    Q_NEXT_OWN_OF_LOCKER,
    Q_NEXT_OWN_OF_LOCKER_NEWEST,
    Q_STEP_ADD,
    Q_STEP_LIST,
    Q_STEP_ACTOR,
    QUERY_COUNT,
};

/* No id, quantity, status or deadline is 0, so NULL reads and writes as 0. */
#define KNOWN_COLUMNS(X, AND)                                                                      \
    X(INT, rental_id, id.v)                                                                        \
    AND X(INT0, product_id, rental.product_id.v) AND X(TEXT0, product_name, rental.product_name)   \
        AND                                                                                        \
        X(INT0, rental_qty, rental.qty) AND                                                        \
        X(INT0, rental_status, rental.status) AND                                                  \
        X(TEXT0, rental_reason, rental.reason) AND                                                 \
        X(INT, rental_version, rental.version) AND                                                 \
        X(INT0, delivery_status, delivery.status) AND                                              \
        X(TEXT0, delivery_reason, delivery.reason) AND                                             \
        X(INT, delivery_version, delivery.version) AND                                             \
        X(INT, updated_at_ms, updated_at_ms)                                                       \
    AND X(INT0, state, state)                                                                      \
    AND X(INT0, account, rental.account) AND X(TEXT0, locker, delivery.locker) AND X(              \
        INT0, compartment, delivery.compartment) AND                                               \
    X(INT0, collect_by_ms, delivery.collect_by_ms)
/* A time may be 0: that of the order is NULL only while the rental's part is not known. */
#define ORDER_COLUMNS(X, AND) KNOWN_COLUMNS(X, AND) AND X(INT, ordered_at_ms, rental.ordered_at_ms)

#define STEP_COLUMNS(X, AND)                                                                       \
    X(INT, rental_id, id.v)                                                                        \
    AND X(INT, at_ms, at_ms)                                                                       \
    AND X(INT, type, type)                                                                         \
    AND X(INT, version, version)                                                                   \
    AND X(INT0, status, status)                                                                    \
    AND X(TEXT0, reason, reason)                                                                   \
    AND X(TEXT0, locker, locker)                                                                   \
    AND X(INT0, compartment, compartment)                                                          \
    AND X(INT0, opener, opener)                                                                    \
    AND X(TEXT0, actor, actor)

static const struct kit_table TABLES[] = {
    KIT_TABLE(my_order, ORDER_COLUMNS),
    KIT_TABLE(step, STEP_COLUMNS),
};

KIT_ROW_BIND(known, struct information_order, KNOWN_COLUMNS);
KIT_ROW_READ(order, struct information_order, ORDER_COLUMNS);
KIT_ROW_FUNCTIONS(step, struct information_step, STEP_COLUMNS);

#define SELECT "SELECT " KIT_COLUMN_NAMES(ORDER_COLUMNS) " FROM my_order"
#define NEXT "SELECT rental_id FROM my_order WHERE rental_id > ?1 AND "
#define NEWEST "SELECT rental_id FROM my_order WHERE rental_id < ?1 AND "
#define OLDEST_FIRST " ORDER BY rental_id LIMIT 1"
#define NEWEST_FIRST " ORDER BY rental_id DESC LIMIT 1"
#define OF_ALL "rental_version > 0"
#define OF_STATE "state = ?"
#define OF_PRODUCT OF_STATE " AND product_id = ?"
#define OF_LOCKER OF_STATE " AND locker = ?"
#define OWN "account = ? AND "

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_SAVE] = KIT_INSERT(my_order, ORDER_COLUMNS) KIT_ON_CONFLICT("rental_id", ORDER_COLUMNS),
    [Q_GET] = SELECT " WHERE rental_id = ?",
    [Q_LIST] = SELECT " WHERE rental_version > 0 ORDER BY rental_id LIMIT ?2 OFFSET ?1",
    [Q_COUNT] = "SELECT count(*) FROM my_order WHERE rental_version > 0",
    [Q_LIST_OWN] = SELECT " WHERE account = ?3 ORDER BY rental_id LIMIT ?2 OFFSET ?1",
    [Q_COUNT_OWN] = "SELECT count(*) FROM my_order WHERE account = ?1",
    [Q_NEXT_OLDEST] = NEXT OF_ALL OLDEST_FIRST,
    [Q_NEXT_NEWEST] = NEWEST OF_ALL NEWEST_FIRST,
    [Q_NEXT_OF_STATE] = NEXT OF_STATE OLDEST_FIRST,
    [Q_NEXT_OF_STATE_NEWEST] = NEWEST OF_STATE NEWEST_FIRST,
    [Q_NEXT_OF_PRODUCT] = NEXT OF_PRODUCT OLDEST_FIRST,
    [Q_NEXT_OF_PRODUCT_NEWEST] = NEWEST OF_PRODUCT NEWEST_FIRST,
    [Q_NEXT_OF_LOCKER] = NEXT OF_LOCKER OLDEST_FIRST,
    [Q_NEXT_OF_LOCKER_NEWEST] = NEWEST OF_LOCKER NEWEST_FIRST,
    [Q_NEXT_OWN] = NEXT OWN OF_ALL OLDEST_FIRST,
    [Q_NEXT_OWN_NEWEST] = NEWEST OWN OF_ALL NEWEST_FIRST,
    [Q_NEXT_OWN_OF_STATE] = NEXT OWN OF_STATE OLDEST_FIRST,
    [Q_NEXT_OWN_OF_STATE_NEWEST] = NEWEST OWN OF_STATE NEWEST_FIRST,
    [Q_NEXT_OWN_OF_PRODUCT] = NEXT OWN OF_PRODUCT OLDEST_FIRST,
    [Q_NEXT_OWN_OF_PRODUCT_NEWEST] = NEWEST OWN OF_PRODUCT NEWEST_FIRST,
    [Q_NEXT_OWN_OF_LOCKER] = NEXT OWN OF_LOCKER OLDEST_FIRST,
    [Q_NEXT_OWN_OF_LOCKER_NEWEST] = NEWEST OWN OF_LOCKER NEWEST_FIRST,
    [Q_STEP_ADD] = KIT_INSERT(step, STEP_COLUMNS) " ON CONFLICT DO NOTHING",
    [Q_STEP_LIST] = "SELECT " KIT_COLUMN_NAMES(
        STEP_COLUMNS) " FROM step WHERE rental_id = ?1"
                      " ORDER BY at_ms DESC, type DESC, version DESC LIMIT ?2",
    [Q_STEP_ACTOR] = "UPDATE step SET actor = ? WHERE rental_id = ? AND type = ? AND version = ?",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int information_store_open(struct information_store *store, struct kit_db *db,
                           struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void information_store_close(struct information_store *store)
{
    kit_statements_done(&store->statements);
}

int information_store_load(struct information_store *store, struct rental_id id,
                           struct information_order *ret_order, struct kit_error *err)
{
    bool is_found = false;
    *ret_order = (struct information_order){ .id = id };
    struct kit_query query = kit_query_start(&store->statements, Q_GET);
    kit_query_int(&query, id.v);
    return order_read_one(&query, ret_order, &is_found, err);
}

int information_store_save(struct information_store *store, const struct information_order *order,
                           struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SAVE);
    known_bind(&query, order);
    if (order->rental.version > 0)
        kit_query_int(&query, order->rental.ordered_at_ms);
    else
        kit_query_null(&query);
    return kit_query_run(&query, NULL, err);
}

int information_store_list(struct information_store *store, struct kit_page *page,
                           struct information_order *ret_orders, struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    static const struct kit_page_queries LIST_OWN = { Q_LIST_OWN, Q_COUNT_OWN };
    return order_read_page(&store->statements, page->owner != 0 ? &LIST_OWN : &LIST, page,
                           ret_orders, err);
}

static size_t next_query(const struct information_row *row)
{
    const size_t pair = row->locker != NULL   ? Q_NEXT_OF_LOCKER
                        : row->product.v != 0 ? Q_NEXT_OF_PRODUCT
                        : row->state != 0     ? Q_NEXT_OF_STATE
                                              : Q_NEXT_OLDEST;
    const size_t own = row->owner != 0 ? Q_NEXT_OWN - Q_NEXT_OLDEST : 0;
    return pair + own + row->is_newest;
}

int information_store_next(struct information_store *store, const struct information_row *row,
                           struct rental_id from, struct rental_id *ret_id, struct kit_error *err)
{
    const bool is_at_start = from.v == 0;
    bool is_found = false;

    PRE(row->locker == NULL || (row->product.v == 0 && row->state != 0));
    PRE(row->product.v == 0 || row->state != 0);
    struct kit_query query = kit_query_start(&store->statements, next_query(row));
    kit_query_int(&query, is_at_start && row->is_newest ? INT64_MAX : from.v);
    if (row->owner != 0)
        kit_query_int(&query, row->owner);
    if (row->state != 0)
        kit_query_int(&query, row->state);
    if (row->locker != NULL)
        kit_query_text(&query, row->locker);
    else if (row->product.v != 0)
        kit_query_int(&query, row->product.v);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK)
        ret_id->v = is_found ? kit_query_next_int(&query) : 0;
    kit_query_end(&query);
    return rc;
}

int information_store_add_step(struct information_store *store, const struct information_step *step,
                               struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STEP_ADD);
    step_bind(&query, step);
    return kit_query_run(&query, NULL, err);
}

int information_store_name_actor(struct information_store *store,
                                 const struct information_step *step, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STEP_ACTOR);
    kit_query_text(&query, step->actor);
    kit_query_int(&query, step->id.v);
    kit_query_int(&query, step->type);
    kit_query_int(&query, step->version);
    return kit_query_run(&query, NULL, err);
}

int information_store_list_steps(struct information_store *store, struct rental_id id,
                                 struct information_step *ret_steps, size_t *ret_count,
                                 struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_STEP_LIST);
    kit_query_int(&query, id.v);
    kit_query_int(&query, INFORMATION_STEPS_MAX);
    int rc = step_read_all(&query, ret_steps, INFORMATION_STEPS_MAX, ret_count, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < *ret_count / 2; i++) { /* the newest were read first */
        const struct information_step swapped = ret_steps[i];
        ret_steps[i] = ret_steps[*ret_count - 1 - i];
        ret_steps[*ret_count - 1 - i] = swapped;
    }
    return KIT_OK;
}

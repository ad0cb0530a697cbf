/* The SQL of the history of staff. Never begins or commits. Loop thread. */
#include "delivery/store/staff_act.h"

enum act_query {
    Q_ADD_ACT = 0,
    Q_FORGET,
    Q_ACTS,
    Q_LAST_WALK,
    QUERY_COUNT,
};

#define ACT_COLUMNS(X, AND)                                                                        \
    X(TEXT, locker, locker)                                                                        \
    AND X(INT, compartment, compartment)                                                           \
    AND X(INT, at_ms, at_ms)                                                                       \
    AND X(INT, act, kind)                                                                          \
    AND X(TEXT0, reason, reason)                                                                   \
    AND X(TEXT0, by_whom, by)                                                                      \
    AND X(INT, with_goods, with_goods)                                                             \
    AND X(OPT_INT, opened, opened)

static const struct kit_table TABLES[] = {
    { .name = "staff_act", .columns = "id, " KIT_COLUMN_NAMES(ACT_COLUMNS) },
};

KIT_ROW_FUNCTIONS(act, struct staff_act_row, ACT_COLUMNS);

#define ACTS "SELECT " KIT_COLUMN_NAMES(ACT_COLUMNS) " FROM staff_act"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD_ACT] = KIT_INSERT(staff_act, ACT_COLUMNS),
    [Q_FORGET] = "DELETE FROM staff_act WHERE id <= (SELECT max(id) FROM staff_act) - ?",
    [Q_ACTS] = ACTS " WHERE locker = ? ORDER BY id DESC LIMIT ?",
    [Q_LAST_WALK] = ACTS " WHERE locker = ? AND compartment = ? AND act = 4"
                         " ORDER BY id DESC LIMIT 1",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int staff_act_store_open(struct staff_act_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void staff_act_store_close(struct staff_act_store *store)
{
    kit_statements_done(&store->statements);
}

int staff_act_store_add(struct staff_act_store *store, const struct staff_act_row *act,
                        struct kit_error *err)
{
    struct kit_query add = kit_query_start(&store->statements, Q_ADD_ACT);
    act_bind(&add, act);
    int rc = kit_query_run(&add, NULL, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_query forget = kit_query_start(&store->statements, Q_FORGET);
    kit_query_int(&forget, STAFF_ACTS_MAX);
    return kit_query_run(&forget, NULL, err);
}

int staff_act_store_newest(struct staff_act_store *store, const char *locker,
                           struct staff_act_rows *ret, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_ACTS);
    kit_query_text(&q, locker);
    kit_query_int(&q, (int64_t)ret->max);
    ret->count = 0;
    return act_read_all(&q, ret->items, ret->max, &ret->count, err);
}

int staff_act_store_last_walk(struct staff_act_store *store, struct staff_act_row *in_out,
                              bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_LAST_WALK);
    kit_query_text(&q, in_out->locker);
    kit_query_int(&q, in_out->compartment);
    return act_read_one(&q, in_out, ret_found, err);
}

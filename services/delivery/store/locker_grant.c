/* The SQL of grants. Never begins or commits. Loop thread. */
#include "delivery/store/locker_grant.h"

enum grant_query {
    Q_ADD_GRANT = 0,
    Q_GRANT,
    Q_SET_GRANT,
    Q_LIVE_GRANTS,
    Q_NEXT_LIVE,
    Q_LAST_GRANT,
    QUERY_COUNT,
};

#define GRANT_COLUMNS(X, AND)                                                                      \
    X(INT, id, id)                                                                                 \
    AND X(INT, delivery_id, delivery.v) AND X(INT, issue, issue)                                   \
    AND X(TEXT, locker, locker)                                                                    \
    AND X(INT, compartment, compartment)                                                           \
    AND X(INT, purpose, purpose)                                                                   \
    AND X(INT, state, state)                                                                       \
    AND X(INT, not_before_ms, not_before_ms)                                                       \
    AND X(INT, expires_at_ms, expires_at_ms)                                                       \
    AND X(TEXT, code_hash, code_hash)                                                              \
    AND X(INT, revision, revision)

static const struct kit_table TABLES[] = { KIT_TABLE(access_grant, GRANT_COLUMNS) };

KIT_ROW_FUNCTIONS(grant, struct grant, GRANT_COLUMNS);

#define GRANTS "SELECT " KIT_COLUMN_NAMES(GRANT_COLUMNS) " FROM access_grant"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD_GRANT] = KIT_INSERT(access_grant, GRANT_COLUMNS),
    [Q_GRANT] = GRANTS " WHERE id = ?",
    [Q_SET_GRANT] = "UPDATE access_grant SET state = ? WHERE id = ?",
    [Q_LIVE_GRANTS] = GRANTS " WHERE state = 1 AND locker = ?"
                             " ORDER BY compartment LIMIT ?",
    [Q_NEXT_LIVE] = GRANTS " WHERE state = 1 AND locker > ? ORDER BY locker LIMIT 1",
    [Q_LAST_GRANT] = "SELECT coalesce(max(id), 0) FROM access_grant",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int locker_store_open_grants(struct locker_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->grants, db, &SPEC, err);
}

int locker_store_add_grant(struct locker_store *store, const struct grant *grant,
                           struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->grants, Q_ADD_GRANT);
    grant_bind(&q, grant);
    return kit_query_run(&q, NULL, err);
}

int locker_store_grant(struct locker_store *store, int64_t id, struct grant *ret, bool *ret_found,
                       struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->grants, Q_GRANT);
    kit_query_int(&q, id);
    return grant_read_one(&q, ret, ret_found, err);
}

int locker_store_set_grant(struct locker_store *store, int64_t id, enum grant_state state,
                           struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->grants, Q_SET_GRANT);
    kit_query_int(&q, state);
    kit_query_int(&q, id);
    return kit_query_run(&q, NULL, err);
}

int locker_store_live_grants(struct locker_store *store, const char *locker,
                             struct grant ret[GRANTS_MAX], size_t *ret_count, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->grants, Q_LIVE_GRANTS);
    kit_query_text(&q, locker);
    kit_query_int(&q, GRANTS_MAX);
    *ret_count = 0;
    return grant_read_all(&q, ret, GRANTS_MAX, ret_count, err);
}

int locker_store_next_live(struct locker_store *store, const char *locker, struct grant *ret,
                           bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->grants, Q_NEXT_LIVE);
    kit_query_text(&q, locker);
    return grant_read_one(&q, ret, ret_found, err);
}

int locker_store_last_grant_id(struct locker_store *store, int64_t *ret_id, struct kit_error *err)
{
    return kit_query_one_int(&store->grants, Q_LAST_GRANT, ret_id, err);
}

/* The SQL of lockers. Statements are prepared at open, so that a typo fails the start. Never begins
 * or commits. Loop thread. */
#include "delivery/store/locker.h"

#include "delivery/store/locker_command.h"
#include "delivery/store/locker_compartment.h"
#include "delivery/store/locker_grant.h"
#include "delivery/store/locker_told.h"
#include "kit/device/device_logs.h"

enum locker_query {
    Q_FIND = 0,
    Q_SAVE,
    Q_SET_WANTED,
    Q_LIST,
    Q_COUNT,
    Q_NEXT,
    Q_TIES,
    Q_FORGET_COMPARTMENTS,
    Q_FORGET_LOCKER,
    QUERY_COUNT,
};

/* revision_wanted has a call of its own, and the log is written by kit/device alone: these change
 * while somebody holds a copy of the rest. */
#define SAVED_COLUMNS(X, AND)                                                                      \
    X(INT, revision_known, revision_known)                                                         \
    AND X(INT, wrong_codes, wrong_codes)                                                           \
    AND X(INT, compartment_count, compartment_count)                                               \
    AND X(INT, pause_until_ms, pause_until_ms)                                                     \
    AND X(INT, protocol, protocol)                                                                 \
    AND X(INT, boot, boot)
#define LOCKER_COLUMNS(X, AND)                                                                     \
    X(TEXT, name, name)                                                                            \
    AND KIT_LOG_COLUMNS(X, AND, log.) AND X(INT, revision_wanted, revision_wanted)                 \
    AND SAVED_COLUMNS(X, AND)

static const struct kit_table TABLES[] = { KIT_TABLE(locker, LOCKER_COLUMNS) };

KIT_ROW_FUNCTIONS(locker, struct locker, LOCKER_COLUMNS);

#define LOCKERS "SELECT " KIT_COLUMN_NAMES(LOCKER_COLUMNS) " FROM locker"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_FIND] = LOCKERS " WHERE name = ?",
    [Q_SAVE] = KIT_INSERT(locker, LOCKER_COLUMNS) KIT_ON_CONFLICT("name", SAVED_COLUMNS),
    [Q_SET_WANTED] = "UPDATE locker SET revision_wanted = ? WHERE name = ?",
    [Q_LIST] = LOCKERS " ORDER BY name LIMIT ?2 OFFSET ?1",
    [Q_COUNT] = "SELECT count(*) FROM locker",
    [Q_NEXT] = LOCKERS " WHERE name > ? ORDER BY name LIMIT 1",
    [Q_TIES] = "SELECT EXISTS (SELECT 1 FROM compartment JOIN locker ON name = locker"
               " WHERE name = ?1 AND (delivery_id IS NOT NULL OR"
               "  (clean_revision > revision_known AND EXISTS (SELECT 1 FROM access_grant g"
               "    WHERE g.locker = ?1 AND state <> 2 AND expires_at_ms > ?2))))",
    [Q_FORGET_COMPARTMENTS] = "DELETE FROM compartment WHERE locker = ?",
    [Q_FORGET_LOCKER] = "DELETE FROM locker WHERE name = ?",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

static int open_lockers(struct locker_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->lockers, db, &SPEC, err);
}

int locker_store_open(struct locker_store *store, struct kit_db *db, struct kit_error *err)
{
    *store = (struct locker_store){ 0 };
    int rc = open_lockers(store, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_open_compartments(store, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_open_grants(store, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_open_commands(store, db, err);
    if (rc != KIT_OK)
        return rc;
    return locker_store_open_told(store, db, err);
}

void locker_store_close(struct locker_store *store)
{
    kit_statements_done(&store->told);
    kit_statements_done(&store->commands);
    kit_statements_done(&store->grants);
    kit_statements_done(&store->compartments);
    kit_statements_done(&store->lockers);
}

int locker_store_find(struct locker_store *store, const char *name, struct locker *ret,
                      bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->lockers, Q_FIND);
    kit_query_text(&q, name);
    return locker_read_one(&q, ret, ret_found, err);
}

int locker_store_save(struct locker_store *store, const struct locker *locker,
                      struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->lockers, Q_SAVE);
    locker_bind(&q, locker);
    return kit_query_run(&q, NULL, err);
}

int locker_store_set_wanted(struct locker_store *store, const char *name, int64_t revision,
                            struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->lockers, Q_SET_WANTED);
    kit_query_int(&q, revision);
    kit_query_text(&q, name);
    return kit_query_run(&q, NULL, err);
}

int locker_store_list(struct locker_store *store, struct kit_page *page, struct locker *ret_lockers,
                      struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    return locker_read_page(&store->lockers, &LIST, page, ret_lockers, err);
}

int locker_store_next(struct locker_store *store, const char *after, struct locker *ret,
                      bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->lockers, Q_NEXT);
    kit_query_text(&q, after);
    return locker_read_one(&q, ret, ret_found, err);
}

int locker_store_find_ties(struct locker_store *store, const char *name, int64_t now_ms,
                           bool *ret_has_ties, struct kit_error *err)
{
    int64_t has = 0;
    struct kit_query q = kit_query_start(&store->lockers, Q_TIES);
    kit_query_text(&q, name);
    kit_query_int(&q, now_ms);
    int rc = kit_query_number(&q, &has, err);
    if (rc != KIT_OK)
        return rc;
    *ret_has_ties = has != 0;
    return KIT_OK;
}

int locker_store_forget(struct locker_store *store, const char *name, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->lockers, Q_FORGET_COMPARTMENTS);
    kit_query_text(&q, name);
    int rc = kit_query_run(&q, NULL, err);
    if (rc != KIT_OK)
        return rc;
    q = kit_query_start(&store->lockers, Q_FORGET_LOCKER);
    kit_query_text(&q, name);
    return kit_query_run(&q, NULL, err);
}

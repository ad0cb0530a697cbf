/* The SQL of what was told of lockers. Never begins or commits. Loop thread. */
#include "delivery/store/locker_told.h"

enum told_query {
    Q_FIND_UNTOLD = 0,
    Q_SET_TOLD,
    Q_NOTE_KEY,
    Q_COUNT_EVENT,
    QUERY_COUNT,
};

#define EVENT_COLUMNS(X, AND) X(INT, number, number) AND X(INT, version, version)

static const struct kit_table TABLES[] = {
    { .name = "locker_told", .columns = "number, name, version, told" },
};

KIT_ROW_READ(event, struct locker_event, EVENT_COLUMNS);

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_FIND_UNTOLD] = "SELECT name FROM locker_told WHERE told = 0 ORDER BY number LIMIT 1",
    [Q_SET_TOLD] = "UPDATE locker_told SET told = ? WHERE name = ?",
    [Q_NOTE_KEY] = "UPDATE locker_told SET told = 0 WHERE name = ? AND told <> ?",
    [Q_COUNT_EVENT] = "UPDATE locker_told SET version = version + 1 WHERE name = ?"
                      " RETURNING " KIT_COLUMN_NAMES(EVENT_COLUMNS),
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int locker_store_open_told(struct locker_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->told, db, &SPEC, err);
}

int locker_store_find_untold(struct locker_store *store, char ret_name[DELIVERY_LOCKER_SIZE],
                             bool *ret_found, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query q = kit_query_start(&store->told, Q_FIND_UNTOLD);
    int rc = kit_query_row(&q, &is_found, err);
    if (rc == KIT_OK && is_found)
        kit_query_next_text(&q, ret_name, DELIVERY_LOCKER_SIZE);
    kit_query_end(&q);
    *ret_found = is_found;
    return rc;
}

int locker_store_set_told(struct locker_store *store, const char *name, enum locker_told told,
                          struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->told, Q_SET_TOLD);
    kit_query_int(&q, told);
    kit_query_text(&q, name);
    return kit_query_run(&q, NULL, err);
}

int locker_store_note_key(struct locker_store *store, const char *name, bool has_key,
                          struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->told, Q_NOTE_KEY);
    kit_query_text(&q, name);
    kit_query_int(&q, has_key ? LOCKER_TOLD : LOCKER_TOLD_KEYLESS);
    return kit_query_run(&q, NULL, err);
}

int locker_store_count_event(struct locker_store *store, const char *name,
                             struct locker_event *ret_event, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query q = kit_query_start(&store->told, Q_COUNT_EVENT);
    kit_query_text(&q, name);
    int rc = event_read_one(&q, ret_event, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_CORRUPT, "locker %s has no number", name);
    return KIT_OK;
}

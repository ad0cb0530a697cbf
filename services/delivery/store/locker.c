/* The SQL of lockers. Statements are prepared at open, so that a typo fails the start. Never begins
 * or commits. Loop thread. */
#include "delivery/store/locker.h"

#include "kit/store/table.h"

#include "kit/base/check.h"

#define FORGET_ROWS_MAX 64

enum locker_query {
    Q_FIND = 0,
    Q_SAVE,
    Q_SET_WANTED,
    Q_LIST,
    Q_COUNT,
    Q_COMPARTMENT,
    Q_SAVE_COMPARTMENT,
    Q_CUT,
    Q_OF_LOCKER,
    Q_CHOOSE,
    Q_LARGEST_FREE,
    Q_LARGEST,
    Q_MARK_SILENT,
    Q_SET_SILENT,
    Q_NEXT,
    Q_TIES,
    Q_FORGET_COMPARTMENTS,
    Q_FORGET_LOCKER,
    Q_END_STORIES,
    Q_LAPSED,
    Q_ADD_GRANT,
    Q_GRANT,
    Q_SET_GRANT,
    Q_LIVE_GRANTS,
    Q_LAST_GRANT,
    Q_ADD_COMMAND,
    Q_COMMAND,
    Q_SET_EFFECT,
    Q_FORGET,
    QUERY_COUNT,
};

/* revision_wanted has a call of its own: it changes while somebody holds a copy of the rest. */
#define SAVED_COLUMNS(X, AND)                                                                      \
    X(INT, is_online, is_online)                                                                   \
    AND X(TEXT, state_epoch, state_epoch)                                                          \
    AND X(INT, state_boot, state_boot)                                                             \
    AND X(TEXT, epoch, epoch)                                                                      \
    AND X(INT, seq, seq)                                                                           \
    AND X(INT, revision_known, revision_known)                                                     \
    AND X(INT, wrong_codes, wrong_codes)                                                           \
    AND X(TEXT, epoch_before, epoch_before)                                                        \
    AND X(INT, is_silent, is_silent)                                                               \
    AND X(INT, last_heard_ms, last_heard_ms)                                                       \
    AND X(INT, compartment_count, compartment_count)                                               \
    AND X(INT, seq_before, seq_before)
#define LOCKER_COLUMNS(X, AND)                                                                     \
    X(TEXT, name, name)                                                                            \
    AND X(INT, revision_wanted, revision_wanted)                                                   \
    AND SAVED_COLUMNS(X, AND)
#define CHANGING_COLUMNS(X, AND)                                                                   \
    X(INT, size, size)                                                                             \
    AND X(INT, door, door)                                                                         \
    AND X(INT, presence, presence)                                                                 \
    AND X(INT, is_doubtful, is_doubtful)                                                           \
    AND X(INT0, delivery_id, delivery.v) AND X(INT, story, story)                                  \
    AND X(INT, empty_count, empty_count)                                                           \
    AND X(INT, pending_until_ms, pending_until_ms)                                                 \
    AND X(INT, clean_revision, clean_revision)                                                     \
    AND X(INT, is_dead, is_dead)
#define COMPARTMENT_COLUMNS(X, AND)                                                                \
    X(TEXT, locker, locker) AND X(INT, number, number)                                             \
    AND CHANGING_COLUMNS(X, AND)
/* With what its locker's row says. */
#define JOINED_COLUMNS(X, AND)                                                                     \
    COMPARTMENT_COLUMNS(X, AND)                                                                    \
    AND X(INT, is_online and not is_silent, is_locker_online)                                      \
    AND X(INT, revision_known, locker_revision_known)                                              \
    AND X(INT, number > compartment_count, is_gone)
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
#define COMMAND_COLUMNS(X, AND)                                                                    \
    X(TEXT, id, id)                                                                                \
    AND X(INT, delivery_id, delivery.v) AND X(TEXT, locker, locker)                                \
    AND X(INT, compartment, compartment)                                                           \
    AND X(INT, story, story)                                                                       \
    AND X(INT, expires_at_ms, expires_at_ms)                                                       \
    AND X(INT0, effect, effect)

static const struct kit_table TABLES[] = {
    KIT_TABLE(locker, LOCKER_COLUMNS),
    KIT_TABLE(compartment, COMPARTMENT_COLUMNS),
    KIT_TABLE(access_grant, GRANT_COLUMNS),
    KIT_TABLE(locker_command, COMMAND_COLUMNS),
};

KIT_ROW_FUNCTIONS(locker, struct locker, LOCKER_COLUMNS);
KIT_ROW_BIND(compartment, struct locker_compartment, COMPARTMENT_COLUMNS);
KIT_ROW_READ(compartment, struct locker_compartment, JOINED_COLUMNS);
KIT_ROW_FUNCTIONS(grant, struct grant, GRANT_COLUMNS);
KIT_ROW_FUNCTIONS(command, struct locker_command, COMMAND_COLUMNS);

#define LOCKERS "SELECT " KIT_COLUMN_NAMES(LOCKER_COLUMNS) " FROM locker"
#define COMPARTMENTS                                                                               \
    "SELECT " KIT_COLUMN_NAMES(JOINED_COLUMNS) " FROM compartment JOIN locker ON name = locker"
/* clang-format off */
#define SAVE_COMPARTMENT                                                                           \
    "INSERT INTO compartment (" KIT_COLUMN_NAMES(COMPARTMENT_COLUMNS) ")"                          \
    " VALUES (" KIT_COLUMN_MARKS(COMPARTMENT_COLUMNS) ")"                                          \
    " ON CONFLICT (locker, number) DO UPDATE SET " KIT_COLUMN_UPSERTS(CHANGING_COLUMNS)
/* clang-format on */
#define GRANTS "SELECT " KIT_COLUMN_NAMES(GRANT_COLUMNS) " FROM access_grant"
/* Rules 7.1, as locker_is_free() states them: unit.delivery_choice compares the two in every state,
 * and the order of Q_CHOOSE with rules 7.2. */
#define IS_FREE                                                                                    \
    " delivery_id IS NULL AND door = 1 AND story = 0 AND presence <> 2 AND is_online = 1"          \
    " AND is_silent = 0 AND number <= compartment_count AND revision_known >= clean_revision"

#define FORGET_COMMANDS                                                                            \
    "DELETE FROM locker_command WHERE id IN"                                                       \
    " (SELECT id FROM locker_command WHERE expires_at_ms < ? LIMIT ?)"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_FIND] = LOCKERS " WHERE name = ?",
    [Q_SAVE] =
        "INSERT INTO locker (" KIT_COLUMN_NAMES(LOCKER_COLUMNS) ") VALUES (" KIT_COLUMN_MARKS(
            LOCKER_COLUMNS) ") ON CONFLICT (name) DO UPDATE SET " KIT_COLUMN_UPSERTS(SAVED_COLUMNS),
    [Q_SET_WANTED] = "UPDATE locker SET revision_wanted = ? WHERE name = ?",
    [Q_LIST] = LOCKERS " ORDER BY name LIMIT ?2 OFFSET ?1",
    [Q_COUNT] = "SELECT count(*) FROM locker",
    [Q_COMPARTMENT] = COMPARTMENTS " WHERE locker = ? AND number = ?",
    [Q_SAVE_COMPARTMENT] = SAVE_COMPARTMENT,
    [Q_CUT] = "DELETE FROM compartment WHERE locker = ? AND number > ? AND delivery_id IS NULL",
    [Q_OF_LOCKER] = COMPARTMENTS " WHERE locker = ? ORDER BY number LIMIT ?",
    [Q_CHOOSE] = COMPARTMENTS " WHERE" IS_FREE " AND size >= ?"
                              " ORDER BY locker <> ?, size, locker, number LIMIT 1",
    [Q_LARGEST_FREE] = "SELECT coalesce(max(size), 0) FROM compartment JOIN locker ON name = locker"
                       " WHERE" IS_FREE,
    [Q_LARGEST] = "SELECT coalesce(max(size), 0) FROM compartment JOIN locker ON name = locker"
                  " WHERE number <= compartment_count",
    [Q_MARK_SILENT] = "UPDATE locker SET is_silent = 1"
                      " WHERE is_online = 1 AND is_silent = 0 AND last_heard_ms < ?",
    [Q_SET_SILENT] = "UPDATE locker SET is_silent = 1 WHERE name = ?",
    [Q_NEXT] = LOCKERS " WHERE name > ? ORDER BY name LIMIT 1",
    [Q_TIES] = "SELECT EXISTS (SELECT 1 FROM compartment JOIN locker ON name = locker"
               " WHERE name = ?1 AND (delivery_id IS NOT NULL OR"
               "  (clean_revision > revision_known AND EXISTS (SELECT 1 FROM access_grant g"
               "    WHERE g.locker = ?1 AND state <> 2 AND expires_at_ms > ?2))))",
    [Q_FORGET_COMPARTMENTS] = "DELETE FROM compartment WHERE locker = ?",
    [Q_FORGET_LOCKER] = "DELETE FROM locker WHERE name = ?",
    [Q_END_STORIES] = "UPDATE compartment SET story = 0 WHERE locker = ? AND story <> 0"
                      " AND delivery_id IN (SELECT id FROM delivery WHERE deadline_ms <= ?)",
    [Q_LAPSED] = COMPARTMENTS " WHERE pending_until_ms > 0 AND pending_until_ms <= ? LIMIT 1",
    [Q_ADD_GRANT] = "INSERT INTO access_grant (" KIT_COLUMN_NAMES(
        GRANT_COLUMNS) ") VALUES (" KIT_COLUMN_MARKS(GRANT_COLUMNS) ")",
    [Q_GRANT] = GRANTS " WHERE id = ?",
    [Q_SET_GRANT] = "UPDATE access_grant SET state = ? WHERE id = ?",
    [Q_LIVE_GRANTS] = GRANTS " WHERE state = 1 AND locker = ?"
                             " ORDER BY compartment LIMIT ?",
    [Q_LAST_GRANT] = "SELECT coalesce(max(id), 0) FROM access_grant",
    [Q_ADD_COMMAND] = "INSERT INTO locker_command (" KIT_COLUMN_NAMES(
        COMMAND_COLUMNS) ") VALUES (" KIT_COLUMN_MARKS(COMMAND_COLUMNS) ")",
    [Q_COMMAND] = "SELECT " KIT_COLUMN_NAMES(COMMAND_COLUMNS) " FROM locker_command WHERE id = ?",
    [Q_SET_EFFECT] = "UPDATE locker_command SET effect = ? WHERE id = ?",
    [Q_FORGET] = FORGET_COMMANDS,
};

int locker_store_open(struct locker_store *store, struct kit_db *db, struct kit_error *err)
{
    int rc = kit_tables_check(db, TABLES, KIT_COUNT(TABLES), err);
    if (rc != KIT_OK)
        return rc;
    return kit_statements_prepare(&store->statements, db, QUERIES, QUERY_COUNT, err);
}

void locker_store_close(struct locker_store *store)
{
    kit_statements_done(&store->statements);
}

/* ---- lockers ---- */

int locker_store_find(struct locker_store *store, const char *name, struct locker *ret,
                      bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_FIND);
    kit_query_text(&q, name);
    return locker_read_one(&q, ret, ret_found, err);
}

int locker_store_next(struct locker_store *store, const char *after, struct locker *ret,
                      bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_NEXT);
    kit_query_text(&q, after);
    return locker_read_one(&q, ret, ret_found, err);
}

int locker_store_has_ties(struct locker_store *store, const char *name, int64_t now_ms,
                          bool *ret_has, struct kit_error *err)
{
    int64_t has = 0;
    struct kit_query q = kit_query_start(&store->statements, Q_TIES);
    kit_query_text(&q, name);
    kit_query_int(&q, now_ms);
    int rc = kit_query_number(&q, &has, err);
    if (rc != KIT_OK)
        return rc;
    *ret_has = has != 0;
    return KIT_OK;
}

int locker_store_forget(struct locker_store *store, const char *name, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_FORGET_COMPARTMENTS);
    kit_query_text(&q, name);
    int rc = kit_query_run(&q, NULL, err);
    if (rc != KIT_OK)
        return rc;
    q = kit_query_start(&store->statements, Q_FORGET_LOCKER);
    kit_query_text(&q, name);
    return kit_query_run(&q, NULL, err);
}

int locker_store_end_stories(struct locker_store *store, const char *locker, int64_t now_ms,
                             struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_END_STORIES);
    kit_query_text(&q, locker);
    kit_query_int(&q, now_ms);
    return kit_query_run(&q, NULL, err);
}

int locker_store_save(struct locker_store *store, const struct locker *locker,
                      struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_SAVE);
    locker_bind(&q, locker);
    return kit_query_run(&q, NULL, err);
}

int locker_store_set_wanted(struct locker_store *store, const char *name, int64_t revision,
                            struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_SET_WANTED);
    kit_query_int(&q, revision);
    kit_query_text(&q, name);
    return kit_query_run(&q, NULL, err);
}

int locker_store_mark_silent(struct locker_store *store, int64_t since_ms, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_MARK_SILENT);
    kit_query_int(&q, since_ms);
    return kit_query_run(&q, NULL, err);
}

int locker_store_set_silent(struct locker_store *store, const char *name, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_SET_SILENT);
    kit_query_text(&q, name);
    return kit_query_run(&q, NULL, err);
}

int locker_store_list(struct locker_store *store, struct kit_page *page, struct locker *ret_lockers,
                      struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST, Q_COUNT };
    return locker_read_page(&store->statements, &LIST, page, ret_lockers, err);
}

/* ---- compartments ---- */

int locker_store_compartment(struct locker_store *store, const struct compartment_id *id,
                             struct locker_compartment *ret, bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_COMPARTMENT);
    kit_query_text(&q, id->locker);
    kit_query_int(&q, id->number);
    return compartment_read_one(&q, ret, ret_found, err);
}

int locker_store_choose(struct locker_store *store, const struct compartment_need *need,
                        struct locker_compartment *ret, bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_CHOOSE);
    kit_query_int(&q, need->size);
    kit_query_text(&q, need->wished_locker);
    int rc = compartment_read_one(&q, ret, ret_found, err);
    CHECK(rc != KIT_OK || !*ret_found || locker_is_free(ret));
    return rc;
}

int locker_store_largest_free(struct locker_store *store, int64_t *ret_size, struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_LARGEST_FREE, ret_size, err);
}

int locker_store_largest(struct locker_store *store, int64_t *ret_size, struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_LARGEST, ret_size, err);
}

int locker_store_lapsed(struct locker_store *store, int64_t now_ms, struct locker_compartment *ret,
                        bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_LAPSED);
    kit_query_int(&q, now_ms);
    return compartment_read_one(&q, ret, ret_found, err);
}

int locker_store_save_compartment(struct locker_store *store,
                                  const struct locker_compartment *compartment,
                                  struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_SAVE_COMPARTMENT);
    compartment_bind(&q, compartment);
    return kit_query_run(&q, NULL, err);
}

int locker_store_cut(struct locker_store *store, const char *locker, int number,
                     struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_CUT);
    kit_query_text(&q, locker);
    kit_query_int(&q, number);
    return kit_query_run(&q, NULL, err);
}

int locker_store_compartments(struct locker_store *store, const char *locker,
                              struct locker_compartments *ret, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_OF_LOCKER);
    kit_query_text(&q, locker);
    kit_query_int(&q, (int64_t)ret->max);
    ret->count = 0;
    return compartment_read_all(&q, ret->items, ret->max, &ret->count, err);
}

/* ---- grants ---- */

int locker_store_add_grant(struct locker_store *store, const struct grant *grant,
                           struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_ADD_GRANT);
    grant_bind(&q, grant);
    return kit_query_run(&q, NULL, err);
}

int locker_store_grant(struct locker_store *store, int64_t id, struct grant *ret, bool *ret_found,
                       struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_GRANT);
    kit_query_int(&q, id);
    return grant_read_one(&q, ret, ret_found, err);
}

int locker_store_set_grant(struct locker_store *store, int64_t id, enum grant_state state,
                           struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_SET_GRANT);
    kit_query_int(&q, state);
    kit_query_int(&q, id);
    return kit_query_run(&q, NULL, err);
}

int locker_store_live_grants(struct locker_store *store, const char *locker,
                             struct grant ret[GRANTS_MAX], size_t *ret_count, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_LIVE_GRANTS);
    kit_query_text(&q, locker);
    kit_query_int(&q, GRANTS_MAX);
    *ret_count = 0;
    return grant_read_all(&q, ret, GRANTS_MAX, ret_count, err);
}

int locker_store_last_grant_id(struct locker_store *store, int64_t *ret_id, struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_LAST_GRANT, ret_id, err);
}

/* ---- commands ---- */

int locker_store_add_command(struct locker_store *store, const struct locker_command *command,
                             struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_ADD_COMMAND);
    command_bind(&q, command);
    return kit_query_run(&q, NULL, err);
}

int locker_store_command(struct locker_store *store, const char *id, struct locker_command *ret,
                         bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_COMMAND);
    kit_query_text(&q, id);
    return command_read_one(&q, ret, ret_found, err);
}

int locker_store_set_effect(struct locker_store *store, const char *id, int64_t effect,
                            struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_SET_EFFECT);
    kit_query_int(&q, effect);
    kit_query_text(&q, id);
    return kit_query_run(&q, NULL, err);
}

int locker_store_forget_commands(struct locker_store *store, int64_t before_ms,
                                 struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_FORGET);
    kit_query_int(&q, before_ms);
    kit_query_int(&q, FORGET_ROWS_MAX);
    return kit_query_run(&q, NULL, err);
}

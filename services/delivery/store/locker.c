/* The SQL of lockers. Statements are prepared at open, so that a typo fails the start. Never begins
 * or commits. Loop thread. */
#include "delivery/store/locker.h"

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
    Q_HUSH,
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

#define LOCKER_COLUMNS                                                                             \
    "name, is_online, state_epoch, state_boot, epoch, seq, revision_wanted, revision_known,"       \
    " wrong_codes, epoch_before, is_silent, last_heard_ms, compartment_count, seq_before"
#define COMPARTMENT_COLUMNS                                                                        \
    "locker, number, size, door, presence, is_doubtful, delivery_id, story, empty_count,"          \
    " pending_until_ms, clean_revision, is_dead"
#define COMPARTMENTS                                                                               \
    "SELECT " COMPARTMENT_COLUMNS ", is_online AND NOT is_silent, revision_known,"                 \
    " number > compartment_count FROM compartment JOIN locker ON name = locker"
/* As locker_is_free() says. */
#define IS_FREE                                                                                    \
    " delivery_id IS NULL AND door = 1 AND story = 0 AND presence <> 2 AND is_online = 1"          \
    " AND is_silent = 0 AND number <= compartment_count AND revision_known >= clean_revision"
#define GRANT_COLUMNS                                                                              \
    "id, delivery_id, issue, locker, compartment, purpose, state, not_before_ms, expires_at_ms,"   \
    " code_hash, revision"
#define COMMAND_COLUMNS "id, delivery_id, locker, compartment, story, expires_at_ms, effect"

#define FORGET_COMMANDS                                                                            \
    "DELETE FROM locker_command WHERE id IN"                                                       \
    " (SELECT id FROM locker_command WHERE expires_at_ms < ? LIMIT ?)"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_FIND] = "SELECT " LOCKER_COLUMNS " FROM locker WHERE name = ?",
    [Q_SAVE] = "INSERT INTO locker (" LOCKER_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
               " ?, ?, ?, ?)"
               " ON CONFLICT (name) DO UPDATE SET is_online = excluded.is_online,"
               "  state_epoch = excluded.state_epoch, state_boot = excluded.state_boot,"
               "  epoch = excluded.epoch, epoch_before = excluded.epoch_before, seq = excluded.seq,"
               "  revision_known = excluded.revision_known, wrong_codes = excluded.wrong_codes,"
               "  is_silent = excluded.is_silent, last_heard_ms = excluded.last_heard_ms,"
               "  compartment_count = excluded.compartment_count, seq_before = excluded.seq_before",
    [Q_SET_WANTED] = "UPDATE locker SET revision_wanted = ? WHERE name = ?",
    [Q_LIST] = "SELECT " LOCKER_COLUMNS " FROM locker ORDER BY name LIMIT ? OFFSET ?",
    [Q_COUNT] = "SELECT count(*) FROM locker",
    [Q_COMPARTMENT] = COMPARTMENTS " WHERE locker = ? AND number = ?",
    [Q_SAVE_COMPARTMENT] =
        "INSERT INTO compartment (" COMPARTMENT_COLUMNS ")"
        " VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?)"
        " ON CONFLICT (locker, number) DO UPDATE SET size = excluded.size, door = excluded.door,"
        "  presence = excluded.presence, is_doubtful = excluded.is_doubtful,"
        "  delivery_id = excluded.delivery_id, story = excluded.story,"
        "  empty_count = excluded.empty_count, pending_until_ms = excluded.pending_until_ms,"
        "  clean_revision = excluded.clean_revision, is_dead = excluded.is_dead",
    [Q_CUT] = "DELETE FROM compartment WHERE locker = ? AND number > ? AND delivery_id IS NULL",
    [Q_OF_LOCKER] = COMPARTMENTS " WHERE locker = ? ORDER BY number LIMIT ?",
    [Q_CHOOSE] = COMPARTMENTS " WHERE" IS_FREE " AND size >= ?"
                              " ORDER BY locker <> ?, size, locker, number LIMIT 1",
    [Q_LARGEST_FREE] = "SELECT coalesce(max(size), 0) FROM compartment JOIN locker ON name = locker"
                       " WHERE" IS_FREE,
    [Q_LARGEST] = "SELECT coalesce(max(size), 0) FROM compartment JOIN locker ON name = locker"
                  " WHERE number <= compartment_count",
    [Q_HUSH] = "UPDATE locker SET is_silent = 1"
               " WHERE is_online = 1 AND is_silent = 0 AND last_heard_ms < ?",
    [Q_SET_SILENT] = "UPDATE locker SET is_silent = 1 WHERE name = ?",
    [Q_NEXT] = "SELECT " LOCKER_COLUMNS " FROM locker WHERE name > ? ORDER BY name LIMIT 1",
    [Q_TIES] = "SELECT EXISTS (SELECT 1 FROM compartment JOIN locker ON name = locker"
               " WHERE name = ?1 AND (delivery_id IS NOT NULL OR"
               "  (clean_revision > revision_known AND EXISTS (SELECT 1 FROM access_grant g"
               "    WHERE g.locker = ?1 AND state <> 2 AND expires_at_ms > ?2))))",
    [Q_FORGET_COMPARTMENTS] = "DELETE FROM compartment WHERE locker = ?",
    [Q_FORGET_LOCKER] = "DELETE FROM locker WHERE name = ?",
    [Q_END_STORIES] = "UPDATE compartment SET story = 0 WHERE locker = ? AND story <> 0"
                      " AND delivery_id IN (SELECT id FROM delivery WHERE deadline_ms <= ?)",
    [Q_LAPSED] = COMPARTMENTS " WHERE pending_until_ms > 0 AND pending_until_ms <= ? LIMIT 1",
    [Q_ADD_GRANT] = "INSERT INTO access_grant (" GRANT_COLUMNS ")"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [Q_GRANT] = "SELECT " GRANT_COLUMNS " FROM access_grant WHERE id = ?",
    [Q_SET_GRANT] = "UPDATE access_grant SET state = ? WHERE id = ?",
    [Q_LIVE_GRANTS] = "SELECT " GRANT_COLUMNS " FROM access_grant WHERE state = 1 AND locker = ?"
                      " ORDER BY compartment LIMIT ?",
    [Q_LAST_GRANT] = "SELECT coalesce(max(id), 0) FROM access_grant",
    [Q_ADD_COMMAND] = "INSERT INTO locker_command (" COMMAND_COLUMNS ")"
                      " VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0))",
    [Q_COMMAND] = "SELECT " COMMAND_COLUMNS " FROM locker_command WHERE id = ?",
    [Q_SET_EFFECT] = "UPDATE locker_command SET effect = ? WHERE id = ?",
    [Q_FORGET] = FORGET_COMMANDS,
};

int locker_store_open(struct locker_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_statements_prepare(&store->statements, db, QUERIES, QUERY_COUNT, err);
}

void locker_store_close(struct locker_store *store)
{
    kit_statements_done(&store->statements);
}

/* ---- lockers ---- */

static void read_locker(struct kit_query *q, struct locker *ret)
{
    kit_query_col_text(q, 0, ret->name, sizeof(ret->name));
    ret->is_online = kit_query_col_int(q, 1) != 0;
    kit_query_col_text(q, 2, ret->state_epoch, sizeof(ret->state_epoch));
    ret->state_boot = kit_query_col_int(q, 3);
    kit_query_col_text(q, 4, ret->epoch, sizeof(ret->epoch));
    ret->seq = kit_query_col_int(q, 5);
    ret->revision_wanted = kit_query_col_int(q, 6);
    ret->revision_known = kit_query_col_int(q, 7);
    ret->wrong_codes = kit_query_col_int(q, 8);
    kit_query_col_text(q, 9, ret->epoch_before, sizeof(ret->epoch_before));
    ret->is_silent = kit_query_col_int(q, 10) != 0;
    ret->last_heard_ms = kit_query_col_int(q, 11);
    ret->compartment_count = (int)kit_query_col_int(q, 12);
    ret->seq_before = kit_query_col_int(q, 13);
}

/* Runs a started query of one row, and ends it. */
static int one_locker(struct kit_query *q, struct locker *ret, bool *ret_found,
                      struct kit_error *err)
{
    int rc = kit_query_row(q, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        read_locker(q, ret);
    kit_query_end(q);
    return rc;
}

int locker_store_find(struct locker_store *store, const char *name, struct locker *ret,
                      bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_FIND);
    kit_query_text(&q, name);
    return one_locker(&q, ret, ret_found, err);
}

int locker_store_next(struct locker_store *store, const char *after, struct locker *ret,
                      bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_NEXT);
    kit_query_text(&q, after);
    return one_locker(&q, ret, ret_found, err);
}

int locker_store_has_ties(struct locker_store *store, const char *name, int64_t now_ms,
                          bool *ret_has, struct kit_error *err)
{
    bool found = false;
    struct kit_query q = kit_query_start(&store->statements, Q_TIES);
    kit_query_text(&q, name);
    kit_query_int(&q, now_ms);
    int rc = kit_query_row(&q, &found, err);
    if (rc == KIT_OK)
        *ret_has = kit_query_col_int(&q, 0) != 0;
    kit_query_end(&q);
    return rc;
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
    kit_query_text(&q, locker->name);
    kit_query_int(&q, locker->is_online);
    kit_query_text(&q, locker->state_epoch);
    kit_query_int(&q, locker->state_boot);
    kit_query_text(&q, locker->epoch);
    kit_query_int(&q, locker->seq);
    kit_query_int(&q, locker->revision_wanted);
    kit_query_int(&q, locker->revision_known);
    kit_query_int(&q, locker->wrong_codes);
    kit_query_text(&q, locker->epoch_before);
    kit_query_int(&q, locker->is_silent);
    kit_query_int(&q, locker->last_heard_ms);
    kit_query_int(&q, locker->compartment_count);
    kit_query_int(&q, locker->seq_before);
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

int locker_store_hush(struct locker_store *store, int64_t since_ms, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_HUSH);
    kit_query_int(&q, since_ms);
    return kit_query_run(&q, NULL, err);
}

int locker_store_set_silent(struct locker_store *store, const char *name, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_SET_SILENT);
    kit_query_text(&q, name);
    return kit_query_run(&q, NULL, err);
}

int locker_store_list(struct locker_store *store, int64_t page, int64_t size, struct locker *ret,
                      size_t *ret_count, struct kit_error *err)
{
    bool found = false;
    *ret_count = 0;
    struct kit_query q = kit_query_start(&store->statements, Q_LIST);
    kit_query_int(&q, size);
    kit_query_int(&q, page * size);
    int rc = kit_query_row(&q, &found, err);
    while (rc == KIT_OK && found && *ret_count < (size_t)size) {
        read_locker(&q, &ret[(*ret_count)++]);
        rc = kit_query_row(&q, &found, err);
    }
    kit_query_end(&q);
    return rc;
}

int locker_store_count(struct locker_store *store, int64_t *ret_count, struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_COUNT, ret_count, err);
}

/* ---- compartments ---- */

static void read_compartment(struct kit_query *q, struct locker_compartment *ret)
{
    kit_query_col_text(q, 0, ret->locker, sizeof(ret->locker));
    ret->number = (int)kit_query_col_int(q, 1);
    ret->size = (enum product_size)kit_query_col_int(q, 2);
    ret->door = (enum door_state)kit_query_col_int(q, 3);
    ret->presence = (enum object_presence)kit_query_col_int(q, 4);
    ret->is_doubtful = kit_query_col_int(q, 5) != 0;
    ret->delivery.v = kit_query_col_int(q, 6);
    ret->story = (enum locker_story)kit_query_col_int(q, 7);
    ret->empty_count = (int)kit_query_col_int(q, 8);
    ret->pending_until_ms = kit_query_col_int(q, 9);
    ret->clean_revision = kit_query_col_int(q, 10);
    ret->is_dead = kit_query_col_int(q, 11) != 0;
    ret->is_locker_online = kit_query_col_int(q, 12) != 0;
    ret->locker_revision_known = kit_query_col_int(q, 13);
    ret->is_gone = kit_query_col_int(q, 14) != 0;
}

/* Runs a started query of one row, and ends it. */
static int one_compartment(struct kit_query *q, struct locker_compartment *ret, bool *ret_found,
                           struct kit_error *err)
{
    int rc = kit_query_row(q, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        read_compartment(q, ret);
    kit_query_end(q);
    return rc;
}

int locker_store_compartment(struct locker_store *store, const char *locker, int number,
                             struct locker_compartment *ret, bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_COMPARTMENT);
    kit_query_text(&q, locker);
    kit_query_int(&q, number);
    return one_compartment(&q, ret, ret_found, err);
}

int locker_store_choose(struct locker_store *store, enum product_size size, const char *wished,
                        struct locker_compartment *ret, bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_CHOOSE);
    kit_query_int(&q, size);
    kit_query_text(&q, wished);
    int rc = one_compartment(&q, ret, ret_found, err);
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
    return one_compartment(&q, ret, ret_found, err);
}

int locker_store_save_compartment(struct locker_store *store,
                                  const struct locker_compartment *compartment,
                                  struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_SAVE_COMPARTMENT);
    kit_query_text(&q, compartment->locker);
    kit_query_int(&q, compartment->number);
    kit_query_int(&q, compartment->size);
    kit_query_int(&q, compartment->door);
    kit_query_int(&q, compartment->presence);
    kit_query_int(&q, compartment->is_doubtful);
    kit_query_int(&q, compartment->delivery.v);
    kit_query_int(&q, compartment->story);
    kit_query_int(&q, compartment->empty_count);
    kit_query_int(&q, compartment->pending_until_ms);
    kit_query_int(&q, compartment->clean_revision);
    kit_query_int(&q, compartment->is_dead);
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
    bool found = false;
    struct kit_query q = kit_query_start(&store->statements, Q_OF_LOCKER);
    kit_query_text(&q, locker);
    kit_query_int(&q, (int64_t)ret->max);
    ret->count = 0;
    int rc = kit_query_row(&q, &found, err);
    while (rc == KIT_OK && found && ret->count < ret->max) {
        read_compartment(&q, &ret->items[ret->count++]);
        rc = kit_query_row(&q, &found, err);
    }
    kit_query_end(&q);
    return rc;
}

/* ---- grants ---- */

static void read_grant(struct kit_query *q, struct grant *ret)
{
    ret->id = kit_query_col_int(q, 0);
    ret->delivery.v = kit_query_col_int(q, 1);
    ret->issue = kit_query_col_int(q, 2);
    kit_query_col_text(q, 3, ret->locker, sizeof(ret->locker));
    ret->compartment = (int)kit_query_col_int(q, 4);
    ret->purpose = (enum grant_purpose)kit_query_col_int(q, 5);
    ret->state = (enum grant_state)kit_query_col_int(q, 6);
    ret->not_before_ms = kit_query_col_int(q, 7);
    ret->expires_at_ms = kit_query_col_int(q, 8);
    kit_query_col_text(q, 9, ret->code_hash, sizeof(ret->code_hash));
    ret->revision = kit_query_col_int(q, 10);
}

int locker_store_add_grant(struct locker_store *store, const struct grant *grant,
                           struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_ADD_GRANT);
    kit_query_int(&q, grant->id);
    kit_query_int(&q, grant->delivery.v);
    kit_query_int(&q, grant->issue);
    kit_query_text(&q, grant->locker);
    kit_query_int(&q, grant->compartment);
    kit_query_int(&q, grant->purpose);
    kit_query_int(&q, grant->state);
    kit_query_int(&q, grant->not_before_ms);
    kit_query_int(&q, grant->expires_at_ms);
    kit_query_text(&q, grant->code_hash);
    kit_query_int(&q, grant->revision);
    return kit_query_run(&q, NULL, err);
}

int locker_store_grant(struct locker_store *store, int64_t id, struct grant *ret, bool *ret_found,
                       struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_GRANT);
    kit_query_int(&q, id);
    int rc = kit_query_row(&q, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        read_grant(&q, ret);
    kit_query_end(&q);
    return rc;
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
    bool found = false;
    *ret_count = 0;
    struct kit_query q = kit_query_start(&store->statements, Q_LIVE_GRANTS);
    kit_query_text(&q, locker);
    kit_query_int(&q, GRANTS_MAX);
    int rc = kit_query_row(&q, &found, err);
    while (rc == KIT_OK && found && *ret_count < GRANTS_MAX) {
        read_grant(&q, &ret[(*ret_count)++]);
        rc = kit_query_row(&q, &found, err);
    }
    kit_query_end(&q);
    return rc;
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
    kit_query_text(&q, command->id);
    kit_query_int(&q, command->delivery.v);
    kit_query_text(&q, command->locker);
    kit_query_int(&q, command->compartment);
    kit_query_int(&q, command->story);
    kit_query_int(&q, command->expires_at_ms);
    kit_query_int(&q, command->effect);
    return kit_query_run(&q, NULL, err);
}

int locker_store_command(struct locker_store *store, const char *id, struct locker_command *ret,
                         bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->statements, Q_COMMAND);
    kit_query_text(&q, id);
    int rc = kit_query_row(&q, ret_found, err);
    if (rc == KIT_OK && *ret_found) {
        kit_query_col_text(&q, 0, ret->id, sizeof(ret->id));
        ret->delivery.v = kit_query_col_int(&q, 1);
        kit_query_col_text(&q, 2, ret->locker, sizeof(ret->locker));
        ret->compartment = (int)kit_query_col_int(&q, 3);
        ret->story = (enum locker_story)kit_query_col_int(&q, 4);
        ret->expires_at_ms = kit_query_col_int(&q, 5);
        ret->effect = kit_query_col_int(&q, 6);
    }
    kit_query_end(&q);
    return rc;
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

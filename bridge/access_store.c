/* The SQL of the copy. See access_store.h. */
#include "bridge/access_store.h"

#include <stdio.h>
#include <string.h>

#include "kit/store/table.h"

#define PATH_SIZE 1100 /* of a file beside the database */

static const struct kit_migration MIGRATIONS[] = {
    { "copy", "CREATE TABLE position ("
              "  id INTEGER PRIMARY KEY CHECK (id = 1),"
              "  epoch TEXT NOT NULL,"
              "  seq INTEGER NOT NULL CHECK (seq >= 0),"
              "  is_filled INTEGER NOT NULL"
              ") STRICT;"
              "INSERT INTO position VALUES (1, '', 0, 0);"
              "CREATE TABLE account ("
              "  id INTEGER PRIMARY KEY,"
              "  version INTEGER NOT NULL,"
              "  state INTEGER NOT NULL"
              ") STRICT;"
              "CREATE TABLE person ("
              "  id INTEGER PRIMARY KEY,"
              "  version INTEGER NOT NULL,"
              "  account INTEGER," /* NULL: staff */
              "  role INTEGER NOT NULL,"
              "  state INTEGER NOT NULL"
              ") STRICT;"
              "CREATE TABLE session ("
              "  id INTEGER PRIMARY KEY,"
              "  version INTEGER NOT NULL,"
              "  person INTEGER NOT NULL,"
              "  kind INTEGER NOT NULL,"
              "  hash TEXT NOT NULL,"
              "  scopes TEXT,"
              "  until_ms INTEGER NOT NULL,"
              "  state INTEGER NOT NULL"
              ") STRICT;"
              "CREATE INDEX session_hash ON session (hash);"
              "CREATE INDEX session_until ON session (until_ms);" },
};

enum access_query {
    Q_POSITION = 0,
    Q_BEGIN,
    Q_FILL,
    Q_MOVE,
    Q_WIPE_ACCOUNTS,
    Q_WIPE_PEOPLE,
    Q_WIPE_SESSIONS,
    Q_ACCOUNT,
    Q_PERSON,
    Q_SESSION,
    Q_FORGET,
    Q_FIND,
    Q_LIVE,
    QUERY_COUNT,
};

/* Enums are stored by their numbers (x-stored). That of a role is that of enum kit_role. */
#define POSITION_COLUMNS(X, AND)                                                                   \
    X(TEXT, epoch, epoch) AND X(INT, seq, seq)                                                     \
    AND X(INT, is_filled, is_filled)
#define ACCOUNT_COLUMNS(X, AND)                                                                    \
    X(INT, id, id) AND X(INT, version, version)                                                    \
    AND X(INT, state, state)
#define PERSON_COLUMNS(X, AND)                                                                     \
    X(INT, id, id)                                                                                 \
    AND X(INT, version, version)                                                                   \
    AND X(INT0, account, account)                                                                  \
    AND X(INT, role, role)                                                                         \
    AND X(INT, state, state)
#define SESSION_COLUMNS(X, AND)                                                                    \
    X(INT, id, id)                                                                                 \
    AND X(INT, version, version)                                                                   \
    AND X(INT, person, person)                                                                     \
    AND X(INT, kind, kind)                                                                         \
    AND X(TEXT, hash, hash)                                                                        \
    AND X(OPT_TEXT, scopes, scopes)                                                                \
    AND X(INT, until_ms, until_ms)                                                                 \
    AND X(INT, state, state)
#define FOUND_COLUMNS(X, AND)                                                                      \
    X(INT, id, id)                                                                                 \
    AND X(INT, is_token, is_token)                                                                 \
    AND X(OPT_TEXT, scopes, scopes)                                                                \
    AND X(INT, until_ms, until_ms)                                                                 \
    AND X(INT, person, actor.person) AND X(INT0, account, actor.account) AND X(INT, role,          \
                                                                               actor.role)

#define IF_NEWER(table) " WHERE excluded.version > " #table ".version"
#define LIVE                                                                                       \
    " FROM session s JOIN person p ON p.id = s.person"                                             \
    " LEFT JOIN account a ON a.id = p.account"                                                     \
    " WHERE s.state = 1 AND p.state = 1 AND (p.account IS NULL OR a.state = 1) AND "

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_POSITION] = ("SELECT " KIT_COLUMN_NAMES(POSITION_COLUMNS) " FROM position"),
    [Q_BEGIN] = "UPDATE position SET epoch = ?, seq = 0, is_filled = 0",
    [Q_FILL] = "UPDATE position SET is_filled = 1",
    [Q_MOVE] = "UPDATE position SET seq = max(seq, ?)", /* another bridge may be further */
    [Q_WIPE_ACCOUNTS] = "DELETE FROM account",
    [Q_WIPE_PEOPLE] = "DELETE FROM person",
    [Q_WIPE_SESSIONS] = "DELETE FROM session",
    [Q_ACCOUNT] = (KIT_INSERT(account, ACCOUNT_COLUMNS) KIT_ON_CONFLICT("id", ACCOUNT_COLUMNS)
                       IF_NEWER(account)),
    [Q_PERSON] = (KIT_INSERT(person, PERSON_COLUMNS) KIT_ON_CONFLICT("id", PERSON_COLUMNS)
                      IF_NEWER(person)),
    [Q_SESSION] = (KIT_INSERT(session, SESSION_COLUMNS) KIT_ON_CONFLICT("id", SESSION_COLUMNS)
                       IF_NEWER(session)),
    [Q_FORGET] = "DELETE FROM session WHERE until_ms < ?",
    [Q_FIND] = ("SELECT s.id, s.kind = 2, s.scopes, s.until_ms, s.person, p.account, p.role" LIVE
                "s.hash = ? AND s.until_ms > ?"),
    [Q_LIVE] = ("SELECT count(*)" LIVE "s.id = ? AND s.until_ms > ?"),
};

struct account_row {
    int64_t id, version, state;
};

struct person_row {
    int64_t id, version, account, role, state;
};

struct session_row {
    int64_t id, version, person, kind, until_ms, state;
    const char *hash;
    bool has_scopes;
    char scopes[sizeof(((struct msg_event_session *)NULL)->scopes)];
};

KIT_ROW_FUNCTIONS(position, struct access_position, POSITION_COLUMNS);
KIT_ROW_BIND(account, struct account_row, ACCOUNT_COLUMNS);
KIT_ROW_BIND(person, struct person_row, PERSON_COLUMNS);
KIT_ROW_BIND(session, struct session_row, SESSION_COLUMNS);
KIT_ROW_READ(found, struct access_session, FOUND_COLUMNS);

static const struct kit_table TABLES[] = {
    KIT_TABLE(account, ACCOUNT_COLUMNS),
    KIT_TABLE(person, PERSON_COLUMNS),
    KIT_TABLE(session, SESSION_COLUMNS),
};

/* ---- the file ---- */

static void remove_files(const char *path)
{
    static const char *const SUFFIXES[] = { "", "-wal", "-shm" };
    char name[PATH_SIZE];

    for (size_t i = 0; i < KIT_COUNT(SUFFIXES); i++) {
        snprintf(name, sizeof(name), "%s%s", path, SUFFIXES[i]);
        (void)remove(name);
    }
}

static int open_once(struct access_store *store, const char *path, struct kit_error *err)
{
    static const struct kit_store_spec spec = KIT_STORE_SPEC(TABLES, QUERIES);
    const struct kit_store_port port = { .path = path, .is_copy = true };

    int rc = kit_db_open(&store->db, &port, MIGRATIONS, KIT_COUNT(MIGRATIONS), err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_store_open(&store->statements, store->db, &spec, err);
    if (rc != KIT_OK)
        access_store_close(store);
    return rc;
}

int access_store_open(struct access_store *store, const char *path, struct kit_error *err)
{
    *store = (struct access_store){ .db = NULL };
    int rc = open_once(store, path, err);
    if (rc != KIT_E_CORRUPT)
        return rc;
    remove_files(path);
    return open_once(store, path, err);
}

void access_store_close(struct access_store *store)
{
    kit_statements_done(&store->statements);
    kit_db_close(store->db);
    store->db = NULL;
}

/* ---- one transaction each ---- */

static int end(struct access_store *store, int rc, struct kit_error *err)
{
    const int ended = rc == KIT_OK ? kit_db_commit(store->db, err) : rc;

    if (ended != KIT_OK)
        kit_db_rollback(store->db);
    return ended;
}

static int run(struct access_store *store, enum access_query number, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, number);
    return kit_query_run(&query, NULL, err);
}

static int run_int(struct access_store *store, enum access_query number, int64_t value,
                   struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, number);
    kit_query_int(&query, value);
    return kit_query_run(&query, NULL, err);
}

static int read_position(struct access_store *store, struct access_position *ret,
                         struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_POSITION);
    bool is_found = false;
    int rc = position_read_one(&query, ret, &is_found, err);
    CHECK(rc != KIT_OK || is_found);
    return rc;
}

int access_store_position(struct access_store *store, struct access_position *ret,
                          struct kit_error *err)
{
    int rc = kit_db_begin(store->db, err);
    if (rc != KIT_OK)
        return rc;
    return end(store, read_position(store, ret, err), err);
}

static int wipe(struct access_store *store, const char *epoch, struct kit_error *err)
{
    static const enum access_query WIPES[] = { Q_WIPE_ACCOUNTS, Q_WIPE_PEOPLE, Q_WIPE_SESSIONS };
    struct kit_query query = kit_query_start(&store->statements, Q_BEGIN);

    kit_query_text(&query, epoch);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < KIT_COUNT(WIPES); i++) {
        rc = run(store, WIPES[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* The first statement writes: a transaction that begins with a read cannot go on when another
 * bridge has written since. */
static int begin_history(struct access_store *store, const char *epoch, int64_t head_seq,
                         int64_t *ret_seq, struct kit_error *err)
{
    struct access_position position = { .seq = 0 };

    int rc = run_int(store, Q_MOVE, 0, err);
    if (rc != KIT_OK)
        return rc;
    rc = read_position(store, &position, err);
    if (rc != KIT_OK)
        return rc;
    *ret_seq = position.seq;
    if (strcmp(position.epoch, epoch) == 0 && position.seq <= head_seq)
        return KIT_OK;
    *ret_seq = 0;
    return wipe(store, epoch, err);
}

int access_store_begin(struct access_store *store, const char *epoch, int64_t head_seq,
                       int64_t *ret_seq, struct kit_error *err)
{
    int rc = kit_db_begin(store->db, err);
    if (rc != KIT_OK)
        return rc;
    return end(store, begin_history(store, epoch, head_seq, ret_seq, err), err);
}

int access_store_fill(struct access_store *store, struct kit_error *err)
{
    int rc = kit_db_begin(store->db, err);
    if (rc != KIT_OK)
        return rc;
    return end(store, run(store, Q_FILL, err), err);
}

/* ---- events ---- */

static int write_account(struct access_store *store, const struct access_change *change,
                         struct kit_error *err)
{
    const struct account_row row = { .id = change->account->id,
                                     .version = change->version,
                                     .state = change->account->state };
    struct kit_query query = kit_query_start(&store->statements, Q_ACCOUNT);

    account_bind(&query, &row);
    return kit_query_run(&query, NULL, err);
}

static int write_person(struct access_store *store, const struct access_change *change,
                        struct kit_error *err)
{
    const struct msg_event_person *person = change->person;
    const struct person_row row = { .id = person->id,
                                    .version = change->version,
                                    .account = person->has_account ? person->account : 0,
                                    .role = person->role,
                                    .state = person->state };
    struct kit_query query = kit_query_start(&store->statements, Q_PERSON);

    person_bind(&query, &row);
    return kit_query_run(&query, NULL, err);
}

static int write_session(struct access_store *store, const struct access_change *change,
                         struct kit_error *err)
{
    const struct msg_event_session *session = change->session;
    struct session_row row = { .id = session->id,
                               .version = change->version,
                               .person = session->person,
                               .kind = session->kind,
                               .until_ms = session->until_ms,
                               .state = session->state,
                               .hash = session->hash,
                               .has_scopes = session->has_scopes };
    memcpy(row.scopes, session->scopes, sizeof(row.scopes));
    struct kit_query query = kit_query_start(&store->statements, Q_SESSION);

    session_bind(&query, &row);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    return run_int(store, Q_FORGET, change->now_ms - ACCESS_ENDED_KEPT_MS, err);
}

static int apply(struct access_store *store, const struct access_change *change,
                 struct kit_error *err)
{
    int rc = run_int(store, Q_MOVE, change->seq, err);
    if (rc != KIT_OK)
        return rc;
    if (change->account != NULL)
        return write_account(store, change, err);
    if (change->person != NULL)
        return write_person(store, change, err);
    return change->session != NULL ? write_session(store, change, err) : KIT_OK;
}

int access_store_apply(struct access_store *store, const struct access_change *change,
                       struct kit_error *err)
{
    int rc = kit_db_begin(store->db, err);
    if (rc != KIT_OK)
        return rc;
    return end(store, apply(store, change, err), err);
}

/* ---- looking up ---- */

int access_store_find(struct access_store *store, const char *hash, int64_t now_ms,
                      struct access_session *ret, struct kit_error *err)
{
    bool is_found = false;

    *ret = (struct access_session){ .id = 0 };
    int rc = kit_db_begin(store->db, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_text(&query, hash);
    kit_query_int(&query, now_ms);
    return end(store, found_read_one(&query, ret, &is_found, err), err);
}

int access_store_is_live(struct access_store *store, int64_t session, int64_t now_ms,
                         bool *ret_is_live, struct kit_error *err)
{
    int64_t count = 0;

    int rc = kit_db_begin(store->db, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_query query = kit_query_start(&store->statements, Q_LIVE);
    kit_query_int(&query, session);
    kit_query_int(&query, now_ms);
    rc = end(store, kit_query_number(&query, &count, err), err);
    *ret_is_live = rc == KIT_OK && count > 0;
    return rc;
}

/* Tables of accounts, people and sessions. Statements are prepared at open, so a typo fails the
 * start. */
#include "account/store.h"

#include <inttypes.h>

#include "kit/store/table.h"

#define EPOCH_MS INT64_C(1767225600000) /* 2026-01-01, before any number was given */

/* Append-only: never change a migration that was released. */
const struct kit_migration account_migrations[ACCOUNT_MIGRATION_COUNT] = {
    { "1: accounts, people, sessions",
      "CREATE TABLE account ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " made_at_ms INTEGER NOT NULL"
      ") STRICT;"
      "CREATE TABLE person ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " account INTEGER REFERENCES account (id),"
      " login TEXT UNIQUE CHECK (length(login) BETWEEN 1 AND 100),"
      " name TEXT CHECK (length(name) BETWEEN 1 AND 200),"
      " role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 8),"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),"
      " password TEXT,"
      " link_hash TEXT UNIQUE CHECK (length(link_hash) = 64),"
      " link_until_ms INTEGER NOT NULL,"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " made_at_ms INTEGER NOT NULL"
      ") STRICT;"
      "CREATE TABLE session ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " person INTEGER NOT NULL REFERENCES person (id),"
      " kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 2),"
      " hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),"
      " name TEXT CHECK (length(name) BETWEEN 1 AND 200),"
      " scopes TEXT,"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2),"
      " until_ms INTEGER NOT NULL,"
      " made_at_ms INTEGER NOT NULL"
      ") STRICT;"
      "CREATE INDEX session_person ON session (person, id);"
      "CREATE INDEX session_until ON session (until_ms);" },
};

enum query {
    Q_ADD = 0,
    Q_FIND,
    Q_SAVE,
    Q_LIST,
    Q_COUNT,
    Q_PERSON_ADD,
    Q_PERSON_FIND,
    Q_PERSON_LOGIN,
    Q_PERSON_LINK,
    Q_PERSON_SAVE,
    Q_PERSON_LIST,
    Q_PERSON_COUNT,
    Q_PERSON_OPERATORS,
    Q_SESSION_ADD,
    Q_SESSION_FIND,
    Q_SESSION_HASH,
    Q_SESSION_END,
    Q_SESSION_LIVE,
    Q_SESSION_LIST,
    Q_SESSION_COUNT,
    Q_SESSION_SWEEP,
    QUERY_COUNT,
};

/* Ids are given by the tables, made_at_ms never changes. */
#define ACCOUNT_SAVED(X, AND)                                                                      \
    X(TEXT, name, name) AND X(INT, state, state)                                                   \
    AND X(INT, version, version)
#define ACCOUNT_ADDED(X, AND) ACCOUNT_SAVED(X, AND) AND X(INT, made_at_ms, made_at_ms)
#define ACCOUNT_COLUMNS(X, AND) X(INT, id, id) AND ACCOUNT_ADDED(X, AND)

#define PERSON_SAVED(X, AND)                                                                       \
    X(INT0, account, account)                                                                      \
    AND X(TEXT0, login, login)                                                                     \
    AND X(TEXT0, name, name)                                                                       \
    AND X(INT, role, role)                                                                         \
    AND X(INT, state, state)                                                                       \
    AND X(TEXT0, password, password)                                                               \
    AND X(TEXT0, link_hash, link_hash)                                                             \
    AND X(INT, link_until_ms, link_until_ms)                                                       \
    AND X(INT, version, version)
#define PERSON_ADDED(X, AND) PERSON_SAVED(X, AND) AND X(INT, made_at_ms, made_at_ms)
#define PERSON_COLUMNS(X, AND) X(INT, id, id) AND PERSON_ADDED(X, AND)

#define SESSION_ADDED(X, AND)                                                                      \
    X(INT, person, person)                                                                         \
    AND X(INT, kind, kind)                                                                         \
    AND X(TEXT, hash, hash)                                                                        \
    AND X(TEXT0, name, name)                                                                       \
    AND X(TEXT0, scopes, scopes)                                                                   \
    AND X(INT, state, state)                                                                       \
    AND X(INT, until_ms, until_ms)                                                                 \
    AND X(INT, made_at_ms, made_at_ms)
#define SESSION_COLUMNS(X, AND) X(INT, id, id) AND SESSION_ADDED(X, AND)

static const struct kit_table TABLES[] = {
    KIT_TABLE(account, ACCOUNT_COLUMNS),
    KIT_TABLE(person, PERSON_COLUMNS),
    KIT_TABLE(session, SESSION_COLUMNS),
};

KIT_ROW_BIND(account_added, struct account, ACCOUNT_ADDED);
KIT_ROW_BIND(account_saved, struct account, ACCOUNT_SAVED);
KIT_ROW_READ(account, struct account, ACCOUNT_COLUMNS);
KIT_ROW_BIND(person_added, struct account_person, PERSON_ADDED);
KIT_ROW_BIND(person_saved, struct account_person, PERSON_SAVED);
KIT_ROW_READ(person, struct account_person, PERSON_COLUMNS);
KIT_ROW_BIND(session_added, struct account_session, SESSION_ADDED);
KIT_ROW_READ(session, struct account_session, SESSION_COLUMNS);

#define ADD(table, LIST)                                                                           \
    KIT_INSERT_WITH(table, LIST, "id",                                                             \
                    "(SELECT max(coalesce(max(id), 0) + 1, ?) FROM " #table ")")                   \
    " RETURNING id"
#define SELECT_ACCOUNT "SELECT " KIT_COLUMN_NAMES(ACCOUNT_COLUMNS) " FROM account"
#define SELECT_PERSON "SELECT " KIT_COLUMN_NAMES(PERSON_COLUMNS) " FROM person"
#define SELECT_SESSION "SELECT " KIT_COLUMN_NAMES(SESSION_COLUMNS) " FROM session"
/* Of accounts, and of people; what counts them binds the place of the page, too. */
#define FILTERED(column) " WHERE (?3 = 0 OR " column " = ?3)"
#define COUNTED " AND ?1 >= 0 AND ?2 >= 0"
/* Of a page: ?1 and ?2 are its place, behind it is the filter. */
#define LISTED                                                                                     \
    " WHERE kind = ?3 AND state = 1 AND until_ms > ?4 AND (?5 = 0 OR person = ?5)"                 \
    " AND (?6 = 0 OR person IN (SELECT id FROM person WHERE account = ?6))"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD] = ADD(account, ACCOUNT_ADDED),
    [Q_FIND] = SELECT_ACCOUNT " WHERE id = ?",
    [Q_SAVE] = "UPDATE account SET " KIT_COLUMN_SETS(ACCOUNT_SAVED) " WHERE id = ? AND version = ?",
    [Q_LIST] = SELECT_ACCOUNT FILTERED("id") " ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_COUNT] = "SELECT count(*) FROM account" FILTERED("id") COUNTED,
    [Q_PERSON_ADD] = ADD(person, PERSON_ADDED),
    [Q_PERSON_FIND] = SELECT_PERSON " WHERE id = ?",
    [Q_PERSON_LOGIN] = SELECT_PERSON " WHERE login = ?",
    [Q_PERSON_LINK] = SELECT_PERSON " WHERE link_hash = ?",
    [Q_PERSON_SAVE] = "UPDATE person SET " KIT_COLUMN_SETS(
        PERSON_SAVED) " WHERE id = ? AND version = ?",
    [Q_PERSON_LIST] = SELECT_PERSON FILTERED(
        "account") " AND (?4 = 0 OR id = ?4) ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_PERSON_COUNT] = "SELECT count(*) FROM person" FILTERED(
        "account") " AND (?4 = 0 OR id = ?4)" COUNTED,
    [Q_PERSON_OPERATORS] = "SELECT count(*) FROM person WHERE role = ? AND state = ? AND id <> ?",
    [Q_SESSION_ADD] = ADD(session, SESSION_ADDED),
    [Q_SESSION_FIND] = SELECT_SESSION " WHERE id = ?",
    [Q_SESSION_HASH] = SELECT_SESSION " WHERE hash = ?",
    [Q_SESSION_END] = "UPDATE session SET state = ?, name = NULL WHERE id = ?",
    [Q_SESSION_LIVE] = SELECT_SESSION
    " WHERE person = ? AND state = 1 AND until_ms > ? ORDER BY id LIMIT ?",
    [Q_SESSION_LIST] = SELECT_SESSION LISTED " ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_SESSION_COUNT] = "SELECT count(*) FROM session" LISTED COUNTED,
    [Q_SESSION_SWEEP] = "DELETE FROM session WHERE id IN (SELECT id FROM session"
                        " WHERE until_ms < ? ORDER BY until_ms LIMIT ?)"
                        " AND id < (SELECT max(id) FROM session)",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int account_store_open(struct account_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void account_store_close(struct account_store *store)
{
    kit_statements_done(&store->statements);
}

int64_t account_store_floor(int64_t now_ms)
{
    return now_ms > EPOCH_MS ? (now_ms - EPOCH_MS) / 1000 + 1 : 1;
}

static int run_saved(struct kit_query *query, const char *what, int64_t id, int64_t version,
                     struct kit_error *err)
{
    kit_query_int(query, id);
    kit_query_int(query, version - 1);
    return kit_query_run_one(query, what, id, err);
}

static int must_be_found(int rc, bool is_found, const char *what, int64_t id, struct kit_error *err)
{
    if (rc != KIT_OK || is_found)
        return rc;
    return kit_error_set(err, KIT_E_NOT_FOUND, "There is no %s %" PRId64 ".", what, id);
}

/* ---- accounts ---- */

int account_store_add(struct account_store *store, struct account *account, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_ADD);
    account_added_bind(&query, account);
    kit_query_int(&query, account_store_floor(account->made_at_ms));
    return kit_query_number(&query, &account->id, err);
}

int account_store_get(struct account_store *store, int64_t id, struct account *ret_account,
                      struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_int(&query, id);
    int rc = account_read_one(&query, ret_account, &is_found, err);
    return must_be_found(rc, is_found, "account", id, err);
}

int account_store_save(struct account_store *store, const struct account *account,
                       struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SAVE);
    account_saved_bind(&query, account);
    return run_saved(&query, "account", account->id, account->version, err);
}

/* An account has nobody to filter by. */
static struct kit_query start_filtered(struct account_store *store, size_t index,
                                       const struct account_filter *filter,
                                       const struct kit_page *page)
{
    struct kit_query query = kit_page_start(&store->statements, index, page);
    kit_query_int(&query, filter->account);
    if (index == Q_PERSON_LIST || index == Q_PERSON_COUNT)
        kit_query_int(&query, filter->person);
    return query;
}

int account_store_list(struct account_store *store, const struct account_filter *filter,
                       struct kit_page *page, struct account *ret_accounts, struct kit_error *err)
{
    struct kit_query query = start_filtered(store, Q_LIST, filter, page);
    int rc = account_read_all(&query, ret_accounts, (size_t)page->size, &page->count, err);
    if (rc != KIT_OK)
        return rc;
    query = start_filtered(store, Q_COUNT, filter, page);
    return kit_query_number(&query, &page->total, err);
}

/* ---- people ---- */

int account_store_add_person(struct account_store *store, struct account_person *person,
                             struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_PERSON_ADD);
    person_added_bind(&query, person);
    kit_query_int(&query, account_store_floor(person->made_at_ms));
    return kit_query_number(&query, &person->id, err);
}

int account_store_get_person(struct account_store *store, int64_t id,
                             struct account_person *ret_person, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&store->statements, Q_PERSON_FIND);
    kit_query_int(&query, id);
    int rc = person_read_one(&query, ret_person, &is_found, err);
    return must_be_found(rc, is_found, "person", id, err);
}

int account_store_find_login(struct account_store *store, const char *login,
                             struct account_person *ret_person, bool *ret_found,
                             struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_PERSON_LOGIN);
    kit_query_text(&query, login);
    return person_read_one(&query, ret_person, ret_found, err);
}

int account_store_find_link(struct account_store *store, const char *link_hash,
                            struct account_person *ret_person, bool *ret_found,
                            struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_PERSON_LINK);
    kit_query_text(&query, link_hash);
    return person_read_one(&query, ret_person, ret_found, err);
}

int account_store_save_person(struct account_store *store, const struct account_person *person,
                              struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_PERSON_SAVE);
    person_saved_bind(&query, person);
    return run_saved(&query, "person", person->id, person->version, err);
}

int account_store_list_people(struct account_store *store, const struct account_filter *filter,
                              struct kit_page *page, struct account_person *ret_people,
                              struct kit_error *err)
{
    struct kit_query query = start_filtered(store, Q_PERSON_LIST, filter, page);
    int rc = person_read_all(&query, ret_people, (size_t)page->size, &page->count, err);
    if (rc != KIT_OK)
        return rc;
    query = start_filtered(store, Q_PERSON_COUNT, filter, page);
    return kit_query_number(&query, &page->total, err);
}

int account_store_other_operators(struct account_store *store, int64_t person, int64_t *ret_count,
                                  struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_PERSON_OPERATORS);
    kit_query_int(&query, ROLE_OPERATOR);
    kit_query_int(&query, ACCESS_STATE_ACTIVE);
    kit_query_int(&query, person);
    return kit_query_number(&query, ret_count, err);
}

/* ---- sessions and tokens ---- */

int account_store_add_session(struct account_store *store, struct account_session *session,
                              struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SESSION_ADD);
    session_added_bind(&query, session);
    kit_query_int(&query, account_store_floor(session->made_at_ms));
    return kit_query_number(&query, &session->id, err);
}

int account_store_find_session(struct account_store *store, int64_t id,
                               struct account_session *ret_session, bool *ret_found,
                               struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SESSION_FIND);
    kit_query_int(&query, id);
    return session_read_one(&query, ret_session, ret_found, err);
}

int account_store_find_hash(struct account_store *store, const char *hash,
                            struct account_session *ret_session, bool *ret_found,
                            struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SESSION_HASH);
    kit_query_text(&query, hash);
    return session_read_one(&query, ret_session, ret_found, err);
}

int account_store_end_session(struct account_store *store, int64_t id, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SESSION_END);
    kit_query_int(&query, SESSION_STATE_ENDED);
    kit_query_int(&query, id);
    return kit_query_run_one(&query, "session", id, err);
}

int account_store_live_sessions(struct account_store *store, struct account_live *live,
                                struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SESSION_LIVE);
    kit_query_int(&query, live->person);
    kit_query_int(&query, live->now_ms);
    kit_query_int(&query, (int64_t)live->max);
    return session_read_all(&query, live->sessions, live->max, &live->count, err);
}

static struct kit_query start_listed(struct account_store *store, size_t index,
                                     const struct account_session_filter *filter,
                                     const struct kit_page *page)
{
    struct kit_query query = kit_page_start(&store->statements, index, page);
    kit_query_int(&query, filter->kind);
    kit_query_int(&query, filter->now_ms);
    kit_query_int(&query, filter->person);
    kit_query_int(&query, filter->account);
    return query;
}

int account_store_list_sessions(struct account_store *store,
                                const struct account_session_filter *filter, struct kit_page *page,
                                struct account_session *ret_sessions, struct kit_error *err)
{
    struct kit_query query = start_listed(store, Q_SESSION_LIST, filter, page);
    int rc = session_read_all(&query, ret_sessions, (size_t)page->size, &page->count, err);
    if (rc != KIT_OK)
        return rc;
    query = start_listed(store, Q_SESSION_COUNT, filter, page);
    return kit_query_number(&query, &page->total, err);
}

int account_store_sweep(struct account_store *store, int64_t before_ms, int64_t max,
                        struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SESSION_SWEEP);
    kit_query_int(&query, before_ms);
    kit_query_int(&query, max);
    return kit_query_run(&query, NULL, err);
}

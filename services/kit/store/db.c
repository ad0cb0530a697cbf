/* Opening, migrating and transacting. Fail-stop: an I/O error or a damaged file ends in a STOP code
 * and the process leaves; a full disk is refused and heals by itself. Loop thread. */
#include "kit/store/db.h"

#include <stdlib.h>
#include <string.h>

#include "kit/store/kit_schema.h"

#define MIGRATION_SQL_SIZE 160 /* of a statement about kit_migration */

struct kit_db {
    sqlite3 *handle;
    sqlite3_stmt *begin, *commit, *savepoint, *release, *rollback_to;
};

static const char *const OPEN_PRAGMAS[] = {
    "PRAGMA locking_mode=EXCLUSIVE", /* one owner: no shared memory file, no second writer */
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL", /* NORMAL loses acknowledged commits at a power cut */
    "PRAGMA foreign_keys=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-4096",
    "PRAGMA wal_autocheckpoint=2000",
};

/* Of a copy, instead of the first ones: another process may write for less than a millisecond. */
static const char *const COPY_PRAGMAS[] = {
    "PRAGMA busy_timeout=500",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=OFF",
};

static int describe(struct kit_db *db, struct kit_error *err, const char *doing)
{
    const char *text = sqlite3_errmsg(db->handle);
    switch (sqlite3_errcode(db->handle) & 0xff) {
    case SQLITE_FULL:
        return kit_error_set(err, KIT_E_FULL, "%s: the disk is full (%s); free some space", doing,
                             text);
    case SQLITE_CONSTRAINT:
        return kit_error_set(err, KIT_E_CONFLICT, "%s: %s", doing, text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return kit_error_set(err, KIT_E_CORRUPT, "%s: %s; restore the database from a backup",
                             doing, text);
    case SQLITE_READONLY: /* by its rights, or by a header that says so */
        return kit_error_set(err, KIT_E_IO,
                             "%s: %s; let this user write the database, or restore it from a "
                             "backup",
                             doing, text);
    default:
        return kit_error_set(err, KIT_E_IO,
                             "%s: %s; look at the disk, or restore the database from a backup",
                             doing, text);
    }
}

int kit_db_error(struct kit_db *db, struct kit_error *err, const char *doing)
{
    int rc = describe(db, err, doing);
    if (err != NULL)
        err->is_internal = true;
    return rc;
}

static int exec(struct kit_db *db, const char *sql, struct kit_error *err)
{
    if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        return kit_db_error(db, err, "store");
    return KIT_OK;
}

static int read_int(struct kit_db *db, const char *sql, int64_t *ret_value, struct kit_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = KIT_OK;

    if (sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL) != SQLITE_OK)
        return kit_db_error(db, err, "store");
    if (sqlite3_step(stmt) == SQLITE_ROW)
        *ret_value = sqlite3_column_int64(stmt, 0);
    else
        rc = kit_db_error(db, err, "store");
    sqlite3_finalize(stmt);
    return rc;
}

/* Runs a migration and counts it, in one transaction. When it fails, that is still open. */
static int run_migration(struct kit_db *db, const char *owner,
                         const struct kit_migration *migration, size_t number,
                         struct kit_error *err)
{
    char sql[MIGRATION_SQL_SIZE];

    int rc = exec(db, "BEGIN IMMEDIATE", err);
    if (rc != KIT_OK)
        return rc;
    rc = exec(db, migration->sql, err);
    if (rc != KIT_OK)
        return rc;
    sqlite3_snprintf(sizeof(sql), sql, "INSERT OR REPLACE INTO kit_migration VALUES(%Q,%lld)",
                     owner, (long long)number);
    rc = exec(db, sql, err);
    if (rc != KIT_OK)
        return rc;
    return exec(db, "COMMIT", err);
}

/* Runs what is missing of one list, each migration in a transaction of its own with its count, so
 * that a crash between two leaves a database that the next start can finish. */
static int migrate(struct kit_db *db, const char *owner, const struct kit_migration *list,
                   size_t count, struct kit_error *err)
{
    char sql[MIGRATION_SQL_SIZE];
    int64_t done = 0;

    sqlite3_snprintf(sizeof(sql), sql,
                     "SELECT coalesce((SELECT done FROM kit_migration WHERE owner=%Q),0)", owner);
    int rc = read_int(db, sql, &done, err);
    if (rc != KIT_OK)
        return rc;
    if (done > (int64_t)count)
        return kit_error_set(err, KIT_E_CORRUPT,
                             "the database was written by a newer version (%s: %lld migrations, "
                             "this program knows %zu); start that version instead",
                             owner, (long long)done, count);

    for (size_t i = (size_t)done; i < count; i++) {
        rc = run_migration(db, owner, &list[i], i + 1, err);
        if (rc != KIT_OK) {
            kit_db_rollback(db);
            return kit_error_wrap(err, rc, "migration %s/%s", owner, list[i].name);
        }
    }
    return KIT_OK;
}

static int prepare_one(struct kit_db *db, const char *sql, sqlite3_stmt **ret_stmt,
                       struct kit_error *err)
{
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_stmt, NULL) !=
        SQLITE_OK) {
        int rc = kit_db_error(db, err, "prepare");
        return kit_error_wrap(err, rc, "%.60s", sql);
    }
    return KIT_OK;
}

static int prepare_own(struct kit_db *db, struct kit_error *err)
{
    const struct {
        const char *sql;
        sqlite3_stmt **stmt;
    } own[] = {
        { "BEGIN", &db->begin },
        { "COMMIT", &db->commit },
        { "SAVEPOINT item", &db->savepoint },
        { "RELEASE item", &db->release },
        { "ROLLBACK TO item", &db->rollback_to },
    };

    for (size_t i = 0; i < KIT_COUNT(own); i++) {
        int rc = prepare_one(db, own[i].sql, own[i].stmt, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static int set_up(struct kit_db *db, bool is_copy, const struct kit_migration *migrations,
                  size_t count, struct kit_error *err)
{
    int rc;

    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    for (size_t i = 0; i < KIT_COUNT(OPEN_PRAGMAS); i++) {
        const bool is_other = is_copy && i < KIT_COUNT(COPY_PRAGMAS);
        rc = exec(db, is_other ? COPY_PRAGMAS[i] : OPEN_PRAGMAS[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    rc = exec(db,
              "CREATE TABLE IF NOT EXISTS kit_migration("
              "owner TEXT PRIMARY KEY, done INTEGER NOT NULL) STRICT",
              err);
    if (rc != KIT_OK)
        return rc;
    rc = migrate(db, "kit", kit_schema_migrations, kit_schema_migration_count, err);
    if (rc != KIT_OK)
        return rc;
    rc = migrate(db, "service", migrations, count, err);
    if (rc != KIT_OK)
        return rc;
    return prepare_own(db, err);
}

static int open_file(struct kit_db *db, const struct kit_store_port *port, struct kit_error *err)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(port->path, &db->handle, flags, port->vfs) != SQLITE_OK)
        return kit_error_set(err, KIT_E_IO, "%s",
                             db->handle != NULL ? sqlite3_errmsg(db->handle) : "out of memory");
    return KIT_OK;
}

/* When it fails, the caller closes what is open. */
static int open_whole(struct kit_db *db, const struct kit_store_port *port,
                      const struct kit_migration *migrations, size_t count, struct kit_error *err)
{
    int rc = open_file(db, port, err);
    if (rc != KIT_OK)
        return rc;
    return set_up(db, port->is_copy, migrations, count, err);
}

int kit_db_open(struct kit_db **ret_db, const struct kit_store_port *port,
                const struct kit_migration *migrations, size_t migration_count,
                struct kit_error *err)
{
    struct kit_db *db = calloc(1, sizeof(*db));
    CHECK(db != NULL);

    int rc = open_whole(db, port, migrations, migration_count, err);
    if (rc != KIT_OK) {
        kit_db_close(db);
        return kit_error_wrap(err, rc, "open database %s", port->path);
    }
    *ret_db = db;
    return KIT_OK;
}

void kit_db_close(struct kit_db *db)
{
    if (db == NULL)
        return;
    sqlite3_finalize(db->begin);
    sqlite3_finalize(db->commit);
    sqlite3_finalize(db->savepoint);
    sqlite3_finalize(db->release);
    sqlite3_finalize(db->rollback_to);
    if (db->handle != NULL)
        CHECK(sqlite3_close(db->handle) == SQLITE_OK); /* a statement was left unfinalised */
    free(db);
}

sqlite3 *kit_db_handle(struct kit_db *db)
{
    return db->handle;
}

static int run(struct kit_db *db, sqlite3_stmt *stmt, struct kit_error *err, const char *doing)
{
    int rc = sqlite3_step(stmt) == SQLITE_DONE ? KIT_OK : kit_db_error(db, err, doing);
    sqlite3_reset(stmt);
    return rc;
}

int kit_db_begin(struct kit_db *db, struct kit_error *err)
{
    PRE(!kit_db_in_tx(db));
    return run(db, db->begin, err, "begin");
}

int kit_db_commit(struct kit_db *db, struct kit_error *err)
{
    PRE(kit_db_in_tx(db));
    return run(db, db->commit, err, "commit");
}

void kit_db_rollback(struct kit_db *db)
{
    /* SQLite may have rolled back by itself (disk full); then there is nothing left to undo. */
    if (kit_db_in_tx(db))
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool kit_db_in_tx(const struct kit_db *db)
{
    return sqlite3_get_autocommit(db->handle) == 0;
}

int kit_db_savepoint(struct kit_db *db, struct kit_error *err)
{
    PRE(kit_db_in_tx(db));
    return run(db, db->savepoint, err, "savepoint");
}

int kit_db_release(struct kit_db *db, struct kit_error *err)
{
    return run(db, db->release, err, "release savepoint");
}

int kit_db_rollback_to(struct kit_db *db, struct kit_error *err)
{
    if (!kit_db_in_tx(db))
        return kit_error_set(err, KIT_E_FULL, "the transaction was rolled back as a whole");
    int rc = run(db, db->rollback_to, err, "roll back an item");
    if (rc != KIT_OK)
        return rc;
    return run(db, db->release, err, "roll back an item");
}

int kit_statements_prepare(struct kit_statements *statements, struct kit_db *db,
                           const char *const *sql, size_t count, struct kit_error *err)
{
    *statements = (struct kit_statements){
        .db = db,
        .items = calloc(count > 0 ? count : 1, sizeof(sqlite3_stmt *)),
        .count = count,
    };
    CHECK(statements->items != NULL);
    for (size_t i = 0; i < count; i++) {
        PRE(sql[i] != NULL);
        int rc = prepare_one(db, sql[i], &statements->items[i], err);
        if (rc != KIT_OK) {
            kit_statements_done(statements);
            return rc;
        }
    }
    return KIT_OK;
}

void kit_statements_done(struct kit_statements *statements)
{
    for (size_t i = 0; i < statements->count; i++)
        sqlite3_finalize(statements->items[i]);
    free(statements->items);
    *statements = (struct kit_statements){ 0 };
}

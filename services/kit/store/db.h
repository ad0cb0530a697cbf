/* One SQLite database, one connection, one owner. WAL, synchronous=FULL, locking_mode=EXCLUSIVE,
 * foreign_keys=ON, mmap_size=0, defensive; a copy (kit_store_port) may have several owners, and is
 * not synced. The loop owns the transaction; stores assert that one is open and never begin or
 * commit. Loop thread. */
#ifndef KIT_STORE_DB_H
#define KIT_STORE_DB_H

#include <sqlite3.h>

#include "kit/port/ports.h"
#include "kit/store/migration.h"

struct kit_db;

/* Opens the file, or makes it, and runs the migrations that it lacks, those of the kit first, each
 * in a transaction of its own. KIT_E_CORRUPT: damaged, or written by a newer version; else as
 * kit_db_error(). *ret_db is written only on KIT_OK. */
int kit_db_open(struct kit_db **ret_db, const struct kit_store_port *port,
                const struct kit_migration *migrations, size_t migration_count,
                struct kit_error *err) KIT_MUST_CHECK;
/* Rolls an open transaction back. A statement that is still prepared is a bug. NULL is fine. */
void kit_db_close(struct kit_db *db);
/* SQLite's own connection, lent: for the files of kit/store, and for tests that look inside. */
sqlite3 *kit_db_handle(struct kit_db *db);

/* Opens the transaction; one that is open already is a bug. Refusals as kit_db_error(), here and
 * below. */
int kit_db_begin(struct kit_db *db, struct kit_error *err) KIT_MUST_CHECK;
/* Ends the open transaction; on KIT_OK it is on the disk and outlives a power cut. Otherwise the
 * caller rolls back. */
int kit_db_commit(struct kit_db *db, struct kit_error *err) KIT_MUST_CHECK;
/* Undoes the open transaction. Fine when there is none: a full disk makes SQLite undo it. */
void kit_db_rollback(struct kit_db *db);
/* Whether a transaction is open; no longer, when SQLite has undone it by itself. */
bool kit_db_in_tx(const struct kit_db *db);

/* One work item inside the transaction: it fails alone. May be nested; a release and a rollback are
 * those of the innermost one. */
int kit_db_savepoint(struct kit_db *db, struct kit_error *err) KIT_MUST_CHECK;
/* Ends the item and keeps what it wrote, for the commit. */
int kit_db_release(struct kit_db *db, struct kit_error *err) KIT_MUST_CHECK;
/* Ends the item and undoes what it wrote. KIT_E_FULL: SQLite has undone the whole transaction. */
int kit_db_rollback_to(struct kit_db *db, struct kit_error *err) KIT_MUST_CHECK;

/* SQLite's last error as one of ours: KIT_E_FULL, KIT_E_CONFLICT (constraint), KIT_E_CORRUPT,
 * KIT_E_IO. */
int kit_db_error(struct kit_db *db, struct kit_error *err, const char *doing);

/* Named statements, prepared at start so that a typo fails the start, not a night shift. */
struct kit_statements {
    struct kit_db *db;
    sqlite3_stmt **items; /* owned */
    size_t count;
};
/* Prepares sql[i] as the statement of number i, none of them NULL. When one fails, the error names
 * it, nothing stays prepared, and the code is that of kit_db_error(). */
int kit_statements_prepare(struct kit_statements *statements, struct kit_db *db,
                           const char *const *sql, size_t count,
                           struct kit_error *err) KIT_MUST_CHECK;
/* Gives all statements back to SQLite and zeroes the struct; a zeroed one is fine. */
void kit_statements_done(struct kit_statements *statements);

/* One use of a statement. Parameters are bound in order; the first failure sticks and comes out of
 * the run. Texts are bound without a copy: they must live until kit_query_end or the run. Columns
 * are read in order. Stores that read whole rows let kit/store/table.h write both.
 *
 *     struct kit_query query = kit_query_start(&store->statements, Q_PRODUCT_GET);
 *     kit_query_int(&query, id.v);
 *     rc = kit_query_row(&query, &is_found, err);      // lends the columns until end
 *     if (rc == KIT_OK && is_found)
 *         qty = kit_query_next_int(&query);
 *     kit_query_end(&query);                           // always, on every path
 */
struct kit_query {
    struct kit_db *db;
    sqlite3_stmt *stmt;
    int param_count;
    int column; /* the next one to read of the current row */
    int failed; /* SQLite code of the first failed bind */
};

/* Takes the statement for one use. A transaction must be open, and the statement not in use. */
struct kit_query kit_query_start(const struct kit_statements *statements, size_t index);

/* Each binds the next parameter, in the order of the `?`: kit_query_int(), kit_query_text() up to
 * its NUL, kit_query_null(), and kit_query_blob(), whose bytes are borrowed as texts are. */
void kit_query_int(struct kit_query *query, int64_t value);
void kit_query_text(struct kit_query *query, const char *text);
void kit_query_blob(struct kit_query *query, const void *bytes, size_t size_bytes);
void kit_query_null(struct kit_query *query);
/* As kit_query_int(), but 0 is stored as NULL. */
void kit_query_int_or_null(struct kit_query *query, int64_t value);
/* As kit_query_text(), but "" is stored as NULL. */
void kit_query_text_or_null(struct kit_query *query, const char *text);
/* As kit_query_text(), for a text that need not end with a NUL. */
void kit_query_bytes(struct kit_query *query, const char *text, size_t size_bytes);

/* Steps to the next row; *ret_found is false behind the last. */
int kit_query_row(struct kit_query *query, bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Runs a statement that returns no rows and ends it. *ret_changes may be NULL. */
int kit_query_run(struct kit_query *query, int *ret_changes, struct kit_error *err) KIT_MUST_CHECK;
/* Runs an update of one row that must still be as we know it, and ends it. When it changes any
 * other number of rows: KIT_E_CONFLICT, "<what> <id> changed meanwhile". */
int kit_query_run_one(struct kit_query *query, const char *what, int64_t id,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Runs a started query that always gives one row, like SELECT count(*), reads its first column and
 * ends it. *ret is written only on KIT_OK. */
int kit_query_number(struct kit_query *query, int64_t *ret, struct kit_error *err) KIT_MUST_CHECK;
/* The same for a statement without parameters, from its start. */
int kit_query_one_int(const struct kit_statements *statements, size_t index, int64_t *ret,
                      struct kit_error *err) KIT_MUST_CHECK;

/* Each reads the next column of the current row; one that is not there is a bug. NULL reads as 0
 * and as "". */
int64_t kit_query_next_int(struct kit_query *query);
/* Copies as many bytes as fit before the NUL. A longer text is cut, maybe inside a character. */
void kit_query_next_text(struct kit_query *query, char *ret_text, size_t size_bytes);
/* Lends the bytes until the next row or end. */
const void *kit_query_next_bytes(struct kit_query *query, size_t *ret_size_bytes);
/* Whether the next column is NULL. Reads nothing: the column stays the next one. */
bool kit_query_next_is_null(const struct kit_query *query);

/* Gives the statement back, after a run too; a second end does nothing. */
void kit_query_end(struct kit_query *query);

#endif

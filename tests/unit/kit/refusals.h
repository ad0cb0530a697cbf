/* Rows that a table must accept, and rows that it must refuse by a rule of its own. A refusal
 * counts only by that rule: a row that misses another one as well would prove nothing. */
#ifndef TESTS_UNIT_KIT_REFUSALS_H
#define TESTS_UNIT_KIT_REFUSALS_H

#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/store/db.h"

struct refusal {
    const char *sql;
    const char *rule; /* as SQLite names it; NULL: the row is accepted, and taken back again */
};

static inline void check_accepted(sqlite3 *handle, const char *sql)
{
    assert_int_equal(sqlite3_exec(handle, "SAVEPOINT accepted", NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("not accepted: %s: %s", sql, sqlite3_errmsg(handle));
    assert_true(sqlite3_changes(handle) > 0);
    assert_int_equal(
        sqlite3_exec(handle, "ROLLBACK TO accepted; RELEASE accepted", NULL, NULL, NULL),
        SQLITE_OK);
}

static inline void check_refused(sqlite3 *handle, const struct refusal *refusal)
{
    int rc = sqlite3_exec(handle, refusal->sql, NULL, NULL, NULL);
    if ((rc & 0xff) != SQLITE_CONSTRAINT)
        fail_msg("not refused: %s", refusal->sql);
    if (strstr(sqlite3_errmsg(handle), refusal->rule) == NULL)
        fail_msg("refused by another rule: %s: %s", refusal->sql, sqlite3_errmsg(handle));
}

/* A group of rows begins with one that is accepted; the others differ from it in what their rule is
 * about. A transaction is open. */
static inline void check_refusals(struct kit_db *db, const struct refusal *rows, size_t count)
{
    assert_true(count > 0 && rows[0].rule == NULL);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].rule == NULL)
            check_accepted(kit_db_handle(db), rows[i].sql);
        else
            check_refused(kit_db_handle(db), &rows[i]);
    }
}

#endif

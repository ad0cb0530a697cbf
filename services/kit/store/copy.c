/* SQLite's backup, page by page (copy.h). Loop thread. */
#include "kit/store/copy.h"

#include <stdlib.h>

struct kit_copy {
    sqlite3 *to;
    sqlite3_backup *backup;
};

/* The copy is worth nothing before its end, so it has no journal and waits for no disk. */
static const char PRAGMAS[] = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                              "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-1024";

static int fail(struct kit_copy *copy, const char *doing, struct kit_error *err)
{
    const int code = (sqlite3_errcode(copy->to) & 0xff) == SQLITE_FULL ? KIT_E_FULL : KIT_E_IO;
    return kit_error_set(err, code, "the copy cannot be %s: %s", doing, sqlite3_errmsg(copy->to));
}

static int open_copy(struct kit_copy *copy, struct kit_db *db, const struct kit_store_port *to,
                     struct kit_error *err)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW |
                      SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(to->path, &copy->to, flags, to->vfs) != SQLITE_OK ||
        sqlite3_exec(copy->to, PRAGMAS, NULL, NULL, NULL) != SQLITE_OK)
        return fail(copy, "made", err);
    copy->backup = sqlite3_backup_init(copy->to, "main", kit_db_handle(db), "main");
    if (copy->backup == NULL || sqlite3_backup_step(copy->backup, 0) != SQLITE_OK)
        return fail(copy, "begun", err);
    return KIT_OK;
}

int kit_copy_new(struct kit_copy **ret_copy, struct kit_db *db, const struct kit_store_port *to,
                 struct kit_error *err)
{
    struct kit_copy *copy = calloc(1, sizeof(*copy));
    CHECK(copy != NULL);

    PRE(!kit_db_in_tx(db));
    int rc = open_copy(copy, db, to, err);
    if (rc != KIT_OK) {
        kit_copy_free(copy);
        return rc;
    }
    *ret_copy = copy;
    return KIT_OK;
}

void kit_copy_free(struct kit_copy *copy)
{
    if (copy == NULL)
        return;
    if (copy->backup != NULL)
        (void)sqlite3_backup_finish(copy->backup);
    (void)sqlite3_close(copy->to);
    free(copy);
}

int kit_copy_step(struct kit_copy *copy, int64_t pages, struct kit_error *err)
{
    const int64_t left = kit_copy_left(copy);
    int64_t count = 0; /* a step of none looks how far the database has grown */

    if (left > KIT_COPY_PAGES)
        count = pages < KIT_COPY_STEP_PAGES ? pages : KIT_COPY_STEP_PAGES;
    if (count >= left)
        count = left - 1;
    const int rc = sqlite3_backup_step(copy->backup, (int)count);
    if (rc != SQLITE_OK)
        return kit_error_set(err, rc == SQLITE_FULL ? KIT_E_FULL : KIT_E_IO,
                             "the copy cannot be written: %s", sqlite3_errstr(rc));
    return KIT_OK;
}

int kit_copy_end(struct kit_copy *copy, struct kit_error *err)
{
    const int rc = sqlite3_backup_step(copy->backup, -1);
    if (rc != SQLITE_DONE)
        return kit_error_set(err, rc == SQLITE_FULL ? KIT_E_FULL : KIT_E_IO,
                             "the copy cannot be ended: %s", sqlite3_errstr(rc));
    const int end = sqlite3_backup_finish(copy->backup);
    copy->backup = NULL;
    return end == SQLITE_OK ? KIT_OK : fail(copy, "ended", err);
}

int kit_copy_pages(const struct kit_copy *copy)
{
    return sqlite3_backup_pagecount(copy->backup);
}

int kit_copy_left(const struct kit_copy *copy)
{
    return sqlite3_backup_remaining(copy->backup);
}

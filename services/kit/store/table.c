/* The lists of columns against the tables of the database; pages. See table.h. Loop thread. */
#include "kit/store/table.h"

#include <string.h>

#include "kit/base/buf.h"

#define NAME_SIZE 64
#define COLUMNS_BYTES_MAX 4096

/* Takes the next name off a list like "id, status". false: there is none. */
static bool take_name(const char **list, char ret_name[NAME_SIZE])
{
    const size_t length = strcspn(*list, ",");
    if (length == 0)
        return false;
    CHECK(length < NAME_SIZE);
    memcpy(ret_name, *list, length);
    ret_name[length] = '\0';
    *list += length;
    *list += strspn(*list, ", ");
    return true;
}

static bool has_name(const char *list, const char *wanted)
{
    char name[NAME_SIZE];
    while (take_name(&list, name)) {
        if (strcmp(name, wanted) == 0)
            return true;
    }
    return false;
}

/* The columns of the table in the database; `stmt` gives their names. */
static int read_columns(sqlite3_stmt *stmt, const char *table, struct kit_buf *out,
                        struct kit_error *err)
{
    int step;

    sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (out->size_bytes > 0)
            kit_buf_add_text(out, ", ");
        kit_buf_add(out, sqlite3_column_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
    }
    sqlite3_reset(stmt);
    if (step != SQLITE_DONE)
        return kit_error_set(err, KIT_E_IO, "columns of %s: %s", table, sqlite3_errstr(step));
    return KIT_OK;
}

static int compare(const struct kit_table *table, const char *found, struct kit_error *err)
{
    char name[NAME_SIZE];

    for (const char *list = table->columns; take_name(&list, name);) {
        if (!has_name(found, name))
            return kit_error_set(err, KIT_E_CORRUPT,
                                 "table %s has no column %s, which this program needs", table->name,
                                 name);
    }
    for (const char *list = found; take_name(&list, name);) {
        if (!has_name(table->columns, name))
            return kit_error_set(err, KIT_E_CORRUPT,
                                 "table %s has a column %s, which this program does not know",
                                 table->name, name);
    }
    return KIT_OK;
}

/* found: scratch for the columns. */
static int check_columns(sqlite3_stmt *stmt, const struct kit_table *table, struct kit_buf *found,
                         struct kit_error *err)
{
    int rc = read_columns(stmt, table->name, found, err);
    CHECK(!found->overflow);
    if (rc != KIT_OK)
        return rc;
    return compare(table, found->data, err);
}

static int check_one(sqlite3_stmt *stmt, const struct kit_table *table, struct kit_error *err)
{
    struct kit_buf found;

    kit_buf_init(&found, COLUMNS_BYTES_MAX);
    int rc = check_columns(stmt, table, &found, err);
    kit_buf_done(&found);
    return rc;
}

static int check_all(struct kit_db *db, const struct kit_table *tables, size_t count,
                     struct kit_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = KIT_OK;

    if (sqlite3_prepare_v2(kit_db_handle(db), "SELECT name FROM pragma_table_info(?)", -1, &stmt,
                           NULL) != SQLITE_OK)
        return kit_db_error(db, err, "columns");
    for (size_t i = 0; i < count && rc == KIT_OK; i++)
        rc = check_one(stmt, &tables[i], err);
    sqlite3_finalize(stmt);
    return rc;
}

int kit_store_open(struct kit_statements *statements, struct kit_db *db,
                   const struct kit_store_spec *spec, struct kit_error *err)
{
    int rc = check_all(db, spec->tables, spec->table_count, err);
    if (rc != KIT_OK)
        return rc;
    return kit_statements_prepare(statements, db, spec->queries, spec->query_count, err);
}

struct kit_query kit_page_start(const struct kit_statements *statements, size_t index,
                                const struct kit_page *page)
{
    struct kit_query query = kit_query_start(statements, index);
    kit_query_int(&query, page->number * page->size);
    kit_query_int(&query, page->size);
    if (page->owner != 0)
        kit_query_int(&query, page->owner);
    return query;
}

int kit_page_count(const struct kit_statements *statements, size_t index, struct kit_page *page,
                   struct kit_error *err)
{
    struct kit_query query = kit_query_start(statements, index);
    if (page->owner != 0)
        kit_query_int(&query, page->owner);
    return kit_query_number(&query, &page->total, err);
}

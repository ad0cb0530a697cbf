/* One use of a prepared statement: bind in order, run, read, end. See db.h. Loop thread. */
#include <inttypes.h>
#include <string.h>

#include "kit/store/db.h"

struct kit_query kit_query_start(const struct kit_statements *statements, size_t index)
{
    PRE(index < statements->count);
    sqlite3_stmt *stmt = statements->items[index];
    PRE(kit_db_in_tx(statements->db)); /* stores never work outside the loop's transaction */
    PRE(sqlite3_stmt_busy(stmt) == 0); /* somebody left through a path without kit_query_end */
    return (struct kit_query){ .db = statements->db, .stmt = stmt };
}

static void note(struct kit_query *query, int sqlite_rc)
{
    if (sqlite_rc != SQLITE_OK && query->failed == SQLITE_OK)
        query->failed = sqlite_rc;
}

void kit_query_int(struct kit_query *query, int64_t value)
{
    note(query, sqlite3_bind_int64(query->stmt, ++query->param_count, value));
}

void kit_query_int_or_null(struct kit_query *query, int64_t value)
{
    if (value != 0)
        kit_query_int(query, value);
    else
        kit_query_null(query);
}

void kit_query_text(struct kit_query *query, const char *text)
{
    kit_query_bytes(query, text, strlen(text));
}

void kit_query_text_or_null(struct kit_query *query, const char *text)
{
    if (text[0] != '\0')
        kit_query_text(query, text);
    else
        kit_query_null(query);
}

void kit_query_bytes(struct kit_query *query, const char *text, size_t size_bytes)
{
    note(query, sqlite3_bind_text64(query->stmt, ++query->param_count, text, size_bytes,
                                    SQLITE_STATIC, SQLITE_UTF8));
}

void kit_query_blob(struct kit_query *query, const void *bytes, size_t size_bytes)
{
    note(query,
         sqlite3_bind_blob64(query->stmt, ++query->param_count, bytes, size_bytes, SQLITE_STATIC));
}

void kit_query_null(struct kit_query *query)
{
    note(query, sqlite3_bind_null(query->stmt, ++query->param_count));
}

int kit_query_row(struct kit_query *query, bool *ret_found, struct kit_error *err)
{
    /* A parameter that nobody bound would silently be NULL. */
    PRE(query->param_count == sqlite3_bind_parameter_count(query->stmt));
    if (query->failed != SQLITE_OK)
        return kit_error_set(err, KIT_E_IO, "bind: %s", sqlite3_errstr(query->failed));

    query->column = 0;
    switch (sqlite3_step(query->stmt)) {
    case SQLITE_ROW:
        *ret_found = true;
        return KIT_OK;
    case SQLITE_DONE:
        *ret_found = false;
        return KIT_OK;
    default:
        return kit_db_error(query->db, err, sqlite3_sql(query->stmt));
    }
}

int kit_query_run(struct kit_query *query, int *ret_changes, struct kit_error *err)
{
    bool found = false;
    int rc = kit_query_row(query, &found, err);
    if (rc == KIT_OK) {
        CHECK(!found); /* a statement that returns rows needs kit_query_row */
        if (ret_changes != NULL)
            *ret_changes = sqlite3_changes(kit_db_handle(query->db));
    }
    kit_query_end(query);
    return rc;
}

int kit_query_run_one(struct kit_query *query, const char *what, int64_t id, struct kit_error *err)
{
    int change_count = 0;
    int rc = kit_query_run(query, &change_count, err);
    if (rc != KIT_OK)
        return rc;
    if (change_count != 1)
        return kit_error_set(err, KIT_E_CONFLICT, "%s %" PRId64 " changed meanwhile", what, id);
    return KIT_OK;
}

int kit_query_number(struct kit_query *query, int64_t *ret, struct kit_error *err)
{
    bool found = false;
    int rc = kit_query_row(query, &found, err);
    if (rc == KIT_OK) {
        CHECK(found); /* else it is not a statement of that kind */
        *ret = kit_query_next_int(query);
    }
    kit_query_end(query);
    return rc;
}

int kit_query_one_int(const struct kit_statements *statements, size_t index, int64_t *ret,
                      struct kit_error *err)
{
    struct kit_query query = kit_query_start(statements, index);
    return kit_query_number(&query, ret, err);
}

/* The number of the next column, which becomes the one after it. */
static int take_column(struct kit_query *query)
{
    PRE(query->column < sqlite3_data_count(query->stmt));
    return query->column++;
}

int64_t kit_query_next_int(struct kit_query *query)
{
    return sqlite3_column_int64(query->stmt, take_column(query));
}

void kit_query_next_text(struct kit_query *query, char *ret_text, size_t size_bytes)
{
    PRE(size_bytes > 0);
    size_t length = 0;
    const void *text = kit_query_next_bytes(query, &length);
    if (length > size_bytes - 1)
        length = size_bytes - 1;
    if (length > 0)
        memcpy(ret_text, text, length);
    ret_text[length] = '\0';
}

const void *kit_query_next_bytes(struct kit_query *query, size_t *ret_size_bytes)
{
    const int column = take_column(query);
    const void *bytes = sqlite3_column_blob(query->stmt, column);
    *ret_size_bytes = bytes == NULL ? 0 : (size_t)sqlite3_column_bytes(query->stmt, column);
    return bytes;
}

bool kit_query_next_is_null(const struct kit_query *query)
{
    return sqlite3_column_type(query->stmt, query->column) == SQLITE_NULL;
}

void kit_query_end(struct kit_query *query)
{
    if (query->stmt == NULL)
        return;
    sqlite3_reset(query->stmt);
    sqlite3_clear_bindings(query->stmt);
    query->stmt = NULL;
}

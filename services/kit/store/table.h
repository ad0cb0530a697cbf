/* One list of columns a table. The compiler makes of it the names in the SQL, and the functions
 * that bind and read a row; so a column has one line, its type is checked, and nothing is put
 * together at run time.
 *
 *     #define RENTAL_CHANGING(X, AND) X(INT, status, status) AND X(TEXT0, reason, reason)
 *     #define RENTAL_COLUMNS(X, AND) X(INT0, id, id.v) AND RENTAL_CHANGING(X, AND)
 *
 *     [Q_ADD] = KIT_INSERT(rental, RENTAL_COLUMNS) " RETURNING id",
 *     KIT_ROW_FUNCTIONS(rental, struct rental, RENTAL_COLUMNS);
 *
 * X(kind, column, member). Of a row that it reads, a list names every column of its statement, in
 * order. A table's whole list is checked against the database at the start (kit_store_open).
 * CREATE TABLE is no part of this: a migration that was released stays as it was, whatever becomes
 * of the list. Loop thread.
 *
 * kind      member                                   in the database
 * INT       int64_t, int, bool or an enum            INTEGER
 * INT0      the same                                 INTEGER, NULL for 0
 * TEXT      char[] (const char * where only bound)   TEXT
 * TEXT0     the same                                 TEXT, NULL for ""
 * OPT_TEXT  char x[], with bool has_x beside it      TEXT, NULL without it
 * OPT_INT   as INT, with bool has_x beside it        INTEGER, NULL without it */
#ifndef KIT_STORE_TABLE_H
#define KIT_STORE_TABLE_H

#include "kit/store/db.h"

/* ---- SQL ---- */

#define KIT_COLUMN_NAMES(LIST) LIST(KIT_COLUMN_NAME_, ", ")     /* "id, status" */
#define KIT_COLUMN_MARKS(LIST) LIST(KIT_COLUMN_MARK_, ", ")     /* "?, ?" */
#define KIT_COLUMN_SETS(LIST) LIST(KIT_COLUMN_SET_, ", ")       /* "id = ?, status = ?" */
#define KIT_COLUMN_UPSERTS(LIST) LIST(KIT_COLUMN_UPSERT_, ", ") /* "id = excluded.id, ..." */

/* Whole statements. */
#define KIT_INSERT(table, LIST)                                                                    \
    "INSERT INTO " #table " (" KIT_COLUMN_NAMES(LIST) ") VALUES (" KIT_COLUMN_MARKS(LIST) ")"
/* With columns that the list lacks, and their values: KIT_INSERT_WITH(asset, COLUMNS, "told", "0").
 */
#define KIT_INSERT_WITH(table, LIST, columns, values)                                              \
    "INSERT INTO " #table                                                                          \
    " (" KIT_COLUMN_NAMES(LIST) ", " columns ") VALUES (" KIT_COLUMN_MARKS(LIST) ", " values ")"
/* Behind an insert: when the key is there already, these columns are written instead. */
#define KIT_ON_CONFLICT(key, LIST) " ON CONFLICT (" key ") DO UPDATE SET " KIT_COLUMN_UPSERTS(LIST)

#define KIT_COLUMN_NAME_(kind, column, member) #column
#define KIT_COLUMN_MARK_(kind, column, member) "?"
#define KIT_COLUMN_SET_(kind, column, member) #column " = ?"
#define KIT_COLUMN_UPSERT_(kind, column, member) #column " = excluded." #column

/* ---- pages ---- */

/* A page of a list, from page 0. */
struct kit_page {
    int64_t number;
    int64_t size;  /* rows at most */
    int64_t owner; /* not 0: only rows of that account */
    size_t count;  /* rows that were read */
    int64_t total; /* rows of all pages */
};

/* The statements of a list: the rows of a page, where ?1 is the number of rows before it and ?2 its
 * size, and the number of rows of all pages. With an owner, ?3 of the first and ?1 of the second
 * are that account. */
struct kit_page_queries {
    size_t rows, total;
};

/* Starts the first of them. */
struct kit_query kit_page_start(const struct kit_statements *statements, size_t index,
                                const struct kit_page *page);
/* Runs the second of them, into page->total. */
int kit_page_count(const struct kit_statements *statements, size_t index, struct kit_page *page,
                   struct kit_error *err) KIT_MUST_CHECK;

/* ---- rows ---- */

/* NAME_bind() binds the columns of the list, in its order; texts must live until the run. */
#define KIT_ROW_BIND(name, type, LIST)                                                             \
    __attribute__((unused)) static void name##_bind(struct kit_query *query, const type *row)      \
    {                                                                                              \
        LIST(KIT_COLUMN_BIND_, ;);                                                                 \
    }                                                                                              \
    struct kit_query /* for the semicolon */

/* NAME_read() reads the columns of the list from the current row, after those that were read
 * already; and the functions of KIT_ROW_READERS(). */
#define KIT_ROW_READ(name, type, LIST)                                                             \
    __attribute__((unused)) static void name##_read(struct kit_query *query, type *ret_row)        \
    {                                                                                              \
        LIST(KIT_COLUMN_READ_, ;);                                                                 \
    }                                                                                              \
    KIT_ROW_READERS(name, type)

/* Of NAME_read(), which may be written by hand where a row is more than its list:
 * NAME_read_one() runs a started query of at most one row and ends it; without a row *ret_found is
 * false and *ret_row untouched. NAME_read_all() runs a started query, reads up to `max` rows and
 * ends it. NAME_read_page() reads the rows of a page and how many there are in all. When one of
 * them fails, only rows may have been written. */
#define KIT_ROW_READERS(name, type)                                                                \
    __attribute__((unused)) static int name##_read_one(struct kit_query *query, type *ret_row,     \
                                                       bool *ret_found, struct kit_error *err)     \
    {                                                                                              \
        bool is_found = false;                                                                     \
        int rc = kit_query_row(query, &is_found, err);                                             \
        if (rc == KIT_OK && is_found)                                                              \
            name##_read(query, ret_row);                                                           \
        if (rc == KIT_OK)                                                                          \
            *ret_found = is_found;                                                                 \
        kit_query_end(query);                                                                      \
        return rc;                                                                                 \
    }                                                                                              \
                                                                                                   \
    __attribute__((unused)) static int name##_read_all(struct kit_query *query, type *ret_rows,    \
                                                       size_t max, size_t *ret_count,              \
                                                       struct kit_error *err)                      \
    {                                                                                              \
        size_t count = 0;                                                                          \
        bool is_found = false;                                                                     \
        int rc = kit_query_row(query, &is_found, err);                                             \
        while (rc == KIT_OK && is_found && count < max) {                                          \
            name##_read(query, &ret_rows[count++]);                                                \
            rc = kit_query_row(query, &is_found, err);                                             \
        }                                                                                          \
        kit_query_end(query);                                                                      \
        if (rc == KIT_OK)                                                                          \
            *ret_count = count;                                                                    \
        return rc;                                                                                 \
    }                                                                                              \
                                                                                                   \
    __attribute__((unused)) static int name##_read_page(                                           \
        const struct kit_statements *statements, const struct kit_page_queries *queries,           \
        struct kit_page *page, type *ret_rows, struct kit_error *err)                              \
    {                                                                                              \
        struct kit_query query = kit_page_start(statements, queries->rows, page);                  \
        int rc = name##_read_all(&query, ret_rows, (size_t)page->size, &page->count, err);         \
        if (rc != KIT_OK)                                                                          \
            return rc;                                                                             \
        return kit_page_count(statements, queries->total, page, err);                              \
    }                                                                                              \
    struct kit_query /* for the semicolon */

#define KIT_ROW_FUNCTIONS(name, type, LIST)                                                        \
    KIT_ROW_BIND(name, type, LIST);                                                                \
    KIT_ROW_READ(name, type, LIST)

#define KIT_COLUMN_BIND_(kind, column, member) KIT_BIND_##kind##_(member)
#define KIT_COLUMN_READ_(kind, column, member) KIT_READ_##kind##_(member)

#define KIT_BIND_INT_(member) kit_query_int(query, row->member)
#define KIT_READ_INT_(member)                                                                      \
    ret_row->member = (__typeof__(ret_row->member))kit_query_next_int(query)

#define KIT_BIND_INT0_(member) kit_query_int_or_null(query, row->member)
#define KIT_READ_INT0_(member) KIT_READ_INT_(member)

#define KIT_BIND_TEXT_(member) kit_query_text(query, row->member)
#define KIT_READ_TEXT_(member)                                                                     \
    kit_query_next_text(query, ret_row->member, KIT_TEXT_SIZE_(ret_row->member))

#define KIT_BIND_TEXT0_(member) kit_query_text_or_null(query, row->member)
#define KIT_READ_TEXT0_(member) KIT_READ_TEXT_(member)

#define KIT_BIND_OPT_TEXT_(member)                                                                 \
    kit_query_text_or_null(query, row->has_##member ? row->member : "")
#define KIT_READ_OPT_TEXT_(member)                                                                 \
    (KIT_READ_TEXT_(member), ret_row->has_##member = ret_row->member[0] != '\0')

#define KIT_BIND_OPT_INT_(member)                                                                  \
    (row->has_##member ? kit_query_int(query, row->member) : kit_query_null(query))
#define KIT_READ_OPT_INT_(member)                                                                  \
    (ret_row->has_##member = !kit_query_next_is_null(query), KIT_READ_INT_(member))

/* The storage of a text; a pointer, whose size says nothing, does not compile. */
#define KIT_TEXT_SIZE_(array)                                                                      \
    (sizeof(array) + 0 * sizeof(struct {                                                           \
                         _Static_assert(!__builtin_types_compatible_p(__typeof__(array), char *),  \
                                        "not an array");                                           \
                         int i;                                                                    \
                     }))

/* ---- the whole table ---- */

struct kit_table {
    const char *name;
    const char *columns; /* as KIT_COLUMN_NAMES() gives them */
};
#define KIT_TABLE(table, LIST)                                                                     \
    {                                                                                              \
        .name = #table, .columns = KIT_COLUMN_NAMES(LIST)                                          \
    }

/* What a store is opened with: its tables, and its statements by their numbers. */
struct kit_store_spec {
    const struct kit_table *tables;
    size_t table_count;
    const char *const *queries;
    size_t query_count;
};
#define KIT_STORE_SPEC(tables, queries)                                                            \
    {                                                                                              \
        (tables), KIT_COUNT(tables), (queries), KIT_COUNT(queries)                                 \
    }

/* Compares each list with its table in the database, both ways: a column that one of them lacks is
 * KIT_E_CORRUPT with both names. Then prepares the statements, which kit_statements_done() ends.
 * When it fails, nothing is prepared. After the migrations. */
int kit_store_open(struct kit_statements *statements, struct kit_db *db,
                   const struct kit_store_spec *spec, struct kit_error *err) KIT_MUST_CHECK;

#endif

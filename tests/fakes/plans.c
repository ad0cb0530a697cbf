/* EXPLAIN QUERY PLAN of prepared statements. See plans.h. */
#include "fakes/plans.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DETAIL_COLUMN 3

static void check_plan(sqlite3 *db, const char *sql)
{
    char explain[4096];
    sqlite3_stmt *plan = NULL;

    assert_in_range(snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql), 1,
                    sizeof(explain) - 1);
    assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &plan, NULL), SQLITE_OK);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(plan, DETAIL_COLUMN);
        if (strstr(detail, "SCAN") != NULL || strstr(detail, "TEMP B-TREE") != NULL)
            fail_msg("%s: %s", sql, detail);
    }
    sqlite3_finalize(plan);
}

size_t plans_check(const struct kit_statements *statements, const char *mark)
{
    size_t count = 0;

    for (size_t i = 0; i < statements->count; i++) {
        const char *sql = sqlite3_sql(statements->items[i]);
        if (strstr(sql, mark) == NULL)
            continue;
        check_plan(kit_db_handle(statements->db), sql);
        count++;
    }
    return count;
}

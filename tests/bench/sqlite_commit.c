/* Raw ceiling: SQLite group commits with the product's settings (WAL, FULL, EXCLUSIVE), one row
 * like an event per insert. Prints {"rows_per_s":...,"commits_per_s":...}. Flags: --file PATH
 * --batch ROWS --seconds N. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

#define CLOCK_CHECK_EVERY 8 /* commits between looks at the clock */

static const char schema[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA locking_mode=EXCLUSIVE;"
    "PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;"
    "CREATE TABLE event_log (seq INTEGER PRIMARY KEY, type TEXT NOT NULL, subject TEXT NOT NULL,"
    " version INTEGER NOT NULL, time_ms INTEGER NOT NULL, data TEXT NOT NULL) STRICT;";

static const char data[] =
    "{\"id\":123456,\"productId\":1,\"productName\":\"computer\",\"qty\":1,\"fulfilment\":"
    "\"direct\",\"status\":\"ORDERED\",\"version\":1,\"orderedAt\":\"2026-01-31T12:00:00.000Z\"}";

static void run_sql(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        bench_die("%.60s: %s", sql, sqlite3_errmsg(db));
}

static void insert_row(sqlite3 *db, sqlite3_stmt *insert, int64_t seq)
{
    char subject[40];
    int size = snprintf(subject, sizeof(subject), "rental/%lld", (long long)seq);
    sqlite3_bind_int64(insert, 1, seq);
    sqlite3_bind_text(insert, 2, "RentalOrdered", -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 3, subject, size, SQLITE_TRANSIENT);
    sqlite3_bind_int64(insert, 4, 1);
    sqlite3_bind_int64(insert, 5, 1767225600000 + seq);
    sqlite3_bind_text(insert, 6, data, sizeof(data) - 1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE)
        bench_die("insert: %s", sqlite3_errmsg(db));
    sqlite3_reset(insert);
}

int main(int argc, char **argv)
{
    const char *path = bench_flag_text(argc, argv, "--file", NULL);
    int64_t batch = bench_flag_int(argc, argv, "--batch", 16, 4096);
    int64_t seconds = bench_flag_int(argc, argv, "--seconds", 2, 3600);
    if (path == NULL || batch == 0)
        bench_die("needs --file PATH and --batch 1 or more");

    sqlite3 *db;
    sqlite3_stmt *insert;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        bench_die("cannot open %s: %s", path, sqlite3_errmsg(db));
    run_sql(db, schema);
    if (sqlite3_prepare_v2(db, "INSERT INTO event_log VALUES (?,?,?,?,?,?)", -1, &insert, NULL) !=
        SQLITE_OK)
        bench_die("prepare: %s", sqlite3_errmsg(db));

    int64_t start_ns = bench_now_ns();
    int64_t end_ns = start_ns + seconds * 1000000000;
    int64_t rows = 0;
    int64_t commits = 0;
    do {
        for (int i = 0; i < CLOCK_CHECK_EVERY; i++, commits++) {
            run_sql(db, "BEGIN IMMEDIATE");
            for (int64_t j = 0; j < batch; j++)
                insert_row(db, insert, ++rows);
            run_sql(db, "COMMIT");
        }
    } while (bench_now_ns() < end_ns);
    double took_s = (double)(bench_now_ns() - start_ns) / 1e9;

    printf("{\"rows_per_s\":%.0f,\"commits_per_s\":%.0f}\n", (double)rows / took_s,
           (double)commits / took_s);
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return 0;
}

/* The database as the kit opens it, on real files; a full disk is played by a page limit. */
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"

static const struct kit_migration MIGRATIONS[] = {
    { "0001",
      "CREATE TABLE thing(id INTEGER PRIMARY KEY CHECK(id > 0), name TEXT NOT NULL) STRICT" },
    { "0002", "ALTER TABLE thing ADD COLUMN qty INTEGER NOT NULL DEFAULT 3" },
};
static const char *const STATEMENTS[] = { "INSERT INTO thing(id, name) VALUES(?, ?)",
                                          "SELECT name, qty FROM thing WHERE id = ?",
                                          "UPDATE thing SET qty = 4 WHERE qty = ?" };

static struct kit_db *open_db(struct fake_world *world, size_t migration_count)
{
    char path[FAKE_PATH_SIZE];
    struct kit_error err = { 0 };
    struct kit_db *db = NULL;
    const struct kit_service_ports ports = fake_ports(world, "things", path);
    assert_int_equal(kit_db_open(&db, &ports.store, MIGRATIONS, migration_count, &err), KIT_OK);
    return db;
}

static int insert(struct kit_statements *statements, int64_t id, const char *name,
                  struct kit_error *err)
{
    struct kit_query q = kit_query_start(statements, 0);
    kit_query_int(&q, id);
    kit_query_text(&q, name);
    return kit_query_run(&q, NULL, err);
}

static bool find(struct kit_statements *statements, int64_t id, char *ret_name, size_t size_bytes)
{
    bool found = false;
    struct kit_query q = kit_query_start(statements, 1);
    kit_query_int(&q, id);
    assert_int_equal(kit_query_row(&q, &found, NULL), KIT_OK);
    if (found)
        kit_query_next_text(&q, ret_name, size_bytes);
    kit_query_end(&q);
    return found;
}

static int64_t pragma(struct kit_db *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(kit_db_handle(db), sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static void test_open_sets_what_durability_needs(void **state)
{
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_db(world, 2);
    (void)state;
    assert_int_equal(pragma(db, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(pragma(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(pragma(db, "SELECT 1 FROM pragma_journal_mode WHERE journal_mode='wal'"), 1);
    assert_int_equal(pragma(db, "SELECT 1 FROM pragma_locking_mode WHERE locking_mode='exclusive'"),
                     1);
    kit_db_close(db);
    fake_world_free(world);
}

static void test_migrations_run_once_and_the_missing_ones_later(void **state)
{
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_db(world, 1);
    (void)state;
    assert_int_equal(pragma(db, "SELECT count(*) FROM pragma_table_info('thing')"), 2);
    kit_db_close(db);
    db = open_db(world, 2);
    assert_int_equal(pragma(db, "SELECT count(*) FROM pragma_table_info('thing')"), 3);
    kit_db_close(db);
    db = open_db(world, 2);
    kit_db_close(db);
    fake_world_free(world);
}

static void test_open_newer_database_is_refused(void **state)
{
    char path[FAKE_PATH_SIZE];
    struct kit_error err = { 0 };
    struct kit_db *db = NULL;
    struct fake_world *world = fake_world_new(1);
    (void)state;
    kit_db_close(open_db(world, 2));
    const struct kit_service_ports ports = fake_ports(world, "things", path);
    assert_int_equal(kit_db_open(&db, &ports.store, MIGRATIONS, 1, &err), KIT_E_CORRUPT);
    assert_non_null(strstr(err.text, "newer version"));
    fake_world_free(world);
}

static void test_open_missing_folder_says_where(void **state)
{
    struct kit_error err = { 0 };
    struct kit_db *db = NULL;
    const struct kit_store_port port = { .path = "/nonexistent/folder/x.db" };
    (void)state;
    assert_int_equal(kit_db_open(&db, &port, MIGRATIONS, 2, &err), KIT_E_IO);
    assert_non_null(strstr(err.text, "/nonexistent/folder/x.db"));
}

static void test_open_not_a_database_is_corrupt(void **state)
{
    char path[FAKE_PATH_SIZE];
    struct kit_error err = { 0 };
    struct kit_db *db = NULL;
    struct fake_world *world = fake_world_new(1);
    const struct kit_service_ports ports = fake_ports(world, "things", path);
    (void)state;
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is not a database\n", file);
    fclose(file);
    assert_int_equal(kit_db_open(&db, &ports.store, MIGRATIONS, 2, &err), KIT_E_CORRUPT);
    fake_world_free(world);
}

static void test_item_fails_alone(void **state)
{
    char name[16];
    struct kit_statements statements;
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_db(world, 2);
    (void)state;
    assert_int_equal(kit_statements_prepare(&statements, db, STATEMENTS, 2, NULL), KIT_OK);
    assert_int_equal(kit_db_begin(db, NULL), KIT_OK);

    assert_int_equal(kit_db_savepoint(db, NULL), KIT_OK);
    assert_int_equal(insert(&statements, 1, "one", NULL), KIT_OK);
    assert_int_equal(kit_db_release(db, NULL), KIT_OK);

    assert_int_equal(kit_db_savepoint(db, NULL), KIT_OK);
    assert_int_equal(insert(&statements, 2, "two", NULL), KIT_OK);
    assert_int_equal(insert(&statements, 0, "bad", NULL), KIT_E_CONFLICT);
    assert_int_equal(kit_db_rollback_to(db, NULL), KIT_OK);

    assert_int_equal(kit_db_commit(db, NULL), KIT_OK);
    assert_int_equal(kit_db_begin(db, NULL), KIT_OK);
    assert_true(find(&statements, 1, name, sizeof(name)));
    assert_string_equal(name, "one");
    assert_false(find(&statements, 2, name, sizeof(name)));
    kit_db_rollback(db);
    kit_statements_done(&statements);
    kit_db_close(db);
    fake_world_free(world);
}

static int update_one(struct kit_statements *statements, int64_t qty, struct kit_error *err)
{
    struct kit_query q = kit_query_start(statements, 2);
    kit_query_int(&q, qty);
    return kit_query_run_one(&q, "thing", 7, err);
}

static void test_run_one_changes_one_row_or_is_conflict(void **state)
{
    struct kit_statements statements;
    struct kit_error err = { 0 };
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_db(world, 2);
    (void)state;
    assert_int_equal(
        kit_statements_prepare(&statements, db, STATEMENTS, KIT_COUNT(STATEMENTS), NULL), KIT_OK);
    assert_int_equal(kit_db_begin(db, NULL), KIT_OK);
    assert_int_equal(insert(&statements, 1, "one", NULL), KIT_OK);
    assert_int_equal(update_one(&statements, 3, &err), KIT_OK);
    assert_int_equal(update_one(&statements, 3, &err), KIT_E_CONFLICT); /* none is like that */
    assert_string_equal(err.text, "thing 7 changed meanwhile");
    assert_int_equal(insert(&statements, 2, "two", NULL), KIT_OK);
    assert_int_equal(insert(&statements, 3, "three", NULL), KIT_OK);
    assert_int_equal(update_one(&statements, 3, &err), KIT_E_CONFLICT); /* two are */
    kit_db_rollback(db);
    kit_statements_done(&statements);
    kit_db_close(db);
    fake_world_free(world);
}

static void test_prepare_typo_fails_at_the_start(void **state)
{
    static const char *const WRONG[] = { "SELECT nothing FROM thing" };
    struct kit_statements statements;
    struct kit_error err = { 0 };
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_db(world, 2);
    (void)state;
    assert_int_not_equal(kit_statements_prepare(&statements, db, WRONG, 1, &err), KIT_OK);
    assert_non_null(strstr(err.text, "nothing"));
    kit_db_close(db);
    fake_world_free(world);
}

static void test_full_disk_is_refused_and_heals(void **state)
{
    static char large[1 << 16];
    struct kit_statements statements;
    struct kit_error err = { 0 };
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_db(world, 2);
    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    assert_int_equal(kit_statements_prepare(&statements, db, STATEMENTS, 2, NULL), KIT_OK);
    (void)pragma(db, "PRAGMA max_page_count=20"); /* SQLite's own idea of a full disk */
    assert_int_equal(kit_db_begin(db, NULL), KIT_OK);
    assert_int_equal(insert(&statements, 1, large, &err), KIT_E_FULL);
    assert_non_null(strstr(err.text, "full"));
    kit_db_rollback(db);
    (void)pragma(db, "PRAGMA max_page_count=100000");
    assert_int_equal(kit_db_begin(db, NULL), KIT_OK);
    assert_int_equal(insert(&statements, 1, large, &err), KIT_OK);
    assert_int_equal(kit_db_commit(db, NULL), KIT_OK);
    kit_statements_done(&statements);
    kit_db_close(db);
    fake_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_sets_what_durability_needs),
        cmocka_unit_test(test_migrations_run_once_and_the_missing_ones_later),
        cmocka_unit_test(test_open_newer_database_is_refused),
        cmocka_unit_test(test_open_missing_folder_says_where),
        cmocka_unit_test(test_open_not_a_database_is_corrupt),
        cmocka_unit_test(test_item_fails_alone),
        cmocka_unit_test(test_run_one_changes_one_row_or_is_conflict),
        cmocka_unit_test(test_prepare_typo_fails_at_the_start),
        cmocka_unit_test(test_full_disk_is_refused_and_heals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

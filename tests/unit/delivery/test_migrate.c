/* A database of the version before lockers opens, keeps every row, and works on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/store/delivery.h"
#include "delivery/store/locker.h"
#include "fakes/fakes.h"

#define MIGRATIONS_BEFORE 2 /* deliveries, products */

static const char OLD_ROWS[] =
    "BEGIN;"
    "INSERT INTO delivery VALUES (1, 7, 3, 1, 1, NULL, 1, 1000);"
    "INSERT INTO delivery VALUES (2, 7, 3, 1, 2, NULL, 2, 2000);"
    "INSERT INTO delivery VALUES (3, 7, 3, 1, 4, '3 ordered, 1 available', 2, 3000);"
    "INSERT INTO delivery_history VALUES (1, 1, NULL, 1, NULL, 1000);"
    "INSERT INTO delivery_history VALUES (2, 1, NULL, 1, NULL, 1500);"
    "INSERT INTO delivery_history VALUES (2, 2, 1, 2, NULL, 2000);"
    "INSERT INTO delivery_history VALUES (3, 1, NULL, 1, NULL, 2500);"
    "INSERT INTO delivery_history VALUES (3, 2, 1, 4, '3 ordered, 1 available', 3000);"
    "INSERT INTO product VALUES (7, 'Desk', 10, 4, 2, 5);"
    "INSERT INTO product VALUES (8, NULL, NULL, 4, 0, 1);"
    "COMMIT;";

/* A database of `count` migrations with those rows, opened by the present code. */
static struct kit_db *open_old(struct fake_world *world, size_t count, const char *rows)
{
    struct kit_error err = { 0 };
    struct kit_db *db = NULL;
    char path[FAKE_PATH_SIZE];
    struct kit_service_ports ports = fake_ports(world, "delivery", path);

    assert_int_equal(kit_db_open(&db, &ports.store, delivery_migrations, count, &err), KIT_OK);
    assert_int_equal(sqlite3_exec(kit_db_handle(db), rows, NULL, NULL, NULL), SQLITE_OK);
    kit_db_close(db);
    assert_int_equal(
        kit_db_open(&db, &ports.store, delivery_migrations, DELIVERY_MIGRATION_COUNT, &err),
        KIT_OK);
    return db;
}

static int64_t sql_int(struct kit_db *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(kit_db_handle(db), sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static void test_open_old_database_keeps_rows_and_moves_on(void **state)
{
    (void)state;
    struct fake_world *world = fake_world_new(1);
    struct kit_error err = { 0 };
    struct delivery delivery;
    struct delivery_store store;
    bool is_found = false;
    struct kit_db *db = open_old(world, MIGRATIONS_BEFORE, OLD_ROWS);

    assert_int_equal(sql_int(db, "SELECT count(*) FROM delivery"), 3);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM delivery_history"), 5);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%before%'"),
                     0);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM product WHERE id = 7 AND name = 'Desk' AND"
                                 " available_qty = 4 AND tracking = 1 AND size = 1"),
                     1);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM product WHERE id = 8 AND size IS NULL"), 1);

    assert_int_equal(delivery_store_open(&store, db, &err), KIT_OK);
    assert_int_equal(kit_db_begin(db, &err), KIT_OK);
    assert_int_equal(
        delivery_store_find(&store, (struct rental_id){ 2 }, &delivery, &is_found, &err), KIT_OK);
    assert_int_equal(delivery.status, DELIVERY_STATUS_DELIVERED);
    assert_int_equal(delivery.spot.use, DELIVERY_USE_NONE);
    struct delivery_change change = delivery_change_from(&delivery, 4000);
    change.to = DELIVERY_STATUS_CANCELED;
    assert_int_equal(delivery_store_apply(&store, &delivery, &change, &err), KIT_OK);
    assert_int_equal(delivery.version, 3);
    delivery_store_close(&store);
    kit_db_rollback(db);
    kit_db_close(db);
    fake_world_free(world);
}

#define MIGRATIONS_BEFORE_CARE 6

static const char POISONED_ROWS[] =
    "BEGIN;"
    "INSERT INTO locker (name, is_online, state_epoch, state_boot, epoch, seq, revision_wanted,"
    "  revision_known, wrong_codes) VALUES"
    "  ('a-1', 1, '', 1, '', 0, 9007199254740991, 9007199254740990, 0),"
    "  ('b-1', 1, '', 1, '', 0, 1767225600001, 1767225600000, 0);"
    "INSERT INTO compartment VALUES ('a-1', 1, 1, 1, 1, 0, NULL, 0, 0, 0, 9007199254740991);"
    "INSERT INTO compartment VALUES ('b-1', 1, 1, 1, 1, 0, NULL, 0, 0, 0, 1767225600001);"
    "INSERT INTO compartment VALUES ('b-1', 2, 1, 1, 1, 0, NULL, 0, 0, 0, 0);"
    "COMMIT;";

/* A locker once named a revision after which there is none: delivery ended at each word of it. */
static void test_open_poisoned_revisions_are_forgotten_and_others_kept(void **state)
{
    (void)state;
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_old(world, MIGRATIONS_BEFORE_CARE, POISONED_ROWS);
    assert_int_equal(sql_int(db, "SELECT revision_wanted + revision_known + compartment_count"
                                 " FROM locker WHERE name = 'a-1'"),
                     1);
    assert_int_equal(sql_int(db, "SELECT clean_revision FROM compartment WHERE locker = 'a-1'"), 1);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM locker WHERE name = 'b-1' AND"
                                 " revision_wanted = 1767225600001 AND"
                                 " revision_known = 1767225600000 AND compartment_count = 2 AND"
                                 " is_silent = 0"),
                     1);
    assert_int_equal(sql_int(db, "SELECT max(clean_revision) FROM compartment"), 1767225600001);
    kit_db_close(db);
    fake_world_free(world);
}

#define MIGRATIONS_BEFORE_EMPTY 7

static const char READY_ROWS[] =
    "BEGIN;"
    "INSERT INTO delivery VALUES (5, 7, 1, 2, NULL, 8, NULL, 4, 1000, 'a-1', 1, 2, 9000, 0, 1, 0);"
    "INSERT INTO delivery_history VALUES (5, 1, NULL, 1, NULL, 900, NULL, NULL, NULL);"
    "INSERT INTO locker (name, is_online, state_epoch, state_boot, epoch, seq, revision_wanted,"
    "  revision_known, wrong_codes) VALUES ('a-1', 1, '', 1, '', 0, 1, 1, 0);"
    "INSERT INTO compartment (locker, number, size, door, presence, is_doubtful, delivery_id, "
    "story,"
    "  empty_count, pending_until_ms, clean_revision) VALUES ('a-1', 1, 1, 1, 2, 0, 5, 0, 0, 0, 0);"
    "INSERT INTO locker_command VALUES ('0123456789abcdef0123456789abcdef', 5, 'a-1', 1, 1, 1, 1);"
    "COMMIT;";

/* Rules 8.7: delivery is built again, and what refers to it still does. */
static void test_open_ready_delivery_may_be_empty_from_now_on(void **state)
{
    (void)state;
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_old(world, MIGRATIONS_BEFORE_EMPTY, READY_ROWS);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM pragma_foreign_key_list('compartment')"
                                 " WHERE \"table\" = 'delivery'"),
                     1);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND"
                                 " tbl_name = 'delivery' AND sql IS NOT NULL"),
                     4);
    assert_int_equal(sql_int(db, "SELECT compartment_use FROM delivery WHERE id = 5"), 2);
    static const char empty[] = "UPDATE delivery SET compartment_use = 1 WHERE id = 5";
    assert_int_equal(sqlite3_exec(kit_db_handle(db), empty, NULL, NULL, NULL), SQLITE_OK);
    static const char orphan[] = "DELETE FROM delivery WHERE id = 5"; /* references are held to */
    assert_int_equal(sqlite3_exec(kit_db_handle(db), orphan, NULL, NULL, NULL),
                     SQLITE_CONSTRAINT_FOREIGNKEY);
    kit_db_close(db);
    fake_world_free(world);
}

#define MIGRATIONS_BEFORE_TOLD 10

static const char TWO_LOCKERS[] =
    "INSERT INTO locker (name, is_online, state_epoch, state_boot, epoch, seq, revision_wanted,"
    "  revision_known, wrong_codes) VALUES ('b-1', 1, '', 1, '', 0, 1, 1, 0),"
    " ('a-1', 0, '', 1, '', 0, 1, 1, 0);";

/* Rules 10.2: the world has never heard of them. */
static void test_open_lockers_get_numbers_and_are_to_be_told(void **state)
{
    (void)state;
    struct fake_world *world = fake_world_new(1);
    struct kit_db *db = open_old(world, MIGRATIONS_BEFORE_TOLD, TWO_LOCKERS);
    assert_int_equal(sql_int(db, "SELECT count(*) FROM locker_told WHERE told = 0 AND version = 0"
                                 " AND ((name = 'a-1' AND number = 1) OR"
                                 "  (name = 'b-1' AND number = 2))"),
                     2);
    kit_db_close(db);
    fake_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_old_database_keeps_rows_and_moves_on),
        cmocka_unit_test(test_open_poisoned_revisions_are_forgotten_and_others_kept),
        cmocka_unit_test(test_open_ready_delivery_may_be_empty_from_now_on),
        cmocka_unit_test(test_open_lockers_get_numbers_and_are_to_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The SQL of rental on a real SQLite file: round trip, the one way to change a status, and what the
 * CHECK constraints refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/fakes.h"
#include "rental/store.h"

struct fixture {
    struct fake_world *world;
    char path[FAKE_PATH_SIZE];
    struct kit_db *db;
    struct rental_store store;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct kit_error err = { 0 };

    fixture.world = fake_world_new(1);
    struct kit_service_ports ports = fake_ports(fixture.world, "rental", fixture.path);
    assert_int_equal(
        kit_db_open(&fixture.db, &ports.store, rental_migrations, RENTAL_MIGRATION_COUNT, &err),
        KIT_OK);
    assert_int_equal(rental_store_open(&fixture.store, fixture.db, &err), KIT_OK);
    assert_int_equal(kit_db_begin(fixture.db, &err), KIT_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    rental_store_close(&fixture->store);
    kit_db_rollback(fixture->db);
    kit_db_close(fixture->db);
    fake_world_free(fixture->world);
    return 0;
}

static struct rental sample(void)
{
    return (struct rental){
        .product_id = { 7 },
        .product_name = "Bureau \xc3\xa9lev\xc3\xa9",
        .qty = 3,
        .fulfilment = FULFILMENT_DIRECT,
        .status = RENTAL_STATUS_ORDERED,
        .version = 1,
        .ordered_at_ms = 1000,
        .updated_at_ms = 1000,
    };
}

static int64_t sql_int(struct fixture *fixture, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(kit_db_handle(fixture->db), sql, -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static void test_add_gives_ids_from_1_and_find_brings_every_column_back(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct rental first = sample(), second = sample(), found;
    bool is_found = false;

    second.product_name[0] = '\0';
    assert_int_equal(rental_store_add(&fixture->store, &first, &err), KIT_OK);
    assert_int_equal(rental_store_add(&fixture->store, &second, &err), KIT_OK);
    assert_int_equal(first.id.v, 1);
    assert_int_equal(second.id.v, 2);

    assert_int_equal(rental_store_find(&fixture->store, first.id, &found, &is_found, &err), KIT_OK);
    assert_true(is_found);
    assert_int_equal(found.product_id.v, 7);
    assert_string_equal(found.product_name, first.product_name);
    assert_int_equal(found.qty, 3);
    assert_int_equal(found.fulfilment, FULFILMENT_DIRECT);
    assert_int_equal(found.status, RENTAL_STATUS_ORDERED);
    assert_string_equal(found.reason, "");
    assert_int_equal(found.version, 1);
    assert_int_equal(found.ordered_at_ms, 1000);
    assert_int_equal(found.updated_at_ms, 1000);
    assert_int_equal(found.delivery_version, 0);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM rental WHERE product_name IS NULL"), 1);
    assert_int_equal(
        sql_int(fixture, "SELECT count(*) FROM rental_history WHERE from_status IS NULL"), 2);
}

static void test_find_absent_touches_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct rental rental = { .qty = 77 };
    bool is_found = true;

    assert_int_equal(
        rental_store_find(&fixture->store, (struct rental_id){ 9 }, &rental, &is_found, &err),
        KIT_OK);
    assert_false(is_found);
    assert_int_equal(rental.qty, 77);
}

static void test_apply_moves_row_and_adds_history(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct rental rental = sample(), found;
    struct rental_change change = { RENTAL_STATUS_CANCELED_OUT_OF_STOCK, "3 ordered, 1 available",
                                    2, 2000 };
    bool is_found = false;

    assert_int_equal(rental_store_add(&fixture->store, &rental, &err), KIT_OK);
    assert_int_equal(rental_store_apply(&fixture->store, &rental, &change, &err), KIT_OK);
    assert_int_equal(rental_store_find(&fixture->store, rental.id, &found, &is_found, &err),
                     KIT_OK);
    assert_int_equal(found.status, RENTAL_STATUS_CANCELED_OUT_OF_STOCK);
    assert_string_equal(found.reason, "3 ordered, 1 available");
    assert_int_equal(found.version, 2);
    assert_int_equal(found.delivery_version, 2);
    assert_int_equal(found.updated_at_ms, 2000);
    assert_int_equal(found.ordered_at_ms, 1000);
    assert_int_equal(rental.version, found.version);
    assert_int_equal(rental.status, found.status);
    assert_string_equal(rental.reason, found.reason);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM rental_history WHERE rental_id = 1 AND"
                                      " version = 2 AND from_status = 1 AND to_status = 4"
                                      " AND at_ms = 2000 AND reason = '3 ordered, 1 available'"),
                     1);
}

static void test_apply_on_row_that_moved_on_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct rental rental = sample();
    struct rental_change delivered = { RENTAL_STATUS_DELIVERED, "", 2, 2000 };

    assert_int_equal(rental_store_add(&fixture->store, &rental, &err), KIT_OK);
    struct rental stale = rental;
    assert_int_equal(rental_store_apply(&fixture->store, &rental, &delivered, &err), KIT_OK);
    assert_int_equal(rental_store_apply(&fixture->store, &stale, &delivered, &err), KIT_E_CONFLICT);
    assert_non_null(strstr(err.text, "rental 1 changed meanwhile"));
    assert_int_equal(stale.version, 1);
    assert_int_equal(sql_int(fixture, "SELECT version FROM rental"), 2);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM rental_history"), 2);

    stale.status = RENTAL_STATUS_DELIVERED; /* the right status, but still the old version */
    struct rental_change canceled = { RENTAL_STATUS_CANCELED, "", 3, 3000 };
    assert_int_equal(rental_store_apply(&fixture->store, &stale, &canceled, &err), KIT_E_CONFLICT);
    assert_int_equal(rental_store_note(&fixture->store, &stale, 5, &err), KIT_E_CONFLICT);
}

static void test_apply_move_outside_the_table_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct rental rental = sample();
    struct rental_change canceled = { RENTAL_STATUS_CANCELED, "", 2, 2000 };
    struct rental_change delivered = { RENTAL_STATUS_DELIVERED, "", 3, 3000 };

    assert_int_equal(rental_store_add(&fixture->store, &rental, &err), KIT_OK);
    assert_int_equal(rental_store_apply(&fixture->store, &rental, &canceled, &err), KIT_OK);
    assert_int_equal(rental_store_apply(&fixture->store, &rental, &delivered, &err),
                     KIT_E_CONFLICT);
    assert_int_equal(sql_int(fixture, "SELECT status FROM rental"), RENTAL_STATUS_CANCELED);
}

static void test_note_changes_the_version_seen_alone(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct rental rental = sample();

    assert_int_equal(rental_store_add(&fixture->store, &rental, &err), KIT_OK);
    assert_int_equal(rental_store_note(&fixture->store, &rental, 4, &err), KIT_OK);
    assert_int_equal(rental.delivery_version, 4);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM rental WHERE delivery_version = 4 AND"
                                      " version = 1 AND status = 1 AND updated_at_ms = 1000"),
                     1);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM rental_history"), 1);
}

static void test_list_gives_pages_in_id_order(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    static struct rental room[3];
    struct kit_page page = { .size = 3 };

    page.number = 0;
    assert_int_equal(rental_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 0);
    assert_int_equal(page.total, 0);

    for (int i = 0; i < 5; i++) {
        struct rental rental = sample();
        assert_int_equal(rental_store_add(&fixture->store, &rental, &err), KIT_OK);
    }
    page.number = 0;
    assert_int_equal(rental_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.total, 5);
    assert_int_equal(room[0].id.v, 1);
    page.number = 1;
    assert_int_equal(rental_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 2);
    assert_int_equal(room[1].id.v, 5);
    page.number = 1000000000;
    assert_int_equal(rental_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 0);
    assert_int_equal(page.total, 5);
}

static void test_checks_refuse_what_the_rules_forbid(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct rental rental = sample();
    static const char *const refused[] = {
        "UPDATE rental SET qty = 0",
        "UPDATE rental SET qty = 1000001",
        "UPDATE rental SET qty = 'three'",
        "UPDATE rental SET status = 0",
        "UPDATE rental SET status = 11",
        "UPDATE rental SET status = 2",  /* DELIVERED without delivery's word */
        "UPDATE rental SET version = 2", /* ORDERED is version 1 for ever */
        "UPDATE rental SET version = 0",
        "UPDATE rental SET product_id = 0",
        "UPDATE rental SET product_name = ''",
        "UPDATE rental SET fulfilment = 3",
        "UPDATE rental SET locker = ''",
        "UPDATE rental SET delivery_version = -1",
        "UPDATE rental SET ordered_at_ms = NULL",
        "DELETE FROM rental", /* its history holds it */
        "INSERT INTO rental_history VALUES (1, 1, NULL, 1, NULL, 0)",
        "INSERT INTO rental_history VALUES (1, 2, NULL, 2, NULL, 0)",
        "INSERT INTO rental_history VALUES (2, 1, NULL, 1, NULL, 0)",
    };

    assert_int_equal(rental_store_add(&fixture->store, &rental, &err), KIT_OK);
    for (size_t i = 0; i < KIT_COUNT(refused); i++) {
        int rc = sqlite3_exec(kit_db_handle(fixture->db), refused[i], NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_CONSTRAINT)
            fail_msg("%s: %s", refused[i], sqlite3_errstr(rc));
    }
    rental = sample();
    rental.qty = 0;
    assert_int_equal(rental_store_add(&fixture->store, &rental, &err), KIT_E_CONFLICT);
}

/* A database of the version before lockers keeps every row and works on. */
static void test_open_old_database_keeps_rows(void **state)
{
    (void)state;
    struct fake_world *world = fake_world_new(2);
    struct kit_error err = { 0 };
    struct kit_db *db = NULL;
    struct rental_store store;
    struct rental rental;
    char path[FAKE_PATH_SIZE];
    bool found = false;
    struct kit_service_ports ports = fake_ports(world, "rental", path);

    assert_int_equal(kit_db_open(&db, &ports.store, rental_migrations, 2, &err), KIT_OK);
    assert_int_equal(
        sqlite3_exec(kit_db_handle(db),
                     "INSERT INTO rental VALUES (1, 7, 'Desk', 3, 1, 2, NULL, 2, 10, 20, 2);"
                     "INSERT INTO rental_history VALUES (1, 1, NULL, 1, NULL, 10);"
                     "INSERT INTO rental_history VALUES (1, 2, 1, 2, NULL, 20);"
                     "INSERT INTO product VALUES (7, 'Desk', 10, 4, 2, 5);",
                     NULL, NULL, NULL),
        SQLITE_OK);
    kit_db_close(db);

    assert_int_equal(
        kit_db_open(&db, &ports.store, rental_migrations, RENTAL_MIGRATION_COUNT, &err), KIT_OK);
    assert_int_equal(rental_store_open(&store, db, &err), KIT_OK);
    assert_int_equal(kit_db_begin(db, &err), KIT_OK);
    assert_int_equal(rental_store_find(&store, (struct rental_id){ 1 }, &rental, &found, &err),
                     KIT_OK);
    assert_true(found);
    assert_int_equal(rental.status, RENTAL_STATUS_DELIVERED);
    assert_string_equal(rental.product_name, "Desk");
    assert_string_equal(rental.locker, "");
    struct rental_change change = { .to = RENTAL_STATUS_CANCELED,
                                    .reason = "",
                                    .delivery_version = 3 };
    assert_int_equal(rental_store_apply(&store, &rental, &change, &err), KIT_OK);
    assert_int_equal(rental.version, 3);
    rental_store_close(&store);
    kit_db_rollback(db);
    kit_db_close(db);
    fake_world_free(world);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_add_gives_ids_from_1_and_find_brings_every_column_back),
        TEST(test_find_absent_touches_nothing),
        TEST(test_apply_moves_row_and_adds_history),
        TEST(test_apply_on_row_that_moved_on_is_conflict),
        TEST(test_apply_move_outside_the_table_is_conflict),
        TEST(test_note_changes_the_version_seen_alone),
        TEST(test_list_gives_pages_in_id_order),
        TEST(test_checks_refuse_what_the_rules_forbid),
        cmocka_unit_test(test_open_old_database_keeps_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The SQL of delivery on a real SQLite file: round trip, the one way to change a status, and what
 * the CHECK constraints refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/store/delivery.h"
#include "fakes/fakes.h"

struct fixture {
    struct fake_world *world;
    char path[FAKE_PATH_SIZE];
    struct kit_db *db;
    struct delivery_store store;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct kit_error err = { 0 };

    fixture.world = fake_world_new(1);
    struct kit_service_ports ports = fake_ports(fixture.world, "delivery", fixture.path);
    assert_int_equal(
        kit_db_open(&fixture.db, &ports.store, delivery_migrations, DELIVERY_MIGRATION_COUNT, &err),
        KIT_OK);
    assert_int_equal(delivery_store_open(&fixture.store, fixture.db, &err), KIT_OK);
    assert_int_equal(kit_db_begin(fixture.db, &err), KIT_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    delivery_store_close(&fixture->store);
    kit_db_rollback(fixture->db);
    kit_db_close(fixture->db);
    fake_world_free(fixture->world);
    return 0;
}

static struct delivery sample(int64_t id)
{
    return (struct delivery){
        .order = { .id = { id }, .product_id = { 7 }, .qty = 3, .fulfilment = FULFILMENT_DIRECT },
        .status = DELIVERY_STATUS_REQUESTED,
        .version = 1,
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

static void test_add_and_find_bring_every_column_back(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct delivery delivery = sample(12), found;
    bool is_found = false;

    assert_int_equal(delivery_store_add(&fixture->store, &delivery, &err), KIT_OK);
    assert_int_equal(
        delivery_store_find(&fixture->store, delivery.order.id, &found, &is_found, &err), KIT_OK);
    assert_true(is_found);
    assert_int_equal(found.order.id.v, 12);
    assert_int_equal(found.order.product_id.v, 7);
    assert_int_equal(found.order.qty, 3);
    assert_int_equal(found.order.fulfilment, FULFILMENT_DIRECT);
    assert_int_equal(found.status, DELIVERY_STATUS_REQUESTED);
    assert_string_equal(found.reason, "");
    assert_int_equal(found.version, 1);
    assert_int_equal(found.updated_at_ms, 1000);

    assert_int_equal(
        delivery_store_find(&fixture->store, (struct rental_id){ 13 }, &found, &is_found, &err),
        KIT_OK);
    assert_false(is_found);
    assert_int_equal(found.order.id.v, 12);
}

/* Rules 1.1: an order can never have two. */
static void test_add_second_delivery_of_a_rental_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct delivery delivery = sample(12);

    assert_int_equal(delivery_store_add(&fixture->store, &delivery, &err), KIT_OK);
    assert_int_equal(delivery_store_add(&fixture->store, &delivery, &err), KIT_E_CONFLICT);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery"), 1);
}

static void test_apply_moves_row_and_adds_history(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct delivery delivery = sample(12), found;
    struct delivery_change change = { .to = DELIVERY_STATUS_CANCELED_OUT_OF_STOCK,
                                      .reason = "3 ordered, 1 available",
                                      .at_ms = 2000 };
    bool is_found = false;

    assert_int_equal(delivery_store_add(&fixture->store, &delivery, &err), KIT_OK);
    assert_int_equal(delivery_store_apply(&fixture->store, &delivery, &change, &err), KIT_OK);
    assert_int_equal(
        delivery_store_find(&fixture->store, delivery.order.id, &found, &is_found, &err), KIT_OK);
    assert_int_equal(found.status, DELIVERY_STATUS_CANCELED_OUT_OF_STOCK);
    assert_string_equal(found.reason, "3 ordered, 1 available");
    assert_int_equal(found.version, 2);
    assert_int_equal(found.updated_at_ms, 2000);
    assert_null(delivery_order_difference(&found.order, &delivery.order));
    assert_int_equal(delivery.version, 2);
    assert_string_equal(delivery.reason, found.reason);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery_history WHERE delivery_id = 12"
                                      " AND version = 2 AND from_status = 1 AND to_status = 4"
                                      " AND at_ms = 2000"),
                     1);
}

static void test_apply_on_row_that_moved_on_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct delivery delivery = sample(12);
    struct delivery_change delivered = { .to = DELIVERY_STATUS_DELIVERED,
                                         .reason = "",
                                         .at_ms = 2000 };
    struct delivery_change canceled = { .to = DELIVERY_STATUS_CANCELED,
                                        .reason = "",
                                        .at_ms = 3000 };

    assert_int_equal(delivery_store_add(&fixture->store, &delivery, &err), KIT_OK);
    struct delivery stale = delivery;
    assert_int_equal(delivery_store_apply(&fixture->store, &delivery, &delivered, &err), KIT_OK);
    assert_int_equal(delivery_store_apply(&fixture->store, &stale, &canceled, &err),
                     KIT_E_CONFLICT);
    assert_non_null(strstr(err.text, "delivery 12 changed meanwhile"));
    stale.status = DELIVERY_STATUS_DELIVERED; /* the right status, but still the old version */
    assert_int_equal(delivery_store_apply(&fixture->store, &stale, &canceled, &err),
                     KIT_E_CONFLICT);
    assert_int_equal(stale.version, 1);
    assert_int_equal(sql_int(fixture, "SELECT status FROM delivery"), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery_history"), 2);
}

static void test_apply_move_outside_the_table_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct delivery delivery = sample(12);
    struct delivery_change canceled = { .to = DELIVERY_STATUS_CANCELED,
                                        .reason = "",
                                        .at_ms = 2000 };
    struct delivery_change delivered = { .to = DELIVERY_STATUS_DELIVERED,
                                         .reason = "",
                                         .at_ms = 3000 };

    assert_int_equal(delivery_store_add(&fixture->store, &delivery, &err), KIT_OK);
    assert_int_equal(delivery_store_apply(&fixture->store, &delivery, &canceled, &err), KIT_OK);
    assert_int_equal(delivery_store_apply(&fixture->store, &delivery, &delivered, &err),
                     KIT_E_CONFLICT);
    assert_int_equal(sql_int(fixture, "SELECT status FROM delivery"), DELIVERY_STATUS_CANCELED);
}

static void test_list_gives_pages_in_id_order_with_gaps(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    static const int64_t ids[] = { 9, 2, 5 };
    static struct delivery room[2];
    struct kit_page page = { .number = 0, .size = 2 };

    for (size_t i = 0; i < KIT_COUNT(ids); i++) {
        struct delivery delivery = sample(ids[i]);
        assert_int_equal(delivery_store_add(&fixture->store, &delivery, &err), KIT_OK);
    }
    page.number = 0;
    assert_int_equal(delivery_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.total, 3);
    assert_int_equal(room[0].order.id.v, 2);
    assert_int_equal(room[1].order.id.v, 5);
    page.number = 1;
    assert_int_equal(delivery_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 1);
    assert_int_equal(room[0].order.id.v, 9);
    page.number = 1000000000;
    assert_int_equal(delivery_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 0);
}

static void test_checks_refuse_what_the_rules_forbid(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct delivery delivery = sample(12);
    static const char *const refused[] = {
        "UPDATE delivery SET qty = 0",
        "UPDATE delivery SET qty = 1000001",
        "UPDATE delivery SET status = 0",
        "UPDATE delivery SET status = 6",              /* only for a locker */
        "UPDATE delivery SET status = 2",              /* DELIVERED is version 2 */
        "UPDATE delivery SET status = 4, version = 2", /* a rejection says why */
        "UPDATE delivery SET status = 5, version = 2, reason = ''",
        "UPDATE delivery SET version = 2", /* REQUESTED is version 1 for ever */
        "UPDATE delivery SET product_id = 0",
        "UPDATE delivery SET fulfilment = 3",
        "UPDATE delivery SET fulfilment = 2, status = 12",
        "UPDATE delivery SET fulfilment = 2, status = 8, version = 4", /* READY has a compartment */
        "UPDATE delivery SET locker = 'locker-1'",                     /* and a number, and a use */
        "UPDATE delivery SET wish = 1",                                /* only while READY */
        "UPDATE delivery SET updated_at_ms = NULL",
        "DELETE FROM delivery", /* its history holds it */
        "INSERT INTO delivery_history VALUES (12, 1, NULL, 1, NULL, 0, NULL, NULL, NULL)",
        "INSERT INTO delivery_history VALUES (12, 2, NULL, 2, NULL, 0, NULL, NULL, NULL)",
        "INSERT INTO delivery_history VALUES (13, 1, NULL, 1, NULL, 0, NULL, NULL, NULL)",
    };

    assert_int_equal(delivery_store_add(&fixture->store, &delivery, &err), KIT_OK);
    for (size_t i = 0; i < KIT_COUNT(refused); i++) {
        int rc = sqlite3_exec(kit_db_handle(fixture->db), refused[i], NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_CONSTRAINT)
            fail_msg("%s: %s", refused[i], sqlite3_errstr(rc));
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_add_and_find_bring_every_column_back),
        TEST(test_add_second_delivery_of_a_rental_is_conflict),
        TEST(test_apply_moves_row_and_adds_history),
        TEST(test_apply_on_row_that_moved_on_is_conflict),
        TEST(test_apply_move_outside_the_table_is_conflict),
        TEST(test_list_gives_pages_in_id_order_with_gaps),
        TEST(test_checks_refuse_what_the_rules_forbid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The SQL of information on a real SQLite file: round trip, pages, and what the CHECK constraints
 * refuse. */
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "store_fixture.h"

static struct information_order sample(int64_t id)
{
    return (struct information_order){
        .id = { id },
        .rental = { .version = 2,
                    .product_id = { 7 },
                    .product_name = "Desk",
                    .qty = 3,
                    .status = RENTAL_STATUS_DELIVERED,
                    .reason = "r",
                    .ordered_at_ms = 1000 },
        .delivery = { .version = 2, .status = DELIVERY_STATUS_DELIVERED, .reason = "d" },
        .updated_at_ms = 2000,
    };
}

static void assert_orders_equal(const struct information_order *a,
                                const struct information_order *b)
{
    assert_int_equal(a->id.v, b->id.v);
    assert_int_equal(a->rental.version, b->rental.version);
    assert_int_equal(a->rental.product_id.v, b->rental.product_id.v);
    assert_string_equal(a->rental.product_name, b->rental.product_name);
    assert_int_equal(a->rental.qty, b->rental.qty);
    assert_int_equal(a->rental.status, b->rental.status);
    assert_string_equal(a->rental.reason, b->rental.reason);
    assert_int_equal(a->rental.ordered_at_ms, b->rental.ordered_at_ms);
    assert_int_equal(a->delivery.version, b->delivery.version);
    assert_int_equal(a->delivery.status, b->delivery.status);
    assert_string_equal(a->delivery.reason, b->delivery.reason);
    assert_int_equal(a->updated_at_ms, b->updated_at_ms);
}

static void test_save_and_load_bring_every_column_back(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct information_order orders[3] = { sample(1), sample(2), sample(3) };
    struct information_order loaded;

    orders[1].delivery = (struct information_delivery){ 0 };
    orders[1].rental.product_name[0] = '\0';
    orders[2].rental = (struct information_rental){ 0 };
    for (size_t i = 0; i < KIT_COUNT(orders); i++) {
        assert_int_equal(information_store_save(&fixture->store, &orders[i], &err), KIT_OK);
        assert_int_equal(information_store_load(&fixture->store, orders[i].id, &loaded, &err),
                         KIT_OK);
        assert_orders_equal(&loaded, &orders[i]);
    }
    orders[0].updated_at_ms = 3000;
    assert_int_equal(information_store_save(&fixture->store, &orders[0], &err), KIT_OK);
    assert_int_equal(information_store_load(&fixture->store, orders[0].id, &loaded, &err), KIT_OK);
    assert_orders_equal(&loaded, &orders[0]);
}

static void test_load_absent_is_blank_with_its_id(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct information_order loaded, blank = { .id = { 9 } };

    assert_int_equal(information_store_load(&fixture->store, blank.id, &loaded, &err), KIT_OK);
    assert_orders_equal(&loaded, &blank);
}

static void test_list_leaves_out_what_is_not_shown(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    static struct information_order room[2];
    struct kit_page page = { .number = 0, .size = 2 };

    for (int64_t id = 4; id >= 1; id--) {
        struct information_order order = sample(id);
        if (id == 2)
            order.rental = (struct information_rental){ 0 };
        assert_int_equal(information_store_save(&fixture->store, &order, &err), KIT_OK);
    }
    assert_int_equal(information_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.total, 3);
    assert_int_equal(room[0].id.v, 1);
    assert_int_equal(room[1].id.v, 3);
    page.number = 1;
    assert_int_equal(information_store_list(&fixture->store, &page, room, &err), KIT_OK);
    assert_int_equal(page.count, 1);
    assert_int_equal(room[0].id.v, 4);
}

static void test_checks_refuse_half_an_order(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct information_order order = sample(1), nothing = { .id = { 2 } };
    static const char *const refused[] = {
        "UPDATE my_order SET rental_version = 0", /* a part is there as a whole or not at all */
        "UPDATE my_order SET delivery_version = 0",   "UPDATE my_order SET product_id = NULL",
        "UPDATE my_order SET rental_qty = NULL",      "UPDATE my_order SET rental_qty = 0",
        "UPDATE my_order SET rental_status = 11",     "UPDATE my_order SET compartment = 17",
        "UPDATE my_order SET delivery_status = 12",   "UPDATE my_order SET locker = ''",
        "UPDATE my_order SET delivery_status = NULL", "UPDATE my_order SET ordered_at_ms = NULL",
        "UPDATE my_order SET product_name = ''",      "UPDATE my_order SET updated_at_ms = 'now'",
    };

    assert_int_equal(information_store_save(&fixture->store, &order, &err), KIT_OK);
    for (size_t i = 0; i < KIT_COUNT(refused); i++) {
        int rc = sqlite3_exec(kit_db_handle(fixture->db), refused[i], NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_CONSTRAINT)
            fail_msg("%s: %s", refused[i], sqlite3_errstr(rc));
    }
    assert_int_equal(information_store_save(&fixture->store, &nothing, &err), KIT_E_CONFLICT);
}

/* A database of the version before lockers keeps every row. */
static void test_open_old_database_keeps_rows(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct information_order order;

    open_database(fixture, 1);
    assert_int_equal(sqlite3_exec(kit_db_handle(fixture->db),
                                  "INSERT INTO my_order VALUES (1, 7, 'Desk', 3, 2, NULL, 2, 10,"
                                  " 2, NULL, 2, 20);",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    kit_db_close(fixture->db);

    open_store(fixture);
    assert_int_equal(information_store_load(&fixture->store, (struct rental_id){ 1 }, &order, &err),
                     KIT_OK);
    assert_int_equal(order.delivery.status, DELIVERY_STATUS_DELIVERED);
    assert_int_equal(order.updated_at_ms, 20);
    assert_string_equal(order.delivery.locker, "");
}

/* The order that a row of the version before states had become, by the merges of today. */
static enum order_state merged_state(int64_t rental, int64_t delivery)
{
    struct information_order order = { .id = { 1 } };
    const struct information_rental rental_part = { .version = 1,
                                                    .status = (enum rental_status)rental };
    const struct information_delivery delivery_part = { .version = 1,
                                                        .status = (enum delivery_status)delivery };

    if (delivery > 0)
        assert_true(information_merge_delivery(&order, &delivery_part, 1));
    if (rental > 0)
        assert_true(information_merge_rental(&order, &rental_part, 1));
    return order.state;
}

static int64_t id_of_pair(int64_t rental, int64_t delivery)
{
    return 1 + rental * (DELIVERY_STATUS_MAX + 1) + delivery;
}

static void insert_old_pair(struct kit_db *db, int64_t rental, int64_t delivery)
{
    char sql[300];

    snprintf(sql, sizeof(sql),
             "INSERT INTO my_order (rental_id, product_id, rental_qty, rental_status,"
             " rental_version, ordered_at_ms, delivery_status, delivery_version, updated_at_ms)"
             " VALUES (%d, 7, 1, %d, 1, 1, nullif(%d, 0), %d, 1)",
             (int)id_of_pair(rental, delivery), (int)rental, (int)delivery, delivery > 0);
    assert_int_equal(sqlite3_exec(kit_db_handle(db), sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A database of the version before states: each order gets the state that it would have today. */
static void test_open_old_database_gives_states(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct information_order order;

    open_database(fixture, 3);
    for (int64_t rental = 1; rental <= RENTAL_STATUS_MAX; rental++) {
        for (int64_t delivery = 0; delivery <= DELIVERY_STATUS_MAX; delivery++)
            insert_old_pair(fixture->db, rental, delivery);
    }
    kit_db_close(fixture->db);

    open_store(fixture);
    for (int64_t rental = 1; rental <= RENTAL_STATUS_MAX; rental++) {
        for (int64_t delivery = 0; delivery <= DELIVERY_STATUS_MAX; delivery++) {
            const struct rental_id id = { id_of_pair(rental, delivery) };
            assert_int_equal(information_store_load(&fixture->store, id, &order, &err), KIT_OK);
            assert_in_range(order.state, 1, ORDER_STATE_MAX);
            assert_int_equal(order.state, merged_state(rental, delivery));
        }
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_save_and_load_bring_every_column_back),
        TEST(test_load_absent_is_blank_with_its_id),
        TEST(test_list_leaves_out_what_is_not_shown),
        TEST(test_checks_refuse_half_an_order),
        cmocka_unit_test_setup_teardown(test_open_old_database_keeps_rows, set_up_world, tear_down),
        cmocka_unit_test_setup_teardown(test_open_old_database_gives_states, set_up_world,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

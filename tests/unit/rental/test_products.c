/* The own copy of the products (rules/products.md 1 and 2), as rental runs it; delivery runs the
 * same component. */
#include "rental_fixture.h"

static void feed_product(struct fixture *fixture, const char *name, int qty, int version)
{
    char json[1200];
    (void)snprintf(json, sizeof(json),
                   "{\"id\":7,\"name\":\"%s\",\"registeredQty\":%d,\"registration\":1,"
                   "\"version\":%d,\"tracking\":\"bulk\",\"size\":\"S\"}",
                   name, qty, version);
    struct fake_event event = { "product",      ++fixture->product_seq,
                                "ProductSaved", "product/7",
                                version,        json };
    fake_event(&fixture->rental, &event);
}

static void feed_stock(struct fixture *fixture, int available, int version)
{
    char json[256];
    (void)snprintf(json, sizeof(json),
                   "{\"productId\":7,\"registeredQty\":10,\"registration\":1,\"availableQty\":%d,"
                   "\"reservedQty\":%d,\"rentedQty\":0,\"version\":%d}",
                   available, 10 - available, version);
    struct fake_event event = { "stock", ++fixture->stock_seq, "StockChanged", "stock/7", version,
                                json };
    fake_event(&fixture->rental, &event);
}

static void test_product_first_shows_registered_until_stock_speaks(void **state)
{
    struct fixture *fixture = *state;

    feed_product(fixture, "Desk", 10, 1);
    assert_reply(request(fixture, "product-get", "{\"id\":7}"), "ok",
                 "{\"id\":7,\"name\":\"Desk\",\"qty\":10,\"registeredQty\":10,\"version\":1,"
                 "\"tracking\":\"bulk\",\"size\":\"S\"}");
    feed_stock(fixture, 0, 2);
    assert_reply(request(fixture, "product-get", "{\"id\":7}"), "ok", "\"qty\":0,");
}

static void test_stock_first_is_kept_and_shows_with_the_name(void **state)
{
    struct fixture *fixture = *state;

    feed_stock(fixture, 4, 3);
    assert_reply(request(fixture, "product-get", "{\"id\":7}"), "not_found", "Product 7");
    assert_reply(request(fixture, "product-list", "{\"page\":0,\"size\":5}"), "ok",
                 "{\"items\":[],\"total\":0}");
    feed_product(fixture, "Desk", 10, 1);
    assert_reply(request(fixture, "product-get", "{\"id\":7}"), "ok", "\"qty\":4,");
}

static void test_saved_kind_size_and_gtin_are_kept(void **state)
{
    struct fixture *fixture = *state;
    struct fake_event event = {
        "product",
        ++fixture->product_seq,
        "ProductSaved",
        "product/7",
        1,
        "{\"id\":7,\"name\":\"Drill\",\"registeredQty\":0,\"registration\":1,\"version\":1,"
        "\"tracking\":\"serialised\",\"size\":\"L\",\"gtin\":\"04006381333931\"}",
    };

    fake_event(&fixture->rental, &event);
    fake_service_reopen(&fixture->rental);
    assert_reply(request(fixture, "product-get", "{\"id\":7}"), "ok",
                 "{\"id\":7,\"name\":\"Drill\",\"qty\":0,\"registeredQty\":0,\"version\":1,"
                 "\"tracking\":\"serialised\",\"size\":\"L\",\"gtin\":\"04006381333931\"}");
}

static void test_lower_or_equal_versions_change_nothing(void **state)
{
    struct fixture *fixture = *state;

    feed_product(fixture, "Desk", 10, 2);
    feed_stock(fixture, 4, 5);
    feed_product(fixture, "Old desk", 9, 1);
    feed_product(fixture, "Same desk", 9, 2);
    feed_stock(fixture, 8, 4);
    feed_stock(fixture, 8, 5);
    assert_reply(request(fixture, "product-get", "{\"id\":7}"), "ok",
                 "{\"id\":7,\"name\":\"Desk\",\"qty\":4,\"registeredQty\":10,\"version\":2,"
                 "\"tracking\":\"bulk\",\"size\":\"S\"}");
    feed_product(fixture, "New desk", 12, 3);
    feed_stock(fixture, 6, 6);
    assert_reply(request(fixture, "product-get", "{\"id\":7}"), "ok",
                 "{\"id\":7,\"name\":\"New desk\",\"qty\":6,\"registeredQty\":12,\"version\":3,"
                 "\"tracking\":\"bulk\",\"size\":\"S\"}");
}

static void test_list_pages_and_bad_requests(void **state)
{
    struct fixture *fixture = *state;

    feed_product(fixture, "Desk", 10, 1);
    assert_reply(request(fixture, "product-list", "{\"page\":0,\"size\":5}"), "ok", "\"total\":1");
    assert_reply(request(fixture, "product-list", "{\"page\":1,\"size\":5}"), "ok",
                 "{\"items\":[],\"total\":1}");
    assert_reply(request(fixture, "product-list", "{\"page\":0}"), "invalid", "/size");
    assert_reply(request(fixture, "product-get", "{}"), "invalid", "/id");
    assert_reply(request(fixture, "product-get", "{\"id\":8}"), "not_found", "Product 8");
}

static void test_restart_remembers_products(void **state)
{
    struct fixture *fixture = *state;

    feed_product(fixture, "Desk", 10, 1);
    feed_stock(fixture, 4, 2);
    fake_service_reopen(&fixture->rental);
    assert_reply(request(fixture, "product-get", "{\"id\":7}"), "ok", "\"qty\":4,");
}

static void test_checks_refuse_half_a_product(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    struct kit_db *db = kit_service_db(fixture->rental.service);
    static const char *const refused[] = {
        "UPDATE product SET name = NULL",
        "UPDATE product SET name = ''",
        "UPDATE product SET registered_qty = NULL",
        "UPDATE product SET registered_qty = -1",
        "UPDATE product SET size = 4",
        "UPDATE product SET tracking = NULL",
        "UPDATE product SET available_qty = 3", /* without stock's version */
        "UPDATE product SET stock_version = 3", /* without a quantity */
        "UPDATE product SET stock_version = 1, available_qty = -1",
        "INSERT INTO product (id, product_version, stock_version) VALUES (8, 0, 0)",
    };

    feed_product(fixture, "Desk", 10, 1);
    kit_service_drain(fixture->rental.service); /* ends the quiet batch: the transaction is ours */
    assert_int_equal(kit_db_begin(db, &err), KIT_OK);
    for (size_t i = 0; i < KIT_COUNT(refused); i++) {
        int rc = sqlite3_exec(kit_db_handle(db), refused[i], NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_CONSTRAINT)
            fail_msg("%s: %s", refused[i], sqlite3_errstr(rc));
    }
    kit_db_rollback(db);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_product_first_shows_registered_until_stock_speaks),
        TEST(test_stock_first_is_kept_and_shows_with_the_name),
        TEST(test_saved_kind_size_and_gtin_are_kept),
        TEST(test_lower_or_equal_versions_change_nothing),
        TEST(test_list_pages_and_bad_requests),
        TEST(test_restart_remembers_products),
        TEST(test_checks_refuse_half_a_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

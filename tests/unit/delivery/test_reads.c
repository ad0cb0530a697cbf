/* What delivery shows: deliveries, and its own copy of the products. */
#include "delivery_fixture.h"

static void test_get_gives_every_member(void **state)
{
    struct fixture *fixture = *state;

    feed_rental(fixture, 3, "RentalOrdered", 1);
    assert_reply(request(fixture, "bridge", "get", "{\"id\":3}"), "ok",
                 "{\"id\":3,\"rentalId\":3,\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\","
                 "\"status\":\"REQUESTED\",\"version\":1,"
                 "\"updatedAt\":\"2026-01-01T00:00:00.000Z\"}");
}

static void test_get_unknown_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    assert_reply(request(fixture, "bridge", "get", "{\"id\":3}"), "not_found",
                 "There is no delivery 3");
    assert_reply(request(fixture, "bridge", "get", "{\"id\":-3}"), "invalid", "/id");
}

static void test_list_pages_in_id_order(void **state)
{
    struct fixture *fixture = *state;

    assert_reply(request(fixture, "bridge", "list", "{\"page\":0,\"size\":2}"), "ok",
                 "{\"items\":[],\"total\":0}");
    for (int id = 1; id <= 3; id++)
        feed_rental(fixture, id, "RentalOrdered", 1);
    assert_reply(request(fixture, "bridge", "list", "{\"page\":0,\"size\":2}"), "ok",
                 "\"total\":3");
    const struct fake_message *reply = request(fixture, "bridge", "list",
                                               "{\"page\":1,\"size\":2}");
    assert_reply(reply, "ok", "{\"items\":[{\"id\":3,");
    assert_reply(request(fixture, "bridge", "list", "{\"page\":-1,\"size\":2}"), "invalid",
                 "/page");
}

static void test_products_are_remembered_over_a_restart(void **state)
{
    struct fixture *fixture = *state;
    struct fake_event changed = {
        "stock",
        ++fixture->stock_seq,
        "StockChanged",
        "stock/7",
        1,
        "{\"productId\":7,\"registeredQty\":10,\"registration\":1,\"availableQty\":4,"
        "\"reservedQty\":6,\"rentedQty\":0,\"version\":1}",
    };
    struct fake_event saved = {
        "product",
        1,
        "ProductSaved",
        "product/7",
        1,
        "{\"id\":7,\"name\":\"Desk\",\"registeredQty\":10,\"registration\":1,\"version\":1,"
        "\"tracking\":\"bulk\",\"size\":\"M\"}",
    };

    fake_event(&fixture->delivery, &changed);
    fake_event(&fixture->delivery, &saved);
    fake_service_reopen(&fixture->delivery);
    assert_reply(request(fixture, "bridge", "product-get", "{\"id\":7}"), "ok",
                 "{\"id\":7,\"name\":\"Desk\",\"qty\":4,\"registeredQty\":10,\"version\":1,"
                 "\"tracking\":\"bulk\",\"size\":\"M\"}");
    assert_reply(request(fixture, "bridge", "product-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"total\":1");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_get_gives_every_member),
        TEST(test_get_unknown_is_not_found),
        TEST(test_list_pages_in_id_order),
        TEST(test_products_are_remembered_over_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

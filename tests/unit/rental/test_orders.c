/* Orders: taken at once, whatever else is down (rules 1). */
#include "rental_fixture.h"

static void test_create_is_ordered_at_once_and_appended(void **state)
{
    struct fixture *fixture = *state;

    fake_presence(&fixture->rental, "delivery", false, 2); /* rules 1.1: nobody is asked */
    const struct fake_message *reply = request(
        fixture, "create",
        "{\"productId\":7,\"productName\":\"Desk \\u00e9 \\ud83e\\ude91\",\"qty\":3,"
        "\"fulfilment\":\"direct\"}");
    assert_reply(reply, "ok", "\"id\":1");
    assert_reply(reply, "ok", "\"status\":\"ORDERED\"");
    assert_reply(reply, "ok", "\"productName\":\"Desk \xc3\xa9 \xf0\x9f\xaa\x91\"");
    assert_reply(reply, "ok", "\"orderedAt\":\"2026-01-01T00:00:00.000Z\"");
    assert_int_equal(log_size(fixture), 1);
    assert_log(fixture, 1, "\"type\":\"RentalOrdered\"", "\"subject\":\"rental/1\"");
    assert_log(fixture, 1, "\"version\":1", "\"status\":\"ORDERED\"");
    assert_int_equal(fake_count(fixture->world, "lockstock/v1/stream/rental"), 1);
    assert_metric(fixture, "lockstock_rental_orders_total 1\n");
}

/* What a customer wishes goes along to delivery. */
static void test_create_for_a_locker_keeps_the_wish(void **state)
{
    struct fixture *fixture = *state;
    const struct fake_message *reply = request(
        fixture, "create",
        "{\"productId\":7,\"qty\":3,\"fulfilment\":\"locker\",\"locker\":\"locker-1\"}");

    assert_reply(reply, "ok", "\"fulfilment\":\"locker\",\"status\":\"ORDERED\"");
    assert_reply(reply, "ok", "\"locker\":\"locker-1\"");
    assert_log(fixture, 1, "\"fulfilment\":\"locker\"", "\"locker\":\"locker-1\"");
    fake_service_reopen(&fixture->rental);
    assert_reply(request(fixture, "get", "{\"id\":1}"), "ok", "\"locker\":\"locker-1\"");
    assert_reply(request(fixture, "create",
                         "{\"productId\":7,\"qty\":3,\"fulfilment\":\"locker\","
                         "\"locker\":\"Locker 1\"}"),
                 "invalid", "/locker");
}

/* Rules 1.6 */
static void test_create_without_a_fulfilment_is_direct(void **state)
{
    struct fixture *fixture = *state;
    assert_reply(request(fixture, "create", "{\"productId\":7,\"qty\":1}"), "ok",
                 "\"fulfilment\":\"direct\"");
    assert_reply(request(fixture, "create", "{\"productId\":7,\"qty\":1,\"locker\":\"locker-1\"}"),
                 "invalid", "\"pointer\":\"/locker\"");
    assert_int_equal(log_size(fixture), 1);
}

/* Rules 1.5: the wish would be lost, and the customer would wait at the locker. */
static void test_create_with_a_locker_but_direct_is_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_reply(request(fixture, "create",
                         "{\"productId\":7,\"qty\":1,\"fulfilment\":\"direct\","
                         "\"locker\":\"locker-1\"}"),
                 "invalid", "\"pointer\":\"/locker\"");
    assert_int_equal(log_size(fixture), 0);
}

static void test_create_same_key_is_one_order(void **state)
{
    struct fixture *fixture = *state;
    static const char body[] = "{\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}";

    assert_reply(fake_request(&fixture->rental, "bridge", "create", "k", body), "ok", "\"id\":1");
    assert_reply(fake_request(&fixture->rental, "bridge", "create", "k", body), "ok", "\"id\":1");
    assert_int_equal(log_size(fixture), 1);
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT count(*) FROM rental"), 1);
}

/* The bridge says what was left out in 0.4 for the last time: a key holds over the upgrade. */
static void test_create_same_key_in_two_forms_is_one_order(void **state)
{
    struct fixture *fixture = *state;
    struct fake_service *rental = &fixture->rental;

    assert_reply(fake_request(rental, "bridge", "create", "k",
                              "{\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}"),
                 "ok", "\"id\":1");
    assert_reply(fake_request(rental, "bridge", "create", "k", "{ \"qty\":3, \"productId\":7 }"),
                 "ok", "\"id\":1");
    assert_reply(fake_request(rental, "bridge", "create", "k",
                              "{\"productId\":7,\"qty\":3,\"fulfilment\":\"locker\"}"),
                 "key_reused", "");
    assert_int_equal(log_size(fixture), 1);
}

static void test_create_bad_body_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bodies[] = {
        "{}",
        "[]",
        "{\"productId\":7,\"fulfilment\":\"direct\"}",
        "{\"productId\":7,\"qty\":0,\"fulfilment\":\"direct\"}",
        "{\"productId\":7,\"qty\":1000001,\"fulfilment\":\"direct\"}",
        "{\"productId\":0,\"qty\":1,\"fulfilment\":\"direct\"}",
        "{\"productId\":7,\"qty\":1,\"fulfilment\":\"pigeon\"}",
        "{\"productId\":7,\"qty\":1,\"fulfilment\":\"direct\",\"productName\":\"\"}",
        "{\"productId\":7,\"qty\":1,\"fulfilment\":\"direct\",\"color\":\"red\"}",
    };
    for (size_t i = 0; i < KIT_COUNT(bodies); i++)
        assert_reply(request(fixture, "create", bodies[i]), "invalid", "\"detail\"");
    assert_int_equal(log_size(fixture), 0);
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT count(*) FROM rental"), 0);
}

static void test_create_without_name_takes_it_from_own_copy(void **state)
{
    struct fixture *fixture = *state;
    struct fake_event saved = {
        "product",
        1,
        "ProductSaved",
        "product/7",
        1,
        "{\"id\":7,\"name\":\"Desk\",\"registeredQty\":10,\"registration\":1,\"version\":1,"
        "\"tracking\":\"bulk\",\"size\":\"S\"}",
    };

    order(fixture); /* rules 1.3: not known yet, so none */
    fake_event(&fixture->rental, &saved);
    order(fixture);
    assert_null(strstr(request(fixture, "get", "{\"id\":1}")->payload, "productName"));
    assert_reply(request(fixture, "get", "{\"id\":2}"), "ok", "\"productName\":\"Desk\"");
    assert_log(fixture, 2, "RentalOrdered", "\"productName\":\"Desk\"");
}

static void test_get_unknown_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    assert_reply(request(fixture, "get", "{\"id\":1}"), "not_found", "There is no rental 1");
    assert_reply(request(fixture, "get", "{\"id\":0}"), "invalid", "/id");
}

static void test_list_pages_in_id_order(void **state)
{
    struct fixture *fixture = *state;

    assert_reply(request(fixture, "list", "{\"page\":0,\"size\":2}"), "ok",
                 "{\"items\":[],\"total\":0}");
    for (int i = 0; i < 3; i++)
        order(fixture);
    const struct fake_message *reply = request(fixture, "list", "{\"page\":0,\"size\":2}");
    assert_reply(reply, "ok", "\"total\":3");
    const char *first = strstr(reply->payload, "\"id\":1");
    assert_non_null(first);
    assert_non_null(strstr(first, "\"id\":2"));
    assert_null(strstr(reply->payload, "\"id\":3"));
    assert_reply(request(fixture, "list", "{\"page\":1,\"size\":2}"), "ok", "\"id\":3");
    assert_reply(request(fixture, "list", "{\"page\":0,\"size\":101}"), "invalid", "/size");
}

static void test_list_largest_page_fits_the_answer(void **state)
{
    struct fixture *fixture = *state;
    char body[2048], name[801];

    for (size_t i = 0; i < 200; i++) /* 200 code points of 4 bytes: the longest name */
        memcpy(name + 4 * i, "\xf0\x9f\xaa\x91", 5);
    (void)snprintf(body, sizeof(body),
                   "{\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\",\"productName\":\"%s\"}",
                   name);
    for (int i = 0; i < 101; i++)
        assert_reply(request(fixture, "create", body), "ok", name);
    const struct fake_message *reply = request(fixture, "list", "{\"page\":0,\"size\":100}");
    assert_reply(reply, "ok", "\"id\":100,");
    assert_reply(reply, "ok", "\"total\":101");
}

static void test_restart_forgets_nothing(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    fake_service_reopen(&fixture->rental);
    assert_reply(request(fixture, "get", "{\"id\":1}"), "ok", "\"status\":\"ORDERED\"");
    assert_reply(
        request(fixture, "create", "{\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}"), "ok",
        "\"id\":2");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_create_is_ordered_at_once_and_appended),
        TEST(test_create_for_a_locker_keeps_the_wish),
        TEST(test_create_without_a_fulfilment_is_direct),
        TEST(test_create_with_a_locker_but_direct_is_refused),
        TEST(test_create_same_key_is_one_order),
        TEST(test_create_same_key_in_two_forms_is_one_order),
        TEST(test_create_bad_body_changes_nothing),
        TEST(test_create_without_name_takes_it_from_own_copy),
        TEST(test_get_unknown_is_not_found),
        TEST(test_list_pages_in_id_order),
        TEST(test_list_largest_page_fits_the_answer),
        TEST(test_restart_forgets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

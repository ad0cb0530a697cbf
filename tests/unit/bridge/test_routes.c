/* Every path of the API on every port, and paths that must not be mistaken for one. */
#include <stdio.h>
#include <string.h>

#include "bridge/routes.h"
#include "bridge/token.h"
#include "fakes/cmocka_all.h"

struct known {
    enum bridge_port port;
    enum http_method method;
    const char *path;
    const char *service;
    const char *rpc;
    int status;
};

static const struct known all_known[] = {
    { BRIDGE_PORT_ALL, HTTP_POST, "/products", "product", "create", 201 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/products", "product", "list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/products/7", "product", "get", 200 },
    { BRIDGE_PORT_ALL, HTTP_HEAD, "/products/7", "product", "get", 200 },
    { BRIDGE_PORT_ALL, HTTP_PATCH, "/products/7", "product", "update", 200 },
    { BRIDGE_PORT_ALL, HTTP_POST, "/rentals", "rental", "create", 201 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/rentals", "rental", "list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/rentals/7", "rental", "get", 200 },
    { BRIDGE_PORT_ALL, HTTP_DELETE, "/rentals/7", "rental", "cancel", 204 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/rentals/products", "rental", "product-list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/rentals/products/7", "rental", "product-get", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/deliveries", "delivery", "list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/deliveries/7", "delivery", "get", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/deliveries/products", "delivery", "product-list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/deliveries/products/7", "delivery", "product-get", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/myOrders", "information", "list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/myOrders/7", "information", "get", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/myOrders/7/story", "information", "story", 200 },
    { BRIDGE_PORT_INFORMATION, HTTP_GET, "/myOrders/7/story", "information", "story", 200 },
    { BRIDGE_PORT_PRODUCT, HTTP_POST, "/products", "product", "create", 201 },
    { BRIDGE_PORT_PRODUCT, HTTP_GET, "/products", "product", "list", 200 },
    { BRIDGE_PORT_PRODUCT, HTTP_GET, "/products/7", "product", "get", 200 },
    { BRIDGE_PORT_PRODUCT, HTTP_PATCH, "/products/7", "product", "update", 200 },
    { BRIDGE_PORT_RENTAL, HTTP_POST, "/rentals", "rental", "create", 201 },
    { BRIDGE_PORT_RENTAL, HTTP_GET, "/rentals", "rental", "list", 200 },
    { BRIDGE_PORT_RENTAL, HTTP_GET, "/rentals/7", "rental", "get", 200 },
    { BRIDGE_PORT_RENTAL, HTTP_DELETE, "/rentals/7", "rental", "cancel", 204 },
    { BRIDGE_PORT_RENTAL, HTTP_GET, "/products", "rental", "product-list", 200 },
    { BRIDGE_PORT_RENTAL, HTTP_GET, "/products/7", "rental", "product-get", 200 },
    { BRIDGE_PORT_DELIVERY, HTTP_GET, "/deliveries", "delivery", "list", 200 },
    { BRIDGE_PORT_DELIVERY, HTTP_GET, "/deliveries/7", "delivery", "get", 200 },
    { BRIDGE_PORT_DELIVERY, HTTP_GET, "/products", "delivery", "product-list", 200 },
    { BRIDGE_PORT_DELIVERY, HTTP_GET, "/products/7", "delivery", "product-get", 200 },
    { BRIDGE_PORT_INFORMATION, HTTP_GET, "/myOrders", "information", "list", 200 },
    { BRIDGE_PORT_INFORMATION, HTTP_GET, "/myOrders/7", "information", "get", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/deliveries/7/pickup-code", "delivery", "pickup-code", 200 },
    { BRIDGE_PORT_DELIVERY, HTTP_POST, "/deliveries/7/return", "delivery", "return", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/lockers", "delivery", "locker-list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/lockers/locker-1", "delivery", "locker-get", 200 },
    { BRIDGE_PORT_ALL, HTTP_POST, "/lockers/locker-1/out-of-service", "delivery", "compartment-out",
      200 },
    { BRIDGE_PORT_DELIVERY, HTTP_POST, "/lockers/locker-1/in-service", "delivery", "compartment-in",
      200 },
    { BRIDGE_PORT_ALL, HTTP_POST, "/lockers/locker-1/acts", "delivery", "locker-act", 200 },
    { BRIDGE_PORT_DELIVERY, HTTP_GET, "/lockers/locker-1/acts", "delivery", "locker-acts", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/assets", "stock", "asset-list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/assets/7", "stock", "asset-get", 200 },
    { BRIDGE_PORT_ALL, HTTP_PATCH, "/assets/7", "stock", "asset-move", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/picks", "stock", "pick-list", 200 },
    { BRIDGE_PORT_ALL, HTTP_POST, "/scans", "stock", "scan", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/devices/stock", "stock", "device-list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/devices/stock/desk-1", "stock", "device-get", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/devices/delivery", "delivery", "device-list", 200 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/devices/delivery/locker-1", "delivery", "device-get", 200 },
/* clang-format off */
#define LETTERS_OF(service)                                                                        \
    { BRIDGE_PORT_ALL, HTTP_GET, ("/dead-letters/" service), service, "letter-list", 200 },        \
    { BRIDGE_PORT_ALL, HTTP_POST, ("/dead-letters/" service "/7/retry"), service, "letter-retry",  \
      200 },                                                                                       \
    { BRIDGE_PORT_ALL, HTTP_POST, ("/dead-letters/" service "/7/skip"), service, "letter-skip",    \
      200 }
    /* clang-format on */
    LETTERS_OF("product"),
    LETTERS_OF("rental"),
    LETTERS_OF("delivery"),
    LETTERS_OF("stock"),
    LETTERS_OF("information"),
    { BRIDGE_PORT_ALL, HTTP_POST, "/sessions", "account", "session-open", 201 },
    { BRIDGE_PORT_ALL, HTTP_DELETE, "/sessions", "account", "session-end", 204 },
    { BRIDGE_PORT_ALL, HTTP_DELETE, "/sessions/current", "account", "session-end", 204 },
    { BRIDGE_PORT_ALL, HTTP_POST, "/passwords", "account", "password-set", 204 },
    { BRIDGE_PORT_ALL, HTTP_GET, "/simulator", "simulator", "get", 200 },
    { BRIDGE_PORT_ALL, HTTP_POST, "/simulator/actions", "simulator", "act", 200 },
};

static void test_route_find_known_path_finds_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(all_known); i++) {
        const struct known *known = &all_known[i];
        struct route_match match;

        route_find(known->port, known->method, known->path, &match);
        assert_int_equal(match.outcome, ROUTE_FOUND);
        assert_string_equal(match.route->service, known->service);
        assert_string_equal(match.route->rpc, known->rpc);
        assert_int_equal(match.route->status, known->status);
        assert_int_equal(match.id, strchr(known->path, '7') == NULL ? 0 : 7);
    }
}

/* The list above and the table say the same: each row that asks a service is reached by one of
 * them. */
static void test_route_table_every_row_is_reachable(void **state)
{
    bool seen[96] = { false };

    (void)state;
    assert_true(bridge_route_count <= KIT_COUNT(seen));
    for (size_t i = 0; i < KIT_COUNT(all_known); i++) {
        struct route_match match;
        route_find(all_known[i].port, all_known[i].method, all_known[i].path, &match);
        seen[match.route - bridge_routes] = true;
    }
    for (size_t i = 0; i < bridge_route_count; i++)
        assert_true(seen[i] || strstr(bridge_routes[i].path, "{?search}") != NULL ||
                    bridge_routes[i].service == NULL);
}

/* The query of a list may ask for another row, that behind its own. */
static void test_route_for_query_asks_what_the_query_says(void **state)
{
    static const struct {
        enum bridge_port port;
        const char *path, *query, *rpc;
    } rows[] = {
        { BRIDGE_PORT_ALL, "/myOrders", "", "list" },
        { BRIDGE_PORT_ALL, "/myOrders", "page=1&size=2", "list" },
        { BRIDGE_PORT_ALL, "/myOrders", "status=READY", "search" },
        { BRIDGE_PORT_INFORMATION, "/myOrders", "size=2&ids=3", "search" },
        { BRIDGE_PORT_ALL, "/myOrders/7", "status=READY", "get" },
        { BRIDGE_PORT_ALL, "/rentals", "status=READY", "list" },
        { BRIDGE_PORT_ALL, "/assets", "order=3", "asset-search" },
        { BRIDGE_PORT_ALL, "/assets", "label=asset:D1", "asset-list" },
        { BRIDGE_PORT_PRODUCT, "/products", "q=desk", "search" },
        { BRIDGE_PORT_RENTAL, "/products", "q=desk", "product-list" },
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct route_match match;
        route_find(rows[i].port, HTTP_GET, rows[i].path, &match);
        assert_string_equal(route_for_query(match.route, rows[i].query)->rpc, rows[i].rpc);
    }
}

static void test_route_find_index_and_help_on_every_port(void **state)
{
    struct route_match match;

    (void)state;
    for (int port = 0; port < BRIDGE_PORT_COUNT; port++) {
        route_find((enum bridge_port)port, HTTP_GET, "/", &match);
        assert_int_equal(match.outcome, ROUTE_FOUND);
        assert_int_equal(match.route->kind, ROUTE_INDEX);
        route_find((enum bridge_port)port, HTTP_GET, "/problems/refused", &match);
        assert_int_equal(match.outcome, ROUTE_FOUND);
        assert_int_equal(match.route->kind, ROUTE_HELP);
        assert_string_equal(match.rest, "refused");
    }
}

static void test_route_find_other_ports_path_is_unknown(void **state)
{
    static const struct {
        enum bridge_port port;
        const char *path;
    } rows[] = {
        { BRIDGE_PORT_PRODUCT, "/rentals" },     { BRIDGE_PORT_PRODUCT, "/myOrders/1" },
        { BRIDGE_PORT_RENTAL, "/deliveries" },   { BRIDGE_PORT_RENTAL, "/myOrders" },
        { BRIDGE_PORT_DELIVERY, "/rentals/1" },  { BRIDGE_PORT_INFORMATION, "/products" },
        { BRIDGE_PORT_INFORMATION, "/rentals" },
    };
    struct route_match match;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        route_find(rows[i].port, HTTP_GET, rows[i].path, &match);
        assert_int_equal(match.outcome, ROUTE_UNKNOWN_PATH);
        assert_null(match.route);
        assert_int_equal(match.allow, 0);
    }
}

static void test_route_find_bad_id_is_told(void **state)
{
    static const char *const ids[] = {
        "abc",
        "0",
        "-1",
        "+1",
        "1.5",
        "01",
        "9223372036854775808",
        "9007199254740992",
        "%2e%2e",
        "..",
        "+",
        "#",
        "%23",
        " 1",
        "1 ",
        "1e3",
        "0x1",
        "%31",
        "1\n",
        "\xc3\xa4",
        "1;a=b",
        "*",
    };
    static const char *const collections[] = { "/products",         "/rentals",
                                               "/deliveries",       "/myOrders",
                                               "/rentals/products", "/deliveries/products" };
    struct route_match match;
    char path[80];

    (void)state;
    for (size_t c = 0; c < KIT_COUNT(collections); c++) {
        for (size_t i = 0; i < KIT_COUNT(ids); i++) {
            snprintf(path, sizeof(path), "%s/%s", collections[c], ids[i]);
            route_find(BRIDGE_PORT_ALL, HTTP_GET, path, &match);
            assert_int_equal(match.outcome, ROUTE_BAD_ID);
            assert_int_equal(match.id, 0);
        }
    }
}

static void test_route_find_largest_id_is_found(void **state)
{
    struct route_match match;

    (void)state;
    route_find(BRIDGE_PORT_ALL, HTTP_GET, "/rentals/9007199254740991", &match);
    assert_int_equal(match.outcome, ROUTE_FOUND);
    assert_true(match.id == BRIDGE_ID_MAX);
}

static void test_route_find_unknown_path_is_told(void **state)
{
    static const char *const paths[] = {
        "",
        "products",
        "/product",
        "/products/",
        "/products/1/",
        "//products",
        "/products//1",
        "/products/1/../2",
        "/products/./1",
        "/Products",
        "/myorders",
        "/%70roducts",
        "/rentals/1/2",
        "/rentals/products/1/2",
        "/problems",
        "/problems/a/b",
        "/..",
        "*",
        "/products\xff",
    };
    struct route_match match;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(paths); i++) {
        route_find(BRIDGE_PORT_ALL, HTTP_GET, paths[i], &match);
        assert_int_equal(match.outcome, ROUTE_UNKNOWN_PATH);
    }
}

static void test_route_find_wrong_method_says_what_is_allowed(void **state)
{
    static const struct {
        enum bridge_port port;
        enum http_method method;
        const char *path;
        const char *allow;
    } rows[] = {
        { BRIDGE_PORT_ALL, HTTP_DELETE, "/products", "GET, HEAD, POST, OPTIONS" },
        { BRIDGE_PORT_ALL, HTTP_POST, "/products/1", "GET, HEAD, PATCH, OPTIONS" },
        { BRIDGE_PORT_ALL, HTTP_OTHER, "/rentals/1", "GET, HEAD, DELETE, OPTIONS" },
        { BRIDGE_PORT_ALL, HTTP_DELETE, "/rentals/products", "GET, HEAD, OPTIONS" },
        { BRIDGE_PORT_ALL, HTTP_POST, "/deliveries", "GET, HEAD, OPTIONS" },
        { BRIDGE_PORT_ALL, HTTP_PATCH, "/myOrders/1", "GET, HEAD, OPTIONS" },
        { BRIDGE_PORT_RENTAL, HTTP_POST, "/products", "GET, HEAD, OPTIONS" },
        { BRIDGE_PORT_ALL, HTTP_POST, "/", "GET, HEAD, OPTIONS" },
    };
    struct route_match match;
    char allow[HTTP_ALLOW_SIZE];

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        route_find(rows[i].port, rows[i].method, rows[i].path, &match);
        assert_int_equal(match.outcome, ROUTE_WRONG_METHOD);
        http_allow_text(match.allow, allow);
        assert_string_equal(allow, rows[i].allow);
    }
}

static void test_route_find_options_is_its_own_outcome(void **state)
{
    struct route_match match;

    (void)state;
    route_find(BRIDGE_PORT_ALL, HTTP_OPTIONS, "/rentals", &match);
    assert_int_equal(match.outcome, ROUTE_OPTIONS);
    route_find(BRIDGE_PORT_ALL, HTTP_OPTIONS, "/nothing", &match);
    assert_int_equal(match.outcome, ROUTE_UNKNOWN_PATH);
}

static void test_route_find_collection_is_path_without_id(void **state)
{
    struct route_match match;

    (void)state;
    route_find(BRIDGE_PORT_ALL, HTTP_GET, "/rentals/products/12", &match);
    assert_int_equal(match.collection_length, strlen("/rentals/products"));
    route_find(BRIDGE_PORT_ALL, HTTP_GET, "/myOrders", &match);
    assert_int_equal(match.collection_length, strlen("/myOrders"));
}

static void test_http_method_from_text_is_exact(void **state)
{
    (void)state;
    assert_int_equal(http_method_from_text("GET"), HTTP_GET);
    assert_int_equal(http_method_from_text("OPTIONS"), HTTP_OPTIONS);
    assert_int_equal(http_method_from_text("PUT"), HTTP_OTHER);
    assert_int_equal(http_method_from_text("TRACE"), HTTP_OTHER);
    assert_int_equal(http_method_from_text("get"), HTTP_UNKNOWN);
    assert_int_equal(http_method_from_text("CONNECT"), HTTP_UNKNOWN);
    assert_int_equal(http_method_from_text(""), HTTP_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_route_find_known_path_finds_service),
        cmocka_unit_test(test_route_table_every_row_is_reachable),
        cmocka_unit_test(test_route_for_query_asks_what_the_query_says),
        cmocka_unit_test(test_route_find_index_and_help_on_every_port),
        cmocka_unit_test(test_route_find_other_ports_path_is_unknown),
        cmocka_unit_test(test_route_find_bad_id_is_told),
        cmocka_unit_test(test_route_find_largest_id_is_found),
        cmocka_unit_test(test_route_find_unknown_path_is_told),
        cmocka_unit_test(test_route_find_wrong_method_says_what_is_allowed),
        cmocka_unit_test(test_route_find_options_is_its_own_outcome),
        cmocka_unit_test(test_route_find_collection_is_path_without_id),
        cmocka_unit_test(test_http_method_from_text_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

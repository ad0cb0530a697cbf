/* Lists that are looked through: which queries that are, what they say, and the links that go on.
 */
#include <stdio.h>
#include <string.h>

#include "bridge/handlers.h"
#include "bridge/search.h"
#include "fakes/cmocka_all.h"

static void test_search_is_asked_by_any_name_but_the_size(void **state)
{
    (void)state;
    assert_false(search_is_asked("", QUERY_ORDER_SEARCH));
    assert_false(search_is_asked("page=1&size=20", QUERY_ORDER_SEARCH));
    assert_false(search_is_asked("size=20", QUERY_ORDER_SEARCH));
    assert_false(search_is_asked("name=x", QUERY_ORDER_SEARCH));
    assert_false(search_is_asked("status", QUERY_ORDER_SEARCH));
    assert_false(search_is_asked("status=READY", QUERY_PAGE));
    assert_true(search_is_asked("status=", QUERY_ORDER_SEARCH));
    assert_true(search_is_asked("page=1&sort=newest", QUERY_ORDER_SEARCH));
    assert_true(search_is_asked("after=7", QUERY_ORDER_SEARCH));
}

/* As the service gets it. */
static void assert_asks(route_ask_cb ask, const char *query, const char *request)
{
    const struct exchange exchange = {
        .place = { .host = "shop", .collection = "/myOrders", .query = query }
    };
    struct kit_error err = { 0 };
    struct kit_buf out;

    kit_buf_init(&out, 1 << 16);
    if (ask(&exchange, NULL, &out, &err) != KIT_OK)
        fail_msg("%s: %s", query, err.text);
    kit_buf_add(&out, "", 1);
    assert_string_equal(out.data, request);
    kit_buf_done(&out);
}

static void test_search_read_valid_query_is_asked(void **state)
{
    (void)state;
    assert_asks(order_ask_search, "sort=oldest", "{\"size\":20}");
    assert_asks(order_ask_search, "status=READY%2CCANCELED_OutOfStock&sort=newest&size=7&after=12",
                "{\"size\":7,\"after\":12,\"sort\":\"newest\",\"states\":[{\"state\":\"READY\"},"
                "{\"state\":\"CANCELED_OutOfStock\"}]}");
    assert_asks(order_ask_search, "ids=3,9007199254740991&product=2,1&locker=locker-1",
                "{\"size\":20,\"ids\":[{\"id\":3},{\"id\":9007199254740991}],"
                "\"products\":[{\"id\":2},{\"id\":1}],\"locker\":\"locker-1\"}");
}

static void assert_refused(const char *query)
{
    static struct search_query read;
    struct kit_error err = { 0 };

    if (search_read(query, QUERY_ORDER_SEARCH, &read, &err) != KIT_E_INVALID)
        fail_msg("%s is taken", query);
    assert_string_equal(err.type, "invalid-query");
    assert_true(strlen(err.text) > 20);
}

static void test_search_read_what_is_wrong_is_refused(void **state)
{
    static const char *const queries[] = {
        "status=",
        "status=ready",
        "status=REQUESTED",
        "status=READY,",
        "status=READY,,PICKED",
        "status=READY&status=PICKED",
        "status=READY&page=0",
        "status=READY&name=x",
        "status=READY&&size=2",
        "status",
        "sort=",
        "sort=name",
        "sort=newest,oldest",
        "ids=",
        "ids=0",
        "ids=03",
        "ids=3,",
        "ids=a",
        "ids=9007199254740992",
        "product=1,2,3,4,5,6,7,8,9,10,11",
        "product=-1",
        "locker=",
        "locker=Locker-1",
        "locker=locker-1&product=1",
        "after=",
        "after=0",
        "after=x",
        "size=0&sort=newest",
        "size=101&sort=newest",
        "sort=%6",
        "sort=%6gnewest",
        "sort=newest%00",
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(queries); i++)
        assert_refused(queries[i]);
}

static void append(char *text, size_t size, const char *more)
{
    const size_t length = strlen(text);
    snprintf(text + length, size - length, ",%s", more);
}

static void test_search_read_as_many_as_there_may_be(void **state)
{
    char ids[800] = "ids=1", states[300] = "status=ORDERED";
    static struct search_query read;
    struct kit_error err = { 0 };

    (void)state;
    for (int id = 2; id <= 100; id++)
        append(ids, sizeof(ids), "17");
    assert_int_equal(search_read(ids, QUERY_ORDER_SEARCH, &read, &err), KIT_OK);
    assert_int_equal(read.order.ids_count, 100);
    append(ids, sizeof(ids), "101");
    assert_refused(ids);
    for (int one = 2; one <= ORDER_STATE_MAX; one++)
        append(states, sizeof(states), order_state_text((enum order_state)one));
    assert_int_equal(search_read(states, QUERY_ORDER_SEARCH, &read, &err), KIT_OK);
    assert_int_equal(read.order.states_count, ORDER_STATE_MAX);
    append(states, sizeof(states), "READY");
    assert_refused(states);
}

static void test_search_of_assets_and_products(void **state)
{
    static const struct {
        enum query_kind kind;
        const char *query, *request; /* NULL: refused */
    } rows[] = {
        { QUERY_ASSET_SEARCH, "order=3&size=7", "{\"size\":7,\"order\":3}" },
        { QUERY_ASSET_SEARCH, "product=1&after=9", "{\"size\":20,\"after\":9,\"product\":1}" },
        { QUERY_ASSET_SEARCH, "place=compartment:locker-1%2F03",
          "{\"size\":20,\"place\":\"compartment:locker-1/03\"}" },
        { QUERY_ASSET_SEARCH, "after=9", "{\"size\":20,\"after\":9}" },
        { QUERY_ASSET_SEARCH, "order=3&product=1", NULL },
        { QUERY_ASSET_SEARCH, "order=x", NULL },
        { QUERY_ASSET_SEARCH, "product=1,2", NULL },
        { QUERY_ASSET_SEARCH, "place=bin", NULL },
        { QUERY_ASSET_SEARCH, "place=bin:", NULL },
        { QUERY_ASSET_SEARCH, "place=Bin:A", NULL },
        { QUERY_ASSET_SEARCH, "place=bin:%C3%A9", NULL },
        { QUERY_ASSET_SEARCH, "order=3&label=asset:D1", NULL },
        { QUERY_ASSET_SEARCH, "order=3&status=READY", NULL },
        { QUERY_PRODUCT_SEARCH, "q=standing%20desk&size=3",
          "{\"size\":3,\"text\":\"standing desk\"}" },
        { QUERY_PRODUCT_SEARCH, "q=%C3%A9", "{\"size\":20,\"text\":\"\xc3\xa9\"}" },
        { QUERY_PRODUCT_SEARCH, "q=", NULL },
        { QUERY_PRODUCT_SEARCH, "q=%C3", NULL },
        { QUERY_PRODUCT_SEARCH, "q=a%0Ab", NULL },
        { QUERY_PRODUCT_SEARCH, "q=a&q=b", NULL },
        { QUERY_PRODUCT_SEARCH, "q=a&page=1", NULL },
        { QUERY_PRODUCT_SEARCH,
          "q=12345678901234567890123456789012345678901234567890123456789012345", NULL },
    };
    static struct search_query read;
    struct kit_error err = { 0 };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        const int code = rows[i].request != NULL ? KIT_OK : KIT_E_INVALID;
        if (search_read(rows[i].query, rows[i].kind, &read, &err) != code)
            fail_msg("%s: %s", rows[i].query, err.text);
        assert_true(search_is_asked(rows[i].query, rows[i].kind));
        if (code == KIT_OK)
            assert_asks(rows[i].kind == QUERY_ASSET_SEARCH ? asset_ask_search : product_ask_search,
                        rows[i].query, rows[i].request);
    }
}

static void test_search_link_goes_on_with_the_same_query(void **state)
{
    static const struct {
        const char *query, *next;
    } rows[] = {
        { "status=READY", "http://shop/myOrders?status=READY&after=7" },
        { "after=9&status=READY&size=2", "http://shop/myOrders?status=READY&size=2&after=7" },
        { "status=READY&after=9", "http://shop/myOrders?status=READY&after=7" },
        { "after=9", "http://shop/myOrders?after=7" },
    };
    static struct msg_http_search_links links;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        const struct hal_place place = { .host = "shop",
                                         .collection = "/myOrders",
                                         .query = rows[i].query };
        char self[100];
        search_link(&place, 7, &links);
        snprintf(self, sizeof(self), "http://shop/myOrders?%s", rows[i].query);
        assert_string_equal(links.self.href, self);
        assert_true(links.has_next);
        assert_string_equal(links.next.href, rows[i].next);
        search_link(&place, 0, &links);
        assert_false(links.has_next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search_is_asked_by_any_name_but_the_size),
        cmocka_unit_test(test_search_read_valid_query_is_asked),
        cmocka_unit_test(test_search_read_what_is_wrong_is_refused),
        cmocka_unit_test(test_search_read_as_many_as_there_may_be),
        cmocka_unit_test(test_search_of_assets_and_products),
        cmocka_unit_test(test_search_link_goes_on_with_the_same_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Links: absolute, on the path as served, with pages as Spring Data REST had them. */
#include <string.h>

#include "bridge/hal.h"
#include "bridge/headers.h"
#include "fakes/cmocka_all.h"

static const struct hal_place place = { .host = "localhost:8080",
                                        .collection = "/rentals/products",
                                        .query = "" };

static struct msg_paging fill(const struct hal_place *at, int64_t number, int64_t size,
                              int64_t total)
{
    const struct page_query query = { .number = number, .size = size };
    struct msg_paging paging;

    memset(&paging, 0, sizeof(paging));
    hal_fill_paging(at, &query, total, &paging);
    return paging;
}

static bool has_any(const struct msg_paging *paging)
{
    const struct msg_paging_links *links = &paging->links;
    return links->has_first || links->has_prev || links->has_next || links->has_last;
}

static void test_hal_write_item_is_host_collection_id_rest(void **state)
{
    char href[HAL_HREF_SIZE];

    (void)state;
    hal_write_item(&place, 9007199254740991, "", href);
    assert_string_equal(href, "http://localhost:8080/rentals/products/9007199254740991");
    hal_write_item(&place, 7, "/pickup-code", href);
    assert_string_equal(href, "http://localhost:8080/rentals/products/7/pickup-code");
    hal_write_path(&place, "/", href);
    assert_string_equal(href, "http://localhost:8080/");
    const struct hal_place tls = {
        .is_https = true, .host = "shop", .collection = "/rentals", .query = ""
    };
    hal_write_item(&tls, 7, "", href);
    assert_string_equal(href, "https://shop/rentals/7");
}

/* The longest host that header_is_host() takes; "http://" before it, 206 bytes together. */
static const char *longest_host(void)
{
    static char host[BRIDGE_HOST_SIZE];

    memset(host, 'h', sizeof(host) - 1);
    return host;
}

static void test_hal_pages_of_a_tour_stay_in_it(void **state)
{
    const struct hal_place at = { .host = "shop",
                                  .collection = "/picks",
                                  .query = "page=1&sort=tour&size=2" };
    const struct page_query query = { .number = 1, .size = 2, .is_tour = true };
    struct msg_paging paging = { 0 };

    (void)state;
    hal_fill_paging(&at, &query, 7, &paging);
    assert_string_equal(paging.links.self.href, "http://shop/picks?page=1&sort=tour&size=2");
    assert_string_equal(paging.links.next.href, "http://shop/picks?page=2&size=2&sort=tour");
    assert_string_equal(paging.links.last.href, "http://shop/picks?page=3&size=2&sort=tour");
}

static void test_hal_longest_host_is_written_whole(void **state)
{
    const struct hal_place far = { .host = longest_host(),
                                   .collection = "/deliveries/products",
                                   .query = "page=999999999&size=100" };
    char href[HAL_HREF_SIZE];

    (void)state;
    hal_write_item(&far, 9007199254740991, "/pickup-code", href);
    assert_int_equal(strlen(href),
                     206 + strlen("/deliveries/products/9007199254740991/pickup-code"));
    assert_non_null(strstr(href, "h/deliveries/products/9007199254740991/pickup-code"));
    const struct msg_paging paging = fill(&far, 999999999, 100, 9007199254740991);
    assert_int_equal(strlen(paging.links.self.href),
                     206 + strlen("/deliveries/products?page=999999999&size=100"));
    assert_non_null(strstr(paging.links.self.href, "?page=999999999&size=100"));
}

static void test_hal_has_room_up_to_the_longest_href(void **state)
{
    char query[HAL_HREF_SIZE];
    const struct hal_place far = { .host = longest_host(),
                                   .collection = "/assets",
                                   .query = query };
    const size_t room = HAL_HREF_SIZE - 1 - 206 - strlen("/assets?");

    (void)state;
    memset(query, 'q', room);
    query[room] = '\0';
    assert_true(hal_has_room(&far));
    const struct msg_paging paging = fill(&far, 0, 1, 1);
    assert_int_equal(strlen(paging.links.self.href), HAL_HREF_SIZE - 1);
    query[room] = 'q';
    query[room + 1] = '\0';
    assert_false(hal_has_room(&far));
}

static void test_hal_fill_paging_only_page_has_only_self(void **state)
{
    (void)state;
    const struct msg_paging paging = fill(&place, 0, 20, 20);
    assert_int_equal(paging.page.total_pages, 1);
    assert_string_equal(paging.links.self.href, "http://localhost:8080/rentals/products");
    assert_false(has_any(&paging));
}

static void test_hal_fill_paging_empty_list_has_no_pages(void **state)
{
    (void)state;
    const struct msg_paging paging = fill(&place, 0, 20, 0);
    assert_int_equal(paging.page.total_pages, 0);
    assert_int_equal(paging.page.total_elements, 0);
    assert_false(has_any(&paging));
}

static void test_hal_fill_paging_first_of_many_has_next(void **state)
{
    (void)state;
    const struct msg_paging paging = fill(&place, 0, 20, 41);
    const struct msg_paging_links *links = &paging.links;
    assert_int_equal(paging.page.total_pages, 3);
    assert_true(links->has_first && links->has_next && links->has_last);
    assert_false(links->has_prev);
    assert_string_equal(links->first.href, "http://localhost:8080/rentals/products?page=0&size=20");
    assert_string_equal(links->next.href, "http://localhost:8080/rentals/products?page=1&size=20");
    assert_string_equal(links->last.href, "http://localhost:8080/rentals/products?page=2&size=20");
}

static void test_hal_fill_paging_middle_keeps_query_in_self(void **state)
{
    const struct hal_place queried = { .host = "localhost:8080",
                                       .collection = "/rentals",
                                       .query = "size=1&page=1" };

    (void)state;
    const struct msg_paging paging = fill(&queried, 1, 1, 3);
    const struct msg_paging_links *links = &paging.links;
    assert_string_equal(links->self.href, "http://localhost:8080/rentals?size=1&page=1");
    assert_string_equal(links->prev.href, "http://localhost:8080/rentals?page=0&size=1");
    assert_string_equal(links->next.href, "http://localhost:8080/rentals?page=2&size=1");
}

static void test_hal_fill_paging_beyond_the_end_leads_back(void **state)
{
    (void)state;
    struct msg_paging paging = fill(&place, 9, 20, 21);
    assert_true(paging.links.has_first && paging.links.has_prev && paging.links.has_last);
    assert_false(paging.links.has_next);
    assert_string_equal(paging.links.prev.href,
                        "http://localhost:8080/rentals/products?page=8&size=20");
    assert_string_equal(paging.links.last.href,
                        "http://localhost:8080/rentals/products?page=1&size=20");
    paging = fill(&place, 9, 20, 0);
    assert_string_equal(paging.links.last.href,
                        "http://localhost:8080/rentals/products?page=0&size=20");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hal_write_item_is_host_collection_id_rest),
        cmocka_unit_test(test_hal_pages_of_a_tour_stay_in_it),
        cmocka_unit_test(test_hal_longest_host_is_written_whole),
        cmocka_unit_test(test_hal_has_room_up_to_the_longest_href),
        cmocka_unit_test(test_hal_fill_paging_only_page_has_only_self),
        cmocka_unit_test(test_hal_fill_paging_empty_list_has_no_pages),
        cmocka_unit_test(test_hal_fill_paging_first_of_many_has_next),
        cmocka_unit_test(test_hal_fill_paging_middle_keeps_query_in_self),
        cmocka_unit_test(test_hal_fill_paging_beyond_the_end_leads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Links: absolute, on the path as served, with pages as Spring Data REST had them. */
#include <string.h>

#include "bridge/hal.h"
#include "fakes/cmocka_all.h"

static const struct hal_place place = { "localhost:8080", "/rentals/products", "" };

static void test_hal_item_href_is_host_collection_id(void **state)
{
    char href[HAL_HREF_SIZE];

    (void)state;
    const size_t length = hal_item_href(&place, 9007199254740991, href);
    assert_string_equal(href, "http://localhost:8080/rentals/products/9007199254740991");
    assert_int_equal(length, strlen(href));
}

static void test_hal_item_href_longest_host_fits(void **state)
{
    char host[BRIDGE_HOST_SIZE];
    char href[HAL_HREF_SIZE];
    struct hal_page page;
    const struct page_query query = { 999999999, 100 };

    (void)state;
    memset(host, 'h', sizeof(host));
    host[sizeof(host) - 1] = '\0';
    const struct hal_place far = { host, "/deliveries/products", "page=999999999&size=100" };
    assert_true(hal_item_href(&far, 9007199254740991, href) < HAL_HREF_SIZE);
    hal_page_fill(&far, &query, 9007199254740991, &page);
    assert_true(strlen(page.self) < HAL_HREF_SIZE);
}

static void test_hal_page_only_page_has_only_self(void **state)
{
    struct hal_page page;

    (void)state;
    hal_page_fill(&place, &(struct page_query){ 0, 20 }, 20, &page);
    assert_int_equal(page.total_pages, 1);
    assert_string_equal(page.self, "http://localhost:8080/rentals/products");
    assert_false(page.has_first || page.has_prev || page.has_next || page.has_last);
}

static void test_hal_page_empty_list_has_no_pages(void **state)
{
    struct hal_page page;

    (void)state;
    hal_page_fill(&place, &(struct page_query){ 0, 20 }, 0, &page);
    assert_int_equal(page.total_pages, 0);
    assert_int_equal(page.total_elements, 0);
    assert_false(page.has_first || page.has_prev || page.has_next || page.has_last);
}

static void test_hal_page_first_of_many_has_next(void **state)
{
    struct hal_page page;

    (void)state;
    hal_page_fill(&place, &(struct page_query){ 0, 20 }, 41, &page);
    assert_int_equal(page.total_pages, 3);
    assert_true(page.has_first && page.has_next && page.has_last);
    assert_false(page.has_prev);
    assert_string_equal(page.first, "http://localhost:8080/rentals/products?page=0&size=20");
    assert_string_equal(page.next, "http://localhost:8080/rentals/products?page=1&size=20");
    assert_string_equal(page.last, "http://localhost:8080/rentals/products?page=2&size=20");
}

static void test_hal_page_middle_keeps_query_in_self(void **state)
{
    const struct hal_place queried = { "localhost:8080", "/rentals", "size=1&page=1" };
    struct hal_page page;

    (void)state;
    hal_page_fill(&queried, &(struct page_query){ 1, 1 }, 3, &page);
    assert_string_equal(page.self, "http://localhost:8080/rentals?size=1&page=1");
    assert_string_equal(page.prev, "http://localhost:8080/rentals?page=0&size=1");
    assert_string_equal(page.next, "http://localhost:8080/rentals?page=2&size=1");
}

static void test_hal_page_beyond_the_end_leads_back(void **state)
{
    struct hal_page page;

    (void)state;
    hal_page_fill(&place, &(struct page_query){ 9, 20 }, 21, &page);
    assert_true(page.has_first && page.has_prev && page.has_last);
    assert_false(page.has_next);
    assert_string_equal(page.prev, "http://localhost:8080/rentals/products?page=8&size=20");
    assert_string_equal(page.last, "http://localhost:8080/rentals/products?page=1&size=20");
    hal_page_fill(&place, &(struct page_query){ 9, 20 }, 0, &page);
    assert_string_equal(page.last, "http://localhost:8080/rentals/products?page=0&size=20");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hal_item_href_is_host_collection_id),
        cmocka_unit_test(test_hal_item_href_longest_host_fits),
        cmocka_unit_test(test_hal_page_only_page_has_only_self),
        cmocka_unit_test(test_hal_page_empty_list_has_no_pages),
        cmocka_unit_test(test_hal_page_first_of_many_has_next),
        cmocka_unit_test(test_hal_page_middle_keeps_query_in_self),
        cmocka_unit_test(test_hal_page_beyond_the_end_leads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

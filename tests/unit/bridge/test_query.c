/* What may follow the "?": pages, labels and formats, the Accept header in their place included. */
#include <string.h>

#include "bridge/query.h"
#include "fakes/cmocka_all.h"

static void test_query_read_page_valid_query_is_read(void **state)
{
    static const struct {
        const char *query;
        int64_t number, size;
    } rows[] = {
        { "", 0, 20 },
        { "page=3", 3, 20 },
        { "size=100", 0, 100 },
        { "page=0&size=1", 0, 1 },
        { "size=7&page=1000000000", 1000000000, 7 },
    };
    struct kit_error err;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct page_query page = { .number = -1, .size = -1 };
        assert_int_equal(query_read_page(rows[i].query, &page, &err), KIT_OK);
        assert_int_equal(page.number, rows[i].number);
        assert_int_equal(page.size, rows[i].size);
    }
}

static void test_query_read_page_bad_query_is_refused(void **state)
{
    static const char *const queries[] = {
        "page=",
        "page",
        "page=-1",
        "page=+1",
        "page=1.0",
        "page=a",
        "page=%31",
        "page=01",
        "page=1000000001",
        "page=99999999999999999999",
        "size=0",
        "size=101",
        "size=",
        "size=-5",
        "page=1&page=2",
        "size=1&size=1",
        "sort=name",
        "page=1&sort=name,asc",
        "Page=1",
        "page=1&&size=2",
        "&",
        "=",
        "page=1;size=2",
        "page =1",
        "page=1 ",
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(queries); i++) {
        struct page_query page = { .number = -1, .size = -1 };
        struct kit_error err;
        assert_int_equal(query_read_page(queries[i], &page, &err), KIT_E_INVALID);
        assert_string_equal(err.type, "invalid-query");
        assert_true(strlen(err.text) > 0);
        assert_int_equal(page.number, -1);
        assert_int_equal(page.size, -1);
    }
}

static void test_query_read_sorted_page_takes_a_sort(void **state)
{
    static const struct {
        const char *query;
        int64_t number, size;
        bool is_tour;
    } rows[] = {
        { "", 0, 20, false },
        { "sort=tour", 0, 20, true },
        { "sort=oldest", 0, 20, false },
        { "page=3&sort=tour&size=7", 3, 7, true },
    };
    static const char *const bad[] = { "sort=",
                                       "sort",
                                       "sort=name",
                                       "sort=tour,asc",
                                       "sort=Tour",
                                       "sort=tour&sort=tour",
                                       "size=0&sort=tour",
                                       "label=a",
                                       "sort=tour&&" };
    struct kit_error err;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct page_query page = { .number = -1, .size = -1 };
        assert_int_equal(query_read_sorted_page(rows[i].query, &page, &err), KIT_OK);
        assert_int_equal(page.number, rows[i].number);
        assert_int_equal(page.size, rows[i].size);
        assert_int_equal(page.is_tour, rows[i].is_tour);
    }
    for (size_t i = 0; i < KIT_COUNT(bad); i++) {
        struct page_query page = { .number = -1, .size = -1 };
        assert_int_equal(query_read_sorted_page(bad[i], &page, &err), KIT_E_INVALID);
        assert_string_equal(err.type, "invalid-query");
        assert_int_equal(page.number, -1);
    }
}

static void test_query_read_label_is_decoded(void **state)
{
    static const struct {
        const char *query, *label;
    } rows[] = {
        { "label=asset:DRILL-1", "asset:DRILL-1" },
        { "label=grai%3A4012345678901A", "grai:4012345678901A" },
        { "label=sgtin:04012345678901.a%2Fb%26+%2b", "sgtin:04012345678901.a/b&++" },
        { "label=giai:1=2", "giai:1=2" },
    };
    char label[BRIDGE_LABEL_SIZE];
    struct kit_error err;

    (void)state;
    assert_false(query_has_label("page=0&label=asset:A"));
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        assert_true(query_has_label(rows[i].query));
        assert_int_equal(query_read_label(rows[i].query, label, &err), KIT_OK);
        assert_string_equal(label, rows[i].label);
    }
}

#define DIGITS_10 "0123456789"
#define DIGITS_60 DIGITS_10 DIGITS_10 DIGITS_10 DIGITS_10 DIGITS_10 DIGITS_10

static void test_query_read_label_bad_one_is_refused(void **state)
{
    static const char *const queries[] = {
        "label=",
        "label=DRILL-1",
        "label=asset:",
        "label=Asset:A",
        "label=bin:A1",
        "label=assets:A",
        "label=asset:A&page=0",
        "label=asset:A&",
        "label=asset:%",
        "label=asset:%4",
        "label=asset:%4G",
        "label=asset:%00",
        "label=asset:%0a",
        "label=asset:%C3%A4",
        "label=asset:\xc3\xa4",
        "label=asset:\x7f",
        "label=asset:" DIGITS_60 "01234",
        "label=asset:" DIGITS_60 DIGITS_60 DIGITS_60,
    };
    char label[BRIDGE_LABEL_SIZE] = "kept";
    struct kit_error err;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(queries); i++) {
        assert_int_equal(query_read_label(queries[i], label, &err), KIT_E_INVALID);
        assert_string_equal(err.type, "invalid-query");
        assert_string_equal(label, "kept");
    }
    assert_int_equal(query_read_label("label=asset:" DIGITS_60 "0123", label, &err), KIT_OK);
}

static void test_query_read_format_query_wins_then_accept(void **state)
{
    static const struct {
        const char *query, *accept;
        enum answer_format format;
    } rows[] = {
        { "", NULL, FORMAT_HAL },
        { "", "*/*", FORMAT_HAL },
        { "", "image/png", FORMAT_PNG },
        { "", "IMAGE/SVG+XML;q=0.8", FORMAT_SVG },
        { "", "image/png;q=0.5, image/svg+xml;q=0.9", FORMAT_SVG },
        { "", "text/html, image/avif, image/*;q=0.8, */*;q=0.5", FORMAT_SVG },
        { "", "application/json, */*;q=0.5", FORMAT_HAL },
        { "", "image/png;seq=0", FORMAT_PNG },
        { "", "image/png;seq=0.1 ; Q=0.9, image/svg+xml;q=0.8", FORMAT_PNG },
        { "", "image/png\t;\tq=0.2, image/svg+xml;xq=0;q=0.3", FORMAT_SVG },
        { "", "image/png;q=2, image/svg+xml;q=0.9", FORMAT_PNG },
        { "", "image/png;q=1.5, image/svg+xml", FORMAT_PNG },
        { "", "image/png;q=, image/svg+xml;q=0.9", FORMAT_PNG },
        { "", "image/png;q=x, image/svg+xml;q=0.9", FORMAT_PNG },
        { "", "image/png;q=0., image/svg+xml;q=0.001", FORMAT_SVG },
        { "format=png", "image/svg+xml", FORMAT_PNG },
        { "format=svg", NULL, FORMAT_SVG },
        { "format=json", "image/png", FORMAT_HAL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum answer_format format = FORMAT_HAL;
        struct kit_error err;
        assert_int_equal(query_read_format(rows[i].query, rows[i].accept, &format, &err), KIT_OK);
        assert_int_equal(format, rows[i].format);
    }
}

static void test_query_read_format_unknown_is_refused(void **state)
{
    static const struct {
        const char *query, *accept, *type;
    } rows[] = {
        { "", "text/html", "not-acceptable" },      { "", "image/png;q=0", "not-acceptable" },
        { "", "image/pngx,,;", "not-acceptable" },  { "format=gif", NULL, "invalid-query" },
        { "page=1", "image/png", "invalid-query" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum answer_format format = FORMAT_HAL;
        struct kit_error err;
        assert_int_equal(query_read_format(rows[i].query, rows[i].accept, &format, &err),
                         KIT_E_INVALID);
        assert_string_equal(err.type, rows[i].type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_read_page_valid_query_is_read),
        cmocka_unit_test(test_query_read_page_bad_query_is_refused),
        cmocka_unit_test(test_query_read_sorted_page_takes_a_sort),
        cmocka_unit_test(test_query_read_label_is_decoded),
        cmocka_unit_test(test_query_read_label_bad_one_is_refused),
        cmocka_unit_test(test_query_read_format_query_wins_then_accept),
        cmocka_unit_test(test_query_read_format_unknown_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

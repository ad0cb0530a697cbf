/* What a reader of the feed may ask for, and which events that means. */
#include <stdio.h>
#include <string.h>

#include "bridge/feed_filter.h"
#include "fakes/cmocka_all.h"

#define EPOCH "0123456789abcdef0123456789abcdef"

static struct feed_query read_query(const char *text)
{
    struct feed_query query;
    struct kit_error error;

    if (feed_query_read(text, &query, &error) != KIT_OK)
        fail_msg("%s: %s", text, error.text);
    return query;
}

static void test_feed_query_read_says_what_is_taken(void **state)
{
    static const struct {
        const char *query;
        enum feed_kind kind;
        const char *subject;
        bool is_taken;
    } rows[] = {
        { "", FEED_STOCK, "stock/7", true },
        { "kind=order,door", FEED_DOOR, "locker/a", true },
        { "kind=order,door", FEED_STOCK, "stock/7", false },
        { "kind=order%2Cstock", FEED_STOCK, "stock/7", true },
        { "subject=order/3", FEED_ORDER, "order/3", true },
        { "subject=order/3", FEED_ORDER, "order/33", false },
        { "subject=order%2F3%2cstock/*", FEED_STOCK, "stock/7", true },
        { "subject=order/3,stock/*", FEED_PRODUCT, "product/3", false },
        { "kind=door&subject=locker/locker-1", FEED_DOOR, "locker/locker-1", true },
        { "subject=locker/locker-1&kind=door", FEED_LOCKER, "locker/locker-1", false },
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        const struct feed_query query = read_query(rows[i].query);
        if (feed_filter_takes(&query.filter, rows[i].kind, rows[i].subject) != rows[i].is_taken)
            fail_msg("%s %s", rows[i].query, rows[i].subject);
    }
}

static void test_feed_query_read_after_is_a_position(void **state)
{
    (void)state;
    const struct feed_query query = read_query("after=" EPOCH "-17");
    assert_true(query.has_after);
    assert_string_equal(query.after.epoch, EPOCH);
    assert_int_equal(query.after.seq, 17);
}

static void test_feed_query_read_what_is_wrong_is_refused(void **state)
{
    static const char *const queries[] = {
        "kind=",
        "kind=orders",
        "kind=order,",
        "kind=order&kind=door",
        "subject=",
        "subject=order",
        "subject=order/",
        "subject=/3",
        "subject=order/3/4",
        "subject=Order/3",
        "subject=order/**",
        "subject=order/%",
        "subject=order/%0",
        "subject=order/%0A",
        "subject=order/%e2%82%ac",
        "after=",
        "after=17",
        "after=" EPOCH "-",
        "after=" EPOCH "-01",
        "after=" EPOCH "-9007199254740992",
        "after=0123-1",
        "page=1",
        "kinds=order",
        ("subject=a/1,a/2,a/3,a/4,a/5,a/6,a/7,a/8,a/9,a/1,a/2,a/3,a/4,a/5,a/6,a/7,a/8,a/9,a/1,a/2,"
         "a/3,a/4,a/5,a/6,a/7,a/8,a/9,a/1,a/2,a/3,a/4,a/5,a/6"),
        "subject=a/1234567890123456789012345678901234567890123456789",
    };
    struct feed_query query;
    struct kit_error error;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(queries); i++) {
        if (feed_query_read(queries[i], &query, &error) != KIT_E_INVALID)
            fail_msg("%s was taken", queries[i]);
        assert_string_equal(error.type, "invalid-query");
    }
}

static void test_feed_position_written_is_read(void **state)
{
    char text[FEED_POSITION_SIZE];
    struct feed_position position = { .seq = -1 };

    (void)state;
    feed_position_write(EPOCH, INT64_C(9007199254740991), text);
    assert_string_equal(text, EPOCH "-9007199254740991");
    assert_true(feed_position_read(text, &position));
    assert_true(position.seq == INT64_C(9007199254740991));
    assert_false(feed_position_read("", &position));
    assert_string_equal(position.epoch, EPOCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_query_read_says_what_is_taken),
        cmocka_unit_test(test_feed_query_read_after_is_a_position),
        cmocka_unit_test(test_feed_query_read_what_is_wrong_is_refused),
        cmocka_unit_test(test_feed_position_written_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

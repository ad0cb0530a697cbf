/* Looking for orders on a real SQLite file: every filter against a plain loop over all orders, page
 * by page, and the plans of the statements that serve it. */
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/plans.h"
#include "information/search.h"
#include "kit/base/text.h"
#include "store_fixture.h"

#define ORDERS 60
#define PRODUCTS 5
#define PAGE_SIZE 7

static const char *const LOCKERS[] = { "", "locker-1", "locker-2" };

/* Every id but multiples of 7 is shown; every kind of order is among them. */
static struct information_order sample(int64_t id)
{
    const bool is_shown = id % 7 != 0;
    const struct information_rental rental = {
        .version = 1,
        .product_id = { 1 + id % PRODUCTS },
        .qty = 1,
        .status = id % 11 == 5 ? RENTAL_STATUS_CANCELED : RENTAL_STATUS_ORDERED,
        .ordered_at_ms = id,
    };
    struct information_delivery delivery = {
        .version = 1,
        .status = (enum delivery_status)(1 + id % DELIVERY_STATUS_MAX),
    };
    struct information_order order = { .id = { id } };

    kit_text_copy(delivery.locker, sizeof(delivery.locker), LOCKERS[id % 3]);
    if (is_shown)
        assert_true(information_merge_rental(&order, &rental, id));
    if (!is_shown || id % 4 != 0)
        assert_true(information_merge_delivery(&order, &delivery, id));
    return order;
}

static int set_up_orders(void **state)
{
    struct kit_error err = { 0 };

    (void)set_up(state);
    struct fixture *fixture = *state;
    for (int64_t id = 1; id <= ORDERS; id++) {
        const struct information_order order = sample(id);
        assert_int_equal(information_store_save(&fixture->store, &order, &err), KIT_OK);
    }
    return 0;
}

/* What is to be found, said once more and differently. */
static bool is_wanted(const struct information_search *search, int64_t id)
{
    const struct information_order order = sample(id);
    bool is_among = search->id_count == 0;
    bool is_product = search->product_count == 0;

    for (size_t i = 0; i < search->id_count; i++)
        is_among = is_among || search->ids[i].v == id;
    for (size_t i = 0; i < search->product_count; i++)
        is_product = is_product || search->products[i].v == 1 + id % PRODUCTS;
    return is_among && is_product && id % 7 != 0 &&
           (search->states == 0 || ((search->states >> order.state) & 1U) == 1) &&
           (search->locker[0] == '\0' || strcmp(search->locker, order.delivery.locker) == 0);
}

/* Follows `next` to the end; the pages together are what is wanted, in order, each once. */
static void check_search(struct fixture *fixture, struct information_search search)
{
    static struct information_order room[PAGE_SIZE];
    struct information_found found = { .orders = room };
    struct kit_error err = { 0 };
    size_t total = 0;
    int64_t id = search.is_newest ? ORDERS + 1 : 0;

    search.size = PAGE_SIZE;
    do {
        assert_int_equal(information_search(&fixture->store, &search, &found, &err), KIT_OK);
        for (size_t i = 0; i < found.count; i++, total++) {
            do
                id += search.is_newest ? -1 : 1;
            while (!is_wanted(&search, id));
            assert_int_equal(room[i].id.v, id);
        }
        assert_true(found.next.v == 0 || found.count == PAGE_SIZE);
        search.after = found.next;
    } while (found.next.v != 0);
    size_t wanted = 0;
    for (int64_t one = 1; one <= ORDERS; one++)
        wanted += is_wanted(&search, one);
    assert_int_equal(total, wanted);
}

static void check_both_ways(struct fixture *fixture, struct information_search search)
{
    check_search(fixture, search);
    search.is_newest = true;
    check_search(fixture, search);
}

static void test_search_every_state_alone_and_all(void **state)
{
    check_both_ways(*state, (struct information_search){ 0 });
    for (unsigned one = 1; one <= ORDER_STATE_MAX; one++)
        check_both_ways(*state, (struct information_search){ .states = 1U << one });
    check_both_ways(*state, (struct information_search){ .states = (2U << ORDER_STATE_MAX) - 2U });
    check_both_ways(*state, (struct information_search){ .states = 1U << ORDER_STATE_READY |
                                                                   1U << ORDER_STATE_CANCELED });
}

static void test_search_of_products_and_of_a_locker(void **state)
{
    const struct information_search both = { .product_count = 3,
                                             .products = { { 2 }, { 4 }, { 2 } } };
    struct information_search search = both;

    check_both_ways(*state, search);
    search.states = 1U << ORDER_STATE_READY | 1U << ORDER_STATE_DELIVERED;
    check_both_ways(*state, search);
    search = (struct information_search){ .product_count = 1, .products = { { 99 } } };
    check_both_ways(*state, search);
    search = (struct information_search){ .locker = "locker-1" };
    check_both_ways(*state, search);
    search.states = 1U << ORDER_STATE_RETURNING;
    check_both_ways(*state, search);
}

static void test_search_among_ids(void **state)
{
    struct information_search search = { .id_count = 20 };

    for (size_t i = 0; i < search.id_count; i++)
        search.ids[i].v = (int64_t)(i * 31 % 60) + 1; /* in no order; 7 and 14 are not shown */
    search.ids[19] = search.ids[0];                   /* twice */
    search.ids[18].v = 9007199254740991;              /* not there */
    check_both_ways(*state, search);
    search.product_count = 2;
    search.products[0].v = 1;
    search.products[1].v = 2;
    check_both_ways(*state, search);
    kit_text_copy(search.locker, sizeof(search.locker), "locker-2");
    check_both_ways(*state, search);
}

/* An order that comes while pages are turned moves nothing. */
static void test_search_goes_on_where_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct information_search search = { .size = 2, .is_newest = true };
    static struct information_order room[2];
    struct information_found found = { .orders = room };
    struct information_order late = sample(ORDERS + 1);
    struct kit_error err = { 0 };

    assert_int_equal(information_search(&fixture->store, &search, &found, &err), KIT_OK);
    assert_int_equal(found.next.v, 59);
    assert_int_equal(information_store_save(&fixture->store, &late, &err), KIT_OK);
    search.after = found.next;
    assert_int_equal(information_search(&fixture->store, &search, &found, &err), KIT_OK);
    assert_int_equal(room[0].id.v, 58);
    assert_int_equal(room[1].id.v, 57);
}

/* No statement of a search reads more than it gives. */
static void test_statements_go_along_an_index(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(plans_check(&fixture->store.statements, "LIMIT 1"), 16);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_orders, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_search_every_state_alone_and_all),
        TEST(test_search_of_products_and_of_a_locker),
        TEST(test_search_among_ids),
        TEST(test_search_goes_on_where_it_was),
        TEST(test_statements_go_along_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

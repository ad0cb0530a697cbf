/* What is to be picked (schemas/rules/stock.md 9): which orders, in which order, and which units.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/json/shape.h"
#include "msg/rpc_pick_list_response.gen.h"
#include "stock/domain/pick.h"
#include "unit/stock/wand.h"

/* ---- the walk ---- */

static void test_compare_bins_counts_numbers_as_numbers(void **state)
{
    static const char *const walk[] = { "1",
                                        "2",
                                        "10",
                                        "A",
                                        "A-01",
                                        "A-1",
                                        "A-1-9",
                                        "A-2",
                                        "A-10",
                                        "A-10-1",
                                        "A-10-B",
                                        "A-11",
                                        "AA",
                                        "B-007",
                                        "B-8",
                                        "B-90000000000000000000",
                                        "B-90000000000000000001" };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(walk); i++) {
        for (size_t k = 0; k < KIT_COUNT(walk); k++) {
            const int order = pick_compare_bins(walk[i], walk[k]);
            if ((order < 0) != (i < k) || (order == 0) != (i == k))
                print_error("%s, %s: %d\n", walk[i], walk[k], order);
            assert_int_equal(order < 0, i < k);
            assert_int_equal(order == 0, i == k);
        }
    }
}

/* ---- the list ---- */

static struct msg_rpc_pick_list_response list; /* of the latest question */

static const struct msg_pick *pick_at(size_t index)
{
    assert_true(index < list.items_count);
    return &list.items[index].pick;
}

static void ask(struct site *site, const char *json)
{
    struct kit_error err;
    const struct fake_message *reply = fake_request(&site->stock, "bridge", "pick-list", "", json);
    assert_non_null(reply);
    if (strcmp(reply->status, "ok") != 0)
        print_error("%s: %s\n", reply->status, reply->payload);
    assert_string_equal(reply->status, "ok");
    cJSON *body = cJSON_Parse(reply->payload);
    memset(&list, 0, sizeof(list));
    int rc = kit_shape_decode(&msg_rpc_pick_list_response_shape, body, &list, &err);
    assert_int_equal(rc, KIT_OK);
    cJSON_Delete(body);
}

#define ALL "{\"page\":0,\"size\":100}"
#define TOUR "{\"page\":0,\"size\":100,\"sort\":\"tour\"}"

static void assert_orders(const char *expected)
{
    char orders[512] = "";
    size_t size = 0;
    for (size_t i = 0; i < list.items_count; i++)
        size += (size_t)snprintf(orders + size, sizeof(orders) - size, "%s%" PRId64,
                                 i > 0 ? " " : "", list.items[i].pick.rental_id.v);
    assert_string_equal(orders, expected);
}

/* The units of an item, as "label@bin label@bin". */
static void assert_units(const struct msg_pick *pick, const char *expected)
{
    char units[1024] = "";
    size_t size = 0;
    for (size_t i = 0; i < pick->units_count; i++)
        size += (size_t)snprintf(units + size, sizeof(units) - size, "%s%s@%s", i > 0 ? " " : "",
                                 pick->units[i].label, pick->units[i].bin);
    assert_string_equal(units, expected);
}

static void order(struct site *site, int64_t id, int64_t product, int64_t qty)
{
    site_locker_order(site, id, PIECES(product, qty), "REQUESTED", "");
    assert_int_equal(site_order_state(site, id), RESERVATION_RESERVED);
}

/* A unit onto the shelf, a while after the one before. */
static void shelve(struct site *site, struct wand *wand, const char *unit, const char *bin)
{
    char labels[128];
    fake_world_advance(site->world, 1000);
    (void)snprintf(labels, sizeof(labels), "command:RECEIVE product:2 asset:%s bin:%s", unit, bin);
    wand_do(wand, DONE_, labels);
}

static void test_nothing_to_pick_is_an_empty_list(void **state)
{
    struct site *site = *state;
    site_delivery(site, 1, BULK, 2, "REQUESTED"); /* direct: nobody picks it */
    ask(site, ALL);
    assert_int_equal(list.total, 0);
    ask(site, TOUR);
    assert_int_equal(list.total, 0);
}

static void test_bulk_order_says_what_and_how_much(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    order(site, 8, BULK, 3);
    const int64_t reserved_ms = site->world->wall_ms;
    ask(site, ALL);
    const struct msg_pick *pick = pick_at(0);
    assert_int_equal(pick->rental_id.v, 8);
    assert_int_equal(pick->product_id.v, BULK);
    assert_string_equal(pick->name, "item 1");
    assert_int_equal(pick->tracking, TRACKING_BULK);
    assert_true(pick->has_size && pick->size == PRODUCT_SIZE_S);
    assert_int_equal(pick->qty, 3);
    assert_int_equal(pick->picked, 0);
    assert_int_equal(pick->reserved_at_ms, reserved_ms);
    assert_int_equal(pick->units_count, 0);
    assert_false(pick->has_tote || pick->has_with || pick->has_locker || pick->has_compartment);

    fake_world_advance(site->world, 5000);
    wand_do(&wand, OK_, "command:PICK order:8 tote:T1 product:1");
    ask(site, ALL);
    assert_int_equal(pick->picked, 1);
    assert_int_equal(pick->reserved_at_ms, reserved_ms);
    assert_string_equal(pick->tote, "T1");
    assert_string_equal(pick->with, "scanner-1");
    fake_world_advance(site->world, SCAN_ORDER_LOCK_MS + 1000); /* rules 7.6: others may have it */
    ask(site, ALL);
    assert_false(pick_at(0)->has_with);

    site_locker_order(site, 8, PIECES(BULK, 3), "RESERVED", IN_LOCKER("assigned"));
    ask(site, ALL);
    assert_string_equal(pick->locker, "locker-1");
    assert_int_equal(pick->compartment, 3);
    wand_do(&wand, DONE_, "product:1 product:1");
    ask(site, ALL);
    assert_int_equal(list.total, 0);
}

static void test_product_of_an_older_database_has_no_size_until_it_is_saved(void **state)
{
    struct site *site = *state;
    order(site, 8, BULK, 1);
    sqlite3 *handle = kit_db_handle(kit_service_db(site->stock.service));
    assert_int_equal(
        sqlite3_exec(handle, "UPDATE stock SET size = NULL, name = ''", NULL, NULL, NULL),
        SQLITE_OK);
    ask(site, ALL);
    assert_false(pick_at(0)->has_size || pick_at(0)->has_name);
    site_product_saved(site, BULK, 10, 1);
    ask(site, ALL);
    assert_true(pick_at(0)->has_size && pick_at(0)->has_name);
}

/* Rules 9.2: the first that came take the first that were shelved. */
static void test_orders_are_shown_different_units_the_longest_on_the_shelf_first(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    shelve(site, &wand, "D1", "B-10");
    shelve(site, &wand, "D2", "B-9");
    shelve(site, &wand, "D3", "A-1");
    shelve(site, &wand, "D4", "C-1");
    order(site, 8, SERIALISED, 2);
    order(site, 9, BULK, 1);
    order(site, 10, SERIALISED, 1);
    ask(site, ALL);
    assert_orders("8 9 10");
    assert_int_equal(list.total, 3);
    assert_units(pick_at(0), "asset:D2@B-9 asset:D1@B-10"); /* on the way, B-9 comes first */
    assert_units(pick_at(2), "asset:D3@A-1");
    ask(site, "{\"page\":2,\"size\":1}"); /* on a page of its own, too */
    assert_orders("10");
    assert_int_equal(list.total, 3);
    assert_units(pick_at(0), "asset:D3@A-1");
    ask(site, "{\"page\":3,\"size\":1}");
    assert_int_equal(list.items_count, 0);

    wand_do(&wand, OK_,
            "command:PICK order:8 tote:T1 asset:D4"); /* any unit of the shelf will do */
    ask(site, ALL);
    assert_units(pick_at(0), "asset:D1@B-10");
    assert_int_equal(pick_at(0)->picked, 1);
    assert_units(pick_at(2), "asset:D2@B-9");
    assert_int_equal(pick_at(0)->units[0].id.v,
                     site_number(site, "SELECT id FROM asset WHERE label = 'asset:D1'"));
    site_locker_order(site, 10, PIECES(SERIALISED, 1), "CANCELED", "");
    ask(site, ALL);
    assert_orders("8 9");
}

static void test_tour_goes_along_the_bins_and_what_has_none_comes_last(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    shelve(site, &wand, "D1", "B-10");
    shelve(site, &wand, "D2", "B-9");
    shelve(site, &wand, "D3", "A-1");
    shelve(site, &wand, "D4", "B-9");
    order(site, 7, BULK, 1);
    for (int64_t id = 8; id <= 11; id++)
        order(site, id, SERIALISED, 1);
    ask(site, TOUR);
    assert_orders("10 9 11 8 7");
    assert_string_equal(pick_at(0)->name, "item 2");
    ask(site, ALL);
    assert_orders("7 8 9 10 11");
    ask(site, "{\"page\":1,\"size\":2,\"sort\":\"tour\"}");
    assert_orders("11 8");
    assert_int_equal(list.total, 5);
    ask(site, "{\"page\":1,\"size\":2,\"sort\":\"oldest\"}");
    assert_orders("9 10");
}

static void test_order_of_many_units_tells_ten(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    char unit[16], bin[16];
    for (int i = 1; i <= 13; i++) {
        (void)snprintf(unit, sizeof(unit), "D%d", i);
        (void)snprintf(bin, sizeof(bin), "A-%d", i);
        shelve(site, &wand, unit, bin);
    }
    order(site, 8, SERIALISED, 12);
    order(site, 9, SERIALISED, 1);
    ask(site, ALL);
    assert_int_equal(pick_at(0)->units_count, PICK_UNITS_MAX);
    assert_string_equal(pick_at(0)->units[9].label, "asset:D10");
    assert_units(pick_at(1), "asset:D13@A-13");
}

static void test_tour_is_of_the_oldest_200_orders(void **state)
{
    struct site *site = *state;
    site_registered_set(site, "more", BULK, 500, 2);
    for (int64_t id = 1; id <= PICK_TOUR_MAX + 5; id++)
        order(site, id, BULK, 1);
    ask(site, TOUR);
    assert_int_equal(list.total, PICK_TOUR_MAX);
    ask(site, "{\"page\":1,\"size\":100,\"sort\":\"tour\"}");
    assert_int_equal(list.items_count, 100);
    assert_int_equal(pick_at(99)->rental_id.v, PICK_TOUR_MAX);
    ask(site, "{\"page\":2,\"size\":100,\"sort\":\"tour\"}");
    assert_int_equal(list.items_count, 0);
    ask(site, "{\"page\":2,\"size\":100}");
    assert_int_equal(list.total, PICK_TOUR_MAX + 5);
    assert_int_equal(list.items_count, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shelf_setup, site_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare_bins_counts_numbers_as_numbers),
        TEST(test_nothing_to_pick_is_an_empty_list),
        TEST(test_bulk_order_says_what_and_how_much),
        TEST(test_product_of_an_older_database_has_no_size_until_it_is_saved),
        TEST(test_orders_are_shown_different_units_the_longest_on_the_shelf_first),
        TEST(test_tour_goes_along_the_bins_and_what_has_none_comes_last),
        TEST(test_order_of_many_units_tells_ten),
        TEST(test_tour_is_of_the_oldest_200_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

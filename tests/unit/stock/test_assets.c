/* Assets: the one rule for their moves, and what a desk may ask for over HTTP. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "stock/domain/asset.h"
#include "unit/stock/wand.h"

/* ---- the rule (rules 5.3) ---- */

static bool is_allowed(enum asset_state from, enum asset_state to)
{
    static const char *const moves[] = {
        "received>on_shelf",   "on_shelf>picked",    "picked>in_locker", "in_locker>on_hire",
        "on_hire>returned",    "returned>checked",   "checked>on_shelf", "picked>on_hire",
        "picked>on_shelf",     "in_locker>returned", "picked>returned",  "returned>quarantine",
        "on_shelf>quarantine", "quarantine>checked",
    };
    char text[48];
    snprintf(text, sizeof(text), "%s>%s", asset_state_text(from), asset_state_text(to));
    for (size_t i = 0; i < KIT_COUNT(moves); i++) {
        if (strcmp(moves[i], text) == 0)
            return true;
    }
    return false;
}

static void test_asset_decide_move_every_pair_of_states(void **state)
{
    (void)state;
    for (int from = 1; from <= ASSET_STATE_MAX; from++) {
        for (int to = 1; to <= ASSET_STATE_MAX; to++) {
            const struct asset asset = {
                .state = (enum asset_state)from, .place = "bin:A-01", .bin = "A-01", .version = 4
            };
            const struct asset_wish wish = {
                .state = (enum asset_state)to, .place = "tote:T1", .bin = "A-01", .now_ms = 5
            };
            struct asset after = { .version = 4711 };
            enum asset_verdict verdict = asset_decide_move(&asset, &wish, &after);
            if (from == to && asset.state != ASSET_STATE_QUARANTINE) {
                assert_int_equal(verdict, ASSET_SAME);
            } else if (from == to) { /* to another bin for what is set aside */
                assert_int_equal(verdict, ASSET_MOVED);
                assert_string_equal(after.place, "tote:T1");
            } else if (!is_allowed(asset.state, wish.state)) {
                assert_int_equal(verdict, ASSET_ILLEGAL);
                assert_int_equal(after.version, 4711);
            } else {
                assert_int_equal(verdict, ASSET_MOVED);
                assert_int_equal(after.version, 5);
                assert_int_equal(after.state, to);
                assert_string_equal(after.place,
                                    to == ASSET_STATE_ON_SHELF ? "bin:A-01" : "tote:T1");
            }
        }
    }
}

static void test_asset_label_make_takes_units_alone(void **state)
{
    (void)state;
    char label[ASSET_LABEL_SIZE];
    assert_true(asset_label_make(LABEL_KIND_GRAI, "4012345678901", label));
    assert_string_equal(label, "grai:4012345678901");
    assert_true(asset_label_make(LABEL_KIND_ASSET, "D-1", label));
    assert_false(asset_label_make(LABEL_KIND_ASSET, "", label));
    assert_false(asset_label_make(LABEL_KIND_PRODUCT, "1", label));
    assert_false(asset_label_make(LABEL_KIND_TEXT, "1", label));
}

/* ---- requests ---- */

static int setup(void **state)
{
    struct site *site = site_new(1);
    struct wand wand = wand_new(site, "scanner-1");
    site_item(site, 2, 0, "serialised", "");
    site_delivery(site, 999, 2, 1, "CANCELED"); /* nothing, but the first contact */
    wand_do(&wand, SCAN_SIGNAL_DONE, "command:RECEIVE product:2 asset:D1 asset:D2 bin:A-01");
    *state = site;
    return 0;
}

static const struct fake_message *ask(struct site *site, const char *method, const char *json)
{
    static int count = 0;
    char key[32];
    snprintf(key, sizeof(key), "key-%d", ++count);
    const struct fake_message *reply = fake_request(&site->stock, "bridge", method, key, json);
    assert_non_null(reply);
    return reply;
}

static void assert_says(const struct fake_message *reply, const char *status, const char *text)
{
    if (strcmp(reply->status, status) != 0 || strstr(reply->payload, text) == NULL)
        print_error("%s: %s\n", reply->status, reply->payload);
    assert_string_equal(reply->status, status);
    assert_non_null(strstr(reply->payload, text));
}

static void test_get_and_list_tell_state_and_place(void **state)
{
    struct site *site = *state;
    assert_says(ask(site, "asset-get", "{\"id\":1}"), "ok",
                "{\"id\":1,\"label\":\"asset:D1\",\"productId\":2,\"state\":\"on_shelf\","
                "\"place\":\"bin:A-01\",\"version\":2,");
    assert_says(ask(site, "asset-get", "{\"id\":9}"), "not_found", "no asset 9");
    const struct fake_message *reply = ask(site, "asset-list", "{\"page\":1,\"size\":1}");
    assert_says(reply, "ok", "\"id\":2");
    assert_says(reply, "ok", "\"total\":2");
    assert_null(strstr(reply->payload, "\"id\":1,"));
}

static void test_list_by_label_has_that_asset_alone(void **state)
{
    struct site *site = *state;
    const struct fake_message *reply = ask(site, "asset-list",
                                           "{\"page\":0,\"size\":5,\"label\":\"asset:D2\"}");
    assert_says(reply, "ok", "\"total\":1");
    assert_says(reply, "ok", "\"label\":\"asset:D2\"");
    assert_null(strstr(reply->payload, "asset:D1"));
    reply = ask(site, "asset-list", "{\"page\":1,\"size\":5,\"label\":\"asset:D2\"}");
    assert_says(reply, "ok", "\"total\":1");
    assert_null(strstr(reply->payload, "asset:D2"));
    assert_says(ask(site, "asset-list", "{\"page\":0,\"size\":5,\"label\":\"asset:D9\"}"), "ok",
                "\"total\":0");
    assert_says(ask(site, "asset-list", "{\"page\":0,\"size\":5,\"label\":\"D2\"}"), "invalid",
                "/label");
}

static void assert_found(struct site *site, const char *request, const char *ids)
{
    const struct fake_message *reply = ask(site, "asset-search", request);
    char wanted[3][16] = { "\"id\":1,", "\"id\":2,", "\"id\":3," };

    assert_string_equal(reply->status, "ok");
    for (size_t i = 0; i < KIT_COUNT(wanted); i++) {
        const bool is_found = strstr(reply->payload, wanted[i]) != NULL;
        if (is_found != (strchr(ids, (int)('1' + i)) != NULL))
            fail_msg("%s: %s", request, reply->payload);
    }
    assert_int_equal(strchr(ids, '+') != NULL, strstr(reply->payload, "\"next\"") != NULL);
}

/* D1 and D2 are in bin A-01, D3 is another product's in bin B-01; order 5 gets D1. */
static void test_search_by_order_product_and_place(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-2");
    site_item(site, 4, 0, "serialised", "");
    wand_do(&wand, SCAN_SIGNAL_DONE, "command:RECEIVE product:4 asset:D3 bin:B-01");
    assert_found(site, "{\"size\":9}", "123");
    assert_found(site, "{\"size\":2}", "12+");
    assert_found(site, "{\"size\":2,\"after\":2}", "3");
    assert_found(site, "{\"size\":9,\"product\":2}", "12");
    assert_found(site, "{\"size\":1,\"product\":2}", "1+");
    assert_found(site, "{\"size\":1,\"product\":2,\"after\":1}", "2");
    assert_found(site, "{\"size\":9,\"place\":\"bin:A-01\"}", "12");
    assert_found(site, "{\"size\":9,\"place\":\"bin:B-01\"}", "3");
    assert_found(site, "{\"size\":9,\"order\":5}", "");
    site_locker_order(site, 5, PIECES(2, 1), "REQUESTED", "");
    wand_do(&wand, SCAN_SIGNAL_OK, "command:PICK order:5 tote:T1");
    wand_do(&wand, SCAN_SIGNAL_DONE, "asset:D1");
    assert_found(site, "{\"size\":9,\"order\":5}", "1");
    assert_found(site, "{\"size\":9,\"place\":\"tote:T1\"}", "1");
    assert_says(ask(site, "asset-search", "{\"size\":9,\"order\":5,\"product\":2}"), "invalid",
                "give one");
}

static void test_move_to_quarantine_and_back(void **state)
{
    struct site *site = *state;
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"quarantine\"}"), "ok",
                "\"place\":\"quarantine:A-01\"");
    assert_int_equal(site_number(site, "SELECT registered FROM stock WHERE product_id = 2"), 1);
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"on_shelf\",\"bin\":\"A-01\"}"),
                "refused", "illegal-move");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"checked\"}"), "ok", "checked");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"on_shelf\"}"), "invalid", "/bin");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"on_shelf\",\"bin\":\"C-1\"}"), "ok",
                "\"place\":\"bin:C-1\"");
    assert_int_equal(site_number(site, "SELECT registered FROM stock WHERE product_id = 2"), 2);
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"on_shelf\",\"bin\":\"C-2\"}"), "ok",
                "\"place\":\"bin:C-2\"");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"on_shelf\"}"), "ok", "bin:C-2");
}

static void test_move_in_quarantine_goes_to_the_bin_that_is_named(void **state)
{
    struct site *site = *state;
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"quarantine\",\"bin\":\"Q1\"}"), "ok",
                "\"place\":\"quarantine:Q1\"");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"quarantine\"}"), "ok",
                "\"place\":\"quarantine:Q1\"");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"quarantine\",\"bin\":\"Q2\"}"), "ok",
                "\"place\":\"quarantine:Q2\"");
    assert_int_equal(site_number(site, "SELECT version FROM asset WHERE id = 1"), 4);
    assert_int_equal(site_number(site, "SELECT registered FROM stock WHERE product_id = 2"), 1);
}

static void test_move_that_no_scan_could_make_is_refused(void **state)
{
    struct site *site = *state;
    static const char *const states[] = { "received", "picked",   "in_locker",
                                          "on_hire",  "returned", "checked" };
    for (size_t i = 0; i < KIT_COUNT(states); i++) {
        char json[80];
        snprintf(json, sizeof(json), "{\"id\":1,\"state\":\"%s\"}", states[i]);
        assert_says(ask(site, "asset-move", json), "refused", "\"type\":\"illegal-move\"");
    }
    assert_says(ask(site, "asset-move", "{\"id\":9,\"state\":\"checked\"}"), "not_found",
                "asset 9");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"asleep\"}"), "invalid", "/state");
}

static void test_move_of_an_orders_asset_is_refused(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-2");
    site_locker_order(site, 7, PIECES(2, 1), "REQUESTED", "");
    wand_do(&wand, SCAN_SIGNAL_DONE, "command:PICK order:7 tote:T1 asset:D1");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"on_shelf\",\"bin\":\"A-01\"}"),
                "refused", "\"type\":\"asset-in-use\"");
    assert_says(ask(site, "asset-get", "{\"id\":1}"), "ok", "\"rentalId\":7");
}

static void test_move_of_what_is_promised_is_refused(void **state)
{
    struct site *site = *state;
    site_locker_order(site, 7, PIECES(2, 2), "REQUESTED", "");
    assert_says(ask(site, "asset-move", "{\"id\":1,\"state\":\"quarantine\"}"), "refused",
                "\"type\":\"below-committed\"");
    assert_says(ask(site, "asset-get", "{\"id\":1}"), "ok", "on_shelf");
}

static void test_registered_set_of_serialised_is_refused(void **state)
{
    struct site *site = *state;
    const struct fake_message *reply = site_registered_set(site, "k", 2, 5, 9);
    assert_says(reply, "refused", "\"type\":\"counted-by-scans\"");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, site_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asset_decide_move_every_pair_of_states),
        cmocka_unit_test(test_asset_label_make_takes_units_alone),
        TEST(test_get_and_list_tell_state_and_place),
        TEST(test_list_by_label_has_that_asset_alone),
        TEST(test_search_by_order_product_and_place),
        TEST(test_move_to_quarantine_and_back),
        TEST(test_move_in_quarantine_goes_to_the_bin_that_is_named),
        TEST(test_move_that_no_scan_could_make_is_refused),
        TEST(test_move_of_an_orders_asset_is_refused),
        TEST(test_move_of_what_is_promised_is_refused),
        TEST(test_registered_set_of_serialised_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The catalogue as a whole, on fake ports: create, get, list, names, and what stock reports. */
#include "unit/product/office.h"

#define KIND "\"tracking\":\"bulk\",\"size\":\"S\""
#define CHAIR_10 "{\"name\":\"chair\",\"qty\":10," KIND "}"

static void test_create_answers_stores_and_tells(void **state)
{
    struct office *office = *state;
    const struct fake_message *reply = office_ask(office, "create", "k1", CHAIR_10);
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
    assert_string_equal(reply->payload,
                        "{\"id\":1,\"name\":\"chair\",\"qty\":10,"
                        "\"registeredQty\":10,\"version\":1,\"tracking\":\"bulk\",\"size\":\"S\"}");
    char row[2048];
    assert_true(fake_log_row(&office->product, 1, row, sizeof(row)));
    assert_non_null(strstr(row, "\"type\":\"ProductSaved\""));
    assert_non_null(strstr(row, "\"subject\":\"product/1\""));
    assert_non_null(
        strstr(row, "{\"id\":1,\"name\":\"chair\",\"registeredQty\":10,"
                    "\"registration\":1,\"version\":1,\"tracking\":\"bulk\",\"size\":\"S\"}"));
}

static void test_create_same_key_has_one_effect(void **state)
{
    struct office *office = *state;
    office_register(office, "k1", "chair", 10);
    office_register(office, "k1", "chair", 10);
    assert_int_equal(fake_sql_int(&office->product, "SELECT count(*) FROM product"), 1);
    assert_int_equal(saved_count(office), 1);
    const struct fake_message *reply = office_ask(office, "create", "k1",
                                                  "{\"name\":\"table\",\"qty\":10}");
    assert_string_equal(reply->status, "key_reused");
}

/* The bridge says what was left out in 0.4 for the last time: a key holds over the upgrade. */
static void test_same_key_in_two_forms_has_one_effect(void **state)
{
    static const char *const forms[] = {
        "{\"name\":\"pc\",\"qty\":0,\"tracking\":\"serialised\",\"size\":\"S\","
        "\"gtin\":\"00000096385074\"}",
        "{\"name\":\"pc\",\"tracking\":\"serialised\",\"gtin\":\"96385074\"}",
    };
    struct office *office = *state;

    for (size_t i = 0; i < KIT_COUNT(forms); i++)
        assert_true(reply_says(office_ask(office, "create", "k1", forms[i]), "\"id\":1"));
    office_ask(office, "update", "k2", "{\"id\":1,\"gtin\":\"04006381333931\"}");
    assert_true(
        reply_says(office_ask(office, "update", "k2", "{\"id\":1,\"gtin\":\"4006381333931\"}"),
                   "\"version\":2"));
    assert_int_equal(saved_count(office), 2);
}

static void test_create_bad_request_names_the_member_and_stores_nothing(void **state)
{
    struct office *office = *state;
    static const struct {
        const char *json, *pointer;
    } bad[] = {
        { "{\"qty\":1," KIND "}", "/name" },
        { "{\"name\":\"\",\"qty\":1," KIND "}", "/name" },
        { "{\"name\":\"chair\",\"qty\":0," KIND "}", "/qty" },
        { "{\"name\":\"chair\",\"qty\":-1," KIND "}", "/qty" },
        { "{\"name\":\"chair\",\"qty\":1000001," KIND "}", "/qty" },
        { "{\"name\":\"chair\",\"qty\":\"9\"," KIND "}", "/qty" },
        { "{\"name\":\"chair\",\"qty\":1,\"color\":\"red\"," KIND "}", "/color" },
        { "{\"name\":\"chair\",\"qty\":1,\"tracking\":\"bulk\",\"size\":\"XL\"}", "/size" },
        { "{\"name\":\"chair\",\"qty\":1,\"tracking\":\"heap\",\"size\":\"S\"}", "/tracking" },
        { "{\"name\":\"chair\",\"qty\":1,\"gtin\":\"04006381333932\"," KIND "}", "/gtin" },
    };
    for (size_t i = 0; i < KIT_COUNT(bad); i++) {
        const struct fake_message *reply = office_ask(office, "create", "k1", bad[i].json);
        assert_non_null(reply);
        assert_string_equal(reply->status, "invalid");
        assert_true(reply_says(reply, bad[i].pointer));
    }
    assert_int_equal(fake_sql_int(&office->product, "SELECT count(*) FROM product"), 0);
    assert_int_equal(saved_count(office), 0);
}

/* 1.6, 1.7 */
static void test_create_fills_in_what_nobody_said(void **state)
{
    struct office *office = *state;
    const struct fake_message *reply = office_ask(office, "create", "k1", "{\"name\":\"chair\"}");
    assert_string_equal(reply->status, "ok");
    assert_int_equal(reply_int(reply, "registeredQty"), 10);
    assert_true(reply_says(reply, "\"tracking\":\"bulk\",\"size\":\"S\""));

    reply = office_ask(office, "create", "k2",
                       "{\"name\":\"pc\",\"tracking\":\"serialised\",\"gtin\":\"96385074\"}");
    assert_string_equal(reply->status, "ok");
    assert_int_equal(reply_int(reply, "registeredQty"), 0);
    assert_true(reply_says(reply, "\"gtin\":\"00000096385074\""));

    reply = office_ask(office, "update", "k3", "{\"id\":1,\"gtin\":\"4006381333931\"}");
    assert_true(reply_says(reply, "\"gtin\":\"04006381333931\""));
    reply = office_ask(office, "update", "k4", "{\"id\":9,\"gtin\":\"4006381333932\"}");
    assert_string_equal(reply->status, "invalid"); /* before anything is looked up */
}

/* 1.5 */
static void test_serialised_products_are_counted_by_scans_alone(void **state)
{
    struct office *office = *state;
    static const char *const create =
        "{\"name\":\"drill\",\"qty\":%d,\"tracking\":\"serialised\",\"size\":\"M\"}";
    char json[200];
    snprintf(json, sizeof(json), create, 3);
    const struct fake_message *reply = office_ask(office, "create", "k1", json);
    assert_string_equal(reply->status, "refused");
    assert_true(reply_says(reply, "\"type\":\"counted-by-scans\""));
    assert_true(reply_says(reply, "\"pointer\":\"/qty\""));

    snprintf(json, sizeof(json), create, 0);
    reply = office_ask(office, "create", "k2", json);
    assert_string_equal(reply->status, "ok");
    assert_int_equal(reply_int(reply, "registeredQty"), 0);
    assert_true(reply_says(reply, "\"tracking\":\"serialised\",\"size\":\"M\""));

    reply = office_ask(office, "update", "k3", "{\"id\":1,\"qty\":5}");
    assert_string_equal(reply->status, "refused");
    assert_true(reply_says(reply, "\"type\":\"counted-by-scans\""));
    assert_int_equal(fake_count(office->world, QUESTION_TOPIC), 0);

    stock_changed(office, 1, (struct stock_told){ 2, 2, 2, 2 }); /* two were received */
    assert_int_equal(reply_int(office_ask(office, "get", "", "{\"id\":1}"), "registeredQty"), 2);
    stock_changed(office, 1, (struct stock_told){ 0, 3, 0, 3 }); /* and both were broken */
    assert_int_equal(reply_int(office_ask(office, "get", "", "{\"id\":1}"), "registeredQty"), 0);
}

/* 1.6 */
static void test_gtin_belongs_to_one_product(void **state)
{
    struct office *office = *state;
    const char *create = "{\"name\":\"a\",\"qty\":1,\"gtin\":\"04006381333931\"," KIND "}";
    assert_string_equal(office_ask(office, "create", "k1", create)->status, "ok");
    const struct fake_message *reply = office_ask(office, "create", "k2", create);
    assert_string_equal(reply->status, "refused");
    assert_true(reply_says(reply, "\"type\":\"gtin-taken\""));
    assert_true(reply_says(reply, "product 1"));

    office_register(office, "k3", "chair", 10);
    reply = office_ask(office, "update", "k4", "{\"id\":2,\"gtin\":\"04006381333931\"}");
    assert_true(reply_says(reply, "\"type\":\"gtin-taken\""));
    reply = office_ask(office, "update", "k5", "{\"id\":2,\"gtin\":\"04006381333932\"}");
    assert_string_equal(reply->status, "invalid");
    assert_true(reply_says(reply, "check digit"));

    reply = office_ask(office, "update", "k6", "{\"id\":1,\"gtin\":\"00012345678905\"}");
    assert_string_equal(reply->status, "ok");
    reply = office_ask(office, "update", "k7",
                       "{\"id\":2,\"gtin\":\"04006381333931\",\"size\":\"L\"}");
    assert_string_equal(reply->status, "ok");
    assert_true(reply_says(reply, "\"size\":\"L\",\"gtin\":\"04006381333931\""));
    assert_int_equal(saved_count(office), 4);
}

static void test_get_absent_is_not_found(void **state)
{
    const struct fake_message *reply = office_ask(*state, "get", "", "{\"id\":9}");
    assert_non_null(reply);
    assert_string_equal(reply->status, "not_found");
    assert_true(reply_says(reply, "There is no product 9"));
}

static void test_list_pages_have_items_and_total(void **state)
{
    struct office *office = *state;
    for (int i = 0; i < 5; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        office_register(office, key, "chair", 10 + i);
    }
    const struct fake_message *reply = office_ask(office, "list", "", "{\"page\":1,\"size\":2}");
    assert_string_equal(reply->payload, "{\"items\":["
                                        "{\"id\":3,\"name\":\"chair\",\"qty\":12,\"registeredQty\":"
                                        "12,\"version\":1,\"tracking\":\"bulk\",\"size\":\"S\"},"
                                        "{\"id\":4,\"name\":\"chair\",\"qty\":13,\"registeredQty\":"
                                        "13,\"version\":1,\"tracking\":\"bulk\",\"size\":\"S\"}"
                                        "],\"total\":5}");
    reply = office_ask(office, "list", "", "{\"page\":3,\"size\":2}");
    assert_string_equal(reply->payload, "{\"items\":[],\"total\":5}");
    reply = office_ask(office, "list", "", "{\"page\":0,\"size\":101}");
    assert_string_equal(reply->status, "invalid");
}

/* 100 names of 200 code points, each of which JSON writes as six bytes: it must fit one message. */
static void test_list_largest_page_fits(void **state)
{
    struct office *office = *state;
    char name[200 * 6 + 1];
    for (size_t i = 0; i < 200; i++)
        memcpy(name + 6 * i, "\\u0001", 7);
    for (int i = 0; i < 100; i++) {
        char key[16], json[1300];
        snprintf(key, sizeof(key), "k%d", i);
        snprintf(json, sizeof(json), "{\"name\":\"%s\",\"qty\":1," KIND "}", name);
        assert_string_equal(office_ask(office, "create", key, json)->status, "ok");
    }
    const struct fake_message *reply = office_ask(office, "list", "", "{\"page\":0,\"size\":100}");
    assert_string_equal(reply->status, "ok");
    assert_int_equal(reply_int(reply, "total"), 100);
}

static void test_update_name_needs_nobody(void **state)
{
    struct office *office = *state;
    office_register(office, "k1", "chair", 10);
    fake_presence(&office->product, "stock", false, 1);
    const struct fake_message *reply = office_ask(office, "update", "k2",
                                                  "{\"id\":1,\"name\":\"sofa\"}");
    assert_string_equal(reply->payload,
                        "{\"id\":1,\"name\":\"sofa\",\"qty\":10,"
                        "\"registeredQty\":10,\"version\":2,\"tracking\":\"bulk\",\"size\":\"S\"}");
    assert_int_equal(saved_count(office), 2);
    assert_int_equal(fake_count(office->world, QUESTION_TOPIC), 0);
}

static void test_update_same_name_tells_nobody(void **state)
{
    struct office *office = *state;
    office_register(office, "k1", "chair", 10);
    const struct fake_message *reply = office_ask(office, "update", "k2",
                                                  "{\"id\":1,\"name\":\"chair\"}");
    assert_int_equal(reply_int(reply, "version"), 1);
    assert_int_equal(saved_count(office), 1);
}

static void test_update_absent_or_empty_is_refused(void **state)
{
    struct office *office = *state;
    const struct fake_message *reply = office_ask(office, "update", "k1",
                                                  "{\"id\":9,\"name\":\"sofa\"}");
    assert_string_equal(reply->status, "not_found");
    reply = office_ask(office, "update", "k2", "{\"id\":9,\"qty\":4}");
    assert_string_equal(reply->status, "not_found");
    reply = office_ask(office, "update", "k3", "{\"id\":9}");
    assert_string_equal(reply->status, "invalid");
    assert_int_equal(fake_count(office->world, QUESTION_TOPIC), 0);
}

/* ---- what stock reports ---- */

static void test_stock_changed_brings_availability_and_tells_nobody(void **state)
{
    struct office *office = *state;
    office_register(office, "k1", "chair", 10);
    stock_changed(office, 1, (struct stock_told){ 10, 1, 6, 2 });
    stock_changed(office, 1, (struct stock_told){ 10, 1, 9, 1 }); /* stale */
    const struct fake_message *reply = office_ask(office, "get", "", "{\"id\":1}");
    assert_int_equal(reply_int(reply, "qty"), 6);
    assert_int_equal(reply_int(reply, "version"), 1);
    assert_int_equal(saved_count(office), 1);
}

static void test_stock_changed_of_unknown_product_is_passed_over(void **state)
{
    struct office *office = *state;
    stock_changed(office, 5, (struct stock_told){ 10, 1, 6, 2 });
    assert_int_equal(fake_sql_int(&office->product, "SELECT count(*) FROM product"), 0);
    assert_int_equal(fake_sql_int(&office->product, "SELECT count(*) FROM dead_letter"), 0);
}

static void test_stock_events_of_others_are_passed_over(void **state)
{
    struct office *office = *state;
    const struct fake_event event = { .source = "stock",
                                      .seq = ++office->stock_seq,
                                      .type = "StockReserved",
                                      .subject = "reservation/7",
                                      .version = 1,
                                      .data = "{\"deliveryId\":7,\"productId\":1,\"qty\":4}" };
    fake_event(&office->product, &event);
    assert_int_equal(fake_sql_int(&office->product, "SELECT count(*) FROM dead_letter"), 0);
    office_register(office, "k1", "chair", 10);
    stock_changed(office, 1, (struct stock_told){ 10, 1, 6, 2 }); /* the stream goes on */
    assert_int_equal(reply_int(office_ask(office, "get", "", "{\"id\":1}"), "qty"), 6);
}

static void test_bad_event_is_parked_and_nothing_else_stops(void **state)
{
    struct office *office = *state;
    office_register(office, "k1", "chair", 10);
    const struct fake_event bad = { .source = "stock",
                                    .seq = ++office->stock_seq,
                                    .type = "StockChanged",
                                    .subject = "stock/2",
                                    .version = 1,
                                    .data = "{\"productId\":\"two\"}" };
    fake_event(&office->product, &bad);
    assert_int_equal(fake_sql_int(&office->product, "SELECT count(*) FROM dead_letter"), 1);
    stock_changed(office, 1, (struct stock_told){ 10, 1, 6, 2 });
    assert_int_equal(reply_int(office_ask(office, "get", "", "{\"id\":1}"), "qty"), 6);
}

static void test_restart_keeps_everything(void **state)
{
    struct office *office = *state;
    office_register(office, "k1", "chair", 10);
    stock_changed(office, 1, (struct stock_told){ 10, 1, 6, 2 });
    fake_service_reopen(&office->product);
    const struct fake_message *reply = office_ask(office, "get", "", "{\"id\":1}");
    assert_string_equal(reply->payload,
                        "{\"id\":1,\"name\":\"chair\",\"qty\":6,"
                        "\"registeredQty\":10,\"version\":1,\"tracking\":\"bulk\",\"size\":\"S\"}");
}

/* 1.8 */
static void test_search_finds_by_words_and_goes_on(void **state)
{
    struct office *office = *state;
    office_register(office, "k1", "Desk lamp", 1);
    office_register(office, "k2", "Desk", 1);
    office_register(office, "k3", "Lamp", 1);
    office_register(office, "k4", "Standing desk", 1);
    const struct fake_message *reply = office_ask(office, "search", "",
                                                  "{\"size\":2,\"text\":\"desk\"}");
    assert_true(reply_says(reply, "\"id\":1,"));
    assert_true(reply_says(reply, "\"id\":2,"));
    assert_int_equal(reply_int(reply, "next"), 2);
    reply = office_ask(office, "search", "", "{\"size\":2,\"text\":\"desk\",\"after\":2}");
    assert_true(reply_says(reply, "\"id\":4,"));
    assert_false(reply_says(reply, "\"id\":3,"));
    assert_int_equal(reply_int(reply, "next"), -1);
    reply = office_ask(office, "search", "", "{\"size\":9,\"text\":\"lamp desk\"}");
    assert_true(reply_says(reply, "\"id\":1,"));
    assert_false(reply_says(reply, "\"id\":3,"));
    assert_string_equal(office_ask(office, "search", "", "{\"size\":9,\"text\":\"sofa\"}")->payload,
                        "{\"items\":[]}");
    assert_int_equal(reply_int(office_ask(office, "search", "", "{\"size\":3}"), "next"), 3);
}

/* 1.8: what is asked for costs so many rows and no more; it goes on where it stopped. */
static void test_search_looks_at_so_many_and_no_more(void **state)
{
    struct office *office = *state;
    char key[32];
    for (int i = 1; i <= PRODUCT_SEARCH_LOOKED_AT_MAX + 1; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        office_register(office, key, i > PRODUCT_SEARCH_LOOKED_AT_MAX ? "lamp" : "desk", 1);
    }
    const struct fake_message *reply = office_ask(office, "search", "",
                                                  "{\"size\":9,\"text\":\"lamp\"}");
    assert_true(reply_says(reply, "{\"items\":[],"));
    assert_int_equal(reply_int(reply, "next"), PRODUCT_SEARCH_LOOKED_AT_MAX);
    reply = office_ask(office, "search", "", "{\"size\":9,\"text\":\"lamp\",\"after\":2000}");
    assert_true(reply_says(reply, "\"id\":2001,"));
    assert_int_equal(reply_int(reply, "next"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(test_create_answers_stores_and_tells),
        OFFICE_TEST(test_create_same_key_has_one_effect),
        OFFICE_TEST(test_same_key_in_two_forms_has_one_effect),
        OFFICE_TEST(test_create_bad_request_names_the_member_and_stores_nothing),
        OFFICE_TEST(test_serialised_products_are_counted_by_scans_alone),
        OFFICE_TEST(test_create_fills_in_what_nobody_said),
        OFFICE_TEST(test_gtin_belongs_to_one_product),
        OFFICE_TEST(test_get_absent_is_not_found),
        OFFICE_TEST(test_list_pages_have_items_and_total),
        OFFICE_TEST(test_list_largest_page_fits),
        OFFICE_TEST(test_update_name_needs_nobody),
        OFFICE_TEST(test_update_same_name_tells_nobody),
        OFFICE_TEST(test_update_absent_or_empty_is_refused),
        OFFICE_TEST(test_stock_changed_brings_availability_and_tells_nobody),
        OFFICE_TEST(test_stock_changed_of_unknown_product_is_passed_over),
        OFFICE_TEST(test_stock_events_of_others_are_passed_over),
        OFFICE_TEST(test_bad_event_is_parked_and_nothing_else_stops),
        OFFICE_TEST(test_restart_keeps_everything),
        OFFICE_TEST(test_search_finds_by_words_and_goes_on),
        OFFICE_TEST(test_search_looks_at_so_many_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

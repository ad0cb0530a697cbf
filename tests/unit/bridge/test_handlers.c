/* Bodies in both directions, against literal JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/code_view.h"
#include "bridge/handlers.h"
#include "bridge/views.h"
#include "fakes/cmocka_all.h"
#include "kit/json/gate.h"
#include "msg/http_product_list.gen.h"

static const struct exchange at_item = {
    .place = { .host = "shop:8080", .collection = "/products", .query = "" },
    .page = { .size = 20 },
    .id = 7,
};

static struct kit_buf out;
static struct kit_error err;

static int set_up(void **state)
{
    (void)state;
    kit_buf_init(&out, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_buf_done(&out);
    return 0;
}

static cJSON *parse(const char *text)
{
    cJSON *root = NULL;
    assert_int_equal(kit_json_parse(text, strlen(text), 1 << 20, &root, &err), KIT_OK);
    return root;
}

static int ask(route_ask_cb cb, const char *body)
{
    cJSON *root = parse(body);
    kit_buf_reset(&out);
    int rc = cb(&at_item, root, &out, &err);
    cJSON_Delete(root);
    return rc;
}

static int show(route_show_cb cb, const struct exchange *exchange, const char *answer,
                int64_t *ret_id)
{
    cJSON *root = parse(answer);
    kit_buf_reset(&out);
    int rc = cb(exchange, root, &out, ret_id, &err);
    cJSON_Delete(root);
    return rc;
}

/* Compares as JSON, so that the order of members does not matter. */
static void assert_out_is(const char *expected)
{
    cJSON *left = parse(out.data);
    cJSON *right = parse(expected);
    if (!cJSON_Compare(left, right, 1))
        assert_string_equal(out.data, expected);
    cJSON_Delete(left);
    cJSON_Delete(right);
}

static void test_product_ask_create_qty_defaults_to_ten(void **state)
{
    (void)state;
    assert_int_equal(ask(product_ask_create, "{\"name\":\"lamp\"}"), KIT_OK);
    assert_out_is("{\"name\":\"lamp\",\"qty\":10,\"tracking\":\"bulk\",\"size\":\"S\"}");
}

static void test_product_ask_create_decimal_string_is_a_number(void **state)
{
    (void)state;
    assert_int_equal(ask(product_ask_create, "{\"name\":\"computer\",\"qty\":\"9\"}"), KIT_OK);
    assert_out_is("{\"name\":\"computer\",\"qty\":9,\"tracking\":\"bulk\",\"size\":\"S\"}");
}

static void test_product_ask_create_text_is_kept(void **state)
{
    (void)state;
    assert_int_equal(ask(product_ask_create, "{\"name\":\"<b>\\\"\xf0\x9f\x93\xa6\\n\"}"), KIT_OK);
    assert_out_is("{\"name\":\"<b>\\\"\xf0\x9f\x93\xa6\\n\",\"qty\":10,\"tracking\":\"bulk\","
                  "\"size\":\"S\"}");
}

static void test_product_ask_create_serialised_counts_from_zero_and_gtin_gets_14_digits(
    void **state)
{
    (void)state;
    assert_int_equal(ask(product_ask_create,
                         "{\"name\":\"pc\",\"tracking\":\"serialised\",\"size\":\"L\","
                         "\"gtin\":\"4006381333931\"}"),
                     KIT_OK);
    assert_out_is("{\"name\":\"pc\",\"qty\":0,\"tracking\":\"serialised\",\"size\":\"L\","
                  "\"gtin\":\"04006381333931\"}");
    assert_int_equal(ask(product_ask_update, "{\"gtin\":\"96385074\"}"), KIT_OK);
    assert_out_is("{\"id\":7,\"gtin\":\"00000096385074\"}");
}

static void test_product_ask_create_wrong_gtin_is_named(void **state)
{
    static const char *const bad[] = { "4006381333932", "400638133393", "123456789", "9638507" };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(bad); i++) {
        char body[80];
        snprintf(body, sizeof(body), "{\"name\":\"pc\",\"gtin\":\"%s\"}", bad[i]);
        assert_int_equal(ask(product_ask_create, body), KIT_E_INVALID);
        assert_string_equal(err.pointer, "/gtin");
    }
}

static void test_asset_ask_move_carries_state_and_bin(void **state)
{
    (void)state;
    assert_int_equal(ask(asset_ask_move, "{\"state\":\"on_shelf\",\"bin\":\"A-01\"}"), KIT_OK);
    assert_out_is("{\"id\":7,\"state\":\"on_shelf\",\"bin\":\"A-01\"}");
    assert_int_equal(ask(asset_ask_move, "{\"state\":\"lost\"}"), KIT_E_INVALID);
    assert_int_equal(ask(asset_ask_move, "{\"bin\":\"A-01\"}"), KIT_E_INVALID);
}

static void test_scan_ask_carries_station_and_label(void **state)
{
    (void)state;
    assert_int_equal(ask(scan_ask, "{\"station\":\"desk-1\",\"label\":\"LS:A:LT-7:S\"}"), KIT_OK);
    assert_out_is("{\"station\":\"desk-1\",\"label\":\"LS:A:LT-7:S\"}");
    assert_int_equal(ask(scan_ask, "{\"station\":\"desk-1\",\"label\":\"]d2\\u001d21x\"}"), KIT_OK);
    assert_out_is("{\"station\":\"desk-1\",\"label\":\"]d2\\u001d21x\"}");
    assert_int_equal(ask(scan_ask, "{\"station\":\"Desk 1\",\"label\":\"x\"}"), KIT_E_INVALID);
    assert_string_equal(err.pointer, "/station");
    assert_int_equal(ask(scan_ask, "{\"station\":\"desk-1\",\"label\":\"\"}"), KIT_E_INVALID);
    assert_string_equal(err.pointer, "/label");
}

static void test_pick_ask_list_carries_the_sort(void **state)
{
    struct exchange exchange = { .page = { 2, 20, false } };

    (void)state;
    assert_int_equal(pick_ask_list(&exchange, NULL, &out, &err), KIT_OK);
    assert_out_is("{\"page\":2,\"size\":20}");
    exchange.page.is_tour = true;
    kit_buf_reset(&out);
    assert_int_equal(pick_ask_list(&exchange, NULL, &out, &err), KIT_OK);
    assert_out_is("{\"page\":2,\"size\":20,\"sort\":\"tour\"}");
}

static void test_verdict_show_is_what_stock_says(void **state)
{
    static const char said[] =
        "{\"result\":\"wrong_item\",\"signal\":\"error\",\"prompt\":\"Wrong: lamp. Take pc\"}";
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(verdict_show, &at_item, said, &id), KIT_OK);
    assert_out_is(said);
    assert_int_equal(id, 0);
}

#define LETTER                                                                                     \
    "{\"id\":7,\"source\":\"product\",\"seq\":3,\"type\":\"ProductSaved\",\"subject\":\"product/"  \
    "1\","                                                                                         \
    "\"code\":\"invalid\",\"reason\":\"no\",\"parkedAt\":\"2026-01-31T12:00:00.000Z\"}"

static void test_letters_are_shown_with_their_page(void **state)
{
    const struct exchange page = {
        .place = { .host = "localhost:8080",
                   .collection = "/dead-letters/rental",
                   .query = "size=1" },
        .page = { 0, 1, false },
    };
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(letter_show_list, &page, "{\"total\":2,\"items\":[" LETTER "]}", &id),
                     KIT_OK);
    assert_non_null(strstr(out.data, "{\"_embedded\":{\"letters\":[" LETTER "]}"));
    assert_non_null(strstr(out.data, "http://localhost:8080/dead-letters/rental?page=1&size=1"));
    assert_non_null(strstr(out.data, "\"totalElements\":2"));
    assert_int_equal(show(letter_outcome_show, &page, "{\"id\":7,\"outcome\":\"applied\"}", &id),
                     KIT_OK);
    assert_out_is("{\"id\":7,\"outcome\":\"applied\"}");
    assert_int_equal(show(letter_outcome_show, &page, "{\"id\":7,\"outcome\":\"gone\"}", &id),
                     KIT_E_INVALID);
}

static void test_act_takes_no_member(void **state)
{
    (void)state;
    assert_int_equal(ask(any_ask_act, "{}"), KIT_OK);
    assert_out_is("{\"id\":7}");
    assert_int_equal(ask(any_ask_act, "{\"id\":8}"), KIT_E_INVALID);
    assert_string_equal(err.pointer, "/id");
    assert_int_equal(ask(any_ask_act, "[]"), KIT_E_INVALID);
}

#define DELIVERY_HEAD                                                                              \
    "{\"id\":3,\"rentalId\":3,\"productId\":1,\"qty\":2,\"fulfilment\":\"locker\",\"version\":4,"  \
    "\"updatedAt\":\"2026-01-31T12:00:01.500Z\","

static void test_delivery_show_links_to_the_code_while_there_is_one(void **state)
{
    static const struct {
        const char *rest;
        bool has_code;
    } rows[] = {
        { "\"status\":\"READY\",\"compartmentUse\":\"loaded\"}", true },
        { "\"status\":\"READY\",\"compartmentUse\":\"assigned\"}", false },
        { "\"status\":\"RETURNING\",\"compartmentUse\":\"assigned\"}", true },
        { "\"status\":\"RETURNING\",\"compartmentUse\":\"loaded\"}", false },
        { "\"status\":\"PICKED\",\"compartmentUse\":\"assigned\"}", false },
        { "\"status\":\"DELIVERED\"}", false },
        { "\"status\":\"READY\",\"compartmentUse\":\"loaded\",\"code\":\"none\"}", false },
        { "\"status\":\"RETURNING\",\"compartmentUse\":\"loaded\",\"code\":\"held\"}", true },
    };
    int64_t id = 0;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        char answer[320];
        snprintf(answer, sizeof(answer), "%s%s", DELIVERY_HEAD, rows[i].rest);
        assert_int_equal(show(delivery_show, &at_item, answer, &id), KIT_OK);
        assert_int_equal(strstr(out.data, "/products/3/pickup-code\"") != NULL, rows[i].has_code);
    }
}

#define CODE                                                                                       \
    "{\"deliveryId\":3,\"code\":\"01234567\",\"purpose\":\"collect\",\"locker\":\"locker-1\","     \
    "\"compartment\":2,\"expiresAt\":\"2026-01-31T12:00:01.500Z\"}"

static void test_code_show_as_json_png_and_svg(void **state)
{
    struct exchange exchange = at_item;
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(code_show, &exchange, CODE, &id), KIT_OK);
    assert_out_is(CODE);
    exchange.format = FORMAT_PNG;
    assert_int_equal(show(code_show, &exchange, CODE, &id), KIT_OK);
    assert_memory_equal(out.data, "\x89PNG\r\n\x1a\n", 8);
    exchange.format = FORMAT_SVG;
    assert_int_equal(show(code_show, &exchange, CODE, &id), KIT_OK);
    assert_memory_equal(out.data, "<svg ", 5);
    assert_non_null(strstr(out.data, "<title>01234567</title>"));
    assert_int_equal(show(code_show, &exchange, "{\"code\":\"1\"}", &id), KIT_E_INVALID);
}

#define LOCKER                                                                                     \
    "{\"device\":\"locker-1\",\"site\":\"main\",\"status\":\"online\",\"wrongCodes\":0,"           \
    "\"compartments\":[{\"number\":1,\"size\":\"S\",\"door\":\"closed\",\"presence\":\"absent\","  \
    "\"use\":\"free\"}]}"

static void test_locker_show_is_what_delivery_says(void **state)
{
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(locker_show, &at_item, LOCKER, &id), KIT_OK);
    assert_out_is(LOCKER);
    assert_int_equal(id, 0);
    assert_int_equal(show(locker_show, &at_item, "{\"device\":\"locker-1\"}", &id), KIT_E_INVALID);
}

static void test_locker_ask_get_takes_a_name_alone(void **state)
{
    static const char *const wrong[] = { "", "Locker-1", "locker%2D1" };
    struct exchange exchange = at_item;

    (void)state;
    exchange.name = "locker-1/doors"; /* only its first eight bytes stand for {device} */
    exchange.name_length = 8;
    kit_buf_reset(&out);
    assert_int_equal(locker_ask_get(&exchange, NULL, &out, &err), KIT_OK);
    assert_out_is("{\"device\":\"locker-1\"}");
    for (size_t i = 0; i < KIT_COUNT(wrong); i++) {
        exchange.name = wrong[i];
        exchange.name_length = strlen(wrong[i]);
        assert_int_equal(locker_ask_get(&exchange, NULL, &out, &err), KIT_E_NOT_FOUND);
    }
}

#define ACT                                                                                        \
    "\"act\":\"open\",\"compartment\":2,\"reason\":\"cleaning\",\"by\":\"Mina\","                  \
    "\"goods\":\"stay\",\"opened\":0}"

static void test_locker_ask_act_says_all_of_it(void **state)
{
    struct exchange exchange = at_item;
    cJSON *body = cJSON_Parse("{" ACT);

    (void)state;
    exchange.name = "locker-1/acts";
    exchange.name_length = 8;
    kit_buf_reset(&out);
    assert_int_equal(locker_ask_act(&exchange, body, &out, &err), KIT_OK);
    assert_out_is("{\"device\":\"locker-1\"," ACT);
    exchange.name = "Locker-1";
    assert_int_equal(locker_ask_act(&exchange, body, &out, &err), KIT_E_NOT_FOUND);
    cJSON_Delete(body);
}

static void test_locker_show_acts_is_what_delivery_says(void **state)
{
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(locker_show_acts, &at_item,
                          "{\"items\":[{\"at\":\"2026-01-31T12:00:01.500Z\","
                          "\"compartment\":2,\"act\":\"out\",\"by\":\"Mina\"}]}",
                          &id),
                     KIT_OK);
    assert_out_is("{\"_embedded\":{\"acts\":[{\"at\":\"2026-01-31T12:00:01.500Z\","
                  "\"compartment\":2,\"act\":\"out\",\"by\":\"Mina\"}]}}");
    assert_int_equal(show(locker_show_acts, &at_item, "{\"items\":1}", &id), KIT_E_INVALID);
}

static void test_asset_ask_list_carries_the_label(void **state)
{
    struct exchange exchange = at_item;

    (void)state;
    kit_buf_reset(&out);
    assert_int_equal(asset_ask_list(&exchange, NULL, &out, &err), KIT_OK);
    assert_out_is("{\"page\":0,\"size\":20}");
    snprintf(exchange.label, sizeof(exchange.label), "asset:DRILL-1");
    kit_buf_reset(&out);
    assert_int_equal(asset_ask_list(&exchange, NULL, &out, &err), KIT_OK);
    assert_out_is("{\"page\":0,\"size\":20,\"label\":\"asset:DRILL-1\"}");
}

static void test_locker_show_list_has_no_links_of_lockers(void **state)
{
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(locker_show_list, &at_item, "{\"total\":1,\"items\":[" LOCKER "]}", &id),
                     KIT_OK);
    assert_non_null(strstr(out.data, "\"lockers\":[{\"device\":\"locker-1\""));
    assert_non_null(strstr(out.data, "\"totalElements\":1"));
}

static void test_product_ask_create_bad_member_is_named(void **state)
{
    static const struct {
        const char *body;
        const char *pointer;
    } rows[] = {
        { "{}", "/name" },
        { "{\"name\":\"\"}", "/name" },
        { "{\"name\":\"a\",\"qty\":0}", "/qty" },
        { "{\"name\":\"a\",\"qty\":-1}", "/qty" },
        { "{\"name\":\"a\",\"qty\":2147483648}", "/qty" },
        { "{\"name\":\"a\",\"qty\":\"9x\"}", "/qty" },
        { "{\"name\":\"a\",\"qty\":true}", "/qty" },
        { "{\"name\":\"a\",\"qty\":null}", "/qty" },
        { "{\"name\":\"a\",\"qty\":[]}", "/qty" },
        { "{\"name\":\"a\",\"colour\":1}", "/colour" },
        { "[]", "" },
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        assert_int_equal(ask(product_ask_create, rows[i].body), KIT_E_INVALID);
        assert_string_equal(err.pointer, rows[i].pointer);
        assert_int_equal(out.size_bytes, 0);
    }
}

static void test_product_ask_update_carries_only_what_is_given(void **state)
{
    (void)state;
    assert_int_equal(ask(product_ask_update, "{\"qty\":5}"), KIT_OK);
    assert_out_is("{\"id\":7,\"qty\":5}");
    assert_int_equal(ask(product_ask_update, "{\"name\":\"x\"}"), KIT_OK);
    assert_out_is("{\"id\":7,\"name\":\"x\"}");
    assert_int_equal(ask(product_ask_update, "{}"), KIT_E_INVALID);
    assert_int_equal(ask(product_ask_update, "{\"id\":8,\"qty\":5}"), KIT_E_INVALID);
}

static void test_rental_ask_create_like_the_transcript(void **state)
{
    (void)state;
    assert_int_equal(ask(rental_ask_create, "{\"productId\":\"1\",\"qty\":\"12\",\"status\":"
                                            "\"ORDERED\",\"productName\":\"computer\"}"),
                     KIT_OK);
    assert_out_is("{\"productId\":1,\"productName\":\"computer\",\"qty\":12,"
                  "\"fulfilment\":\"direct\"}");
    assert_int_equal(ask(rental_ask_create, "{\"productId\":1,\"qty\":1}"), KIT_OK);
    assert_out_is("{\"productId\":1,\"qty\":1,\"fulfilment\":\"direct\"}");
}

static void test_rental_ask_create_other_status_is_refused(void **state)
{
    (void)state;
    assert_int_equal(ask(rental_ask_create, "{\"productId\":1,\"qty\":1,\"status\":\"DELIVERED\"}"),
                     KIT_E_INVALID);
    assert_string_equal(err.pointer, "/status");
    assert_int_equal(ask(rental_ask_create, "{\"qty\":1}"), KIT_E_INVALID);
    assert_string_equal(err.pointer, "/productId");
}

static void test_any_ask_get_and_list(void **state)
{
    const struct exchange page = { .page = { .number = 3, .size = 50 } };

    (void)state;
    kit_buf_reset(&out);
    assert_int_equal(any_ask_get(&at_item, NULL, &out, &err), KIT_OK);
    assert_out_is("{\"id\":7}");
    kit_buf_reset(&out);
    assert_int_equal(any_ask_list(&page, NULL, &out, &err), KIT_OK);
    assert_out_is("{\"page\":3,\"size\":50}");
}

static void test_product_show_has_links(void **state)
{
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(product_show, &at_item,
                          "{\"id\":7,\"name\":\"lamp\",\"qty\":6,\"registeredQty\":9,\"version\":2,"
                          "\"tracking\":\"bulk\",\"size\":\"M\"}",
                          &id),
                     KIT_OK);
    assert_int_equal(id, 7);
    assert_out_is("{\"id\":7,\"name\":\"lamp\",\"qty\":6,\"registeredQty\":9,\"version\":2,"
                  "\"tracking\":\"bulk\",\"size\":\"M\",\"_links\":{\"self\":{\"href\":\"http://"
                  "shop:8080/products/7\"},"
                  "\"product\":{\"href\":\"http://shop:8080/products/7\"}}}");
}

static void test_rental_show_optional_members_come_through(void **state)
{
    int64_t id = 0;

    (void)state;
    assert_int_equal(
        show(rental_show, &at_item,
             "{\"id\":3,\"productId\":1,\"productName\":\"pc\",\"qty\":2,\"fulfilment\":\"direct\","
             "\"status\":\"CANCELED_OutOfStock\",\"reason\":\"only 1 left\",\"version\":2,"
             "\"orderedAt\":\"2026-01-31T12:00:00.000Z\",\"updatedAt\":\"2026-01-31T12:00:01."
             "500Z\"}",
             &id),
        KIT_OK);
    assert_out_is(
        "{\"id\":3,\"productId\":1,\"productName\":\"pc\",\"qty\":2,\"fulfilment\":\"direct\","
        "\"status\":\"CANCELED_OutOfStock\",\"reason\":\"only 1 left\",\"version\":2,"
        "\"orderedAt\":\"2026-01-31T12:00:00.000Z\",\"updatedAt\":\"2026-01-31T12:00:01.500Z\","
        "\"_links\":{\"self\":{\"href\":\"http://shop:8080/products/3\"},"
        "\"rental\":{\"href\":\"http://shop:8080/products/3\"}}}");
}

static void test_delivery_and_order_show(void **state)
{
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(delivery_show, &at_item,
                          "{\"id\":3,\"rentalId\":3,\"productId\":1,\"qty\":2,\"fulfilment\":"
                          "\"direct\",\"status\":\"REQUESTED\",\"version\":1,"
                          "\"updatedAt\":\"2026-01-31T12:00:01.500Z\"}",
                          &id),
                     KIT_OK);
    assert_non_null(strstr(out.data, "\"delivery\":{\"href\":"));
    assert_int_equal(show(order_show, &at_item,
                          "{\"id\":4,\"rentalId\":4,\"productId\":1,\"rentalQty\":2,"
                          "\"rentalStatus\":\"ORDERED\",\"orderedAt\":\"2026-01-31T12:00:00.000Z\","
                          "\"updatedAt\":\"2026-01-31T12:00:01.500Z\"}",
                          &id),
                     KIT_OK);
    assert_int_equal(id, 4);
    assert_non_null(strstr(out.data, "\"myOrder\":{\"href\":"));
    assert_null(strstr(out.data, "deliveryStatus"));
}

static void test_show_answer_of_another_shape_is_refused(void **state)
{
    int64_t id = 0;

    (void)state;
    assert_int_equal(show(product_show, &at_item, "{\"id\":7}", &id), KIT_E_INVALID);
    assert_int_equal(show(product_show_list, &at_item, "{\"items\":[{}],\"total\":1}", &id),
                     KIT_E_INVALID);
    assert_int_equal(out.size_bytes, 0);
}

static void test_product_show_list_full_page_is_valid_by_its_schema(void **state)
{
    const struct exchange page = {
        .place = { .host = "shop", .collection = "/products", .query = "page=1&size=100" },
        .page = { .number = 1, .size = 100 }
    };
    struct msg_http_product_list *list = malloc(sizeof(*list));
    struct kit_buf answer;
    int64_t id = 0;

    (void)state;
    assert_non_null(list);
    kit_buf_init(&answer, 1 << 20);
    kit_buf_add_text(&answer, "{\"items\":[");
    for (int i = 0; i < 100; i++)
        kit_buf_add_format(&answer,
                           "%s{\"id\":%d,\"name\":\"p%d\",\"qty\":1,\"registeredQty\":1,"
                           "\"version\":1,\"tracking\":\"bulk\",\"size\":\"S\"}",
                           i == 0 ? "" : ",", 101 + i, i);
    kit_buf_add_text(&answer, "],\"total\":201}");
    assert_int_equal(show(product_show_list, &page, answer.data, &id), KIT_OK);

    cJSON *root = parse(out.data);
    assert_int_equal(msg_http_product_list_decode(root, list, &err), KIT_OK);
    assert_int_equal(list->embedded.products_count, 100);
    assert_int_equal(list->embedded.products[99].product.id.v, 200);
    assert_string_equal(list->embedded.products[99].links.self.href, "http://shop/products/200");
    assert_int_equal(list->paging.page.total_pages, 3);
    assert_string_equal(list->paging.links.self.href, "http://shop/products?page=1&size=100");
    assert_true(list->paging.links.has_prev && list->paging.links.has_next);
    cJSON_Delete(root);
    kit_buf_done(&answer);
    free(list);
}

static void test_show_list_empty_has_embedded_array(void **state)
{
    static const struct {
        route_show_cb cb;
        const char *text;
    } rows[] = {
        { product_show_list, "\"_embedded\":{\"products\":[]}" },
        { rental_show_list, "\"_embedded\":{\"rentals\":[]}" },
        { delivery_show_list, "\"_embedded\":{\"deliveries\":[]}" },
        { order_show_list, "\"_embedded\":{\"myOrders\":[]}" },
        { asset_show_list, "\"_embedded\":{\"assets\":[]}" },
        { pick_show_list, "\"_embedded\":{\"picks\":[]}" },
        { locker_show_list, "\"_embedded\":{\"lockers\":[]}" },
    };
    int64_t id = 0;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        assert_int_equal(show(rows[i].cb, &at_item, "{\"items\":[],\"total\":0}", &id), KIT_OK);
        assert_non_null(strstr(out.data, rows[i].text));
        assert_non_null(strstr(out.data, "\"totalElements\":0"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_product_ask_create_qty_defaults_to_ten),
        TEST(test_product_ask_create_decimal_string_is_a_number),
        TEST(test_product_ask_create_text_is_kept),
        TEST(test_product_ask_create_bad_member_is_named),
        TEST(test_product_ask_create_serialised_counts_from_zero_and_gtin_gets_14_digits),
        TEST(test_product_ask_create_wrong_gtin_is_named),
        TEST(test_asset_ask_move_carries_state_and_bin),
        TEST(test_scan_ask_carries_station_and_label),
        TEST(test_pick_ask_list_carries_the_sort),
        TEST(test_verdict_show_is_what_stock_says),
        TEST(test_letters_are_shown_with_their_page),
        TEST(test_act_takes_no_member),
        TEST(test_delivery_show_links_to_the_code_while_there_is_one),
        TEST(test_code_show_as_json_png_and_svg),
        TEST(test_locker_show_is_what_delivery_says),
        TEST(test_locker_ask_get_takes_a_name_alone),
        TEST(test_locker_ask_act_says_all_of_it),
        TEST(test_locker_show_acts_is_what_delivery_says),
        TEST(test_asset_ask_list_carries_the_label),
        TEST(test_locker_show_list_has_no_links_of_lockers),
        TEST(test_product_ask_update_carries_only_what_is_given),
        TEST(test_rental_ask_create_like_the_transcript),
        TEST(test_rental_ask_create_other_status_is_refused),
        TEST(test_any_ask_get_and_list),
        TEST(test_product_show_has_links),
        TEST(test_rental_show_optional_members_come_through),
        TEST(test_delivery_and_order_show),
        TEST(test_show_answer_of_another_shape_is_refused),
        TEST(test_product_show_list_full_page_is_valid_by_its_schema),
        TEST(test_show_list_empty_has_embedded_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

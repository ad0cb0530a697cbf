/* Decoding and encoding through the generated messages: what errors say, what stays untouched, and
 * what a decoded part of a document gives back. The vectors (tests/contract) cover every schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json/gate.h"
#include "kit/json/shape.h"
#include "msg/http_product_list.gen.h"
#include "msg/http_product_update.gen.h"
#include "msg/http_rental_create.gen.h"
#include "msg/rpc_replay_response.gen.h"
#include "msg/wire_event.gen.h"

static cJSON *parse(const char *text)
{
    cJSON *root = NULL;
    struct kit_error err = { 0 };
    if (kit_json_parse(text, strlen(text), 65536, &root, &err) != KIT_OK)
        fail_msg("%s: %s", text, err.text);
    return root;
}

static int decode_order(const char *text, struct msg_http_rental_create *ret, struct kit_error *err)
{
    cJSON *root = parse(text);
    int rc = msg_http_rental_create_decode(root, ret, err);
    cJSON_Delete(root);
    return rc;
}

static void test_decode_reads_numbers_and_decimal_strings_alike(void **state)
{
    (void)state;
    struct msg_http_rental_create order;
    struct kit_error err;
    assert_int_equal(decode_order("{\"qty\":\"9\",\"productId\":3}", &order, &err), KIT_OK);
    assert_int_equal(order.qty, 9);
    assert_int_equal(order.product_id.v, 3);
    assert_false(order.rental_create.has_product_name);
    assert_false(order.has_fulfilment);
    assert_int_equal(decode_order("{\"qty\":1000000,\"productId\":\"999999999999999\","
                                  "\"fulfilment\":\"direct\",\"status\":\"ORDERED\","
                                  "\"productName\":\"<b>\\uD83D\\uDE00\"}",
                                  &order, &err),
                     KIT_OK);
    assert_int_equal(order.product_id.v, INT64_C(999999999999999));
    assert_string_equal(order.rental_create.product_name, "<b>\xF0\x9F\x98\x80");
    assert_true(order.has_fulfilment);
    assert_int_equal(order.fulfilment, FULFILMENT_DIRECT);
}

static void test_decode_error_names_member_expectation_and_value(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *pointer;
        const char *sentence;
    } rows[] = {
        { "[]", "", "the body must be an object, not an array" },
        { "\"x\"", "", "the body must be an object, not the text \"x\"" },
        { "{\"qty\":1}", "/productId",
          "/productId is missing; it must be a whole number from 1 to 9007199254740991, or the "
          "same "
          "as a decimal string" },
        { "{\"productId\":1,\"qty\":0}", "/qty",
          "/qty must be a whole number from 1 to 1000000, or the same as a decimal string, not 0" },
        { "{\"productId\":1,\"qty\":\"9x\"}", "/qty",
          "/qty must be a whole number from 1 to 1000000, or the same as a decimal string, not the "
          "text \"9x\"" },
        { "{\"productId\":1,\"qty\":true}", "/qty",
          "/qty must be a whole number from 1 to 1000000, or the same as a decimal string, not "
          "true" },
        { "{\"productId\":1,\"qty\":null}", "/qty",
          "/qty must be a whole number from 1 to 1000000, or the same as a decimal string, not "
          "null" },
        { "{\"productId\":1,\"qty\":2,\"status\":\"DELIVERED\"}", "/status",
          "/status must be \"ORDERED\", not the text \"DELIVERED\"" },
        { "{\"productId\":1,\"qty\":2,\"productName\":\"\"}", "/productName",
          "/productName must be a text of 1 to 200 characters, not an empty text" },
        { "{\"productId\":1,\"qty\":2,\"Qty\":3}", "/Qty",
          "/Qty is not known here; leave it out (known: account, productId, qty, status, "
          "productName, "
          "fulfilment, locker)" },
        { "{\"a/b~\":3}", "/a~1b~0",
          "/a~1b~0 is not known here; leave it out (known: account, productId, qty, status, "
          "productName, "
          "fulfilment, locker)" },
    };
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct msg_http_rental_create order;
        struct kit_error err;
        memset(&order, 0x5A, sizeof(order));
        struct msg_http_rental_create before = order;
        assert_int_equal(decode_order(rows[i].text, &order, &err), KIT_E_INVALID);
        assert_string_equal(err.pointer, rows[i].pointer);
        assert_string_equal(err.text, rows[i].sentence);
        assert_memory_equal(&order, &before, sizeof(order));
        assert_int_equal(decode_order(rows[i].text, &order, NULL), KIT_E_INVALID);
    }
}

static void test_decode_error_of_a_long_array_says_how_long(void **state)
{
    (void)state;
    cJSON *root = parse("{\"epoch\":\"00000000000000000000000000000000\",\"head\":1}");
    cJSON *events = cJSON_AddArrayToObject(root, "events");
    for (int i = 0; i < 513; i++)
        cJSON_AddItemToArray(events, cJSON_CreateObject());
    struct msg_rpc_replay_response page;
    struct kit_error err;
    assert_int_equal(msg_rpc_replay_response_decode(root, &page, &err), KIT_E_INVALID);
    assert_string_equal(err.text, "/events must be an array of at most 512 objects, not an array "
                                  "of 513");
    cJSON_Delete(root);
}

static void test_decode_refuses_an_empty_update(void **state)
{
    (void)state;
    cJSON *root = parse("{}");
    struct msg_http_product_update update;
    struct kit_error err;
    assert_int_equal(msg_http_product_update_decode(root, &update, &err), KIT_E_INVALID);
    assert_string_equal(err.text, "the body must have at least 1 member");
    cJSON_Delete(root);
}

static void test_decode_finds_duplicates_that_no_gate_has_seen(void **state)
{
    (void)state;
    cJSON *root = cJSON_Parse("{\"qty\":1,\"qty\":2,\"productId\":1}");
    struct msg_http_rental_create order;
    struct kit_error err;
    assert_int_equal(msg_http_rental_create_decode(root, &order, &err), KIT_E_INVALID);
    assert_string_equal(err.text, "/qty is there twice");
    cJSON_Delete(root);
}

static void test_decode_takes_no_fraction_that_no_gate_has_seen(void **state)
{
    (void)state;
    static const char *const texts[] = { "{\"qty\":1.5,\"productId\":1}",
                                         "{\"qty\":1e400,\"productId\":1}",
                                         "{\"qty\":1,\"productId\":9007199254740993}" };
    for (size_t i = 0; i < KIT_COUNT(texts); i++) {
        cJSON *root = cJSON_Parse(texts[i]);
        struct msg_http_rental_create order;
        assert_non_null(root);
        assert_int_equal(msg_http_rental_create_decode(root, &order, NULL), KIT_E_INVALID);
        cJSON_Delete(root);
    }
}

static void test_decode_counts_characters_not_bytes(void **state)
{
    (void)state;
    struct kit_buf text;
    struct kit_error err;
    kit_buf_init(&text, 4096);
    for (int count = 200; count <= 201; count++) {
        kit_buf_reset(&text);
        kit_buf_add_text(&text, "{\"name\":\"");
        for (int i = 0; i < count; i++)
            kit_buf_add_text(&text, "\xF0\x9F\x98\x80");
        kit_buf_add_text(&text, "\"}");
        cJSON *root = parse(text.data);
        static struct msg_http_product_update update;
        int rc = msg_http_product_update_decode(root, &update, &err);
        cJSON_Delete(root);
        assert_int_equal(rc, count == 200 ? KIT_OK : KIT_E_INVALID);
        if (count == 200)
            assert_int_equal(strlen(update.name), 800);
        else
            assert_string_equal(
                err.text,
                "/name must be a text of 1 to 200 characters, not a text of 201 characters");
    }
    kit_buf_done(&text);
}

static void test_decode_names_members_deep_inside_lists(void **state)
{
    (void)state;
    cJSON *root = parse(
        "{\"_embedded\":{\"products\":[{\"id\":1,\"name\":\"a\",\"qty\":1,\"registeredQty\":1,"
        "\"version\":1,\"_links\":{\"self\":{\"href\":\"x\"},\"product\":{\"href\":\"\"}}}]}}");
    static struct msg_http_product_list list;
    struct kit_error err;
    assert_int_equal(msg_http_product_list_decode(root, &list, &err), KIT_E_INVALID);
    assert_string_equal(err.pointer, "/_embedded/products/0/_links/product/href");
    cJSON_Delete(root);
}

static void test_decode_of_a_part_starts_its_pointers_there(void **state)
{
    (void)state;
    cJSON *root = parse("{\"data\":{\"productId\":1,\"qty\":0}}");
    struct msg_http_rental_create order;
    struct kit_error err;
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(root, "data");
    assert_int_equal(msg_http_rental_create_decode(data, &order, &err), KIT_E_INVALID);
    assert_string_equal(err.pointer, "/qty");
    cJSON_Delete(root);
}

static void test_encode_writes_raw_json_from_text_or_nodes(void **state)
{
    (void)state;
    static const char events[] = "[{\"a\":[1,[],{},{\"b\":\"\\n\"}],\"c\":null},{},{\"d\":false}]";
    struct msg_rpc_replay_response page = {
        .epoch = "0123456789abcdef0123456789abcdef",
        .head = 9,
        .events = { .text = events, .size_bytes = sizeof(events) - 1 },
    };
    struct kit_buf first;
    struct kit_buf second;
    kit_buf_init(&first, 4096);
    kit_buf_init(&second, 4096);
    msg_rpc_replay_response_encode(&page, &first);
    cJSON *root = parse(first.data);
    struct msg_rpc_replay_response back;
    assert_int_equal(msg_rpc_replay_response_decode(root, &back, NULL), KIT_OK);
    assert_null(back.events.text);
    assert_ptr_equal(back.events.node, cJSON_GetObjectItemCaseSensitive(root, "events"));
    msg_rpc_replay_response_encode(&back, &second);
    assert_string_equal(second.data, first.data);
    assert_string_equal(second.data, "{\"epoch\":\"0123456789abcdef0123456789abcdef\",\"head\":9,"
                                     "\"events\":[{\"a\":[1,[],{},{\"b\":\"\\n\"}],\"c\":null},{},"
                                     "{\"d\":false}]}");
    cJSON_Delete(root);
    kit_buf_done(&first);
    kit_buf_done(&second);
}

static void test_encode_stops_at_the_buffers_maximum(void **state)
{
    (void)state;
    static struct msg_http_product_list list;
    list.embedded.products_count = KIT_COUNT(list.embedded.products);
    for (size_t i = 0; i < list.embedded.products_count; i++) {
        list.embedded.products[i].product.id.v = 1;
        list.embedded.products[i].product.registered_qty = 1;
        list.embedded.products[i].product.version = 1;
        list.embedded.products[i].product.tracking = TRACKING_BULK;
        list.embedded.products[i].product.size = PRODUCT_SIZE_S;
    }
    list.paging.page.size = 1;
    struct kit_buf out;
    kit_buf_init(&out, 1000);
    msg_http_product_list_encode(&list, &out);
    assert_true(out.overflow);
    assert_in_range(out.size_bytes, 1, 1000);
    kit_buf_done(&out);
}

static void test_pattern_is_anchored_at_both_ends(void **state)
{
    (void)state;
    static const struct kit_pattern_atom digits[] = {
        { UINT64_C(0x03ff000000000000), 0, 1, 3 },
        { 0, 0, 0, 0 },
    };
    static const struct kit_pattern_atom *const all[] = { digits };
    static const struct kit_pattern pattern = { "^[0-9]{1,3}$", all, 1 };
    assert_true(kit_pattern_matches(&pattern, "1"));
    assert_true(kit_pattern_matches(&pattern, "123"));
    assert_false(kit_pattern_matches(&pattern, ""));
    assert_false(kit_pattern_matches(&pattern, "1234"));
    assert_false(kit_pattern_matches(&pattern, " 1"));
    assert_false(kit_pattern_matches(&pattern, "1\n"));
    assert_false(kit_pattern_matches(&pattern, "\xC3\xA9"));
}

static void test_enum_text_is_the_schemas(void **state)
{
    (void)state;
    assert_string_equal(rental_status_text(RENTAL_STATUS_CANCELED_OUT_OF_STOCK),
                        "CANCELED_OutOfStock");
    assert_string_equal(service_presence_text(SERVICE_PRESENCE_ONLINE), "online");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_reads_numbers_and_decimal_strings_alike),
        cmocka_unit_test(test_decode_error_names_member_expectation_and_value),
        cmocka_unit_test(test_decode_error_of_a_long_array_says_how_long),
        cmocka_unit_test(test_decode_refuses_an_empty_update),
        cmocka_unit_test(test_decode_finds_duplicates_that_no_gate_has_seen),
        cmocka_unit_test(test_decode_takes_no_fraction_that_no_gate_has_seen),
        cmocka_unit_test(test_decode_counts_characters_not_bytes),
        cmocka_unit_test(test_decode_names_members_deep_inside_lists),
        cmocka_unit_test(test_decode_of_a_part_starts_its_pointers_there),
        cmocka_unit_test(test_encode_writes_raw_json_from_text_or_nodes),
        cmocka_unit_test(test_encode_stops_at_the_buffers_maximum),
        cmocka_unit_test(test_pattern_is_anchored_at_both_ends),
        cmocka_unit_test(test_enum_text_is_the_schemas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

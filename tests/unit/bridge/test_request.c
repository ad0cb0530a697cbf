/* What is asked of which service, what the client gets, and what is refused before anybody is
 * asked. */
#include "kit/base/check.h"
#include "request_world.h"

/* ---- what goes well ---- */

static void test_request_order_is_asked_and_answered(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    assert_int_equal(request->state, REQUEST_WAITING);
    assert_string_equal(world.topic, "lockstock/v1/rpc/rental/create/bridge");
    assert_string_equal(world.payload, "{\"productId\":1,\"qty\":2,\"fulfilment\":\"direct\"}");
    assert_int_equal(strlen(world.key), 32); /* one of ours */

    reply("ok", RENTAL);
    assert_int_equal(world.sent_answers, 1);
    assert_int_equal(request->answer.status, 201);
    assert_string_equal(request->answer.location, "http://shop:8080/rentals/3");
    assert_string_equal(request->answer.content_type, "application/hal+json");
    assert_non_null(strstr(request->answer.body.data, "\"status\":\"ORDERED\""));
    request_free(request);
}

static void test_request_cancel_has_no_body(void **state)
{
    (void)state;
    struct request *request = start("DELETE", "/rentals/3", &plain, NULL);
    assert_string_equal(world.topic, "lockstock/v1/rpc/rental/cancel/bridge");
    assert_string_equal(world.payload, "{\"id\":3}");
    reply("ok", RENTAL);
    assert_int_equal(request->answer.status, 204);
    assert_null(request->answer.content_type);
    request_free(request);
}

static void test_request_read_carries_no_key(void **state)
{
    const struct request_headers headers = { .host = "shop", .idempotency_key = "k" };

    (void)state;
    struct request *request = start("HEAD", "/rentals?page=2&size=5", &headers, NULL);
    assert_string_equal(world.topic, "lockstock/v1/rpc/rental/list/bridge");
    assert_string_equal(world.payload, "{\"page\":2,\"size\":5}");
    assert_string_equal(world.key, "");
    reply("ok", "{\"items\":[" RENTAL "],\"total\":11}");
    assert_int_equal(request->answer.status, 200);
    assert_non_null(strstr(request->answer.body.data, "http://shop/rentals?page=2&size=5"));
    request_free(request);
}

static void test_request_clients_key_and_trace_travel(void **state)
{
    static const char trace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const struct request_headers headers = { .host = "shop",
                                             .content_type = "application/json",
                                             .idempotency_key = "order-1",
                                             .traceparent = trace };

    (void)state;
    struct request *request = start("POST", "/rentals", &headers, ORDER);
    assert_string_equal(world.key, "h:order-1");
    assert_string_equal(world.traceparent, trace);
    assert_string_equal(request->traceparent, trace);
    reply("key_reused", "{\"type\":\"idempotency-key-reused\",\"detail\":\"use another key\"}");
    assert_problem(request, 422, "idempotency-key-reused");
    request_free(request);
}

static void test_request_without_trace_gets_a_valid_new_one(void **state)
{
    const struct request_headers headers = { .host = "shop", .traceparent = "garbage" };

    (void)state;
    struct request *request = start("GET", "/", &headers, NULL);
    assert_true(header_is_traceparent(request->traceparent));
    request_free(request);
}

static void test_request_index_lists_what_the_port_serves(void **state)
{
    (void)state;
    struct request *request = start("GET", "/", &plain, NULL);
    assert_int_equal(request->answer.status, 200);
    assert_string_equal(request->answer.body.data,
                        "{\"_links\":{\"self\":{\"href\":\"http://shop:8080/\"},"
                        "\"products\":{\"href\":\"http://shop:8080/products\"},"
                        "\"rentalProducts\":{\"href\":\"http://shop:8080/rentals/products\"},"
                        "\"rentals\":{\"href\":\"http://shop:8080/rentals\"},"
                        "\"deliveryProducts\":{\"href\":\"http://shop:8080/deliveries/products\"},"
                        "\"deliveries\":{\"href\":\"http://shop:8080/deliveries\"},"
                        "\"lockers\":{\"href\":\"http://shop:8080/lockers\"},"
                        "\"assets\":{\"href\":\"http://shop:8080/assets\"},"
                        "\"myOrders\":{\"href\":\"http://shop:8080/myOrders\"}}}");
    assert_int_equal(world.published, 0);
    request_free(request);
}

static void test_request_problem_types_are_explained(void **state)
{
    (void)state;
    struct request *request = start("GET", "/problems/outcome-unknown", &plain, NULL);
    assert_int_equal(request->answer.status, 200);
    assert_string_equal(request->answer.content_type, "text/plain; charset=utf-8");
    assert_non_null(strstr(request->answer.body.data, "Idempotency-Key"));
    request_free(request);
    request = start("GET", "/problems/no-such-slug", &plain, NULL);
    assert_problem(request, 404, "not-found");
    request_free(request);
}

static void test_request_options_says_what_is_allowed(void **state)
{
    (void)state;
    struct request *request = start("OPTIONS", "/rentals/1", &plain, NULL);
    assert_int_equal(request->answer.status, 204);
    assert_string_equal(request->answer.allow, "GET, HEAD, DELETE, OPTIONS");
    request_free(request);
}

static void test_request_absolute_target_is_understood(void **state)
{
    (void)state;
    struct request *request = start("GET", "http://shop:8080/rentals/3", &plain, NULL);
    assert_string_equal(world.payload, "{\"id\":3}");
    reply("ok", RENTAL);
    assert_int_equal(request->answer.status, 200);
    request_free(request);
}

/* ---- what is refused before anybody is asked ---- */

static void test_request_bad_head_is_refused(void **state)
{
    static const struct request_headers no_host = { .host = NULL };
    static const struct request_headers bad_host = { .host = "a b" };
    static const struct request_headers twice = { .host = "shop", .repeated = "Host" };
    static const struct request_headers bad_key = { .host = "shop",
                                                    .content_type = "application/json",
                                                    .idempotency_key = "a b" };
    static const struct request_headers both = { .host = "shop",
                                                 .content_length = "5",
                                                 .is_chunked = true };
    static const struct request_headers coded = { .host = "shop", .is_framed_otherwise = true };
    static const struct request_headers broken = { .host = "shop", .is_broken = true };
    static const struct {
        const char *method, *target;
        const struct request_headers *headers;
        int status;
        const char *slug;
    } rows[] = {
        { "GET", "/nothing", &plain, 404, "unknown-path" },
        { "GET", "/products/1/../2", &plain, 404, "unknown-path" },
        { "PUT", "/products/1", &plain, 405, "method-not-allowed" },
        { "TRACE", "/", &plain, 405, "method-not-allowed" },
        { "get", "/", &plain, 501, "method-not-implemented" },
        { "CONNECT", "shop:443", &plain, 501, "method-not-implemented" },
        { "POST", "/products", &coded, 501, "unknown-transfer-coding" },
        { "GET", "/products", &broken, 400, "invalid-header" },
        { "GET", "/products/%2e%2e", &plain, 400, "invalid-id" },
        { "DELETE", "/rentals/0", &plain, 400, "invalid-id" },
        { "GET", "/products?page=-1", &plain, 400, "invalid-query" },
        { "GET", "/products?sort=name", &plain, 400, "invalid-query" },
        { "GET", "/products/1?page=1", &plain, 400, "invalid-query" },
        { "POST", "/rentals?x=1", &json, 400, "invalid-query" },
        { "GET", "/products", &no_host, 400, "invalid-host" },
        { "GET", "/products", &bad_host, 400, "invalid-host" },
        { "GET", "/products", &twice, 400, "invalid-header" },
        { "POST", "/products", &both, 400, "invalid-header" },
        { "POST", "/rentals", &bad_key, 400, "invalid-idempotency-key" },
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct request *request = start(rows[i].method, rows[i].target, rows[i].headers, ORDER);
        assert_problem(request, rows[i].status, rows[i].slug);
        assert_int_equal(request->answer.allow[0] != '\0', rows[i].status == 405);
        /* Where its end is in doubt, nothing behind it may be read as a request. */
        assert_int_equal(request->closes, strcmp(rows[i].slug, "invalid-header") == 0 ||
                                              strcmp(rows[i].slug, "invalid-host") == 0 ||
                                              strcmp(rows[i].slug, "unknown-transfer-coding") == 0);
        request_free(request);
    }
    assert_int_equal(world.published, 0);
}

static void test_request_bad_body_is_refused(void **state)
{
    static const struct request_headers text = { .host = "shop", .content_type = "text/plain" };
    static const struct request_headers none = { .host = "shop" };
    static const struct {
        const struct request_headers *headers;
        const char *body;
        int status;
        const char *slug, *pointer;
    } rows[] = {
        { &json, NULL, 400, "empty-body", NULL },
        { &none, NULL, 400, "empty-body", NULL },
        { &text, ORDER, 415, "unsupported-media-type", NULL },
        { &none, ORDER, 415, "unsupported-media-type", NULL },
        { &json, "hello", 400, "malformed-json", NULL },
        { &json, ORDER "x", 400, "malformed-json", NULL },
        { &json, "{\"qty\":1,\"qty\":1}", 400, "malformed-json", NULL },
        { &json, "{\"productName\":\"\xff\"}", 400, "malformed-json", NULL },
        { &json, "{\"productName\":\"\\u0000\"}", 400, "malformed-json", NULL },
        { &json, "{\"productId\":1,\"qty\":0.5}", 422, "invalid-body", "/qty" },
        { &json, "{\"productId\":1,\"qty\":1e400}", 422, "invalid-body", "/qty" },
        { &json, "{\"productId\":1,\"qty\":9007199254740993}", 422, "invalid-body", "/qty" },
        { &json, "{\"productId\":1,\"qty\":0}", 422, "invalid-body", "/qty" },
        { &json, "{\"qty\":1}", 422, "invalid-body", "/productId" },
        { &json, "{\"productId\":1,\"qty\":1,\"x\":1}", 422, "invalid-body", "/x" },
        { &json, "{\"productId\":1,\"qty\":1,\"status\":\"NEW\"}", 422, "invalid-body", "/status" },
    };
    char pointer[40];

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct request *request = start("POST", "/rentals", rows[i].headers, rows[i].body);
        assert_problem(request, rows[i].status, rows[i].slug);
        if (rows[i].pointer != NULL) {
            snprintf(pointer, sizeof(pointer), "\"pointer\":\"%s\"", rows[i].pointer);
            assert_non_null(strstr(request->answer.body.data, pointer));
        }
        request_free(request);
    }
    assert_int_equal(world.published, 0);
}

static void test_request_return_takes_no_members(void **state)
{
    static const struct {
        const char *body, *pointer;
    } rows[] = { { "{\"x\":1}", "/x" }, { "{\"a/b\":{}}", "/a~1b" }, { "[]", "" }, { "1", "" } };
    char pointer[40];

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct request *request = start("POST", "/deliveries/3/return", &json, rows[i].body);
        assert_problem(request, 422, "invalid-body");
        snprintf(pointer, sizeof(pointer), "\"pointer\":\"%s\"", rows[i].pointer);
        if (rows[i].pointer[0] != '\0')
            assert_non_null(strstr(request->answer.body.data, pointer));
        request_free(request);
    }
    struct request *request = start("POST", "/deliveries/3/return", &json, "{");
    assert_problem(request, 400, "malformed-json");
    request_free(request);
    assert_int_equal(world.published, 0);
}

static void test_request_return_is_asked_without_a_body_or_with_an_empty_one(void **state)
{
    static const char *const bodies[] = { NULL, "{}", " {\n} " };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(bodies); i++) {
        struct request *request = start("POST", "/deliveries/3/return",
                                        bodies[i] == NULL ? &plain : &json, bodies[i]);
        assert_string_equal(world.topic, "lockstock/v1/rpc/delivery/return/bridge");
        assert_string_equal(world.payload, "{\"id\":3}");
        reply("refused", "{\"type\":\"refused\",\"detail\":\"no\"}");
        assert_problem(request, 409, "refused");
        request_free(request);
    }
}

static void test_request_too_large_is_refused_before_reading(void **state)
{
    const struct request_headers big = { .host = "shop",
                                         .content_type = "application/json",
                                         .content_length = "65537" };
    const struct request_headers absurd = { .host = "shop",
                                            .content_length = "99999999999999999999999" };
    const struct request_headers *all[] = { &big, &absurd };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(all); i++) {
        struct request *request = request_new(&bridge, "/rentals");
        assert_true(request_on_headers(request, BRIDGE_PORT_ALL, "POST", all[i]));
        assert_problem(request, 413, "too-large");
        request_free(request);
    }
}

static void test_request_chunked_too_large_is_drained_then_cut(void **state)
{
    static char block[65536];
    struct request *request = request_new(&bridge, "/rentals");
    const struct request_headers chunked = { .host = "shop",
                                             .content_type = "application/json",
                                             .is_chunked = true };

    (void)state;
    memset(block, ' ', sizeof(block));
    assert_false(request_on_headers(request, BRIDGE_PORT_ALL, "POST", &chunked));
    for (size_t i = 0; i < BRIDGE_DRAIN_BYTES_MAX / sizeof(block); i++)
        assert_true(request_on_body(request, block, sizeof(block)));
    assert_true(request->body.size_bytes <= BRIDGE_BODY_BYTES_MAX);
    assert_false(request_on_body(request, block, 1));
    request_on_end(request);
    assert_problem(request, 413, "too-large");
    request_free(request);
}

static void test_request_target_too_long_is_refused(void **state)
{
    char target[BRIDGE_TARGET_MAX + 2];

    (void)state;
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    target[sizeof(target) - 1] = '\0';
    struct request *request = start("GET", target, &plain, NULL);
    assert_problem(request, 414, "uri-too-long");
    request_free(request);
    target[sizeof(target) - 2] = '\0';
    request = start("GET", target, &plain, NULL);
    assert_problem(request, 404, "unknown-path");
    request_free(request);
}

/* Every character of the label encoded: with a long host, no href of ours has room for both. */
static void test_request_label_too_long_for_links_is_refused(void **state)
{
    char host[BRIDGE_HOST_SIZE], target[320] = "/assets?label=asset:";
    const struct request_headers headers = { .host = host };

    (void)state;
    memset(host, 'h', sizeof(host));
    for (size_t i = 0; i < 64; i++)
        memcpy(target + strlen("/assets?label=asset:") + 3 * i, "%41", 4);
    for (size_t length = 70; length < sizeof(host); length++) {
        host[length] = '\0';
        struct request *request = start("GET", target, &headers, NULL);
        if (request->state == REQUEST_ANSWERED) {
            assert_problem(request, 400, "invalid-query");
            assert_true(length > 80);
        } else {
            reply("ok", "{\"items\":[],\"total\":0}");
            assert_int_equal(request->answer.status, 200);
            assert_true(length < 90);
        }
        request_free(request);
        host[length] = 'h';
    }
}

/* ---- how devices are ---- */

#define LOCKER(firmware, more)                                                                     \
    "{\"device\":\"locker-1\",\"kind\":\"locker\",\"firmware\":\"" firmware "\"" more              \
    ",\"missing\":0}"

/* Delivery of 0.4 says it behind the firmware, that of 0.5 beside it; a scanner says nothing. */
static void test_request_protocol_of_a_device_is_a_member(void **state)
{
    static const struct {
        const char *answer, *wanted;
    } CASES[] = {
        { LOCKER("0.3.0+protocol.1", ""), "\"firmware\":\"0.3.0\",\"protocol\":1," },
        { LOCKER("0.4.0+b7+protocol.2", ""), "\"firmware\":\"0.4.0+b7\",\"protocol\":2," },
        { LOCKER("0.5.0", ",\"protocol\":2"), "\"firmware\":\"0.5.0\",\"protocol\":2," },
        { LOCKER("0.5.0+protocol.1", ",\"protocol\":2"), "\"firmware\":\"0.5.0+protocol.1\"," },
        { LOCKER("0.3.0", ""), "\"firmware\":\"0.3.0\",\"missing\"" },
        { LOCKER("x+protocol.12", ""), "\"firmware\":\"x+protocol.12\",\"missing\"" },
        { LOCKER("+protocol.1", ""), "\"firmware\":\"+protocol.1\",\"missing\"" },
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(CASES); i++) {
        struct request *request = start("GET", "/devices/delivery/locker-1", &plain, NULL);
        reply("ok", CASES[i].answer);
        assert_int_equal(request->answer.status, 200);
        if (strstr(request->answer.body.data, CASES[i].wanted) == NULL)
            fail_msg("%s without %s", request->answer.body.data, CASES[i].wanted);
        request_free(request);
    }
}

/* ---- used again ---- */

/* Whatever the last client was told, the next one is told none of it. */
static void test_request_used_again_is_as_new(void **state)
{
    (void)state;
    struct request *request = request_pool_take(&bridge);
    request->state = REQUEST_ANSWERED;
    request->connection = &world;
    request->has_headers = request->has_client_key = true;
    request->match.outcome = ROUTE_FOUND;
    request->refusal.code = KIT_E_INVALID;
    request->body_bytes = 7;
    kit_buf_add(&request->body, "body", 4);
    snprintf(request->key, sizeof(request->key), "h:theirs");
    request->answer.status = 503;
    request->answer.content_type = "application/json";
    request->answer.page = (const struct page *)&world;
    request->answer.retry_after_s = 3;
    kit_buf_add(&request->answer.body, "{}", 2);
    snprintf(request->answer.location, sizeof(request->answer.location), "http://shop/rentals/3");
    snprintf(request->answer.allow, sizeof(request->answer.allow), "GET");
    request_pool_give_back(request);

    struct request *again = request_pool_take(&bridge);
    assert_ptr_equal(again, request);
    assert_int_equal(again->state, REQUEST_READING);
    assert_null(again->connection);
    assert_null(again->next);
    assert_false(again->has_headers);
    assert_false(again->has_client_key);
    assert_int_equal(again->match.outcome, ROUTE_UNKNOWN_PATH);
    assert_int_equal(again->refusal.code, KIT_OK);
    assert_int_equal(again->body_bytes, 0);
    assert_int_equal(again->body.size_bytes, 0);
    assert_string_equal(again->key, "");
    assert_int_equal(again->answer.status, 0);
    assert_null(again->answer.content_type);
    assert_null(again->answer.page);
    assert_int_equal(again->answer.retry_after_s, 0);
    assert_int_equal(again->answer.body.size_bytes, 0);
    assert_string_equal(again->answer.location, "");
    assert_string_equal(again->answer.allow, "");
    request_pool_give_back(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_request_order_is_asked_and_answered),
        TEST(test_request_cancel_has_no_body),
        TEST(test_request_read_carries_no_key),
        TEST(test_request_clients_key_and_trace_travel),
        TEST(test_request_without_trace_gets_a_valid_new_one),
        TEST(test_request_index_lists_what_the_port_serves),
        TEST(test_request_problem_types_are_explained),
        TEST(test_request_options_says_what_is_allowed),
        TEST(test_request_absolute_target_is_understood),
        TEST(test_request_bad_head_is_refused),
        TEST(test_request_bad_body_is_refused),
        TEST(test_request_return_takes_no_members),
        TEST(test_request_return_is_asked_without_a_body_or_with_an_empty_one),
        TEST(test_request_too_large_is_refused_before_reading),
        TEST(test_request_chunked_too_large_is_drained_then_cut),
        TEST(test_request_target_too_long_is_refused),
        TEST(test_request_label_too_long_for_links_is_refused),
        TEST(test_request_protocol_of_a_device_is_a_member),
        TEST(test_request_used_again_is_as_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The life of a request, with the real RPC client on a bus that only remembers: what is asked of
 * which service, what the client gets, and what happens when either side goes away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/request.h"

#define RENTAL                                                                                     \
    "{\"id\":3,\"productId\":1,\"qty\":2,\"fulfilment\":\"direct\",\"status\":\"ORDERED\","        \
    "\"version\":1,\"orderedAt\":\"2026-01-31T12:00:00.000Z\","                                    \
    "\"updatedAt\":\"2026-01-31T12:00:00.000Z\"}"
#define ORDER "{\"productId\":1,\"qty\":2}"

/* ---- the world ---- */

static struct {
    int64_t now_ms;
    uint64_t random; /* state of xorshift64 */
    size_t published;
    int publish_code;
    char topic[KIT_TOPIC_SIZE], response_topic[KIT_TOPIC_SIZE];
    char payload[2048], key[KIT_KEY_SIZE], traceparent[KIT_TRACEPARENT_SIZE];
    uint8_t correlation[KIT_CORRELATION_SIZE];
    size_t sent_answers;
} world;
static struct bridge bridge;

static int64_t fake_now(void *self)
{
    (void)self;
    return world.now_ms;
}

static void fake_fill(void *self, void *ret, size_t size)
{
    (void)self;
    for (size_t i = 0; i < size; i++) {
        world.random ^= world.random << 13;
        world.random ^= world.random >> 7;
        world.random ^= world.random << 17;
        ((uint8_t *)ret)[i] = (uint8_t)(world.random >> 32);
    }
}

static void fake_log(void *self, enum kit_level level, const char *event, const char *text)
{
    (void)self;
    (void)level;
    (void)event;
    (void)text;
}

static int fake_publish(void *self, const struct kit_message *message, uint64_t cookie,
                        struct kit_error *err)
{
    (void)self;
    (void)cookie;
    if (world.publish_code != KIT_OK)
        return kit_error_set(err, world.publish_code, "there is no connection to the broker now");
    world.published++;
    snprintf(world.topic, sizeof(world.topic), "%s", message->topic);
    snprintf(world.response_topic, sizeof(world.response_topic), "%s", message->response_topic);
    snprintf(world.payload, sizeof(world.payload), "%.*s", (int)message->payload_size_bytes,
             (const char *)message->payload);
    snprintf(world.key, sizeof(world.key), "%s", message->key);
    snprintf(world.traceparent, sizeof(world.traceparent), "%s", message->traceparent);
    memcpy(world.correlation, message->correlation, sizeof(world.correlation));
    return KIT_OK;
}

static const struct kit_clock fake_clock = { fake_now, fake_now, NULL };
static const struct kit_rng fake_rng = { fake_fill, NULL };
static const struct kit_log fake_logger = { fake_log, NULL };
static const struct kit_bus fake_bus = { fake_publish, NULL };

static void fake_send_answer(struct request *request)
{
    (void)request;
    world.sent_answers++;
}

static int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    memset(&bridge, 0, sizeof(bridge));
    world.now_ms = 1000000;
    world.random = 88172645463325252;
    bridge.clock = &fake_clock;
    bridge.rng = &fake_rng;
    bridge.log = &fake_logger;
    bridge.request_timeout_ms = 2000;
    bridge.send_answer = fake_send_answer;
    bridge.rpc = kit_rpc_client_new("bridge", &fake_bus, &fake_clock, &fake_rng);
    return 0;
}

/* Whatever a test did, nothing is left behind. */
static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(bridge.request_count, 0);
    assert_int_equal(bridge.waiting_count, 0);
    kit_rpc_client_free(bridge.rpc);
    bridge_pool_done(&bridge);
    return 0;
}

static void reply(const char *status, const char *payload)
{
    struct kit_message message = {
        .topic = world.response_topic,
        .payload = payload,
        .payload_size_bytes = strlen(payload),
        .response_topic = "",
        .has_correlation = true,
        .status = status,
        .key = "",
        .traceparent = "",
    };
    memcpy(message.correlation, world.correlation, sizeof(message.correlation));
    assert_true(kit_rpc_client_on_message(bridge.rpc, &message));
}

static const struct request_headers plain = { .host = "shop:8080" };
static const struct request_headers json = { .host = "shop:8080",
                                             .content_type = "application/json" };

static struct request *start(const char *method, const char *target,
                             const struct request_headers *headers, const char *body)
{
    struct request *request = request_new(&bridge, target);

    request->connection = &world; /* anything that is not NULL */
    if (request_on_headers(request, BRIDGE_PORT_ALL, method, headers))
        return request;
    if (body != NULL)
        assert_true(request_on_body(request, body, strlen(body)));
    request_on_end(request);
    return request;
}

static void assert_problem(const struct request *request, int status, const char *slug)
{
    char type[80];

    assert_int_equal(request->state, REQUEST_ANSWERED);
    snprintf(type, sizeof(type), "\"type\":\"/problems/%s\"", slug);
    if (request->answer.status != status || strstr(request->answer.body.data, type) == NULL)
        fail_msg("expected %d %s, got %d %s", status, slug, request->answer.status,
                 request->answer.body.data);
    assert_string_equal(request->answer.content_type, "application/problem+json");
    assert_int_equal(request->answer.retry_after_s > 0, status == 503);
}

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
    assert_true(input_traceparent_is_valid(request->traceparent));
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

/* ---- when a service fails ---- */

static void test_request_service_refuses_problem_passes(void **state)
{
    (void)state;
    struct request *request = start("PATCH", "/products/1", &json, "{\"qty\":1}");
    reply("refused",
          "{\"type\":\"below-committed\",\"detail\":\"3 are rented\",\"pointer\":\"/qty\"}");
    assert_problem(request, 409, "below-committed");
    assert_non_null(strstr(request->answer.body.data, "3 are rented"));
    request_free(request);
}

static void test_request_retry_after_of_the_service_is_told(void **state)
{
    (void)state;
    struct request *request = start("DELETE", "/rentals/3", &plain, NULL);
    reply("unavailable",
          "{\"type\":\"cancel-unavailable\",\"detail\":\"later\",\"retryAfterMs\":4200}");
    assert_problem(request, 503, "cancel-unavailable");
    assert_int_equal(request->answer.retry_after_s, 5);
    request_free(request);
}

static void test_request_no_answer_to_an_effect_is_outcome_unknown(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    world.now_ms += 1999;
    kit_rpc_client_tick(bridge.rpc, world.now_ms);
    assert_int_equal(request->state, REQUEST_WAITING);
    world.now_ms += 1;
    kit_rpc_client_tick(bridge.rpc, world.now_ms);
    assert_problem(request, 503, "outcome-unknown");
    assert_int_equal(world.sent_answers, 1);
    request_free(request);
}

static void test_request_no_answer_to_a_read_is_no_answer(void **state)
{
    (void)state;
    struct request *request = start("GET", "/rentals/3", &plain, NULL);
    world.now_ms += 2000;
    kit_rpc_client_tick(bridge.rpc, world.now_ms);
    assert_problem(request, 503, "no-answer");
    request_free(request);
}

static void test_request_broker_away_is_service_unavailable_at_once(void **state)
{
    (void)state;
    world.publish_code = KIT_E_UNAVAILABLE;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    assert_problem(request, 503, "service-unavailable");
    assert_int_equal(world.sent_answers, 0);
    request_free(request);
}

static void test_request_broker_lost_meanwhile_is_outcome_unknown(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    kit_rpc_client_on_link(bridge.rpc, false);
    assert_problem(request, 503, "outcome-unknown");
    request_free(request);
}

static void test_request_unreadable_answers_are_502(void **state)
{
    static const char *const answers[] = { "not json", "{\"id\":1}", "[]" };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(answers); i++) {
        struct request *request = start("GET", "/rentals/3", &plain, NULL);
        reply("ok", answers[i]);
        assert_problem(request, 502, "bad-answer");
        request_free(request);
    }
}

static void test_request_too_many_waiting_is_overloaded(void **state)
{
    static struct request *requests[BRIDGE_CALLS_MAX];

    (void)state;
    for (size_t i = 0; i < BRIDGE_CALLS_MAX; i++) {
        requests[i] = start("GET", "/rentals/3", &plain, NULL);
        assert_int_equal(requests[i]->state, REQUEST_WAITING);
    }
    struct request *more = start("GET", "/rentals/3", &plain, NULL);
    assert_problem(more, 503, "overloaded");
    request_free(more);
    kit_rpc_client_on_link(bridge.rpc, false);
    for (size_t i = 0; i < BRIDGE_CALLS_MAX; i++) {
        assert_problem(requests[i], 503, "service-unavailable");
        request_free(requests[i]);
    }
    assert_true(bridge.pool_count <= BRIDGE_POOL_MAX);
}

/* ---- when the client goes ---- */

static void test_request_client_gone_while_waiting_is_kept_until_the_call_ends(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    request_free(request);
    assert_int_equal(bridge.request_count, 1);
    reply("ok", RENTAL);
    assert_int_equal(world.sent_answers, 0);
    assert_int_equal(bridge.request_count, 0);
    assert_int_equal(bridge.metrics.requests_cut, 1);
}

static void test_request_client_gone_while_reading_is_cut(void **state)
{
    (void)state;
    request_free(request_new(&bridge, "/rentals"));
    assert_int_equal(bridge.metrics.requests_cut, 1);
}

static void test_request_abort_answers_what_waits(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    kit_rpc_client_free(bridge.rpc);
    bridge.rpc = NULL;
    request_abort(request);
    assert_problem(request, 503, "outcome-unknown");
    assert_int_equal(world.sent_answers, 1);
    request_free(request);
}

static void test_request_reused_object_is_clean(void **state)
{
    (void)state;
    struct request *request = start("DELETE", "/products", &plain, NULL);
    assert_problem(request, 405, "method-not-allowed");
    request_free(request);
    struct request *again = start("GET", "/rentals/3", &plain, NULL);
    assert_ptr_equal(again, request);
    reply("ok", RENTAL);
    assert_int_equal(again->answer.status, 200);
    assert_string_equal(again->answer.allow, "");
    assert_string_equal(again->answer.location, "");
    assert_int_equal(again->answer.retry_after_s, 0);
    request_free(again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(test_request_too_large_is_refused_before_reading),
        TEST(test_request_chunked_too_large_is_drained_then_cut),
        TEST(test_request_target_too_long_is_refused),
        TEST(test_request_service_refuses_problem_passes),
        TEST(test_request_retry_after_of_the_service_is_told),
        TEST(test_request_no_answer_to_an_effect_is_outcome_unknown),
        TEST(test_request_no_answer_to_a_read_is_no_answer),
        TEST(test_request_broker_away_is_service_unavailable_at_once),
        TEST(test_request_broker_lost_meanwhile_is_outcome_unknown),
        TEST(test_request_unreadable_answers_are_502),
        TEST(test_request_too_many_waiting_is_overloaded),
        TEST(test_request_client_gone_while_waiting_is_kept_until_the_call_ends),
        TEST(test_request_client_gone_while_reading_is_cut),
        TEST(test_request_abort_answers_what_waits),
        TEST(test_request_reused_object_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

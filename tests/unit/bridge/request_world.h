/* A world for requests: the real RPC client on a bus that only remembers, a clock that stands
 * still, and a client that takes any answer. Included by one test file each; state is per process.
 */
#ifndef TESTS_UNIT_BRIDGE_REQUEST_WORLD_H
#define TESTS_UNIT_BRIDGE_REQUEST_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/request.h"
#include "bridge/request_pool.h"
#include "fakes/cmocka_all.h"

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
    request_pool_done(&bridge);
    return 0;
}

static inline void reply(const char *status, const char *payload)
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

static inline struct request *start(const char *method, const char *target,
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

static inline void assert_problem(const struct request *request, int status, const char *slug)
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif

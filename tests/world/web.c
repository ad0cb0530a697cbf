/* See web.h. As bridge/main.c and bridge/http.c wire it, without sockets. */
#include "world/web.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/request.h"
#include "bridge/request_pool.h"
#include "kit/base/check.h"
#include "kit/base/text.h"
#include "kit/rpc/topic.h"

#define NAME "bridge"
#define REQUEST_TIMEOUT_MS 2000
#define PATIENCE_US 10000000 /* of a client */
#define AGAIN_US 100

static const char *const SERVICES[] = { "product", "rental", "delivery", "stock", "information" };

/* ---- ports ---- */

static int64_t mono_ms(void *self)
{
    return world_clock_mono_ms(((struct world_web *)self)->clock);
}

static int64_t wall_ms(void *self)
{
    return WORLD_WALL_MS + (((struct world_web *)self)->clock->now_us - WORLD_MONO_US) / 1000;
}

static void fill(void *self, void *ret_bytes, size_t size_bytes)
{
    uint8_t *bytes = ret_bytes;
    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = (uint8_t)sim_rng_next(&((struct world_web *)self)->rng);
}

static void write_log(void *self, enum kit_level level, const char *event, const char *text)
{
    (void)level;
    world_clock_trace(((struct world_web *)self)->clock, NAME, "%s: %s", event, text);
}

static int publish(void *self, const struct kit_message *message, uint64_t cookie,
                   struct kit_error *err)
{
    return world_client_publish(((struct world_web *)self)->client, message, cookie, err);
}

/* ---- answers ---- */

bool world_answer_is_clear(const struct world_answer *answer)
{
    return answer->status != 0 && answer->status < 500 &&
           strstr(answer->body, "still under way") == NULL;
}

int64_t world_answer_id(const struct world_answer *answer)
{
    const char *slash = strrchr(answer->location, '/');
    return answer->status != 201 || slash == NULL ? 0 : strtoll(slash + 1, NULL, 10);
}

/* The problem that an answer's body is about. */
static void count_problem(struct world_facts *facts, const char *body)
{
    const struct kit_message text = { .payload = body, .payload_size_bytes = strlen(body) };
    world_facts_in(facts, "problem", "\"type\":\"/problems/", &text);
}

/* Whoever asked hears how it ended. */
static void on_arrival(void *self, struct world_message *message, uint64_t number)
{
    struct world_exchange *exchange = self;
    struct world_web *web = exchange->web;
    const struct world_exchange ended = *exchange;
    (void)message;
    (void)number;
    const struct world_answer answer = { ended.status, ended.body, ended.location };
    *exchange = (struct world_exchange){ .is_busy = false };
    world_clock_trace(web->clock, "customer", "< %d %s %.300s", answer.status, answer.location,
                      answer.body);
    if (answer.status >= 400)
        count_problem(&web->clock->facts, answer.body);
    ended.on_answer(ended.self, &answer);
    free(ended.body);
    free(ended.location);
}

/* The request is over; without an answer, the connection broke. */
static void end(struct world_exchange *exchange, bool has_answer)
{
    struct world_web *web = exchange->web;
    struct request *request = exchange->request;
    const struct answer *answer = request == NULL ? NULL : &request->answer;
    const bool has_body = has_answer && answer->content_type != NULL;
    exchange->status = has_answer ? answer->status : 0;
    exchange->body = strdup(has_body ? answer->body.data : "");
    exchange->location = strdup(has_answer ? answer->location : "");
    CHECK(exchange->body != NULL && exchange->location != NULL);
    exchange->request = NULL;
    if (request != NULL)
        request_free(request);
    world_clock_in(web->clock, sim_rng_between(&web->rng, 50, 2000), on_arrival, exchange, 0);
}

static void on_send_answer(struct request *request)
{
    struct world_exchange *exchange = request->connection;
    if (exchange != NULL && exchange->request == request)
        end(exchange, !exchange->web->is_dying);
}

/* ---- turns ---- */

static int64_t run(void *self, int64_t now_ms)
{
    struct world_web *web = self;
    (void)kit_rpc_client_tick(web->bridge.rpc, now_ms);
    const int64_t feed_ms = feed_tick(&web->bridge.feed, now_ms);
    const int64_t rpc_ms = kit_rpc_client_tick(web->bridge.rpc, now_ms);
    return rpc_ms < feed_ms ? rpc_ms : feed_ms;
}

static void on_message(void *self, const struct kit_message *message)
{
    struct world_web *web = self;
    if (!kit_rpc_client_on_message(web->bridge.rpc, message) &&
        !feed_on_message(&web->bridge.feed, message))
        (void)processes_on_message(&web->bridge.processes, message, mono_ms(web));
    world_turns_wake(&web->turns);
}

static void on_link(void *self, bool is_up)
{
    struct world_web *web = self;
    kit_rpc_client_on_link(web->bridge.rpc, is_up);
    feed_on_link(&web->bridge.feed, is_up);
    processes_on_link(&web->bridge.processes, is_up);
    world_turns_wake(&web->turns);
}

/* ---- life ---- */

static void connect_bus(struct world_web *web)
{
    struct world_filter filters[] = {
        { .qos = 0 },
        { .filter = KIT_PRESENCE_FILTER, .qos = 1 },
        { .filter = "lockstock/v1/stream/" FEED_SOURCE "/head", .qos = 0 },
        { .qos = 1 },
        { .filter = PROCESSES_FILTER, .qos = 0 },
    };
    const struct world_client_events events = { .on_link = on_link,
                                                .on_message = on_message,
                                                .self = web };
    kit_topic_reply(filters[0].filter, NAME, "#");
    kit_topic_stream(filters[3].filter, FEED_SOURCE);
    web->client = world_client_new(web->broker, NAME, filters, KIT_COUNT(filters), &events);
}

static void on_start(void *self, struct world_message *message, uint64_t life)
{
    struct world_web *web = self;
    struct bridge *bridge = &web->bridge;
    (void)message;
    if (life != web->turns.life)
        return;
    memset(bridge, 0, sizeof(*bridge));
    bridge->clock = &web->kit_clock;
    bridge->rng = &web->kit_rng;
    bridge->log = &web->log;
    bridge->request_timeout_ms = REQUEST_TIMEOUT_MS;
    bridge->streams_max = 1;
    bridge->stream_slow_ms = PATIENCE_US / 1000;
    bridge->send_answer = on_send_answer;
    processes_init(&bridge->processes, NAME, mono_ms(web), SERVICES, KIT_COUNT(SERVICES));
    feed_init(&bridge->feed, bridge->clock, bridge->rng, bridge->log);
    bridge->feed.view.comment_ms = PATIENCE_US / 1000;
    bridge->rpc = kit_rpc_client_new(NAME, &web->bus, bridge->clock, bridge->rng);
    bridge->feed.follow.rpc = bridge->rpc;
    if (web->calls_max > 0)
        kit_rpc_client_limit(bridge->rpc, web->calls_max);
    web->is_running = true;
    web->is_dying = false;
    world_clock_trace(web->clock, NAME, "starts");
    connect_bus(web);
    world_turns_wake(&web->turns);
}

static void stop(struct world_web *web)
{
    struct bridge *bridge = &web->bridge;
    if (!web->is_running)
        return;
    world_client_free(web->client, false);
    web->client = NULL;
    world_turns_end(&web->turns);
    web->is_dying = true;
    kit_rpc_client_free(bridge->rpc);
    bridge->rpc = NULL;
    bridge->feed.follow.rpc = NULL;
    for (size_t i = 0; i < WORLD_EXCHANGES_MAX; i++) {
        struct request *request = web->exchanges[i].request;
        if (request != NULL && request->state == REQUEST_WAITING)
            request_abort(request);
    }
    request_pool_done(bridge);
    feed_done(&bridge->feed);
    web->is_running = false;
}

void world_web_init(struct world_web *web, struct world_clock *clock, struct world_broker *broker,
                    uint64_t seed)
{
    memset(web, 0, sizeof(*web));
    web->clock = clock;
    web->broker = broker;
    web->turns = (struct world_turns){
        .clock = clock, .run = run, .self = web, .again_us = AGAIN_US, .at_us = INT64_MAX
    };
    sim_rng_init(&web->rng, seed, NAME);
    web->kit_clock = (struct kit_clock){ wall_ms, mono_ms, web };
    web->kit_rng = (struct kit_rng){ fill, web };
    web->log = (struct kit_log){ write_log, web };
    web->bus = (struct kit_bus){ publish, web };
}

void world_web_done(struct world_web *web)
{
    stop(web);
    for (size_t i = 0; i < WORLD_EXCHANGES_MAX; i++) {
        free(web->exchanges[i].body);
        free(web->exchanges[i].location);
    }
}

void world_web_start(struct world_web *web)
{
    world_clock_in(web->clock, 0, on_start, web, web->turns.life);
}

bool world_web_kill(struct world_web *web, int64_t down_us)
{
    if (!web->is_running)
        return false;
    world_clock_trace(web->clock, NAME, "is killed");
    stop(web);
    world_clock_in(web->clock, down_us, on_start, web, web->turns.life);
    return true;
}

/* ---- asking ---- */

/* The request arrives at the bridge, all of it at once. */
static void take(struct world_exchange *exchange, const struct world_ask *ask)
{
    const struct request_headers headers = {
        .host = ask->host != NULL ? ask->host : "lockstock:8080",
        .content_type = ask->content_type != NULL ? ask->content_type
                        : ask->body != NULL       ? "application/json"
                                                  : NULL,
        .idempotency_key = ask->key,
        .accept = ask->accept,
        .content_length = ask->content_length,
        .repeated = ask->repeated,
    };
    struct request *request = request_new(&exchange->web->bridge, ask->target);
    exchange->request = request;
    request->connection = exchange;
    if (!request_on_headers(request, BRIDGE_PORT_ALL, ask->method, &headers)) {
        if (ask->body != NULL)
            CHECK(request_on_body(request, ask->body, strlen(ask->body)));
        request_on_end(request);
    }
    if (exchange->request == request && request->state == REQUEST_ANSWERED)
        end(exchange, true);
    world_turns_wake(&exchange->web->turns);
}

void world_web_ask(struct world_web *web, const struct world_ask *ask, world_answer_cb on_answer,
                   void *self)
{
    struct world_exchange *exchange = web->exchanges;
    while (exchange < web->exchanges + WORLD_EXCHANGES_MAX && exchange->is_busy)
        exchange++;
    CHECK(exchange < web->exchanges + WORLD_EXCHANGES_MAX);
    world_clock_trace(web->clock, "customer", "> %s %s %s (%s)", ask->method, ask->target,
                      ask->body != NULL ? ask->body : "", ask->key != NULL ? ask->key : "no key");
    *exchange = (struct world_exchange){
        .web = web, .is_busy = true, .on_answer = on_answer, .self = self
    };
    if (web->is_running)
        take(exchange, ask);
    else
        end(exchange, false);
}

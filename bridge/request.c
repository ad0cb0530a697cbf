/* From the request line to the answer. Whatever is wrong is remembered as a refusal and told once
 * the body has been read, so that the connection can be used again; only a body announced as too
 * large is refused before it is read. */
#include "bridge/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/handlers.h"
#include "bridge/local.h"
#include "bridge/problem.h"
#include "kit/json/gate.h"

#define KEY_TIME_BYTES 6

/* ---- objects ---- */

static void reset(struct request *request)
{
    kit_buf_reset(&request->body);
    kit_buf_reset(&request->answer.body);
    request->next = NULL;
    request->connection = NULL;
    request->state = REQUEST_READING;
    request->has_headers = false;
    request->has_client_key = false;
    request->match = (struct route_match){ .outcome = ROUTE_UNKNOWN_PATH, .rest = "" };
    request->exchange = (struct exchange){ .place = { .host = "", .query = "" } };
    request->collection[0] = '\0';
    request->refusal.code = KIT_OK;
    request->body_bytes = 0;
    request->key[0] = '\0';
    request->traceparent[0] = '\0';
    request->answer.status = 0;
    request->answer.content_type = NULL;
    request->answer.retry_after_s = 0;
    request->answer.location[0] = '\0';
    request->answer.allow[0] = '\0';
}

static struct request *take_object(struct bridge *bridge)
{
    struct request *request = bridge->pool;

    if (request != NULL) {
        bridge->pool = request->next;
        bridge->pool_count--;
        return request;
    }
    request = calloc(1, sizeof(*request));
    CHECK(request != NULL);
    request->bridge = bridge;
    kit_buf_init(&request->body, BRIDGE_BODY_BYTES_MAX);
    kit_buf_init(&request->answer.body, BRIDGE_ANSWER_BYTES_MAX);
    return request;
}

static void free_object(struct request *request)
{
    kit_buf_done(&request->body);
    kit_buf_done(&request->answer.body);
    free(request);
}

static void give_back(struct request *request)
{
    struct bridge *bridge = request->bridge;

    bridge->request_count--;
    if (bridge->pool_count >= BRIDGE_POOL_MAX ||
        request->body.capacity_bytes > BRIDGE_POOL_BUF_BYTES ||
        request->answer.body.capacity_bytes > BRIDGE_POOL_BUF_BYTES) {
        free_object(request);
        return;
    }
    request->next = bridge->pool;
    bridge->pool = request;
    bridge->pool_count++;
}

void bridge_pool_done(struct bridge *bridge)
{
    while (bridge->pool != NULL) {
        struct request *request = bridge->pool;
        bridge->pool = request->next;
        free_object(request);
    }
    bridge->pool_count = 0;
}

/* Cuts the target into path and query. A target in absolute form (RFC 9112 3.2.2) loses its front.
 */
static void split_target(struct request *request)
{
    static const char scheme[] = "http://";
    char *path = request->target;

    if (strncmp(path, scheme, strlen(scheme)) == 0) {
        path += strlen(scheme);
        path += strcspn(path, "/?");
    }
    char *query = strchr(path, '?');
    if (query != NULL)
        *query = '\0';
    request->path = path;
    request->query = query == NULL ? "" : query + 1;
}

struct request *request_new(struct bridge *bridge, const char *target)
{
    struct request *request = take_object(bridge);
    const size_t length = strnlen(target, sizeof(request->target));

    reset(request);
    bridge->request_count++;
    request->started_mono_ms = bridge->clock->mono_ms(bridge->clock->self);
    request->is_target_too_long = length == sizeof(request->target);
    const size_t kept = request->is_target_too_long ? sizeof(request->target) - 1 : length;
    memcpy(request->target, target, kept);
    request->target[kept] = '\0';
    split_target(request);
    return request;
}

void request_free(struct request *request)
{
    struct bridge *bridge = request->bridge;

    if (request->state == REQUEST_ANSWERED)
        metrics_add_answer(&bridge->metrics, request->match.route, request->answer.status,
                           bridge->clock->mono_ms(bridge->clock->self) - request->started_mono_ms);
    else
        bridge->metrics.requests_cut++;
    request->connection = NULL;
    if (request->state != REQUEST_WAITING)
        give_back(request);
}

/* ---- answering ---- */

/* The path as it may stand in a problem: visible ASCII, cut to a decent length. */
static void copy_instance(const char *path, char *ret, size_t size_bytes)
{
    size_t i = 0;
    for (; i + 1 < size_bytes && path[i] != '\0'; i++)
        ret[i] = path[i] > ' ' && path[i] < '\x7f' ? path[i] : '?';
    ret[i] = '\0';
}

static void answer_problem(struct request *request, const struct kit_error *error)
{
    struct answer *answer = &request->answer;
    struct problem problem;
    char instance[201];

    problem_from_error(error, &problem);
    copy_instance(request->path, instance, sizeof(instance));
    kit_buf_reset(&answer->body);
    problem_encode(&problem, instance, &answer->body);
    answer->status = problem.status;
    answer->content_type = "application/problem+json";
    answer->retry_after_s = problem.retry_after_s;
    request->state = REQUEST_ANSWERED;
}

/* OPTIONS on a known path. */
static void answer_options(struct request *request)
{
    request->answer.status = 204;
    request->state = REQUEST_ANSWERED;
}

static void answer_local(struct request *request)
{
    struct answer *answer = &request->answer;
    const struct route *route = request->match.route;
    int rc = KIT_OK;

    if (route->kind == ROUTE_INDEX) {
        local_index(request->exchange.place.host, request->port, &answer->body);
        answer->content_type = "application/hal+json";
    } else {
        rc = local_help(request->match.rest, &answer->body, &request->refusal);
        answer->content_type = "text/plain; charset=utf-8";
    }
    answer->status = route->status;
    request->state = REQUEST_ANSWERED;
    if (rc != KIT_OK)
        answer_problem(request, &request->refusal);
}

/* ---- the call ---- */

static const char *const CONTENT_TYPES[] = {
    [FORMAT_HAL] = "application/hal+json",
    [FORMAT_PNG] = "image/png",
    [FORMAT_SVG] = "image/svg+xml",
};

/* Renders the service's answer; what cannot be rendered is the server's fault, and is logged. */
static void answer_result(struct request *request, const cJSON *body)
{
    const struct route *route = request->match.route;
    struct answer *answer = &request->answer;
    struct kit_error error;
    int64_t id = 0;

    answer->status = route->status;
    request->state = REQUEST_ANSWERED;
    if (route->show == NULL)
        return;
    kit_buf_reset(&answer->body);
    int rc = route->show(&request->exchange, body, &answer->body, &id, &error);
    if (rc == KIT_OK && answer->body.overflow)
        rc = kit_error_set(&error, KIT_E_TOO_LARGE, "the answer is larger than %d bytes",
                           BRIDGE_ANSWER_BYTES_MAX);
    if (rc != KIT_OK) {
        kit_log_write(request->bridge->log, KIT_ERROR, "bad_answer", "%s.%s: %s %s", route->service,
                      route->rpc, error.pointer, error.text);
        kit_error_typed(&error, KIT_E_IO, "bad-answer",
                        "the %s service's answer cannot be read; tell the operator",
                        route->service);
        answer_problem(request, &error);
        return;
    }
    answer->content_type = CONTENT_TYPES[request->exchange.format];
    if (route->status == 201)
        hal_item_href(&request->exchange.place, id, answer->location);
}

/* What to do when it is not known whether the request took effect. NULL for reads. */
static const char *repeat_hint(const struct request *request)
{
    if (request->match.route->kind != ROUTE_EFFECT)
        return NULL;
    if (request->has_client_key)
        return "repeat the request with the same Idempotency-Key";
    return request->match.route->method == HTTP_POST
               ? "look before you repeat, and send an Idempotency-Key next time"
               : "repeat the request: doing it twice does no harm";
}

static void on_done(void *context, const struct kit_rpc_outcome *outcome)
{
    struct request *request = context;

    request->bridge->waiting_count--;
    request->state = REQUEST_ANSWERED;
    if (request->connection == NULL) { /* the client went away: nobody to tell */
        give_back(request);
        return;
    }
    if (outcome->code == KIT_OK) {
        answer_result(request, outcome->body);
    } else {
        struct kit_error error;
        problem_from_call(outcome->error, repeat_hint(request), &error);
        answer_problem(request, &error);
    }
    request->bridge->send_answer(request);
}

static int start_call(struct request *request, const struct kit_buf *body, struct kit_error *err)
{
    struct bridge *bridge = request->bridge;
    const struct route *route = request->match.route;

    if (bridge->waiting_count >= BRIDGE_CALLS_MAX)
        return kit_error_set(err, KIT_E_LIMIT, "%d requests are under way; try again in a second",
                             BRIDGE_CALLS_MAX);
    const struct kit_rpc_call call = {
        .instance = route->service,
        .method = route->rpc,
        .body = body->data,
        .body_size_bytes = body->size_bytes,
        .key = request->key,
        .traceparent = request->traceparent,
        .timeout_ms = bridge->request_timeout_ms,
        .on_done = on_done,
        .context = request,
    };
    int rc = kit_rpc_client_call(bridge->rpc, &call, err);
    if (rc == KIT_OK) {
        bridge->waiting_count++;
        request->state = REQUEST_WAITING;
    }
    return rc;
}

/* ---- reading ---- */

static void fill_random(struct bridge *bridge, uint8_t *ret, size_t size_bytes)
{
    struct entropy *entropy = &bridge->entropy;

    CHECK(size_bytes <= sizeof(entropy->bytes));
    if (entropy->left < size_bytes) {
        bridge->rng->fill(bridge->rng->self, entropy->bytes, sizeof(entropy->bytes));
        entropy->left = sizeof(entropy->bytes);
    }
    entropy->left -= size_bytes;
    memcpy(ret, entropy->bytes + entropy->left, size_bytes);
}

static void hex(const uint8_t *bytes, size_t count, char *ret)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
}

/* The client's trace goes on; without one, a new one starts here. */
static void fill_traceparent(struct request *request)
{
    const char *given = request->headers.traceparent;
    uint8_t ids[24];

    if (given != NULL && input_traceparent_is_valid(given)) {
        memcpy(request->traceparent, given, KIT_TRACEPARENT_SIZE);
        return;
    }
    fill_random(request->bridge, ids, sizeof(ids));
    ids[0] |= 1; /* all zero is not allowed */
    ids[16] |= 1;
    memcpy(request->traceparent, "00-", 3);
    hex(ids, 16, request->traceparent + 3);
    request->traceparent[35] = '-';
    hex(ids + 16, 8, request->traceparent + 36);
    memcpy(request->traceparent + 52, "-01", 4);
}

/* "h:" in front keeps the client's keys apart from ours. */
static int fill_key(struct request *request, struct kit_error *err)
{
    const char *given = request->headers.idempotency_key;
    uint8_t bytes[16];

    if (request->match.route->kind != ROUTE_EFFECT)
        return KIT_OK;
    if (given == NULL) {
        /* Time in front, as in a UUIDv7: the executor's index of keys then grows at its end instead
         * of everywhere, and a commit writes a few pages instead of one for each request. */
        const struct kit_clock *clock = request->bridge->clock;
        const int64_t now_ms = clock->wall_ms(clock->self);
        fill_random(request->bridge, bytes, sizeof(bytes));
        for (int i = 0; i < KEY_TIME_BYTES; i++)
            bytes[i] = (uint8_t)(now_ms >> (8 * (KEY_TIME_BYTES - 1 - i)));
        hex(bytes, sizeof(bytes), request->key);
        request->key[32] = '\0';
        return KIT_OK;
    }
    if (!input_key_is_valid(given))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-idempotency-key",
                               "Idempotency-Key must be 1 to %d visible ASCII characters; "
                               "a UUID is fine",
                               BRIDGE_HEADER_KEY_MAX);
    snprintf(request->key, sizeof(request->key), "h:%s", given);
    request->has_client_key = true;
    return KIT_OK;
}

static int check_headers(const struct request_headers *headers, struct kit_error *err)
{
    if (headers->repeated != NULL)
        return kit_error_typed(err, KIT_E_INVALID, "invalid-header",
                               "the header %s is given twice; give it once", headers->repeated);
    if (headers->is_chunked && headers->content_length != NULL)
        return kit_error_typed(err, KIT_E_INVALID, "invalid-header",
                               "send either Content-Length or Transfer-Encoding, not both");
    if (headers->host == NULL || !input_host_is_valid(headers->host))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-host",
                               "the Host header must name the server, as in Host: localhost:8080");
    return KIT_OK;
}

static int check_route(struct request *request, struct kit_error *err)
{
    struct route_match *match = &request->match;

    switch (match->outcome) {
    case ROUTE_FOUND:
    case ROUTE_OPTIONS:
        return KIT_OK;
    case ROUTE_UNKNOWN_PATH:
        return kit_error_typed(err, KIT_E_NOT_FOUND, "unknown-path",
                               "nothing is served at this path on this port; GET / lists what is");
    case ROUTE_WRONG_METHOD:
        return kit_error_typed(err, KIT_E_REFUSED, "method-not-allowed",
                               "this path does not take that method; it takes %s",
                               request->answer.allow);
    case ROUTE_BAD_ID:
        return kit_error_typed(
            err, KIT_E_INVALID, "invalid-id",
            "an id is a whole number from 1 to %lld in plain decimal, as in %s/1",
            (long long)BRIDGE_ID_MAX, request->collection);
    }
    CHECK(false);
    return KIT_E_INVALID;
}

static int check_query(struct request *request, struct kit_error *err)
{
    const struct route *route = request->match.route;

    if (route != NULL && route_has_images(route))
        return input_format(request->query, request->headers.accept, &request->exchange.format,
                            err);
    if (route != NULL && route->ask == asset_ask_list && input_has_label(request->query))
        return input_label(request->query, request->exchange.label, err);
    if (route != NULL && (route->ask == any_ask_list || route->ask == asset_ask_list))
        return input_page(request->query, &request->exchange.page, err);
    if (request->query[0] != '\0')
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "this request takes no query; leave out the ? and what follows");
    return KIT_OK;
}

/* Everything that can be judged before the body. */
static int check_head(struct request *request, struct kit_error *err)
{
    if (request->is_target_too_long)
        return kit_error_typed(err, KIT_E_TOO_LARGE, "uri-too-long",
                               "path and query may have at most %d bytes", BRIDGE_TARGET_MAX);
    int rc = check_headers(&request->headers, err);
    if (rc == KIT_OK)
        rc = check_route(request, err);
    if (rc == KIT_OK)
        rc = check_query(request, err);
    if (rc == KIT_OK && request->match.outcome == ROUTE_FOUND)
        rc = fill_key(request, err);
    return rc;
}

static int refuse_size(struct kit_error *err)
{
    return kit_error_set(err, KIT_E_TOO_LARGE, "a body may have at most %d bytes; send less",
                         BRIDGE_BODY_BYTES_MAX);
}

static bool is_announced_too_large(const struct request_headers *headers)
{
    int64_t length = 0;
    return headers->content_length != NULL &&
           !input_decimal(headers->content_length, strlen(headers->content_length), 0,
                          BRIDGE_BODY_BYTES_MAX, &length);
}

bool request_on_headers(struct request *request, enum bridge_port port, const char *method,
                        const struct request_headers *headers)
{
    struct route_match *match = &request->match;

    request->has_headers = true;
    request->headers = *headers;
    request->port = port;
    fill_traceparent(request);
    route_find(port, http_method_from_text(method), request->path, match);
    if (match->outcome == ROUTE_WRONG_METHOD || match->outcome == ROUTE_OPTIONS)
        http_allow_text(match->allow, request->answer.allow);
    CHECK(match->collection_length < sizeof(request->collection));
    memcpy(request->collection, request->path, match->collection_length);
    request->collection[match->collection_length] = '\0';
    request->exchange = (struct exchange){
        .place = { .host = headers->host,
                   .collection = request->collection,
                   .query = request->query },
        .page = { .number = 0, .size = BRIDGE_PAGE_SIZE_DEFAULT },
        .id = match->id,
        .name = match->rest,
        .name_length = match->rest_length,
    };
    /* Bodies that we shall not read to their end: answered at once, and the connection closes. */
    if (is_announced_too_large(headers))
        refuse_size(&request->refusal);
    else if (headers->is_coded)
        kit_error_typed(&request->refusal, KIT_E_INVALID, "unsupported-media-type",
                        "send the body as it is: no Content-Encoding, and no Transfer-Encoding but "
                        "chunked");
    if (request->refusal.code != KIT_OK) {
        answer_problem(request, &request->refusal);
        return true;
    }
    (void)check_head(request, &request->refusal);
    return false;
}

bool request_on_body(struct request *request, const char *bytes, size_t size_bytes)
{
    request->body_bytes += size_bytes;
    if (request->body_bytes > BRIDGE_DRAIN_BYTES_MAX)
        return false;
    if (request->refusal.code != KIT_OK)
        return true;
    if (request->body_bytes > BRIDGE_BODY_BYTES_MAX) {
        refuse_size(&request->refusal);
        return true;
    }
    kit_buf_add(&request->body, bytes, size_bytes);
    return true;
}

/* Body of the request to body of the call. */
static int ask(struct request *request, struct kit_buf *out, struct kit_error *err)
{
    const struct route *route = request->match.route;
    const bool is_patch = route->method == HTTP_PATCH;
    const char *content_type = request->headers.content_type;
    cJSON *root = NULL;

    const bool is_empty = request->body.size_bytes == 0;
    if (!route_takes_body(route) || (is_empty && !route_needs_body(route)))
        return route->ask(&request->exchange, NULL, out, err);
    if (is_empty)
        return kit_error_typed(err, KIT_E_MALFORMED, "empty-body",
                               "this request needs a JSON object as its body, and none came");
    if (content_type == NULL || !input_media_type_is_json(content_type, is_patch))
        return kit_error_typed(err, KIT_E_INVALID, "unsupported-media-type",
                               "send the body as UTF-8 JSON, with Content-Type: application/json");
    int rc = kit_json_parse(request->body.data, request->body.size_bytes, BRIDGE_BODY_BYTES_MAX,
                            &root, err);
    if (rc != KIT_OK)
        return rc;
    rc = route->ask(&request->exchange, root, out, err);
    cJSON_Delete(root);
    return rc;
}

void request_on_end(struct request *request)
{
    const struct route *route = request->match.route;

    if (request->refusal.code != KIT_OK) {
        answer_problem(request, &request->refusal);
        return;
    }
    if (request->match.outcome == ROUTE_OPTIONS) {
        answer_options(request);
        return;
    }
    if (route->kind == ROUTE_INDEX || route->kind == ROUTE_HELP) {
        answer_local(request);
        return;
    }
    /* The answer's buffer is free until there is an answer. */
    struct kit_buf *out = &request->answer.body;
    int rc = ask(request, out, &request->refusal);
    if (rc == KIT_OK)
        rc = start_call(request, out, &request->refusal);
    if (rc != KIT_OK)
        answer_problem(request, &request->refusal);
}

void request_abort(struct request *request)
{
    struct kit_error error;

    PRE(request->state == REQUEST_WAITING);
    problem_from_call(
        &(struct kit_error){ .code = KIT_E_UNAVAILABLE, .text = "the server is stopping" },
        repeat_hint(request), &error);
    request->bridge->waiting_count--;
    answer_problem(request, &error);
    request->bridge->send_answer(request);
}

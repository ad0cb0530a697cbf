/* From the request line to the answer. Whatever is wrong is remembered as a refusal and told once
 * the body has been read, so that the connection can be used again; only a body that we shall not
 * read to its end, or whose end is in doubt, is refused before. */
#include "bridge/request.h"

#include <string.h>

#include "bridge/request_access.h"
#include "bridge/request_answer.h"
#include "bridge/request_head.h"
#include "bridge/request_page.h"
#include "bridge/request_pool.h"
#include "bridge/request_stream.h"
#include "kit/json/gate.h"

/* ---- begin and end ---- */

/* Cuts the target into path and query. A target in absolute form (RFC 9112 3.2.2) loses its front.
 */
static void split_target(struct request *request)
{
    static const char *const SCHEMES[] = { "http://", "https://" };
    char *path = request->target;

    for (size_t i = 0; i < KIT_COUNT(SCHEMES); i++) {
        if (strncmp(path, SCHEMES[i], strlen(SCHEMES[i])) == 0) {
            path += strlen(SCHEMES[i]);
            path += strcspn(path, "/?");
            break;
        }
    }
    char *query = strchr(path, '?');
    if (query != NULL)
        *query = '\0';
    request->path = path;
    request->query = query == NULL ? "" : query + 1;
}

struct request *request_new(struct bridge *bridge, const char *target)
{
    struct request *request = request_pool_take(bridge);
    const size_t length = strnlen(target, sizeof(request->target));

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
    else if (request->state != REQUEST_STREAMING) /* it was counted when it began */
        bridge->metrics.requests_cut++;
    request->connection = NULL;
    if (request->state != REQUEST_WAITING)
        request_pool_give_back(request);
}

/* ---- reading ---- */

bool request_on_headers(struct request *request, enum bridge_port port, const char *method,
                        const struct request_headers *headers)
{
    request->has_headers = true;
    request->headers = *headers;
    request->port = port;
    request_head_fill_trace(request);
    request_head_read(request, method);
    if (headers_check(headers, &request->refusal) != KIT_OK ||
        headers_check_body(headers, &request->refusal) != KIT_OK) {
        request->closes = true;
        request_answer_problem(request, &request->refusal);
        return true;
    }
    request_head_check(request);
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
        headers_refuse_size(&request->refusal);
        return true;
    }
    kit_buf_add(&request->body, bytes, size_bytes);
    return true;
}

/* ---- the call ---- */

/* With a body: it is JSON, and becomes the body of the call. */
static int ask_with_body(struct request *request, struct kit_buf *out, struct kit_error *err)
{
    const struct route *route = request->match.route;
    const char *content_type = request->headers.content_type;
    cJSON *root = NULL;

    if (content_type == NULL || !header_is_json(content_type, route->method == HTTP_PATCH))
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

/* What came becomes the body of the call. */
static int ask(struct request *request, struct kit_buf *out, struct kit_error *err)
{
    const struct route *route = request->match.route;

    if (route->body != BODY_NONE && request->body.size_bytes > 0)
        return ask_with_body(request, out, err);
    if (route->body == BODY_REQUIRED)
        return kit_error_typed(err, KIT_E_MALFORMED, "empty-body",
                               "this request needs a JSON object as its body, and none came");
    return route->ask(&request->exchange, NULL, out, err);
}

static void on_done(void *context, const struct kit_rpc_outcome *outcome)
{
    struct request *request = context;

    request->bridge->waiting_count--;
    request->state = REQUEST_ANSWERED;
    if (request->connection == NULL) { /* the client went away: nobody to tell */
        request_pool_give_back(request);
        return;
    }
    if (outcome->code == KIT_OK)
        request_answer_result(request, outcome->body);
    else
        request_answer_failure(request, outcome->error);
    if (outcome->code == KIT_OK)
        request_access_settle(request, outcome->body);
    request->bridge->send_answer(request);
}

/* A system that plays nothing has nobody to ask: there is nothing at this path. */
static int check_simulator(const struct request *request, struct kit_error *err)
{
    if (strcmp(request->match.route->service, BRIDGE_SIMULATOR) != 0 ||
        kit_rpc_client_is_online(request->bridge->rpc, BRIDGE_SIMULATOR))
        return KIT_OK;
    return kit_error_typed(err, KIT_E_NOT_FOUND, "no-simulator",
                           "no simulator runs in this system: deploy/up --demo starts one");
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
        .actor = request->actor,
        .timeout_ms = bridge->request_timeout_ms,
        .may_wait = true,
        .on_done = on_done,
        .context = request,
    };
    int rc = kit_rpc_client_call(bridge->rpc, &call, err);
    if (rc != KIT_OK)
        return rc;
    bridge->waiting_count++;
    request->state = REQUEST_WAITING;
    return KIT_OK;
}

/* The answer's buffer holds the body of the call: it is free until there is an answer. */
static int ask_service(struct request *request, struct kit_error *err)
{
    struct kit_buf *body = &request->answer.body;

    int rc = check_simulator(request, err);
    if (rc != KIT_OK)
        return rc;
    rc = ask(request, body, err);
    if (rc != KIT_OK)
        return rc;
    return start_call(request, body, err);
}

/* ---- the whole request is here ---- */

void request_on_end(struct request *request)
{
    const struct route *route = request->match.route;

    if (request->refusal.code != KIT_OK)
        request_answer_problem(request, &request->refusal);
    else if (request->match.outcome == ROUTE_OPTIONS)
        request_answer_options(request);
    else if (route->kind == ROUTE_STREAM)
        request_begin_stream(request);
    else if (route->kind == ROUTE_PAGE || request_wants_page(request))
        request_answer_page(request);
    else if (route->kind == ROUTE_INDEX || route->kind == ROUTE_HELP ||
             route->kind == ROUTE_PROCESSES || route->kind == ROUTE_HISTORY ||
             route->kind == ROUTE_CA || route->kind == ROUTE_ME)
        request_answer_local(request);
    else if (ask_service(request, &request->refusal) != KIT_OK)
        request_answer_problem(request, &request->refusal);
}

void request_abort(struct request *request)
{
    static const struct kit_error STOPPING = { .code = KIT_E_UNAVAILABLE,
                                               .text = "the server is stopping" };

    PRE(request->state == REQUEST_WAITING);
    request->bridge->waiting_count--;
    request_answer_failure(request, &STOPPING);
    request->bridge->send_answer(request);
}

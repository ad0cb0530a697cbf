/* Results, problems, and what is answered without a service. See request_answer.h. */
#include "bridge/request_answer.h"

#include "bridge/local.h"
#include "bridge/problem.h"
#include "bridge/request_access.h"

#define INSTANCE_SIZE 201 /* of the path as a problem tells it */

static const char *const CONTENT_TYPES[] = {
    [FORMAT_HAL] = "application/hal+json",
    [FORMAT_PNG] = "image/png",
    [FORMAT_SVG] = "image/svg+xml",
};

/* ---- problems ---- */

/* The path as it may stand in a problem: visible ASCII, cut to a decent length. */
static void copy_instance(const char *path, char ret_instance[INSTANCE_SIZE])
{
    size_t i = 0;
    for (; i + 1 < INSTANCE_SIZE && path[i] != '\0'; i++)
        ret_instance[i] = path[i] > ' ' && path[i] < '\x7f' ? path[i] : '?';
    ret_instance[i] = '\0';
}

void request_answer_problem(struct request *request, const struct kit_error *error)
{
    struct answer *answer = &request->answer;
    struct problem problem;
    char instance[INSTANCE_SIZE];

    problem_from_error(error, &problem);
    copy_instance(request->path, instance);
    kit_buf_reset(&answer->body);
    problem_encode(&problem, instance, &answer->body);
    answer->status = problem.status;
    answer->content_type = "application/problem+json";
    answer->retry_after_s = problem.retry_after_s;
    request->state = REQUEST_ANSWERED;
}

/* What to do when it is not known whether the request took effect. NULL for reads. */
static const char *find_repeat_hint(const struct request *request)
{
    if (request->match.route->kind != ROUTE_EFFECT)
        return NULL;
    if (request->has_client_key)
        return "repeat the request with the same Idempotency-Key";
    return request->match.route->method == HTTP_POST
               ? "look before you repeat, and send an Idempotency-Key next time"
               : "repeat the request: doing it twice does no harm";
}

void request_answer_failure(struct request *request, const struct kit_error *error)
{
    struct kit_error told;

    problem_from_call(error, find_repeat_hint(request), &told);
    request_answer_problem(request, &told);
}

/* ---- without a service ---- */

void request_answer_options(struct request *request)
{
    request->answer.status = 204;
    request->state = REQUEST_ANSWERED;
}

void request_answer_local(struct request *request)
{
    struct answer *answer = &request->answer;

    answer->status = request->match.route->status;
    request->state = REQUEST_ANSWERED;
    if (request->match.route->kind == ROUTE_INDEX) {
        local_index(&request->exchange.place, request->port, &answer->body);
        answer->content_type = "application/hal+json";
        return;
    }
    if (request->match.route->kind == ROUTE_PROCESSES) {
        local_processes(request->bridge, &request->exchange.place, &answer->body);
        answer->content_type = "application/hal+json";
        return;
    }
    if (request->match.route->kind == ROUTE_ME) {
        request_access_write_me(request, &answer->body);
        answer->content_type = "application/json";
        return;
    }
    if (request->match.route->kind == ROUTE_HISTORY) {
        local_history(request->bridge, &request->exchange, &answer->body);
        answer->content_type = "application/hal+json";
        return;
    }
    const bool is_ca = request->match.route->kind == ROUTE_CA;
    answer->content_type = is_ca ? "application/x-x509-ca-cert" : "text/plain; charset=utf-8";
    int rc = is_ca ? local_ca(request->bridge, &answer->body, &request->refusal)
                   : local_help(request->match.rest, &answer->body, &request->refusal);
    if (rc != KIT_OK)
        request_answer_problem(request, &request->refusal);
}

/* ---- results ---- */

/* Writes the body, and the id of the object where there is one. */
static int show(struct request *request, const cJSON *result, int64_t *ret_id,
                struct kit_error *err)
{
    struct kit_buf *body = &request->answer.body;

    kit_buf_reset(body);
    int rc = request->match.route->show(&request->exchange, result, body, ret_id, err);
    if (rc == KIT_OK && body->overflow)
        return kit_error_set(err, KIT_E_TOO_LARGE, "the answer is larger than %d bytes",
                             BRIDGE_ANSWER_BYTES_MAX);
    return rc;
}

static void answer_unreadable(struct request *request, const struct kit_error *reason)
{
    const struct route *route = request->match.route;
    struct kit_error told;

    kit_log_write(request->bridge->log, KIT_ERROR, "bad_answer", "%s.%s: %s %s", route->service,
                  route->rpc, reason->pointer, reason->text);
    kit_error_typed(&told, KIT_E_IO, "bad-answer",
                    "the %s service's answer cannot be read; tell the operator", route->service);
    request_answer_problem(request, &told);
}

void request_answer_result(struct request *request, const cJSON *result)
{
    const struct route *route = request->match.route;
    struct answer *answer = &request->answer;
    struct kit_error error;
    int64_t id = 0;

    answer->status = route->status;
    request->state = REQUEST_ANSWERED;
    if (route->show == NULL)
        return;
    if (show(request, result, &id, &error) != KIT_OK) {
        answer_unreadable(request, &error);
        return;
    }
    answer->content_type = CONTENT_TYPES[request->exchange.format];
    if (route->status == 201)
        hal_write_item(&request->exchange.place, id, "", answer->location);
}

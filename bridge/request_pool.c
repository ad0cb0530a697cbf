/* Objects for reuse. See request_pool.h. */
#include "bridge/request_pool.h"

#include <stdlib.h>

#define POOL_BUF_BYTES 16384 /* of a buffer of one that is kept */

/* All but what is written whole before it is read, the target by request_new() and the rest by
 * request_on_headers(), and the storage of the buffers. */
static void reset(struct request *request)
{
    kit_buf_reset(&request->body);
    kit_buf_reset(&request->answer.body);
    request->next = NULL;
    request->connection = NULL;
    request->state = REQUEST_READING;
    request->has_headers = false;
    request->has_client_key = false;
    request->closes = false;
    request->match = (struct route_match){ .outcome = ROUTE_UNKNOWN_PATH, .rest = "" };
    request->refusal.code = KIT_OK;
    request->body_bytes = 0;
    request->key[0] = '\0';
    request->answer.status = 0;
    request->answer.content_type = NULL;
    request->answer.page = NULL;
    request->answer.retry_after_s = 0;
    request->answer.location[0] = '\0';
    request->answer.allow[0] = '\0';
    request->answer.cookie[0] = '\0';
    request->proof = (struct access_proof){ .way = ACCESS_NOTHING };
    request->session = (struct access_session){ .id = 0 };
    request->actor = (struct kit_actor){ .person = 0 };
    request->sign_in = (struct sign_in){ .wants_cookie = false };
}

static struct request *make_object(struct bridge *bridge)
{
    struct request *request = calloc(1, sizeof(*request));

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

/* NULL: the pool is empty. */
static struct request *pop_object(struct bridge *bridge)
{
    struct request *request = bridge->pool;

    if (request == NULL)
        return NULL;
    bridge->pool = request->next;
    bridge->pool_count--;
    return request;
}

struct request *request_pool_take(struct bridge *bridge)
{
    struct request *request = pop_object(bridge);

    if (request == NULL)
        request = make_object(bridge);
    reset(request);
    bridge->request_count++;
    return request;
}

void request_pool_give_back(struct request *request)
{
    struct bridge *bridge = request->bridge;

    bridge->request_count--;
    if (bridge->pool_count >= REQUEST_POOL_MAX || request->body.capacity_bytes > POOL_BUF_BYTES ||
        request->answer.body.capacity_bytes > POOL_BUF_BYTES) {
        free_object(request);
        return;
    }
    request->next = bridge->pool;
    bridge->pool = request;
    bridge->pool_count++;
}

void request_pool_done(struct bridge *bridge)
{
    struct request *request;

    while ((request = pop_object(bridge)) != NULL)
        free_object(request);
}

/* Our own calls of other services: staged by handlers, started after the commit, ended in an item
 * of their own. Loop thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/service/internal.h"

#define OUR_ANSWER_MS 100 /* of our caller's patience: until our answer has come to it */

struct open_call {
    struct open_call *next, **link; /* in the service's list */
    struct kit_service *service;
    kit_service_done_cb on_done;
    uint64_t context;
    char traceparent[KIT_TRACEPARENT_SIZE];
    struct kit_actor actor;
};

void kit_service_call(struct kit_service *service, const struct kit_service_call *call)
{
    PRE(service->item_is_open);
    PRE(service->call_count < STAGED_CALLS_MAX); /* a batch has fewer items than that */
    PRE(strlen(call->key) < KIT_KEY_SIZE);

    service->is_loud = true;
    const struct kit_buf *body = service_encode(service, call->request);
    struct staged_call *staged = &service->calls[service->call_count++];
    char *copy = kit_arena_take(&service->batch_arena, body->size_bytes + 1);
    memcpy(copy, body->data, body->size_bytes);
    *staged = (struct staged_call){
        .body = copy,
        .body_size_bytes = body->size_bytes,
        .timeout_ms = call->timeout_ms,
        .latest_mono_ms = service->request == NULL
                              ? 0
                              : service->request->expires_mono_ms - OUR_ANSWER_MS,
        .on_done = call->on_done,
        .context = call->context,
        .actor = service->actor,
    };
    kit_text_copy(staged->instance, sizeof(staged->instance), call->instance);
    kit_text_copy(staged->method, sizeof(staged->method), call->method);
    kit_text_copy(staged->key, sizeof(staged->key), call->key);
    kit_text_copy(staged->traceparent, sizeof(staged->traceparent), service->traceparent);
}

static void link_call(struct kit_service *service, struct open_call *call)
{
    call->next = service->open_calls;
    call->link = &service->open_calls;
    if (call->next != NULL)
        call->next->link = &call->next;
    service->open_calls = call;
}

static void unlink_call(struct open_call *call)
{
    *call->link = call->next;
    if (call->next != NULL)
        call->next->link = call->link;
}

void calls_forget(struct kit_service *service)
{
    struct open_call *next = NULL;
    for (struct open_call *call = service->open_calls; call != NULL; call = next) {
        next = call->next;
        free(call);
    }
    service->open_calls = NULL;
}

struct ending {
    const struct open_call *call;
    const struct kit_rpc_outcome *outcome;
};

static int tell_handler(void *context, struct kit_error *err)
{
    const struct ending *ending = context;
    const struct open_call *call = ending->call;
    call->service->actor = call->actor;
    return call->on_done(call->service->app, call->context, ending->outcome, err);
}

static int tell(const struct open_call *call, const struct kit_rpc_outcome *outcome,
                struct kit_error *err)
{
    struct ending ending = { call, outcome };
    service_end_lost_batch(call->service);
    return service_run_item(call->service, call->traceparent, tell_handler, &ending, err);
}

/* An end is a work item like any other: what it saves commits with the batch. */
static void on_done(void *context, const struct kit_rpc_outcome *outcome)
{
    struct open_call *call = context;
    struct kit_service *service = call->service;
    struct kit_error err = { 0 };

    unlink_call(call);
    int rc = tell(call, outcome, &err);
    if (rc != KIT_OK) {
        kit_log_write(&service->ports.log, KIT_ERROR, "answer_not_applied", "%s", err.text);
        /* What it brought could not be saved, so for whoever waits it is a failure. */
        if (kit_code_action(rc) != KIT_ACTION_STOP && outcome->code == KIT_OK)
            (void)tell(call, &(struct kit_rpc_outcome){ .code = rc, .error = &err }, NULL);
    }
    free(call);
}

static void start(struct kit_service *service, const struct staged_call *staged)
{
    struct kit_error err = { 0 };
    struct open_call *call = calloc(1, sizeof(*call));
    CHECK(call != NULL);
    *call = (struct open_call){
        .service = service,
        .on_done = staged->on_done,
        .context = staged->context,
        .actor = staged->actor,
    };
    kit_text_copy(call->traceparent, sizeof(call->traceparent), staged->traceparent);
    link_call(service, call);
    if (service->commit_failure.code != KIT_OK) {
        /* What led to this call was not saved, so it is not made; but its end is told. */
        err = service->commit_failure;
        on_done(call, &(struct kit_rpc_outcome){ .code = err.code, .error = &err });
        return;
    }

    const struct kit_rpc_call rpc = {
        .instance = staged->instance,
        .method = staged->method,
        .body = staged->body,
        .body_size_bytes = staged->body_size_bytes,
        .key = staged->key,
        .traceparent = staged->traceparent,
        .actor = staged->actor,
        .timeout_ms = staged->timeout_ms,
        .longest_ms = staged->latest_mono_ms - service_mono_ms(service),
        .may_wait = true,
        .on_done = on_done,
        .context = call,
    };
    int rc = kit_rpc_client_call(service->client, &rpc, &err);
    if (rc != KIT_OK)
        on_done(call, &(struct kit_rpc_outcome){ .code = rc, .error = &err });
}

void calls_start(struct kit_service *service)
{
    /* A call that cannot start ends at once, and its handler may stage another: those wait for the
     * next flush, so that this loop ends. */
    const size_t count = service->call_count;
    for (size_t i = 0; i < count; i++)
        start(service, &service->calls[i]);
    memmove(service->calls, service->calls + count,
            (service->call_count - count) * sizeof(service->calls[0]));
    service->call_count -= count;
    service->commit_failure = (struct kit_error){ 0 };
}

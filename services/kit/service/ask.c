/* Requests of the operator on this machine, by the admin socket: the same methods, without a broker
 * and without a key. Loop thread. */
#include <string.h>

#include "kit/json/gate.h"
#include "kit/service/internal.h"

#define CALLER "admin"
#define NO_TICKET UINT64_MAX /* whatever is answered later goes nowhere */

struct ask {
    struct kit_service *service;
    const struct service_method *method;
    const cJSON *body;
};

static int run(void *context, struct kit_error *err)
{
    const struct ask *ask = context;
    struct kit_service *service = ask->service;
    const struct kit_rpc_request request = {
        .caller = CALLER,
        .key = "",
        .actor = { .role = KIT_ROLE_OPERATOR },
        .expires_mono_ms = INT64_MAX,
        .ticket = NO_TICKET,
    };
    void *in = NULL;

    int rc = executor_read(service, ask->method, ask->body, &in, err);
    if (rc != KIT_OK)
        return rc;
    if (ask->method->row->kind != KIT_RPC_READ && ask->method->run == NULL) {
        rc = recovery_refuse(service, err);
        if (rc != KIT_OK)
            return rc;
    }
    service->request = &request;
    service->actor = request.actor;
    rc = executor_run(service, ask->method, in, err);
    service->request = NULL;
    if (rc == KIT_PENDING)
        return kit_error_set(err, KIT_E_REFUSED,
                             "%s is answered later, and so by the broker alone; ask the bridge",
                             ask->method->row->name);
    return rc;
}

static int run_and_commit(struct ask *ask, struct kit_buf *out, struct kit_error *err)
{
    struct kit_service *service = ask->service;

    service_end_lost_batch(service);
    int rc = service_run_item(service, "", run, ask, err);
    if (rc != KIT_OK)
        return rc;
    kit_buf_add(out, service->response.data, service->response.size_bytes);
    service->is_loud = true;
    kit_service_flush(service);
    if (service->last_commit.code == KIT_OK)
        return KIT_OK;
    kit_buf_reset(out);
    *err = service->last_commit;
    return err->code;
}

int kit_service_ask(struct kit_service *service, const char *method, const char *body,
                    struct kit_buf *out, struct kit_error *err)
{
    struct ask ask = { .service = service, .method = executor_find_method(service, method) };
    cJSON *json = NULL;

    if (service->failure.code != KIT_OK)
        return kit_error_set(err, service->failure.code, "%s", service->failure.text);
    if (ask.method == NULL)
        return kit_error_set(err, KIT_E_NOT_FOUND, "%s has no method %.40s; see schemas/topics.md",
                             service->instance, method);
    int rc = kit_json_parse(body, strlen(body), KIT_PAYLOAD_BYTES_MAX, &json, err);
    if (rc != KIT_OK)
        return rc;
    ask.body = json;
    rc = run_and_commit(&ask, out, err);
    cJSON_Delete(json);
    return rc;
}

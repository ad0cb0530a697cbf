/* Verbs of customers and operators at the bridge: http, order, cancel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/verbs.h"
#include "scenario/match.h"

#define PATH_SIZE 400
#define SEEN_SIZE 160

/* wanted 0: any 2xx. */
static int judge_status(const struct sim_call *call, int64_t wanted, struct kit_error *err)
{
    if (wanted != 0 ? call->status == wanted : call->status / 100 == 2)
        return KIT_OK;
    const char *detail = sim_json_text(call->answer, "detail");
    return kit_error_set(err, KIT_E_REFUSED, "%s %s answered %ld%s%.120s", call->method, call->path,
                         call->status, detail != NULL ? ": " : "", detail != NULL ? detail : "");
}

static int judge_member(const cJSON *answer, const cJSON *member, struct kit_error *err)
{
    char seen[SEEN_SIZE];

    if (sim_json_has(answer, member, seen, sizeof(seen)))
        return KIT_OK;
    char *wanted = cJSON_PrintUnformatted(member);
    (void)kit_error_set(err, KIT_E_REFUSED, "%s of the answer is %s, not %.100s", member->string,
                        seen, wanted);
    free(wanted);
    return KIT_E_REFUSED;
}

/* "expectMembers": JSON pointers into the answer, and what must be there. */
static int judge_answer(const struct sim_call *call, const cJSON *step, int64_t wanted,
                        struct kit_error *err)
{
    const cJSON *member = NULL;

    int rc = judge_status(call, wanted, err);
    if (rc != KIT_OK)
        return rc;
    cJSON_ArrayForEach(member, sim_json_get(step, "expectMembers"))
    {
        rc = judge_member(call->answer, member, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* Makes the call of a step and judges the answer: wanted is its status where the step names none.
 */
static int make_call(struct sim_run *run, const cJSON *step, struct sim_call *call, int64_t wanted,
                     struct kit_error *err)
{
    const char *save = sim_json_text(step, "save");

    int rc = sim_run_http(run, call, err);
    if (rc != KIT_OK)
        return rc;
    rc = judge_answer(call, step, sim_json_int(step, "expectStatus", wanted), err);
    if (rc != KIT_OK || save == NULL)
        cJSON_Delete(call->answer);
    else
        sim_vars_set_take(&run->vars, save,
                          call->answer != NULL ? call->answer : cJSON_CreateNull());
    return rc;
}

/* A link of an answer (HAL) names the whole address. */
static const char *find_path(const struct sim_run *run, const cJSON *step)
{
    const char *path = sim_json_text(step, "path");
    const char *base = run->world.http.base;
    size_t size = strlen(base);
    return strncmp(path, base, size) == 0 ? path + size : path;
}

int sim_verb_http(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    const cJSON *body = sim_json_get(step, "body");
    char *text = body != NULL ? cJSON_PrintUnformatted(body) : NULL;
    struct sim_call call = { .method = sim_json_text(step, "method"),
                             .path = find_path(run, step),
                             .body = text };

    int rc = make_call(run, step, &call, 0, err);
    free(text);
    return rc;
}

static void copy_member(cJSON *body, const char *key, const cJSON *step, const char *from)
{
    const cJSON *value = sim_json_get(step, from);
    if (value != NULL)
        (void)cJSON_AddItemToObject(body, key, cJSON_Duplicate(value, true));
}

static char *print_order(const cJSON *step)
{
    cJSON *body = cJSON_CreateObject();

    copy_member(body, "productId", step, "product");
    copy_member(body, "qty", step, "qty");
    if (sim_json_get(step, "qty") == NULL)
        (void)cJSON_AddNumberToObject(body, "qty", 1);
    copy_member(body, "fulfilment", step, "fulfilment");
    copy_member(body, "locker", step, "locker");
    char *text = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    return text;
}

int sim_verb_order(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    char *text = print_order(step);
    struct sim_call call = { .method = "POST", .path = "/rentals", .body = text };

    int rc = make_call(run, step, &call, 201, err);
    free(text);
    return rc;
}

int sim_verb_cancel(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    const cJSON *order = sim_json_get(step, "order");
    char path[PATH_SIZE];
    struct sim_call call = { .method = "DELETE", .path = path };

    if (cJSON_IsString(order))
        (void)snprintf(path, sizeof(path), "/rentals/%s", order->valuestring);
    else
        (void)snprintf(path, sizeof(path), "/rentals/%.0f", order->valuedouble);
    return make_call(run, step, &call, 204, err);
}

/* Verbs of customers and operators at the bridge: http, order, cancel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/verbs.h"
#include "scenario/match.h"

#define PATH_SIZE 400
#define SEEN_SIZE 160

/* wanted 0: any 2xx. */
static int judge(const char *method, const char *path, long status, int64_t wanted,
                 const cJSON *answer, struct kit_error *err)
{
    if (wanted != 0 ? status == wanted : status / 100 == 2)
        return KIT_OK;
    const char *detail = sim_json_text(answer, "detail");
    return kit_error_set(err, KIT_E_REFUSED, "%s %s answered %ld%s%.120s", method, path, status,
                         detail != NULL ? ": " : "", detail != NULL ? detail : "");
}

/* "expectMembers": JSON pointers into the answer, and what must be there. */
static int judge_members(const cJSON *step, const cJSON *answer, struct kit_error *err)
{
    const cJSON *member = NULL;
    char seen[SEEN_SIZE];

    cJSON_ArrayForEach(member, sim_json_get(step, "expectMembers"))
    {
        cJSON *match = cJSON_CreateObject();
        (void)cJSON_AddItemToObject(match, "equals", cJSON_Duplicate(member, true));
        bool ok = sim_json_match(answer, member->string, match, seen, sizeof(seen));
        char *wanted = ok ? NULL : cJSON_PrintUnformatted(member);
        cJSON_Delete(match);
        if (ok)
            continue;
        (void)kit_error_set(err, KIT_E_REFUSED, "%s of the answer is %s, not %.100s",
                            member->string, seen, wanted);
        free(wanted);
        return KIT_E_REFUSED;
    }
    return KIT_OK;
}

static int call(struct sim_run *run, const cJSON *step, const char *method, const char *path,
                const cJSON *body, int64_t wanted, struct kit_error *err)
{
    const char *save = sim_json_text(step, "save");
    cJSON *answer = NULL;
    long status = 0;

    char *text = body != NULL ? cJSON_PrintUnformatted(body) : NULL;
    int rc = sim_run_http(run, method, path, text, &status, &answer, err);
    free(text);
    if (rc == KIT_OK)
        rc = judge(method, path, status, wanted, answer, err);
    if (rc == KIT_OK)
        rc = judge_members(step, answer, err);
    if (rc == KIT_OK && save != NULL) {
        sim_vars_set_take(&run->vars, save, answer != NULL ? answer : cJSON_CreateNull());
        return KIT_OK;
    }
    cJSON_Delete(answer);
    return rc;
}

/* A link of an answer (HAL) names the whole address. */
static const char *path_of(const struct sim_run *run, const cJSON *step)
{
    const char *path = sim_json_text(step, "path");
    size_t size = strlen(run->http.base);
    return strncmp(path, run->http.base, size) == 0 ? path + size : path;
}

int sim_verb_http(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    return call(run, step, sim_json_text(step, "method"), path_of(run, step),
                sim_json_get(step, "body"), sim_json_int(step, "expectStatus", 0), err);
}

static void copy_member(cJSON *body, const char *key, const cJSON *step, const char *from)
{
    const cJSON *value = sim_json_get(step, from);
    if (value != NULL)
        (void)cJSON_AddItemToObject(body, key, cJSON_Duplicate(value, true));
}

int sim_verb_order(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    cJSON *body = cJSON_CreateObject();

    copy_member(body, "productId", step, "product");
    copy_member(body, "qty", step, "qty");
    if (sim_json_get(step, "qty") == NULL)
        (void)cJSON_AddNumberToObject(body, "qty", 1);
    copy_member(body, "fulfilment", step, "fulfilment");
    copy_member(body, "locker", step, "locker");
    int rc = call(run, step, "POST", "/rentals", body, sim_json_int(step, "expectStatus", 201),
                  err);
    cJSON_Delete(body);
    return rc;
}

int sim_verb_cancel(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    const cJSON *order = sim_json_get(step, "order");
    char path[PATH_SIZE];

    if (cJSON_IsString(order))
        (void)snprintf(path, sizeof(path), "/rentals/%s", order->valuestring);
    else
        (void)snprintf(path, sizeof(path), "/rentals/%.0f", order->valuedouble);
    return call(run, step, "DELETE", path, NULL, sim_json_int(step, "expectStatus", 204), err);
}

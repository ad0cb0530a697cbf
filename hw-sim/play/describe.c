/* The words of each verb and condition; see describe.h. */
#include "play/describe.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "scenario/json.h"

#define LIST_WORDS_MAX 12

struct sentence {
    char *text;
    size_t size_bytes;
};

static void add(const struct sentence *out, const char *before, const char *value)
{
    size_t used = strlen(out->text);
    if (value != NULL && used + 1 < out->size_bytes)
        (void)snprintf(out->text + used, out->size_bytes - used, "%s%s", before, value);
}

/* Texts as they are, numbers, true and false; a list as "a or b". */
static void add_value(const struct sentence *out, const char *before, const cJSON *value)
{
    const cJSON *item = NULL;

    if (value == NULL)
        return;
    if (out->text[0] == '\0' && before[0] == ' ')
        before++; /* nothing stands there yet */
    if (cJSON_IsString(value)) {
        add(out, before, value->valuestring);
    } else if (cJSON_IsArray(value)) {
        cJSON_ArrayForEach(item, value)
        {
            add_value(out, before, item);
            before = " or ";
        }
    } else if (cJSON_IsObject(value)) {
        add(out, before, "...");
    } else {
        char *printed = cJSON_PrintUnformatted(value);
        add(out, before, printed);
        free(printed);
    }
}

static void add_box(const struct sentence *out, const char *before, const cJSON *what)
{
    if (sim_json_get(what, "compartment") == NULL)
        return;
    add(out, before, "compartment");
    add_value(out, " ", sim_json_get(what, "compartment"));
    add_value(out, " of ", sim_json_get(what, "locker"));
}

/* ---- conditions ---- */

static void add_condition(const struct sentence *out, const char *before, const cJSON *condition);

/* "/kind" is "grant" and "/effect" is "opened": " kind grant effect opened". */
static void add_members(const struct sentence *out, const cJSON *members)
{
    const cJSON *member = NULL;

    cJSON_ArrayForEach(member, members)
    {
        const char *name = strrchr(member->string, '/');
        add(out, " ", name != NULL ? name + 1 : member->string);
        add_value(out, " ", member);
    }
}

static void add_http(const struct sentence *out, const cJSON *what)
{
    add_value(out, "", sim_json_get(what, "path"));
    add_value(out, " ", sim_json_get(what, "pointer"));
    add_value(out, " is ", sim_json_get(what, "equals"));
    add_value(out, " is ", sim_json_get(what, "in"));
    add_value(out, " has ", sim_json_get(what, "contains"));
    add_value(out, " answers ", sim_json_get(what, "status"));
    if (sim_json_get(what, "exists") != NULL)
        add(out, "", cJSON_IsFalse(sim_json_get(what, "exists")) ? " is not there" : " is there");
    else if (sim_json_get(what, "pointer") == NULL && sim_json_get(what, "status") == NULL)
        add(out, "", " answers");
}

static void add_asset(const struct sentence *out, const cJSON *what)
{
    add_value(out, "", sim_json_get(what, "label"));
    add_value(out, " is ", sim_json_get(what, "state"));
    add_value(out, " at ", sim_json_get(what, "place"));
}

static void add_model(const struct sentence *out, const cJSON *what)
{
    if (strcmp(what->string, "object") == 0) {
        add_box(out, cJSON_IsTrue(sim_json_get(what, "present")) ? "goods in " : "nothing in ",
                what);
        return;
    }
    add(out, what->string, " of ");
    add_box(out, "", what);
    add_value(out, " is ", sim_json_get(what, "is"));
    add_value(out, ", pulses: ", sim_json_get(what, "pulses"));
    add_value(out, ", openings: ", sim_json_get(what, "openings"));
}

static void add_said(const struct sentence *out, const cJSON *what)
{
    static const char root[] = "lockstock/v1/";
    const char *topic = sim_json_text(what, "topic");

    add(out, what->string, "");
    add_value(out, " of ", sim_json_get(what, "device"));
    if (topic != NULL && strncmp(topic, root, sizeof(root) - 1) == 0)
        topic += sizeof(root) - 1;
    add(out, " on ", topic);
    add_members(out, sim_json_get(what, "members"));
    add_value(out, " ", sim_json_get(what, "signal"));
    add_value(out, " ", sim_json_get(what, "text"));
    add_value(out, ", times: ", sim_json_get(what, "count"));
    add_value(out, ", times: ", sim_json_get(what, "equals"));
}

static void add_counter(const struct sentence *out, const cJSON *what)
{
    add_value(out, "", sim_json_get(what, "name"));
    add_value(out, " of ", sim_json_get(what, "device"));
    add_value(out, " is ", sim_json_get(what, "equals"));
    add_value(out, " is at least ", sim_json_get(what, "atLeast"));
}

static void add_status(const struct sentence *out, const cJSON *what)
{
    add(out, what->string, "");
    add_value(out, " ", sim_json_get(what, "id"));
    add_value(out, " is ", sim_json_get(what, "is"));
}

static void add_list(const struct sentence *out, const cJSON *list)
{
    const cJSON *item = NULL;
    const char *before = "";
    int count = 0;

    cJSON_ArrayForEach(item, list)
    {
        if (count++ == LIST_WORDS_MAX)
            break;
        add_condition(out, before, item);
        before = strcmp(list->string, "all") == 0 ? " and " : " or ";
    }
}

static void add_not(const struct sentence *out, const cJSON *what)
{
    add_condition(out, "not: ", what);
}

static void add_condition(const struct sentence *out, const char *before, const cJSON *condition)
{
    static const struct {
        const char *kind;
        void (*add)(const struct sentence *out, const cJSON *what);
    } rows[] = {
        { "http", add_http },    { "order", add_status },    { "delivery", add_status },
        { "asset", add_asset },  { "counter", add_counter }, { "all", add_list },
        { "any", add_list },     { "not", add_not },         { "panel", add_said },
        { "message", add_said }, { "record", add_said },     { "door", add_model },
        { "lock", add_model },   { "object", add_model },
    };
    const cJSON *what = condition != NULL ? condition->child : NULL;

    if (what == NULL)
        return;
    add(out, before, "");
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        if (strcmp(rows[i].kind, what->string) == 0)
            rows[i].add(out, what);
    }
}

/* ---- steps ---- */

static void add_label(const struct sentence *out, const cJSON *label)
{
    const cJSON *what = label != NULL ? label->child : NULL;

    if (what == NULL)
        return;
    if (cJSON_IsObject(what)) {
        add_box(out, " ", what);
        return;
    }
    add(out, " ", what->string);
    add_value(out, " ", what);
}

/* What follows says it: "GET /products", or the note itself. */
static bool is_silent(const char *verb)
{
    return strcmp(verb, "http") == 0 || strcmp(verb, "note") == 0;
}

/* "scan" of an actor: "mina scans". */
static void add_verb(const struct sentence *out, const char *actor, const char *verb)
{
    static const struct {
        const char *verb;
        const char *does;
    } forms[] = {
        { "scan", "scans" },     { "expect-verdict", "is told" }, { "order", "orders" },
        { "cancel", "cancels" }, { "type-code", "types code" },   { "open", "opens" },
        { "shut", "shuts" },     { "put", "puts goods into" },    { "take", "takes goods from" },
    };
    const char *does = is_silent(verb) ? "" : verb;

    for (size_t i = 0; actor != NULL && i < KIT_COUNT(forms); i++)
        does = strcmp(forms[i].verb, verb) == 0 ? forms[i].does : does;
    add(out, "", actor);
    add(out, actor != NULL && does[0] != '\0' ? " " : "", does);
}

void sim_describe_step(const cJSON *step, char *ret_text, size_t size_bytes)
{
    static const char *const members[] = { "method", "path",   "product", "order", "raw",
                                           "code",   "what",   "device",  "leaf",  "result",
                                           "signal", "prompt", "text",    "ms",    "as" };
    const struct sentence out = { ret_text, size_bytes };
    const char *name = sim_json_text(step, "name");

    ret_text[0] = '\0';
    add(&out, "", name);
    add(&out, name != NULL ? ":" : "", "");
    if (name != NULL &&
        (sim_json_text(step, "actor") != NULL || !is_silent(sim_json_text(step, "do"))))
        add(&out, " ", "");
    add_verb(&out, sim_json_text(step, "actor"), sim_json_text(step, "do"));
    add_label(&out, sim_json_get(step, "label"));
    for (size_t i = 0; i < KIT_COUNT(members); i++)
        add_value(&out, " ", sim_json_get(step, members[i]));
    add_value(&out, ", times: ", sim_json_get(step, "times"));
    if (sim_json_get(step, "compartment") != NULL)
        add_box(&out, " ", step);
    else
        add_value(&out, " at ", sim_json_get(step, "locker"));
    add_condition(&out, strcmp(sim_json_text(step, "do"), "wait") == 0 ? " until " : " that ",
                  sim_json_get(step, "condition"));
}

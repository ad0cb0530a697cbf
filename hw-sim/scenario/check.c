/* One walk over the scenario in the order in which it will run; see check.h. The functions return
 * false with the reason in check->err. */
#include "scenario/check.h"

#include <stdio.h>
#include <string.h>

#include "kit/json/pointer.h"
#include "scenario/label.h"
#include "scenario/vars.h"

#define NAMES_MAX 1000
#define DEPTH_MAX 24
#define LABEL_TEXT_SIZE 201

struct check {
    const struct sim_scenario *scenario;
    struct kit_error *err;
    const char *variables[NAMES_MAX]; /* set by a step so far */
    size_t variable_count;
    const char *steps[NAMES_MAX]; /* names of steps so far */
    size_t step_count;
};

static bool check_steps(struct check *check, const cJSON *steps, const struct kit_pointer *at,
                        int depth);

static struct kit_pointer below(const struct kit_pointer *at, const char *key)
{
    struct kit_pointer pointer = *at;
    kit_pointer_add_key(&pointer, key, strlen(key));
    return pointer;
}

/* key: a member of the value at fault, or NULL; sentence has one %s, for the name. Returns false.
 */
static bool refuse(struct check *check, const struct kit_pointer *at, const char *key,
                   const char *sentence, const char *name)
{
    struct kit_pointer pointer = key != NULL ? below(at, key) : *at;
    char text[KIT_ERROR_TEXT_SIZE];

    (void)snprintf(text, sizeof(text), sentence, name);
    (void)kit_error_at(check->err, KIT_E_INVALID, pointer.text, "%s", text);
    return false;
}

static bool is_listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* ---- variables ---- */

static bool is_variable(const struct check *check, const char *path)
{
    char first[SIM_VARS_NAME_SIZE];

    (void)snprintf(first, sizeof(first), "%.*s", (int)strcspn(path, "."), path);
    return strcmp(first, "run") == 0 || sim_scenario_find_device(check->scenario, first) != NULL ||
           is_listed(check->variables, check->variable_count, first);
}

static bool check_text(struct check *check, const char *text, const struct kit_pointer *at)
{
    char name[SIM_VARS_NAME_SIZE];
    int found = 0;

    while ((found = sim_vars_next_name(&text, name)) == 1) {
        if (!is_variable(check, name))
            return refuse(check, at, NULL,
                          "${%s} is not set by any step before: \"save\" or \"set\" it", name);
    }
    return found == 0 ||
           refuse(check, at, NULL, "a ${ is not closed, or what it names is too %s", "long");
}

/* All texts of a value. Steps inside it are checked when their turn comes. */
static bool check_variables(struct check *check, const cJSON *value, const struct kit_pointer *at,
                            int depth)
{
    const cJSON *item = NULL;
    size_t index = 0;

    if (cJSON_IsString(value))
        return check_text(check, value->valuestring, at);
    CHECK(depth < DEPTH_MAX);
    cJSON_ArrayForEach(item, value)
    {
        struct kit_pointer pointer = *at;
        if (item->string != NULL && strcmp(item->string, "steps") == 0)
            continue;
        if (item->string != NULL && strcmp(item->string, "until") == 0 &&
            sim_json_get(value, "steps") != NULL)
            continue; /* after the steps */
        if (item->string != NULL)
            kit_pointer_add_key(&pointer, item->string, strlen(item->string));
        else
            kit_pointer_add_index(&pointer, index++);
        if (!check_variables(check, item, &pointer, depth + 1))
            return false;
    }
    return true;
}

static bool learn(struct check *check, const cJSON *step, const char *key,
                  const struct kit_pointer *at)
{
    const char *name = sim_json_text(step, key);

    if (name == NULL)
        return true;
    if (strcmp(name, "run") == 0 || sim_scenario_find_device(check->scenario, name) != NULL)
        return refuse(check, at, key, "\"%s\" is taken by the runner or a device: rename it", name);
    if (!is_listed(check->variables, check->variable_count, name)) {
        CHECK(check->variable_count < NAMES_MAX);
        check->variables[check->variable_count++] = name;
    }
    return true;
}

/* ---- devices, actors ---- */

/* kind NULL: any. */
static bool check_device(struct check *check, const cJSON *owner, const char *key, const char *kind,
                         const struct kit_pointer *at)
{
    const char *id = sim_json_text(owner, key);
    if (id == NULL)
        return true;
    if (strncmp(id, "${", 2) == 0)
        return true; /* known when it runs */
    const cJSON *device = sim_scenario_find_device(check->scenario, id);
    if (device == NULL)
        return refuse(check, at, key, "there is no device \"%s\": add it to \"devices\"", id);
    if (kind != NULL && strcmp(sim_json_text(device, "kind"), kind) != 0)
        return refuse(
            check, at, key,
            strcmp(kind, "locker") == 0 ? "\"%s\" is not a locker" : "\"%s\" is not a scanner", id);
    return true;
}

static bool check_box(struct check *check, const cJSON *owner, const char *locker_key,
                      const struct kit_pointer *at)
{
    const char *id = sim_json_text(owner, locker_key);
    const cJSON *number = sim_json_get(owner, "compartment");

    if (!check_device(check, owner, locker_key, "locker", at))
        return false;
    if (id == NULL || !cJSON_IsNumber(number))
        return true;
    const char *sizes = sim_json_text(sim_scenario_find_device(check->scenario, id),
                                      "compartments"); /* NULL for a variable */
    if (sizes != NULL && (size_t)number->valueint > strlen(sizes))
        return refuse(check, at, "compartment", "locker \"%s\" does not have so many compartments",
                      id);
    return true;
}

static bool check_actor(struct check *check, const cJSON *step, const struct kit_pointer *at)
{
    const char *name = sim_json_text(step, "actor");

    if (name != NULL && sim_scenario_find_actor(check->scenario, name) == NULL)
        return refuse(check, at, "actor", "there is no actor \"%s\": add it to \"actors\"", name);
    return true;
}

/* Which scanner a step means: its device, or its actor's. */
static bool check_scanner(struct check *check, const cJSON *step, const struct kit_pointer *at)
{
    const char *name = sim_json_text(step, "actor");
    const cJSON *actor = sim_scenario_find_actor(check->scenario, name);

    if (sim_json_text(step, "device") != NULL)
        return check_device(check, step, "device", "scanner", at);
    if (actor == NULL)
        return refuse(check, at, NULL, "says neither \"actor\" nor \"device\"%s", "");
    if (sim_json_text(actor, "scanner") == NULL)
        return refuse(check, at, "actor", "\"%s\" has no scanner: give one in \"actors\"", name);
    return true;
}

/* ---- conditions ---- */

static bool check_since(struct check *check, const cJSON *owner, const struct kit_pointer *at)
{
    const char *since = sim_json_text(owner, "since");

    if (since != NULL && !is_listed(check->steps, check->step_count, since))
        return refuse(check, at, "since", "no step before is named \"%s\"", since);
    return true;
}

static bool check_condition(struct check *check, const cJSON *condition,
                            const struct kit_pointer *at, int depth)
{
    const cJSON *what = condition->child;
    struct kit_pointer inside = below(at, what->string);
    size_t index = 0;
    const cJSON *item = NULL;

    CHECK(depth < DEPTH_MAX);
    if (strcmp(what->string, "not") == 0)
        return check_condition(check, what, &inside, depth + 1);
    if (cJSON_IsArray(what)) {
        cJSON_ArrayForEach(item, what)
        {
            struct kit_pointer pointer = inside;
            kit_pointer_add_index(&pointer, index++);
            if (!check_condition(check, item, &pointer, depth + 1))
                return false;
        }
        return true;
    }
    return check_box(check, what, "locker", &inside) &&
           check_device(check, what, "device", NULL, &inside) && check_since(check, what, &inside);
}

/* ---- steps ---- */

/* A text without its variables: they are known when it runs. True: there were some. */
static bool leave_out_variables(const char *text, char *ret_rest, size_t size_bytes)
{
    bool found = false;
    size_t size = 0;

    while (*text != '\0' && size + 1 < size_bytes) {
        const char *end = strncmp(text, "${", 2) == 0 ? strchr(text, '}') : NULL;
        if (end == NULL)
            ret_rest[size++] = *text++;
        else
            text = end + 1;
        found = found || end != NULL;
    }
    ret_rest[size] = '\0';
    return found;
}

/* Can the value be printed on a label? Whether the system knows it shows when the scenario runs. */
static bool check_value(struct check *check, const cJSON *value, const struct kit_pointer *at)
{
    char rest[LABEL_TEXT_SIZE], label[SIM_LABEL_SIZE];

    if (!cJSON_IsString(value))
        return true;
    bool has_more = leave_out_variables(value->valuestring, rest, sizeof(rest));
    bool is_gtin = strcmp(value->string, "gtin") == 0;
    if (has_more ? is_gtin || sim_label_check_char(rest) != '\0'
                 : sim_label_print(value->string, rest, label))
        return true;
    if (is_gtin)
        return refuse(check, at, value->string, "\"%s\" is not a GTIN of 14 digits", rest);
    return refuse(check, at, value->string,
                  "\"%s\" cannot be on a label: it has 1 to 24 of 0-9, A-Z and -",
                  value->valuestring);
}

static bool check_label(struct check *check, const cJSON *step, const char *key,
                        const struct kit_pointer *at)
{
    const cJSON *label = sim_json_get(step, key);
    struct kit_pointer inside = below(at, key), box = below(&inside, "compartment");

    if (label == NULL)
        return true;
    return check_box(check, sim_json_get(label, "compartment"), "locker", &box) &&
           check_value(check, label->child, &inside);
}

static bool check_scan(struct check *check, const cJSON *step, const struct kit_pointer *at)
{
    const cJSON *label = sim_json_get(step, "label");

    if ((label != NULL) == (sim_json_get(step, "raw") != NULL))
        return refuse(check, at, NULL, "wants either \"label\" or \"raw\"%s", "");
    if (sim_json_get(step, "beside") != NULL && sim_json_get(step, "expect") == NULL)
        return refuse(check, at, "beside", "wants \"expect\" too: one verdict for each label%s",
                      "");
    return check_label(check, step, "label", at) && check_label(check, step, "beside", at) &&
           check_scanner(check, step, at);
}

/* Members that a fault needs. Only the broker's restart needs no device. */
static bool check_members(struct check *check, const cJSON *step, const struct kit_pointer *at)
{
    static const struct {
        const char *fault; /* its beginning */
        const char *member;
        const char *sentence;
    } needs[] = {
        { "", "device", "\"device\" is missing: whose %s" },
        { "lock-", "compartment", "\"compartment\" is missing for %s" },
        { "sensor-", "compartment", "\"compartment\" is missing for %s" },
        { "record", "leaf", "\"leaf\" is missing for %s" },
        { "replay", "leaf", "\"leaf\" is missing for %s" },
        { "forge", "leaf", "\"leaf\" is missing for %s" },
        { "forge", "payload", "\"payload\" is missing for %s" },
    };
    const char *what = sim_json_text(step, "what");

    for (size_t i = 0; i < KIT_COUNT(needs); i++) {
        if (strncmp(what, needs[i].fault, strlen(needs[i].fault)) == 0 &&
            sim_json_get(step, needs[i].member) == NULL)
            return refuse(check, at, NULL, needs[i].sentence, what);
    }
    return true;
}

static bool check_fault(struct check *check, const cJSON *step, const struct kit_pointer *at)
{
    const char *what = sim_json_text(step, "what");
    bool is_board = strncmp(what, "board-", 6) == 0;

    if (strcmp(what, "broker-restart") == 0)
        return true;
    if (!check_device(check, step, "to", NULL, at) || !check_members(check, step, at))
        return false;
    if (strncmp(what, "lock-", 5) == 0 || strncmp(what, "sensor-", 7) == 0)
        return check_box(check, step, "device", at);
    return check_device(check, step, "device", is_board ? "locker" : NULL, at);
}

static bool check_verb(struct check *check, const cJSON *step, const struct kit_pointer *at,
                       int depth)
{
    const char *verb = sim_json_text(step, "do");
    const cJSON *condition = sim_json_get(step, "condition");

    if (strcmp(verb, "scan") == 0)
        return check_scan(check, step, at);
    if (strcmp(verb, "expect-verdict") == 0)
        return check_scanner(check, step, at);
    if (strcmp(verb, "fault") == 0)
        return check_fault(check, step, at);
    if (condition != NULL) {
        struct kit_pointer inside = below(at, "condition");
        return check_condition(check, condition, &inside, depth);
    }
    return check_box(check, step, "locker", at);
}

static bool learn_name(struct check *check, const cJSON *step, const struct kit_pointer *at)
{
    const char *name = sim_json_text(step, "name");

    if (name == NULL)
        return true;
    if (is_listed(check->steps, check->step_count, name))
        return refuse(check, at, "name", "two steps are named \"%s\"", name);
    CHECK(check->step_count < NAMES_MAX);
    check->steps[check->step_count++] = name;
    return true;
}

/* What is inside a repeat: nothing in other steps. */
static bool check_repeat(struct check *check, const cJSON *step, const struct kit_pointer *at,
                         int depth)
{
    const cJSON *steps = sim_json_get(step, "steps"), *until = sim_json_get(step, "until");
    struct kit_pointer inside = below(at, "steps"), end = below(at, "until");

    if (steps == NULL)
        return true;
    if (!check_steps(check, steps, &inside, depth + 1))
        return false;
    return until == NULL || (check_variables(check, until, &end, depth) &&
                             check_condition(check, until, &end, depth));
}

static bool check_step(struct check *check, const cJSON *step, const struct kit_pointer *at,
                       int depth)
{
    return check_actor(check, step, at) && check_verb(check, step, at, depth) &&
           check_variables(check, step, at, depth) && learn(check, step, "save", at) &&
           learn(check, step, "as", at) && learn_name(check, step, at) &&
           check_repeat(check, step, at, depth);
}

static bool check_steps(struct check *check, const cJSON *steps, const struct kit_pointer *at,
                        int depth)
{
    const cJSON *step = NULL;
    size_t index = 0;

    if (depth > 4)
        return refuse(check, at, NULL, "\"repeat\" stands in itself more than %s times", "four");
    cJSON_ArrayForEach(step, steps)
    {
        struct kit_pointer pointer = *at;
        kit_pointer_add_index(&pointer, index++);
        if (check->variable_count + 2 >= NAMES_MAX || check->step_count + 1 >= NAMES_MAX)
            return refuse(check, &pointer, NULL, "more than %s steps with names", "998");
        if (!check_step(check, step, &pointer, depth))
            return false;
    }
    return true;
}

/* ---- lists ---- */

static bool check_unique(struct check *check, const cJSON *list, const char *key, const char *where)
{
    const cJSON *item = NULL;
    size_t index = 0;

    cJSON_ArrayForEach(item, list)
    {
        struct kit_pointer at;
        kit_pointer_init(&at);
        kit_pointer_add_key(&at, where, strlen(where));
        kit_pointer_add_index(&at, index++);
        for (const cJSON *other = list->child; other != item; other = other->next) {
            if (strcmp(sim_json_text(other, key), sim_json_text(item, key)) == 0)
                return refuse(check, &at, key, "\"%s\" is there twice", sim_json_text(item, key));
        }
        const char *kind = sim_json_text(item, "kind");
        if (strcmp(kind, "locker") == 0 &&
            (sim_json_get(item, "compartments") == NULL || sim_json_get(item, "boards") == NULL))
            return refuse(check, &at, NULL, "a locker needs \"compartments\" and \"boards\"%s", "");
        if (!check_device(check, item, "scanner", "scanner", &at))
            return false;
        if (strcmp(sim_json_text(item, key), "run") == 0)
            return refuse(check, &at, key, "\"%s\" is taken by the runner: rename it", "run");
    }
    return true;
}

int sim_check_references(const struct sim_scenario *scenario, struct kit_error *err)
{
    struct check check = { .scenario = scenario, .err = err };
    struct kit_pointer at;

    kit_pointer_init(&at);
    kit_pointer_add_key(&at, "steps", strlen("steps"));
    bool is_fine = check_unique(&check, scenario->devices, "id", "devices") &&
                   check_unique(&check, scenario->actors, "name", "actors") &&
                   check_steps(&check, scenario->steps, &at, 0);
    return is_fine ? KIT_OK : KIT_E_INVALID;
}

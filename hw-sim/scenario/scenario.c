/* Reading scenario files; messages name file, line, column and pointer. */
#include "scenario/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "scenario/check.h"
#include "scenario/locate.h"
#include "scenario/schema.h"

static const cJSON *find_by(const cJSON *list, const char *key, const char *value)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list)
    {
        const char *has = sim_json_text(item, key);
        if (has != NULL && value != NULL && strcmp(has, value) == 0)
            return item;
    }
    return NULL;
}

const cJSON *sim_scenario_find_device(const struct sim_scenario *scenario, const char *id)
{
    return find_by(scenario->devices, "id", id);
}

const cJSON *sim_scenario_find_actor(const struct sim_scenario *scenario, const char *name)
{
    return find_by(scenario->actors, "name", name);
}

int sim_scenario_line(const struct sim_scenario *scenario, const char *pointer)
{
    struct sim_place place = { .line = 0, .column = 0 };
    (void)sim_locate(scenario->text, scenario->size_bytes, pointer, &place);
    return place.line;
}

/* The gate says where a text stops being JSON: "... at byte 17: ...". */
static struct sim_place find_place(const char *text, size_t size_bytes, const struct kit_error *err)
{
    struct sim_place place = { .line = 1, .column = 1 };
    const char *byte = strstr(err->text, "at byte ");

    if (err->code == KIT_E_MALFORMED && byte != NULL)
        return sim_locate_byte(text, size_bytes, strtoul(byte + strlen("at byte "), NULL, 10));
    (void)sim_locate(text, size_bytes, err->pointer, &place);
    return place;
}

static void describe(const char *name, const char *text, size_t size_bytes,
                     const struct kit_error *err, char *ret_message)
{
    struct sim_place place = find_place(text, size_bytes, err);
    bool is_said = strncmp(err->text, err->pointer, strlen(err->pointer)) == 0;

    (void)snprintf(ret_message, SIM_MESSAGE_SIZE, "%s:%d:%d: %s%s%s", name, place.line,
                   place.column, is_said ? "" : err->pointer, is_said ? "" : ": ", err->text);
}

static int check_schema(const cJSON *root, struct kit_error *err)
{
    cJSON *schema = cJSON_ParseWithLength((const char *)sim_scenario_schema,
                                          sim_scenario_schema_size_bytes);
    CHECK(schema != NULL);
    int rc = sim_schema_check(schema, root, err);
    cJSON_Delete(schema);
    return rc;
}

static void fill(struct sim_scenario *scenario)
{
    const cJSON *root = scenario->root;

    scenario->title = sim_json_text(root, "title");
    scenario->seed = sim_json_int(root, "seed", 1);
    scenario->time_limit_ms = sim_json_int(root, "timeLimitMs", SIM_TIME_LIMIT_MS_DEFAULT);
    scenario->devices = sim_json_get(root, "devices");
    scenario->actors = sim_json_get(root, "actors");
    scenario->steps = sim_json_get(root, "steps");
}

static void set_name(struct sim_scenario *scenario, const char *path)
{
    const char *slash = strrchr(path, '/');
    kit_text_copy(scenario->name, sizeof(scenario->name), slash != NULL ? slash + 1 : path);
    char *dot = strrchr(scenario->name, '.');
    if (dot != NULL && dot != scenario->name)
        *dot = '\0';
}

static int read_document(struct sim_scenario *scenario, const char *text, struct kit_error *err)
{
    int rc = kit_json_parse(text, scenario->size_bytes, SIM_SCENARIO_BYTES_MAX, &scenario->root,
                            err);
    if (rc != KIT_OK)
        return rc;
    rc = check_schema(scenario->root, err);
    if (rc != KIT_OK)
        return rc;
    fill(scenario);
    return sim_check_references(scenario, err);
}

bool sim_scenario_parse(const char *name, const char *text, size_t size_bytes,
                        struct sim_scenario *ret, char *ret_message)
{
    struct sim_scenario scenario = { .size_bytes = size_bytes };
    struct kit_error err = { 0 };

    if (read_document(&scenario, text, &err) != KIT_OK) {
        describe(name, text, size_bytes, &err, ret_message);
        cJSON_Delete(scenario.root);
        return false;
    }
    set_name(&scenario, name);
    scenario.text = malloc(size_bytes + 1);
    CHECK(scenario.text != NULL);
    memcpy(scenario.text, text, size_bytes);
    scenario.text[size_bytes] = '\0';
    *ret = scenario;
    return true;
}

bool sim_scenario_load(const char *path, struct sim_scenario *ret, char *ret_message)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        (void)snprintf(ret_message, SIM_MESSAGE_SIZE, "%s: cannot be read: %s", path,
                       strerror(errno));
        return false;
    }
    char *text = malloc(SIM_SCENARIO_BYTES_MAX + 1);
    CHECK(text != NULL);
    size_t size_bytes = fread(text, 1, SIM_SCENARIO_BYTES_MAX + 1, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (failed)
        (void)snprintf(ret_message, SIM_MESSAGE_SIZE, "%s: cannot be read: is it a folder?", path);
    bool ok = !failed && sim_scenario_parse(path, text, size_bytes, ret, ret_message);
    free(text);
    return ok;
}

void sim_scenario_done(struct sim_scenario *scenario)
{
    cJSON_Delete(scenario->root);
    free(scenario->text);
    *scenario = (struct sim_scenario){ 0 };
}

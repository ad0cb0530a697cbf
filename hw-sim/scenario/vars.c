/* Filling in ${name.member}; see vars.h. */
#include "scenario/vars.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/buf.h"
#include "kit/base/text.h"

#define SEGMENTS_MAX 8
#define FILLED 1 /* valueint of a text that a variable has given; cJSON leaves it 0 */

void sim_vars_init(struct sim_vars *vars)
{
    vars->root = cJSON_CreateObject();
    CHECK(vars->root != NULL);
}

void sim_vars_done(struct sim_vars *vars)
{
    cJSON_Delete(vars->root);
    vars->root = NULL;
}

void sim_vars_set_take(struct sim_vars *vars, const char *name, cJSON *value)
{
    CHECK(value != NULL);
    cJSON_DeleteItemFromObjectCaseSensitive(vars->root, name);
    CHECK(cJSON_GetArraySize(vars->root) < SIM_VARS_COUNT_MAX);
    CHECK(cJSON_AddItemToObject(vars->root, name, value));
}

static const cJSON *step_into(const cJSON *node, const char *segment)
{
    char *end = NULL;

    if (!cJSON_IsArray(node))
        return cJSON_GetObjectItemCaseSensitive(node, segment);
    long index = strtol(segment, &end, 10);
    return end == segment || *end != '\0' || index < 0 ? NULL
                                                       : cJSON_GetArrayItem(node, (int)index);
}

const cJSON *sim_vars_find(const struct sim_vars *vars, const char *path)
{
    char copy[SIM_VARS_NAME_SIZE];
    const cJSON *node = vars->root;
    char *from = copy;

    kit_text_copy(copy, sizeof(copy), path);
    for (int i = 0; i < SEGMENTS_MAX && node != NULL; i++) {
        char *dot = strchr(from, '.');
        if (dot != NULL)
            *dot = '\0';
        node = step_into(node, from);
        if (dot == NULL)
            return node;
        from = dot + 1;
    }
    return NULL;
}

int sim_vars_next_name(const char **from, char ret_name[SIM_VARS_NAME_SIZE])
{
    const char *start = strstr(*from, "${");
    if (start == NULL)
        return 0;
    const char *end = strchr(start, '}');
    size_t size = end == NULL ? 0 : (size_t)(end - start) - 2;
    if (size == 0 || size >= SIM_VARS_NAME_SIZE)
        return -1;
    memcpy(ret_name, start + 2, size);
    ret_name[size] = '\0';
    *from = end + 1;
    return 1;
}

static int lookup(const struct sim_vars *vars, const char *name, const cJSON **ret,
                  struct kit_error *err)
{
    char first[SIM_VARS_NAME_SIZE];

    *ret = sim_vars_find(vars, name);
    if (*ret != NULL)
        return KIT_OK;
    kit_text_copy(first, sizeof(first), name);
    first[strcspn(first, ".")] = '\0';
    const cJSON *root = cJSON_GetObjectItemCaseSensitive(vars->root, first);
    char *text = root == NULL ? NULL : cJSON_PrintUnformatted(root);
    (void)kit_error_set(err, KIT_E_NOT_FOUND, "there is no ${%s}; %s is %.150s", name, first,
                        text == NULL ? "not set (yet)" : text);
    free(text);
    return KIT_E_NOT_FOUND;
}

static void add_value(struct kit_buf *out, const cJSON *value)
{
    if (cJSON_IsString(value)) {
        kit_buf_add_text(out, value->valuestring);
        return;
    }
    if (cJSON_IsNumber(value)) { /* cJSON would write 2^53 - 1 as 9.0e15 */
        kit_buf_add_int(out, (int64_t)value->valuedouble);
        return;
    }
    char *text = cJSON_PrintUnformatted(value);
    CHECK(text != NULL);
    kit_buf_add_text(out, text);
    free(text);
}

static int fill_text(const struct sim_vars *vars, const char *text, struct kit_buf *out,
                     struct kit_error *err)
{
    char name[SIM_VARS_NAME_SIZE];
    const char *from = text, *copied = text;
    const cJSON *value = NULL;

    while (sim_vars_next_name(&from, name) == 1) {
        kit_buf_add(out, copied, (size_t)(strstr(copied, "${") - copied));
        int rc = lookup(vars, name, &value, err);
        if (rc != KIT_OK)
            return rc;
        add_value(out, value);
        copied = from;
    }
    kit_buf_add_text(out, copied);
    if (out->overflow)
        return kit_error_set(err, KIT_E_TOO_LARGE, "\"%.40s\" becomes longer than %d bytes", text,
                             SIM_VARS_TEXT_MAX);
    return KIT_OK;
}

static int expand_text(const struct sim_vars *vars, const char *text, cJSON **ret,
                       struct kit_error *err)
{
    char name[SIM_VARS_NAME_SIZE];
    const char *from = text;
    const cJSON *value = NULL;
    struct kit_buf out;

    if (sim_vars_next_name(&from, name) == 1 && strncmp(text, "${", 2) == 0 && *from == '\0') {
        int rc = lookup(vars, name, &value, err);
        if (rc != KIT_OK)
            return rc;
        *ret = cJSON_Duplicate(value, true);
        if (cJSON_IsString(*ret))
            (*ret)->valueint = FILLED;
        return KIT_OK;
    }
    kit_buf_init(&out, SIM_VARS_TEXT_MAX);
    int rc = fill_text(vars, text, &out, err);
    if (rc == KIT_OK)
        *ret = cJSON_CreateString(out.data);
    kit_buf_done(&out);
    return rc;
}

bool sim_vars_is_filled(const cJSON *text)
{
    return cJSON_IsString(text) && text->valueint == FILLED;
}

int sim_vars_expand(const struct sim_vars *vars, const cJSON *value, cJSON **ret,
                    struct kit_error *err)
{
    if (cJSON_IsString(value))
        return expand_text(vars, value->valuestring, ret, err);
    if (!cJSON_IsObject(value) && !cJSON_IsArray(value)) {
        *ret = cJSON_Duplicate(value, true);
        return KIT_OK;
    }
    cJSON *copy = cJSON_IsObject(value) ? cJSON_CreateObject() : cJSON_CreateArray();
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, value)
    {
        cJSON *below = NULL;
        int rc = sim_vars_expand(vars, item, &below, err);
        if (rc != KIT_OK) {
            cJSON_Delete(copy);
            return rc;
        }
        if (cJSON_IsObject(value))
            CHECK(cJSON_AddItemToObject(copy, item->string, below));
        else
            CHECK(cJSON_AddItemToArray(copy, below));
    }
    *ret = copy;
    return KIT_OK;
}

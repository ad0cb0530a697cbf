/* A small interpreter of JSON Schema; see schema.h for the words that it knows. */
#include "scenario/schema.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "kit/json/pointer.h"

#define DEPTH_MAX 32 /* of schemas within schemas, references included */
#define LIST_SIZE 200

struct check {
    const cJSON *root;
    struct kit_error *err;
};

static int check_value(const struct check *check, const cJSON *schema, const cJSON *value,
                       const struct kit_pointer *at, int depth);

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *type_of(const cJSON *value)
{
    if (cJSON_IsObject(value))
        return "object";
    if (cJSON_IsArray(value))
        return "array";
    if (cJSON_IsString(value))
        return "string";
    if (cJSON_IsNumber(value))
        return "integer";
    return cJSON_IsBool(value) ? "boolean" : "null";
}

static const char *type_for_people(const char *type)
{
    return strcmp(type, "object") == 0    ? "an object {...}"
           : strcmp(type, "array") == 0   ? "a list [...]"
           : strcmp(type, "string") == 0  ? "a text"
           : strcmp(type, "integer") == 0 ? "a whole number"
           : strcmp(type, "boolean") == 0 ? "true or false"
                                          : "null";
}

/* "#/$defs/name" */
static const cJSON *resolve(const struct check *check, const cJSON *schema)
{
    static const char prefix[] = "#/$defs/";
    const cJSON *ref = get(schema, "$ref");

    for (int i = 0; ref != NULL && i < DEPTH_MAX; i++) {
        CHECK(strncmp(ref->valuestring, prefix, sizeof(prefix) - 1) == 0);
        schema = get(get(check->root, "$defs"), ref->valuestring + sizeof(prefix) - 1);
        CHECK(schema != NULL);
        ref = get(schema, "$ref");
    }
    return schema;
}

/* "a, b or c" of the texts in a list, or of an object's keys. */
static void list_words(const cJSON *list, char ret_text[LIST_SIZE])
{
    size_t size = 0;
    const cJSON *item = NULL;

    ret_text[0] = '\0';
    cJSON_ArrayForEach(item, list)
    {
        const char *word = cJSON_IsString(item) ? item->valuestring : item->string;
        const char *before = item == list->child ? "" : item->next == NULL ? " or " : ", ";
        int added = snprintf(ret_text + size, LIST_SIZE - size, "%s%s", before, word);
        if (added < 0 || (size_t)added >= LIST_SIZE - size)
            return;
        size += (size_t)added;
    }
}

static bool looks_like(const char *text, const char *pattern)
{
    regex_t regex;

    CHECK(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
    int missed = regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    return missed == 0;
}

static int check_text(const struct check *check, const cJSON *schema, const cJSON *value,
                      const struct kit_pointer *at)
{
    const cJSON *min = get(schema, "minLength");
    const cJSON *max = get(schema, "maxLength");
    const cJSON *pattern = get(schema, "pattern");
    size_t size = strlen(value->valuestring);

    if ((min != NULL && size < (size_t)min->valuedouble) ||
        (max != NULL && size > (size_t)max->valuedouble))
        return kit_error_at(check->err, KIT_E_INVALID, at->text,
                            "the text has %zu characters; allowed are %d to %d", size,
                            min != NULL ? min->valueint : 0, max != NULL ? max->valueint : -1);
    return pattern == NULL || looks_like(value->valuestring, pattern->valuestring)
               ? KIT_OK
               : kit_error_at(check->err, KIT_E_INVALID, at->text,
                              "\"%.60s\" does not look like %s", value->valuestring,
                              pattern->valuestring);
}

static int check_number(const struct check *check, const cJSON *schema, const cJSON *value,
                        const struct kit_pointer *at)
{
    const cJSON *min = get(schema, "minimum");
    const cJSON *max = get(schema, "maximum");

    if ((min != NULL && value->valuedouble < min->valuedouble) ||
        (max != NULL && value->valuedouble > max->valuedouble))
        return kit_error_at(check->err, KIT_E_INVALID, at->text,
                            "%.0f is out of range: allowed are %.0f to %.0f", value->valuedouble,
                            min != NULL ? min->valuedouble : 0, max != NULL ? max->valuedouble : 0);
    return KIT_OK;
}

static int check_items(const struct check *check, const cJSON *schema, const cJSON *value,
                       const struct kit_pointer *at, int depth)
{
    const cJSON *items = get(schema, "items");
    const cJSON *min = get(schema, "minItems");
    const cJSON *max = get(schema, "maxItems");
    int count = cJSON_GetArraySize(value);

    if ((min != NULL && count < min->valueint) || (max != NULL && count > max->valueint))
        return kit_error_at(check->err, KIT_E_INVALID, at->text,
                            "the list has %d items; allowed are %d to %d", count,
                            min != NULL ? min->valueint : 0, max != NULL ? max->valueint : -1);
    size_t index = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, value)
    {
        struct kit_pointer below = *at;
        kit_pointer_add_index(&below, index++);
        int rc = items != NULL ? check_value(check, items, item, &below, depth + 1) : KIT_OK;
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static int check_member(const struct check *check, const cJSON *schema, const cJSON *member,
                        const struct kit_pointer *at, int depth)
{
    const cJSON *properties = get(schema, "properties");
    const cJSON *known = get(properties, member->string);
    const cJSON *others = get(schema, "additionalProperties");
    struct kit_pointer below = *at;
    char words[LIST_SIZE];

    kit_pointer_add_key(&below, member->string, strlen(member->string));
    const cJSON *pattern = get(get(schema, "propertyNames"), "pattern");
    if (pattern != NULL && !looks_like(member->string, pattern->valuestring))
        return kit_error_at(check->err, KIT_E_INVALID, below.text,
                            "the name \"%.60s\" does not look like %s", member->string,
                            pattern->valuestring);
    if (known != NULL)
        return check_value(check, known, member, &below, depth + 1);
    if (cJSON_IsObject(others))
        return check_value(check, others, member, &below, depth + 1);
    if (!cJSON_IsFalse(others))
        return KIT_OK;
    list_words(properties, words);
    return kit_error_at(check->err, KIT_E_INVALID, below.text,
                        "\"%.60s\" is not known here; known are %s", member->string, words);
}

static int check_object(const struct check *check, const cJSON *schema, const cJSON *value,
                        const struct kit_pointer *at, int depth)
{
    const cJSON *min = get(schema, "minProperties");
    const cJSON *max = get(schema, "maxProperties");
    const cJSON *item = NULL;
    int count = cJSON_GetArraySize(value);
    char words[LIST_SIZE];

    cJSON_ArrayForEach(item, value)
    {
        int rc = check_member(check, schema, item, at, depth);
        if (rc != KIT_OK)
            return rc;
    }
    cJSON_ArrayForEach(item, get(schema, "required"))
    {
        if (get(value, item->valuestring) == NULL)
            return kit_error_at(check->err, KIT_E_INVALID, at->text, "\"%s\" is missing",
                                item->valuestring);
    }
    if ((min != NULL && count < min->valueint) || (max != NULL && count > max->valueint)) {
        list_words(get(schema, "properties"), words);
        return kit_error_at(check->err, KIT_E_INVALID, at->text,
                            "has %d members; exactly one is wanted: %s", count, words);
    }
    return KIT_OK;
}

/* The alternative that the value names; NULL, with the reason in err, when none does. */
static const cJSON *choose(const struct check *check, const cJSON *alternatives, const cJSON *value,
                           const struct kit_pointer *at)
{
    const cJSON *verb = get(value, "do");
    const cJSON *one = NULL;
    bool named = false;

    cJSON_ArrayForEach(one, alternatives)
    {
        const cJSON *target = resolve(check, one);
        const cJSON *wanted = get(get(get(target, "properties"), "do"), "const");
        if (wanted != NULL) {
            named = true;
            if (cJSON_IsString(verb) && strcmp(wanted->valuestring, verb->valuestring) == 0)
                return target;
            continue;
        }
        const cJSON *type = get(target, "type");
        if (type == NULL || strcmp(type->valuestring, type_of(value)) == 0)
            return target;
    }
    if (!named)
        (void)kit_error_at(check->err, KIT_E_INVALID, at->text, "%s cannot stand here",
                           type_for_people(type_of(value)));
    else if (!cJSON_IsObject(value))
        (void)kit_error_at(check->err, KIT_E_INVALID, at->text, "a step is an object {...}");
    else if (!cJSON_IsString(verb))
        (void)kit_error_at(check->err, KIT_E_INVALID, at->text, "\"do\" is missing: what to do");
    else
        (void)kit_error_at(check->err, KIT_E_INVALID, at->text,
                           "\"%.40s\" is no verb; lockstock-sim --help lists them",
                           verb->valuestring);
    return NULL;
}

static bool equals_one_of(const cJSON *allowed, const cJSON *value)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, allowed)
    {
        if (cJSON_Compare(item, value, true))
            return true;
    }
    return false;
}

static int check_value(const struct check *check, const cJSON *schema, const cJSON *value,
                       const struct kit_pointer *at, int depth)
{
    char words[LIST_SIZE];

    CHECK(depth < DEPTH_MAX);
    schema = resolve(check, schema);
    const cJSON *alternatives = get(schema, "oneOf");
    if (alternatives != NULL) {
        schema = choose(check, alternatives, value, at);
        return schema == NULL ? KIT_E_INVALID : check_value(check, schema, value, at, depth + 1);
    }
    const cJSON *type = get(schema, "type");
    if (type != NULL && strcmp(type->valuestring, type_of(value)) != 0)
        return kit_error_at(check->err, KIT_E_INVALID, at->text, "expected %s, found %s",
                            type_for_people(type->valuestring), type_for_people(type_of(value)));
    const cJSON *allowed = get(schema, "enum");
    if (allowed != NULL && !equals_one_of(allowed, value)) {
        list_words(allowed, words);
        return kit_error_at(check->err, KIT_E_INVALID, at->text, "\"%.40s\" is not one of %s",
                            cJSON_IsString(value) ? value->valuestring : "this", words);
    }
    const cJSON *only = get(schema, "const");
    if (only != NULL && !cJSON_Compare(only, value, true))
        return kit_error_at(check->err, KIT_E_INVALID, at->text, "must be \"%s\"",
                            cJSON_IsString(only) ? only->valuestring : "as the schema says");
    if (cJSON_IsString(value))
        return check_text(check, schema, value, at);
    if (cJSON_IsNumber(value))
        return check_number(check, schema, value, at);
    if (cJSON_IsArray(value))
        return check_items(check, schema, value, at, depth);
    return cJSON_IsObject(value) ? check_object(check, schema, value, at, depth) : KIT_OK;
}

int sim_schema_check(const cJSON *schema, const cJSON *value, struct kit_error *err)
{
    struct check check = { .root = schema, .err = err };
    struct kit_pointer at;

    kit_pointer_init(&at);
    return check_value(&check, schema, value, &at, 0);
}

/* A small interpreter of JSON Schema; see schema.h for the words that it knows. The functions
 * return false with the reason in check->err. */
#include "scenario/schema.h"

#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kit/json/pointer.h"
#include "scenario/json.h"

#define DEPTH_MAX 32 /* of schemas within schemas, references included */
#define LIST_SIZE 200

struct check {
    const cJSON *root;
    struct kit_error *err;
};

static bool check_value(const struct check *check, const cJSON *schema, const cJSON *value,
                        const struct kit_pointer *at, int depth);

/* Returns false, so: return refuse(...). */
KIT_FORMAT(3, 4)
static bool refuse(const struct check *check, const struct kit_pointer *at, const char *format, ...)
{
    char text[KIT_ERROR_TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)kit_error_at(check->err, KIT_E_INVALID, at->text, "%s", text);
    return false;
}

static const struct type {
    int cjson_types;
    const char *name; /* in schemas */
    const char *words;
    const char *min; /* what bounds the size of a value, or the number; NULL: nothing does here */
    const char *max;
    const char *sentence; /* about a value beyond the bounds */
} types[] = {
    { cJSON_Object, "object", "an object {...}", NULL, NULL, NULL },
    { cJSON_Array, "array", "a list [...]", "minItems", "maxItems",
      "the list has %.0f items; allowed are %.0f to %.0f" },
    { cJSON_String, "string", "a text", "minLength", "maxLength",
      "the text has %.0f characters; allowed are %.0f to %.0f" },
    { cJSON_Number, "integer", "a whole number", "minimum", "maximum",
      "%.0f is out of range: allowed are %.0f to %.0f" },
    { cJSON_True | cJSON_False, "boolean", "true or false", NULL, NULL, NULL },
    { cJSON_NULL, "null", "null", NULL, NULL, NULL },
};

static const struct type *get_type(const cJSON *value)
{
    size_t i = 0;
    while ((types[i].cjson_types & value->type) == 0)
        i++;
    return &types[i];
}

/* The type that the schema asks for; NULL: any. */
static const struct type *get_wanted_type(const cJSON *schema)
{
    const char *name = sim_json_text(schema, "type");

    for (size_t i = 0; name != NULL && i < KIT_COUNT(types); i++) {
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    }
    CHECK(name == NULL);
    return NULL;
}

/* "#/$defs/name" */
static const cJSON *resolve(const struct check *check, const cJSON *schema)
{
    static const char prefix[] = "#/$defs/";
    const char *ref = sim_json_text(schema, "$ref");

    for (int i = 0; ref != NULL && i < DEPTH_MAX; i++) {
        CHECK(strncmp(ref, prefix, sizeof(prefix) - 1) == 0);
        schema = sim_json_get(sim_json_get(check->root, "$defs"), ref + sizeof(prefix) - 1);
        CHECK(schema != NULL);
        ref = sim_json_text(schema, "$ref");
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

/* Of a text in bytes, of a list or object in members, of a number itself. */
static double measure(const cJSON *value)
{
    if (cJSON_IsString(value))
        return (double)strlen(value->valuestring);
    return cJSON_IsNumber(value) ? value->valuedouble : cJSON_GetArraySize(value);
}

/* A bound that the schema does not give bounds nothing. */
static bool is_within(const cJSON *min, double size, const cJSON *max)
{
    return (min == NULL || size >= min->valuedouble) && (max == NULL || size <= max->valuedouble);
}

static bool check_size(const struct check *check, const cJSON *schema, const cJSON *value,
                       const struct kit_pointer *at)
{
    const struct type *type = get_type(value);

    if (type->min == NULL)
        return true;
    const cJSON *min = sim_json_get(schema, type->min), *max = sim_json_get(schema, type->max);
    if (is_within(min, measure(value), max))
        return true;
    return refuse(check, at, type->sentence, measure(value), min != NULL ? min->valuedouble : 0.0,
                  max != NULL ? max->valuedouble : -1.0);
}

static bool check_items(const struct check *check, const cJSON *items, const cJSON *list,
                        const struct kit_pointer *at, int depth)
{
    const cJSON *item = NULL;
    size_t index = 0;

    cJSON_ArrayForEach(item, list)
    {
        struct kit_pointer below = *at;
        kit_pointer_add_index(&below, index++);
        if (!check_value(check, items, item, &below, depth + 1))
            return false;
    }
    return true;
}

static bool check_member(const struct check *check, const cJSON *schema, const cJSON *member,
                         const struct kit_pointer *at, int depth)
{
    const cJSON *properties = sim_json_get(schema, "properties");
    const cJSON *known = sim_json_get(properties, member->string);
    const cJSON *others = sim_json_get(schema, "additionalProperties");
    const char *pattern = sim_json_text(sim_json_get(schema, "propertyNames"), "pattern");
    struct kit_pointer below = *at;
    char words[LIST_SIZE];

    kit_pointer_add_key(&below, member->string, strlen(member->string));
    if (pattern != NULL && !looks_like(member->string, pattern))
        return refuse(check, &below, "the name \"%.60s\" does not look like %s", member->string,
                      pattern);
    if (known != NULL || cJSON_IsObject(others))
        return check_value(check, known != NULL ? known : others, member, &below, depth + 1);
    if (!cJSON_IsFalse(others))
        return true;
    list_words(properties, words);
    return refuse(check, &below, "\"%.60s\" is not known here; known are %s", member->string,
                  words);
}

static bool check_object(const struct check *check, const cJSON *schema, const cJSON *value,
                         const struct kit_pointer *at, int depth)
{
    const cJSON *item = NULL;
    char words[LIST_SIZE];

    cJSON_ArrayForEach(item, value)
    {
        if (!check_member(check, schema, item, at, depth))
            return false;
    }
    cJSON_ArrayForEach(item, sim_json_get(schema, "required"))
    {
        if (sim_json_get(value, item->valuestring) == NULL)
            return refuse(check, at, "\"%s\" is missing", item->valuestring);
    }
    if (is_within(sim_json_get(schema, "minProperties"), measure(value),
                  sim_json_get(schema, "maxProperties")))
        return true;
    list_words(sim_json_get(schema, "properties"), words);
    return refuse(check, at, "has %.0f members; exactly one is wanted: %s", measure(value), words);
}

/* No alternative fits: says what an author would have to write. */
static bool refuse_choice(const struct check *check, bool is_step, const cJSON *value,
                          const struct kit_pointer *at)
{
    const char *verb = sim_json_text(value, "do");

    if (!is_step)
        return refuse(check, at, "%s cannot stand here", get_type(value)->words);
    if (!cJSON_IsObject(value))
        return refuse(check, at, "a step is an object {...}");
    if (verb == NULL)
        return refuse(check, at, "\"do\" is missing: what to do");
    return refuse(check, at, "\"%.40s\" is no verb; lockstock-sim --help lists them", verb);
}

/* The alternative that the value names; NULL, with the reason in err, when none does. */
static const cJSON *choose(const struct check *check, const cJSON *alternatives, const cJSON *value,
                           const struct kit_pointer *at)
{
    const char *verb = sim_json_text(value, "do");
    const cJSON *one = NULL;
    bool is_step = false;

    cJSON_ArrayForEach(one, alternatives)
    {
        const cJSON *target = resolve(check, one);
        const char *wanted = sim_json_text(sim_json_get(sim_json_get(target, "properties"), "do"),
                                           "const");
        const struct type *type = get_wanted_type(target);
        is_step = is_step || wanted != NULL;
        if (wanted != NULL ? verb != NULL && strcmp(wanted, verb) == 0
                           : type == NULL || type == get_type(value))
            return target;
    }
    (void)refuse_choice(check, is_step, value, at);
    return NULL;
}

static bool is_one_of(const cJSON *allowed, const cJSON *value)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, allowed)
    {
        if (cJSON_Compare(item, value, true))
            return true;
    }
    return false;
}

/* "type", "enum" and "const". */
static bool check_kind(const struct check *check, const cJSON *schema, const cJSON *value,
                       const struct kit_pointer *at)
{
    const struct type *type = get_wanted_type(schema);
    const cJSON *allowed = sim_json_get(schema, "enum"), *only = sim_json_get(schema, "const");
    char words[LIST_SIZE];

    if (type != NULL && type != get_type(value))
        return refuse(check, at, "expected %s, found %s", type->words, get_type(value)->words);
    if (allowed != NULL && !is_one_of(allowed, value)) {
        list_words(allowed, words);
        return refuse(check, at, "\"%.40s\" is not one of %s",
                      cJSON_IsString(value) ? value->valuestring : "this", words);
    }
    if (only == NULL || cJSON_Compare(only, value, true))
        return true;
    return refuse(check, at, "must be \"%s\"",
                  cJSON_IsString(only) ? only->valuestring : "as the schema says");
}

static bool check_value(const struct check *check, const cJSON *schema, const cJSON *value,
                        const struct kit_pointer *at, int depth)
{
    CHECK(depth < DEPTH_MAX);
    schema = resolve(check, schema);
    const cJSON *alternatives = sim_json_get(schema, "oneOf");
    if (alternatives != NULL) {
        schema = choose(check, alternatives, value, at);
        return schema != NULL && check_value(check, schema, value, at, depth + 1);
    }
    if (!check_kind(check, schema, value, at) || !check_size(check, schema, value, at))
        return false;
    const char *pattern = sim_json_text(schema, "pattern");
    if (cJSON_IsString(value) && pattern != NULL && !looks_like(value->valuestring, pattern))
        return refuse(check, at, "\"%.60s\" does not look like %s", value->valuestring, pattern);
    const cJSON *items = sim_json_get(schema, "items");
    if (cJSON_IsArray(value) && items != NULL)
        return check_items(check, items, value, at, depth);
    return !cJSON_IsObject(value) || check_object(check, schema, value, at, depth);
}

int sim_schema_check(const cJSON *schema, const cJSON *value, struct kit_error *err)
{
    struct check check = { .root = schema, .err = err };
    struct kit_pointer at;

    kit_pointer_init(&at);
    return check_value(&check, schema, value, &at, 0) ? KIT_OK : KIT_E_INVALID;
}

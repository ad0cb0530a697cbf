/* Runs a shape over a parsed document: walks the members once, in whatever order they come (our own
 * messages come in schema order, so the next expected key is tried first). Stops at the first fault
 * and names it. Never reads bytes that have not passed the gate. Any thread. */
#include <string.h>

#include "kit/base/time.h"
#include "kit/json/describe.h"
#include "kit/json/gate.h"
#include "kit/json/pointer.h"
#include "kit/json/shape.h"

/* Where we are, for messages: one step per open object or array. */
struct place {
    const struct place *parent;
    const cJSON *node;
    size_t index; /* of the node, when its parent is an array */
};

struct decoding {
    struct kit_error *err;
    struct place place;
};

static void build_pointer(const struct place *place, const char *key,
                          struct kit_pointer *ret_pointer)
{
    const struct place *steps[2 * KIT_SHAPE_DEPTH_MAX];
    size_t count = 0;
    for (; place->parent != NULL; place = place->parent) {
        CHECK(count < KIT_COUNT(steps));
        steps[count++] = place;
    }
    kit_pointer_init(ret_pointer);
    while (count > 0) {
        const struct place *step = steps[--count];
        if (step->node->string != NULL)
            kit_pointer_add_key(ret_pointer, step->node->string, strlen(step->node->string));
        else
            kit_pointer_add_index(ret_pointer, step->index);
    }
    if (key != NULL)
        kit_pointer_add_key(ret_pointer, key, strlen(key));
}

static const char *name_place(const struct kit_pointer *pointer)
{
    return pointer->text[0] == '\0' ? "the body" : pointer->text;
}

static int refuse_value(const struct decoding *in, const struct kit_member *member,
                        const cJSON *node)
{
    struct kit_pointer pointer;
    char expected[KIT_DESCRIBE_EXPECTED_SIZE];
    char value[KIT_DESCRIBE_VALUE_SIZE];
    build_pointer(&in->place, member->key, &pointer);
    kit_describe_expected(member, expected);
    kit_describe_value(member, node, value);
    return kit_error_at(in->err, KIT_E_INVALID, pointer.text, "%s must be %s, not %s",
                        name_place(&pointer), expected, value);
}

static int refuse_type(const struct decoding *in, const cJSON *node)
{
    struct kit_pointer pointer;
    char value[KIT_DESCRIBE_VALUE_SIZE];
    build_pointer(&in->place, NULL, &pointer);
    kit_describe_value(NULL, node, value);
    return kit_error_at(in->err, KIT_E_INVALID, pointer.text, "%s must be an object, not %s",
                        name_place(&pointer), value);
}

static int refuse_unknown(const struct decoding *in, const struct kit_shape *shape, const char *key)
{
    struct kit_pointer pointer;
    struct kit_buf allowed;
    build_pointer(&in->place, key, &pointer);
    kit_buf_init(&allowed, KIT_ERROR_TEXT_SIZE);
    for (size_t i = 0; i < shape->member_count; i++)
        kit_buf_add_format(&allowed, "%s%s", i == 0 ? "" : ", ", shape->members[i].key);
    int rc = kit_error_at(in->err, KIT_E_INVALID, pointer.text,
                          "%s is not known here; leave it out (known: %s)", name_place(&pointer),
                          allowed.data);
    kit_buf_done(&allowed);
    return rc;
}

static int refuse_missing(const struct decoding *in, const struct kit_member *member)
{
    struct kit_pointer pointer;
    char expected[KIT_DESCRIBE_EXPECTED_SIZE];
    build_pointer(&in->place, member->key, &pointer);
    kit_describe_expected(member, expected);
    return kit_error_at(in->err, KIT_E_INVALID, pointer.text, "%s is missing; it must be %s",
                        name_place(&pointer), expected);
}

static int refuse_twice(const struct decoding *in, const struct kit_member *member)
{
    struct kit_pointer pointer;
    build_pointer(&in->place, member->key, &pointer);
    return kit_error_at(in->err, KIT_E_INVALID, pointer.text, "%s is there twice",
                        name_place(&pointer));
}

static int refuse_too_few(const struct decoding *in, const struct kit_shape *shape)
{
    struct kit_pointer pointer;
    build_pointer(&in->place, NULL, &pointer);
    return kit_error_at(in->err, KIT_E_INVALID, pointer.text, "%s must have at least %zu member%s",
                        name_place(&pointer), shape->member_count_min,
                        shape->member_count_min == 1 ? "" : "s");
}

/* The gate lets integers within +-2^53 through only; a double holds those exactly. */
static bool get_number(const cJSON *node, int64_t *ret_value)
{
    double value = node->valuedouble;
    if (!(value >= (double)-KIT_JSON_INT_MAX && value <= (double)KIT_JSON_INT_MAX))
        return false;
    *ret_value = (int64_t)value;
    return (double)*ret_value == value;
}

/* The pattern has seen to it that these are digits, KIT_DECIMAL_DIGITS_MAX at most. */
static int64_t get_digits(const char *text)
{
    int64_t value = 0;
    for (; *text != '\0'; text++)
        value = value * 10 + (*text - '0');
    return value;
}

static bool take_int(const struct kit_member *member, const cJSON *node, void *ret)
{
    int64_t value;
    if (member->kind == KIT_KIND_DECIMAL && cJSON_IsString(node)) {
        if (!kit_pattern_matches(member->pattern, node->valuestring))
            return false;
        value = get_digits(node->valuestring);
    } else if (!cJSON_IsNumber(node) || !get_number(node, &value)) {
        return false;
    }
    if (value < member->min || value > member->max)
        return false;
    *(int64_t *)ret = value;
    return true;
}

static bool take_text(const struct kit_member *member, const cJSON *node, void *ret)
{
    if (!cJSON_IsString(node))
        return false;
    size_t size_bytes = strlen(node->valuestring);
    if (size_bytes >= member->size_bytes)
        return false;
    int64_t count = kit_text_count(node->valuestring);
    if (count < member->min || count > member->max)
        return false;
    if (member->pattern != NULL && !kit_pattern_matches(member->pattern, node->valuestring))
        return false;
    memcpy(ret, node->valuestring, size_bytes + 1);
    return true;
}

/* Index in texts, or text_count. */
static size_t find_text(const struct kit_member *member, const cJSON *node)
{
    if (!cJSON_IsString(node))
        return member->text_count;
    for (size_t i = 0; i < member->text_count; i++) {
        if (member->texts[i] != NULL && strcmp(member->texts[i], node->valuestring) == 0)
            return i;
    }
    return member->text_count;
}

static bool take_enum(const struct kit_member *member, const cJSON *node, void *ret)
{
    size_t index = find_text(member, node);
    if (index == member->text_count)
        return false;
    *(unsigned int *)ret = (unsigned int)index;
    return true;
}

static bool take_raw_object(const cJSON *node, void *ret)
{
    if (!cJSON_IsObject(node))
        return false;
    ((struct kit_json_raw *)ret)->node = node;
    return true;
}

static int decode_raw_array(const struct decoding *in, const struct kit_member *member,
                            const cJSON *node, char *object)
{
    if (!cJSON_IsArray(node))
        return refuse_value(in, member, node);
    size_t count = 0;
    for (const cJSON *item = node->child; item != NULL; item = item->next) {
        if (count == (size_t)member->max)
            return refuse_value(in, member, node);
        struct place array = { &in->place, node, 0 };
        struct decoding within = { in->err, { &array, item, count } };
        if (!cJSON_IsObject(item))
            return refuse_type(&within, item);
        count++;
    }
    ((struct kit_json_raw *)(void *)(object + member->offset))->node = node;
    return KIT_OK;
}

static int decode_object(const struct decoding *in, const struct kit_shape *shape, void *ret);

static int decode_array(const struct decoding *in, const struct kit_member *member,
                        const cJSON *node, char *object)
{
    size_t *ret_count = (size_t *)(void *)(object + member->count_offset);
    if (!cJSON_IsArray(node))
        return refuse_value(in, member, node);
    struct place array = { &in->place, node, 0 };
    size_t count = 0;
    for (const cJSON *item = node->child; item != NULL; item = item->next) {
        if (count == (size_t)member->max)
            return refuse_value(in, member, node);
        struct decoding within = { in->err, { &array, item, count } };
        int rc = decode_object(&within, member->shape,
                               object + member->offset + count * member->shape->size_bytes);
        if (rc != KIT_OK)
            return rc;
        count++;
    }
    *ret_count = count;
    return KIT_OK;
}

static int accept(const struct decoding *in, const struct kit_member *member, const cJSON *node,
                  bool is_valid)
{
    return is_valid ? KIT_OK : refuse_value(in, member, node);
}

static int decode_value(const struct decoding *in, const struct kit_member *member,
                        const cJSON *node, char *object)
{
    void *ret = object + member->offset;
    struct decoding within = { in->err, { &in->place, node, 0 } };
    switch (member->kind) {
    case KIT_KIND_INT:
    case KIT_KIND_DECIMAL:
        return accept(in, member, node, take_int(member, node, ret));
    case KIT_KIND_TEXT:
        return accept(in, member, node, take_text(member, node, ret));
    case KIT_KIND_TIME:
        return accept(in, member, node,
                      cJSON_IsString(node) && kit_time_from_text(node->valuestring, ret));
    case KIT_KIND_ENUM:
        return accept(in, member, node, take_enum(member, node, ret));
    case KIT_KIND_CONST:
        return accept(in, member, node, find_text(member, node) == 0);
    case KIT_KIND_OBJECT:
        return decode_object(&within, member->shape, ret);
    case KIT_KIND_ARRAY:
        return decode_array(in, member, node, object);
    case KIT_KIND_RAW_OBJECT:
        return accept(in, member, node, take_raw_object(node, ret));
    case KIT_KIND_RAW_ARRAY:
        return decode_raw_array(in, member, node, object);
    }
    UNREACHABLE("kind of a member");
}

static int decode_member(const struct decoding *in, const struct kit_member *member,
                         const cJSON *node, char *object)
{
    int rc = decode_value(in, member, node, object);
    if (rc != KIT_OK)
        return rc;
    if (!member->is_required && member->kind != KIT_KIND_CONST)
        *(bool *)(object + member->has_offset) = true;
    return KIT_OK;
}

/* Index of the member named key, or member_count. `next` is where the schema's order expects it. */
static size_t find_member(const struct kit_shape *shape, const char *key, size_t next)
{
    if (key == NULL)
        return shape->member_count;
    for (size_t i = next; i < shape->member_count; i++) {
        if (strcmp(shape->members[i].key, key) == 0)
            return i;
    }
    for (size_t i = 0; i < next; i++) {
        if (strcmp(shape->members[i].key, key) == 0)
            return i;
    }
    return shape->member_count;
}

/* The depth of nested calls is the depth of the schema: KIT_SHAPE_DEPTH_MAX, seen to by the
 * generator. */
static int decode_object(const struct decoding *in, const struct kit_shape *shape, void *ret)
{
    if (!cJSON_IsObject(in->place.node))
        return refuse_type(in, in->place.node);
    uint64_t seen = 0;
    size_t count = 0;
    size_t next = 0;
    for (const cJSON *node = in->place.node->child; node != NULL; node = node->next) {
        size_t index = find_member(shape, node->string, next);
        if (index == shape->member_count)
            return refuse_unknown(in, shape, node->string);
        const struct kit_member *member = &shape->members[index];
        if ((seen >> index & 1U) != 0)
            return refuse_twice(in, member);
        int rc = decode_member(in, member, node, ret);
        if (rc != KIT_OK)
            return rc;
        seen |= UINT64_C(1) << index;
        next = index + 1;
        count++;
    }
    uint64_t missing = shape->required & ~seen;
    if (missing != 0)
        return refuse_missing(in, &shape->members[__builtin_ctzll(missing)]);
    if (count < shape->member_count_min)
        return refuse_too_few(in, shape);
    return KIT_OK;
}

int kit_shape_decode(const struct kit_shape *shape, const cJSON *node, void *ret,
                     struct kit_error *err)
{
    PRE(node != NULL);
    /* The root has no name, also when the caller decodes a part of a document. */
    struct decoding in = { err, { NULL, node, 0 } };
    return decode_object(&in, shape, ret);
}

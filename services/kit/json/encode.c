/* Writes a struct as JSON by its shape. No allocation but the buffer's, no printf. A value that the
 * schema forbids would be refused by whoever reads it: it is a bug here. Any thread. */
#include <string.h>

#include "kit/base/time.h"
#include "kit/json/gate.h"
#include "kit/json/shape.h"

static void begin_node(const cJSON *node, bool is_member, struct kit_buf *out)
{
    if (is_member && node->string != NULL) {
        kit_buf_add_json_string(out, node->string);
        kit_buf_add_char(out, ':');
    }
    if (cJSON_IsObject(node))
        kit_buf_add_char(out, '{');
    else if (cJSON_IsArray(node))
        kit_buf_add_char(out, '[');
    else if (cJSON_IsString(node))
        kit_buf_add_json_string(out, node->valuestring);
    else if (cJSON_IsNumber(node))
        kit_buf_add_int(out, (int64_t)node->valuedouble);
    else if (cJSON_IsBool(node))
        kit_buf_add_text(out, cJSON_IsTrue(node) ? "true" : "false");
    else
        kit_buf_add_text(out, "null");
}

static void end_node(const cJSON *node, struct kit_buf *out)
{
    if (cJSON_IsObject(node))
        kit_buf_add_char(out, '}');
    else if (cJSON_IsArray(node))
        kit_buf_add_char(out, ']');
}

/* Raw JSON that came from a decoder: prints the nodes. The gate has bounded the depth, and has let
 * integers through only. `open` holds the containers around `node`. */
static void encode_nodes(const cJSON *root, struct kit_buf *out)
{
    const cJSON *open[KIT_JSON_DEPTH_MAX];
    size_t depth = 0;
    const cJSON *node = root;
    for (;;) {
        begin_node(node, depth > 0, out);
        if (node->child != NULL) {
            CHECK(depth < KIT_COUNT(open));
            open[depth++] = node;
            node = node->child;
            continue;
        }
        end_node(node, out);
        while (depth > 0 && node->next == NULL) {
            node = open[--depth];
            end_node(node, out);
        }
        if (depth == 0)
            return;
        kit_buf_add_char(out, ',');
        node = node->next;
    }
}

static void encode_raw(const struct kit_json_raw *raw, struct kit_buf *out)
{
    PRE(raw->text != NULL || raw->node != NULL);
    if (raw->text != NULL)
        kit_buf_add(out, raw->text, raw->size_bytes);
    else
        encode_nodes(raw->node, out);
}

static void encode_time(int64_t ms, struct kit_buf *out)
{
    char text[KIT_TIME_TEXT_SIZE + 2];
    text[0] = '"';
    kit_time_to_text(ms, text + 1);
    text[KIT_TIME_TEXT_SIZE] = '"';
    kit_buf_add(out, text, KIT_TIME_TEXT_SIZE + 1);
}

static void encode_quoted(const char *text, struct kit_buf *out)
{
    kit_buf_add_char(out, '"');
    kit_buf_add_text(out, text);
    kit_buf_add_char(out, '"');
}

static void encode_array(const struct kit_member *member, const char *object, struct kit_buf *out)
{
    size_t count = *(const size_t *)(const void *)(object + member->count_offset);
    PRE(count <= (size_t)member->max);
    kit_buf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            kit_buf_add_char(out, ',');
        kit_shape_encode(member->shape, object + member->offset + i * member->shape->size_bytes,
                         out);
    }
    kit_buf_add_char(out, ']');
}

static void encode_member(const struct kit_member *member, const char *object, struct kit_buf *out)
{
    const void *value = object + member->offset;
    switch (member->kind) {
    case KIT_KIND_INT:
    case KIT_KIND_DECIMAL: {
        int64_t number = *(const int64_t *)value;
        PRE(number >= member->min && number <= member->max);
        kit_buf_add_int(out, number);
        return;
    }
    case KIT_KIND_TEXT:
        kit_buf_add_json_string(out, value);
        return;
    case KIT_KIND_TIME:
        encode_time(*(const int64_t *)value, out);
        return;
    case KIT_KIND_ENUM: {
        unsigned int index = *(const unsigned int *)value;
        PRE(index < member->text_count && member->texts[index] != NULL);
        encode_quoted(member->texts[index], out);
        return;
    }
    case KIT_KIND_CONST:
        encode_quoted(member->texts[0], out);
        return;
    case KIT_KIND_OBJECT:
        kit_shape_encode(member->shape, value, out);
        return;
    case KIT_KIND_ARRAY:
        encode_array(member, object, out);
        return;
    case KIT_KIND_RAW_OBJECT:
    case KIT_KIND_RAW_ARRAY:
        encode_raw(value, out);
        return;
    }
    UNREACHABLE("kind of a member");
}

/* An optional const says nothing: it is taken, and never written. */
static bool is_present(const struct kit_member *member, const char *object)
{
    if (member->is_required)
        return true;
    if (member->kind == KIT_KIND_CONST)
        return false;
    return *(const bool *)(object + member->has_offset);
}

void kit_shape_encode(const struct kit_shape *shape, const void *in, struct kit_buf *out)
{
    bool is_first = true;
    kit_buf_add_char(out, '{');
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct kit_member *member = &shape->members[i];
        if (!is_present(member, in))
            continue;
        if (!is_first)
            kit_buf_add_char(out, ',');
        is_first = false;
        kit_buf_add(out, member->encoded, member->encoded_size_bytes);
        encode_member(member, in, out);
    }
    kit_buf_add_char(out, '}');
}

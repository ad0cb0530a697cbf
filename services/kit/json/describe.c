/* Sentences of the decoder's errors. Only failures come here, so printf is fine. */
#include "kit/json/describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"

#define SHOWN_TEXT_BYTES_MAX 40

int64_t kit_text_count(const char *text)
{
    int64_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0U) != 0x80U;
    return count;
}

static void list_texts(const struct kit_member *member, char *ret_text, size_t size_bytes)
{
    const char *before = member->kind == KIT_KIND_ENUM && member->text_count > 1 ? "one of " : "";
    size_t at = 0;
    for (size_t i = 0; i < member->text_count && at < size_bytes; i++) {
        if (member->texts[i] == NULL)
            continue;
        int length = snprintf(ret_text + at, size_bytes - at, "%s\"%s\"", before, member->texts[i]);
        if (length < 0)
            return;
        at += (size_t)length;
        before = ", ";
    }
}

void kit_describe_expected(const struct kit_member *member,
                           char ret_text[KIT_DESCRIBE_EXPECTED_SIZE])
{
    const size_t size_bytes = KIT_DESCRIBE_EXPECTED_SIZE;
    ret_text[0] = '\0';
    switch (member->kind) {
    case KIT_KIND_INT:
    case KIT_KIND_DECIMAL:
        snprintf(ret_text, size_bytes, "a whole number from %" PRId64 " to %" PRId64 "%s",
                 member->min, member->max,
                 member->kind == KIT_KIND_DECIMAL ? ", or the same as a decimal string" : "");
        return;
    case KIT_KIND_TEXT:
        if (member->pattern != NULL)
            snprintf(ret_text, size_bytes, "a text of the form %s", member->pattern->regex);
        else if (member->min > 0)
            snprintf(ret_text, size_bytes, "a text of %" PRId64 " to %" PRId64 " characters",
                     member->min, member->max);
        else
            snprintf(ret_text, size_bytes, "a text of at most %" PRId64 " characters", member->max);
        return;
    case KIT_KIND_TIME:
        snprintf(ret_text, size_bytes, "an instant in UTC such as \"2026-01-31T12:00:00.000Z\"");
        return;
    case KIT_KIND_ENUM:
    case KIT_KIND_CONST:
        list_texts(member, ret_text, size_bytes);
        return;
    case KIT_KIND_OBJECT:
    case KIT_KIND_RAW_OBJECT:
        snprintf(ret_text, size_bytes, "an object");
        return;
    case KIT_KIND_ARRAY:
    case KIT_KIND_RAW_ARRAY:
        snprintf(ret_text, size_bytes, "an array of at most %" PRId64 " objects", member->max);
        return;
    }
    UNREACHABLE("kind of a member");
}

/* How many it has is said where an array is right, and this one is too long. */
static bool is_array_wanted(const struct kit_member *member)
{
    return member != NULL && (member->kind == KIT_KIND_ARRAY || member->kind == KIT_KIND_RAW_ARRAY);
}

void kit_describe_value(const struct kit_member *member, const cJSON *node,
                        char ret_text[KIT_DESCRIBE_VALUE_SIZE])
{
    const size_t size_bytes = KIT_DESCRIBE_VALUE_SIZE;
    if (cJSON_IsString(node) && node->valuestring[0] == '\0')
        snprintf(ret_text, size_bytes, "an empty text");
    else if (cJSON_IsString(node) && strlen(node->valuestring) <= SHOWN_TEXT_BYTES_MAX)
        snprintf(ret_text, size_bytes, "the text \"%s\"", node->valuestring);
    else if (cJSON_IsString(node))
        snprintf(ret_text, size_bytes, "a text of %" PRId64 " characters",
                 kit_text_count(node->valuestring));
    else if (cJSON_IsNumber(node))
        snprintf(ret_text, size_bytes, "%.17g", node->valuedouble);
    else if (cJSON_IsArray(node) && is_array_wanted(member))
        snprintf(ret_text, size_bytes, "an array of %d", cJSON_GetArraySize(node));
    else if (cJSON_IsArray(node))
        snprintf(ret_text, size_bytes, "an array");
    else if (cJSON_IsObject(node))
        snprintf(ret_text, size_bytes, "an object");
    else
        kit_text_copy(ret_text, size_bytes,
                      cJSON_IsTrue(node)    ? "true"
                      : cJSON_IsFalse(node) ? "false"
                                            : "null");
}

/* Walking into documents, and topic filters; see match.h. */
#include "scenario/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "scenario/json.h"

#define SEGMENT_SIZE 128
#define DEPTH_MAX 16

bool sim_topic_matches(const char *filter, const char *topic)
{
    while (*filter != '\0') {
        size_t wanted = strcspn(filter, "/"), found = strcspn(topic, "/");
        if (strcmp(filter, "#") == 0)
            return true;
        bool any = wanted == 1 && filter[0] == '+';
        if (!any && (wanted != found || strncmp(filter, topic, wanted) != 0))
            return false;
        filter += wanted;
        topic += found;
        if (*filter == '\0' || *topic == '\0')
            return *filter == *topic || strcmp(filter, "/#") == 0;
        filter++;
        topic++;
    }
    return *topic == '\0';
}

/* A number and a text that reads the same are equal: variables may have become texts. */
static bool is_equal(const cJSON *a, const cJSON *b)
{
    char text[32];

    if (cJSON_IsString(a) && cJSON_IsNumber(b)) {
        (void)snprintf(text, sizeof(text), "%.0f", b->valuedouble);
        return strcmp(a->valuestring, text) == 0;
    }
    if (cJSON_IsNumber(a) && cJSON_IsString(b))
        return is_equal(b, a);
    return cJSON_Compare(a, b, true);
}

static bool is_in(const cJSON *value, const cJSON *list)
{
    const cJSON *item = NULL;

    if (!cJSON_IsArray(list))
        return is_equal(value, list);
    cJSON_ArrayForEach(item, list)
    {
        if (is_equal(value, item))
            return true;
    }
    return false;
}

/* What a value must be; a member that is NULL asks for nothing. */
struct wanted {
    const cJSON *equals;
    const cJSON *in;
    const cJSON *contains;
    const cJSON *at_least;
    char *seen; /* what was seen last */
    size_t seen_size;
};

static bool is_wanted(const struct wanted *wanted, const cJSON *value)
{
    char *text = cJSON_PrintUnformatted(value);

    kit_text_copy(wanted->seen, wanted->seen_size, text != NULL ? text : "?");
    free(text);
    if (wanted->equals != NULL && !is_equal(value, wanted->equals))
        return false;
    if (wanted->in != NULL && !is_in(value, wanted->in))
        return false;
    if (wanted->contains != NULL &&
        (!cJSON_IsString(value) ||
         strstr(value->valuestring, wanted->contains->valuestring) == NULL))
        return false;
    return wanted->at_least == NULL ||
           (cJSON_IsNumber(value) && value->valuedouble >= wanted->at_least->valuedouble);
}

static bool find(const struct wanted *wanted, const cJSON *node, const char *pointer, int depth)
{
    char segment[SEGMENT_SIZE];

    if (*pointer == '\0')
        return is_wanted(wanted, node);
    size_t size = strcspn(pointer + 1, "/");
    if (*pointer != '/' || size >= sizeof(segment) || depth == DEPTH_MAX)
        return false;
    memcpy(segment, pointer + 1, size);
    segment[size] = '\0';
    pointer += 1 + size;
    if (strcmp(segment, "*") == 0) {
        const cJSON *item = NULL;
        cJSON_ArrayForEach(item, node)
        {
            if (find(wanted, item, pointer, depth + 1))
                return true;
        }
        return false;
    }
    const cJSON *below = cJSON_IsArray(node)
                             ? cJSON_GetArrayItem(node, (int)strtol(segment, NULL, 10))
                             : sim_json_get(node, segment);
    return below != NULL && find(wanted, below, pointer, depth + 1);
}

static bool find_from_root(const struct wanted *wanted, const cJSON *document, const char *pointer)
{
    kit_text_copy(wanted->seen, wanted->seen_size, "nothing");
    return document != NULL && find(wanted, document, pointer, 0);
}

bool sim_json_match(const cJSON *document, const char *pointer, const cJSON *match, char *ret_seen,
                    size_t size_bytes)
{
    const struct wanted wanted = { .equals = sim_json_get(match, "equals"),
                                   .in = sim_json_get(match, "in"),
                                   .contains = sim_json_get(match, "contains"),
                                   .at_least = sim_json_get(match, "atLeast"),
                                   .seen = ret_seen,
                                   .seen_size = size_bytes };

    bool is_found = find_from_root(&wanted, document, pointer);
    return is_found != cJSON_IsFalse(sim_json_get(match, "exists"));
}

bool sim_json_has(const cJSON *document, const cJSON *member, char *ret_seen, size_t size_bytes)
{
    const struct wanted wanted = { .equals = member, .seen = ret_seen, .seen_size = size_bytes };
    return find_from_root(&wanted, document, member->string);
}

/* Walking into documents, and topic filters; see match.h. */
#include "scenario/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void remember(const cJSON *value, char *ret_seen, size_t size_bytes)
{
    char *text = cJSON_PrintUnformatted(value);
    (void)snprintf(ret_seen, size_bytes, "%s", text != NULL ? text : "?");
    free(text);
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

static bool value_matches(const cJSON *value, const cJSON *match)
{
    const cJSON *equals = sim_json_get(match, "equals");
    const cJSON *in = sim_json_get(match, "in");
    const cJSON *contains = sim_json_get(match, "contains");
    const cJSON *at_least = sim_json_get(match, "atLeast");

    if (equals != NULL && !is_equal(value, equals))
        return false;
    if (in != NULL && !is_in(value, in))
        return false;
    if (contains != NULL &&
        (!cJSON_IsString(value) || strstr(value->valuestring, contains->valuestring) == NULL))
        return false;
    return at_least == NULL ||
           (cJSON_IsNumber(value) && value->valuedouble >= at_least->valuedouble);
}

static bool walk(const cJSON *node, const char *pointer, const cJSON *match, int depth, char *seen,
                 size_t seen_size)
{
    char segment[SEGMENT_SIZE];

    if (*pointer == '\0') {
        remember(node, seen, seen_size);
        return value_matches(node, match);
    }
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
            if (walk(item, pointer, match, depth + 1, seen, seen_size))
                return true;
        }
        return false;
    }
    const cJSON *below = cJSON_IsArray(node)
                             ? cJSON_GetArrayItem(node, (int)strtol(segment, NULL, 10))
                             : sim_json_get(node, segment);
    return below != NULL && walk(below, pointer, match, depth + 1, seen, seen_size);
}

bool sim_json_match(const cJSON *document, const char *pointer, const cJSON *match, char *ret_seen,
                    size_t size_bytes)
{
    const cJSON *exists = sim_json_get(match, "exists");

    (void)snprintf(ret_seen, size_bytes, "nothing");
    bool found = document != NULL && walk(document, pointer, match, 0, ret_seen, size_bytes);
    return cJSON_IsFalse(exists) ? !found : found;
}

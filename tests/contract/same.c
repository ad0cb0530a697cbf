/* Compares two documents, as deep as the gate lets them be. */
#include "same.h"

#include <stdlib.h>
#include <string.h>

static bool same_items(const cJSON *original, const cJSON *encoded)
{
    const cJSON *a = original->child;
    const cJSON *b = encoded->child;
    for (; a != NULL && b != NULL; a = a->next, b = b->next) {
        if (!same_json(a, b, NULL))
            return false;
    }
    return a == NULL && b == NULL;
}

static bool same_members(const cJSON *original, const cJSON *encoded, const char *dropped)
{
    int expected = 0;
    for (const cJSON *a = original->child; a != NULL; a = a->next) {
        const cJSON *b = cJSON_GetObjectItemCaseSensitive(encoded, a->string);
        if (b == NULL && dropped != NULL && strcmp(a->string, dropped) == 0)
            continue;
        if (b == NULL || !same_json(a, b, NULL))
            return false;
        expected++;
    }
    return cJSON_GetArraySize(encoded) == expected;
}

static bool is_exactly(double a, double b)
{
    return a >= b && a <= b;
}

bool same_json(const cJSON *original, const cJSON *encoded, const char *dropped)
{
    if (cJSON_IsString(original) && cJSON_IsNumber(encoded))
        return is_exactly((double)strtoll(original->valuestring, NULL, 10), encoded->valuedouble);
    if ((original->type & 0xFF) != (encoded->type & 0xFF))
        return false;
    if (cJSON_IsObject(original))
        return same_members(original, encoded, dropped);
    if (cJSON_IsArray(original))
        return same_items(original, encoded);
    if (cJSON_IsString(original))
        return strcmp(original->valuestring, encoded->valuestring) == 0;
    return !cJSON_IsNumber(original) || is_exactly(original->valuedouble, encoded->valuedouble);
}

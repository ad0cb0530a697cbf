/* cJSON asked by key; see json.h. */
#include "scenario/json.h"

const cJSON *sim_json_get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *sim_json_text(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(sim_json_get(object, key));
}

int64_t sim_json_int(const cJSON *object, const char *key, int64_t otherwise)
{
    const cJSON *member = sim_json_get(object, key);
    return cJSON_IsNumber(member) ? (int64_t)member->valuedouble : otherwise;
}

/* Members of JSON objects; object may be NULL or anything else. Pure; any thread. */
#ifndef SIM_SCENARIO_JSON_H
#define SIM_SCENARIO_JSON_H

#include <cjson/cJSON.h>
#include <stdint.h>

/* The member, borrowed from the object; NULL: there is none. */
const cJSON *sim_json_get(const cJSON *object, const char *key);

/* The text of the member, borrowed; NULL: there is none, or it is no text. */
const char *sim_json_text(const cJSON *object, const char *key);

/* The number of the member; otherwise: there is none, or it is no number. */
int64_t sim_json_int(const cJSON *object, const char *key, int64_t otherwise);

#endif

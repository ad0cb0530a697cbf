/* Comparing documents and topics with what a condition wants. No I/O, no state; any thread. */
#ifndef SIM_SCENARIO_MATCH_H
#define SIM_SCENARIO_MATCH_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* Does an MQTT topic match a filter with + and #? */
bool sim_topic_matches(const char *filter, const char *topic);

/**
 * sim_json_match() - Does a document have a value at a pointer?
 *
 * @pointer:  JSON pointer; a segment * is any member or item.
 * @match:    object that may have equals, in, contains, atLeast, exists; without any: it is there.
 * @ret_seen: what was seen last, as text, for the error; size bytes.
 */
bool sim_json_match(const cJSON *document, const char *pointer, const cJSON *match, char *ret_seen,
                    size_t size_bytes);

/* Does a document have, at the pointer that is the name of the member, the value of the member?
 * ret_seen as above. */
bool sim_json_has(const cJSON *document, const cJSON *member, char *ret_seen, size_t size_bytes);

#endif

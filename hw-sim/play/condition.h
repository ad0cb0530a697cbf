/* Conditions of `wait` and `expect` (scenario.schema.json, condition). */
#ifndef SIM_PLAY_CONDITION_H
#define SIM_PLAY_CONDITION_H

#include "play/run.h"

/* arg is a condition with its variables filled in. Fits sim_run_wait(). */
int sim_condition_test(struct sim_run *run, void *arg, struct kit_error *err);

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

#endif

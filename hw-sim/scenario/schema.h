/* Checks a document against a JSON Schema (2020-12), as far as scenario.schema.json uses it: type,
 * properties, required, additionalProperties, minProperties, maxProperties, items, minItems,
 * maxItems, enum, const, pattern, minLength, maxLength, minimum, maximum, $ref to "#/$defs/<name>",
 * and oneOf. Of a oneOf, the alternative that the value itself names is taken, so that the error is
 * about what the author meant: objects whose alternatives give "do" a const are told apart by it,
 * others by their type. The schema file is the only description of scenarios: this runs it. Any
 * thread. */
#ifndef SIM_SCENARIO_SCHEMA_H
#define SIM_SCENARIO_SCHEMA_H

#include <cjson/cJSON.h>

#include "kit/base/error.h"

/* Errors: KIT_E_INVALID with the pointer of the value at fault, and a sentence. */
int sim_schema_check(const cJSON *schema, const cJSON *value, struct kit_error *err) KIT_MUST_CHECK;

#endif

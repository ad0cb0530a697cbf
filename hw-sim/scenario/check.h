/* What scenario.schema.json cannot say about a scenario: every name that is used exists, is of the
 * right kind, and every variable has been set by a step before. No I/O, no state; any thread. */
#ifndef SIM_SCENARIO_CHECK_H
#define SIM_SCENARIO_CHECK_H

#include "scenario/scenario.h"

/* The document fits the schema. Errors: KIT_E_INVALID with the pointer. */
int sim_check_references(const struct sim_scenario *scenario, struct kit_error *err) KIT_MUST_CHECK;

#endif

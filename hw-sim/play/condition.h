/* Conditions of `wait` and `expect` (scenario.schema.json, condition). */
#ifndef SIM_PLAY_CONDITION_H
#define SIM_PLAY_CONDITION_H

#include "play/run.h"

/* arg is a condition with its variables filled in. Fits sim_run_wait(). */
int sim_condition_test(struct sim_run *run, void *arg, struct kit_error *err);

#endif

/* The verbs of scenarios (scenario.schema.json, step): one function each. */
#ifndef SIM_PLAY_VERBS_H
#define SIM_PLAY_VERBS_H

#include "play/run.h"

/* step has its variables filled in. KIT_OK, or what was expected and did not happen. */
typedef int (*sim_verb_fn)(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* NULL for "repeat", which run.c does itself, and for words that are no verbs. */
sim_verb_fn sim_verb_find(const char *name);

/* verbs_web.c */
int sim_verb_http(struct sim_run *run, const cJSON *step, struct kit_error *err);
int sim_verb_order(struct sim_run *run, const cJSON *step, struct kit_error *err);
int sim_verb_cancel(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* verbs_scan.c */
int sim_verb_scan(struct sim_run *run, const cJSON *step, struct kit_error *err);
int sim_verb_expect_verdict(struct sim_run *run, const cJSON *step, struct kit_error *err);
int sim_verb_type_code(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* verbs_hand.c */
int sim_verb_open(struct sim_run *run, const cJSON *step, struct kit_error *err);
int sim_verb_shut(struct sim_run *run, const cJSON *step, struct kit_error *err);
int sim_verb_put(struct sim_run *run, const cJSON *step, struct kit_error *err);
int sim_verb_take(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* verbs_fault.c */
int sim_verb_fault(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* The actor of the step makes a mistake: a note in the report, for the models do not tell it. */
void sim_verb_mistake(struct sim_run *run, const char *what);

/* Thinking time of the step's actor, at the speed of the run; none without an actor. */
int sim_verb_think(struct sim_run *run, const cJSON *step, struct kit_error *err);

#endif

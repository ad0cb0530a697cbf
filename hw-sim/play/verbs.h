/* The verbs of scenarios (scenario.schema.json, step): one function each. */
#ifndef SIM_PLAY_VERBS_H
#define SIM_PLAY_VERBS_H

#include "play/run.h"

/* step has its variables filled in. KIT_OK, or what was expected and did not happen: the codes of
 * sim_run_wait() and sim_run_http(). */
typedef int (*sim_verb_fn)(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* NULL for "repeat", which run.c does itself, and for words that are no verbs. */
sim_verb_fn sim_verb_find(const char *name);

/* The actor of the step makes a mistake: a note in the report, for the models do not tell it. */
void sim_verb_mistake(struct sim_run *run, const char *what);

/* Thinking time of the step's actor, at the speed of the run; none without an actor. */
int sim_verb_think(struct sim_run *run, const cJSON *step, struct kit_error *err) KIT_MUST_CHECK;

/* ---- verbs_web.c: calls of the bridge, whose answers may be saved as a variable ---- */

/* Any method and path that the scenario names. */
int sim_verb_http(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* Places an order, of one piece unless "qty" says more. */
int sim_verb_order(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* Takes an order back. */
int sim_verb_cancel(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* ---- verbs_scan.c: scanners and keypads ---- */

/* Scans a label, or a row of them; with "expect" it ends when the verdict is shown. */
int sim_verb_scan(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* Takes the next verdict that the device was told, and compares it. */
int sim_verb_expect_verdict(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* Types a code at a locker, until it was typed without a mistake. */
int sim_verb_type_code(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* ---- verbs_hand.c: hands at a compartment ---- */

/* Pulls the door, when the lock has let go of it. */
int sim_verb_open(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* Pushes the door shut, again while the lock does not catch. */
int sim_verb_shut(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* Puts goods into the compartment. */
int sim_verb_put(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* Takes what lies in front. */
int sim_verb_take(struct sim_run *run, const cJSON *step, struct kit_error *err);

/* ---- verbs_fault.c ---- */

/* Breaks, attacks or mends something. */
int sim_verb_fault(struct sim_run *run, const cJSON *step, struct kit_error *err);

#endif

/* What a request makes happen in the world of the demo, and how that world is. One thread, between
 * two turns of the loop: nothing here waits. */
#ifndef SIM_DEMO_ACTING_H
#define SIM_DEMO_ACTING_H

#include "demo/crew.h"
#include "msg/simulator.gen.h"
#include "msg/simulator_act.gen.h"

/* How the world is now; owner is the crew. */
void crew_tell_world(void *owner, struct msg_simulator *ret);

/* Makes it happen, or lets it begin; owner is the crew. Errors, with a sentence for people:
 * KIT_E_NOT_FOUND (no such device or door), KIT_E_INVALID (a member is missing), KIT_E_REFUSED (not
 * now). */
int crew_make_happen(void *owner, const struct msg_simulator_act *request,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Life of the caretaker: moves doors that were jammed and are free again. */
void crew_live_as_caretaker(struct crew_person *self);

/* Life of the impatient customer: comes when he is sent for. */
void crew_live_as_visitor(struct crew_person *self);

#endif

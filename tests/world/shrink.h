/* Makes the plan of a world that went wrong smaller, as long as the same goes wrong: leaves out
 * kinds of trouble, slices of time, single troubles, orders and errands, many at once and then
 * fewer (delta debugging). Each try is a process of its own, as what goes wrong may end it. */
#ifndef TESTS_WORLD_SHRINK_H
#define TESTS_WORLD_SHRINK_H

#include "world/plan.h"

/* How a world ended. */
struct world_end {
    char violation[WORLD_NOTE_SIZE]; /* or what ended its process; "": all is fine */
    uint64_t left[PART_COUNT];       /* by part; if its process ended, no troubles and errands */
};

/* For the next world: what goes wrong in it may loop for ever, or eat all memory, and both then end
 * the process. */
void world_bound_process(void);
/* Plays a plan in a process of its own, which a bound of time ends. */
void world_try(const struct world_plan *plan, struct world_end *ret);
/* Says on standard output how much of a plan there was. */
void world_end_print(const char *what, const struct world_end *end);
/* Whether two violations say the same, whatever numbers and texts of messages are in them. */
bool world_is_same_violation(const char *one, const char *other);

/* Shrinks the story's plan, writes its violation, and says on standard output what it does. false:
 * nothing goes wrong in it, and it is as it was. */
bool world_shrink(struct world_story *story);

#endif

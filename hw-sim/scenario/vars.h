/* Variables of a run, as one JSON object: ${order.id} is member `id` of variable `order`; a number
 * as a segment picks an item of a list. One thread. */
#ifndef SIM_SCENARIO_VARS_H
#define SIM_SCENARIO_VARS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "kit/base/error.h"

#define SIM_VARS_TEXT_MAX 4096 /* a text with its variables filled in */
#define SIM_VARS_NAME_SIZE 128 /* "order.id" */
#define SIM_VARS_COUNT_MAX 1000

struct sim_vars {
    cJSON *root;
};

/* Begins without any variable. */
void sim_vars_init(struct sim_vars *vars);

/* Frees all variables with their values. */
void sim_vars_done(struct sim_vars *vars);

/* Takes value, whatever happens. A variable of that name is replaced. */
void sim_vars_set_take(struct sim_vars *vars, const char *name, cJSON *value);

/* NULL when there is none; borrowed until the next set. */
const cJSON *sim_vars_find(const struct sim_vars *vars, const char *path);

/**
 * sim_vars_expand() - A copy of a value with all variables in its texts filled in.
 *
 * A text that is nothing but one variable becomes that value with its type; elsewhere numbers and
 * texts are written into the text around them.
 *
 * @ret: on KIT_OK the caller's, to free with cJSON_Delete().
 *
 * Errors: KIT_E_NOT_FOUND names the variable and the members that there are.
 */
int sim_vars_expand(const struct sim_vars *vars, const cJSON *value, cJSON **ret,
                    struct kit_error *err) KIT_MUST_CHECK;

/* Was this text of an expanded value nothing but a variable? Then it is a value of the system, and
 * no name of the scenario's own. */
bool sim_vars_is_filled(const cJSON *text);

/* Finds the next ${...} in text from *from on: writes what stands inside, moves *from behind it.
 * Returns 1; 0 when there is none; -1 when one is not closed, or is too long. */
int sim_vars_next_name(const char **from, char ret_name[SIM_VARS_NAME_SIZE]);

#endif

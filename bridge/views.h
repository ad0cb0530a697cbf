/* What customers see of an object: the service's answer, judged by its schema, in its HTTP form
 * with links. A list has the objects under `_embedded`, links around the page, and `page`. Both
 * forms are generated from schemas/; a member that a service alone needs does not get through. Loop
 * thread. */
#ifndef BRIDGE_VIEWS_H
#define BRIDGE_VIEWS_H

#include "bridge/route.h"

/* The two functions of a kind of object, as routes name them (route_show_cb). KIT_E_INVALID: the
 * answer breaks its schema; a service of another version must not make us print nonsense. Lockers
 * and devices have names and no ids, and so no links of their own; *ret_id is then 0. */
#define SHOW_FUNCTION(name)                                                                        \
    int name##_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,     \
                    int64_t *ret_id, struct kit_error *err)
#define SHOW_LIST_FUNCTION(name)                                                                   \
    int name##_show_list(const struct exchange *exchange, const cJSON *answer,                     \
                         struct kit_buf *out, int64_t *ret_id, struct kit_error *err)

#define SHOW_SEARCH_FUNCTION(name)                                                                 \
    int name##_show_search(const struct exchange *exchange, const cJSON *answer,                   \
                           struct kit_buf *out, int64_t *ret_id, struct kit_error *err)

#define VIEW_FUNCTIONS(name)                                                                       \
    SHOW_FUNCTION(name);                                                                           \
    SHOW_LIST_FUNCTION(name)

VIEW_FUNCTIONS(product);
VIEW_FUNCTIONS(rental);
VIEW_FUNCTIONS(delivery);
VIEW_FUNCTIONS(order);
VIEW_FUNCTIONS(asset);
VIEW_FUNCTIONS(locker);
VIEW_FUNCTIONS(device);
/* What is to be picked: a list alone. */
SHOW_LIST_FUNCTION(pick);
/* What a scan came to; it has no id. */
SHOW_FUNCTION(verdict);
/* How a simulated world is; it has no id. */
SHOW_FUNCTION(simulator);
/* Parked events, and what became of one; their ids are the service's own. */
SHOW_LIST_FUNCTION(letter);
SHOW_FUNCTION(letter_outcome);
/* What was looked for: a list with links to itself and to what follows, and no `page`. */
SHOW_SEARCH_FUNCTION(order);
SHOW_SEARCH_FUNCTION(asset);
SHOW_SEARCH_FUNCTION(product);

/* What staff did with a locker, without links; *ret_id stays. Errors as above. */
int locker_show_acts(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                     int64_t *ret_id, struct kit_error *err);

/* An order's steps, with a link to themselves; *ret_id stays. Errors as above. */
int story_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
               int64_t *ret_id, struct kit_error *err);

#endif

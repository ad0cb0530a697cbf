/* What customers see of an object: the service's answer, judged by its schema, with links. The HTTP
 * body of an object has the members of the service's answer and `_links`; that of a list has the
 * objects under `_embedded`, links around the page, and `page`. Loop thread. */
#ifndef BRIDGE_VIEWS_H
#define BRIDGE_VIEWS_H

#include "bridge/routes.h"

/* route_show_cb for one object, and for a page of them. KIT_E_INVALID: the answer breaks its
 * schema; a service of another version must not make us print nonsense. */
#define VIEW_FUNCTIONS(name)                                                                       \
    int name##_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,     \
                    int64_t *ret_id, struct kit_error *err);                                       \
    int name##_show_list(const struct exchange *exchange, const cJSON *answer,                     \
                         struct kit_buf *out, int64_t *ret_id, struct kit_error *err)

VIEW_FUNCTIONS(product);
VIEW_FUNCTIONS(rental);
VIEW_FUNCTIONS(delivery);
VIEW_FUNCTIONS(order);
VIEW_FUNCTIONS(asset);

/* Lockers have names, not ids, and so no links of their own. */
int locker_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                int64_t *ret_id, struct kit_error *err);
int locker_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                     int64_t *ret_id, struct kit_error *err);

#endif

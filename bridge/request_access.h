/* Who a request comes from, and whether they may. In an open Lockstock it comes from nobody, and
 * everything may be asked but account, which is not there. Loop thread. */
#ifndef BRIDGE_REQUEST_ACCESS_H
#define BRIDGE_REQUEST_ACCESS_H

#include "bridge/request.h"

/* Finds out who asks, and looks their row up (rules/access.md). The route is known. Refusals:
 * KIT_E_UNAUTHENTICATED; KIT_E_FORBIDDEN for a role that may not, a token whose scopes do not have
 * it, or a browser whose page has not sent X-CSRF-Token; KIT_E_NOT_FOUND with type "open-system";
 * those of access_find(). */
int request_access_check(struct request *request, struct kit_error *err) KIT_MUST_CHECK;

/* Account has answered: a session that it has opened counts from here on, and a browser gets or
 * loses its cookie. */
void request_access_settle(struct request *request, const cJSON *result);

/* What GET /me answers. */
void request_access_write_me(const struct request *request, struct kit_buf *out);

/* Leaves of a reader's filter what they may see. */
void request_access_filter(const struct request *request, struct feed_filter *filter);

#endif

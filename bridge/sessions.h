/* Signing in and out: what comes in a body becomes a request of account, and its answer ours. Loop
 * thread. */
#ifndef BRIDGE_SESSIONS_H
#define BRIDGE_SESSIONS_H

#include "bridge/route.h"

/* Signs somebody in under the token that the exchange has; says there whether it is for a cookie.
 */
int session_ask_open(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                     struct kit_error *err);

/* Shows who has signed in, and what to send from now on: the token, or what goes with the cookie.
 */
int session_show_opened(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                        int64_t *ret_id, struct kit_error *err);

/* Ends the session of who asks. KIT_E_NOT_FOUND without one. */
int session_ask_end(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                    struct kit_error *err);

/* Ends all sessions of who asks, wherever they were opened. */
int session_ask_end_all(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                        struct kit_error *err);

/* Sets a password, by a one-time link. */
int password_ask_set(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                     struct kit_error *err);

#endif

/* The synchronous cancel: rental asks delivery, through a circuit breaker, and answers its own
 * caller when delivery has answered or the time is over. Runs on the loop. Rules 4. */
#ifndef RENTAL_CANCEL_H
#define RENTAL_CANCEL_H

#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_rental_response.gen.h"
#include "rental/app.h"

#define RENTAL_CANCEL_RETRY_MS 1000 /* advice when the breaker names no time */

/* Makes all slots free and the breaker closed. Reads cancel-timeout-ms, breaker-failures and
 * breaker-open-ms. */
void rental_cancels_init(struct rental_cancels *cancels, const struct kit_service *service);

/* The request `cancel`: KIT_PENDING while delivery is asked (rules 4). Refusals: KIT_E_NOT_FOUND,
 * KIT_E_LIMIT when too many wait (4.6), KIT_E_UNAVAILABLE while the breaker is open (4.5). What
 * delivery answers becomes the rental's state and the reply. */
int rental_on_cancel(struct rental_app *app, const struct msg_rpc_get_request *in,
                     struct msg_rpc_rental_response *out, struct kit_error *err) KIT_MUST_CHECK;

#endif

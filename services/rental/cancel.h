/* The synchronous cancel: rental asks delivery, through a circuit breaker, and answers its own
 * caller when delivery has answered or the time is over. Runs on the loop. Rules 4. */
#ifndef RENTAL_CANCEL_H
#define RENTAL_CANCEL_H

#include "kit/service/service.h"
#include "rental/app.h"

#define RENTAL_CANCEL_RETRY_MS 1000 /* advice when the breaker names no time */

/* Reads cancel-timeout-ms, breaker-failures and breaker-open-ms. */
void rental_cancels_init(struct rental_cancels *cancels, const struct kit_service *service);

/* The request `cancel`: KIT_PENDING while delivery is asked. `app` is struct rental_app. */
int rental_on_cancel(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                     struct kit_error *err);

#endif

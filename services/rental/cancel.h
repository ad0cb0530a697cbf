/* The synchronous cancel: rental asks delivery, through a circuit breaker, and answers its own
 * caller when delivery has answered or the time is over. Runs on the loop. Rules 4. */
#ifndef RENTAL_CANCEL_H
#define RENTAL_CANCEL_H

#include "kit/rpc/breaker.h"
#include "kit/service/service.h"
#include "rental/domain.h"

#define RENTAL_CANCELS_WAITING_MAX 1000 /* rules 4.6; the kit has 1024 tickets for all requests */
#define RENTAL_CANCEL_RETRY_MS 1000     /* advice when the breaker names no time */

/* How a cancel ended, for the metrics. */
enum rental_cancel_outcome {
    RENTAL_CANCEL_DONE = 0,        /* delivery confirmed */
    RENTAL_CANCEL_ALREADY = 1,     /* was canceled before */
    RENTAL_CANCEL_REFUSED = 2,     /* delivery said no */
    RENTAL_CANCEL_UNAVAILABLE = 3, /* asked, without a usable answer */
    RENTAL_CANCEL_NOT_ASKED = 4,   /* the breaker was open, or too many were waiting */
    RENTAL_CANCEL_UNKNOWN = 5,     /* no such rental */
};
#define RENTAL_CANCEL_OUTCOME_COUNT 6

/* One cancel that waits for delivery. */
struct rental_waiting {
    uint64_t ticket; /* to answer with */
    struct rental_id id;
    bool is_used;
};

struct rental_cancels {
    struct kit_breaker breaker; /* in front of delivery */
    int64_t timeout_ms;
    struct rental_waiting waiting[RENTAL_CANCELS_WAITING_MAX];
    uint16_t free_slots[RENTAL_CANCELS_WAITING_MAX]; /* a stack */
    size_t free_count;
    int64_t totals[RENTAL_CANCEL_OUTCOME_COUNT]; /* since the start */
};

/* Reads cancel-timeout-ms, breaker-failures and breaker-open-ms. */
void rental_cancels_init(struct rental_cancels *cancels, const struct kit_service *service);

/* The request `cancel`: KIT_PENDING while delivery is asked. `app` is struct rental_app. */
int rental_on_cancel(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                     struct kit_error *err);

#endif

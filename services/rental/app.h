/* The state of one running rental service, for its own files only. The kit allocates it (service.c
 * gives the size); there are no globals, so many instances live in one process. Loop thread. */
#ifndef RENTAL_APP_H
#define RENTAL_APP_H

#include "catalogue/catalogue.h"
#include "kit/rpc/breaker.h"
#include "kit/service/service.h"
#include "rental/store.h"

#define RENTAL_CANCELS_WAITING_MAX 1000 /* rules 4.6; the kit has 1024 tickets for all requests */

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

struct rental_app {
    struct kit_service *service; /* borrowed */
    struct rental_store store;
    struct catalogue catalogue; /* own copy (rules 5.1) */
    struct rental_cancels cancels;
    int64_t orders_total;       /* taken since the start */
    int64_t taken_back_total;   /* orders that we had lost (rules 7.2) */
    int64_t news_unknown_total; /* about rentals that we do not have (rules 3.6) */
};

#endif

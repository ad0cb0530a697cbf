/* Parts of an item that fail alone: when one order cannot be helped, the others are. Runs on the
 * loop inside the open transaction. */
#ifndef DELIVERY_WORK_ATTEMPTS_H
#define DELIVERY_WORK_ATTEMPTS_H

#include "delivery/app.h"

/* Runs a part, which gets `context`. Should it fail, it is undone and logged, and the item goes on:
 * KIT_OK, and *ret_failure is the part's code; KIT_OK there when it succeeded. A full disk and what
 * stops the process are returned: no other part would work either. */
int attempt_part(struct delivery_app *app, kit_service_work_cb part, void *context,
                 int *ret_failure, struct kit_error *err) KIT_MUST_CHECK;

/* What a part that is about one delivery gets as its context; the first member of a larger one when
 * it needs more. */
struct attempt {
    struct delivery_app *app;
    struct rental_id id;
};

/* The same for a part of a sweep that is about one delivery. When it fails, its delivery steps
 * aside from sweeps until the next start, at least while fewer than DELIVERY_STUCK_MAX others fail
 * (rules 6.3). */
int attempt_delivery(struct attempt *attempt, kit_service_work_cb part,
                     struct kit_error *err) KIT_MUST_CHECK;

#endif

/* What shall become of deliveries whose code is out: it is taken away first, and only when the
 * locker has confirmed that, the wish comes true (rules/delivery.md 5.5, 6.2, 6.3). And what is due
 * by time alone. Runs on the loop inside the open transaction. */
#ifndef DELIVERY_WISHES_H
#define DELIVERY_WISHES_H

#include "delivery/app.h"

/**
 * wishes_cancel() - Cancel a delivery that is READY, for a request that waits for the answer.
 *
 * KIT_PENDING: kit_service_reply() follows, at the latest shortly before the request's deadline.
 *
 * Errors: KIT_E_UNAVAILABLE (locker-unavailable) while the locker is not connected: nothing
 *         changes. KIT_E_LIMIT when too many wait.
 */
int wishes_cancel(struct delivery_app *app, struct delivery *delivery,
                  const struct kit_rpc_request *request, struct kit_error *err) KIT_MUST_CHECK;

/* Begins what `wish` says, unless another wish is under way already: its code is taken away. */
int wishes_begin(struct delivery_app *app, struct delivery *delivery, enum delivery_wish wish,
                 struct kit_error *err) KIT_MUST_CHECK;

/* What was wished, if anything was, comes true now. */
int wishes_come_true(struct delivery_app *app, struct delivery *delivery,
                     struct kit_error *err) KIT_MUST_CHECK;

/* A part of a sweep that is about one delivery. */
struct wishes_work {
    struct delivery_app *app;
    struct rental_id id;
};
typedef int (*wishes_part_cb)(void *wishes_work, struct kit_error *err);

/* Runs it. Should it fail, it is undone, and its delivery steps aside from sweeps until the next
 * start (at least while fewer than DELIVERY_STUCK_MAX others fail): KIT_OK, the others go on. */
int wishes_attempt(struct delivery_app *app, struct rental_id id, wishes_part_cb part,
                   struct kit_error *err) KIT_MUST_CHECK;

/* Lets those wishes in a locker come true that it has confirmed, and answers who waits. */
int wishes_confirm(struct delivery_app *app, const char *locker,
                   struct kit_error *err) KIT_MUST_CHECK;

/* The service's timer: hold times that are over, commands without an effect, cancels that have
 * waited long enough. */
#define WISHES_TIMER_MS 100
int wishes_on_timer(void *app, struct kit_error *err);

/* Request `return`: RETURNING, with a compartment and a code (rules 8.4). KIT_E_REFUSED
 * (no-free-compartment; refused) when it cannot be. */
int wishes_on_return(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                     struct kit_error *err);

/* The refusal of a cancel of what was collected (rules 6.2). */
int wishes_refuse_collected(const struct delivery *delivery, struct kit_error *err);

#endif

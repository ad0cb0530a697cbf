/* Ends of deliveries whose code is out. The end is wished first (enum delivery_wish): the code is
 * taken away, and when its locker has confirmed that, the end is carried out
 * (rules/delivery.md 5.5, 6.2, 6.3). Runs on the loop inside the open transaction. */
#ifndef DELIVERY_WORK_ENDS_H
#define DELIVERY_WORK_ENDS_H

#include "delivery/app.h"

#define ENDS_LOOK_MS 100 /* so often it is looked whether a cancel has waited long enough */

/**
 * ends_cancel() - Cancel a delivery that is READY, for the request of this item.
 *
 * KIT_OK: it is canceled; nothing can open its compartment any more (rules 8.7).
 * KIT_PENDING: the request waits for the locker; kit_service_reply() follows, at the latest shortly
 * before its deadline.
 *
 * Errors: KIT_E_UNAVAILABLE (locker-unavailable) while the locker is not connected: nothing
 *         changes. KIT_E_LIMIT when too many wait.
 */
int ends_cancel(struct delivery_app *app, struct delivery *delivery,
                struct kit_error *err) KIT_MUST_CHECK;

/* Answers the cancels whose request ends soon: the end stays wished, and the event will tell. */
void ends_answer_late(struct delivery_app *app);

/* Wishes an end, unless another one is wished already, and takes the code away. */
int ends_begin(struct delivery_app *app, struct delivery *delivery, enum delivery_wish wish,
               struct kit_error *err) KIT_MUST_CHECK;

/* Carries out the end that is wished, if there is one. */
int ends_carry_out(struct delivery_app *app, struct delivery *delivery,
                   struct kit_error *err) KIT_MUST_CHECK;

/* Carries out those ends in a locker that it has confirmed, and answers the cancels that wait for
 * them. */
int ends_confirm(struct delivery_app *app, const char *locker,
                 struct kit_error *err) KIT_MUST_CHECK;

/* The refusal of a cancel of what was collected (rules 6.2). */
int ends_refuse_collected(const struct delivery *delivery, struct kit_error *err);

#endif

/* The service's timer: what is due by time alone. Runs on the loop inside the open transaction. */
#ifndef DELIVERY_HANDLERS_SWEEP_H
#define DELIVERY_HANDLERS_SWEEP_H

#include "delivery/app.h"

#define DELIVERY_TIMER_MS 1000 /* more often while cancels wait for lockers: work/ends.h */

/* Answers cancels that have waited long enough; once a second ends hold times that are over (rules
 * 6.3), commands without an effect (8.1), lockers that are silent (7.1) or have no key (7.6). */
int delivery_on_timer(void *app, struct kit_error *err);

#endif

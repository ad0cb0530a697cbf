/* Events that make the read model. Each runs on the loop inside the open transaction, at most once
 * per event: the cursor moves with it. `app` is struct information_app. */
#ifndef INFORMATION_EVENTS_H
#define INFORMATION_EVENTS_H

#include "kit/service/service.h"

/* Stream rental: all three types carry the same snapshot. */
int information_on_rental(void *app, const struct kit_event *event, struct kit_error *err);

/* Stream delivery: both types do. May come before the rental's (rules 1.5). */
int information_on_delivery(void *app, const struct kit_event *event, struct kit_error *err);

#endif

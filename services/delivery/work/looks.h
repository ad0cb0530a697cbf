/* Compartments that staff have to look into before they serve a customer again: delivery's database
 * came back from a backup, and what happened at their doors since then nobody knows. Runs on the
 * loop inside the open transaction. Rules: schemas/rules/delivery.md 7.11. */
#ifndef DELIVERY_WORK_LOOKS_H
#define DELIVERY_WORK_LOOKS_H

#include "delivery/app.h"
#include "delivery/domain/grant.h"

/* The service's hook for a database that was lost or restored: each code that is live in it ends as
 * by looks_begin(). Its lockers hear of that with their next word, as there may be more of them
 * than messages in a batch. What fails for one locker is logged, and undone for that one alone. */
int looks_after_restore(void *app, struct kit_error *err) KIT_MUST_CHECK;

/* Takes a live code away and its compartment out of service, which is noted in the history; its
 * order's reason says that staff look inside. Publishes nothing. */
int looks_begin(struct delivery_app *app, const struct grant *grant,
                struct kit_error *err) KIT_MUST_CHECK;

/* Staff have looked into *compartment, which is stored as it is: an order that should have a code
 * for it gets a new one. Does nothing when nobody had to look. */
int looks_end(struct delivery_app *app, struct locker_compartment *compartment,
              struct kit_error *err) KIT_MUST_CHECK;

#endif

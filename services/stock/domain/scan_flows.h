/* What the files of the scan flows share. Pure; see scan.h. */
#ifndef STOCK_DOMAIN_SCAN_FLOWS_H
#define STOCK_DOMAIN_SCAN_FLOWS_H

#include "kit/base/check.h"
#include "stock/domain/scan.h"

/* One scan: what is known before it, and the decision that grows. */
struct scan_view {
    const struct scan_session *session;
    const struct scan_found *found;
    struct scan_decision *decision;
};

/* The scan is taken: `decision->after` may be changed further. */
void scan_accept(struct scan_view *view, enum scan_act act, const char *format, ...)
    KIT_FORMAT(3, 4);
/* Taken, and the task is complete: the session ends. */
void scan_finish(struct scan_view *view, enum scan_act act, const char *format, ...)
    KIT_FORMAT(3, 4);
/* Nothing moves, the step stays. */
void scan_refuse(struct scan_view *view, enum scan_result result, const char *format, ...)
    KIT_FORMAT(3, 4);
/* not_allowed, with what the step expects. */
void scan_refuse_here(struct scan_view *view);
/* true: another scanner has the order; refused. */
bool scan_is_elsewhere(struct scan_view *view, const struct scan_order *order);

/* Has each unit of the product a label of its own? */
static inline bool scan_is_serialised(const struct scan_item *item)
{
    return item->stock.tracking == TRACKING_SERIALISED;
}

/* One step of a flow for each thing that can be scanned; NULL: not now. */
typedef void (*scan_step_fn)(struct scan_view *view);
/* Takes the step for the thing that was found, or refuses it by telling what the step expects. */
void scan_step_by_thing(struct scan_view *view, const scan_step_fn steps[SCAN_THING_COUNT]);

/* One scan of goods that arrive: rules 7.4. */
void scan_receive(struct scan_view *view);
/* One scan of goods that go to a bin: rules 7.5. */
void scan_putaway(struct scan_view *view);
/* One scan while a bin or a product is counted: rules 7.9. */
void scan_count(struct scan_view *view);
/* One scan while an order is picked into a tote: rules 7.6. */
void scan_pick(struct scan_view *view);
/* One scan on the way into a compartment: rules 7.7. */
void scan_load(struct scan_view *view);
/* The scan that says with which compartment an errand is: rules 7.14. */
void scan_errand(struct scan_view *view);
/* The scan that hands an order over at the counter: the end of rules 7.7. */
void scan_handover(struct scan_view *view);
/* One scan while an order comes back: rules 7.8. */
void scan_return(struct scan_view *view);
/* The command that ends the check of a unit that came back: OK, or DAMAGED. */
void scan_return_check(struct scan_view *view, bool is_damaged);
/* The command DONE, which closes a count. */
void scan_count_done(struct scan_view *view);

#endif

/* Flows of orders: pick, load, hand over, return. Pure; see scan.h. */
#include <inttypes.h>
#include <string.h>

#include "stock/domain/scan_flows.h"

static bool is_order_label(const struct scan_found *found)
{
    return found->thing == SCAN_THING_ORDER || found->thing == SCAN_THING_TOTE;
}

/* true: no order of a locker is behind the label, or somebody else has it; refused. */
static bool order_is_unfit(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    if (!found->has_order) {
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "Tote %s is empty", found->name);
        return true;
    }
    if (found->order.reservation.fulfilment != FULFILMENT_LOCKER) {
        scan_refuse(view, SCAN_RESULT_WRONG_ORDER, "Order %" PRId64 " is not for scanners",
                    found->order.reservation.id.v);
        return true;
    }
    return scan_is_elsewhere(view, &found->order);
}

/* An order that is not in the state for this flow: which result that is, and why. */
static void order_refuse(struct scan_view *view)
{
    static const struct {
        enum scan_result result;
        const char *why;
    } ROWS[RESERVATION_STATE_COUNT] = {
        [RESERVATION_NEW] = { SCAN_RESULT_WRONG_ORDER, "has no goods" },
        [RESERVATION_WAITING] = { SCAN_RESULT_WRONG_ORDER, "has no goods" },
        [RESERVATION_REJECTED] = { SCAN_RESULT_WRONG_ORDER, "has no goods" },
        [RESERVATION_RESERVED] = { SCAN_RESULT_NOT_ALLOWED, "is not picked. Use PICK" },
        [RESERVATION_PICKED] = { SCAN_RESULT_ALREADY_DONE, "is picked. Use LOAD" },
        [RESERVATION_LOADED] = { SCAN_RESULT_ALREADY_DONE, "is in its locker" },
        [RESERVATION_RENTED] = { SCAN_RESULT_ALREADY_DONE, "is with the customer" },
        [RESERVATION_COMING_BACK] = { SCAN_RESULT_WRONG_ORDER, "is canceled. Use PUTAWAY" },
        [RESERVATION_RELEASED] = { SCAN_RESULT_ALREADY_DONE, "has ended" },
        [RESERVATION_RETURNED] = { SCAN_RESULT_ALREADY_DONE, "has ended" },
    };
    const struct reservation *reservation = &view->found->order.reservation;
    CHECK(ROWS[reservation->state].why != NULL);
    scan_refuse(view, ROWS[reservation->state].result, "Order %" PRId64 " %s", reservation->id.v,
                ROWS[reservation->state].why);
}

static bool is_to_be_picked(const struct reservation *reservation)
{
    return reservation->state == RESERVATION_RESERVED;
}

static bool is_picked(const struct reservation *reservation)
{
    return reservation->state == RESERVATION_PICKED;
}

/* The order that the label names, if it is one for this flow; NULL: refused. */
static const struct reservation *named_order(struct scan_view *view, bool is_label,
                                             bool (*is_fit)(const struct reservation *))
{
    const struct reservation *reservation = &view->found->order.reservation;
    if (!is_label) {
        scan_refuse_here(view);
        return NULL;
    }
    if (order_is_unfit(view))
        return NULL;
    if (is_fit(reservation))
        return reservation;
    order_refuse(view);
    return NULL;
}

/* The session's order, if it still is one for this flow and nobody else has it; NULL: refused. */
static const struct reservation *own_order(struct scan_view *view,
                                           bool (*is_fit)(const struct reservation *))
{
    const struct scan_order *own = &view->found->own_order;
    CHECK(view->found->has_own_order);
    if (scan_is_elsewhere(view, own))
        return NULL;
    if (is_fit(&own->reservation))
        return &own->reservation;
    scan_refuse(view, SCAN_RESULT_WRONG_ORDER, "Order %" PRId64 " was changed. Scan a command",
                own->reservation.id.v);
    return NULL;
}

/* ---- pick (rules 7.6) ---- */

static void pick_order(struct scan_view *view)
{
    const struct reservation *reservation = named_order(
        view, view->found->thing == SCAN_THING_ORDER, is_to_be_picked);
    if (reservation == NULL)
        return;
    view->decision->after.order = reservation->id;
    view->decision->after.step = SCAN_STEP_TOTE;
    if (reservation->progress.picked > 0)
        scan_accept(view, SCAN_ACT_NONE, "Order %" PRId64 ": scan its tote %s", reservation->id.v,
                    reservation->tote);
    else
        scan_accept(view, SCAN_ACT_NONE, "%" PRId64 " x %s: scan an empty tote", reservation->qty,
                    view->found->item.name);
}

static void pick_tote(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    if (found->thing != SCAN_THING_TOTE) {
        scan_refuse_here(view);
        return;
    }
    const struct reservation *own = own_order(view, is_to_be_picked);
    if (own == NULL)
        return;
    if (own->progress.picked > 0 && strcmp(own->tote, found->name) != 0)
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "Order %" PRId64 " is in tote %s", own->id.v,
                    own->tote);
    else if (found->has_order && found->order.reservation.id.v != own->id.v)
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "Tote %s is full: order %" PRId64, found->name,
                    found->order.reservation.id.v);
    else if (found->tote_with[0] != '\0')
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "Tote %s is with %s", found->name,
                    found->tote_with);
    else {
        memcpy(view->decision->after.tote, found->name, ASSET_BIN_SIZE);
        view->decision->after.step = SCAN_STEP_UNITS;
        scan_accept(view, SCAN_ACT_NONE, "Take %" PRId64 " x %s, scan each",
                    own->qty - own->progress.picked, found->own_item.name);
    }
}

/* true: the unit is not one that this order can have; refused. */
static bool pick_is_wrong(struct scan_view *view, const struct reservation *own)
{
    const struct scan_found *found = view->found;
    if (found->item.stock.product.v != own->product.v)
        scan_refuse(view, SCAN_RESULT_WRONG_ITEM, "Wrong: %s. Take %s", found->item.name,
                    found->own_item.name);
    else if (found->thing == SCAN_THING_PRODUCT && scan_is_serialised(&found->own_item))
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Scan the unit's own label");
    else if (found->thing == SCAN_THING_PRODUCT || found->asset.state == ASSET_STATE_ON_SHELF)
        return false;
    else if (found->asset.order.v == own->id.v)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "It is in the tote already. Take another");
    else if (found->asset.order.v != 0)
        scan_refuse(view, SCAN_RESULT_WRONG_ITEM, "It belongs to order %" PRId64,
                    found->asset.order.v);
    else
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "It is %s. Take one from the shelf",
                    asset_state_text(found->asset.state));
    return true;
}

static void pick_unit(struct scan_view *view)
{
    enum scan_thing thing = view->found->thing;
    if (thing != SCAN_THING_PRODUCT && thing != SCAN_THING_ASSET) {
        scan_refuse_here(view);
        return;
    }
    const struct reservation *own = own_order(view, is_to_be_picked);
    if (own == NULL || pick_is_wrong(view, own))
        return;
    const int64_t pieces = thing == SCAN_THING_PRODUCT ? scan_times(view->session) : 1;
    const int64_t left = own->qty - own->progress.picked - pieces;
    if (left < 0)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Take no more than %" PRId64, left + pieces);
    else if (left > 0)
        scan_accept(view, SCAN_ACT_PICK, "%" PRId64 " more: %s", left, view->found->own_item.name);
    else
        scan_finish(view, SCAN_ACT_PICK, "Order %" PRId64 " is picked: tote %s", own->id.v,
                    view->session->tote);
}

void scan_pick(struct scan_view *view)
{
    if (view->session->step == SCAN_STEP_ORDER)
        pick_order(view);
    else if (view->session->step == SCAN_STEP_TOTE)
        pick_tote(view);
    else
        pick_unit(view);
}

/* ---- load, hand over (rules 7.7) ---- */

static void load_order(struct scan_view *view)
{
    const struct reservation *reservation = named_order(view, is_order_label(view->found),
                                                        reservation_is_to_be_loaded);
    if (reservation == NULL)
        return;
    const struct reservation_spot *spot = &reservation->spot;
    if (spot->locker[0] == '\0')
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "%s",
                    spot->reason[0] != '\0' ? spot->reason : "It has no compartment yet. Wait");
    else {
        view->decision->after.order = reservation->id;
        view->decision->after.step = SCAN_STEP_COMPARTMENT;
        scan_accept(view, SCAN_ACT_NONE, "Take it to %s, scan compartment %02" PRId64, spot->locker,
                    spot->compartment);
    }
}

static void load_compartment(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    if (found->thing != SCAN_THING_COMPARTMENT) {
        scan_refuse_here(view);
        return;
    }
    const struct reservation *own = own_order(view, reservation_is_to_be_loaded);
    if (own == NULL)
        return;
    const struct reservation_spot *spot = &own->spot;
    if (strcmp(spot->locker, found->locker) != 0 || spot->compartment != found->compartment)
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "Not here: %s, compartment %02" PRId64,
                    spot->locker[0] != '\0' ? spot->locker : "no locker", spot->compartment);
    else
        scan_finish(view, SCAN_ACT_OPEN_LOAD, "Door %02" PRId64 " opens: put it in, close the door",
                    spot->compartment);
}

void scan_load(struct scan_view *view)
{
    if (view->session->step == SCAN_STEP_ORDER)
        load_order(view);
    else
        load_compartment(view);
}

/* Delivery has the last word, after the verdict: it knows what is out of service, and whether the
 * locker hears it. */
void scan_errand(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    const enum scan_errand errand = view->session->errand;

    if (errand == SCAN_ERRAND_NONE || found->thing != SCAN_THING_COMPARTMENT)
        scan_refuse_here(view);
    else if (errand == SCAN_ERRAND_OUT)
        scan_finish(view, SCAN_ACT_ON_COMPARTMENT, "Door %02" PRId64 " goes out of service",
                    found->compartment);
    else if (errand == SCAN_ERRAND_IN)
        scan_finish(view, SCAN_ACT_ON_COMPARTMENT, "Door %02" PRId64 " goes back into service",
                    found->compartment);
    else if (found->has_order)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED,
                    "Goods of order %" PRId64 " are in it: ask the office",
                    found->order.reservation.id.v);
    else
        scan_finish(view, SCAN_ACT_ON_COMPARTMENT,
                    "Door %02" PRId64 " opens. Close it, then scan IN and its label",
                    found->compartment);
}

void scan_handover(struct scan_view *view)
{
    const struct reservation *reservation = named_order(view, is_order_label(view->found),
                                                        is_picked);
    if (reservation == NULL)
        return;
    if (view->found->order.is_loading)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "It is being put into %s: close the door",
                    reservation->spot.locker);
    else
        scan_finish(view, SCAN_ACT_HAND_OVER, "Give %" PRId64 " x %s to the customer",
                    reservation->qty, view->found->item.name);
}

/* ---- return (rules 7.8) ---- */

static void return_begin(struct scan_view *view, enum scan_act act)
{
    const struct reservation *reservation = &view->found->order.reservation;
    const int64_t unchecked = scan_unchecked(reservation);
    view->decision->after.order = reservation->id;
    view->decision->after.step = unchecked > 0 ? SCAN_STEP_UNITS : SCAN_STEP_BIN;
    if (unchecked > 0)
        scan_accept(view, act, "%" PRId64 " x %s: scan each", unchecked, view->found->item.name);
    else
        scan_accept(view, act, "All is checked. Scan a bin");
}

static void return_order(struct scan_view *view)
{
    if (order_is_unfit(view))
        return;
    const struct reservation *reservation = &view->found->order.reservation;
    const struct reservation_spot *spot = &reservation->spot;
    bool has_ended = reservation_has_ended(reservation);
    if (has_ended && spot->is_loaded)
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "Goods in %s: scan compartment %02" PRId64,
                    spot->locker, spot->compartment);
    else if (has_ended)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Order %" PRId64 " has come back already",
                    reservation->id.v);
    else if (!reservation_takes_back(reservation))
        scan_refuse(view, SCAN_RESULT_WRONG_ORDER, "Order %" PRId64 " is not coming back",
                    reservation->id.v);
    else if (spot->is_loaded)
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "It is in %s: scan compartment %02" PRId64,
                    spot->locker, spot->compartment);
    else
        return_begin(view, SCAN_ACT_NONE);
}

static void return_compartment(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    if (!found->has_order) {
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "Nothing to fetch in %s", found->name);
        return;
    }
    if (order_is_unfit(view))
        return;
    if (reservation_has_ended(
            &found->order.reservation)) /* nothing of it is to be booked any more */
        scan_finish(view, SCAN_ACT_OPEN_FETCH, "Take out what is in it, close the door");
    else if (!reservation_takes_back(&found->order.reservation))
        scan_refuse(view, SCAN_RESULT_WRONG_ORDER, "Order %" PRId64 " waits there: leave it",
                    found->order.reservation.id.v);
    else
        return_begin(view, SCAN_ACT_OPEN_FETCH);
}

/* true: the unit is not one that comes back with this order; refused. */
static bool return_is_wrong(struct scan_view *view, const struct reservation *own)
{
    const struct scan_found *found = view->found;
    if (found->item.stock.product.v != own->product.v)
        scan_refuse(view, SCAN_RESULT_WRONG_ITEM, "Wrong: %s. It should be %s", found->item.name,
                    found->own_item.name);
    else if (found->thing == SCAN_THING_PRODUCT && scan_is_serialised(&found->own_item))
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Scan the unit's own label");
    else if (found->thing == SCAN_THING_PRODUCT)
        return false;
    else if (found->asset.order.v != own->id.v)
        scan_refuse(view, SCAN_RESULT_WRONG_ITEM, "This unit is not of order %" PRId64, own->id.v);
    else if (found->asset.state == ASSET_STATE_CHECKED)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "It is checked already. Take the next");
    else
        return false;
    return true;
}

static void return_unit(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    const struct reservation *own = &found->own_order.reservation;
    CHECK(found->has_own_order);
    if (found->thing == SCAN_THING_COMPARTMENT && own->spot.is_loaded &&
        strcmp(own->spot.locker, found->locker) == 0 &&
        own->spot.compartment == found->compartment) {
        scan_accept(view, SCAN_ACT_OPEN_FETCH, "It opens again: take the goods, scan each");
        return;
    }
    if (found->thing != SCAN_THING_PRODUCT && found->thing != SCAN_THING_ASSET) {
        scan_refuse_here(view);
        return;
    }
    if (scan_is_elsewhere(view, &found->own_order))
        return;
    if (!reservation_takes_back(own) || scan_unchecked(own) <= 0) {
        scan_refuse(view, SCAN_RESULT_WRONG_ORDER, "Order %" PRId64 " was changed. Use RETURN",
                    own->id.v);
        return;
    }
    if (return_is_wrong(view, own))
        return;
    view->decision->after.step = SCAN_STEP_CHECK;
    view->decision->after.asset = found->thing == SCAN_THING_ASSET ? found->asset.id
                                                                   : (struct asset_id){ 0 };
    scan_accept(view, found->thing == SCAN_THING_ASSET ? SCAN_ACT_TAKE_BACK : SCAN_ACT_NONE,
                "Check %s: OK or DAMAGED?", found->own_item.name);
}

static void return_bin(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    const struct reservation *own = &found->own_order.reservation;
    CHECK(found->has_own_order);
    if (found->thing != SCAN_THING_BIN)
        scan_refuse_here(view);
    else if (scan_is_elsewhere(view, &found->own_order))
        return;
    else if (!reservation_takes_back(own) || own->progress.checked == 0)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Order %" PRId64 " is put away already",
                    own->id.v);
    else
        scan_finish(view, SCAN_ACT_SHELVE, "Order %" PRId64 ": %" PRId64 " back in %s", own->id.v,
                    own->progress.checked, found->name);
}

void scan_return(struct scan_view *view)
{
    if (view->session->step == SCAN_STEP_UNITS)
        return_unit(view);
    else if (view->session->step == SCAN_STEP_BIN)
        return_bin(view);
    else if (view->session->step == SCAN_STEP_ORDER && is_order_label(view->found))
        return_order(view);
    else if (view->session->step == SCAN_STEP_ORDER && view->found->thing == SCAN_THING_COMPARTMENT)
        return_compartment(view);
    else
        scan_refuse_here(view);
}

/* While the person looked at the unit, somebody else ended the order: the session must not hang in
 * the check. */
static bool check_is_stale(const struct scan_view *view)
{
    const struct scan_found *found = view->found;
    const struct reservation *own = &found->own_order.reservation;
    if (!found->has_own_order || !reservation_takes_back(own) || scan_unchecked(own) <= 0)
        return true;
    return view->session->asset.v != 0 &&
           (found->asset.state != ASSET_STATE_RETURNED || found->asset.order.v != own->id.v);
}

void scan_return_check(struct scan_view *view, bool is_damaged)
{
    const struct reservation *own = &view->found->own_order.reservation;
    if (check_is_stale(view)) {
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Checked already. Scan a command");
        view->decision->after = (struct scan_session){ 0 };
        return;
    }
    enum scan_act act = is_damaged ? SCAN_ACT_CHECK_DAMAGED : SCAN_ACT_CHECK_OK;
    const int64_t left = scan_unchecked(own) - 1;
    const int64_t checked = own->progress.checked + (is_damaged ? 0 : 1);
    struct scan_session *after = &view->decision->after;
    after->asset = (struct asset_id){ 0 };
    after->step = left > 0 ? SCAN_STEP_UNITS : SCAN_STEP_BIN;
    if (left > 0)
        scan_accept(view, act, "%s. %" PRId64 " more to scan", is_damaged ? "Set it aside" : "Good",
                    left);
    else if (checked > 0)
        scan_accept(view, act, "%s. Scan a bin for the %" PRId64 " good",
                    is_damaged ? "Set it aside" : "Good", checked);
    else
        scan_finish(view, act, "Set it aside. Order %" PRId64 " is closed", own->id.v);
}

/* Flows at the shelf: receive, put away, count. Pure; see scan.h. */
#include <inttypes.h>
#include <string.h>

#include "stock/domain/scan_flows.h"

/* true: the session's list is full; refused. */
static bool list_is_full(struct scan_view *view)
{
    if (view->session->units < SCAN_UNITS_MAX)
        return false;
    scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "%d units already. Put these away first",
                SCAN_UNITS_MAX);
    return true;
}

/* true: there is no room for so many pieces of the product; refused. */
static bool product_is_full(struct scan_view *view, const struct scan_item *item, int64_t pieces)
{
    if (item->stock.registered + pieces <= STOCK_QTY_MAX)
        return false;
    scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "No more than %d of %s are possible", STOCK_QTY_MAX,
                item->name);
    return true;
}

/* ---- receive (rules 7.4) ---- */

/* true: the session has pieces that are not put away; refused. */
static bool pieces_are_open(struct scan_view *view)
{
    if (view->session->pieces == 0)
        return false;
    scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Scan a bin for the %" PRId64 " first",
                view->session->pieces);
    return true;
}

static void receive_piece(struct scan_view *view)
{
    struct scan_session *after = &view->decision->after;
    const int64_t pieces = after->pieces + scan_times(view->session);
    if (product_is_full(view, &view->found->item, pieces))
        return;
    after->pieces = pieces;
    scan_accept(view, SCAN_ACT_NONE, "%" PRId64 " x %s. More, or a bin", after->pieces,
                view->found->item.name);
}

static void receive_product(struct scan_view *view)
{
    const struct scan_item *item = &view->found->item;
    const struct scan_session *session = view->session;
    bool is_same = session->product.v == item->stock.product.v;
    if (is_same && !scan_is_serialised(item)) {
        receive_piece(view);
        return;
    }
    if (is_same) {
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Scan the own label of each %s", item->name);
        return;
    }
    if (pieces_are_open(view))
        return;
    view->decision->after.product = item->stock.product;
    view->decision->after.step = SCAN_STEP_UNITS;
    if (scan_is_serialised(item))
        scan_accept(view, SCAN_ACT_NONE, "%s: scan the label of each unit", item->name);
    else if (session->times > 0)
        receive_piece(view);
    else
        scan_accept(view, SCAN_ACT_NONE, "%s: scan it once for each piece", item->name);
}

/* The product of a new asset: its label names it, else the session does. NULL: refused. */
static const struct scan_item *new_asset_item(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    const struct scan_item *item = found->has_item       ? &found->item
                                   : found->has_own_item ? &found->own_item
                                                         : NULL;
    if (item == NULL)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Scan the product of this unit first");
    else if (!scan_is_serialised(item))
        scan_refuse(view, SCAN_RESULT_WRONG_ITEM, "%s has no unit labels. Scan its own label",
                    item->name);
    else if (!pieces_are_open(view) && !list_is_full(view) &&
             !product_is_full(view, item, view->session->units + 1))
        return item;
    return NULL;
}

static void receive_unit(struct scan_view *view, const struct scan_item *item, enum scan_act act)
{
    struct scan_session *after = &view->decision->after;
    after->product = item->stock.product;
    after->step = SCAN_STEP_UNITS;
    after->units++;
    scan_accept(view, act, "Unit %" PRId64 ": %s. More, or a bin", after->units, item->name);
}

static void receive_asset(struct scan_view *view)
{
    const struct asset *asset = &view->found->asset;
    if (view->found->is_listed)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Scanned before. Next unit, or a bin");
    else if (asset->state != ASSET_STATE_RECEIVED)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Received before: it is in %s", asset->place);
    else if (!pieces_are_open(view) && !list_is_full(view))
        receive_unit(view, &view->found->item, SCAN_ACT_LIST);
}

static void receive_bin(struct scan_view *view)
{
    const struct scan_session *session = view->session;
    if (session->pieces + session->units == 0)
        scan_refuse_here(view);
    else if (session->pieces == 0 ||
             !product_is_full(view, &view->found->own_item, session->pieces))
        scan_finish(view, SCAN_ACT_PUT_AWAY, "%" PRId64 " put away in %s",
                    session->pieces + session->units, view->found->name);
}

static void receive_new_asset(struct scan_view *view)
{
    const struct scan_item *item = new_asset_item(view);
    if (item != NULL)
        receive_unit(view, item, SCAN_ACT_RECEIVE);
}

void scan_receive(struct scan_view *view)
{
    static const scan_step_fn steps[SCAN_THING_COUNT] = {
        [SCAN_THING_PRODUCT] = receive_product,
        [SCAN_THING_NEW_ASSET] = receive_new_asset,
        [SCAN_THING_ASSET] = receive_asset,
        [SCAN_THING_BIN] = receive_bin,
    };
    scan_step_by_thing(view, steps);
}

/* ---- put away (rules 7.5) ---- */

static void putaway_asset(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    const struct asset *asset = &found->asset;
    bool is_loose = asset->state == ASSET_STATE_RECEIVED || asset->state == ASSET_STATE_CHECKED;
    bool is_back = asset->state == ASSET_STATE_PICKED && found->has_order &&
                   found->order.reservation.state == RESERVATION_COMING_BACK;
    if (found->is_listed)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Scanned before. Next unit, or a bin");
    else if (asset->state == ASSET_STATE_ON_SHELF)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "It is put away: %s", asset->place);
    else if (view->session->order.v != 0)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Scan a bin for order %" PRId64 " first",
                    view->session->order.v);
    else if (asset->state == ASSET_STATE_PICKED && !is_back)
        scan_refuse(view, SCAN_RESULT_WRONG_ORDER, "It is picked for order %" PRId64,
                    asset->order.v);
    else if (!is_loose && !is_back)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "It is %s: not to be put away now",
                    asset_state_text(asset->state));
    else if (!list_is_full(view)) {
        view->decision->after.units++;
        scan_accept(view, SCAN_ACT_LIST, "Unit %" PRId64 ": %s. More, or a bin",
                    view->decision->after.units, found->item.name);
    }
}

static void putaway_order(struct scan_view *view)
{
    const struct scan_order *order = &view->found->order;
    const struct reservation *reservation = &order->reservation;
    if (!view->found->has_order) {
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "Tote %s is empty", view->found->name);
        return;
    }
    if (reservation_has_ended(reservation))
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Order %" PRId64 " is put away already",
                    reservation->id.v);
    else if (reservation->state != RESERVATION_COMING_BACK)
        scan_refuse(view, SCAN_RESULT_WRONG_ORDER, "Order %" PRId64 " is not coming back",
                    reservation->id.v);
    else if (view->session->units > 0 || view->session->order.v != 0)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Scan a bin for what you have first");
    else if (reservation->spot.is_loaded)
        scan_refuse(view, SCAN_RESULT_WRONG_PLACE, "It is in %s, %02" PRId64 ": use RETURN",
                    reservation->spot.locker, reservation->spot.compartment);
    else if (order->unfit > 0)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Some of it is to be checked: use RETURN");
    else if (!scan_is_elsewhere(view, order)) {
        view->decision->after.order = reservation->id;
        view->decision->after.step = SCAN_STEP_BIN;
        scan_accept(view, SCAN_ACT_NONE, "Order %" PRId64 ", %" PRId64 " pieces: scan a bin",
                    reservation->id.v, reservation_out(reservation));
    }
}

static void putaway_bin(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    if (view->session->order.v == 0) {
        if (view->session->units == 0)
            scan_refuse_here(view);
        else
            scan_finish(view, SCAN_ACT_PUT_AWAY, "%" PRId64 " put away in %s", view->session->units,
                        found->name);
        return;
    }
    if (!found->has_own_order || found->own_order.reservation.state != RESERVATION_COMING_BACK)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Order %" PRId64 " is put away already",
                    view->session->order.v);
    else if (found->own_order.unfit > 0)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Some of it is to be checked: use RETURN");
    else if (!scan_is_elsewhere(view, &found->own_order))
        scan_finish(view, SCAN_ACT_PUT_AWAY, "Order %" PRId64 " put away in %s",
                    view->session->order.v, found->name);
}

void scan_putaway(struct scan_view *view)
{
    static const scan_step_fn steps[SCAN_THING_COUNT] = {
        [SCAN_THING_ASSET] = putaway_asset,
        [SCAN_THING_TOTE] = putaway_order,
        [SCAN_THING_ORDER] = putaway_order,
        [SCAN_THING_BIN] = putaway_bin,
    };
    scan_step_by_thing(view, steps);
}

/* ---- count (rules 7.9) ---- */

static void count_product(struct scan_view *view)
{
    const struct scan_item *item = &view->found->item;
    struct scan_session *after = &view->decision->after;
    if (scan_is_serialised(item)) {
        scan_refuse(view, SCAN_RESULT_WRONG_ITEM, "%s: count bins, scan each unit", item->name);
        return;
    }
    if (view->session->bin[0] != '\0') {
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "Counting %s. DONE first", view->session->bin);
        return;
    }
    if (view->session->product.v != 0 && view->session->product.v != item->stock.product.v) {
        scan_refuse(view, SCAN_RESULT_WRONG_ITEM, "Another product. DONE first");
        return;
    }
    if (after->pieces + scan_times(view->session) > STOCK_QTY_MAX) {
        scan_refuse_here(view);
        return;
    }
    after->product = item->stock.product;
    after->step = SCAN_STEP_UNITS;
    after->pieces += scan_times(view->session);
    scan_accept(view, SCAN_ACT_NONE, "%" PRId64 " x %s. More, or DONE", after->pieces, item->name);
}

static void count_bin(struct scan_view *view)
{
    if (view->session->step != SCAN_STEP_BIN_OR_PRODUCT) {
        scan_refuse_here(view);
        return;
    }
    memcpy(view->decision->after.bin, view->found->name, ASSET_BIN_SIZE);
    view->decision->after.step = SCAN_STEP_UNITS;
    scan_accept(view, SCAN_ACT_NONE, "Bin %s: scan each unit, then DONE", view->found->name);
}

/* true: it would not fit into the list; refused. A count that is not complete must not end: what
 * was not seen would be lost. */
static bool count_is_full(struct scan_view *view)
{
    if (view->session->units < SCAN_COUNT_MAX)
        return false;
    scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "More than %d cannot be counted. CANCEL",
                SCAN_COUNT_MAX - 1);
    return true;
}

static void count_asset(struct scan_view *view)
{
    const struct asset *asset = &view->found->asset;
    if (view->session->bin[0] == '\0') {
        scan_refuse_here(view);
        return;
    }
    if (view->found->is_listed)
        scan_refuse(view, SCAN_RESULT_ALREADY_DONE, "Counted before. Next unit, or DONE");
    else if (asset->state != ASSET_STATE_ON_SHELF)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "It is %s, not on the shelf. Set it aside",
                    asset_state_text(asset->state));
    else if (!count_is_full(view)) {
        view->decision->after.units++;
        scan_accept(view, SCAN_ACT_LIST, "%" PRId64 " in %s. More, or DONE",
                    view->decision->after.units, view->session->bin);
    }
}

void scan_count(struct scan_view *view)
{
    static const scan_step_fn steps[SCAN_THING_COUNT] = {
        [SCAN_THING_PRODUCT] = count_product,
        [SCAN_THING_BIN] = count_bin,
        [SCAN_THING_ASSET] = count_asset,
    };
    scan_step_by_thing(view, steps);
}

static void count_product_done(struct scan_view *view)
{
    const struct stock *stock = &view->found->own_item.stock;
    const int64_t counted = view->session->pieces;
    const int64_t booked = stock->available + view->found->on_shelf_reserved;
    if (stock->registered + counted - booked > STOCK_QTY_MAX)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED, "More than %d in all: ask the office",
                    STOCK_QTY_MAX);
    else if (counted == booked)
        scan_finish(view, SCAN_ACT_COUNT_PRODUCT, "%" PRId64 " x %s, as booked", counted,
                    view->found->own_item.name);
    else if (counted < view->found->on_shelf_reserved)
        scan_finish(view, SCAN_ACT_COUNT_PRODUCT,
                    "%" PRId64 ", %" PRId64 " short for orders: office!", counted,
                    view->found->on_shelf_reserved - counted);
    else
        scan_finish(view, SCAN_ACT_COUNT_PRODUCT, "%" PRId64 " x %s, booked were %" PRId64, counted,
                    view->found->own_item.name, booked);
}

void scan_count_done(struct scan_view *view)
{
    const struct scan_found *found = view->found;
    if (view->session->bin[0] == '\0') {
        count_product_done(view);
        return;
    }
    if (count_is_full(view))
        return;
    if (found->missing > SCAN_UNITS_MAX)
        scan_refuse(view, SCAN_RESULT_NOT_ALLOWED,
                    "%" PRId64 " not seen: too many. Go on, or CANCEL", found->missing);
    else if (found->missing + found->misplaced == 0)
        scan_finish(view, SCAN_ACT_COUNT_BIN, "%s: %" PRId64 ", as booked", view->session->bin,
                    view->session->units);
    else
        scan_finish(view, SCAN_ACT_COUNT_BIN,
                    "%s: %" PRId64 ", %" PRId64 " lost, %" PRId64 " from elsewhere",
                    view->session->bin, view->session->units, found->missing, found->misplaced);
}

/* What scans do. See scan_carry_out.h. */
#include "stock/work/scan_carry_out.h"

#include <inttypes.h>

#include "kit/base/text.h"
#include "msg/event_compartment_act.gen.h"
#include "stock/work/balance.h"
#include "stock/work/goods.h"
#include "stock/work/put_away.h"
#include "stock/work/reservations.h"

/* One scan that was accepted. */
struct act {
    struct stock_app *app;
    const struct scanner *scanner;
    struct scan_found *found;
    struct scan_decision *decision;
};

static int64_t now_ms(const struct act *act)
{
    return kit_service_now_ms(act->app->service);
}

/* ---- receive, put away ---- */

static int receive(struct act *act, struct kit_error *err)
{
    const struct scan_found *found = act->found;
    struct asset asset = {
        .product = found->has_item ? found->item.stock.product : found->own_item.stock.product,
        .state = ASSET_STATE_RECEIVED,
        .version = 1,
        .updated_ms = now_ms(act),
    };
    kit_text_copy(asset.label, sizeof(asset.label), found->asset.label);
    asset_place_make(asset.place, "dock", act->scanner->name);
    int rc = asset_store_add(&act->app->assets, &asset, err);
    if (rc != KIT_OK)
        return rc;
    return scan_list_add(&act->app->assets, act->scanner->id, asset.id, err);
}

/* The bulk pieces of the session. More than fit were refused when the bin was scanned. */
static int put_away_pieces(struct act *act, struct kit_error *err)
{
    struct stock_change change;
    const int64_t pieces = act->scanner->session.pieces;
    const enum stock_verdict verdict = stock_decide_pieces(
        &act->found->own_item.stock, STOCK_MOVEMENT_RECEIVED, pieces, &change);
    CHECK(verdict == STOCK_CHANGED);
    return balance_apply(act->app, &change, NULL, err);
}

/* The assets of the session. One that somebody moved meanwhile stays where it is. */
static int put_away_list(struct act *act, struct kit_error *err)
{
    struct scan_list_place place = { .scanner = act->scanner->id };
    int64_t put = 0;
    for (int64_t i = 0; i < SCAN_UNITS_MAX; i++) {
        struct asset asset;
        bool is_found = false, is_done = false;
        int rc = scan_list_next(&act->app->assets, &place, &asset, &is_found, err);
        if (rc != KIT_OK)
            return rc;
        if (!is_found)
            break;
        rc = put_away_asset(act->app, &asset, act->found->name, &is_done, err);
        if (rc != KIT_OK)
            return rc;
        put += is_done ? 1 : 0;
        place.after = asset.id;
    }
    if (put < act->scanner->session.units)
        scan_verdict_say(&act->decision->verdict,
                         "%" PRId64 " put away in %s, %" PRId64 " were moved meanwhile", put,
                         act->found->name, act->scanner->session.units - put);
    return KIT_OK;
}

static int put_away(struct act *act, struct kit_error *err)
{
    if (act->scanner->session.order.v != 0)
        return put_away_order(act->app, &act->found->own_order.reservation, act->found->name, false,
                              err);
    if (act->scanner->session.pieces > 0) {
        int rc = put_away_pieces(act, err);
        if (rc != KIT_OK)
            return rc;
    }
    return act->scanner->session.units > 0 ? put_away_list(act, err) : KIT_OK;
}

/* ---- orders ---- */

static int pick_asset(struct act *act, struct kit_error *err)
{
    char place[ASSET_PLACE_SIZE];
    asset_place_make(place, "tote", act->scanner->session.tote);
    const struct asset_wish wish = {
        .state = ASSET_STATE_PICKED,
        .place = place,
        .order = act->found->own_order.reservation.id,
        .now_ms = now_ms(act),
    };
    return goods_move(act->app, &act->found->asset, &wish, err);
}

static int pick(struct act *act, struct kit_error *err)
{
    struct reservation *own = &act->found->own_order.reservation;
    kit_text_copy(own->tote, sizeof(own->tote), act->scanner->session.tote);
    if (act->found->thing == SCAN_THING_ASSET) {
        int rc = pick_asset(act, err);
        if (rc != KIT_OK)
            return rc;
    }
    const int64_t pieces = act->found->thing == SCAN_THING_PRODUCT
                               ? scan_times(&act->scanner->session)
                               : 1;
    return reservation_pick(act->app, own, pieces, err);
}

static int open_compartment(struct act *act, enum compartment_purpose purpose,
                            struct kit_error *err)
{
    /* RETURN names the order by its compartment, or has it already; LOAD has it. */
    const struct reservation *reservation = act->scanner->session.order.v != 0
                                                ? &act->found->own_order.reservation
                                                : &act->found->order.reservation;
    if (purpose == COMPARTMENT_PURPOSE_LOAD) {
        int rc = reservation_store_set_load(&act->app->reservations, reservation->id, now_ms(act),
                                            err);
        if (rc != KIT_OK)
            return rc;
    }
    return reservation_request_compartment(act->app, reservation, purpose, act->scanner->name, err);
}

/* ---- return ---- */

/* The asset that came back, at the dock of this scanner. */
static int take_back_asset(struct act *act, enum asset_state state, struct kit_error *err)
{
    char place[ASSET_PLACE_SIZE];
    bool is_quarantine = state == ASSET_STATE_QUARANTINE;
    asset_place_make(place, is_quarantine ? "quarantine" : "dock", act->scanner->name);
    const struct asset_wish wish = {
        .state = state,
        .place = place,
        .order = is_quarantine ? (struct rental_id){ 0 } : act->found->asset.order,
        .now_ms = now_ms(act),
    };
    return goods_move(act->app, &act->found->asset, &wish, err);
}

static int check(struct act *act, bool is_damaged, struct kit_error *err)
{
    static const struct reservation_back damaged = { .damaged = 1 };
    struct reservation *own = &act->found->own_order.reservation;
    if (act->scanner->session.asset.v != 0) {
        int rc = take_back_asset(act, is_damaged ? ASSET_STATE_QUARANTINE : ASSET_STATE_CHECKED,
                                 err);
        if (rc != KIT_OK)
            return rc;
    }
    return is_damaged ? reservation_bring_back(act->app, own, &damaged, err)
                      : reservation_handle(act->app, own, RESERVATION_ON_UNIT_CHECKED, err);
}

/* ---- count ---- */

/* *ret_kept: those that are promised to orders, and stay in the books. */
static int set_missing_aside(struct act *act, int64_t *ret_kept, struct kit_error *err)
{
    static const struct goods_aside lost = { "quarantine:lost", STOCK_MOVEMENT_COUNTED };
    struct scan_list_place place = { act->scanner->id, act->scanner->session.bin, { 0 } };
    for (int64_t i = 0; i < SCAN_UNITS_MAX; i++) {
        struct asset asset;
        bool is_found = false, is_done = false;
        int rc = scan_list_next_missing(&act->app->assets, &place, &asset, &is_found, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = goods_set_aside(act->app, &asset, &lost, &is_done, err);
        if (rc != KIT_OK)
            return rc;
        *ret_kept += is_done ? 0 : 1;
        place.after = asset.id;
    }
    return KIT_OK;
}

static int move_misplaced_here(struct act *act, struct kit_error *err)
{
    const char *bin = act->scanner->session.bin;
    struct scan_list_place place = { act->scanner->id, bin, { 0 } };
    for (int64_t i = 0; i < SCAN_COUNT_MAX; i++) {
        struct asset asset;
        bool is_found = false;
        int rc = scan_list_next_misplaced(&act->app->assets, &place, &asset, &is_found, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = goods_shelve(act->app, &asset, bin, err);
        if (rc != KIT_OK)
            return rc;
        place.after = asset.id;
    }
    return KIT_OK;
}

static int count_bin(struct act *act, struct kit_error *err)
{
    int64_t kept = 0;
    int rc = set_missing_aside(act, &kept, err);
    if (rc != KIT_OK)
        return rc;
    rc = move_misplaced_here(act, err);
    if (rc != KIT_OK)
        return rc;
    if (kept > 0) /* promised to orders: nobody can decide here which of them gets nothing */
        scan_verdict_say(&act->decision->verdict,
                         "%" PRId64 " lost, %" PRId64 " not found but promised: office!",
                         act->found->missing - kept, kept);
    return KIT_OK;
}

static int count_product(struct act *act, struct kit_error *err)
{
    const struct stock *stock = &act->found->own_item.stock;
    struct stock_change change;
    int64_t available = act->scanner->session.pieces - act->found->on_shelf_reserved;
    if (available < 0)
        available = 0;
    if (stock_decide_pieces(stock, STOCK_MOVEMENT_COUNTED, available - stock->available, &change) !=
        STOCK_CHANGED)
        return KIT_OK;
    return balance_apply(act->app, &change, NULL, err);
}

static enum staff_act errand_act(enum scan_errand errand)
{
    switch (errand) {
    case SCAN_ERRAND_OUT:
        return STAFF_ACT_OUT;
    case SCAN_ERRAND_IN:
        return STAFF_ACT_IN;
    case SCAN_ERRAND_OPEN:
        return STAFF_ACT_OPEN;
    case SCAN_ERRAND_NONE:
        break;
    }
    UNREACHABLE("a compartment is scanned for an errand");
}

/* It has no order, so its subject is the scanner; each scan of it is a version. */
static int act_on_compartment(struct act *act, struct kit_error *err)
{
    struct msg_event_compartment_act told = {
        .compartment = act->found->compartment,
        .act = errand_act(act->scanner->session.errand),
    };
    kit_text_copy(told.locker, sizeof(told.locker), act->found->locker);
    kit_text_copy(told.scanner, sizeof(told.scanner), act->scanner->name);
    const struct kit_service_event event = {
        .type = "CompartmentActed",
        .aggregate = "scanner",
        .id = act->scanner->id,
        .version = act->scanner->health.scans + 1,
        .data = KIT_BODY(event_compartment_act, &told),
    };
    return kit_service_append(act->app->service, &event, err);
}

static int run(struct act *act, struct kit_error *err)
{
    switch (act->decision->act) {
    case SCAN_ACT_NONE:
        return KIT_OK;
    case SCAN_ACT_RECEIVE:
        return receive(act, err);
    case SCAN_ACT_LIST:
        return scan_list_add(&act->app->assets, act->scanner->id, act->found->asset.id, err);
    case SCAN_ACT_PUT_AWAY:
        return put_away(act, err);
    case SCAN_ACT_PICK:
        return pick(act, err);
    case SCAN_ACT_OPEN_LOAD:
        return open_compartment(act, COMPARTMENT_PURPOSE_LOAD, err);
    case SCAN_ACT_OPEN_FETCH:
        return open_compartment(act, COMPARTMENT_PURPOSE_FETCH, err);
    case SCAN_ACT_HAND_OVER:
        return reservation_handle(act->app, &act->found->order.reservation,
                                  RESERVATION_ON_HANDED_OVER, err);
    case SCAN_ACT_TAKE_BACK:
        return take_back_asset(act, ASSET_STATE_RETURNED, err);
    case SCAN_ACT_CHECK_OK:
        return check(act, false, err);
    case SCAN_ACT_CHECK_DAMAGED:
        return check(act, true, err);
    case SCAN_ACT_SHELVE:
        return put_away_order(act->app, &act->found->own_order.reservation, act->found->name, true,
                              err);
    case SCAN_ACT_COUNT_BIN:
        return count_bin(act, err);
    case SCAN_ACT_COUNT_PRODUCT:
        return count_product(act, err);
    case SCAN_ACT_ON_COMPARTMENT:
        return act_on_compartment(act, err);
    }
    UNREACHABLE("act");
}

int scan_carry_out(struct stock_app *app, const struct scanner *scanner, struct scan_found *found,
                   struct scan_decision *decision, struct kit_error *err)
{
    struct act act = { app, scanner, found, decision };
    app->scanned_by = scanner->name;
    int rc = run(&act, err);
    app->scanned_by = NULL;
    if (rc != KIT_OK || scanner->session.units == 0 || decision->after.units > 0)
        return rc;
    return scan_list_clear(&app->assets, scanner->id, err);
}

/* What scans do. See acts.h. */
#include "stock/work/scan_carry_out.h"

#include <inttypes.h>
#include <string.h>

#include "stock/work/goods.h"
#include "stock/work/reservations.h"

/* One scan that was accepted. */
struct act {
    struct stock_app *app;
    const struct scanner *scanner;
    struct scan_found *found;
    struct scan_decision *decision;
};

static int64_t act_now_ms(const struct act *act)
{
    return kit_service_now_ms(act->app->service);
}

/* ---- receive, put away ---- */

static int act_receive(struct act *act, struct kit_error *err)
{
    const struct scan_found *found = act->found;
    struct asset asset = {
        .product = found->has_item ? found->item.stock.product : found->own_item.stock.product,
        .state = ASSET_STATE_RECEIVED,
        .version = 1,
        .updated_ms = act_now_ms(act),
    };
    memcpy(asset.label, found->asset.label, sizeof(asset.label));
    asset_place_make(asset.place, "dock", act->scanner->name);
    int rc = asset_store_add(&act->app->assets, &asset, err);
    return rc == KIT_OK ? scan_list_add(&act->app->assets, act->scanner->id, asset.id, err) : rc;
}

/* The bulk pieces of the session. */
static int pieces_put_away(struct act *act, struct kit_error *err)
{
    struct stock_change change;
    const int64_t pieces = act->scanner->session.pieces;
    if (stock_decide_pieces(&act->found->own_item.stock, STOCK_MOVEMENT_RECEIVED, pieces,
                            &change) != STOCK_CHANGED)
        return KIT_OK; /* none; more than fit was refused at the scan */
    return stock_change_apply(act->app, &change, NULL, err);
}

/* The assets of the session. One that somebody moved meanwhile stays where it is. */
static int list_put_away(struct act *act, struct kit_error *err)
{
    struct asset_id last = { 0 };
    int64_t put = 0;
    for (int64_t i = 0; i < SCAN_UNITS_MAX; i++) {
        struct asset asset;
        bool is_found = false, is_done = false;
        int rc = scan_list_next(&act->app->assets, act->scanner->id, last, &asset, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = goods_put_away(act->app, &asset, act->found->name, &is_done, err);
        if (rc != KIT_OK)
            return rc;
        if (!is_found)
            break;
        put += is_done ? 1 : 0;
        last = asset.id;
    }
    if (put < act->scanner->session.units)
        scan_verdict_say(&act->decision->verdict,
                         "%" PRId64 " put away in %s, %" PRId64 " were moved meanwhile", put,
                         act->found->name, act->scanner->session.units - put);
    return KIT_OK;
}

static int act_put_away(struct act *act, struct kit_error *err)
{
    if (act->scanner->session.order.v != 0)
        return goods_put_away_order(act->app, &act->found->own_order.reservation, act->found->name,
                                    false, err);
    int rc = KIT_OK;
    if (act->scanner->session.pieces > 0)
        rc = pieces_put_away(act, err);
    if (rc == KIT_OK && act->scanner->session.units > 0)
        rc = list_put_away(act, err);
    return rc;
}

/* ---- orders ---- */

static int act_pick(struct act *act, struct kit_error *err)
{
    struct reservation *own = &act->found->own_order.reservation;
    const char *tote = act->scanner->session.tote;
    int rc = KIT_OK;
    memcpy(own->tote, tote, sizeof(own->tote));
    if (act->found->thing == SCAN_THING_ASSET) {
        char place[ASSET_PLACE_SIZE];
        asset_place_make(place, "tote", tote);
        const struct asset_wish wish = {
            .state = ASSET_STATE_PICKED,
            .place = place,
            .order = own->id,
            .now_ms = act_now_ms(act),
        };
        rc = goods_move(act->app, &act->found->asset, &wish, err);
    }
    const int64_t pieces = act->found->thing == SCAN_THING_PRODUCT
                               ? scan_times(&act->scanner->session)
                               : 1;
    for (int64_t i = 0; rc == KIT_OK && i < pieces; i++) /* at most SCAN_TIMES_MAX */
        rc = reservation_handle(act->app, own, RESERVATION_ON_UNIT_PICKED, err);
    return rc;
}

static int act_open(struct act *act, enum compartment_purpose purpose, struct kit_error *err)
{
    /* RETURN names the order by its compartment, or has it already; LOAD has it. */
    const struct reservation *reservation = act->scanner->session.order.v != 0
                                                ? &act->found->own_order.reservation
                                                : &act->found->order.reservation;
    int rc = purpose == COMPARTMENT_PURPOSE_LOAD
                 ? reservation_store_set_load(&act->app->store, reservation->id, act_now_ms(act),
                                              err)
                 : KIT_OK;
    if (rc != KIT_OK)
        return rc;
    return reservation_request_compartment(act->app, reservation, purpose, act->scanner->name, err);
}

/* ---- return ---- */

/* The asset that came back, at the dock of this scanner. */
static int act_asset(struct act *act, enum asset_state state, struct kit_error *err)
{
    char place[ASSET_PLACE_SIZE];
    bool is_quarantine = state == ASSET_STATE_QUARANTINE;
    asset_place_make(place, is_quarantine ? "quarantine" : "dock", act->scanner->name);
    const struct asset_wish wish = {
        .state = state,
        .place = place,
        .order = is_quarantine ? (struct rental_id){ 0 } : act->found->asset.order,
        .now_ms = act_now_ms(act),
    };
    return goods_move(act->app, &act->found->asset, &wish, err);
}

static int act_check(struct act *act, bool is_damaged, struct kit_error *err)
{
    static const struct reservation_back damaged = { .damaged = 1 };
    struct reservation *own = &act->found->own_order.reservation;
    int rc = KIT_OK;
    if (act->scanner->session.asset.v != 0)
        rc = act_asset(act, is_damaged ? ASSET_STATE_QUARANTINE : ASSET_STATE_CHECKED, err);
    if (rc != KIT_OK)
        return rc;
    return is_damaged ? reservation_bring_back(act->app, own, &damaged, err)
                      : reservation_handle(act->app, own, RESERVATION_ON_UNIT_CHECKED, err);
}

/* ---- count ---- */

static int missing_set_aside(struct act *act, int64_t *ret_kept, struct kit_error *err)
{
    struct scan_list_gap gap = { act->scanner->id, act->scanner->session.bin, { 0 } };
    const struct asset_wish wish = {
        .state = ASSET_STATE_QUARANTINE,
        .place = "quarantine:lost",
        .now_ms = act_now_ms(act),
    };
    for (int64_t i = 0; i < SCAN_UNITS_MAX; i++) {
        struct asset asset;
        bool is_found = false, is_done = false;
        int rc = scan_list_next_missing(&act->app->assets, &gap, &asset, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = goods_set_aside(act->app, &asset, &wish, STOCK_MOVEMENT_COUNTED, &is_done, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        *ret_kept += is_done ? 0 : 1;
        gap.after = asset.id;
    }
    return KIT_OK;
}

static int seen_move_here(struct act *act, struct kit_error *err)
{
    const struct asset_wish wish = {
        .state = ASSET_STATE_ON_SHELF,
        .bin = act->scanner->session.bin,
        .now_ms = act_now_ms(act),
    };
    struct scan_list_gap gap = { act->scanner->id, act->scanner->session.bin, { 0 } };
    for (int64_t i = 0; i < SCAN_COUNT_MAX; i++) {
        struct asset asset;
        bool is_found = false;
        int rc = scan_list_next_misplaced(&act->app->assets, &gap, &asset, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = goods_move(act->app, &asset, &wish, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        gap.after = asset.id;
    }
    return KIT_OK;
}

static int act_count_bin(struct act *act, struct kit_error *err)
{
    int64_t kept = 0;
    int rc = missing_set_aside(act, &kept, err);
    if (rc == KIT_OK)
        rc = seen_move_here(act, err);
    if (kept > 0) /* promised to orders: nobody can decide here which of them gets nothing */
        scan_verdict_say(&act->decision->verdict,
                         "%" PRId64 " lost, %" PRId64 " not found but promised: office!",
                         act->found->missing - kept, kept);
    return rc;
}

static int act_count_product(struct act *act, struct kit_error *err)
{
    const struct stock *stock = &act->found->own_item.stock;
    struct stock_change change;
    int64_t available = act->scanner->session.pieces - act->found->on_shelf_reserved;
    if (available < 0)
        available = 0;
    if (stock_decide_pieces(stock, STOCK_MOVEMENT_COUNTED, available - stock->available, &change) !=
        STOCK_CHANGED)
        return KIT_OK;
    return stock_change_apply(act->app, &change, NULL, err);
}

static int act_run(struct act *act, struct kit_error *err)
{
    switch (act->decision->act) {
    case SCAN_ACT_NONE:
        return KIT_OK;
    case SCAN_ACT_RECEIVE:
        return act_receive(act, err);
    case SCAN_ACT_LIST:
        return scan_list_add(&act->app->assets, act->scanner->id, act->found->asset.id, err);
    case SCAN_ACT_PUT_AWAY:
        return act_put_away(act, err);
    case SCAN_ACT_PICK:
        return act_pick(act, err);
    case SCAN_ACT_OPEN_LOAD:
        return act_open(act, COMPARTMENT_PURPOSE_LOAD, err);
    case SCAN_ACT_OPEN_FETCH:
        return act_open(act, COMPARTMENT_PURPOSE_FETCH, err);
    case SCAN_ACT_HAND_OVER:
        return reservation_handle(act->app, &act->found->order.reservation,
                                  RESERVATION_ON_HANDED_OVER, err);
    case SCAN_ACT_TAKE_BACK:
        return act_asset(act, ASSET_STATE_RETURNED, err);
    case SCAN_ACT_CHECK_OK:
        return act_check(act, false, err);
    case SCAN_ACT_CHECK_DAMAGED:
        return act_check(act, true, err);
    case SCAN_ACT_SHELVE:
        return goods_put_away_order(act->app, &act->found->own_order.reservation, act->found->name,
                                    true, err);
    case SCAN_ACT_COUNT_BIN:
        return act_count_bin(act, err);
    case SCAN_ACT_COUNT_PRODUCT:
        return act_count_product(act, err);
    }
    UNREACHABLE("act");
}

int scan_carry_out(struct stock_app *app, const struct scanner *scanner, struct scan_found *found,
                   struct scan_decision *decision, struct kit_error *err)
{
    struct act act = { app, scanner, found, decision };
    int rc = act_run(&act, err);
    if (rc == KIT_OK && scanner->session.units > 0 && decision->after.units == 0)
        rc = scan_list_clear(&app->assets, scanner->id, err);
    return rc;
}

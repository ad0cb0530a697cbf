/* Assets on the move. See goods.h. */
#include "stock/work/goods.h"

#include <inttypes.h>
#include <stdio.h>

#include "stock/work/reservations.h"

int goods_move(struct stock_app *app, struct asset *asset, const struct asset_wish *wish,
               struct kit_error *err)
{
    struct asset after;
    switch (asset_decide_move(asset, wish, &after)) {
    case ASSET_SAME:
        return KIT_OK;
    case ASSET_ILLEGAL:
        return kit_error_set(err, KIT_E_CONFLICT, "asset %" PRId64 ": no move from %s to %s",
                             asset->id.v, asset_state_text(asset->state),
                             asset_state_text(wish->state));
    case ASSET_MOVED:
        break;
    }
    int rc = asset_store_move(&app->assets, &after, err);
    if (rc == KIT_OK)
        *asset = after;
    return rc;
}

/* ---- with the order ---- */

/* The asset of the order that follows *asset (zeroed: the first), in its place. */
static int next_asset(struct stock_app *app, const struct reservation *reservation,
                      struct asset *asset, bool *ret_found, struct kit_error *err)
{
    return asset_store_next_of_order(&app->assets, reservation->id, asset->id, asset, ret_found,
                                     err);
}

/* To the customer, or into the locker. Whoever is there already stays. */
static int order_assets_move(struct stock_app *app, const struct reservation *reservation,
                             const struct asset_wish *wish, struct kit_error *err)
{
    struct asset asset = { 0 };
    bool is_found = true;
    int rc = KIT_OK;
    for (int64_t i = 0; rc == KIT_OK && is_found && i < reservation->qty; i++) {
        rc = next_asset(app, reservation, &asset, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = goods_move(app, &asset, wish, err);
    }
    return rc;
}

static int customer_gets(struct stock_app *app, const struct reservation *reservation,
                         struct asset *asset, struct kit_error *err)
{
    char place[ASSET_PLACE_SIZE];
    (void)snprintf(place, sizeof(place), "customer:%" PRId64, reservation->id.v);
    const struct asset_wish wish = {
        .state = ASSET_STATE_ON_HIRE,
        .place = place,
        .order = reservation->id,
        .now_ms = kit_service_now_ms(app->service),
    };
    return asset != NULL ? goods_move(app, asset, &wish, err)
                         : order_assets_move(app, reservation, &wish, err);
}

/* A direct order takes what lies longest (rules 5.5). Should the shelf hold fewer than the balance
 * says, a count will tell; the order is not held up by it. */
static int direct_take(struct stock_app *app, const struct reservation *reservation,
                       struct kit_error *err)
{
    for (int64_t i = 0; i < reservation->qty; i++) {
        struct asset asset;
        bool is_found = false;
        int rc = asset_store_find_oldest(&app->assets, reservation->product, &asset, &is_found,
                                         err);
        if (rc != KIT_OK || !is_found)
            return rc;
        const struct asset_wish picked = {
            .state = ASSET_STATE_PICKED,
            .order = reservation->id,
            .now_ms = kit_service_now_ms(app->service),
        };
        rc = goods_move(app, &asset, &picked, err);
        if (rc == KIT_OK)
            rc = customer_gets(app, reservation, &asset, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* A direct order is canceled: through every state, back to the bin it came from. */
static int direct_give_back(struct stock_app *app, const struct reservation *reservation,
                            struct kit_error *err)
{
    static const enum asset_state steps[] = { ASSET_STATE_RETURNED, ASSET_STATE_CHECKED,
                                              ASSET_STATE_ON_SHELF };
    for (int64_t i = 0; i < reservation->qty; i++) {
        struct asset asset;
        bool is_found = false;
        int rc = asset_store_next_of_order(&app->assets, reservation->id, (struct asset_id){ 0 },
                                           &asset, &is_found, err);
        for (size_t k = 0; rc == KIT_OK && is_found && k < KIT_COUNT(steps); k++) {
            char bin[ASSET_BIN_SIZE];
            (void)snprintf(bin, sizeof(bin), "%s", asset.bin);
            bool is_last = k + 1 == KIT_COUNT(steps);
            const struct asset_wish wish = {
                .state = steps[k],
                .bin = bin,
                .order = is_last ? (struct rental_id){ 0 } : reservation->id,
                .now_ms = kit_service_now_ms(app->service),
            };
            rc = goods_move(app, &asset, &wish, err);
        }
        if (rc != KIT_OK || !is_found)
            return rc;
    }
    return KIT_OK;
}

static int locker_gets(struct stock_app *app, const struct reservation *reservation,
                       struct kit_error *err)
{
    char place[ASSET_PLACE_SIZE];
    (void)snprintf(place, sizeof(place), "compartment:%s/%02" PRId64, reservation->spot.locker,
                   reservation->spot.compartment);
    const struct asset_wish wish = {
        .state = ASSET_STATE_IN_LOCKER,
        .place = place,
        .order = reservation->id,
        .now_ms = kit_service_now_ms(app->service),
    };
    return order_assets_move(app, reservation, &wish, err);
}

int goods_follow(struct stock_app *app, const struct reservation *reservation,
                 enum reservation_state before, struct kit_error *err)
{
    switch (reservation->state) {
    case RESERVATION_LOADED:
        return locker_gets(app, reservation, err);
    case RESERVATION_RENTED:
        return before == RESERVATION_RESERVED ? direct_take(app, reservation, err)
                                              : customer_gets(app, reservation, NULL, err);
    case RESERVATION_RELEASED:
        return before == RESERVATION_RENTED ? direct_give_back(app, reservation, err) : KIT_OK;
    case RESERVATION_NEW:
    case RESERVATION_WAITING:
    case RESERVATION_RESERVED:
    case RESERVATION_REJECTED:
    case RESERVATION_PICKED:
    case RESERVATION_RETURNED:
    case RESERVATION_COMING_BACK:
        break;
    }
    return KIT_OK; /* by scans, one by one */
}

/* ---- one by one ---- */

static int shelf_move(struct stock_app *app, struct asset *asset, const char *bin,
                      struct kit_error *err)
{
    const struct asset_wish wish = {
        .state = ASSET_STATE_ON_SHELF,
        .bin = bin,
        .now_ms = kit_service_now_ms(app->service),
    };
    return goods_move(app, asset, &wish, err);
}

/* Outside the balance until now: one piece more. */
static int loose_put_away(struct stock_app *app, struct asset *asset, const char *bin,
                          bool *ret_done, struct kit_error *err)
{
    struct stock stock;
    struct stock_change change;
    bool is_found = false;
    int rc = stock_store_find(&app->store, asset->product, &stock, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(is_found); /* the asset refers to it */
    enum stock_movement_kind kind = asset->state == ASSET_STATE_RECEIVED ? STOCK_MOVEMENT_RECEIVED
                                                                         : STOCK_MOVEMENT_SHELVED;
    if (stock_decide_pieces(&stock, kind, 1, &change) != STOCK_CHANGED)
        return KIT_OK;
    rc = shelf_move(app, asset, bin, err);
    if (rc == KIT_OK)
        rc = stock_change_apply(app, &change, NULL, err);
    *ret_done = rc == KIT_OK;
    return rc;
}

/* Back from an order: reserved or rented until now. */
static int held_put_away(struct stock_app *app, struct asset *asset, const char *bin,
                         bool *ret_done, struct kit_error *err)
{
    struct reservation reservation;
    bool is_found = false;
    int rc = reservation_store_find(&app->store, asset->order, &reservation, &is_found, err);
    if (rc != KIT_OK || !is_found || !reservation_takes_back(&reservation))
        return rc;
    const struct reservation_back back = {
        .home = 1,
        .checked = asset->state == ASSET_STATE_CHECKED ? 1 : 0,
    };
    rc = shelf_move(app, asset, bin, err);
    if (rc == KIT_OK)
        rc = reservation_bring_back(app, &reservation, &back, err);
    *ret_done = rc == KIT_OK;
    return rc;
}

int goods_put_away(struct stock_app *app, struct asset *asset, const char *bin, bool *ret_done,
                   struct kit_error *err)
{
    *ret_done = false;
    if (asset->state == ASSET_STATE_ON_SHELF || !asset_may_move(asset->state, ASSET_STATE_ON_SHELF))
        return KIT_OK;
    return asset->order.v == 0 ? loose_put_away(app, asset, bin, ret_done, err)
                               : held_put_away(app, asset, bin, ret_done, err);
}

int goods_put_away_order(struct stock_app *app, struct reservation *reservation, const char *bin,
                         bool is_checked, struct kit_error *err)
{
    struct asset asset = { 0 };
    bool is_found = true;
    int rc = KIT_OK;
    for (int64_t i = 0; rc == KIT_OK && is_found && i < reservation->qty; i++) {
        rc = next_asset(app, reservation, &asset, &is_found, err);
        bool is_fit = asset.state == ASSET_STATE_CHECKED ||
                      (!is_checked && asset.state == ASSET_STATE_PICKED);
        if (rc == KIT_OK && is_found && is_fit)
            rc = shelf_move(app, &asset, bin, err);
    }
    if (rc != KIT_OK)
        return rc;
    const struct reservation_back back = {
        .home = is_checked ? reservation->progress.checked : reservation_out(reservation),
        .checked = reservation->progress.checked,
    };
    return reservation_bring_back(app, reservation, &back, err);
}

int goods_set_aside(struct stock_app *app, struct asset *asset, const struct asset_wish *wish,
                    enum stock_movement_kind kind, bool *ret_done, struct kit_error *err)
{
    struct stock stock;
    struct stock_change change;
    bool is_found = false;
    *ret_done = false;
    PRE(asset->state == ASSET_STATE_ON_SHELF && wish->state == ASSET_STATE_QUARANTINE);
    int rc = stock_store_find(&app->store, asset->product, &stock, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(is_found); /* the asset refers to it */
    if (stock_decide_pieces(&stock, kind, -1, &change) != STOCK_CHANGED)
        return KIT_OK;
    rc = goods_move(app, asset, wish, err);
    if (rc == KIT_OK)
        rc = stock_change_apply(app, &change, NULL, err);
    *ret_done = rc == KIT_OK;
    return rc;
}

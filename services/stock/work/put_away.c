/* To the shelf. See put_away.h. */
#include "stock/work/put_away.h"

#include "stock/work/balance.h"
#include "stock/work/goods.h"
#include "stock/work/reservations.h"

/* Outside the balance until now: one piece more. */
static int put_away_loose(struct stock_app *app, struct asset *asset, const char *bin,
                          bool *ret_done, struct kit_error *err)
{
    const struct balance_pieces one_more = {
        .product = asset->product,
        .kind = asset->state == ASSET_STATE_RECEIVED ? STOCK_MOVEMENT_RECEIVED
                                                     : STOCK_MOVEMENT_SHELVED,
        .pieces = 1,
    };
    int rc = balance_move_pieces(app, &one_more, ret_done, err);
    if (rc != KIT_OK || !*ret_done)
        return rc;
    return goods_shelve(app, asset, bin, err);
}

/* Back from an order: reserved or rented until now. */
static int put_away_held(struct stock_app *app, struct asset *asset, const char *bin,
                         bool *ret_done, struct kit_error *err)
{
    struct reservation reservation;
    bool is_found = false;
    int rc = reservation_store_find(&app->reservations, asset->order, &reservation, &is_found, err);
    if (rc != KIT_OK || !is_found || !reservation_takes_back(&reservation))
        return rc;
    const struct reservation_back back = {
        .home = 1,
        .checked = asset->state == ASSET_STATE_CHECKED ? 1 : 0,
    };
    rc = goods_shelve(app, asset, bin, err);
    if (rc != KIT_OK)
        return rc;
    rc = reservation_bring_back(app, &reservation, &back, err);
    if (rc != KIT_OK)
        return rc;
    *ret_done = true;
    return KIT_OK;
}

int put_away_asset(struct stock_app *app, struct asset *asset, const char *bin, bool *ret_done,
                   struct kit_error *err)
{
    *ret_done = false;
    if (asset->state == ASSET_STATE_ON_SHELF || !asset_may_move(asset->state, ASSET_STATE_ON_SHELF))
        return KIT_OK;
    return asset->order.v == 0 ? put_away_loose(app, asset, bin, ret_done, err)
                               : put_away_held(app, asset, bin, ret_done, err);
}

static int shelve_order(struct stock_app *app, const struct reservation *reservation,
                        const char *bin, bool is_checked, struct kit_error *err)
{
    struct asset asset = { 0 };
    for (int64_t i = 0; i < reservation->qty; i++) {
        bool is_found = false;
        int rc = asset_store_next_of_order(&app->assets, reservation->id, &asset, &is_found, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        if (asset.state != ASSET_STATE_CHECKED && (is_checked || asset.state != ASSET_STATE_PICKED))
            continue;
        rc = goods_shelve(app, &asset, bin, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

int put_away_order(struct stock_app *app, struct reservation *reservation, const char *bin,
                   bool is_checked, struct kit_error *err)
{
    int rc = shelve_order(app, reservation, bin, is_checked, err);
    if (rc != KIT_OK)
        return rc;
    const struct reservation_back back = {
        .home = is_checked ? reservation->progress.checked : reservation_out(reservation),
        .checked = reservation->progress.checked,
    };
    return reservation_bring_back(app, reservation, &back, err);
}

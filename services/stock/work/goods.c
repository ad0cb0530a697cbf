/* Assets on the move. See goods.h. */
#include "stock/work/goods.h"

#include <inttypes.h>
#include <stdio.h>

#include "kit/base/text.h"
#include "stock/work/balance.h"

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
    if (rc != KIT_OK)
        return rc;
    *asset = after;
    return KIT_OK;
}

int goods_shelve(struct stock_app *app, struct asset *asset, const char *bin, struct kit_error *err)
{
    const struct asset_wish wish = {
        .state = ASSET_STATE_ON_SHELF,
        .bin = bin,
        .now_ms = kit_service_now_ms(app->service),
    };
    return goods_move(app, asset, &wish, err);
}

int goods_set_aside(struct stock_app *app, struct asset *asset, const struct goods_aside *aside,
                    bool *ret_done, struct kit_error *err)
{
    PRE(asset->state == ASSET_STATE_ON_SHELF);
    const struct balance_pieces one_less = { asset->product, aside->kind, -1 };
    int rc = balance_move_pieces(app, &one_less, ret_done, err);
    if (rc != KIT_OK || !*ret_done)
        return rc;
    const struct asset_wish wish = {
        .state = ASSET_STATE_QUARANTINE,
        .place = aside->place,
        .now_ms = kit_service_now_ms(app->service),
    };
    return goods_move(app, asset, &wish, err);
}

/* ---- with the order ---- */

/* Moves every asset of the order. One that is there already stays. */
static int move_order(struct stock_app *app, const struct reservation *reservation,
                      const struct asset_wish *wish, struct kit_error *err)
{
    struct asset asset = { 0 };
    for (int64_t i = 0; i < reservation->qty; i++) {
        bool is_found = false;
        int rc = asset_store_next_of_order(&app->assets, reservation->id, &asset, &is_found, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = goods_move(app, &asset, wish, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

struct customer_wish {
    char place[ASSET_PLACE_SIZE];
    struct asset_wish wish; /* borrows the place */
};

static void make_customer_wish(struct stock_app *app, const struct reservation *reservation,
                               struct customer_wish *ret)
{
    (void)snprintf(ret->place, sizeof(ret->place), "customer:%" PRId64, reservation->id.v);
    ret->wish = (struct asset_wish){
        .state = ASSET_STATE_ON_HIRE,
        .place = ret->place,
        .order = reservation->id,
        .now_ms = kit_service_now_ms(app->service),
    };
}

static int give_to_customer(struct stock_app *app, const struct reservation *reservation,
                            struct kit_error *err)
{
    struct customer_wish customer;
    make_customer_wish(app, reservation, &customer);
    return move_order(app, reservation, &customer.wish, err);
}

/* A direct order takes what lies longest (rules 5.5). Should the shelf hold fewer than the balance
 * says, a count will tell; the order is not held up by it. */
static int take_for_direct(struct stock_app *app, const struct reservation *reservation,
                           struct kit_error *err)
{
    const struct asset_wish picked = {
        .state = ASSET_STATE_PICKED,
        .order = reservation->id,
        .now_ms = kit_service_now_ms(app->service),
    };
    struct customer_wish customer;
    make_customer_wish(app, reservation, &customer);
    for (int64_t i = 0; i < reservation->qty; i++) {
        struct asset asset;
        bool is_found = false;
        int rc = asset_store_find_oldest(&app->assets, reservation->product, &asset, &is_found,
                                         err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = goods_move(app, &asset, &picked, err);
        if (rc != KIT_OK)
            return rc;
        rc = goods_move(app, &asset, &customer.wish, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* From the customer through every state into the bin that the asset came from. */
static int take_home(struct stock_app *app, const struct reservation *reservation,
                     struct asset *asset, struct kit_error *err)
{
    static const enum asset_state steps[] = { ASSET_STATE_RETURNED, ASSET_STATE_CHECKED };
    char bin[ASSET_BIN_SIZE];
    kit_text_copy(bin, sizeof(bin), asset->bin);
    for (size_t i = 0; i < KIT_COUNT(steps); i++) {
        const struct asset_wish wish = {
            .state = steps[i],
            .bin = bin,
            .order = reservation->id,
            .now_ms = kit_service_now_ms(app->service),
        };
        int rc = goods_move(app, asset, &wish, err);
        if (rc != KIT_OK)
            return rc;
    }
    return goods_shelve(app, asset, bin, err);
}

/* A direct order is canceled. On the shelf an asset is of no order, so each is the first one. */
static int give_back_direct(struct stock_app *app, const struct reservation *reservation,
                            struct kit_error *err)
{
    for (int64_t i = 0; i < reservation->qty; i++) {
        struct asset asset = { 0 };
        bool is_found = false;
        int rc = asset_store_next_of_order(&app->assets, reservation->id, &asset, &is_found, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = take_home(app, reservation, &asset, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static int lay_into_locker(struct stock_app *app, const struct reservation *reservation,
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
    return move_order(app, reservation, &wish, err);
}

int goods_follow(struct stock_app *app, const struct reservation *reservation,
                 enum reservation_state before, struct kit_error *err)
{
    switch (reservation->state) {
    case RESERVATION_LOADED:
        return lay_into_locker(app, reservation, err);
    case RESERVATION_RENTED:
        return before == RESERVATION_RESERVED ? take_for_direct(app, reservation, err)
                                              : give_to_customer(app, reservation, err);
    case RESERVATION_RELEASED:
        return before == RESERVATION_RENTED ? give_back_direct(app, reservation, err) : KIT_OK;
    case RESERVATION_NEW:
    case RESERVATION_WAITING:
    case RESERVATION_RESERVED:
    case RESERVATION_REJECTED:
    case RESERVATION_PICKED:
    case RESERVATION_RETURNED:
    case RESERVATION_COMING_BACK:
        return KIT_OK; /* scans move its assets, one by one */
    }
    UNREACHABLE("state of a reservation");
}

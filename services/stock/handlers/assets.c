/* Requests about assets. See assets.h. */
#include "stock/handlers/assets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "msg/rpc_asset_list_request.gen.h"
#include "msg/rpc_asset_list_response.gen.h"
#include "msg/rpc_asset_move_request.gen.h"
#include "msg/rpc_asset_response.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "stock/work/goods.h"

#define TYPE_ILLEGAL_MOVE "illegal-move"
#define TYPE_ASSET_IN_USE "asset-in-use"
#define TYPE_BELOW_COMMITTED "below-committed"

static void message_fill(const struct asset *asset, struct msg_asset *ret)
{
    *ret = (struct msg_asset){
        .id = asset->id,
        .product_id = asset->product,
        .state = asset->state,
        .has_rental_id = asset->order.v != 0,
        .rental_id = asset->order,
        .version = asset->version,
        .updated_at_ms = asset->updated_ms,
    };
    _Static_assert(sizeof(ret->label) == ASSET_LABEL_SIZE, "a label fits");
    _Static_assert(sizeof(ret->place) == ASSET_PLACE_SIZE, "a place fits");
    memcpy(ret->label, asset->label, sizeof(ret->label));
    memcpy(ret->place, asset->place, sizeof(ret->place));
}

static void response_encode(const struct asset *asset, struct kit_buf *out)
{
    struct msg_rpc_asset_response response;
    message_fill(asset, &response.asset);
    msg_rpc_asset_response_encode(&response, out);
}

static int asset_get(struct stock_app *app, struct asset_id id, struct asset *ret_asset,
                     struct kit_error *err)
{
    bool is_found = false;
    int rc = asset_store_find(&app->assets, id, ret_asset, &is_found, err);
    if (rc == KIT_OK && !is_found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no asset %" PRId64 "; receive it with a scanner first.",
                             id.v);
    return rc;
}

int stock_on_asset_get(void *context, const struct kit_rpc_request *request,
                       struct kit_buf *response, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_rpc_get_request msg;
    struct asset asset;
    int rc = msg_rpc_get_request_decode(request->body, &msg, err);
    if (rc == KIT_OK)
        rc = asset_get(app, (struct asset_id){ msg.id }, &asset, err);
    if (rc == KIT_OK)
        response_encode(&asset, response);
    return rc;
}

static int list_page(struct stock_app *app, const struct msg_rpc_asset_list_request *msg,
                     struct msg_rpc_asset_list_response *ret_list, struct kit_error *err)
{
    struct asset *assets = kit_arena_take(kit_service_arena(app->service),
                                          (size_t)msg->size * sizeof(*assets));
    int rc = asset_store_count(&app->assets, &ret_list->total, err);
    if (rc == KIT_OK)
        rc = asset_store_list(&app->assets, msg->page, msg->size, assets, &ret_list->items_count,
                              err);
    for (size_t i = 0; rc == KIT_OK && i < ret_list->items_count; i++)
        message_fill(&assets[i], &ret_list->items[i].asset);
    return rc;
}

/* At most one: a label is unique (rules 5.1). */
static int list_label(struct stock_app *app, const struct msg_rpc_asset_list_request *msg,
                      struct msg_rpc_asset_list_response *ret_list, struct kit_error *err)
{
    struct asset asset;
    bool is_found = false;
    int rc = asset_store_find_label(&app->assets, msg->label, &asset, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc;
    ret_list->total = 1;
    if (msg->page == 0)
        message_fill(&asset, &ret_list->items[ret_list->items_count++].asset);
    return KIT_OK;
}

int stock_on_asset_list(void *context, const struct kit_rpc_request *request,
                        struct kit_buf *response, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_rpc_asset_list_response *list = kit_arena_take(kit_service_arena(app->service),
                                                              sizeof(*list));
    struct msg_rpc_asset_list_request msg;
    int rc = msg_rpc_asset_list_request_decode(request->body, &msg, err);
    if (rc == KIT_OK)
        rc = msg.has_label ? list_label(app, &msg, list, err) : list_page(app, &msg, list, err);
    if (rc == KIT_OK)
        msg_rpc_asset_list_response_encode(list, response);
    return rc;
}

/* ---- moves at a desk ---- */

static int move_refuse(const struct asset *asset, enum asset_state state, struct kit_error *err)
{
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_ILLEGAL_MOVE,
                           "Asset %" PRId64 " is %s; from there it cannot become %s.", asset->id.v,
                           asset_state_text(asset->state), asset_state_text(state));
}

/* What a desk may ask for at all; the rest goes with an order, or begins with a scan. */
static int move_check(const struct asset *asset, const struct msg_rpc_asset_move_request *msg,
                      struct kit_error *err)
{
    if (asset->order.v != 0)
        return kit_error_typed(err, KIT_E_REFUSED, TYPE_ASSET_IN_USE,
                               "Asset %" PRId64 " belongs to order %" PRId64
                               " and moves with it, by scans.",
                               asset->id.v, asset->order.v);
    bool is_same = asset->state == msg->state;
    if (!is_same && !asset_may_move(asset->state, msg->state))
        return move_refuse(asset, msg->state, err);
    if (msg->state == ASSET_STATE_PICKED)
        return kit_error_typed(err, KIT_E_REFUSED, TYPE_ILLEGAL_MOVE,
                               "Asset %" PRId64 " is picked for an order by a PICK scan alone.",
                               asset->id.v);
    if (msg->state == ASSET_STATE_ON_SHELF && !is_same && !msg->has_bin)
        return kit_error_at(err, KIT_E_INVALID, "/bin",
                            "Say in which bin asset %" PRId64 " lies now.", asset->id.v);
    return KIT_OK;
}

static int promised_refuse(const struct asset *asset, struct kit_error *err)
{
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_BELOW_COMMITTED,
                           "Every piece of product %" PRId64
                           " on the shelf is promised to an order. Cancel one first.",
                           asset->product.v);
}

/* From the shelf to quarantine, or between shelf and what is beside the balance. */
static int move_carry_out(struct stock_app *app, struct asset *asset,
                          const struct msg_rpc_asset_move_request *msg, struct kit_error *err)
{
    char place[ASSET_PLACE_SIZE];
    bool is_done = true;
    asset_place_make(place, "quarantine",
                     msg->has_bin            ? msg->bin
                     : asset->bin[0] != '\0' ? asset->bin
                                             : "desk");
    /* In quarantine already and without a bin: it stays where it is. */
    bool has_place = msg->state == ASSET_STATE_QUARANTINE &&
                     (msg->has_bin || asset->state != msg->state);
    const struct asset_wish wish = {
        .state = msg->state,
        .place = has_place ? place : NULL,
        .bin = msg->has_bin ? msg->bin : asset->bin,
        .now_ms = kit_service_now_ms(app->service),
    };
    if (asset->state == msg->state || msg->state == ASSET_STATE_CHECKED)
        return goods_move(app, asset, &wish, err);
    if (msg->state == ASSET_STATE_QUARANTINE) {
        int rc = goods_set_aside(app, asset, &wish, STOCK_MOVEMENT_DAMAGED, &is_done, err);
        return rc == KIT_OK && !is_done ? promised_refuse(asset, err) : rc;
    }
    int rc = goods_put_away(app, asset, wish.bin, &is_done, err);
    return rc == KIT_OK && !is_done ? move_refuse(asset, msg->state, err) : rc;
}

int stock_on_asset_move(void *context, const struct kit_rpc_request *request,
                        struct kit_buf *response, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_rpc_asset_move_request msg;
    struct asset asset;
    int rc = msg_rpc_asset_move_request_decode(request->body, &msg, err);
    if (rc == KIT_OK)
        rc = asset_get(app, msg.id, &asset, err);
    if (rc == KIT_OK)
        rc = move_check(&asset, &msg, err);
    if (rc == KIT_OK)
        rc = move_carry_out(app, &asset, &msg, err);
    if (rc == KIT_OK)
        response_encode(&asset, response);
    return rc;
}

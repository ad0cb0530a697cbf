/* Requests about assets. See assets.h. */
#include "stock/handlers/assets.h"

#include <inttypes.h>

#include "kit/base/text.h"
#include "stock/work/goods.h"
#include "stock/work/put_away.h"

#define TYPE_ILLEGAL_MOVE "illegal-move"
#define TYPE_ASSET_IN_USE "asset-in-use"
#define TYPE_BELOW_COMMITTED "below-committed"

static void fill_message(const struct asset *asset, struct msg_asset *ret)
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
    kit_text_copy(ret->label, sizeof(ret->label), asset->label);
    kit_text_copy(ret->place, sizeof(ret->place), asset->place);
}

static int load_asset(struct stock_app *app, struct asset_id id, struct asset *ret_asset,
                      struct kit_error *err)
{
    bool is_found = false;
    int rc = asset_store_find(&app->assets, id, ret_asset, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no asset %" PRId64 "; receive it with a scanner first.",
                             id.v);
    return KIT_OK;
}

int stock_on_asset_get(struct stock_app *app, const struct msg_rpc_get_request *in,
                       struct msg_rpc_asset_response *out, struct kit_error *err)
{
    struct asset asset;
    int rc = load_asset(app, (struct asset_id){ in->id }, &asset, err);
    if (rc != KIT_OK)
        return rc;
    fill_message(&asset, &out->asset);
    return KIT_OK;
}

static int list_page(struct stock_app *app, const struct msg_rpc_asset_list_request *in,
                     struct msg_rpc_asset_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page, .size = in->size };
    struct asset *assets = kit_arena_take(kit_service_arena(app->service),
                                          (size_t)in->size * sizeof(*assets));
    int rc = asset_store_list(&app->assets, &page, assets, err);
    if (rc != KIT_OK)
        return rc;
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        fill_message(&assets[i], &out->items[i].asset);
    return KIT_OK;
}

/* At most one: a label is unique (rules 5.1). */
static int list_label(struct stock_app *app, const struct msg_rpc_asset_list_request *in,
                      struct msg_rpc_asset_list_response *out, struct kit_error *err)
{
    struct asset asset;
    bool is_found = false;
    int rc = asset_store_find_label(&app->assets, in->label, &asset, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc;
    out->total = 1;
    if (in->page == 0)
        fill_message(&asset, &out->items[out->items_count++].asset);
    return KIT_OK;
}

int stock_on_asset_list(struct stock_app *app, const struct msg_rpc_asset_list_request *in,
                        struct msg_rpc_asset_list_response *out, struct kit_error *err)
{
    return in->has_label ? list_label(app, in, out, err) : list_page(app, in, out, err);
}

int stock_on_asset_search(struct stock_app *app, const struct msg_rpc_asset_search_request *in,
                          struct msg_rpc_asset_search_response *out, struct kit_error *err)
{
    const size_t size = (size_t)in->size;
    struct asset *assets = kit_arena_take(kit_service_arena(app->service),
                                          (size + 1) * sizeof(*assets));
    const struct asset_search search = {
        .order = { in->has_order ? in->order.v : 0 },
        .product = { in->has_product ? in->product.v : 0 },
        .place = in->has_place ? in->place : NULL,
        .after = { in->has_after ? in->after.v : 0 },
        .max = size + 1,
    };
    size_t count = 0;

    if (in->has_order + in->has_product + in->has_place > 1)
        return kit_error_set(err, KIT_E_INVALID,
                             "Assets are looked for by order, by product or by place; give one.");
    int rc = asset_store_search(&app->assets, &search, assets, &count, err);
    if (rc != KIT_OK)
        return rc;
    out->has_next = count > size;
    out->items_count = out->has_next ? size : count;
    for (size_t i = 0; i < out->items_count; i++) /* at most in->size, which is at most 100 */
        fill_message(&assets[i], &out->items[i].asset);
    out->next = out->has_next ? assets[size - 1].id.v : 0;
    return KIT_OK;
}

/* ---- moves at a desk ---- */

static int refuse_move(const struct asset *asset, enum asset_state state, struct kit_error *err)
{
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_ILLEGAL_MOVE,
                           "Asset %" PRId64 " is %s; from there it cannot become %s.", asset->id.v,
                           asset_state_text(asset->state), asset_state_text(state));
}

/* What a desk may ask for at all; the rest goes with an order, or begins with a scan. */
static int check_move(const struct asset *asset, const struct msg_rpc_asset_move_request *msg,
                      struct kit_error *err)
{
    if (asset->order.v != 0)
        return kit_error_typed(err, KIT_E_REFUSED, TYPE_ASSET_IN_USE,
                               "Asset %" PRId64 " belongs to order %" PRId64
                               " and moves with it, by scans.",
                               asset->id.v, asset->order.v);
    bool is_same = asset->state == msg->state;
    if (!is_same && !asset_may_move(asset->state, msg->state))
        return refuse_move(asset, msg->state, err);
    if (msg->state == ASSET_STATE_PICKED)
        return kit_error_typed(err, KIT_E_REFUSED, TYPE_ILLEGAL_MOVE,
                               "Asset %" PRId64 " is picked for an order by a PICK scan alone.",
                               asset->id.v);
    if (msg->state == ASSET_STATE_ON_SHELF && !is_same && !msg->has_bin)
        return kit_error_at(err, KIT_E_INVALID, "/bin",
                            "Say in which bin asset %" PRId64 " lies now.", asset->id.v);
    return KIT_OK;
}

static int refuse_promised(const struct asset *asset, struct kit_error *err)
{
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_BELOW_COMMITTED,
                           "Every piece of product %" PRId64
                           " on the shelf is promised to an order. Cancel one first.",
                           asset->product.v);
}

/* In quarantine already, or beside the balance: it changes place or state alone. */
static int move_beside(struct stock_app *app, struct asset *asset,
                       const struct msg_rpc_asset_move_request *in, const char *place,
                       struct kit_error *err)
{
    /* In quarantine already and without a bin: it stays where it is. */
    bool has_place = in->state == ASSET_STATE_QUARANTINE && in->has_bin;
    const struct asset_wish wish = {
        .state = in->state,
        .place = has_place ? place : NULL,
        .bin = in->has_bin ? in->bin : asset->bin,
        .now_ms = kit_service_now_ms(app->service),
    };
    return goods_move(app, asset, &wish, err);
}

/* From the shelf to quarantine, or between shelf and what is beside the balance. */
static int carry_out_move(struct stock_app *app, struct asset *asset,
                          const struct msg_rpc_asset_move_request *in, struct kit_error *err)
{
    char place[ASSET_PLACE_SIZE];
    bool is_done = true;
    asset_place_make(place, "quarantine",
                     in->has_bin             ? in->bin
                     : asset->bin[0] != '\0' ? asset->bin
                                             : "desk");
    if (asset->state == in->state || in->state == ASSET_STATE_CHECKED)
        return move_beside(app, asset, in, place, err);
    if (in->state == ASSET_STATE_QUARANTINE) {
        const struct goods_aside aside = { place, STOCK_MOVEMENT_DAMAGED };
        int rc = goods_set_aside(app, asset, &aside, &is_done, err);
        return rc != KIT_OK || is_done ? rc : refuse_promised(asset, err);
    }
    int rc = put_away_asset(app, asset, in->has_bin ? in->bin : asset->bin, &is_done, err);
    return rc != KIT_OK || is_done ? rc : refuse_move(asset, in->state, err);
}

int stock_on_asset_move(struct stock_app *app, const struct msg_rpc_asset_move_request *in,
                        struct msg_rpc_asset_response *out, struct kit_error *err)
{
    struct asset asset;
    int rc = load_asset(app, in->id, &asset, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_move(&asset, in, err);
    if (rc != KIT_OK)
        return rc;
    rc = carry_out_move(app, &asset, in, err);
    if (rc != KIT_OK)
        return rc;
    fill_message(&asset, &out->asset);
    return KIT_OK;
}

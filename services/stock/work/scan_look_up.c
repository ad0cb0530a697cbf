/* What a label means. See scan_look_up.h. */
#include "stock/work/scan_look_up.h"

#include <string.h>

#include "kit/base/text.h"

#define GTIN_DIGITS 14

/* One look-up, while it grows. */
struct look {
    struct stock_app *app;
    const struct scanner *scanner;
    struct scan_found *found;
};

/* ---- orders ---- */

/* Who else works on the order, and what keeps it from being put away. */
static int complete_order(struct look *look, struct scan_order *order, struct kit_error *err)
{
    const struct reservation *reservation = &order->reservation;
    const struct scan_session *session = &look->scanner->session;
    const int64_t now_ms = kit_service_now_ms(look->app->service);
    struct scanner_others others = { look->scanner->id, now_ms - SCAN_ORDER_LOCK_MS };
    /* Two have it after a scanner was offline, or idle for long: it is with the later one. */
    if (session->order.v == reservation->id.v && session->touched_ms >= others.since_ms)
        others.since_ms = session->touched_ms + 1;
    int rc = scanner_store_find_with_order(&look->app->scanners, reservation->id, &others,
                                           order->other, err);
    if (rc != KIT_OK)
        return rc;
    order->is_loading = reservation->load_ms != 0 && reservation->load_ms > now_ms - SCAN_LOAD_MS;
    if (session->flow != SCAN_PUTAWAY || reservation->state != RESERVATION_COMING_BACK)
        return KIT_OK;
    return asset_store_count_unfit(&look->app->assets, reservation->id, &order->unfit, err);
}

static int find_item(struct look *look, struct product_id product, struct scan_item *ret_item,
                     bool *ret_has, struct kit_error *err)
{
    return stock_store_find_item(&look->app->store, product, ret_item, ret_has, err);
}

/* The order behind the label is known: its product, and who has it. */
static int complete_label_order(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    if (!found->has_order)
        return KIT_OK;
    int rc = complete_order(look, &found->order, err);
    if (rc != KIT_OK)
        return rc;
    return find_item(look, found->order.reservation.product, &found->item, &found->has_item, err);
}

static int find_own_order(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    int rc = reservation_store_find(&look->app->reservations, look->scanner->session.order,
                                    &found->own_order.reservation, &found->has_own_order, err);
    if (rc != KIT_OK || !found->has_own_order)
        return rc;
    return complete_order(look, &found->own_order, err);
}

/* What the session is about already: its order, its product. */
static int find_own(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    struct product_id product = look->scanner->session.product;
    if (look->scanner->session.order.v != 0) {
        int rc = find_own_order(look, err);
        if (rc != KIT_OK)
            return rc;
        product = found->own_order.reservation.product;
    }
    if (product.v == 0)
        return KIT_OK;
    return find_item(look, product, &found->own_item, &found->has_own_item, err);
}

/* ---- commands ---- */

static int look_up_count(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct scan_session *session = &look->scanner->session;
    struct asset_store *assets = &look->app->assets;
    int64_t picked = 0;
    if (session->bin[0] == '\0') {
        int rc = reservation_store_count_picked(&look->app->reservations, session->product, &picked,
                                                err);
        found->on_shelf_reserved = found->own_item.stock.reserved - picked;
        return rc;
    }
    int rc = scan_list_count_missing(assets, look->scanner->id, session->bin, &found->missing, err);
    if (rc != KIT_OK)
        return rc;
    return scan_list_count_misplaced(assets, look->scanner->id, session->bin, &found->misplaced,
                                     err);
}

static int look_up_command(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct scan_session *session = &look->scanner->session;
    found->times = scan_times_from(value);
    if (found->times > 0)
        found->command = SCAN_COMMAND_QTY;
    else if (!scan_command_from(value, &found->command))
        return KIT_OK;
    found->thing = SCAN_THING_COMMAND;
    if (session->step == SCAN_STEP_CHECK && session->asset.v != 0) {
        bool is_found = false;
        return asset_store_find(&look->app->assets, session->asset, &found->asset, &is_found, err);
    }
    if (session->flow == SCAN_COUNT && found->command == SCAN_COMMAND_DONE)
        return look_up_count(look, err);
    return KIT_OK;
}

/* ---- products and assets ---- */

static int look_up_product(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct product_id product = { scan_id_from(value) };
    if (product.v == 0)
        return KIT_OK;
    int rc = find_item(look, product, &found->item, &found->has_item, err);
    if (rc == KIT_OK && found->has_item)
        found->thing = SCAN_THING_PRODUCT;
    return rc;
}

static int look_up_gtin(struct look *look, const char *gtin, struct kit_error *err)
{
    struct scan_found *found = look->found;
    int rc = stock_store_find_gtin(&look->app->store, gtin, &found->item, &found->has_item, err);
    if (rc == KIT_OK && found->has_item)
        found->thing = SCAN_THING_PRODUCT;
    return rc;
}

/* A unit's label with the product's GTIN in it. A bulk product's units are not told apart. */
static int look_up_sgtin(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    char gtin[GTIN_DIGITS + 1];
    if (strspn(value, "0123456789") != GTIN_DIGITS || value[GTIN_DIGITS] != '.' ||
        value[GTIN_DIGITS + 1] == '\0') {
        found->thing = SCAN_THING_UNKNOWN;
        return KIT_OK;
    }
    memcpy(gtin, value, GTIN_DIGITS);
    gtin[GTIN_DIGITS] = '\0';
    int rc = look_up_gtin(look, gtin, err);
    if (rc != KIT_OK)
        return rc;
    if (!found->has_item)
        found->thing = SCAN_THING_UNKNOWN;
    else if (found->item.stock.tracking == TRACKING_SERIALISED)
        found->thing = SCAN_THING_NEW_ASSET;
    return KIT_OK;
}

static int complete_asset(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct scan_session *session = &look->scanner->session;
    found->thing = SCAN_THING_ASSET;
    int rc = find_item(look, found->asset.product, &found->item, &found->has_item, err);
    if (rc != KIT_OK)
        return rc;
    if (session->units > 0) {
        rc = scan_list_has(&look->app->assets, look->scanner->id, found->asset.id,
                           &found->is_listed, err);
        if (rc != KIT_OK)
            return rc;
    }
    if (session->flow != SCAN_PUTAWAY || found->asset.order.v == 0)
        return KIT_OK;
    return reservation_store_find(&look->app->reservations, found->asset.order,
                                  &found->order.reservation, &found->has_order, err);
}

static int look_up_asset(struct look *look, const struct scan_label *label, struct kit_error *err)
{
    struct scan_found *found = look->found;
    char text[ASSET_LABEL_SIZE];
    bool is_found = false;
    if (!asset_label_make(label->kind, label->value, text))
        return KIT_OK;
    int rc = asset_store_find_label(&look->app->assets, text, &found->asset, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (is_found)
        return complete_asset(look, err);
    found->thing = SCAN_THING_NEW_ASSET;
    memcpy(found->asset.label, text, sizeof(text));
    return label->kind == LABEL_KIND_SGTIN ? look_up_sgtin(look, label->value, err) : KIT_OK;
}

/* ---- places and orders ---- */

static int look_up_tote(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    if (!asset_bin_is_valid(value))
        return KIT_OK;
    found->thing = SCAN_THING_TOTE;
    int rc = reservation_store_find_tote(&look->app->reservations, value, &found->order.reservation,
                                         &found->has_order, err);
    if (rc != KIT_OK)
        return rc;
    if (look->scanner->session.step == SCAN_STEP_TOTE) {
        const struct scanner_others others = {
            .but_not = look->scanner->id,
            .since_ms = kit_service_now_ms(look->app->service) - SCAN_ORDER_LOCK_MS,
        };
        rc = scanner_store_find_with_tote(&look->app->scanners, value, &others, found->tote_with,
                                          err);
        if (rc != KIT_OK)
            return rc;
    }
    return complete_label_order(look, err);
}

static int look_up_order(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct rental_id id = { scan_id_from(value) };
    if (id.v == 0)
        return KIT_OK;
    int rc = reservation_store_find(&look->app->reservations, id, &found->order.reservation,
                                    &found->has_order, err);
    if (rc != KIT_OK || !found->has_order)
        return rc;
    found->thing = SCAN_THING_ORDER;
    return complete_label_order(look, err);
}

static int look_up_compartment(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    struct reservation_spot spot = { 0 };
    if (!scan_compartment_from(value, spot.locker, &spot.compartment))
        return KIT_OK;
    found->thing = SCAN_THING_COMPARTMENT;
    memcpy(found->locker, spot.locker, sizeof(found->locker));
    found->compartment = spot.compartment;
    int rc = reservation_store_find_spot(&look->app->reservations, &spot, &found->order.reservation,
                                         &found->has_order, err);
    if (rc != KIT_OK)
        return rc;
    return complete_label_order(look, err);
}

static int look_up_label(struct look *look, const struct scan_label *label, struct kit_error *err)
{
    switch (label->kind) {
    case LABEL_KIND_COMMAND:
        return look_up_command(look, label->value, err);
    case LABEL_KIND_PRODUCT:
        return look_up_product(look, label->value, err);
    case LABEL_KIND_GTIN:
        return look_up_gtin(look, label->value, err);
    case LABEL_KIND_ASSET:
    case LABEL_KIND_SGTIN:
    case LABEL_KIND_GRAI:
    case LABEL_KIND_GIAI:
        return look_up_asset(look, label, err);
    case LABEL_KIND_BIN:
        look->found->thing = asset_bin_is_valid(label->value) ? SCAN_THING_BIN : SCAN_THING_UNKNOWN;
        return KIT_OK;
    case LABEL_KIND_TOTE:
        return look_up_tote(look, label->value, err);
    case LABEL_KIND_ORDER:
        return look_up_order(look, label->value, err);
    case LABEL_KIND_COMPARTMENT:
        return look_up_compartment(look, label->value, err);
    case LABEL_KIND_DAMAGED:
        look->found->thing = SCAN_THING_DAMAGED;
        return KIT_OK;
    case LABEL_KIND_SSCC:
    case LABEL_KIND_GLN:
    case LABEL_KIND_TEXT:
        return KIT_OK; /* not labels we use */
    }
    UNREACHABLE("kind of a label");
}

int scan_look_up(struct stock_app *app, const struct scanner *scanner,
                 const struct scan_label *label, struct scan_found *ret_found,
                 struct kit_error *err)
{
    struct look look = { app, scanner, ret_found };
    *ret_found = (struct scan_found){ .thing = SCAN_THING_UNKNOWN };
    kit_text_copy(ret_found->name, sizeof(ret_found->name), label->value);
    int rc = find_own(&look, err);
    if (rc != KIT_OK)
        return rc;
    return look_up_label(&look, label, err);
}

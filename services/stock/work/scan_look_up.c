/* What a label means. See look.h. */
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
static int order_complete(struct look *look, struct scan_order *order, struct kit_error *err)
{
    const struct reservation *reservation = &order->reservation;
    const struct scan_session *session = &look->scanner->session;
    int64_t since_ms = kit_service_now_ms(look->app->service) - SCAN_ORDER_LOCK_MS;
    /* Two have it after a scanner was offline, or idle for long: it is with the later one. */
    if (session->order.v == reservation->id.v && session->touched_ms >= since_ms)
        since_ms = session->touched_ms + 1;
    int rc = scanner_store_find_with_order(&look->app->scanners, look->scanner->id, reservation->id,
                                           since_ms, order->other, err);
    order->is_loading = reservation->load_ms != 0 &&
                        reservation->load_ms >
                            kit_service_now_ms(look->app->service) - SCAN_LOAD_MS;
    bool may_be_put_away = session->flow == SCAN_PUTAWAY &&
                           reservation->state == RESERVATION_COMING_BACK;
    if (rc == KIT_OK && may_be_put_away)
        rc = asset_store_count_unfit(&look->app->assets, reservation->id, &order->unfit, err);
    return rc;
}

static int item_find(struct look *look, struct product_id product, struct scan_item *ret_item,
                     bool *ret_has, struct kit_error *err)
{
    return stock_store_find_item(&look->app->store, product, ret_item, ret_has, err);
}

/* The order behind the label is known: its product, and who has it. */
static int label_order(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    if (!found->has_order)
        return KIT_OK;
    int rc = order_complete(look, &found->order, err);
    if (rc == KIT_OK)
        rc = item_find(look, found->order.reservation.product, &found->item, &found->has_item, err);
    return rc;
}

static int own_find(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct scan_session *session = &look->scanner->session;
    struct product_id product = session->product;
    int rc = KIT_OK;
    if (session->order.v != 0) {
        rc = reservation_store_find(&look->app->store, session->order,
                                    &found->own_order.reservation, &found->has_own_order, err);
        if (rc == KIT_OK && found->has_own_order)
            rc = order_complete(look, &found->own_order, err);
        product = found->own_order.reservation.product;
    }
    if (rc == KIT_OK && product.v != 0)
        rc = item_find(look, product, &found->own_item, &found->has_own_item, err);
    return rc;
}

/* ---- commands ---- */

static int count_look(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct scan_session *session = &look->scanner->session;
    struct asset_store *assets = &look->app->assets;
    int rc;
    if (session->bin[0] != '\0') {
        rc = scan_list_count_missing(assets, look->scanner->id, session->bin, &found->missing, err);
        if (rc == KIT_OK)
            rc = scan_list_count_misplaced(assets, look->scanner->id, session->bin,
                                           &found->misplaced, err);
        return rc;
    }
    int64_t picked = 0;
    rc = reservation_store_count_picked(&look->app->store, session->product, &picked, err);
    found->on_shelf_reserved = found->own_item.stock.reserved - picked;
    return rc;
}

static int command_look(struct look *look, const char *value, struct kit_error *err)
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
        return count_look(look, err);
    return KIT_OK;
}

/* ---- products and assets ---- */

static int product_look(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct product_id product = { scan_id_from(value) };
    int rc = KIT_OK;
    if (product.v != 0)
        rc = item_find(look, product, &found->item, &found->has_item, err);
    if (rc == KIT_OK && found->has_item)
        found->thing = SCAN_THING_PRODUCT;
    return rc;
}

static int gtin_look(struct look *look, const char *gtin, struct kit_error *err)
{
    struct scan_found *found = look->found;
    int rc = stock_store_find_gtin(&look->app->store, gtin, &found->item, &found->has_item, err);
    if (rc == KIT_OK && found->has_item)
        found->thing = SCAN_THING_PRODUCT;
    return rc;
}

/* A unit's label with the product's GTIN in it. A bulk product's units are not told apart. */
static int sgtin_look(struct look *look, const char *value, struct kit_error *err)
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
    int rc = gtin_look(look, gtin, err);
    if (rc == KIT_OK && !found->has_item)
        found->thing = SCAN_THING_UNKNOWN;
    else if (rc == KIT_OK && found->item.stock.tracking == TRACKING_SERIALISED)
        found->thing = SCAN_THING_NEW_ASSET;
    return rc;
}

static int asset_known(struct look *look, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct scan_session *session = &look->scanner->session;
    found->thing = SCAN_THING_ASSET;
    int rc = item_find(look, found->asset.product, &found->item, &found->has_item, err);
    if (rc == KIT_OK && session->units > 0)
        rc = scan_list_has(&look->app->assets, look->scanner->id, found->asset.id,
                           &found->is_listed, err);
    if (rc == KIT_OK && session->flow == SCAN_PUTAWAY && found->asset.order.v != 0)
        rc = reservation_store_find(&look->app->store, found->asset.order,
                                    &found->order.reservation, &found->has_order, err);
    return rc;
}

static int asset_look(struct look *look, const struct scan_label *label, struct kit_error *err)
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
        return asset_known(look, err);
    found->thing = SCAN_THING_NEW_ASSET;
    memcpy(found->asset.label, text, sizeof(text));
    return label->kind == LABEL_KIND_SGTIN ? sgtin_look(look, label->value, err) : KIT_OK;
}

/* ---- places and orders ---- */

static int tote_look(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const int64_t since_ms = kit_service_now_ms(look->app->service) - SCAN_ORDER_LOCK_MS;
    if (!asset_bin_is_valid(value))
        return KIT_OK;
    found->thing = SCAN_THING_TOTE;
    int rc = reservation_store_find_tote(&look->app->store, value, &found->order.reservation,
                                         &found->has_order, err);
    if (rc == KIT_OK && look->scanner->session.step == SCAN_STEP_TOTE)
        rc = scanner_store_find_with_tote(&look->app->scanners, look->scanner->id, value, since_ms,
                                          found->tote_with, err);
    return rc == KIT_OK ? label_order(look, err) : rc;
}

static int order_look(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    const struct rental_id id = { scan_id_from(value) };
    if (id.v == 0)
        return KIT_OK;
    int rc = reservation_store_find(&look->app->store, id, &found->order.reservation,
                                    &found->has_order, err);
    if (rc == KIT_OK && found->has_order)
        found->thing = SCAN_THING_ORDER;
    return rc == KIT_OK ? label_order(look, err) : rc;
}

static int compartment_look(struct look *look, const char *value, struct kit_error *err)
{
    struct scan_found *found = look->found;
    struct reservation_spot spot = { 0 };
    if (!scan_compartment_from(value, spot.locker, &spot.compartment))
        return KIT_OK;
    found->thing = SCAN_THING_COMPARTMENT;
    memcpy(found->locker, spot.locker, sizeof(found->locker));
    found->compartment = spot.compartment;
    int rc = reservation_store_find_spot(&look->app->store, &spot, &found->order.reservation,
                                         &found->has_order, err);
    return rc == KIT_OK ? label_order(look, err) : rc;
}

static int label_look(struct look *look, const struct scan_label *label, struct kit_error *err)
{
    switch (label->kind) {
    case LABEL_KIND_COMMAND:
        return command_look(look, label->value, err);
    case LABEL_KIND_PRODUCT:
        return product_look(look, label->value, err);
    case LABEL_KIND_GTIN:
        return gtin_look(look, label->value, err);
    case LABEL_KIND_ASSET:
    case LABEL_KIND_SGTIN:
    case LABEL_KIND_GRAI:
    case LABEL_KIND_GIAI:
        return asset_look(look, label, err);
    case LABEL_KIND_BIN:
        look->found->thing = asset_bin_is_valid(label->value) ? SCAN_THING_BIN : SCAN_THING_UNKNOWN;
        return KIT_OK;
    case LABEL_KIND_TOTE:
        return tote_look(look, label->value, err);
    case LABEL_KIND_ORDER:
        return order_look(look, label->value, err);
    case LABEL_KIND_COMPARTMENT:
        return compartment_look(look, label->value, err);
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

int scan_look(struct stock_app *app, const struct scanner *scanner, const struct scan_label *label,
              struct scan_found *ret_found, struct kit_error *err)
{
    struct look look = { app, scanner, ret_found };
    *ret_found = (struct scan_found){ .thing = SCAN_THING_UNKNOWN };
    kit_text_copy(ret_found->name, sizeof(ret_found->name), label->value);
    int rc = own_find(&look, err);
    return rc == KIT_OK ? label_look(&look, label, err) : rc;
}

/* Registered quantities. See product.h. */
#include "stock/handlers/product.h"

#include <inttypes.h>

#include "stock/work/balance.h"
#include "stock/work/reservations.h"

#define TYPE_BELOW_COMMITTED "below-committed"
#define TYPE_COUNTED_BY_SCANS "counted-by-scans"

/* A product has just become known: who waits for it is decided, in id order. What is above the
 * limit is decided when its question is answered; one is on its way for each (rules 3.4). */
static int decide_waiting(struct stock_app *app, struct product_id product, struct kit_error *err)
{
    for (int i = 0; i < STOCK_DECIDE_MAX; i++) {
        struct reservation reservation;
        bool is_found = false;
        int rc = reservation_store_find_waiting(&app->reservations, product, &reservation,
                                                &is_found, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = reservation_handle(app, &reservation, RESERVATION_ON_DECIDE, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* Applies a change of the registered quantity, and decides who waited if the product is new. */
static int apply_registration(struct stock_app *app, const struct stock_change *change,
                              struct kit_error *err)
{
    int rc = balance_apply(app, change, NULL, err);
    if (rc != KIT_OK || change->after.version > 1)
        return rc;
    return decide_waiting(app, change->after.product, err);
}

static int refuse_below_committed(struct stock_app *app, const struct stock *stock, int64_t qty,
                                  struct kit_error *err)
{
    app->totals.registrations_refused++;
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_BELOW_COMMITTED,
                           "Product %" PRId64 " cannot go down to %" PRId64 " pieces: %" PRId64
                           " are reserved and %" PRId64 " are rented. Choose %" PRId64
                           " or more, or wait until some come back.",
                           stock->product.v, qty, stock->reserved, stock->rented,
                           stock_committed(stock));
}

static int refuse_counted(struct stock_app *app, struct product_id product, struct kit_error *err)
{
    app->totals.registrations_refused++;
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_COUNTED_BY_SCANS,
                           "The units of product %" PRId64
                           " are counted by scans: receive, return or count them.",
                           product.v);
}

int stock_on_registered_set(struct stock_app *app, const struct msg_rpc_registered_set_request *in,
                            struct msg_rpc_registered_set_response *out, struct kit_error *err)
{
    struct stock stock;
    bool is_known = false;
    int rc = stock_store_find(&app->store, in->product_id, &stock, &is_known, err);
    if (rc != KIT_OK)
        return rc;

    const struct stock_registration wish = {
        .product = in->product_id,
        .qty = in->registered_qty,
        .registration = in->registration,
    };
    struct stock_change change;
    switch (stock_decide_registered_set(is_known ? &stock : NULL, &wish, &change)) {
    case STOCK_SAME:
        break;
    case STOCK_CHANGED:
        rc = apply_registration(app, &change, err);
        if (rc != KIT_OK)
            return rc;
        /* Read again: waiting reservations may have taken goods. */
        rc = stock_store_find(&app->store, in->product_id, &stock, &is_known, err);
        if (rc != KIT_OK)
            return rc;
        break;
    case STOCK_REFUSED_BELOW_COMMITTED:
        return refuse_below_committed(app, &stock, wish.qty, err);
    case STOCK_REFUSED_COUNTED:
        return refuse_counted(app, wish.product, err);
    case STOCK_REFUSED_LIMIT:
        UNREACHABLE("a wish is within the limit");
    }
    out->stock = balance_to_message(&stock, kit_service_version_base(app->service));
    out->registered_qty = stock.registered;
    return KIT_OK;
}

/* What people with a scanner need to know about it. */
static int describe_product(struct stock_app *app, const struct msg_product *product,
                            struct kit_error *err)
{
    struct scan_item item = { .stock = { .product = product->id, .tracking = product->tracking },
                              .size = product->size };
    scan_text_cut(item.name, STOCK_NAME_POINTS_MAX, product->name);
    return stock_store_describe(&app->store, &item, product->has_gtin ? product->gtin : "", err);
}

int stock_on_product_saved(struct stock_app *app, const struct msg_event_product *event,
                           struct kit_error *err)
{
    const struct msg_product *product = &event->product;
    struct stock stock;
    bool is_known = false;
    int rc = stock_store_find(&app->store, product->id, &stock, &is_known, err);
    if (rc != KIT_OK)
        return rc;

    const struct stock_registration report = {
        .product = product->id,
        .qty = product->registered_qty,
        .registration = event->registration,
        .tracking = product->tracking,
    };
    struct stock_change change;
    /* STOCK_SAME: our own registration is as new; only its name changed, or it is stale. */
    if (stock_decide_product_saved(is_known ? &stock : NULL, &report, &change) == STOCK_CHANGED) {
        rc = apply_registration(app, &change, err);
        if (rc != KIT_OK)
            return rc;
    }
    return describe_product(app, product, err);
}

int stock_on_product_confirmed(void *app_pointer, int64_t ask, struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    for (int i = 0; i < STOCK_DECIDE_MAX; i++) {
        struct reservation reservation;
        bool is_found = false;
        int rc = reservation_store_find_asked(&app->reservations, ask, &reservation, &is_found,
                                              err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = reservation_handle(app, &reservation, RESERVATION_ON_DECIDE, err);
        if (rc != KIT_OK)
            return rc;
    }
    kit_service_confirm(app->service, "product"); /* there may be more: go on after its answer */
    return KIT_OK;
}

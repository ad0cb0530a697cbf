/* Rental takes orders, round the clock, whatever else is down. This table is its documentation; the
 * kit runs it. Rules: schemas/rules/rental.md. */
#include "rental/service.h"

#include "rental/app.h"
#include "rental/cancel.h"
#include "rental/handlers.h"
#include "rental/metrics.h"
#include "rental/news.h"

static const struct kit_rpc_route ROUTES[] = {
    { "create", KIT_RPC_EFFECT, rental_on_create }, /* ORDERED at once; appends RentalOrdered */
    { "cancel", KIT_RPC_EFFECT,
      rental_on_cancel }, /* asks delivery first; appends RentalCanceled */
    { "get", KIT_RPC_READ, rental_on_get },
    { "list", KIT_RPC_READ, rental_on_list },
    { "product-get", KIT_RPC_READ, rental_on_product_get }, /* from rental's own copy */
    { "product-list", KIT_RPC_READ, rental_on_product_list },
};

static const struct kit_event_route PRODUCT_EVENTS[] = {
    { "ProductSaved", rental_on_product_saved }, /* name and registered quantity of the copy */
};

static const struct kit_event_route STOCK_EVENTS[] = {
    { "StockChanged", rental_on_stock_changed }, /* available quantity of the copy */
};

static const struct kit_event_route DELIVERY_EVENTS[] = {
    /* Moves the rental; appends RentalUpdated or RentalCanceled. DeliveryRequested tells us
       nothing. */
    { "DeliveryUpdated", rental_on_delivery_updated },
};

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "product", .routes = PRODUCT_EVENTS, .route_count = KIT_COUNT(PRODUCT_EVENTS) },
    { .source = "stock", .routes = STOCK_EVENTS, .route_count = KIT_COUNT(STOCK_EVENTS) },
    { .source = "delivery", .routes = DELIVERY_EVENTS, .route_count = KIT_COUNT(DELIVERY_EVENTS) },
};

static void rental_close(void *app_pointer)
{
    struct rental_app *app = app_pointer;
    catalogue_close(&app->catalogue);
    rental_store_close(&app->store);
}

static int rental_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    app->service = service;
    rental_cancels_init(&app->cancels, service);

    int rc = rental_store_open(&app->store, kit_service_db(service), err);
    if (rc == KIT_OK)
        rc = catalogue_open(&app->catalogue, service, err);
    if (rc != KIT_OK)
        rental_close(app);
    return rc;
}

const struct kit_service_desc rental_service = {
    .name = "rental",
    .app_size_bytes = sizeof(struct rental_app),
    .migrations = rental_migrations,
    .migration_count = RENTAL_MIGRATION_COUNT,
    .routes = ROUTES,
    .route_count = KIT_COUNT(ROUTES),
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .open = rental_open,
    .close = rental_close,
    .metrics = rental_metrics,
};

/* lockstock-product: owns the catalogue, that is the products' names and registered quantities.
 * Rules: schemas/rules/product.md. Topics and schemas: schemas/topics.md. */
#include "product/service.h"

#include "kit/base/metric.h"
#include "product/handlers.h"

static const struct kit_rpc_route ROUTES[] = {
    /* rpc.product-create.request -> rpc.product.response; appends ProductSaved. */
    { "create", KIT_RPC_EFFECT, product_on_create },
    /* rpc.product-update.request -> rpc.product.response; a new quantity is agreed with stock
     * (registered-set) before it is answered; appends ProductSaved. */
    { "update", KIT_RPC_EFFECT, product_on_update },
    /* rpc.get.request -> rpc.product.response */
    { "get", KIT_RPC_READ, product_on_get },
    /* rpc.list.request -> rpc.product-list.response, in id order */
    { "list", KIT_RPC_READ, product_on_list },
};

/* StockReserved, StockRejected and StockReleased concern delivery: passed over here. */
static const struct kit_event_route STOCK_EVENTS[] = {
    /* event.stock-changed: availability, and a registration that we missed (rules 4). */
    { "StockChanged", product_on_stock_changed },
};

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "stock", .routes = STOCK_EVENTS, .route_count = KIT_COUNT(STOCK_EVENTS) },
};

static int product_open(void *context, struct kit_service *service, struct kit_error *err)
{
    struct product_app *app = context;
    app->service = service;
    app->stock_timeout_ms = kit_service_setting(service, PRODUCT_SETTING_STOCK_TIMEOUT);
    int rc = product_store_open(&app->store, kit_service_db(service), err);
    if (rc != KIT_OK)
        return rc;
    rc = product_store_count(&app->store, &app->product_count, err);
    if (rc != KIT_OK)
        product_store_close(&app->store);
    return rc;
}

static void product_close(void *context)
{
    struct product_app *app = context;
    product_store_close(&app->store);
}

static void product_metrics(void *context, struct kit_buf *out)
{
    const struct product_app *app = context;
    int64_t wait_count = 0;
    for (size_t i = 0; i < PRODUCT_WAITS_MAX; i++)
        wait_count += app->waits[i].number != 0 ? 1 : 0;

    kit_metric_gauge(out, "products", "Products in the catalogue.", app->product_count);
    kit_metric_gauge(out, "product_updates_waiting", "Updates that wait for stock's answer.",
                     wait_count);
    kit_metric_counter(out, "product_updates_refused_total",
                       "Updates of a quantity that stock refused.", app->updates_refused);
    kit_metric_counter(out, "product_updates_unavailable_total",
                       "Updates of a quantity that stock did not answer.",
                       app->updates_unavailable);
}

const struct kit_service_desc product_service = {
    .name = "product",
    .app_size_bytes = sizeof(struct product_app),
    .migrations = product_migrations,
    .migration_count = PRODUCT_MIGRATION_COUNT,
    .routes = ROUTES,
    .route_count = KIT_COUNT(ROUTES),
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .open = product_open,
    .close = product_close,
    .metrics = product_metrics,
};

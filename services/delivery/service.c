/* Delivery turns orders into goods in the customers' hands. This table is its documentation; the
 * kit runs it. Rules: schemas/rules/delivery.md. */
#include "delivery/service.h"

#include "delivery/answers.h"
#include "delivery/handlers.h"
#include "delivery/orders.h"
#include "kit/base/metric.h"

static const struct kit_rpc_route ROUTES[] = {
    { "cancel", KIT_RPC_EFFECT, delivery_on_cancel }, /* by rental; appends DeliveryUpdated */
    { "get", KIT_RPC_READ, delivery_on_get },
    { "list", KIT_RPC_READ, delivery_on_list },
    { "product-get", KIT_RPC_READ, delivery_on_product_get }, /* from delivery's own copy */
    { "product-list", KIT_RPC_READ, delivery_on_product_list },
};

static const struct kit_event_route RENTAL_EVENTS[] = {
    { "RentalOrdered", delivery_on_rental_ordered }, /* appends DeliveryRequested */
    { "RentalCanceled",
      delivery_on_rental_canceled }, /* the safety net; normally canceled already */
};

static const struct kit_event_route STOCK_EVENTS[] = {
    { "StockReserved", delivery_on_stock_reserved }, /* DELIVERED; appends DeliveryUpdated */
    { "StockRejected", delivery_on_stock_rejected }, /* CANCELED_...; appends DeliveryUpdated */
    { "StockChanged", delivery_on_stock_changed },   /* available quantity of the copy */
};

static const struct kit_event_route PRODUCT_EVENTS[] = {
    { "ProductSaved", delivery_on_product_saved }, /* name and registered quantity of the copy */
};

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { "rental", RENTAL_EVENTS, KIT_COUNT(RENTAL_EVENTS), NULL },
    { "stock", STOCK_EVENTS, KIT_COUNT(STOCK_EVENTS), NULL },
    { "product", PRODUCT_EVENTS, KIT_COUNT(PRODUCT_EVENTS), NULL },
};

static int delivery_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    app->service = service;

    int rc = delivery_store_open(&app->store, kit_service_db(service), err);
    return rc == KIT_OK ? kit_products_open(&app->products, service, err) : rc;
}

static void delivery_close(void *app_pointer)
{
    struct delivery_app *app = app_pointer;
    kit_products_close(&app->products);
    delivery_store_close(&app->store);
}

static void delivery_metrics(void *app_pointer, struct kit_buf *out)
{
    const struct delivery_app *app = app_pointer;
    const struct {
        const char *labels;
        int64_t total;
    } rows[] = {
        { "outcome=\"requested\"", app->totals.requested },
        { "outcome=\"tombstone\"", app->totals.tombstones },
        { "outcome=\"delivered\"", app->totals.delivered },
        { "outcome=\"canceled\"", app->totals.canceled },
        { "outcome=\"rejected\"", app->totals.rejected },
        { "outcome=\"ignored\"", app->totals.ignored },
    };

    kit_metric_head(out, "deliveries_total", "counter",
                    "What happened to deliveries since the start.");
    for (size_t i = 0; i < KIT_COUNT(rows); i++)
        kit_metric_int(out, "deliveries_total", rows[i].labels, rows[i].total);
}

const struct kit_service_desc delivery_service = {
    .name = "delivery",
    .app_size_bytes = sizeof(struct delivery_app),
    .migrations = delivery_migrations,
    .migration_count = DELIVERY_MIGRATION_COUNT,
    .routes = ROUTES,
    .route_count = KIT_COUNT(ROUTES),
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .open = delivery_open,
    .close = delivery_close,
    .metrics = delivery_metrics,
};

/* lockstock-stock: owns the quantities of every product, their ledger, and the reservations.
 * Rules: schemas/rules/stock.md. Topics and schemas: schemas/topics.md. */
#include "stock/service.h"

#include "kit/base/metric.h"
#include "stock/handlers.h"

static const struct kit_rpc_route ROUTES[] = {
    /* rpc.registered-set.request -> rpc.registered-set.response, from product alone; appends
     * StockChanged. */
    { "registered-set", KIT_RPC_EFFECT, stock_on_registered_set },
};

static const struct kit_event_route PRODUCT_EVENTS[] = {
    /* event.product: a new product gets its first quantities, and who waits for it is decided. */
    { "ProductSaved", stock_on_product_saved },
};

static const struct kit_event_route DELIVERY_EVENTS[] = {
    /* event.delivery: appends StockReserved or StockRejected, or waits for product's log. */
    { "DeliveryRequested", stock_on_delivery_requested },
    /* event.delivery: DELIVERED hands the goods out, CANCELED takes them back (StockReleased). */
    { "DeliveryUpdated", stock_on_delivery_updated },
};

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "product",
      .routes = PRODUCT_EVENTS,
      .route_count = KIT_COUNT(PRODUCT_EVENTS),
      .on_confirmed = stock_on_product_confirmed },
    { .source = "delivery", .routes = DELIVERY_EVENTS, .route_count = KIT_COUNT(DELIVERY_EVENTS) },
};

static int stock_open(void *context, struct kit_service *service, struct kit_error *err)
{
    struct stock_app *app = context;
    app->service = service;
    int rc = stock_store_open(&app->store, kit_service_db(service), err);
    if (rc != KIT_OK)
        return rc;

    rc = reservation_store_forget_asks(&app->store, err);
    if (rc == KIT_OK)
        rc = reservation_store_count_waiting(&app->store, &app->waiting_count, err);
    if (rc == KIT_OK && app->waiting_count > 0)
        kit_service_confirm(service, "product"); /* its number is above 0: decides all of them */
    if (rc != KIT_OK)
        stock_store_close(&app->store);
    return rc;
}

static void stock_close(void *context)
{
    struct stock_app *app = context;
    stock_store_close(&app->store);
}

static void stock_metrics(void *context, struct kit_buf *out)
{
    const struct stock_app *app = context;
    kit_metric_gauge(out, "stock_reservations_waiting",
                     "Reservations that wait for the product's registration.", app->waiting_count);
    kit_metric_head(out, "stock_reservations_total", "counter",
                    "Reservations that came to a state, since the start.");
    kit_metric_int(out, "stock_reservations_total", "state=\"waiting\"",
                   app->moved[RESERVATION_WAITING]);
    kit_metric_int(out, "stock_reservations_total", "state=\"reserved\"",
                   app->moved[RESERVATION_RESERVED]);
    kit_metric_int(out, "stock_reservations_total", "state=\"rented\"",
                   app->moved[RESERVATION_RENTED]);
    kit_metric_int(out, "stock_reservations_total", "state=\"released\"",
                   app->moved[RESERVATION_RELEASED]);
    kit_metric_int(out, "stock_reservations_total", "state=\"rejected\"",
                   app->moved[RESERVATION_REJECTED]);
    kit_metric_head(out, "stock_rejected_total", "counter", "Rejected reservations by reason.");
    kit_metric_int(out, "stock_rejected_total", "reason=\"out_of_stock\"",
                   app->rejected_out_of_stock);
    kit_metric_int(out, "stock_rejected_total", "reason=\"unregistered_product\"",
                   app->rejected_unregistered);
    kit_metric_counter(out, "stock_registrations_refused_total",
                       "Registered quantities that were refused as below what is committed.",
                       app->registrations_refused);
}

const struct kit_service_desc stock_service = {
    .name = "stock",
    .app_size_bytes = sizeof(struct stock_app),
    .migrations = stock_migrations,
    .migration_count = STOCK_MIGRATION_COUNT,
    .routes = ROUTES,
    .route_count = KIT_COUNT(ROUTES),
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .open = stock_open,
    .close = stock_close,
    .before_commit = stock_before_commit,
    .metrics = stock_metrics,
};

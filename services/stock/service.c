/* lockstock-stock: owns the quantities of every product, their ledger, the reservations, the
 * assets and the scanners.
 * Rules: schemas/rules/stock.md. Topics and schemas: schemas/topics.md. */
#include "stock/service.h"

#include <stdio.h>

#include "kit/base/metric.h"
#include "stock/handlers/assets.h"
#include "stock/handlers/balance.h"
#include "stock/handlers/scanner.h"
#include "stock/work/reservations.h"

static const struct kit_rpc_route ROUTES[] = {
    /* rpc.registered-set.request -> rpc.registered-set.response, from product alone; appends
     * StockChanged. */
    { "registered-set", KIT_RPC_EFFECT, stock_on_registered_set },
    { "asset-get", KIT_RPC_READ, stock_on_asset_get }, /* rpc.get.request -> rpc.asset.response */
    /* rpc.asset-list.request -> rpc.asset-list.response, by id */
    { "asset-list", KIT_RPC_READ, stock_on_asset_list },
    /* rpc.asset-move.request -> rpc.asset.response; appends StockChanged. */
    { "asset-move", KIT_RPC_EFFECT, stock_on_asset_move },
};

static const struct kit_device_route DEVICES[] = {
    /* device.up -> device.ack, with a verdict for each scan; appends StockPicked, StockHandedOver,
     * StockReturned, StockReleased, CompartmentRequested, StockChanged. */
    { "scanner", "up", stock_on_scanner_up },
    { "scanner", "state", stock_on_scanner_state }, /* device.state */
};

static const struct kit_event_route PRODUCT_EVENTS[] = {
    /* event.product: a new product gets its first quantities, and who waits for it is decided. */
    { "ProductSaved", stock_on_product_saved },
};

static const struct kit_event_route DELIVERY_EVENTS[] = {
    /* event.delivery: appends StockReserved or StockRejected, or waits for product's log. */
    { "DeliveryRequested", stock_on_delivery_requested },
    /* event.delivery: DELIVERED hands the goods out, CANCELED takes them back (StockReleased);
     * READY, EXPIRED, and where the compartment is. */
    { "DeliveryUpdated", stock_on_delivery_updated },
};

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "product",
      .routes = PRODUCT_EVENTS,
      .route_count = KIT_COUNT(PRODUCT_EVENTS),
      .on_confirmed = stock_on_product_confirmed },
    { .source = "delivery", .routes = DELIVERY_EVENTS, .route_count = KIT_COUNT(DELIVERY_EVENTS) },
};

/* What was opened when a later one fails is the caller's to close. */
static int stores_open(struct stock_app *app, struct kit_db *db, struct kit_error *err)
{
    int rc = stock_store_open(&app->store, db, err);
    if (rc == KIT_OK)
        rc = asset_store_open(&app->assets, db, err);
    if (rc == KIT_OK)
        rc = scanner_store_open(&app->scanners, db, err);
    if (rc == KIT_OK)
        rc = kit_losses_open(&app->losses, db, err);
    return rc;
}

static void stock_close(void *context)
{
    struct stock_app *app = context;
    kit_losses_close(&app->losses);
    scanner_store_close(&app->scanners);
    asset_store_close(&app->assets);
    stock_store_close(&app->store);
}

static int stock_open(void *context, struct kit_service *service, struct kit_error *err)
{
    struct stock_app *app = context;
    app->service = service;
    int rc = stores_open(app, kit_service_db(service), err);
    if (rc == KIT_OK)
        rc = reservation_store_forget_asks(&app->store, err);
    if (rc == KIT_OK)
        rc = reservation_store_count_waiting(&app->store, &app->waiting_count, err);
    if (rc == KIT_OK)
        rc = scanner_store_count_online(&app->scanners, &app->scanners_online, err);
    if (rc == KIT_OK && app->waiting_count > 0)
        kit_service_confirm(service, "product"); /* its number is above 0: decides all of them */
    if (rc != KIT_OK)
        stock_close(app);
    return rc;
}

static void scanner_metrics(const struct stock_app *app, struct kit_buf *out)
{
    char labels[64];
    kit_metric_head(out, "stock_scans_total", "counter", "Scans by their verdict.");
    for (int i = 1; i <= SCAN_RESULT_MAX; i++) {
        snprintf(labels, sizeof(labels), "result=\"%s\"", scan_result_text((enum scan_result)i));
        kit_metric_int(out, "stock_scans_total", labels, app->scans[i]);
    }
    kit_metric_counter(out, "stock_scans_failed_total",
                       "Scans that could not be handled: the office was called.",
                       app->scans_failed);
    kit_metric_gauge(out, "stock_scanners_online", "Scanners that are connected.",
                     app->scanners_online);
    kit_metric_counter(out, "stock_records_redelivered_total",
                       "Records that came again and had no second effect.",
                       app->records_redelivered);
    kit_metric_counter(out, "stock_record_gaps_total",
                       "Holes in the logs of scanners that were passed over.", app->record_gaps);
    kit_metric_counter(out, "stock_epochs_stale_total",
                       "Messages of a log that its scanner has replaced.", app->epochs_stale);
    kit_losses_metrics(&app->losses, out);
}

static const struct {
    enum reservation_state state;
    const char *labels;
} STATES[] = {
    { RESERVATION_WAITING, "state=\"waiting\"" },
    { RESERVATION_RESERVED, "state=\"reserved\"" },
    { RESERVATION_PICKED, "state=\"picked\"" },
    { RESERVATION_LOADED, "state=\"loaded\"" },
    { RESERVATION_RENTED, "state=\"rented\"" },
    { RESERVATION_RETURNED, "state=\"returned\"" },
    { RESERVATION_COMING_BACK, "state=\"coming_back\"" },
    { RESERVATION_RELEASED, "state=\"released\"" },
    { RESERVATION_REJECTED, "state=\"rejected\"" },
};

static void stock_metrics(void *context, struct kit_buf *out)
{
    const struct stock_app *app = context;
    kit_metric_gauge(out, "stock_reservations_waiting",
                     "Reservations that wait for the product's registration.", app->waiting_count);
    kit_metric_head(out, "stock_reservations_total", "counter",
                    "Reservations that came to a state, since the start.");
    for (size_t i = 0; i < KIT_COUNT(STATES); i++)
        kit_metric_int(out, "stock_reservations_total", STATES[i].labels,
                       app->moved[STATES[i].state]);
    kit_metric_head(out, "stock_rejected_total", "counter", "Rejected reservations by reason.");
    kit_metric_int(out, "stock_rejected_total", "reason=\"out_of_stock\"",
                   app->rejected_out_of_stock);
    kit_metric_int(out, "stock_rejected_total", "reason=\"unregistered_product\"",
                   app->rejected_unregistered);
    kit_metric_counter(out, "stock_registrations_refused_total",
                       "Registered quantities that were refused as below what is committed.",
                       app->registrations_refused);
    scanner_metrics(app, out);
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
    .device_routes = DEVICES,
    .device_route_count = KIT_COUNT(DEVICES),
    .open = stock_open,
    .close = stock_close,
    .before_commit = stock_before_commit,
    .on_timer = stock_on_timer,
    .timer_period_ms = STOCK_TIMER_MS,
    .metrics = stock_metrics,
};

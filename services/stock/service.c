/* lockstock-stock: owns the quantities of every product, their ledger, the reservations, the
 * assets and the scanners. This table is its documentation; the kit runs it.
 * Rules: schemas/rules/stock.md. Topics and schemas: schemas/topics.md. */
#include "stock/service.h"

#include "kit/service/routes.h"
#include "stock/handlers/assets.h"
#include "stock/handlers/delivery.h"
#include "stock/handlers/devices.h"
#include "stock/handlers/picks.h"
#include "stock/handlers/product.h"
#include "stock/handlers/scanner.h"
#include "stock/handlers/station.h"
#include "stock/metrics.h"
#include "stock/work/balance.h"

#define REQUESTS(X)                                                                                \
    /* from product alone; appends StockChanged */                                                 \
    X("registered-set", KIT_RPC_EFFECT, rpc_registered_set_request, rpc_registered_set_response,   \
      stock_on_registered_set)                                                                     \
    X("asset-get", KIT_RPC_READ, rpc_get_request, rpc_asset_response, stock_on_asset_get)          \
    X("asset-list", KIT_RPC_READ, rpc_asset_list_request, rpc_asset_list_response,                 \
      stock_on_asset_list)                                                                         \
    X("asset-search", KIT_RPC_READ, rpc_asset_search_request, rpc_asset_search_response,           \
      stock_on_asset_search)                                                                       \
    X("pick-list", KIT_RPC_READ, rpc_pick_list_request, rpc_pick_list_response,                    \
      stock_on_pick_list)                                                                          \
    /* appends StockChanged */                                                                     \
    X("asset-move", KIT_RPC_EFFECT, rpc_asset_move_request, rpc_asset_response,                    \
      stock_on_asset_move)                                                                         \
    X("device-get", KIT_RPC_READ, rpc_locker_get_request, rpc_device_response,                     \
      stock_on_device_get)                                                                         \
    X("device-list", KIT_RPC_READ, rpc_list_request, rpc_device_list_response,                     \
      stock_on_device_list)                                                                        \
    /* appends what a scanner's record does */                                                     \
    X("scan", KIT_RPC_EFFECT, rpc_scan_request, rpc_verdict_response, stock_on_scan)

/* A new product gets its first quantities, and who waits for it is decided. */
#define PRODUCT_EVENTS(X) X("ProductSaved", event_product, stock_on_product_saved)

/* DeliveryRequested: appends StockReserved or StockRejected, or waits for product's log.
 * DeliveryUpdated: DELIVERED hands the goods out, CANCELED takes them back (StockReleased); READY,
 * EXPIRED, and where the compartment is. */
#define DELIVERY_EVENTS(X)                                                                         \
    X("DeliveryRequested", event_delivery, stock_on_delivery_requested)                            \
    X("DeliveryUpdated", event_delivery, stock_on_delivery_updated)

/* up: an ack with a verdict for each scan follows; appends StockPicked, StockHandedOver,
 * StockReturned, StockReleased, StockScanned, CompartmentRequested, CompartmentActed,
 * StockChanged.
 * state: nothing follows. The owner is stock_scanners. */
#define DEVICES(X)                                                                                 \
    X("scanner", "up", device_up, kit_device_logs_on_up, logs)                                     \
    X("scanner", "state", device_state, kit_device_logs_on_state, logs)

KIT_RPC_TABLE(requests, struct stock_app, REQUESTS);
KIT_EVENT_TABLE(product_events, struct stock_app, PRODUCT_EVENTS);
KIT_EVENT_TABLE(delivery_events, struct stock_app, DELIVERY_EVENTS);
KIT_DEVICE_TABLE(devices, struct stock_app, DEVICES);

/* Who knows our numbers, as schemas/topics.md lists them. */
static const char *const FOLLOWERS[] = { "product", "rental", "delivery", "information" };

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "product", .events = &product_events, .on_confirmed = stock_on_product_confirmed },
    { .source = "delivery", .events = &delivery_events },
};

/* What was opened when a later one fails is the caller's to close. */
static int open_stores(struct stock_app *app, struct kit_db *db, struct kit_error *err)
{
    int rc = stock_store_open(&app->store, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = reservation_store_open(&app->reservations, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = asset_store_open(&app->assets, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = scanner_store_open(&app->scanners, db, err);
    if (rc != KIT_OK)
        return rc;
    return kit_device_logs_open(&app->logs, &stock_scanners, app, app->service, err);
}

/* What an earlier process left: its questions are void, and those who waited ask again. */
static int go_on(struct stock_app *app, struct kit_error *err)
{
    int rc = reservation_store_forget_asks(&app->reservations, err);
    if (rc != KIT_OK)
        return rc;
    rc = reservation_store_count_waiting(&app->reservations, &app->totals.waiting, err);
    if (rc != KIT_OK)
        return rc;
    /* Rows have ask 0 now, so the answer to this question covers every waiting reservation. */
    if (app->totals.waiting > 0)
        kit_service_confirm(app->service, "product");
    return KIT_OK;
}

static void stock_close(void *app_pointer)
{
    struct stock_app *app = app_pointer;
    kit_device_logs_close(&app->logs);
    scanner_store_close(&app->scanners);
    asset_store_close(&app->assets);
    reservation_store_close(&app->reservations);
    stock_store_close(&app->store);
}

static int open_and_go_on(struct stock_app *app, struct kit_db *db, struct kit_error *err)
{
    int rc = open_stores(app, db, err);
    if (rc != KIT_OK)
        return rc;
    return go_on(app, err);
}

static int stock_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    app->service = service;
    int rc = open_and_go_on(app, kit_service_db(service), err);
    if (rc != KIT_OK)
        stock_close(app);
    return rc;
}

const struct kit_service_desc stock_service = {
    .name = "stock",
    .app_size_bytes = sizeof(struct stock_app),
    .migrations = stock_migrations,
    .migration_count = STOCK_MIGRATION_COUNT,
    .requests = &requests,
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .followers = FOLLOWERS,
    .follower_count = KIT_COUNT(FOLLOWERS),
    .devices = &devices,
    .open = stock_open,
    .close = stock_close,
    .before_commit = balance_tell,
    .on_timer = stock_on_timer,
    .timer_period_ms = STOCK_TIMER_MS,
    .metrics = stock_metrics,
};

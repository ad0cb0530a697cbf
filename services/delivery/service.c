/* Delivery turns orders into goods in the customers' hands. This table is its documentation; the
 * kit runs it. Rules: schemas/rules/delivery.md. */
#include "delivery/service.h"

#include "delivery/handlers/locker.h"
#include "delivery/handlers/locker_reads.h"
#include "delivery/handlers/openings.h"
#include "delivery/handlers/pickup_code.h"
#include "delivery/handlers/product.h"
#include "delivery/handlers/reads.h"
#include "delivery/handlers/rental.h"
#include "delivery/handlers/returns.h"
#include "delivery/handlers/staff_acts.h"
#include "delivery/handlers/stock.h"
#include "delivery/handlers/sweep.h"
#include "delivery/metrics.h"
#include "delivery/work/compartments.h"
#include "delivery/work/looks.h"
#include "delivery/work/tell.h"
#include "kit/service/routes.h"

#define REQUESTS(X)                                                                                \
    /* By rental; appends DeliveryUpdated. */                                                      \
    X("cancel", KIT_RPC_EFFECT, rpc_delivery_cancel_request, rpc_delivery_response,                \
      delivery_on_cancel)                                                                          \
    X("get", KIT_RPC_READ, rpc_get_request, rpc_delivery_response, delivery_on_get)                \
    X("list", KIT_RPC_READ, rpc_list_request, rpc_delivery_list_response, delivery_on_list)        \
    /* From delivery's own copy of the products, answered while product is down. */                \
    X("product-get", KIT_RPC_READ, rpc_get_request, rpc_product_response, catalogue_get,           \
      catalogue)                                                                                   \
    X("product-list", KIT_RPC_READ, rpc_list_request, rpc_product_list_response, catalogue_list,   \
      catalogue)                                                                                   \
    /* Derived, never stored. */                                                                   \
    X("pickup-code", KIT_RPC_READ, rpc_get_request, rpc_pickup_code_response,                      \
      delivery_on_pickup_code)                                                                     \
    /* RETURNING; appends DeliveryUpdated. */                                                      \
    X("return", KIT_RPC_EFFECT, rpc_get_request, rpc_delivery_response, delivery_on_return)        \
    X("locker-get", KIT_RPC_READ, rpc_locker_get_request, rpc_locker_response,                     \
      delivery_on_locker_get)                                                                      \
    X("locker-list", KIT_RPC_READ, rpc_list_request, rpc_locker_list_response,                     \
      delivery_on_locker_list)                                                                     \
    /* Append LockerChanged; an order that goes elsewhere, DeliveryUpdated. */                     \
    X("compartment-out", KIT_RPC_EFFECT, rpc_compartment_request, rpc_locker_response,             \
      delivery_on_compartment_out)                                                                 \
    X("compartment-in", KIT_RPC_EFFECT, rpc_compartment_request, rpc_locker_response,              \
      delivery_on_compartment_in)                                                                  \
    /* The same with who and why; or a command to the locker; or what it opened. */                \
    X("locker-act", KIT_RPC_EFFECT, rpc_locker_act_request, rpc_locker_response,                   \
      delivery_on_locker_act)                                                                      \
    X("locker-acts", KIT_RPC_READ, rpc_locker_get_request, rpc_locker_acts_response,               \
      delivery_on_locker_acts)                                                                     \
    X("device-get", KIT_RPC_READ, rpc_locker_get_request, rpc_device_response,                     \
      delivery_on_device_get)                                                                      \
    X("device-list", KIT_RPC_READ, rpc_list_request, rpc_device_list_response,                     \
      delivery_on_device_list)
KIT_RPC_TABLE(delivery_requests, struct delivery_app, REQUESTS);

/* RentalOrdered appends DeliveryRequested. RentalCanceled is the safety net: normally its request
 * has canceled the delivery already. */
#define RENTAL_EVENTS(X)                                                                           \
    X("RentalOrdered", event_rental, delivery_on_rental_ordered)                                   \
    X("RentalCanceled", event_rental, delivery_on_rental_canceled)
KIT_EVENT_TABLE(delivery_rental_events, struct delivery_app, RENTAL_EVENTS);

/* Each moves its delivery and appends DeliveryUpdated; StockChanged fills the copy of the products,
 * CompartmentRequested sends a command to the locker; CompartmentActed does what `locker-act` does.
 */
#define STOCK_EVENTS(X)                                                                            \
    X("StockReserved", event_stock_reserved, delivery_on_stock_reserved)                           \
    X("StockRejected", event_stock_rejected, delivery_on_stock_rejected)                           \
    X("StockChanged", event_stock_changed, catalogue_on_stock_changed, catalogue)                  \
    X("StockPicked", event_stock_step, delivery_on_stock_picked)                                   \
    X("StockHandedOver", event_stock_step, delivery_on_stock_handed_over)                          \
    X("StockReturned", event_stock_step, delivery_on_stock_returned)                               \
    X("StockReleased", event_stock_released, delivery_on_stock_released)                           \
    X("CompartmentRequested", event_compartment_requested, delivery_on_compartment_requested)      \
    X("CompartmentActed", event_compartment_act, delivery_on_compartment_acted)
KIT_EVENT_TABLE(delivery_stock_events, struct delivery_app, STOCK_EVENTS);

/* Name, size and registered quantity of the copy. */
#define PRODUCT_EVENTS(X) X("ProductSaved", event_product, delivery_on_product_saved)
KIT_EVENT_TABLE(delivery_product_events, struct delivery_app, PRODUCT_EVENTS);

/* up: records; an ack follows, and DoorReported for some. state: compartments; its configuration
 * follows. Whatever changes what a locker shows appends LockerChanged with its commit. The
 * owner is delivery_lockers. */
#define DEVICES(X)                                                                                 \
    X("locker", "up", device_up, kit_device_logs_on_up, logs)                                      \
    X("locker", "state", device_state, kit_device_logs_on_state, logs)
KIT_DEVICE_TABLE(delivery_devices, struct delivery_app, DEVICES);

/* Who knows our numbers, as schemas/topics.md lists them. */
static const char *const FOLLOWERS[] = { "rental", "stock", "information" };

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "rental", .events = &delivery_rental_events },
    { .source = "stock", .events = &delivery_stock_events },
    { .source = "product", .events = &delivery_product_events },
};

static void delivery_close(void *app_pointer)
{
    struct delivery_app *app = app_pointer;
    kit_device_logs_close(&app->logs);
    catalogue_close(&app->catalogue);
    staff_act_store_close(&app->acts);
    locker_store_close(&app->lockers);
    delivery_store_close(&app->store);
}

/* What was opened when a later one fails is the caller's to close. */
static int open_stores(struct delivery_app *app, struct kit_db *db, struct kit_error *err)
{
    int rc = delivery_store_open(&app->store, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_open(&app->lockers, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = staff_act_store_open(&app->acts, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = catalogue_open(&app->catalogue, db, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_device_logs_open(&app->logs, &delivery_lockers, app, app->service, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_store_waiting_count(&app->store, &app->waiting.count, err);
}

static int delivery_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    app->service = service;

    delivery_make_assignment_due(app);
    (void)kit_service_setting(service, "hold-ms"); /* a process without it ends here, not later */
    (void)kit_service_setting(service, "silent-ms");
    (void)kit_service_setting(service, "oldest-protocol");
    int rc = open_stores(app, kit_service_db(service), err);
    if (rc != KIT_OK)
        delivery_close(app);
    return rc;
}

const struct kit_service_desc delivery_service = {
    .name = "delivery",
    .app_size_bytes = sizeof(struct delivery_app),
    .migrations = delivery_migrations,
    .migration_count = DELIVERY_MIGRATION_COUNT,
    .requests = &delivery_requests,
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .followers = FOLLOWERS,
    .follower_count = KIT_COUNT(FOLLOWERS),
    .devices = &delivery_devices,
    .after_item = compartments_after_item,
    .before_commit = tell_lockers,
    .before_commit_waits = true,
    .on_timer = delivery_on_timer,
    .timer_period_ms = DELIVERY_TIMER_MS,
    .on_recovered = looks_after_restore,
    .open = delivery_open,
    .close = delivery_close,
    .metrics = delivery_metrics,
};

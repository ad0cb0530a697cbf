/* Delivery turns orders into goods in the customers' hands. This table is its documentation; the
 * kit runs it. Rules: schemas/rules/delivery.md. */
#include "delivery/service.h"

#include "delivery/handlers/locker.h"
#include "delivery/handlers/locker_reads.h"
#include "delivery/handlers/rental.h"
#include "delivery/handlers/stock.h"
#include "delivery/metrics.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/ends.h"
#include "kit/service/routes.h"

static const struct kit_rpc_route ROUTES[] = {
    { "cancel", KIT_RPC_EFFECT, delivery_on_cancel }, /* by rental; appends DeliveryUpdated */
    { "get", KIT_RPC_READ, delivery_on_get },
    { "list", KIT_RPC_READ, delivery_on_list },
    { "pickup-code", KIT_RPC_READ, codes_on_pickup_code }, /* derived, never stored */
    { "return", KIT_RPC_EFFECT, wishes_on_return },        /* RETURNING; appends DeliveryUpdated */
    { "locker-get", KIT_RPC_READ, lockers_read_get },      /* by name */
    { "locker-list", KIT_RPC_READ, lockers_read_list },
};

static const struct kit_event_route RENTAL_EVENTS[] = {
    { "RentalOrdered", delivery_on_rental_ordered }, /* appends DeliveryRequested */
    { "RentalCanceled",
      delivery_on_rental_canceled }, /* the safety net; normally canceled already */
};

static const struct kit_event_route STOCK_EVENTS[] = {
    { "StockReserved", delivery_on_stock_reserved }, /* DELIVERED, or RESERVED for a locker */
    { "StockRejected", delivery_on_stock_rejected }, /* CANCELED_...; appends DeliveryUpdated */
    { "StockPicked", delivery_on_stock_picked },     /* PICKED; a compartment is looked for */
    { "StockHandedOver", delivery_on_stock_handed_over }, /* DELIVERED, at the counter */
    { "StockReturned", delivery_on_stock_returned },      /* RETURNED */
    { "StockReleased", delivery_on_stock_released },      /* a compartment may become free */
    { "CompartmentRequested", lockers_on_requested },     /* a command to the locker */
};

/* Delivery's own copy of the products, answered while product is down. */
#define REQUESTS(X)                                                                                \
    X("product-get", KIT_RPC_READ, rpc_get_request, rpc_product_response, catalogue_get,           \
      catalogue)                                                                                   \
    X("product-list", KIT_RPC_READ, rpc_list_request, rpc_product_list_response, catalogue_list,   \
      catalogue)
KIT_RPC_TABLE(delivery_requests, struct delivery_app, REQUESTS);

#define PRODUCT_EVENTS(X) X("ProductSaved", event_product, delivery_on_product_saved)
KIT_EVENT_TABLE(delivery_product_events, struct delivery_app, PRODUCT_EVENTS);

#define STOCK_COPY_EVENTS(X)                                                                       \
    X("StockChanged", event_stock_changed, catalogue_on_stock_changed, catalogue)
KIT_EVENT_TABLE(delivery_stock_events, struct delivery_app, STOCK_COPY_EVENTS);

static const struct kit_device_route DEVICES[] = {
    { "locker", "up", lockers_on_up },       /* records; an ack follows */
    { "locker", "state", lockers_on_state }, /* compartments; its configuration follows */
};

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "rental", .routes = RENTAL_EVENTS, .route_count = KIT_COUNT(RENTAL_EVENTS) },
    { .source = "stock",
      .routes = STOCK_EVENTS,
      .route_count = KIT_COUNT(STOCK_EVENTS),
      .events = &delivery_stock_events },
    { .source = "product", .events = &delivery_product_events },
};

static void delivery_close(void *app_pointer)
{
    struct delivery_app *app = app_pointer;
    kit_losses_close(&app->losses);
    catalogue_close(&app->catalogue);
    locker_store_close(&app->lockers);
    delivery_store_close(&app->store);
}

static int delivery_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    app->service = service;

    app->is_serving_due = true;
    app->opened_ms = kit_service_now_ms(service);
    (void)kit_service_setting(service, "hold-ms"); /* a process without it ends here, not later */
    (void)kit_service_setting(service, "silent-ms");
    int rc = delivery_store_open(&app->store, kit_service_db(service), err);
    if (rc == KIT_OK)
        rc = locker_store_open(&app->lockers, kit_service_db(service), err);
    if (rc == KIT_OK)
        rc = catalogue_open(&app->catalogue, kit_service_db(service), err);
    if (rc == KIT_OK)
        rc = kit_losses_open(&app->losses, kit_service_db(service), err);
    if (rc == KIT_OK)
        rc = delivery_store_waiting_count(&app->store, &app->waiting_count, err);
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
    .routes = ROUTES,
    .route_count = KIT_COUNT(ROUTES),
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .device_routes = DEVICES,
    .device_route_count = KIT_COUNT(DEVICES),
    .on_timer = wishes_on_timer,
    .timer_period_ms = WISHES_TIMER_MS,
    .open = delivery_open,
    .close = delivery_close,
    .metrics = delivery_metrics,
};

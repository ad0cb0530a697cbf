/* Information is the customers' read model, and the source of what pages see. This table is its
 * documentation; the kit runs it. The database can be deleted: the view comes back identical, the
 * log with another epoch. Rules: schemas/rules/information.md. */
#include "information/service.h"

#include "information/app.h"
#include "information/events.h"
#include "information/feed.h"
#include "information/handlers.h"
#include "kit/base/metric.h"
#include "kit/service/routes.h"

#define REQUESTS(X)                                                                                \
    X("get", KIT_RPC_READ, rpc_get_request, rpc_order_response, information_on_get)                \
    X("list", KIT_RPC_READ, rpc_list_request, rpc_order_list_response, information_on_list)        \
    X("search", KIT_RPC_READ, rpc_order_search_request, rpc_order_search_response,                 \
      information_on_search)                                                                       \
    X("story", KIT_RPC_READ, rpc_get_request, rpc_story_response, information_on_story)
KIT_RPC_TABLE(requests, struct information_app, REQUESTS);

/* Each appends OrderChanged, once for each order of a commit. */
#define RENTAL_EVENTS(X)                                                                           \
    X("RentalOrdered", event_rental, information_on_rental)                                        \
    X("RentalUpdated", event_rental, information_on_rental)                                        \
    X("RentalCanceled", event_rental, information_on_rental)
KIT_EVENT_TABLE(rental_events, struct information_app, RENTAL_EVENTS);

#define DELIVERY_EVENTS(X)                                                                         \
    X("DeliveryRequested", event_delivery, information_on_delivery)                                \
    X("DeliveryUpdated", event_delivery, information_on_delivery)                                  \
    X("LockerChanged", event_locker, information_on_locker)                                        \
    X("DoorReported", event_door, information_on_door)
KIT_EVENT_TABLE(delivery_events, struct information_app, DELIVERY_EVENTS);

/* Passed on as they are. */
#define PRODUCT_EVENTS(X) X("ProductSaved", event_product, information_on_product)
KIT_EVENT_TABLE(product_events, struct information_app, PRODUCT_EVENTS);

/* All but StockChanged are steps of stories alone. */
#define STOCK_EVENTS(X)                                                                            \
    X("StockChanged", event_stock_changed, information_on_stock_changed)                           \
    X("StockReserved", event_stock_reserved, information_on_reserved)                              \
    X("StockRejected", event_stock_rejected, information_on_rejected)                              \
    X("StockReleased", event_stock_released, information_on_released)                              \
    X("StockPicked", event_stock_step, information_on_stock_step)                                  \
    X("StockHandedOver", event_stock_step, information_on_stock_step)                              \
    X("StockReturned", event_stock_step, information_on_stock_step)                                \
    X("StockScanned", event_stock_scanned, information_on_stock_scanned)                           \
    X("CompartmentRequested", event_compartment_requested, information_on_compartment_requested)
KIT_EVENT_TABLE(stock_events, struct information_app, STOCK_EVENTS);

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "rental", .events = &rental_events },
    { .source = "delivery", .events = &delivery_events },
    { .source = "product", .events = &product_events },
    { .source = "stock", .events = &stock_events },
};

static int information_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct information_app *app = app_pointer;
    app->service = service;
    return information_store_open(&app->store, kit_service_db(service), err);
}

static void information_close(void *app_pointer)
{
    struct information_app *app = app_pointer;
    information_store_close(&app->store);
}

static void information_metrics(void *app_pointer, struct kit_buf *out)
{
    const struct information_app *app = app_pointer;
    kit_metric_head(out, "information_events_total", "counter",
                    "Events since the start, by what they did.");
    kit_metric_int(out, "information_events_total", "outcome=\"merged\"", app->merged_total);
    kit_metric_int(out, "information_events_total", "outcome=\"stale\"", app->stale_total);
    kit_metric_head(out, "information_orders_told_total", "counter",
                    "Events about orders that were logged since the start.");
    kit_metric_int(out, "information_orders_told_total", "", app->told_total);
}

const struct kit_service_desc information_service = {
    .name = "information",
    .app_size_bytes = sizeof(struct information_app),
    .migrations = information_migrations,
    .migration_count = INFORMATION_MIGRATION_COUNT,
    .requests = &requests,
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .is_patient = true,
    .log_rows_max = INFORMATION_LOG_ROWS_MAX,
    .open = information_open,
    .close = information_close,
    .before_commit = feed_tell,
    .before_commit_waits = true,
    .metrics = information_metrics,
};

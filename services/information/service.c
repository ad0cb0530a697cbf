/* Information is the customers' read model. This table is its documentation; the kit runs it. The
 * database can be deleted: it comes back identical. Rules: schemas/rules/information.md. */
#include "information/service.h"

#include "information/app.h"
#include "information/events.h"
#include "information/handlers.h"
#include "kit/base/metric.h"

static const struct kit_rpc_route ROUTES[] = {
    { "get", KIT_RPC_READ, information_on_get },
    { "list", KIT_RPC_READ, information_on_list },
};

static const struct kit_event_route RENTAL_EVENTS[] = {
    { "RentalOrdered", information_on_rental },
    { "RentalUpdated", information_on_rental },
    { "RentalCanceled", information_on_rental },
};

static const struct kit_event_route DELIVERY_EVENTS[] = {
    { "DeliveryRequested", information_on_delivery },
    { "DeliveryUpdated", information_on_delivery },
};

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "rental", .routes = RENTAL_EVENTS, .route_count = KIT_COUNT(RENTAL_EVENTS) },
    { .source = "delivery", .routes = DELIVERY_EVENTS, .route_count = KIT_COUNT(DELIVERY_EVENTS) },
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
}

const struct kit_service_desc information_service = {
    .name = "information",
    .app_size_bytes = sizeof(struct information_app),
    .migrations = information_migrations,
    .migration_count = INFORMATION_MIGRATION_COUNT,
    .routes = ROUTES,
    .route_count = KIT_COUNT(ROUTES),
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = false,
    .open = information_open,
    .close = information_close,
    .metrics = information_metrics,
};

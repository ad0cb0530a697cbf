/* lockstock-product: owns the catalogue, that is the products' names and registered quantities.
 * Rules: schemas/rules/product.md. Topics and schemas: schemas/topics.md. */
#include "product/service.h"

#include "kit/base/metric.h"
#include "kit/service/routes.h"
#include "product/handlers.h"

#define REQUESTS(X)                                                                                \
    /* Appends ProductSaved. */                                                                    \
    X("create", KIT_RPC_EFFECT, rpc_product_create_request, rpc_product_response,                  \
      product_on_create)                                                                           \
    /* A new quantity is agreed with stock (registered-set) first; appends ProductSaved. */        \
    X("update", KIT_RPC_EFFECT, rpc_product_update_request, rpc_product_response,                  \
      product_on_update)                                                                           \
    X("get", KIT_RPC_READ, rpc_get_request, rpc_product_response, product_on_get)                  \
    X("list", KIT_RPC_READ, rpc_list_request, rpc_product_list_response, product_on_list)          \
    X("search", KIT_RPC_READ, rpc_product_search_request, rpc_product_search_response,             \
      product_on_search)
KIT_RPC_TABLE(product_requests, struct product_app, REQUESTS);

static void product_complete(const struct kit_shape *shape, void *in)
{
    if (shape == &msg_rpc_product_create_request_shape)
        product_complete_create(in);
    else if (shape == &msg_rpc_product_update_request_shape)
        product_complete_update(in);
}

/* Availability, and a registration that we missed (rules 4). StockReserved, StockRejected and
 * StockReleased concern delivery: passed over here. */
#define STOCK_EVENTS(X) X("StockChanged", event_stock_changed, product_on_stock_changed)
KIT_EVENT_TABLE(product_stock_events, struct product_app, STOCK_EVENTS);

/* Who knows our numbers, as schemas/topics.md lists them. */
static const char *const FOLLOWERS[] = { "rental", "delivery", "stock", "information" };

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "stock", .events = &product_stock_events },
};

static int product_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct product_app *app = app_pointer;
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

static void product_close(void *app_pointer)
{
    struct product_app *app = app_pointer;
    product_store_close(&app->store);
}

static void product_metrics(void *app_pointer, struct kit_buf *out)
{
    const struct product_app *app = app_pointer;
    int64_t wait_count = 0;
    for (size_t i = 0; i < PRODUCT_WAITS_MAX; i++)
        wait_count += app->waits[i].number != 0 ? 1 : 0;

    kit_metric_gauge(out, "products", "Products in the catalogue.", app->product_count);
    kit_metric_gauge(out, "product_updates_waiting", "Updates that wait for stock's answer.",
                     wait_count);
    kit_metric_counter(out, "product_updates_refused_total",
                       "Products that the rules refused to create or change.",
                       app->updates_refused);
    kit_metric_counter(out, "product_updates_unavailable_total",
                       "Updates of a quantity that stock did not answer.",
                       app->updates_unavailable);
}

static int product_count_lost(void *app_pointer, int64_t until, int64_t *ret_count,
                              struct kit_error *err)
{
    struct product_app *app = app_pointer;
    return product_store_missing(&app->store, until, ret_count, err);
}

const struct kit_service_desc product_service = {
    .name = "product",
    .app_size_bytes = sizeof(struct product_app),
    .migrations = product_migrations,
    .migration_count = PRODUCT_MIGRATION_COUNT,
    .requests = &product_requests,
    .complete = product_complete,
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .followers = FOLLOWERS,
    .follower_count = KIT_COUNT(FOLLOWERS),
    .count_lost = product_count_lost,
    .open = product_open,
    .close = product_close,
    .metrics = product_metrics,
};

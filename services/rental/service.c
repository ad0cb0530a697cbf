/* Rental takes orders, round the clock, whatever else is down. This table is its documentation; the
 * kit runs it. Rules: schemas/rules/rental.md. */
#include "rental/service.h"

#include "kit/service/routes.h"
#include "rental/app.h"
#include "rental/cancel.h"
#include "rental/handlers.h"
#include "rental/metrics.h"
#include "rental/news.h"

#define REQUESTS(X)                                                                                \
    /* ORDERED at once; appends RentalOrdered. */                                                  \
    X("create", KIT_RPC_EFFECT, rpc_rental_create_request, rpc_rental_response, rental_on_create)  \
    /* Asks delivery first; appends RentalCanceled. */                                             \
    X("cancel", KIT_RPC_EFFECT, rpc_get_request, rpc_rental_response, rental_on_cancel)            \
    X("get", KIT_RPC_READ, rpc_get_request, rpc_rental_response, rental_on_get)                    \
    X("list", KIT_RPC_READ, rpc_list_request, rpc_rental_list_response, rental_on_list)            \
    /* From rental's own copy of the products (rules 5.1), answered while product is down. */      \
    X("product-get", KIT_RPC_READ, rpc_get_request, rpc_product_response, catalogue_get,           \
      catalogue)                                                                                   \
    X("product-list", KIT_RPC_READ, rpc_list_request, rpc_product_list_response, catalogue_list,   \
      catalogue)
KIT_RPC_TABLE(rental_requests, struct rental_app, REQUESTS);

static void rental_complete(const struct kit_shape *shape, void *in)
{
    if (shape == &msg_rpc_rental_create_request_shape)
        rental_complete_order(in);
}

/* Name and registered quantity of the copy. */
#define PRODUCT_EVENTS(X) X("ProductSaved", event_product, catalogue_on_saved, catalogue)
KIT_EVENT_TABLE(rental_product_events, struct rental_app, PRODUCT_EVENTS);

/* Available quantity of the copy. */
#define STOCK_EVENTS(X)                                                                            \
    X("StockChanged", event_stock_changed, catalogue_on_stock_changed, catalogue)
KIT_EVENT_TABLE(rental_stock_events, struct rental_app, STOCK_EVENTS);

/* Moves the rental; appends RentalUpdated or RentalCanceled. DeliveryRequested tells us nothing. */
#define DELIVERY_EVENTS(X) X("DeliveryUpdated", event_delivery, rental_on_delivery_updated)
KIT_EVENT_TABLE(rental_delivery_events, struct rental_app, DELIVERY_EVENTS);

/* Who knows our numbers, as schemas/topics.md lists them. */
static const char *const FOLLOWERS[] = { "delivery", "information" };

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "product", .events = &rental_product_events },
    { .source = "stock", .events = &rental_stock_events },
    { .source = "delivery", .events = &rental_delivery_events },
};

static void rental_close(void *app_pointer)
{
    struct rental_app *app = app_pointer;
    catalogue_close(&app->catalogue);
    rental_store_close(&app->store);
}

static int open_stores(struct rental_app *app, struct kit_db *db, struct kit_error *err)
{
    int rc = rental_store_open(&app->store, db, err);
    if (rc != KIT_OK)
        return rc;
    return catalogue_open(&app->catalogue, db, err);
}

static int rental_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    app->service = service;
    rental_cancels_init(&app->cancels, service);

    int rc = open_stores(app, kit_service_db(service), err);
    if (rc != KIT_OK)
        rental_close(app);
    return rc;
}

static int rental_count_lost(void *app_pointer, int64_t until, int64_t *ret_count,
                             struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    return rental_store_missing(&app->store, until, ret_count, err);
}

const struct kit_service_desc rental_service = {
    .name = "rental",
    .app_size_bytes = sizeof(struct rental_app),
    .migrations = rental_migrations,
    .migration_count = RENTAL_MIGRATION_COUNT,
    .requests = &rental_requests,
    .complete = rental_complete,
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .followers = FOLLOWERS,
    .follower_count = KIT_COUNT(FOLLOWERS),
    .count_lost = rental_count_lost,
    .open = rental_open,
    .close = rental_close,
    .metrics = rental_metrics,
};

/* What delivery shows, and the one path by which its deliveries change. Runs on the loop inside the
 * open transaction. */
#include "delivery/handlers.h"

#include <inttypes.h>
#include <stdio.h>

#include "delivery/wire.h"
#include "msg/rpc_delivery_list_response.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"

#define SUBJECT_SIZE 48

int delivery_append(struct delivery_app *app, const char *type, const struct delivery *delivery,
                    struct kit_error *err)
{
    char subject[SUBJECT_SIZE];
    struct msg_event_delivery msg;
    struct kit_buf *data = kit_service_scratch(app->service);

    (void)snprintf(subject, sizeof(subject), "delivery/%" PRId64, delivery->order.id.v);
    delivery_to_event(delivery, &msg);
    msg_event_delivery_encode(&msg, data);
    struct kit_log_entry entry = {
        .type = type,
        .subject = subject,
        .version = delivery->version,
        .data = data,
    };
    return kit_service_append(app->service, &entry, err);
}

static void count(struct delivery_totals *totals, enum delivery_incident incident)
{
    switch (incident) {
    case DELIVERY_INCIDENT_RESERVED:
        totals->delivered++;
        return;
    case DELIVERY_INCIDENT_OUT_OF_STOCK:
    case DELIVERY_INCIDENT_UNREGISTERED_PRODUCT:
        totals->rejected++;
        return;
    case DELIVERY_INCIDENT_CANCEL:
        totals->canceled++;
        return;
    }
    CHECK(false && "incident is one of the enum");
}

int delivery_take(struct delivery_app *app, struct delivery *delivery,
                  enum delivery_incident incident, const char *reason, struct kit_error *err)
{
    struct delivery_change change;
    int64_t now_ms = kit_service_now_ms(app->service);

    if (delivery_decide(delivery, incident, reason, now_ms, &change) == DELIVERY_UNCHANGED) {
        app->totals.ignored++;
        return KIT_OK;
    }
    int rc = delivery_store_apply(&app->store, delivery, &change, err);
    if (rc == KIT_OK)
        rc = delivery_append(app, "DeliveryUpdated", delivery, err);
    if (rc == KIT_OK)
        count(&app->totals, incident);
    return rc;
}

int delivery_on_get(void *app_pointer, const struct kit_rpc_request *request,
                    struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct msg_rpc_get_request msg;
    struct msg_rpc_delivery_response answer;
    struct delivery delivery;
    bool found = false;

    int rc = msg_rpc_get_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;
    rc = delivery_store_find(&app->store, (struct rental_id){ msg.id }, &delivery, &found, err);
    if (rc != KIT_OK)
        return rc;
    if (!found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no delivery %" PRId64 "; a delivery has the id of its rental"
                             " and follows the order within a moment.",
                             msg.id);
    delivery_to_response(&delivery, &answer);
    msg_rpc_delivery_response_encode(&answer, response);
    return KIT_OK;
}

int delivery_on_list(void *app_pointer, const struct kit_rpc_request *request,
                     struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct kit_arena *arena = kit_service_arena(app->service);
    struct msg_rpc_list_request msg;

    int rc = msg_rpc_list_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct delivery_page page = {
        .deliveries = kit_arena_take(arena, (size_t)msg.size * sizeof(struct delivery)),
    };
    rc = delivery_store_list(&app->store, msg.page, msg.size, &page, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing deliveries");

    struct msg_rpc_delivery_list_response *answer = kit_arena_take(arena, sizeof(*answer));
    answer->total = page.total;
    answer->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most msg.size, which is at most 100 */
        delivery_to_response(&page.deliveries[i], &answer->items[i]);
    msg_rpc_delivery_list_response_encode(answer, response);
    return KIT_OK;
}

int delivery_on_product_get(void *app_pointer, const struct kit_rpc_request *request,
                            struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    return kit_products_get(&app->products, request, response, err);
}

int delivery_on_product_list(void *app_pointer, const struct kit_rpc_request *request,
                             struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    return kit_products_list(&app->products, request, response, err);
}

int delivery_on_product_saved(void *app_pointer, const struct kit_event *event,
                              struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    return kit_products_on_saved(&app->products, event, err);
}

int delivery_on_stock_changed(void *app_pointer, const struct kit_event *event,
                              struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    return kit_products_on_stock_changed(&app->products, event, err);
}

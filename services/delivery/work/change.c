/* What delivery shows, and the one path by which its deliveries change. Runs on the loop inside the
 * open transaction. */
#include "delivery/work/change.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "delivery/store/wire.h"
#include "delivery/work/compartments.h"
#include "msg/event_delivery.gen.h"
#include "msg/rpc_delivery_list_response.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"

#define SUBJECT_SIZE 48
#define DELIVERY_SENTENCE_SIZE 201 /* a reason of our own: ASCII */

int delivery_append(struct delivery_app *app, const char *type, const struct delivery *delivery,
                    struct kit_error *err)
{
    char subject[SUBJECT_SIZE];
    struct msg_event_delivery msg;
    struct kit_buf *data = kit_service_scratch(app->service);

    (void)snprintf(subject, sizeof(subject), "delivery/%" PRId64, delivery->order.id.v);
    delivery_to_message(delivery, &msg.delivery);
    msg_event_delivery_encode(&msg, data);
    struct kit_log_entry entry = {
        .type = type,
        .subject = subject,
        .version = delivery->version,
        .data = data,
    };
    return kit_service_append_entry(app->service, &entry, err);
}

static void count(struct delivery_totals *totals, enum delivery_incident incident,
                  enum delivery_status to)
{
    switch (incident) {
    case DELIVERY_INCIDENT_HANDED_OVER:
    case DELIVERY_INCIDENT_COLLECTED:
        totals->delivered++;
        return;
    case DELIVERY_INCIDENT_RESERVED:
        totals->delivered += to == DELIVERY_STATUS_DELIVERED;
        return;
    case DELIVERY_INCIDENT_LOADED:
        totals->ready++;
        return;
    case DELIVERY_INCIDENT_RETURNED:
        totals->returned++;
        return;
    case DELIVERY_INCIDENT_EXPIRED:
        totals->expired++;
        return;
    case DELIVERY_INCIDENT_PICKED:
    case DELIVERY_INCIDENT_RETURN_ASKED:
    case DELIVERY_INCIDENT_GIVEN_UP:
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

int delivery_load(struct delivery_app *app, struct rental_id id, struct delivery *ret_delivery,
                  struct kit_error *err)
{
    bool found = false;
    int rc = delivery_store_find(&app->store, id, ret_delivery, &found, err);
    if (rc == KIT_OK && !found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no delivery %" PRId64 "; a delivery has the id of its rental"
                             " and follows the order within a moment.",
                             id.v);
    return rc;
}

int delivery_load_asked(struct delivery_app *app, const struct kit_rpc_request *request,
                        struct delivery *ret_delivery, struct kit_error *err)
{
    struct msg_rpc_get_request msg;
    int rc = msg_rpc_get_request_decode(request->body, &msg, err);
    return rc == KIT_OK ? delivery_load(app, (struct rental_id){ msg.id }, ret_delivery, err) : rc;
}

int delivery_move(struct delivery_app *app, struct delivery *delivery,
                  enum delivery_incident incident, const struct delivery_change *change,
                  struct kit_error *err)
{
    int rc = delivery_store_apply(&app->store, delivery, change, err);
    if (rc == KIT_OK)
        rc = delivery_append(app, "DeliveryUpdated", delivery, err);
    if (rc == KIT_OK)
        count(&app->totals, incident, change->to);
    if (rc == KIT_OK && delivery_is_waiting(delivery)) {
        app->is_serving_due = true;
        app->newly_waiting = delivery->order.id;
    }
    return rc;
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
    int rc = delivery_move(app, delivery, incident, &change, err);
    return rc == KIT_OK ? places_settle(app, delivery, err) : rc;
}

int delivery_tell(struct delivery_app *app, struct delivery *delivery,
                  const struct delivery_change *change, struct kit_error *err)
{
    if (!delivery_is_news(delivery, change))
        return KIT_OK;
    int rc = delivery_store_apply(&app->store, delivery, change, err);
    return rc == KIT_OK ? delivery_append(app, "DeliveryUpdated", delivery, err) : rc;
}

int delivery_say(struct delivery_app *app, struct delivery *delivery, struct kit_error *err,
                 const char *format, ...)
{
    char reason[DELIVERY_SENTENCE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.reason = reason;
    return delivery_tell(app, delivery, &change, err);
}

void delivery_answer(const struct delivery *delivery, struct kit_buf *response)
{
    struct msg_rpc_delivery_response answer;
    delivery_to_response(delivery, &answer);
    msg_rpc_delivery_response_encode(&answer, response);
}

int delivery_on_get(void *app_pointer, const struct kit_rpc_request *request,
                    struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct delivery delivery;

    int rc = delivery_load_asked(app, request, &delivery, err);
    if (rc == KIT_OK)
        delivery_answer(&delivery, response);
    return rc;
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

int delivery_on_product_saved(struct delivery_app *app, const struct msg_event_product *event,
                              struct kit_error *err)
{
    int rc = catalogue_on_saved(&app->catalogue, event, err);
    if (rc != KIT_OK || app->waiting_count == 0)
        return rc;
    app->is_serving_due = true; /* one may have waited for the product's size */
    return places_serve(app, err);
}

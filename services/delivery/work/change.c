/* The one path by which deliveries change. Runs on the loop inside the open transaction. */
#include "delivery/work/change.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "delivery/store/wire.h"
#include "msg/event_delivery.gen.h"

#define DELIVERY_SENTENCE_SIZE 201 /* a reason of our own: ASCII */

static int append_event(struct delivery_app *app, const char *type, const struct delivery *delivery,
                        struct kit_error *err)
{
    struct msg_event_delivery event = { 0 };
    delivery_to_message(delivery, kit_service_version_base(app->service), &event.delivery);
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = type,
                                  .aggregate = "delivery",
                                  .id = delivery->order.id.v,
                                  .version = delivery->version,
                                  .data = KIT_BODY(event_delivery, &event),
                              },
                              err);
}

int delivery_add(struct delivery_app *app, const struct delivery_order *order,
                 enum delivery_status status, struct delivery *ret_delivery, struct kit_error *err)
{
    *ret_delivery = (struct delivery){
        .order = *order,
        .status = status,
        .version = 1,
        .updated_at_ms = kit_service_now_ms(app->service),
    };
    int rc = delivery_store_add(&app->store, ret_delivery, err);
    if (rc != KIT_OK)
        return rc;
    return append_event(
        app, status == DELIVERY_STATUS_REQUESTED ? "DeliveryRequested" : "DeliveryUpdated",
        ret_delivery, err);
}

static void count_incident(struct delivery_totals *totals, enum delivery_incident incident,
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
    UNREACHABLE("incident is one of the enum");
}

static int refuse_unknown(struct rental_id id, struct kit_error *err)
{
    return kit_error_set(err, KIT_E_NOT_FOUND,
                         "There is no delivery %" PRId64 "; a delivery has the id of its rental"
                         " and follows the order within a moment.",
                         id.v);
}

int delivery_get(struct delivery_app *app, struct rental_id id, struct delivery *ret_delivery,
                 struct kit_error *err)
{
    bool is_found = false;
    int rc = delivery_store_find(&app->store, id, ret_delivery, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    return is_found ? KIT_OK : refuse_unknown(id, err);
}

int delivery_get_asked(struct delivery_app *app, struct rental_id id, struct delivery *ret_delivery,
                       struct kit_error *err)
{
    int rc = delivery_get(app, id, ret_delivery, err);
    if (rc != KIT_OK)
        return rc;
    if (kit_service_is_foreign(app->service, ret_delivery->order.account))
        return refuse_unknown(id, err);
    return KIT_OK;
}

int delivery_move(struct delivery_app *app, struct delivery *delivery,
                  enum delivery_incident incident, const struct delivery_change *change,
                  struct kit_error *err)
{
    int rc = delivery_store_apply(&app->store, delivery, change, err);
    if (rc != KIT_OK)
        return rc;
    rc = append_event(app, "DeliveryUpdated", delivery, err);
    if (rc != KIT_OK)
        return rc;
    count_incident(&app->totals, incident, change->to);
    if (!delivery_is_waiting(delivery))
        return KIT_OK;
    delivery_make_assignment_due(app);
    app->waiting.newest = delivery->order.id;
    return KIT_OK;
}

int delivery_update(struct delivery_app *app, struct delivery *delivery,
                    const struct delivery_change *change, struct kit_error *err)
{
    if (!delivery_is_news(delivery, change))
        return KIT_OK;
    int rc = delivery_store_apply(&app->store, delivery, change, err);
    if (rc != KIT_OK)
        return rc;
    return append_event(app, "DeliveryUpdated", delivery, err);
}

int delivery_explain(struct delivery_app *app, struct delivery *delivery, struct kit_error *err,
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
    return delivery_update(app, delivery, &change, err);
}

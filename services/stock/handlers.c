/* One function per message of stock. They run on the loop inside the open transaction, at most once
 * per event; what they append to the log leaves after the commit. */
#include "stock/handlers.h"

#include <inttypes.h>
#include <stdio.h>

#include "msg/event_delivery.gen.h"
#include "msg/event_product.gen.h"
#include "msg/event_stock_changed.gen.h"
#include "msg/event_stock_rejected.gen.h"
#include "msg/event_stock_released.gen.h"
#include "msg/event_stock_reserved.gen.h"
#include "msg/rpc_registered_set_request.gen.h"
#include "msg/rpc_registered_set_response.gen.h"

#define SUBJECT_SIZE 40
#define TYPE_BELOW_COMMITTED "below-committed"

/* ---- what we tell the world ---- */

static int changed_append(struct stock_app *app, const struct stock *stock, struct kit_error *err)
{
    const struct msg_event_stock_changed event = {
        .product_id = stock->product,
        .registered_qty = stock->registered,
        .registration = stock->registration,
        .available_qty = stock->available,
        .reserved_qty = stock->reserved,
        .rented_qty = stock->rented,
        .version = stock->version,
    };
    struct kit_buf *data = kit_service_scratch(app->service);
    msg_event_stock_changed_encode(&event, data);

    char subject[SUBJECT_SIZE];
    snprintf(subject, sizeof(subject), "stock/%" PRId64, stock->product.v);
    const struct kit_log_entry entry = {
        .type = "StockChanged",
        .subject = subject,
        .version = stock->version,
        .data = data,
    };
    return kit_service_append(app->service, &entry, err);
}

static void rejected_encode(const struct reservation *reservation,
                            const struct reservation_decision *decision, struct kit_buf *data)
{
    const struct msg_event_stock_rejected event = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
        .reason = decision->reason == RESERVATION_OUT_OF_STOCK
                      ? MSG_STOCK_REJECTION_OUT_OF_STOCK
                      : MSG_STOCK_REJECTION_UNREGISTERED_PRODUCT,
        .available_qty = decision->available,
    };
    msg_event_stock_rejected_encode(&event, data);
}

static void reserved_encode(const struct reservation *reservation, struct kit_buf *data)
{
    const struct msg_event_stock_reserved event = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
    };
    msg_event_stock_reserved_encode(&event, data);
}

static void released_encode(const struct reservation *reservation, struct kit_buf *data)
{
    const struct msg_event_stock_released event = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
    };
    msg_event_stock_released_encode(&event, data);
}

/* Delivery's answer, if the move is one. WAITING and RENTED answer nothing, and neither does a
 * RELEASED that held no goods: delivery canceled it itself. */
static int answer_append(struct stock_app *app, const struct reservation *reservation,
                         const struct reservation_decision *decision, struct kit_error *err)
{
    struct kit_buf *data = kit_service_scratch(app->service);
    const char *type = NULL;
    switch (reservation->state) {
    case RESERVATION_RESERVED:
        type = "StockReserved";
        reserved_encode(reservation, data);
        break;
    case RESERVATION_REJECTED:
        type = "StockRejected";
        rejected_encode(reservation, decision, data);
        break;
    case RESERVATION_RELEASED:
        type = decision->moves_goods ? "StockReleased" : NULL;
        released_encode(reservation, data);
        break;
    case RESERVATION_NEW:
    case RESERVATION_WAITING:
    case RESERVATION_RENTED:
        break;
    }
    if (type == NULL)
        return KIT_OK;

    char subject[SUBJECT_SIZE];
    snprintf(subject, sizeof(subject), "reservation/%" PRId64, reservation->id.v);
    const struct kit_log_entry entry = {
        .type = type,
        .subject = subject,
        .version = reservation->version,
        .data = data,
    };
    return kit_service_append(app->service, &entry, err);
}

/* ---- what several handlers do ---- */

/* A change of a balance: one movement, one version. It is told before the commit (rules 1.3). */
static int change_apply(struct stock_app *app, const struct stock_change *change,
                        const struct rental_id *cause, struct kit_error *err)
{
    return stock_store_apply(&app->store, change, cause, kit_service_now_ms(app->service), err);
}

/* A popular product changes with every order of a batch; the world wants to know where it ended. */
int stock_before_commit(void *context, struct kit_error *err)
{
    struct stock_app *app = context;
    for (int i = 0; i < STOCK_TELL_MAX; i++) {
        struct stock stock;
        bool is_found = false;
        int rc = stock_store_find_untold(&app->store, &stock, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = changed_append(app, &stock, err);
        if (rc == KIT_OK && is_found)
            rc = stock_store_told(&app->store, &stock, err);
        if (rc != KIT_OK || !is_found)
            return rc;
    }
    return KIT_OK; /* the rest is told with the next commit */
}

static void decision_count(struct stock_app *app, enum reservation_state before,
                           const struct reservation_decision *decision)
{
    app->waiting_count += decision->state == RESERVATION_WAITING ? 1 : 0;
    app->waiting_count -= before == RESERVATION_WAITING ? 1 : 0;
    app->moved[decision->state]++;
    app->rejected_out_of_stock += decision->reason == RESERVATION_OUT_OF_STOCK ? 1 : 0;
    app->rejected_unregistered += decision->reason == RESERVATION_UNREGISTERED_PRODUCT ? 1 : 0;
}

/* Loads the product's quantities, decides, and carries the decision out. */
static int reservation_handle(struct stock_app *app, struct reservation *reservation,
                              enum reservation_event event, struct kit_error *err)
{
    struct stock stock;
    bool is_known = false;
    int rc = stock_store_find(&app->store, reservation->product, &stock, &is_known, err);
    if (rc != KIT_OK)
        return rc;

    const enum reservation_state before = reservation->state;
    struct reservation_decision decision;
    if (!reservation_decide(reservation, event, is_known ? &stock : NULL, &decision))
        return KIT_OK;

    /* A new question for each that waits: its answer covers what product had committed by now. */
    int64_t ask = decision.state == RESERVATION_WAITING
                      ? kit_service_confirm(app->service, "product")
                      : 0;
    rc = reservation_store_move(&app->store, reservation, &decision, ask,
                                kit_service_now_ms(app->service), err);
    if (rc == KIT_OK)
        rc = answer_append(app, reservation, &decision, err);
    if (rc == KIT_OK && decision.moves_goods)
        rc = change_apply(app, &decision.change, &reservation->id, err);
    if (rc == KIT_OK)
        decision_count(app, before, &decision);
    return rc;
}

/* A product has just become known: who waits for it is decided, in id order. What is above the
 * limit is decided when its question is answered; one is on its way for each (rules 3.4). */
static int waiting_decide(struct stock_app *app, struct product_id product, struct kit_error *err)
{
    for (int i = 0; i < STOCK_DECIDE_MAX; i++) {
        struct reservation reservation;
        bool is_found = false;
        int rc = reservation_store_find_waiting(&app->store, product, &reservation, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = reservation_handle(app, &reservation, RESERVATION_ON_DECIDE, err);
        if (rc != KIT_OK || !is_found)
            return rc;
    }
    return KIT_OK;
}

/* ---- registered quantities (rules 2) ---- */

static int registered_refuse(struct stock_app *app, const struct stock *stock,
                             const struct stock_registration *wish, struct kit_error *err)
{
    app->registrations_refused++;
    return kit_error_typed(err, KIT_E_REFUSED, TYPE_BELOW_COMMITTED,
                           "Product %" PRId64 " cannot go down to %" PRId64 " pieces: %" PRId64
                           " are reserved and %" PRId64 " are rented. Choose %" PRId64
                           " or more, or wait until some come back.",
                           stock->product.v, wish->qty, stock->reserved, stock->rented,
                           stock_committed(stock));
}

static void registered_encode(const struct stock *stock, struct kit_buf *response)
{
    const struct msg_rpc_registered_set_response msg = {
        .product_id = stock->product,
        .registered_qty = stock->registered,
        .registration = stock->registration,
        .available_qty = stock->available,
        .reserved_qty = stock->reserved,
        .rented_qty = stock->rented,
        .version = stock->version,
    };
    msg_rpc_registered_set_response_encode(&msg, response);
}

/* Applies a change of the registered quantity, and decides who waited if the product is new. */
static int registration_apply(struct stock_app *app, const struct stock_change *change,
                              struct kit_error *err)
{
    int rc = change_apply(app, change, NULL, err);
    if (rc == KIT_OK && change->after.version == 1)
        rc = waiting_decide(app, change->after.product, err);
    return rc;
}

int stock_on_registered_set(void *context, const struct kit_rpc_request *request,
                            struct kit_buf *response, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_rpc_registered_set_request msg;
    int rc = msg_rpc_registered_set_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct stock stock;
    bool is_known = false;
    rc = stock_store_find(&app->store, msg.product_id, &stock, &is_known, err);
    if (rc != KIT_OK)
        return rc;

    const struct stock_registration wish = { msg.product_id, msg.registered_qty, msg.registration };
    struct stock_change change;
    switch (stock_decide_registered_set(is_known ? &stock : NULL, &wish, &change)) {
    case STOCK_SAME:
        break;
    case STOCK_CHANGED:
        rc = registration_apply(app, &change, err);
        if (rc == KIT_OK) /* again: those who waited have had their share */
            rc = stock_store_find(&app->store, msg.product_id, &stock, &is_known, err);
        break;
    case STOCK_REFUSED_BELOW_COMMITTED:
        return registered_refuse(app, &stock, &wish, err);
    }
    if (rc == KIT_OK)
        registered_encode(&stock, response);
    return rc;
}

int stock_on_product_saved(void *context, const struct kit_event *event, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_event_product msg;
    int rc = msg_event_product_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct stock stock;
    bool is_known = false;
    rc = stock_store_find(&app->store, msg.id, &stock, &is_known, err);
    if (rc != KIT_OK)
        return rc;

    const struct stock_registration report = { msg.id, msg.registered_qty, msg.registration };
    struct stock_change change;
    if (stock_decide_product_saved(is_known ? &stock : NULL, &report, &change) != STOCK_CHANGED)
        return KIT_OK; /* Our own registration is as new: only the name changed, or it is stale. */
    return registration_apply(app, &change, err);
}

/* ---- deliveries (rules 3) ---- */

/* What delivery says, and our reservation for it: in state NEW if there is none yet. */
static int delivery_read(struct stock_app *app, const struct kit_event *event,
                         struct msg_event_delivery *ret_msg, struct reservation *ret_reservation,
                         struct kit_error *err)
{
    bool is_known = false;
    int rc = msg_event_delivery_decode(event->data, ret_msg, err);
    if (rc == KIT_OK)
        rc = reservation_store_find(&app->store, ret_msg->id, ret_reservation, &is_known, err);
    if (rc == KIT_OK && !is_known)
        *ret_reservation = (struct reservation){
            .id = ret_msg->id,
            .product = ret_msg->product_id,
            .qty = ret_msg->qty,
            .state = RESERVATION_NEW,
        };
    return rc;
}

int stock_on_delivery_requested(void *context, const struct kit_event *event, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_event_delivery msg;
    struct reservation reservation;
    int rc = delivery_read(app, event, &msg, &reservation, err);
    if (rc != KIT_OK)
        return rc;
    return reservation_handle(app, &reservation, RESERVATION_ON_REQUESTED, err);
}

/* false: no business of ours. */
static bool event_from_status(enum msg_delivery_status status, enum reservation_event *ret_event)
{
    switch (status) {
    case MSG_DELIVERY_STATUS_DELIVERED:
        *ret_event = RESERVATION_ON_DELIVERED;
        return true;
    case MSG_DELIVERY_STATUS_CANCELED:
        *ret_event = RESERVATION_ON_CANCELED;
        return true;
    case MSG_DELIVERY_STATUS_REQUESTED:
    case MSG_DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:         /* it read our own rejection */
    case MSG_DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT: /* the same */
        break;
    }
    return false;
}

int stock_on_delivery_updated(void *context, const struct kit_event *event, struct kit_error *err)
{
    struct stock_app *app = context;
    struct msg_event_delivery msg;
    struct reservation reservation;
    int rc = delivery_read(app, event, &msg, &reservation, err);
    if (rc != KIT_OK)
        return rc;

    enum reservation_event happened;
    if (reservation.state == RESERVATION_NEW || !event_from_status(msg.status, &happened))
        return KIT_OK; /* R6: canceled before it asked for goods; or no business of ours */
    return reservation_handle(app, &reservation, happened, err);
}

int stock_on_product_confirmed(void *context, int64_t ask, struct kit_error *err)
{
    struct stock_app *app = context;
    for (int i = 0; i < STOCK_DECIDE_MAX; i++) {
        struct reservation reservation;
        bool is_found = false;
        int rc = reservation_store_find_asked(&app->store, ask, &reservation, &is_found, err);
        if (rc == KIT_OK && is_found)
            rc = reservation_handle(app, &reservation, RESERVATION_ON_DECIDE, err);
        if (rc != KIT_OK || !is_found)
            return rc;
    }
    kit_service_confirm(app->service, "product"); /* there may be more: go on after its answer */
    return KIT_OK;
}

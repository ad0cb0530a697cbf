/* Carries out what domain.h decides about reservations. See reservations.h. */
#include "stock/work/reservations.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "msg/event_compartment_requested.gen.h"
#include "msg/event_stock_changed.gen.h"
#include "msg/event_stock_rejected.gen.h"
#include "msg/event_stock_released.gen.h"
#include "msg/event_stock_reserved.gen.h"
#include "msg/event_stock_step.gen.h"
#include "stock/work/goods.h"

#define SUBJECT_SIZE 40

/* ---- what we tell the world ---- */

struct msg_stock stock_to_message(const struct stock *stock)
{
    return (struct msg_stock){
        .product_id = stock->product,
        .registration = stock->registration,
        .available_qty = stock->available,
        .reserved_qty = stock->reserved,
        .rented_qty = stock->rented,
        .version = stock->version,
    };
}

static int changed_append(struct stock_app *app, const struct stock *stock, struct kit_error *err)
{
    const struct msg_event_stock_changed event = {
        .stock = stock_to_message(stock),
        .registered_qty = stock->registered,
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
    return kit_service_append_entry(app->service, &entry, err);
}

static void rejected_encode(const struct reservation *reservation,
                            const struct reservation_decision *decision, struct kit_buf *data)
{
    const struct msg_event_stock_rejected event = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
        .reason = decision->reason == RESERVATION_OUT_OF_STOCK
                      ? STOCK_REJECTION_OUT_OF_STOCK
                      : STOCK_REJECTION_UNREGISTERED_PRODUCT,
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

static void step_encode(const struct reservation *reservation, struct kit_buf *data)
{
    struct msg_event_stock_step event = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
        .version = reservation->version,
        .has_tote = reservation->tote[0] != '\0',
        .has_damaged_qty = reservation->progress.damaged > 0,
        .damaged_qty = reservation->progress.damaged,
    };
    _Static_assert(sizeof(event.tote) == sizeof(reservation->tote), "a tote fits");
    memcpy(event.tote, reservation->tote, sizeof(event.tote));
    msg_event_stock_step_encode(&event, data);
}

static int reservation_append(struct stock_app *app, const struct reservation *reservation,
                              const char *type, const struct kit_buf *data, struct kit_error *err)
{
    char subject[SUBJECT_SIZE];
    snprintf(subject, sizeof(subject), "reservation/%" PRId64, reservation->id.v);
    const struct kit_log_entry entry = {
        .type = type,
        .subject = subject,
        .version = reservation->version,
        .data = data,
    };
    return kit_service_append_entry(app->service, &entry, err);
}

/* What delivery hears of a new state. WAITING and COMING_BACK say nothing, RENTED only what
 * delivery does not know yet, RELEASED nothing when it held no goods: delivery canceled it itself.
 */
static int answer_append(struct stock_app *app, const struct reservation *reservation,
                         const struct reservation_decision *decision, bool is_handed_over,
                         struct kit_error *err)
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
    case RESERVATION_PICKED:
        type = "StockPicked";
        step_encode(reservation, data);
        break;
    case RESERVATION_RENTED:
        type = is_handed_over ? "StockHandedOver" : NULL;
        step_encode(reservation, data);
        break;
    case RESERVATION_RETURNED:
        type = "StockReturned";
        step_encode(reservation, data);
        break;
    case RESERVATION_NEW:
    case RESERVATION_WAITING:
    case RESERVATION_LOADED:
    case RESERVATION_COMING_BACK:
        break;
    }
    return type != NULL ? reservation_append(app, reservation, type, data, err) : KIT_OK;
}

/* ---- what several handlers do ---- */

/* A change of a balance: one movement, one version. It is told before the commit (rules 1.3). */
int stock_change_apply(struct stock_app *app, const struct stock_change *change,
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

/* Saves a decision, tells of it, moves the balance. */
static int decision_apply(struct stock_app *app, struct reservation *reservation,
                          const struct reservation_decision *decision, bool is_handed_over,
                          struct kit_error *err)
{
    int rc;
    if (decision->state == reservation->state) {
        rc = reservation_store_go_on(&app->store, reservation, decision, err);
    } else {
        const enum reservation_state before = reservation->state;
        /* A new question for each that waits: its answer covers what product had committed by now.
         */
        int64_t ask = decision->state == RESERVATION_WAITING
                          ? kit_service_confirm(app->service, "product")
                          : 0;
        rc = reservation_store_move(&app->store, reservation, decision, ask,
                                    kit_service_now_ms(app->service), err);
        if (rc == KIT_OK)
            rc = answer_append(app, reservation, decision, is_handed_over, err);
        if (rc == KIT_OK)
            decision_count(app, before, decision);
    }
    if (rc == KIT_OK && decision->moves_goods)
        rc = stock_change_apply(app, &decision->change, &reservation->id, err);
    return rc;
}

int reservation_handle(struct stock_app *app, struct reservation *reservation,
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

    rc = decision_apply(app, reservation, &decision, event == RESERVATION_ON_HANDED_OVER, err);
    bool has_assets = is_known && stock.tracking == TRACKING_SERIALISED;
    if (rc == KIT_OK && has_assets && reservation->state != before)
        rc = goods_follow(app, reservation, before, err);
    return rc;
}

int reservation_bring_back(struct stock_app *app, struct reservation *reservation,
                           const struct reservation_back *back, struct kit_error *err)
{
    struct stock stock;
    bool is_known = false;
    int rc = stock_store_find(&app->store, reservation->product, &stock, &is_known, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(is_known); /* it holds goods of it */
    struct reservation_decision decision;
    if (!reservation_decide_back(reservation, back, &stock, &decision))
        return kit_error_set(err, KIT_E_CONFLICT,
                             "reservation %" PRId64 " has no %" PRId64 " pieces out",
                             reservation->id.v, back->home + back->damaged);
    return decision_apply(app, reservation, &decision, false, err);
}

int reservation_request_compartment(struct stock_app *app, const struct reservation *reservation,
                                    enum compartment_purpose purpose, const char *scanner,
                                    struct kit_error *err)
{
    struct msg_event_compartment_requested event = {
        .delivery_id = reservation->id,
        .compartment = reservation->spot.compartment,
        .purpose = purpose,
    };
    _Static_assert(sizeof(event.locker) == sizeof(reservation->spot.locker), "a locker fits");
    memcpy(event.locker, reservation->spot.locker, sizeof(event.locker));
    kit_text_copy(event.scanner, sizeof(event.scanner), scanner);
    struct kit_buf *data = kit_service_scratch(app->service);
    msg_event_compartment_requested_encode(&event, data);
    return reservation_append(app, reservation, "CompartmentRequested", data, err);
}

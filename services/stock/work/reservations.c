/* Reservations on the move. See reservations.h. */
#include "stock/work/reservations.h"

#include <inttypes.h>

#include "kit/base/text.h"
#include "msg/event_compartment_requested.gen.h"
#include "msg/event_stock_rejected.gen.h"
#include "msg/event_stock_released.gen.h"
#include "msg/event_stock_reserved.gen.h"
#include "msg/event_stock_scanned.gen.h"
#include "msg/event_stock_step.gen.h"
#include "stock/work/balance.h"
#include "stock/work/goods.h"

/* ---- what delivery hears ---- */

static int append_event(struct stock_app *app, const struct reservation *reservation,
                        const char *type, struct kit_body data, struct kit_error *err)
{
    const struct kit_service_event event = {
        .type = type,
        .aggregate = "reservation",
        .id = reservation->id.v,
        .version = reservation->version,
        .data = data,
    };
    return kit_service_append(app->service, &event, err);
}

/* Says whose scan led to the event that was appended just now; nothing when it was nobody's. */
static int append_scanned(struct stock_app *app, const struct reservation *reservation,
                          enum story_type step, struct kit_error *err)
{
    if (app->scanned_by == NULL)
        return KIT_OK;
    struct msg_event_stock_scanned scanned = { .delivery_id = reservation->id, .step = step };
    kit_text_copy(scanned.scanner, sizeof(scanned.scanner), app->scanned_by);
    return append_event(app, reservation, "StockScanned", KIT_BODY(event_stock_scanned, &scanned),
                        err);
}

static int append_reserved(struct stock_app *app, const struct reservation *reservation,
                           struct kit_error *err)
{
    const struct msg_event_stock_reserved reserved = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
    };
    return append_event(app, reservation, "StockReserved",
                        KIT_BODY(event_stock_reserved, &reserved), err);
}

static int append_rejected(struct stock_app *app, const struct reservation *reservation,
                           const struct reservation_decision *decision, struct kit_error *err)
{
    const struct msg_event_stock_rejected rejected = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
        .reason = decision->reason == RESERVATION_OUT_OF_STOCK
                      ? STOCK_REJECTION_OUT_OF_STOCK
                      : STOCK_REJECTION_UNREGISTERED_PRODUCT,
        .available_qty = decision->available,
    };
    return append_event(app, reservation, "StockRejected",
                        KIT_BODY(event_stock_rejected, &rejected), err);
}

static int append_released(struct stock_app *app, const struct reservation *reservation,
                           struct kit_error *err)
{
    const struct msg_event_stock_released released = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
    };
    int rc = append_event(app, reservation, "StockReleased",
                          KIT_BODY(event_stock_released, &released), err);
    if (rc != KIT_OK)
        return rc;
    return append_scanned(app, reservation, STORY_TYPE_STOCK_RELEASED, err);
}

static int append_step(struct stock_app *app, const struct reservation *reservation,
                       enum story_type type, struct kit_error *err)
{
    struct msg_event_stock_step step = {
        .delivery_id = reservation->id,
        .product_id = reservation->product,
        .qty = reservation->qty,
        .version = kit_service_version_base(app->service) + reservation->version,
        .has_tote = reservation->tote[0] != '\0',
        .has_damaged_qty = reservation->progress.damaged > 0,
        .damaged_qty = reservation->progress.damaged,
    };
    kit_text_copy(step.tote, sizeof(step.tote), reservation->tote);
    int rc = append_event(app, reservation, story_type_text(type),
                          KIT_BODY(event_stock_step, &step), err);
    if (rc != KIT_OK)
        return rc;
    return append_scanned(app, reservation, type, err);
}

/* Tells delivery of a new state. WAITING, LOADED and COMING_BACK say nothing; RENTED only what
 * delivery does not know yet; RELEASED nothing when no goods were held: delivery canceled it. */
static int append_answer(struct stock_app *app, const struct reservation *reservation,
                         const struct reservation_decision *decision, bool is_handed_over,
                         struct kit_error *err)
{
    switch (reservation->state) {
    case RESERVATION_RESERVED:
        return append_reserved(app, reservation, err);
    case RESERVATION_REJECTED:
        return append_rejected(app, reservation, decision, err);
    case RESERVATION_RELEASED:
        return decision->moves_goods ? append_released(app, reservation, err) : KIT_OK;
    case RESERVATION_PICKED:
        return append_step(app, reservation, STORY_TYPE_STOCK_PICKED, err);
    case RESERVATION_RENTED:
        return is_handed_over ? append_step(app, reservation, STORY_TYPE_STOCK_HANDED_OVER, err)
                              : KIT_OK;
    case RESERVATION_RETURNED:
        return append_step(app, reservation, STORY_TYPE_STOCK_RETURNED, err);
    case RESERVATION_NEW:
    case RESERVATION_WAITING:
    case RESERVATION_LOADED:
    case RESERVATION_COMING_BACK:
        return KIT_OK;
    }
    UNREACHABLE("state of a reservation");
}

/* ---- one decision ---- */

static void count_decision(struct stock_app *app, enum reservation_state before,
                           const struct reservation_decision *decision)
{
    struct stock_totals *totals = &app->totals;
    totals->waiting += decision->state == RESERVATION_WAITING ? 1 : 0;
    totals->waiting -= before == RESERVATION_WAITING ? 1 : 0;
    totals->moved[decision->state]++;
    totals->rejected_out_of_stock += decision->reason == RESERVATION_OUT_OF_STOCK ? 1 : 0;
    totals->rejected_unregistered += decision->reason == RESERVATION_UNREGISTERED_PRODUCT ? 1 : 0;
}

/* Stores a new state and tells delivery of it. */
static int move_reservation(struct stock_app *app, struct reservation *reservation,
                            const struct reservation_decision *decision, bool is_handed_over,
                            struct kit_error *err)
{
    const enum reservation_state before = reservation->state;
    const struct reservation_move move = {
        .decision = decision,
        /* A new question for each that waits: its answer covers what product had committed by now.
         */
        .ask = decision->state == RESERVATION_WAITING ? kit_service_confirm(app->service, "product")
                                                      : 0,
        .now_ms = kit_service_now_ms(app->service),
    };
    int rc = reservation_store_move(&app->reservations, reservation, &move, err);
    if (rc != KIT_OK)
        return rc;
    rc = append_answer(app, reservation, decision, is_handed_over, err);
    if (rc != KIT_OK)
        return rc;
    count_decision(app, before, decision);
    return KIT_OK;
}

static int apply_decision(struct stock_app *app, struct reservation *reservation,
                          const struct reservation_decision *decision, bool is_handed_over,
                          struct kit_error *err)
{
    int rc = decision->state == reservation->state
                 ? reservation_store_go_on(&app->reservations, reservation, decision, err)
                 : move_reservation(app, reservation, decision, is_handed_over, err);
    if (rc != KIT_OK || !decision->moves_goods)
        return rc;
    return balance_apply(app, &decision->change, &reservation->id, err);
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

    rc = apply_decision(app, reservation, &decision, event == RESERVATION_ON_HANDED_OVER, err);
    if (rc != KIT_OK)
        return rc;
    bool has_assets = is_known && stock.tracking == TRACKING_SERIALISED;
    if (!has_assets || reservation->state == before)
        return KIT_OK;
    return goods_follow(app, reservation, before, err);
}

int reservation_pick(struct stock_app *app, struct reservation *reservation, int64_t pieces,
                     struct kit_error *err)
{
    struct reservation_decision decision;
    if (!reservation_decide_picked(reservation, pieces, &decision))
        return kit_error_set(err, KIT_E_CONFLICT,
                             "reservation %" PRId64 " has no %" PRId64 " pieces to pick",
                             reservation->id.v, pieces);
    return apply_decision(app, reservation, &decision, false, err);
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
    return apply_decision(app, reservation, &decision, false, err);
}

int reservation_request_compartment(struct stock_app *app, const struct reservation *reservation,
                                    enum compartment_purpose purpose, const char *scanner,
                                    struct kit_error *err)
{
    struct msg_event_compartment_requested requested = {
        .delivery_id = reservation->id,
        .compartment = reservation->spot.compartment,
        .purpose = purpose,
    };
    kit_text_copy(requested.locker, sizeof(requested.locker), reservation->spot.locker);
    kit_text_copy(requested.scanner, sizeof(requested.scanner), scanner);
    return append_event(app, reservation, "CompartmentRequested",
                        KIT_BODY(event_compartment_requested, &requested), err);
}

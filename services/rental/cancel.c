/* The synchronous cancel. A rental changes here only by delivery's own word (rules 4.1); what we do
 * not hear in time changes nothing. Runs on the loop inside the open transaction.
 *
 * Story (rules 6.2), the answer that came too late:
 *   1. A cancel is sent.
 *   2. 610 ms pass; the customer is told 503, the rental is unchanged, the breaker counts a
 * failure.
 *   3. Delivery did cancel; its reply finds nobody who waits and is dropped by the kit.
 *   4. DeliveryUpdated with CANCELED arrives, and rental_take_news() cancels the rental. */
#include "rental/cancel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "msg/rpc_delivery_cancel_request.gen.h"
#include "msg/rpc_delivery_response.gen.h"
#include "rental/app.h"
#include "rental/handlers.h"
#include "rental/news.h"
#include "rental/wire.h"

void rental_cancels_init(struct rental_cancels *cancels, const struct kit_service *service)
{
    *cancels = (struct rental_cancels){
        .timeout_ms = kit_service_setting(service, "cancel-timeout-ms"),
        .free_count = RENTAL_CANCELS_WAITING_MAX,
    };
    for (size_t i = 0; i < RENTAL_CANCELS_WAITING_MAX; i++)
        cancels->free_slots[i] = (uint16_t)i;
    kit_breaker_init(&cancels->breaker, (int)kit_service_setting(service, "breaker-failures"),
                     kit_service_setting(service, "breaker-open-ms"));
}

static uint64_t take_slot(struct rental_cancels *cancels, uint64_t ticket, struct rental_id id)
{
    PRE(cancels->free_count > 0);
    uint16_t slot = cancels->free_slots[--cancels->free_count];
    cancels->waiting[slot] = (struct rental_waiting){ .ticket = ticket, .id = id, .is_used = true };
    return slot;
}

static struct rental_waiting give_slot_back(struct rental_cancels *cancels, uint64_t slot)
{
    PRE(slot < RENTAL_CANCELS_WAITING_MAX && cancels->waiting[slot].is_used);
    struct rental_waiting waiting = cancels->waiting[slot];
    cancels->waiting[slot].is_used = false;
    cancels->free_slots[cancels->free_count++] = (uint16_t)slot;
    return waiting;
}

/* The text names the breaker's state and when to come back (rules 4.4, 4.5). */
static int unavailable(const struct rental_app *app, struct rental_id id, const char *why,
                       struct kit_error *err)
{
    const struct kit_breaker *breaker = &app->cancels.breaker;
    int64_t wait_ms = kit_breaker_wait_ms(breaker, kit_service_mono_ms(app->service));
    if (wait_ms <= 0)
        wait_ms = RENTAL_CANCEL_RETRY_MS;

    int rc = kit_error_typed(err, KIT_E_UNAVAILABLE, "cancel-unavailable",
                             "Rental %" PRId64 " is not canceled yet: %s. The circuit breaker to"
                             " delivery is %s; try again in %" PRId64 " ms.",
                             id.v, why, kit_breaker_state_name(breaker->state), wait_ms);
    if (err != NULL)
        err->retry_after_ms = wait_ms;
    return rc;
}

/* Why an answer is of no use, as part of a sentence. */
static const char *reason_of(int code)
{
    switch (code) {
    case KIT_E_TIMEOUT: /* it may still have heard us */
        return "delivery did not answer in time; if it agreed all the same, the rental shows"
               " CANCELED within a moment";
    case KIT_E_UNAVAILABLE: /* known to be down, or the broker went away with the question */
        return "delivery is not there; if it heard the question all the same, the rental shows"
               " CANCELED within a moment";
    case KIT_E_LIMIT:
        return "delivery is overloaded";
    case KIT_E_FULL:
        return "a disk is full";
    default: /* every other code means the same to the customer */
        return "delivery could not do it";
    }
}

/* Did delivery itself give this refusal? It always names a type; what ends a call on our side, and
 * an answer that cannot be read, has none. */
static bool delivery_spoke(const struct kit_rpc_outcome *outcome)
{
    return outcome->code != KIT_OK && outcome->error->type[0] != '\0';
}

/* Delivery answered, and said no: that will not get better by trying again (rules 4.3). */
static int refused(struct rental_app *app, struct rental_id id,
                   const struct kit_rpc_outcome *outcome, struct kit_error *err)
{
    kit_breaker_on_success(&app->cancels.breaker);
    app->cancels.totals[RENTAL_CANCEL_REFUSED]++;
    if (strcmp(outcome->error->type, "already-collected") ==
        0) /* no matter for staff: rules 4.10 */
        return kit_error_typed(err, KIT_E_REFUSED, "already-collected", "%s", outcome->error->text);
    return kit_error_typed(err, KIT_E_REFUSED, "cancel-refused",
                           "Rental %" PRId64 " is unchanged: delivery does not agree to the cancel,"
                           " and the staff must look into it. Delivery says: %s",
                           id.v, outcome->error->text);
}

/* Our own disk is full, so the call was never made: no word about delivery (rules 4.8). Only a
 * probe must end, or the breaker would wait for it forever; it is then as open as before. */
static void tell_breaker_not_made(struct rental_app *app)
{
    struct kit_breaker *breaker = &app->cancels.breaker;
    if (breaker->state == KIT_BREAKER_HALF_OPEN)
        kit_breaker_on_failure(breaker, kit_service_mono_ms(app->service));
}

/* May an agreed cancel leave the delivery so? (rules 4.2) */
static bool is_an_end(enum delivery_status kind)
{
    switch (kind) {
    case DELIVERY_STATUS_CANCELED:
    case DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:
    case DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT:
    case DELIVERY_STATUS_EXPIRED:
        return true;
    case DELIVERY_STATUS_REQUESTED:
    case DELIVERY_STATUS_DELIVERED:
    case DELIVERY_STATUS_RESERVED:
    case DELIVERY_STATUS_PICKED:
    case DELIVERY_STATUS_READY:
    case DELIVERY_STATUS_RETURNING:
    case DELIVERY_STATUS_RETURNED:
        return false;
    }
    UNREACHABLE("kind is one of the enum");
}

/* Tells the customer that a locker is silent. Delivery itself is well, which the breaker counts as
 * a success; its words say what will become of the order (rules 4.9). */
static int tell_locker_silent(struct rental_app *app, struct rental_id id,
                              const struct kit_error *said, struct kit_error *err)
{
    kit_breaker_on_success(&app->cancels.breaker);
    app->cancels.totals[RENTAL_CANCEL_UNAVAILABLE]++;
    int rc = kit_error_typed(err, KIT_E_UNAVAILABLE, "cancel-unavailable",
                             "Rental %" PRId64 " is not canceled yet: %s.", id.v, said->text);
    if (err != NULL)
        err->retry_after_ms = said->retry_after_ms > 0 ? said->retry_after_ms
                                                       : RENTAL_CANCEL_RETRY_MS;
    return rc;
}

/* Reads delivery's answer into *ret_msg and tells the breaker how the call ended. Not KIT_OK: *err
 * is what the customer is told. */
static int read_answer(struct rental_app *app, const struct rental_waiting *waiting,
                       const struct kit_rpc_outcome *outcome,
                       struct msg_rpc_delivery_response *ret_msg, struct kit_error *err)
{
    struct rental_cancels *cancels = &app->cancels;
    const char *why = reason_of(outcome->code);

    if (delivery_spoke(outcome) && kit_code_action(outcome->code) == KIT_ACTION_PARK)
        return refused(app, waiting->id, outcome, err);
    if (delivery_spoke(outcome) && strcmp(outcome->error->type, "locker-unavailable") == 0)
        return tell_locker_silent(app, waiting->id, outcome->error, err);
    if (outcome->code == KIT_OK) {
        int rc = msg_rpc_delivery_response_decode(outcome->body, ret_msg, err);
        if (rc == KIT_OK && ret_msg->delivery.rental_id.v == waiting->id.v &&
            is_an_end(ret_msg->delivery.status)) {
            kit_breaker_on_success(&cancels->breaker);
            return KIT_OK;
        }
        why = "delivery's answer makes no sense";
    }
    if (outcome->code == KIT_E_FULL && !delivery_spoke(outcome))
        tell_breaker_not_made(app);
    else
        kit_breaker_on_failure(&cancels->breaker, kit_service_mono_ms(app->service));
    cancels->totals[RENTAL_CANCEL_UNAVAILABLE]++;
    return unavailable(app, waiting->id, why, err);
}

/* Stories (rules 6.3, 6.4), the event overtakes the reply, and two cancels at once:
 *   1. One or two cancels of a rental are sent, under one key.
 *   2. DeliveryUpdated with CANCELED arrives, or the other's answer: the rental becomes CANCELED.
 *   3. The reply carries the same version: stale for rental_take_news(), nothing is appended again.
 *   4. The customer is told what is true: it is canceled. */
static int settle(struct rental_app *app, struct rental_id id,
                  const struct msg_rpc_delivery_response *msg, struct rental *ret_rental,
                  struct kit_error *err)
{
    const struct rental_news news = rental_news_from(&msg->delivery);
    int rc = rental_load(app, id, ret_rental, err);
    if (rc != KIT_OK)
        return rc;
    return rental_take_news(app, ret_rental, &news, err);
}

/* The kit tells of the end once more, at once, when what the first telling brought could not be
 * saved. The slot is free already, but nobody has taken it in between. */
static int on_answer_lost(struct rental_app *app, uint64_t slot)
{
    const struct rental_waiting *waiting = &app->cancels.waiting[slot];
    struct kit_error problem = { 0 };

    app->cancels.totals[RENTAL_CANCEL_UNAVAILABLE]++;
    (void)unavailable(app, waiting->id, "delivery's answer could not be saved", &problem);
    kit_service_reply_problem(app->service, waiting->ticket, &problem);
    return KIT_OK;
}

static int on_answer(void *app_pointer, uint64_t slot, const struct kit_rpc_outcome *outcome,
                     struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    PRE(slot < RENTAL_CANCELS_WAITING_MAX);
    if (!app->cancels.waiting[slot].is_used)
        return on_answer_lost(app, slot);
    struct rental_waiting waiting = give_slot_back(&app->cancels, slot);
    struct msg_rpc_delivery_response said;
    struct kit_error problem = { 0 };
    struct rental rental;

    if (read_answer(app, &waiting, outcome, &said, &problem) != KIT_OK) {
        kit_service_reply_problem(app->service, waiting.ticket, &problem);
        return KIT_OK;
    }

    int rc = settle(app, waiting.id, &said, &rental, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "canceling rental %" PRId64, waiting.id.v);
    /* DELIVERED here, out of stock there: no move (rules 3.5), and not canceled either. */
    if (rental_is_cancelable(&rental)) {
        app->cancels.totals[RENTAL_CANCEL_UNAVAILABLE]++;
        (void)unavailable(app, waiting.id, "delivery's answer does not fit its state", &problem);
        kit_service_reply_problem(app->service, waiting.ticket, &problem);
        return KIT_OK;
    }

    app->cancels.totals[RENTAL_CANCEL_DONE]++;
    struct msg_rpc_rental_response out;
    rental_to_response(&rental, kit_service_version_base(app->service), &out);
    return kit_service_reply(app->service, waiting.ticket, KIT_BODY(rpc_rental_response, &out),
                             err);
}

/* The call carries the order, so that it may overtake the order's event at delivery. */
static void ask_delivery(struct rental_app *app, const struct rental *rental)
{
    char key[KIT_KEY_SIZE];
    const uint64_t ticket = kit_service_request(app->service)->ticket;
    const struct msg_rpc_delivery_cancel_request request = {
        .rental_id = rental->id,
        .product_id = rental->product_id,
        .qty = rental->qty,
        .fulfilment = rental->fulfilment,
    };

    (void)snprintf(key, sizeof(key), "rental:%" PRId64 ":cancel", rental->id.v);
    const struct kit_service_call call = {
        .instance = "delivery",
        .method = "cancel",
        .request = KIT_BODY(rpc_delivery_cancel_request, &request),
        .key = key,
        .timeout_ms = app->cancels.timeout_ms,
        .on_done = on_answer,
        .context = take_slot(&app->cancels, ticket, rental->id),
    };
    kit_service_call(app->service, &call);
}

int rental_on_cancel(struct rental_app *app, const struct msg_rpc_get_request *in,
                     struct msg_rpc_rental_response *out, struct kit_error *err)
{
    struct rental_cancels *cancels = &app->cancels;
    struct rental rental;

    int rc = rental_load(app, (struct rental_id){ in->id }, &rental, err);
    if (rc != KIT_OK) {
        cancels->totals[RENTAL_CANCEL_UNKNOWN]++;
        return rc;
    }
    if (!rental_is_cancelable(&rental)) { /* rules 4.1 */
        cancels->totals[RENTAL_CANCEL_ALREADY]++;
        rental_to_response(&rental, kit_service_version_base(app->service), out);
        return KIT_OK;
    }

    if (cancels->free_count == 0) { /* rules 4.6; before the breaker, which counts on an end */
        cancels->totals[RENTAL_CANCEL_NOT_ASKED]++;
        return kit_error_set(err, KIT_E_LIMIT,
                             "%d cancels wait for delivery already; try again in a second.",
                             RENTAL_CANCELS_WAITING_MAX);
    }
    if (!kit_breaker_may_call(&cancels->breaker, kit_service_mono_ms(app->service))) {
        cancels->totals[RENTAL_CANCEL_NOT_ASKED]++;
        return unavailable(app, rental.id, "delivery has failed repeatedly and is not asked now",
                           err);
    }
    ask_delivery(app, &rental);
    return KIT_PENDING;
}

/* Ends that need a locker's word. Runs on the loop inside the open transaction.
 *
 * Story (rules 5.5), the customer collects while the cancel is on its way:
 *   1. The cancel takes the code out of the configuration; the request waits.
 *   2. The code was typed before that reached the locker: its record comes first, the door closes
 *      on an empty compartment, DELIVERED: the cancel is refused.
 *   3. Or the locker has stored the configuration, and holds no record of a use: CANCELED.
 *
 * Story (rules 6.2, 8.7), READY, but the compartment is empty:
 *   1. The goods are gone without a code; the code is taken away, and the locker has confirmed it.
 *   2. The customer cancels: there is nothing left that the locker could confirm, and its next word
 *      may be half a minute away, or a day. CANCELED at once, with the answer. */
#include "delivery/work/ends.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "delivery/store/wire.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"
#include "delivery/work/incidents.h"
#include "kit/base/time.h"

#define ANSWER_BEFORE_MS 150 /* so long before its deadline a request that waits is answered */
#define HELLO_MS 30000       /* a locker that is back has said so by then (devices 1.2) */
#define RETRY_MAX_MS 3600000 /* as the schema says */

int ends_refuse_collected(const struct delivery *delivery, struct kit_error *err)
{
    return kit_error_typed(err, KIT_E_REFUSED, "already-collected",
                           "The goods of delivery %" PRId64 " were collected; they come back by a"
                           " return, not by a cancel.",
                           delivery->order.id.v);
}

/* ---- cancels that wait ---- */

static int answer_cancel(struct delivery_app *app, uint64_t ticket, const struct delivery *delivery,
                         struct kit_error *err)
{
    struct msg_rpc_delivery_response answer = { 0 };
    struct kit_error problem = { 0 };

    if (delivery_decide_cancel(delivery) != DELIVERY_CANCEL_SETTLED) {
        (void)ends_refuse_collected(delivery, &problem);
        kit_service_reply_problem(app->service, ticket, &problem);
        return KIT_OK;
    }
    delivery_to_response(delivery, kit_service_version_base(app->service), &answer);
    return kit_service_reply(app->service, ticket, KIT_BODY(rpc_delivery_response, &answer), err);
}

static int answer_waiting(struct delivery_app *app, const struct delivery *delivery,
                          struct kit_error *err)
{
    for (size_t i = 0; i < DELIVERY_WAITING_CANCELS_MAX; i++) {
        struct delivery_waiting_cancel *waiting = &app->cancels[i];
        if (waiting->id.v != delivery->order.id.v)
            continue;
        waiting->id.v = 0;
        int rc = answer_cancel(app, waiting->ticket, delivery, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* Nobody waits longer than the timer takes to look. */
static void look_soon(struct delivery_app *app)
{
    kit_service_timer_within(app->service, ENDS_LOOK_MS);
}

void ends_answer_late(struct delivery_app *app)
{
    const int64_t now_mono_ms = kit_service_mono_ms(app->service);
    for (size_t i = 0; i < DELIVERY_WAITING_CANCELS_MAX; i++) {
        struct delivery_waiting_cancel *waiting = &app->cancels[i];
        struct kit_error problem = { 0 };
        if (waiting->id.v != 0)
            look_soon(app);
        if (waiting->id.v == 0 || now_mono_ms < waiting->expires_mono_ms - ANSWER_BEFORE_MS)
            continue;
        (void)kit_error_typed(&problem, KIT_E_UNAVAILABLE, "locker-unavailable",
                              "the locker has not confirmed yet that the code of delivery %" PRId64
                              " opens nothing any more. It is canceled as soon as the locker has,"
                              " also if nobody asks again",
                              waiting->id.v);
        problem.retry_after_ms = HELLO_MS;
        waiting->id.v = 0;
        kit_service_reply_problem(app->service, waiting->ticket, &problem);
    }
}

static struct delivery_waiting_cancel *find_free_slot(struct delivery_app *app)
{
    for (size_t i = 0; i < DELIVERY_WAITING_CANCELS_MAX; i++) {
        if (app->cancels[i].id.v == 0)
            return &app->cancels[i];
    }
    return NULL;
}

/* ---- the end of a delivery ---- */

/* Has its locker stored that no code of before opens it, with nobody at the door? */
static bool is_confirmed(const struct locker_compartment *compartment)
{
    return compartment->story == LOCKER_STORY_NONE &&
           compartment->locker_revision_known >= compartment->clean_revision;
}

int ends_begin(struct delivery_app *app, struct delivery *delivery, enum delivery_wish wish,
               struct kit_error *err)
{
    if (delivery->wish != DELIVERY_WISH_NONE)
        return KIT_OK;
    delivery->wish = wish;
    int rc = delivery_store_note(&app->store, delivery, err);
    if (rc != KIT_OK)
        return rc;
    return codes_revoke(app, &delivery->spot, err);
}

/* Nobody can take the code away: what will become of the order instead (rules 6.2, 6.3). */
static int refuse_unheard(const struct delivery_app *app, const struct delivery *delivery,
                          bool has_key, struct kit_error *err)
{
    char deadline[KIT_TIME_TEXT_SIZE];
    int64_t left_ms = delivery->deadline_ms - kit_service_now_ms(app->service);

    kit_time_to_text(delivery->deadline_ms, deadline);
    (void)kit_error_typed(
        err, KIT_E_UNAVAILABLE, "locker-unavailable",
        has_key ? "locker %s is not connected, and the code can still be used there. Cancel again"
                  " when it is back. If nobody does, the order ends by itself after %s, as soon as"
                  " the locker is back"
                : "locker %s is out of service, and nobody can take the code away from it. The"
                  " order ends by itself at %s, when its code does",
        delivery->spot.locker, deadline);
    if (err != NULL)
        err->retry_after_ms = has_key || left_ms < HELLO_MS ? HELLO_MS : left_ms;
    if (err != NULL && err->retry_after_ms > RETRY_MAX_MS)
        err->retry_after_ms = RETRY_MAX_MS;
    return KIT_E_UNAVAILABLE;
}

/* Can nothing open its compartment any more, by all that its locker has said? No code is live, the
 * locker has confirmed those that were taken away, and no staff are at the door or about to be. */
static int find_shut(struct delivery_app *app, const struct delivery *delivery, bool *ret_shut,
                     struct kit_error *err)
{
    struct locker_compartment compartment;
    bool is_live = false;

    int rc = codes_find_live(app, &delivery->spot, NULL, &is_live, err);
    if (rc != KIT_OK)
        return rc;
    rc = compartments_get(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    *ret_shut = !is_live && is_confirmed(&compartment) &&
                compartment.pending_until_ms <= kit_service_now_ms(app->service);
    return KIT_OK;
}

/* Cancels when the locker has confirmed that its code opens nothing any more: the request waits. */
static int wait_for_locker(struct delivery_app *app, struct delivery *delivery,
                           struct kit_error *err)
{
    const struct kit_rpc_request *request = kit_service_request(app->service);
    struct delivery_waiting_cancel *slot = find_free_slot(app);
    struct codes_link link;

    int rc = codes_find_link(app, delivery->spot.locker, &link, err);
    if (rc != KIT_OK)
        return rc;
    if (!link.is_reachable)
        return refuse_unheard(app, delivery, link.has_key, err);
    if (slot == NULL)
        return kit_error_set(err, KIT_E_LIMIT, "%d cancels wait for lockers; try again later.",
                             DELIVERY_WAITING_CANCELS_MAX);
    rc = ends_begin(app, delivery, DELIVERY_WISH_CANCEL, err);
    if (rc != KIT_OK)
        return rc;
    *slot = (struct delivery_waiting_cancel){ .ticket = request->ticket,
                                              .id = delivery->order.id,
                                              .expires_mono_ms = request->expires_mono_ms };
    look_soon(app);
    return KIT_PENDING;
}

int ends_cancel(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    bool is_shut = false;
    int rc = find_shut(app, delivery, &is_shut, err);
    if (rc != KIT_OK)
        return rc;
    return is_shut ? incident_apply(app, delivery, DELIVERY_INCIDENT_CANCEL, "", err)
                   : wait_for_locker(app, delivery, err);
}

int ends_carry_out(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    switch (delivery->wish) {
    case DELIVERY_WISH_CANCEL:
        return incident_apply(app, delivery, DELIVERY_INCIDENT_CANCEL, "", err);
    case DELIVERY_WISH_EXPIRE:
        return incident_apply(app, delivery, DELIVERY_INCIDENT_EXPIRED, "not collected in time",
                              err);
    case DELIVERY_WISH_GIVE_UP:
        return incident_apply(app, delivery, DELIVERY_INCIDENT_GIVEN_UP,
                              "nothing was brought in time", err);
    case DELIVERY_WISH_NONE:
        return KIT_OK;
    }
    UNREACHABLE("wish is one of the enum");
}

static int confirm_one(struct delivery_app *app, struct rental_id id, struct kit_error *err)
{
    struct locker_compartment compartment;
    struct delivery delivery;

    int rc = delivery_get(app, id, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    rc = compartments_get(app, &delivery.spot, &compartment, err);
    if (rc != KIT_OK || !is_confirmed(&compartment))
        return rc;
    return ends_carry_out(app, &delivery, err);
}

static int confirm_ends(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct delivery_ids ending;
    int rc = delivery_store_ending(&app->store, locker, &ending, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < ending.count; i++) { /* at most 16: its compartments */
        rc = confirm_one(app, ending.ids[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

int ends_confirm(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct delivery delivery;
    int rc = confirm_ends(app, locker, err);
    if (rc != KIT_OK)
        return rc;
    /* A cancel that waits may have been overtaken by its customer: all of them are looked at. */
    for (size_t i = 0; i < DELIVERY_WAITING_CANCELS_MAX; i++) {
        if (app->cancels[i].id.v == 0)
            continue;
        rc = delivery_get(app, app->cancels[i].id, &delivery, err);
        if (rc != KIT_OK)
            return rc;
        if (delivery_decide_cancel(&delivery) == DELIVERY_CANCEL_ASK)
            continue;
        rc = answer_waiting(app, &delivery, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* Ends that need a locker's word, and the timer. Runs on the loop inside the open transaction.
 *
 * Story (rules 5.5), the customer collects while the cancel is on its way:
 *   1. The cancel takes the code out of the configuration; the request waits.
 *   2. The code was typed before that reached the locker: its record comes first, the door closes
 *      on an empty compartment, DELIVERED: the cancel is refused.
 *   3. Or the locker has stored the configuration, and holds no record of a use: CANCELED. */
#include "delivery/work/ends.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"
#include "delivery/work/removed.h"
#include "kit/base/time.h"

#define ANSWER_BEFORE_MS 150 /* so long before its deadline a request that waits is answered */
#define SWEEP_MS 1000
#define HELLO_MS 30000       /* a locker that is back has said so by then (devices 1.2) */
#define RETRY_MAX_MS 3600000 /* as the schema says */
#define RETURN_MS (INT64_C(48) * 3600 * 1000)            /* how long a code for a return is valid */
#define COMMANDS_KEEP_MS (INT64_C(7) * 24 * 3600 * 1000) /* a locker may tell an effect so late */
#define LAPSED_MAX 64                                    /* per sweep */

int wishes_refuse_collected(const struct delivery *delivery, struct kit_error *err)
{
    return kit_error_typed(err, KIT_E_REFUSED, "already-collected",
                           "The goods of delivery %" PRId64 " were collected; they come back by a"
                           " return, not by a cancel.",
                           delivery->order.id.v);
}

/* ---- who waits ---- */

static int answer_waiting(struct delivery_app *app, const struct delivery *delivery,
                          struct kit_error *err)
{
    int rc = KIT_OK;
    for (size_t i = 0; rc == KIT_OK && i < DELIVERY_WAITING_CANCELS_MAX; i++) {
        struct delivery_waiting_cancel *waiting = &app->cancels[i];
        struct kit_error problem = { 0 };
        if (waiting->id.v != delivery->order.id.v)
            continue;
        waiting->id.v = 0;
        if (delivery_decide_cancel(delivery) != DELIVERY_CANCEL_SETTLED) {
            (void)wishes_refuse_collected(delivery, &problem);
            rc = kit_service_reply_encoded(app->service, waiting->ticket, NULL, &problem, err);
            continue;
        }
        struct kit_buf *body = kit_service_scratch(app->service);
        delivery_answer(delivery, body);
        rc = kit_service_reply_encoded(app->service, waiting->ticket, body, NULL, err);
    }
    return rc;
}

/* The wish stays: when the locker confirms, it comes true, and the event tells. */
static int answer_late(struct delivery_app *app, struct kit_error *err)
{
    int64_t now_ms = kit_service_now_ms(app->service);
    int rc = KIT_OK;
    for (size_t i = 0; rc == KIT_OK && i < DELIVERY_WAITING_CANCELS_MAX; i++) {
        struct delivery_waiting_cancel *waiting = &app->cancels[i];
        struct kit_error problem = { 0 };
        if (waiting->id.v == 0 || now_ms < waiting->deadline_ms - ANSWER_BEFORE_MS)
            continue;
        (void)kit_error_typed(&problem, KIT_E_UNAVAILABLE, "locker-unavailable",
                              "the locker has not confirmed yet that the code of delivery %" PRId64
                              " opens nothing any more. It is canceled as soon as the locker has,"
                              " also if nobody asks again",
                              waiting->id.v);
        problem.retry_after_ms = HELLO_MS;
        waiting->id.v = 0;
        rc = kit_service_reply_encoded(app->service, waiting->ticket, NULL, &problem, err);
    }
    return rc;
}

static struct delivery_waiting_cancel *free_slot(struct delivery_app *app)
{
    for (size_t i = 0; i < DELIVERY_WAITING_CANCELS_MAX; i++) {
        if (app->cancels[i].id.v == 0)
            return &app->cancels[i];
    }
    return NULL;
}

/* ---- wishes ---- */

int wishes_begin(struct delivery_app *app, struct delivery *delivery, enum delivery_wish wish,
                 struct kit_error *err)
{
    if (delivery->wish != DELIVERY_WISH_NONE)
        return KIT_OK;
    delivery->wish = wish;
    int rc = delivery_store_note(&app->store, delivery, err);
    return rc == KIT_OK ? codes_revoke(app, delivery->spot.locker, delivery->spot.compartment, err)
                        : rc;
}

/* Nobody can take the code away: what will become of the order instead (rules 6.2, 6.3). */
static int refuse_unheard(const struct delivery_app *app, const struct delivery *delivery,
                          bool has_key, struct kit_error *err)
{
    char end[KIT_TIME_TEXT_SIZE];
    int64_t left_ms = delivery->deadline_ms - kit_service_now_ms(app->service);

    kit_time_to_text(delivery->deadline_ms, end);
    (void)kit_error_typed(
        err, KIT_E_UNAVAILABLE, "locker-unavailable",
        has_key ? "locker %s is not connected, and the code can still be used there. Cancel again"
                  " when it is back. If nobody does, the order ends by itself after %s, as soon as"
                  " the locker is back"
                : "locker %s is out of service, and nobody can take the code away from it. The"
                  " order ends by itself at %s, when its code does",
        delivery->spot.locker, end);
    if (err != NULL)
        err->retry_after_ms = has_key || left_ms < HELLO_MS ? HELLO_MS : left_ms;
    if (err != NULL && err->retry_after_ms > RETRY_MAX_MS)
        err->retry_after_ms = RETRY_MAX_MS;
    return KIT_E_UNAVAILABLE;
}

int wishes_cancel(struct delivery_app *app, struct delivery *delivery,
                  const struct kit_rpc_request *request, struct kit_error *err)
{
    struct delivery_waiting_cancel *slot = free_slot(app);
    uint8_t key[KIT_KEY_BYTES];
    struct locker locker;
    bool found = false, has_key = false;

    int rc = locker_store_find(&app->lockers, delivery->spot.locker, &locker, &found, err);
    if (rc == KIT_OK && found)
        rc = codes_key(app, delivery->spot.locker, key, &has_key, err);
    if (rc != KIT_OK)
        return rc;
    if (!has_key || !locker_is_reachable(&locker))
        return refuse_unheard(app, delivery, has_key, err);
    if (slot == NULL)
        return kit_error_set(err, KIT_E_LIMIT, "%d cancels wait for lockers; try again later.",
                             DELIVERY_WAITING_CANCELS_MAX);
    rc = wishes_begin(app, delivery, DELIVERY_WISH_CANCEL, err);
    if (rc != KIT_OK)
        return rc;
    *slot = (struct delivery_waiting_cancel){ .ticket = request->ticket,
                                              .id = delivery->order.id,
                                              .deadline_ms = request->deadline_ms };
    return KIT_PENDING;
}

int wishes_come_true(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    switch (delivery->wish) {
    case DELIVERY_WISH_CANCEL:
        return delivery_take(app, delivery, DELIVERY_INCIDENT_CANCEL, "", err);
    case DELIVERY_WISH_EXPIRE:
        return delivery_take(app, delivery, DELIVERY_INCIDENT_EXPIRED, "not collected in time",
                             err);
    case DELIVERY_WISH_GIVE_UP:
        return delivery_take(app, delivery, DELIVERY_INCIDENT_GIVEN_UP,
                             "nothing was brought in time", err);
    case DELIVERY_WISH_NONE:
        return KIT_OK;
    }
    CHECK(false && "wish is one of the enum");
    return KIT_OK;
}

static int confirm_one(struct delivery_app *app, struct rental_id id, struct kit_error *err)
{
    struct locker_compartment compartment;
    struct delivery delivery;

    int rc = delivery_load(app, id, &delivery, err);
    if (rc == KIT_OK)
        rc = places_load(app, &delivery.spot, &compartment, err);
    if (rc != KIT_OK || compartment.story != LOCKER_STORY_NONE ||
        compartment.locker_revision_known < compartment.clean_revision)
        return rc;
    return wishes_come_true(app, &delivery, err);
}

int wishes_confirm(struct delivery_app *app, const char *locker, struct kit_error *err)
{
    struct delivery_ids wished;
    struct delivery delivery;

    int rc = delivery_store_wished(&app->store, locker, &wished, err);
    for (size_t i = 0; rc == KIT_OK && i < wished.count; i++) /* at most 16: its compartments */
        rc = confirm_one(app, wished.ids[i], err);
    /* Who waits may have been overtaken by the customer, so look at all of them. */
    for (size_t i = 0; rc == KIT_OK && i < DELIVERY_WAITING_CANCELS_MAX; i++) {
        if (app->cancels[i].id.v == 0)
            continue;
        rc = delivery_load(app, app->cancels[i].id, &delivery, err);
        if (rc == KIT_OK && delivery_decide_cancel(&delivery) != DELIVERY_CANCEL_ASK)
            rc = answer_waiting(app, &delivery, err);
    }
    return rc;
}

/* ---- what is due ---- */

static bool is_stuck(const struct delivery_app *app, struct rental_id id)
{
    for (size_t i = 0; i < DELIVERY_STUCK_MAX; i++) {
        if (app->stuck[i].v == id.v)
            return true;
    }
    return false;
}

static void set_aside(struct delivery_app *app, struct rental_id id)
{
    app->stuck[app->stuck_next] = id;
    app->stuck_next = (app->stuck_next + 1) % DELIVERY_STUCK_MAX;
}

int wishes_attempt(struct delivery_app *app, struct rental_id id, wishes_part_cb part,
                   struct kit_error *err)
{
    struct wishes_work work = { .app = app, .id = id };

    if (is_stuck(app, id))
        return KIT_OK;
    int rc = kit_service_attempt(app->service, part, &work, err);
    /* Nothing else would work now either. */
    if (rc == KIT_OK || rc == KIT_E_FULL || kit_code_action(rc) == KIT_ACTION_STOP)
        return rc;
    if (rc != KIT_E_LIMIT) /* the next batch has room again */
        set_aside(app, id);
    *err = (struct kit_error){ 0 };
    return KIT_OK;
}

/* Its deadline is over, and so is that of its code. The locker's next `up` confirms, at the latest
 * its hello; when nothing was live, that is true already, but a word of the locker costs nothing.
 */
static int end_one(void *context, struct kit_error *err)
{
    const struct wishes_work *work = context;
    struct delivery delivery;
    int rc = delivery_load(work->app, work->id, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    return wishes_begin(work->app, &delivery,
                        delivery.status == DELIVERY_STATUS_READY ? DELIVERY_WISH_EXPIRE
                                                                 : DELIVERY_WISH_GIVE_UP,
                        err);
}

static int end_overdue(struct delivery_app *app, struct kit_error *err)
{
    struct delivery_ids overdue;

    int rc = delivery_store_overdue(&app->store, kit_service_now_ms(app->service), &overdue, err);
    for (size_t i = 0; rc == KIT_OK && i < overdue.count; i++) /* at most DELIVERY_IDS_MAX */
        rc = wishes_attempt(app, overdue.ids[i], end_one, err);
    return rc;
}

static int tell_lapsed(void *context, struct kit_error *err)
{
    const struct wishes_work *work = context;
    struct locker_compartment compartment;
    struct delivery delivery;

    int rc = delivery_load(work->app, work->id, &delivery, err);
    if (rc == KIT_OK)
        rc = places_load(work->app, &delivery.spot, &compartment, err);
    if (rc == KIT_OK && delivery_is_to_be_loaded(&delivery) &&
        compartment.story == LOCKER_STORY_NONE)
        rc = delivery_say(work->app, &delivery, err,
                          "%s did not answer: scan the order and compartment %d again",
                          compartment.locker, compartment.number);
    return rc == KIT_OK ? places_settle(work->app, &delivery, err) : rc;
}

/* A command went out, and the locker has said nothing. */
static int on_lapsed(struct delivery_app *app, struct locker_compartment *compartment,
                     struct kit_error *err)
{
    app->locker_totals.unanswered++;
    compartment->pending_until_ms = 0;
    int rc = locker_store_save_compartment(&app->lockers, compartment, err);
    return rc == KIT_OK && compartment->delivery.v != 0
               ? wishes_attempt(app, compartment->delivery, tell_lapsed, err)
               : rc;
}

static int end_lapsed(struct delivery_app *app, struct kit_error *err)
{
    struct locker_compartment compartment;
    int64_t now_ms = kit_service_now_ms(app->service);
    bool found = true;
    int rc = KIT_OK;

    for (int i = 0; rc == KIT_OK && found && i < LAPSED_MAX; i++) {
        rc = locker_store_lapsed(&app->lockers, now_ms, &compartment, &found, err);
        if (rc == KIT_OK && found)
            rc = on_lapsed(app, &compartment, err);
    }
    return rc == KIT_OK
               ? locker_store_forget_commands(&app->lockers, now_ms - COMMANDS_KEEP_MS, err)
               : rc;
}

/* Who says nothing for long is away, whatever the broker last said of it (rules 7.1). */
static int hush(struct delivery_app *app, struct kit_error *err)
{
    int64_t since_ms = kit_service_now_ms(app->service) -
                       kit_service_setting(app->service, "silent-ms");
    /* While we were down, we heard nobody. */
    return since_ms > app->opened_ms ? locker_store_hush(&app->lockers, since_ms, err) : KIT_OK;
}

int wishes_on_timer(void *app_pointer, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    int64_t mono_ms = kit_service_mono_ms(app->service);

    int rc = answer_late(app, err);
    if (rc != KIT_OK || mono_ms < app->sweep_due_mono_ms)
        return rc;
    app->sweep_due_mono_ms = mono_ms + SWEEP_MS;
    rc = end_overdue(app, err);
    if (rc == KIT_OK)
        rc = end_lapsed(app, err);
    if (rc == KIT_OK)
        rc = hush(app, err);
    if (rc == KIT_OK)
        rc = removed_on_sweep(app, err);
    if (rc == KIT_OK && app->waiting_count > 0)
        rc = places_remind(app, err);
    return rc == KIT_OK ? places_serve(app, err) : rc;
}

/* ---- returns ---- */

static int refuse_return(const struct delivery *delivery, struct kit_error *err)
{
    if (delivery->order.fulfilment == FULFILMENT_DIRECT)
        return kit_error_set(err, KIT_E_REFUSED,
                             "Delivery %" PRId64
                             " did not come by a locker; its goods come back when"
                             " its rental is canceled.",
                             delivery->order.id.v);
    return kit_error_set(err, KIT_E_REFUSED,
                         "Delivery %" PRId64 " is not with the customer, so that nothing of it can"
                         " be returned.",
                         delivery->order.id.v);
}

/* The move to RETURNING, with a compartment. */
static int begin_return(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct delivery_change change;
    enum locker_choice choice = LOCKER_NONE_FREE;
    int64_t now_ms = kit_service_now_ms(app->service);

    if (delivery_decide(delivery, DELIVERY_INCIDENT_RETURN_ASKED, "", now_ms, &change) ==
        DELIVERY_UNCHANGED)
        return refuse_return(delivery, err);
    int rc = places_find(app, delivery, &choice, &change.spot, err);
    if (rc != KIT_OK)
        return rc;
    if (choice == LOCKER_TOO_LARGE)
        return kit_error_set(err, KIT_E_REFUSED,
                             "The goods of delivery %" PRId64 " are larger than"
                             " every compartment; bring them to the counter.",
                             delivery->order.id.v);
    if (choice == LOCKER_NONE_FREE)
        return kit_error_typed(err, KIT_E_REFUSED, "no-free-compartment",
                               "No compartment is free for the goods of delivery %" PRId64
                               "; try again later, or bring them to the counter.",
                               delivery->order.id.v);
    change.deadline_ms = now_ms + RETURN_MS;
    rc = places_occupy(app, delivery->order.id, &change.spot, err);
    if (rc == KIT_OK)
        rc = delivery_move(app, delivery, DELIVERY_INCIDENT_RETURN_ASKED, &change, err);
    return rc == KIT_OK ? codes_issue(app, delivery, err) : rc;
}

int wishes_on_return(void *app_pointer, const struct kit_rpc_request *request,
                     struct kit_buf *response, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;
    struct delivery delivery;

    int rc = delivery_load_asked(app, request, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    /* Asking twice is fine. */
    if (delivery.status != DELIVERY_STATUS_RETURNING && delivery.status != DELIVERY_STATUS_RETURNED)
        rc = begin_return(app, &delivery, err);
    if (rc == KIT_OK)
        delivery_answer(&delivery, response);
    return rc;
}

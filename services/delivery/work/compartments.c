/* Compartments change hands here. Runs on the loop inside the open transaction. */
#include "delivery/work/compartments.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "delivery/work/attempts.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "kit/base/text.h"

#define KEYLESS_MAX 16   /* lockers without a key that are passed over in one choice */
#define ASSIGNED_MAX 256 /* orders that get a compartment in one item */

int compartments_get(struct delivery_app *app, const struct delivery_spot *spot,
                     struct locker_compartment *ret_compartment, struct kit_error *err)
{
    bool is_found = false;
    int rc = locker_store_compartment(&app->lockers,
                                      &(struct compartment_id){ spot->locker, spot->compartment },
                                      ret_compartment, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_CORRUPT,
                             "a delivery has compartment %d of %s, which is"
                             " not there",
                             spot->compartment, spot->locker);
    return rc;
}

/* How much room the whole order needs. *ret_known false: the product has not arrived here yet. */
static int find_units(struct delivery_app *app, const struct delivery *delivery, int64_t *ret_units,
                      bool *ret_known, struct kit_error *err)
{
    enum product_size size = PRODUCT_SIZE_S;
    int rc = catalogue_find_size(&app->catalogue, delivery->order.product_id, &size, ret_known,
                                 err);
    if (rc == KIT_OK && *ret_known)
        *ret_units = delivery->order.qty * locker_units(size);
    return rc;
}

static struct delivery_spot spot_at(const struct locker_compartment *compartment)
{
    struct delivery_spot spot = { .compartment = compartment->number,
                                  .use = COMPARTMENT_USE_ASSIGNED };
    kit_text_copy(spot.locker, sizeof(spot.locker), compartment->locker);
    return spot;
}

/* Why there is none for so many units. largest: the size of the largest compartment; 0: none. */
static enum locker_choice why_none(int64_t units, int64_t largest)
{
    enum product_size size = PRODUCT_SIZE_S;
    bool could_fit = locker_size_for(units, &size) && (largest == 0 || (int64_t)size <= largest);
    return could_fit ? LOCKER_NONE_FREE : LOCKER_TOO_LARGE;
}

static int explain_choice(struct delivery_app *app, int64_t units, enum locker_choice *ret_choice,
                          struct kit_error *err)
{
    int64_t largest = 0;
    int rc = locker_store_largest(&app->lockers, &largest, err);
    if (rc != KIT_OK)
        return rc;
    *ret_choice = why_none(units, largest);
    return KIT_OK;
}

/* The best compartment for so many units (rules 7.2). A locker that has lost its key is passed. */
static int choose_compartment(struct delivery_app *app, int64_t units, const char *wished,
                              struct compartment_choice *ret, struct kit_error *err)
{
    struct locker_compartment compartment;
    struct compartment_need need = { .wished_locker = wished };

    if (!locker_size_for(units, &need.size))
        return explain_choice(app, units, &ret->choice, err);
    for (int i = 0; i < KEYLESS_MAX; i++) {
        bool is_found = false, has_key = false;
        int rc = locker_store_choose(&app->lockers, &need, &compartment, &is_found, err);
        if (rc != KIT_OK)
            return rc;
        if (!is_found)
            break;
        rc = codes_has_key(app, compartment.locker, &has_key, err);
        if (rc != KIT_OK)
            return rc;
        if (has_key) {
            ret->choice = LOCKER_CHOSEN;
            ret->spot = spot_at(&compartment);
            return KIT_OK;
        }
    }
    return explain_choice(app, units, &ret->choice, err);
}

int compartments_choose(struct delivery_app *app, const struct delivery *delivery,
                        struct compartment_choice *ret_choice, struct kit_error *err)
{
    bool is_known = false;
    int64_t units = 0;

    int rc = find_units(app, delivery, &units, &is_known, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_known)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "Delivery does not know the size of product %" PRId64
                             " yet; try again in a moment.",
                             delivery->order.product_id.v);
    return choose_compartment(app, units, delivery->order.wished_locker, ret_choice, err);
}

int compartments_occupy(struct delivery_app *app, struct rental_id id,
                        const struct delivery_spot *spot, struct kit_error *err)
{
    struct locker_compartment compartment;
    int rc = compartments_get(app, spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    PRE(compartment.delivery.v == 0);
    compartment.delivery = id;
    compartment.empty_count = 0;
    return locker_store_save_compartment(&app->lockers, &compartment, err);
}

int compartments_vacate(struct delivery_app *app, const struct delivery_spot *spot,
                        struct kit_error *err)
{
    struct locker_compartment compartment;
    int rc = codes_revoke(app, spot, err);
    if (rc != KIT_OK)
        return rc;
    rc = compartments_get(app, spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    compartment.delivery.v = 0;
    compartment.story = LOCKER_STORY_NONE;
    compartment.empty_count = 0;
    compartment.pending_until_ms = 0;
    delivery_make_assignment_due(app);
    return locker_store_save_compartment(&app->lockers, &compartment, err);
}

/* ---- orders that wait ---- */

/* The delivery gets that compartment; the reason says when it is not in the locker it wished. */
static int give(struct delivery_app *app, struct delivery *delivery,
                const struct delivery_spot *spot, struct kit_error *err)
{
    const char *wished = delivery->order.wished_locker;
    char reason[DELIVERY_REASON_SIZE] = "";
    struct locker locker;
    bool is_found = false;

    if (wished[0] != '\0' && strcmp(wished, spot->locker) != 0) {
        int rc = locker_store_find(&app->lockers, wished, &locker, &is_found, err);
        if (rc != KIT_OK)
            return rc;
        (void)snprintf(reason, sizeof(reason),
                       is_found ? "%s has no free compartment; the goods come into %s"
                                : "there is no %s; the goods come into %s",
                       wished, spot->locker);
    }
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot = *spot;
    change.reason = reason;
    int rc = compartments_occupy(app, delivery->order.id, spot, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_update(app, delivery, &change, err);
}

/* Orders that wait are told why, one in each attempt. */
struct explanation {
    struct attempt attempt; /* first: the part gets it */
    int64_t largest;        /* size of the largest compartment; 0: not read yet, or there is none */
};

static int explain(struct explanation *explanation, struct delivery *delivery,
                   struct kit_error *err)
{
    struct delivery_app *app = explanation->attempt.app;
    bool is_known = false;
    int64_t units = 0;

    int rc = find_units(app, delivery, &units, &is_known, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_known)
        return delivery_explain(app, delivery, err, "waits until the product's size is known");
    if (explanation->largest == 0) {
        rc = locker_store_largest(&app->lockers, &explanation->largest, err);
        if (rc != KIT_OK)
            return rc;
    }
    return why_none(units, explanation->largest) == LOCKER_TOO_LARGE
               ? delivery_explain(app, delivery, err,
                                  "larger than every compartment: handed over at the counter")
               : delivery_explain(app, delivery, err, "waits for a free compartment");
}

static int explain_one(void *context, struct kit_error *err)
{
    struct explanation *explanation = context;
    struct delivery delivery;

    int rc = delivery_get(explanation->attempt.app, explanation->attempt.id, &delivery, err);
    if (rc != KIT_OK || !delivery_is_waiting(&delivery))
        return rc;
    return explain(explanation, &delivery, err);
}

struct assignment {
    struct delivery_app *app;
    struct rental_id id;    /* the order of this attempt */
    struct rental_id after; /* those up to here have failed, or do not fit */
    bool is_done;           /* nothing is free, or nothing that waits fits */
};

/* The first order that fits gets a compartment. An order that waits for ever because it is too
 * large costs nothing here. */
static int assign_first(void *context, struct kit_error *err)
{
    struct assignment *assignment = context;
    struct delivery_app *app = assignment->app;
    struct compartment_choice choice = { .choice = LOCKER_NONE_FREE };
    struct delivery delivery;
    int64_t size = 0;

    assignment->is_done = true;
    int rc = locker_store_largest_free(&app->lockers, &size, err);
    if (rc != KIT_OK || size == 0)
        return rc;
    rc = delivery_store_first_fitting(&app->store, assignment->after,
                                      locker_units((enum product_size)size), &assignment->id, err);
    if (rc != KIT_OK || assignment->id.v == 0)
        return rc;
    assignment->is_done = false;
    rc = delivery_get(app, assignment->id, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    rc = compartments_choose(app, &delivery, &choice, err);
    if (rc != KIT_OK || choice.choice != LOCKER_CHOSEN)
        return rc; /* a locker without a key was free: it is not any more */
    return give(app, &delivery, &choice.spot, err);
}

/* An order that fails is passed over, and tried again when a locker speaks next: those behind it
 * get what is free, and nothing else of the item suffers. */
static int assign_waiting(struct delivery_app *app, struct kit_error *err)
{
    struct assignment assignment = { .app = app };
    bool has_progress = false;

    for (int i = 0; !assignment.is_done && i < ASSIGNED_MAX; i++) {
        int failure = KIT_OK;
        int rc = attempt_part(app, assign_first, &assignment, &failure, err);
        if (rc != KIT_OK)
            return rc;
        if (failure != KIT_OK)
            assignment.after = assignment.id;
        else
            has_progress = true;
    }
    /* Those behind the last one follow with the next item, unless it would do the same again. */
    app->waiting.is_assignment_due = !assignment.is_done && has_progress;
    return KIT_OK;
}

static int assign(struct delivery_app *app, struct kit_error *err)
{
    struct explanation newest = { .attempt = { app, app->waiting.newest } };
    int failure = KIT_OK;

    app->waiting.newest.v = 0;
    int rc = assign_waiting(app, err);
    if (rc != KIT_OK)
        return rc;
    if (newest.attempt.id.v != 0) {
        rc = attempt_part(app, explain_one, &newest, &failure, err);
        if (rc != KIT_OK)
            return rc;
    }
    return delivery_store_waiting_count(&app->store, &app->waiting.count, err);
}

int compartments_after_item(void *app_pointer, struct kit_error *err)
{
    struct delivery_app *app = app_pointer;

    if (app->waiting.is_assignment_due) {
        int rc = assign(app, err);
        if (rc != KIT_OK)
            return rc;
    }
    if (!app->waiting.is_explanation_due)
        return KIT_OK;
    app->waiting.is_explanation_due = false;
    return compartments_explain(app, err);
}

int compartments_explain(struct delivery_app *app, struct kit_error *err)
{
    struct explanation explanation = { .attempt = { .app = app } };
    struct delivery_ids waiting;
    int rc = delivery_store_waiting(&app->store, app->waiting.told_up_to, &waiting, err);
    if (rc != KIT_OK)
        return rc;
    app->waiting.told_up_to.v = 0;               /* from the first again, unless there are more */
    for (size_t i = 0; i < waiting.count; i++) { /* at most DELIVERY_IDS_MAX */
        explanation.attempt.id = waiting.ids[i];
        rc = attempt_delivery(&explanation.attempt, explain_one, err);
        if (rc != KIT_OK)
            return rc;
    }
    if (waiting.count == DELIVERY_IDS_MAX)
        app->waiting.told_up_to = waiting.ids[waiting.count - 1];
    return KIT_OK;
}

/* ---- orders that have ended ---- */

static bool stock_has_them(const struct delivery *delivery)
{
    return delivery->stock_has_goods || delivery->status == DELIVERY_STATUS_RETURNED ||
           delivery->status == DELIVERY_STATUS_DELIVERED;
}

/* The order has no compartment any more. */
static int give_up(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot = (struct delivery_spot){ 0 };
    int rc = compartments_vacate(app, &delivery->spot, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_update(app, delivery, &change, err);
}

int compartments_settle(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    int64_t now_ms = kit_service_now_ms(app->service);
    struct locker_compartment compartment;

    if (delivery->spot.use == DELIVERY_USE_NONE || !delivery_has_ended(delivery))
        return KIT_OK;
    int rc = compartments_get(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    if (compartment.story != LOCKER_STORY_NONE || compartment.pending_until_ms > now_ms)
        return KIT_OK; /* somebody may be at the door: that comes back here */

    struct delivery_change change = delivery_change_from(delivery, now_ms);
    bool is_full = locker_seems_full(&compartment);
    if (delivery->spot.use == COMPARTMENT_USE_ASSIGNED && is_full) {
        change.spot.use =
            COMPARTMENT_USE_LOADED; /* laid in while the cancel came: staff fetch them */
        return delivery_update(app, delivery, &change, err);
    }
    if (delivery->spot.use == COMPARTMENT_USE_LOADED &&
        (is_full || compartment.door != DOOR_STATE_CLOSED || !stock_has_them(delivery)))
        return KIT_OK;

    return give_up(app, delivery, err);
}

/* May the order give up a compartment of a locker without a key? Of one that has ended, no open
 * door is waited for: no record will tell how it was closed. */
static bool may_be_left(const struct delivery *delivery,
                        const struct locker_compartment *compartment)
{
    bool seems_empty = delivery->spot.use == COMPARTMENT_USE_ASSIGNED &&
                       !locker_seems_full(compartment);
    if (delivery_has_ended(delivery))
        return seems_empty || delivery->stock_has_goods ||
               delivery->status == DELIVERY_STATUS_RETURNED;
    return delivery->status == DELIVERY_STATUS_PICKED && seems_empty &&
           compartment->story == LOCKER_STORY_NONE;
}

int compartments_leave_keyless(struct delivery_app *app, struct delivery *delivery,
                               struct kit_error *err)
{
    struct locker_compartment compartment;

    int rc = compartments_get(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK || compartment.pending_until_ms > kit_service_now_ms(app->service) ||
        !may_be_left(delivery, &compartment))
        return rc;
    return give_up(app, delivery, err);
}

/* READY has a compartment always, so it can only go when there is another one now. */
static int replace_ready(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct compartment_choice choice = { .choice = LOCKER_NONE_FREE };
    struct locker_compartment old;
    char reason[DELIVERY_REASON_SIZE];

    int rc = compartments_choose(app, delivery, &choice, err);
    if (rc != KIT_OK || choice.choice != LOCKER_CHOSEN)
        return rc; /* the next LOAD scan looks again */
    rc = compartments_get(app, &delivery->spot, &old, err);
    if (rc != KIT_OK)
        return rc;
    (void)snprintf(
        reason, sizeof(reason),
        old.out_since_ms > 0
            ? "compartment %d of %s is out of service: the goods come into compartment %d of %s"
            : "compartment %d of %s did not open: the goods come into compartment %d of %s",
        old.number, old.locker, choice.spot.compartment, choice.spot.locker);
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot = choice.spot;
    change.reason = reason;
    rc = compartments_vacate(app, &delivery->spot, err);
    if (rc != KIT_OK)
        return rc;
    rc = compartments_occupy(app, delivery->order.id, &change.spot, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_update(app, delivery, &change, err);
}

int compartments_replace(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    PRE(delivery_is_to_be_loaded(delivery));
    return delivery->status == DELIVERY_STATUS_READY ? replace_ready(app, delivery, err)
                                                     : give_up(app, delivery, err);
}

/* Compartments change hands here. Runs on the loop inside the open transaction. */
#include "delivery/work/compartments.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "delivery/work/change.h"
#include "delivery/work/codes.h"

#define KEYLESS_MAX 16 /* lockers without a key that are passed over in one choice */
#define PLACED_MAX 256 /* orders in one item */

int places_load(struct delivery_app *app, const struct delivery_spot *spot,
                struct locker_compartment *ret_compartment, struct kit_error *err)
{
    bool found = false;
    int rc = locker_store_compartment(&app->lockers, spot->locker, spot->compartment,
                                      ret_compartment, &found, err);
    if (rc == KIT_OK && !found)
        return kit_error_set(err, KIT_E_CORRUPT,
                             "a delivery has compartment %d of %s, which is"
                             " not there",
                             spot->compartment, spot->locker);
    return rc;
}

/* How much room the whole order needs. *ret_known false: the product has not arrived here yet. */
static int units_of(struct delivery_app *app, const struct delivery *delivery, int64_t *ret_units,
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
    (void)snprintf(spot.locker, sizeof(spot.locker), "%s", compartment->locker);
    return spot;
}

/* Why there is none for so many units. */
static int why_none(struct delivery_app *app, int64_t units, enum locker_choice *ret_choice,
                    struct kit_error *err)
{
    enum product_size size = PRODUCT_SIZE_S;
    int64_t largest = 0;
    int rc = locker_store_largest(&app->lockers, &largest, err);
    bool could_fit = locker_size_for(units, &size) && (largest == 0 || (int64_t)size <= largest);
    *ret_choice = could_fit ? LOCKER_NONE_FREE : LOCKER_TOO_LARGE;
    return rc;
}

/* The best compartment for so many units (rules 7.2). A locker that has lost its key is passed. */
static int choose(struct delivery_app *app, int64_t units, const char *wished,
                  struct delivery_spot *ret_spot, enum locker_choice *ret_choice,
                  struct kit_error *err)
{
    struct locker_compartment compartment;
    enum product_size size = PRODUCT_SIZE_S;
    uint8_t key[KIT_KEY_BYTES];
    bool found = locker_size_for(units, &size), has_key = false;
    int rc = KIT_OK;

    for (int i = 0; rc == KIT_OK && found && !has_key && i < KEYLESS_MAX; i++) {
        rc = locker_store_choose(&app->lockers, size, wished, &compartment, &found, err);
        if (rc == KIT_OK && found)
            rc = codes_key(app, compartment.locker, key, &has_key, err);
    }
    if (rc != KIT_OK || !has_key)
        return rc == KIT_OK ? why_none(app, units, ret_choice, err) : rc;
    *ret_choice = LOCKER_CHOSEN;
    *ret_spot = spot_at(&compartment);
    return KIT_OK;
}

int places_find(struct delivery_app *app, const struct delivery *delivery,
                enum locker_choice *ret_choice, struct delivery_spot *ret_spot,
                struct kit_error *err)
{
    bool is_known = false;
    int64_t units = 0;

    int rc = units_of(app, delivery, &units, &is_known, err);
    if (rc == KIT_OK && !is_known)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "Delivery does not know the size of product %" PRId64
                             " yet; try again in a moment.",
                             delivery->order.product_id.v);
    return rc == KIT_OK
               ? choose(app, units, delivery->order.wished_locker, ret_spot, ret_choice, err)
               : rc;
}

int places_occupy(struct delivery_app *app, struct rental_id id, const struct delivery_spot *spot,
                  struct kit_error *err)
{
    struct locker_compartment compartment;
    int rc = places_load(app, spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    PRE(compartment.delivery.v == 0);
    compartment.delivery = id;
    compartment.empty_count = 0;
    return locker_store_save_compartment(&app->lockers, &compartment, err);
}

int places_vacate(struct delivery_app *app, const struct delivery_spot *spot, struct kit_error *err)
{
    struct locker_compartment compartment;
    int rc = codes_revoke(app, spot->locker, spot->compartment, err);
    if (rc == KIT_OK)
        rc = places_load(app, spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    compartment.delivery.v = 0;
    compartment.story = LOCKER_STORY_NONE;
    compartment.empty_count = 0;
    compartment.pending_until_ms = 0;
    app->is_serving_due = true;
    return locker_store_save_compartment(&app->lockers, &compartment, err);
}

/* ---- orders that wait ---- */

/* The delivery gets that compartment; the reason says when it is not in the locker it wished. */
static int place(struct delivery_app *app, struct delivery *delivery,
                 const struct delivery_spot *spot, struct kit_error *err)
{
    const char *wished = delivery->order.wished_locker;
    char reason[DELIVERY_REASON_SIZE] = "";
    struct locker locker;
    bool found = true;
    int rc = KIT_OK;

    if (wished[0] != '\0' && strcmp(wished, spot->locker) != 0) {
        rc = locker_store_find(&app->lockers, wished, &locker, &found, err);
        (void)snprintf(reason, sizeof(reason),
                       found ? "%s has no free compartment; the goods come into %s"
                             : "there is no %s; the goods come into %s",
                       wished, spot->locker);
    }
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot = *spot;
    change.reason = reason;
    if (rc == KIT_OK)
        rc = places_occupy(app, delivery->order.id, spot, err);
    return rc == KIT_OK ? delivery_tell(app, delivery, &change, err) : rc;
}

/* One that waits learns why. */
static int tell_why(struct delivery_app *app, struct rental_id id, struct kit_error *err)
{
    enum locker_choice choice = LOCKER_NONE_FREE;
    struct delivery delivery;
    bool is_known = false;
    int64_t units = 0;

    int rc = delivery_load(app, id, &delivery, err);
    if (rc != KIT_OK || !delivery_is_waiting(&delivery))
        return rc;
    rc = units_of(app, &delivery, &units, &is_known, err);
    if (rc == KIT_OK && !is_known)
        return delivery_say(app, &delivery, err, "waits until the product's size is known");
    if (rc == KIT_OK)
        rc = why_none(app, units, &choice, err);
    if (rc != KIT_OK)
        return rc;
    return choice == LOCKER_TOO_LARGE
               ? delivery_say(app, &delivery, err,
                              "larger than every compartment: handed over at the counter")
               : delivery_say(app, &delivery, err, "waits for a free compartment");
}

/* The first one that fits gets a compartment. *ret_done: nothing is free, or nothing that waits
 * fits. What waits for ever because it is too large costs nothing here. */
static int place_first(struct delivery_app *app, bool *ret_done, struct kit_error *err)
{
    enum locker_choice choice = LOCKER_NONE_FREE;
    struct rental_id id = { 0 };
    struct delivery delivery;
    struct delivery_spot spot;
    int64_t size = 0;

    int rc = locker_store_largest_free(&app->lockers, &size, err);
    if (rc == KIT_OK && size > 0)
        rc = delivery_store_first_fitting(&app->store, locker_units((enum product_size)size), &id,
                                          err);
    *ret_done = id.v == 0;
    if (rc != KIT_OK || id.v == 0)
        return rc;
    rc = delivery_load(app, id, &delivery, err);
    if (rc == KIT_OK)
        rc = places_find(app, &delivery, &choice, &spot, err);
    if (rc != KIT_OK || choice != LOCKER_CHOSEN)
        return rc; /* a locker without a key was free: it is not any more */
    return place(app, &delivery, &spot, err);
}

int places_serve(struct delivery_app *app, struct kit_error *err)
{
    bool is_done = false;
    int rc = KIT_OK;

    if (!app->is_serving_due)
        return KIT_OK;
    for (int i = 0; rc == KIT_OK && !is_done && i < PLACED_MAX; i++)
        rc = place_first(app, &is_done, err);
    if (rc == KIT_OK && app->newly_waiting.v != 0)
        rc = tell_why(app, app->newly_waiting, err);
    app->newly_waiting.v = 0;
    app->is_serving_due = rc != KIT_OK || !is_done; /* the others follow with the next item */
    return rc == KIT_OK ? delivery_store_waiting_count(&app->store, &app->waiting_count, err) : rc;
}

int places_remind(struct delivery_app *app, struct kit_error *err)
{
    struct delivery_ids waiting;
    int rc = delivery_store_waiting(&app->store, app->told_after, &waiting, err);
    for (size_t i = 0; rc == KIT_OK && i < waiting.count; i++) /* at most DELIVERY_IDS_MAX */
        rc = tell_why(app, waiting.ids[i], err);
    bool is_end = rc != KIT_OK || waiting.count < DELIVERY_IDS_MAX;
    app->told_after.v = is_end ? 0 : waiting.ids[waiting.count - 1].v;
    return rc;
}

/* ---- orders that have ended ---- */

static bool stock_has_them(const struct delivery *delivery)
{
    return delivery->stock_has_goods || delivery->status == DELIVERY_STATUS_RETURNED ||
           delivery->status == DELIVERY_STATUS_DELIVERED;
}

/* The order has no compartment any more. */
static int leave(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    int rc = places_vacate(app, &delivery->spot, err);
    change.spot = (struct delivery_spot){ 0 };
    return rc == KIT_OK ? delivery_tell(app, delivery, &change, err) : rc;
}

int places_settle(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    int64_t now_ms = kit_service_now_ms(app->service);
    struct locker_compartment compartment;

    if (delivery->spot.use == DELIVERY_USE_NONE || !delivery_has_ended(delivery))
        return KIT_OK;
    int rc = places_load(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    if (compartment.story != LOCKER_STORY_NONE || compartment.pending_until_ms > now_ms)
        return KIT_OK; /* somebody may be at the door: that comes back here */

    struct delivery_change change = delivery_change_from(delivery, now_ms);
    bool is_full = locker_seems_full(&compartment);
    if (delivery->spot.use == COMPARTMENT_USE_ASSIGNED && is_full) {
        change.spot.use =
            COMPARTMENT_USE_LOADED; /* laid in while the cancel came: staff fetch them */
        return delivery_tell(app, delivery, &change, err);
    }
    if (delivery->spot.use == COMPARTMENT_USE_LOADED &&
        (is_full || compartment.door != DOOR_STATE_CLOSED || !stock_has_them(delivery)))
        return KIT_OK;

    return leave(app, delivery, err);
}

/* Of one that has ended, no story is waited for: nobody will tell how it went on. */
static bool is_left(const struct delivery *delivery, const struct locker_compartment *compartment)
{
    bool seems_empty = delivery->spot.use == COMPARTMENT_USE_ASSIGNED &&
                       !locker_seems_full(compartment);
    if (delivery_has_ended(delivery))
        return seems_empty || delivery->stock_has_goods ||
               delivery->status == DELIVERY_STATUS_RETURNED;
    return delivery->status == DELIVERY_STATUS_PICKED && seems_empty &&
           compartment->story == LOCKER_STORY_NONE;
}

int places_leave(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct locker_compartment compartment;

    int rc = places_load(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK || compartment.pending_until_ms > kit_service_now_ms(app->service) ||
        !is_left(delivery, &compartment))
        return rc;
    return leave(app, delivery, err);
}

/* READY has a compartment always, so it can only go when there is another one now. */
static int move_ready(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    enum locker_choice choice = LOCKER_NONE_FREE;
    char reason[DELIVERY_REASON_SIZE];
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));

    int rc = places_find(app, delivery, &choice, &change.spot, err);
    if (rc != KIT_OK || choice != LOCKER_CHOSEN)
        return rc; /* the next LOAD scan looks again */
    (void)snprintf(reason, sizeof(reason),
                   "compartment %d of %s did not open: the goods come into compartment %d of %s",
                   delivery->spot.compartment, delivery->spot.locker, change.spot.compartment,
                   change.spot.locker);
    change.reason = reason;
    rc = places_vacate(app, &delivery->spot, err);
    if (rc == KIT_OK)
        rc = places_occupy(app, delivery->order.id, &change.spot, err);
    return rc == KIT_OK ? delivery_tell(app, delivery, &change, err) : rc;
}

int places_load_elsewhere(struct delivery_app *app, struct delivery *delivery,
                          struct kit_error *err)
{
    PRE(delivery_is_to_be_loaded(delivery));
    return delivery->status == DELIVERY_STATUS_READY ? move_ready(app, delivery, err)
                                                     : leave(app, delivery, err);
}

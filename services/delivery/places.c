/* Compartments change hands here. Runs on the loop inside the open transaction. */
#include "delivery/places.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "delivery/codes.h"
#include "delivery/handlers.h"

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
    enum kit_product_size size = KIT_PRODUCT_SIZE_S;
    int rc = kit_products_find_size(&app->products, delivery->order.product_id, &size, ret_known,
                                    err);
    if (rc == KIT_OK && *ret_known)
        *ret_units = delivery->order.qty * locker_units(size);
    return rc;
}

static int load_all(struct delivery_app *app, struct locker_compartments *ret,
                    struct kit_error *err)
{
    ret->max = LOCKER_CANDIDATES_MAX;
    ret->items = kit_arena_take(kit_service_arena(app->service),
                                LOCKER_CANDIDATES_MAX * sizeof(ret->items[0]));
    return locker_store_compartments(&app->lockers, NULL, ret, err);
}

static struct delivery_spot spot_at(const struct locker_compartment *compartment)
{
    struct delivery_spot spot = { .compartment = compartment->number,
                                  .use = DELIVERY_USE_ASSIGNED };
    (void)snprintf(spot.locker, sizeof(spot.locker), "%s", compartment->locker);
    return spot;
}

int places_find(struct delivery_app *app, const struct delivery *delivery,
                enum locker_choice *ret_choice, struct delivery_spot *ret_spot,
                struct kit_error *err)
{
    struct locker_compartments all;
    bool is_known = false;
    int64_t units = 0;
    size_t index = 0;

    int rc = units_of(app, delivery, &units, &is_known, err);
    if (rc == KIT_OK && !is_known)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "Delivery does not know the size of product %" PRId64
                             " yet; try again in a moment.",
                             delivery->order.product_id.v);
    if (rc == KIT_OK)
        rc = load_all(app, &all, err);
    if (rc != KIT_OK)
        return rc;
    *ret_choice = locker_choose(all.items, all.count, units, delivery->order.wished_locker, &index);
    if (*ret_choice == LOCKER_CHOSEN)
        *ret_spot = spot_at(&all.items[index]);
    return KIT_OK;
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

/* The first of those that wait gets a compartment out of *all, or learns why it gets none. */
static int serve_one(struct delivery_app *app, struct delivery *delivery,
                     struct locker_compartments *all, struct kit_error *err)
{
    const char *wished = delivery->order.wished_locker;
    char reason[DELIVERY_REASON_SIZE] = "";
    bool is_known = false;
    int64_t units = 0;
    size_t index = 0;

    int rc = units_of(app, delivery, &units, &is_known, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_known)
        return delivery_say(app, delivery, err, "waits until the product's size is known");
    switch (locker_choose(all->items, all->count, units, wished, &index)) {
    case LOCKER_TOO_LARGE:
        return delivery_say(app, delivery, err,
                            "larger than every compartment: handed over at the counter");
    case LOCKER_NONE_FREE:
        return delivery_say(app, delivery, err, "waits for a free compartment");
    case LOCKER_CHOSEN:
        break;
    }

    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot = spot_at(&all->items[index]);
    if (wished[0] != '\0' && strcmp(wished, change.spot.locker) != 0)
        (void)snprintf(reason, sizeof(reason), "%s has no free compartment; the goods come into %s",
                       wished, change.spot.locker);
    change.reason = reason;
    all->items[index].delivery = delivery->order.id;
    rc = places_occupy(app, delivery->order.id, &change.spot, err);
    return rc == KIT_OK ? delivery_tell(app, delivery, &change, err) : rc;
}

int places_serve(struct delivery_app *app, struct kit_error *err)
{
    struct locker_compartments all;
    struct delivery_ids waiting;
    struct delivery delivery;

    if (!app->is_serving_due)
        return KIT_OK;
    app->is_serving_due = false;
    int rc = delivery_store_waiting(&app->store, &waiting, err);
    if (rc == KIT_OK && waiting.count > 0)
        rc = load_all(app, &all, err);
    for (size_t i = 0; rc == KIT_OK && i < waiting.count; i++) { /* at most DELIVERY_IDS_MAX */
        rc = delivery_load(app, waiting.ids[i], &delivery, err);
        if (rc == KIT_OK)
            rc = serve_one(app, &delivery, &all, err);
    }
    if (rc == KIT_OK)
        rc = delivery_store_waiting_count(&app->store, &app->waiting_count, err);
    return rc;
}

/* ---- orders that have ended ---- */

static bool stock_has_them(const struct delivery *delivery)
{
    return delivery->stock_has_goods || delivery->status == DELIVERY_RETURNED ||
           delivery->status == DELIVERY_DELIVERED;
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
    if (delivery->spot.use == DELIVERY_USE_ASSIGNED && is_full) {
        change.spot.use = DELIVERY_USE_LOADED; /* laid in while the cancel came: staff fetch them */
        return delivery_tell(app, delivery, &change, err);
    }
    if (delivery->spot.use == DELIVERY_USE_LOADED &&
        (is_full || compartment.door != LOCKER_DOOR_CLOSED || !stock_has_them(delivery)))
        return KIT_OK;

    rc = places_vacate(app, &delivery->spot, err);
    change.spot = (struct delivery_spot){ 0 };
    return rc == KIT_OK ? delivery_tell(app, delivery, &change, err) : rc;
}

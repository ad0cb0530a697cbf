/* Orders, and where their goods lie. See picks.h. */
#include "stock/work/picks.h"

#include "kit/base/text.h"

/* Older orders of the product take the units that lie longest; those behind are for this one, so
 * that two people are not sent to the same unit (rules 9.2). */
static int find_units(struct stock_app *app, struct pick *pick, struct kit_error *err)
{
    struct asset assets[PICK_UNITS_MAX];
    struct asset_shelf shelf = { .product = pick->reservation.product, .skip = pick->before };
    shelf.max = pick_left(pick) < PICK_UNITS_MAX ? (size_t)pick_left(pick) : PICK_UNITS_MAX;
    int rc = asset_store_list_shelf(&app->assets, &shelf, assets, &pick->unit_count, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < pick->unit_count; i++) {
        struct pick_unit *unit = &pick->units[i];
        unit->id = assets[i].id;
        kit_text_copy(unit->label, sizeof(unit->label), assets[i].label);
        kit_text_copy(unit->bin, sizeof(unit->bin), assets[i].bin);
    }
    pick_sort_units(pick);
    return KIT_OK;
}

/* What is older than the page, the database counts; what stands on it, we know. */
static int find_before(struct stock_app *app, struct pick *picks, size_t index,
                       struct kit_error *err)
{
    const struct reservation *reservation = &picks[index].reservation;
    const struct pick *older = pick_find_older(picks, index);
    if (older == NULL)
        return reservation_store_count_to_pick(&app->reservations, reservation,
                                               &picks[index].before, err);
    picks[index].before = older->before + pick_left(older);
    return KIT_OK;
}

/* What a person wants to know beside it. */
static int complete(struct stock_app *app, struct pick *pick, struct kit_error *err)
{
    const struct reservation *reservation = &pick->reservation;
    const struct scanner_others all = {
        .since_ms = kit_service_now_ms(app->service) - SCAN_ORDER_LOCK_MS,
    };
    bool is_found = false;
    int rc = stock_store_find_item(&app->store, reservation->product, &pick->item, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(is_found); /* it was reserved out of these quantities */
    rc = reservation_store_find_reserved_ms(&app->reservations, reservation->id, &pick->reserved_ms,
                                            err);
    if (rc != KIT_OK)
        return rc;
    return scanner_store_find_with_order(&app->scanners, reservation->id, &all, pick->with, err);
}

/* Reads the orders of a page, and where their goods lie. */
static int read_page(struct stock_app *app, struct kit_page *page, struct pick **ret_picks,
                     struct kit_error *err)
{
    struct kit_arena *arena = kit_service_arena(app->service);
    struct reservation *rows = kit_arena_take(arena, (size_t)page->size * sizeof(*rows));
    struct pick *picks = kit_arena_take(arena, (size_t)page->size * sizeof(*picks));
    int rc = reservation_store_list_to_pick(&app->reservations, page, rows, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < page->count; i++)
        picks[i].reservation = rows[i];
    for (size_t i = 0; i < page->count; i++) {
        rc = find_before(app, picks, i, err);
        if (rc != KIT_OK)
            return rc;
        rc = find_units(app, &picks[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    *ret_picks = picks;
    return KIT_OK;
}

int picks_list_oldest(struct stock_app *app, struct kit_page *page, struct pick **ret_picks,
                      struct kit_error *err)
{
    struct pick *picks = NULL;
    int rc = read_page(app, page, &picks, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < page->count; i++) {
        rc = complete(app, &picks[i], err);
        if (rc != KIT_OK)
            return rc;
        ret_picks[i] = &picks[i];
    }
    return KIT_OK;
}

int picks_list_tour(struct stock_app *app, struct kit_page *page, struct pick **ret_picks,
                    struct kit_error *err)
{
    struct kit_page all = { .number = 0, .size = PICK_TOUR_MAX };
    struct pick *tour[PICK_TOUR_MAX];
    struct pick *picks = NULL;
    int rc = read_page(app, &all, &picks, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < all.count; i++)
        tour[i] = &picks[i];
    pick_tour(tour, all.count);
    page->total = (int64_t)all.count;
    page->count = 0;
    for (int64_t i = page->number * page->size; i < page->total; i++) {
        if ((int64_t)page->count == page->size)
            break;
        rc = complete(app, tour[i], err);
        if (rc != KIT_OK)
            return rc;
        ret_picks[page->count++] = tour[i];
    }
    return KIT_OK;
}

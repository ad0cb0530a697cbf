/* From what is to be picked to the message. See picks.h. */
#include "stock/handlers/picks.h"

#include "kit/base/text.h"
#include "stock/work/picks.h"

static void fill_units(const struct pick *pick, struct msg_pick *ret)
{
    ret->units_count = pick->unit_count;
    for (size_t i = 0; i < pick->unit_count; i++) {
        ret->units[i].id = pick->units[i].id;
        kit_text_copy(ret->units[i].label, sizeof(ret->units[i].label), pick->units[i].label);
        kit_text_copy(ret->units[i].bin, sizeof(ret->units[i].bin), pick->units[i].bin);
    }
}

static void fill_message(const struct pick *pick, struct msg_pick *ret)
{
    const struct reservation *reservation = &pick->reservation;
    const struct reservation_spot *spot = &reservation->spot;
    *ret = (struct msg_pick){
        .rental_id = reservation->id,
        .product_id = reservation->product,
        .has_name = pick->item.name[0] != '\0',
        .tracking = pick->item.stock.tracking,
        .has_size = pick->item.size != 0,
        .size = pick->item.size,
        .qty = reservation->qty,
        .picked = reservation->progress.picked,
        .has_tote = reservation->tote[0] != '\0',
        .has_with = pick->with[0] != '\0',
        .has_locker = spot->locker[0] != '\0',
        .has_compartment = spot->locker[0] != '\0',
        .compartment = spot->compartment,
        .reserved_at_ms = pick->reserved_ms,
    };
    kit_text_copy(ret->name, sizeof(ret->name), pick->item.name);
    kit_text_copy(ret->tote, sizeof(ret->tote), reservation->tote);
    kit_text_copy(ret->with, sizeof(ret->with), pick->with);
    kit_text_copy(ret->locker, sizeof(ret->locker), spot->locker);
    fill_units(pick, ret);
}

int stock_on_pick_list(struct stock_app *app, const struct msg_rpc_pick_list_request *in,
                       struct msg_rpc_pick_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page, .size = in->size };
    struct pick **picks = kit_arena_take(kit_service_arena(app->service),
                                         (size_t)in->size * sizeof(struct pick *));
    int rc = in->has_sort && in->sort == PICK_SORT_TOUR ? picks_list_tour(app, &page, picks, err)
                                                        : picks_list_oldest(app, &page, picks, err);
    if (rc != KIT_OK)
        return rc;
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        fill_message(picks[i], &out->items[i].pick);
    return KIT_OK;
}

/* What customers ask of the read model. Runs on the loop inside the open transaction. */
#include "information/handlers.h"

#include <inttypes.h>

#include "information/search.h"
#include "information/wire.h"
#include "kit/base/text.h"

/* The order, if customers can see it. */
static int get_shown(struct information_app *app, int64_t id, struct information_order *ret_order,
                     struct kit_error *err)
{
    int rc = information_store_load(&app->store, (struct rental_id){ id }, ret_order, err);
    if (rc != KIT_OK)
        return rc;
    if (!information_is_shown(ret_order) ||
        kit_service_is_foreign(app->service, ret_order->rental.account)) /* rules 1.10 */
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no order %" PRId64
                             " here; it has the id of its rental, and a"
                             " new one arrives within a moment.",
                             id);
    return KIT_OK;
}

int information_on_get(struct information_app *app, const struct msg_rpc_get_request *in,
                       struct msg_rpc_order_response *out, struct kit_error *err)
{
    struct information_order order;

    int rc = get_shown(app, in->id, &order, err);
    if (rc != KIT_OK)
        return rc;
    information_to_message(&order, &out->order);
    return KIT_OK;
}

int information_on_list(struct information_app *app, const struct msg_rpc_list_request *in,
                        struct msg_rpc_order_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page,
                             .size = in->size,
                             .owner = kit_service_owner(app->service) };
    struct information_order *orders = kit_arena_take(kit_service_arena(app->service),
                                                      (size_t)in->size * sizeof(*orders));
    int rc = information_store_list(&app->store, &page, orders, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing orders");

    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        information_to_message(&orders[i], &out->items[i].order);
    out->items_count = page.count;
    out->total = page.total;
    return KIT_OK;
}

static void search_from(const struct msg_rpc_order_search_request *in,
                        struct information_search *ret)
{
    _Static_assert(sizeof(in->ids) / sizeof(in->ids[0]) <= INFORMATION_SEARCH_IDS_MAX, "room");
    _Static_assert(
        sizeof(in->products) / sizeof(in->products[0]) <= INFORMATION_SEARCH_PRODUCTS_MAX, "room");
    *ret = (struct information_search){
        .size = in->size,
        .after = { in->has_after ? in->after.v : 0 },
        .is_newest = in->has_sort && in->sort == ORDER_SORT_NEWEST,
        .product_count = in->products_count,
        .id_count = in->ids_count,
    };
    if (in->has_locker)
        kit_text_copy(ret->locker, sizeof(ret->locker), in->locker);
    for (size_t i = 0; i < in->states_count; i++)
        ret->states |= 1U << in->states[i].state;
    for (size_t i = 0; i < in->products_count; i++)
        ret->products[i] = in->products[i].id;
    for (size_t i = 0; i < in->ids_count; i++)
        ret->ids[i] = in->ids[i].id;
}

int information_on_search(struct information_app *app,
                          const struct msg_rpc_order_search_request *in,
                          struct msg_rpc_order_search_response *out, struct kit_error *err)
{
    struct kit_arena *arena = kit_service_arena(app->service);
    struct information_search search;
    struct information_found found = {
        .orders = kit_arena_take(arena, (size_t)in->size * sizeof(*found.orders)),
    };

    search_from(in, &search);
    search.owner = kit_service_owner(app->service);
    if (search.product_count > 0 && search.locker[0] != '\0' && search.id_count == 0)
        return kit_error_at(err, KIT_E_INVALID, "/locker",
                            "Orders are looked for by product or by locker, not by both at once; "
                            "leave one of them out.");
    int rc = information_search(&app->store, &search, &found, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "looking for orders");

    for (size_t i = 0; i < found.count; i++) /* at most in->size, which is at most 100 */
        information_to_message(&found.orders[i], &out->items[i].order);
    out->items_count = found.count;
    out->has_next = found.next.v != 0;
    out->next = found.next.v;
    return KIT_OK;
}

int information_on_story(struct information_app *app, const struct msg_rpc_get_request *in,
                         struct msg_rpc_story_response *out, struct kit_error *err)
{
    struct information_order order;
    struct information_step *steps = kit_arena_take(kit_service_arena(app->service),
                                                    INFORMATION_STEPS_MAX * sizeof(*steps));

    int rc = get_shown(app, in->id, &order, err);
    if (rc != KIT_OK)
        return rc;
    rc = information_store_list_steps(&app->store, order.id, steps, &out->items_count, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing the steps of order %" PRId64, in->id);
    for (size_t i = 0; i < out->items_count; i++) /* at most INFORMATION_STEPS_MAX */
        information_step_to_message(&steps[i], &out->items[i]);
    return KIT_OK;
}

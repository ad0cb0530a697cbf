/* See reads.h. */
#include "delivery/handlers/reads.h"

#include "delivery/store/wire.h"
#include "delivery/work/change.h"

int delivery_on_get(struct delivery_app *app, const struct msg_rpc_get_request *in,
                    struct msg_rpc_delivery_response *out, struct kit_error *err)
{
    struct delivery delivery;
    int rc = delivery_get_asked(app, (struct rental_id){ in->id }, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    delivery_to_response(&delivery, kit_service_version_base(app->service), out);
    return KIT_OK;
}

int delivery_on_list(struct delivery_app *app, const struct msg_rpc_list_request *in,
                     struct msg_rpc_delivery_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page,
                             .size = in->size,
                             .owner = kit_service_owner(app->service) };
    struct delivery *deliveries = kit_arena_take(kit_service_arena(app->service),
                                                 (size_t)in->size * sizeof(*deliveries));
    int rc = delivery_store_list(&app->store, &page, deliveries, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing deliveries");
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        delivery_to_response(&deliveries[i], kit_service_version_base(app->service),
                             &out->items[i]);
    return KIT_OK;
}

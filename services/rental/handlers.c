/* Requests to rental. Orders are taken here, whatever else is down: nothing in this file waits for
 * anybody. Runs on the loop inside the open transaction. */
#include "rental/handlers.h"

#include <inttypes.h>

#include "msg/event_rental.gen.h"

int rental_load(struct rental_app *app, struct rental_id id, struct rental *ret_rental,
                struct kit_error *err)
{
    bool found = false;
    int rc = rental_store_find(&app->store, id, ret_rental, &found, err);
    if (rc != KIT_OK)
        return rc;
    if (!found || kit_service_is_foreign(app->service, ret_rental->account)) /* rules 1.7 */
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no rental %" PRId64 "; look up the ids in the list.", id.v);
    return KIT_OK;
}

int rental_append(struct rental_app *app, const char *type, const struct rental *rental,
                  struct kit_error *err)
{
    struct msg_event_rental msg;
    rental_to_message(rental, kit_service_version_base(app->service), &msg.rental);
    const struct kit_service_event event = {
        .type = type,
        .aggregate = "rental",
        .id = rental->id.v,
        .version = rental->version,
        .data = KIT_BODY(event_rental, &msg),
    };
    return kit_service_append(app->service, &event, err);
}

/* Whose the order is (rules 1.7). */
static int choose_account(const struct rental_app *app,
                          const struct msg_rpc_rental_create_request *in, int64_t *ret_account,
                          struct kit_error *err)
{
    const int64_t owner = kit_service_owner(app->service);
    const int64_t named = in->rental_create.has_account ? in->rental_create.account : 0;

    if (named != 0 && !kit_service_is_closed(app->service))
        return kit_error_at(err, KIT_E_INVALID, "/account",
                            "an open system has no accounts: leave it out");
    if (owner == KIT_NO_ACCOUNT)
        return kit_error_set(err, KIT_E_FORBIDDEN,
                             "orders are for an account, and you belong to none; ask an operator");
    if (owner != 0 && named != 0 && named != owner)
        return kit_error_set(err, KIT_E_FORBIDDEN,
                             "you order for your own account alone: leave account out");
    *ret_account = owner != 0 ? owner : named;
    return KIT_OK;
}

int rental_on_create(struct rental_app *app, const struct msg_rpc_rental_create_request *in,
                     struct msg_rpc_rental_response *out, struct kit_error *err)
{
    struct rental rental;

    rental_from_order(in, &rental);
    if (rental.locker[0] != '\0' && rental.fulfilment != FULFILMENT_LOCKER) /* rules 1.5 */
        return kit_error_at(err, KIT_E_INVALID, "/locker",
                            "a locker is wished only with the fulfilment locker: leave it out, or"
                            " order with \"fulfilment\": \"locker\"");

    int rc = choose_account(app, in, &rental.account, err);
    if (rc != KIT_OK)
        return rc;
    rental_begin(&rental, kit_service_now_ms(app->service));
    if (!in->rental_create.has_product_name) { /* rules 1.3 */
        rc = catalogue_find_name(&app->catalogue, in->product_id, rental.product_name,
                                 sizeof(rental.product_name), err);
        if (rc != KIT_OK)
            return rc;
    }

    app->store.id_floor = kit_service_id_floor(app->service);
    rc = rental_store_add(&app->store, &rental, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "taking an order of product %" PRId64, in->product_id.v);
    rc = rental_append(app, "RentalOrdered", &rental, err);
    if (rc != KIT_OK)
        return rc;

    app->orders_total++;
    rental_to_response(&rental, kit_service_version_base(app->service), out);
    return KIT_OK;
}

int rental_on_get(struct rental_app *app, const struct msg_rpc_get_request *in,
                  struct msg_rpc_rental_response *out, struct kit_error *err)
{
    struct rental rental;
    int rc = rental_load(app, (struct rental_id){ in->id }, &rental, err);
    if (rc != KIT_OK)
        return rc;
    rental_to_response(&rental, kit_service_version_base(app->service), out);
    return KIT_OK;
}

int rental_on_list(struct rental_app *app, const struct msg_rpc_list_request *in,
                   struct msg_rpc_rental_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page,
                             .size = in->size,
                             .owner = kit_service_owner(app->service) };
    struct rental *rentals = kit_arena_take(kit_service_arena(app->service),
                                            (size_t)in->size * sizeof(*rentals));
    app->store.id_floor = kit_service_id_floor(app->service);
    int rc = rental_store_list(&app->store, &page, rentals, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing rentals");

    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        rental_to_response(&rentals[i], kit_service_version_base(app->service), &out->items[i]);
    out->items_count = page.count;
    out->total = page.total;
    return KIT_OK;
}

/* Requests to rental. Orders are taken here, whatever else is down: nothing in this file waits for
 * anybody. Runs on the loop inside the open transaction. */
#include "rental/handlers.h"

#include <inttypes.h>
#include <stdio.h>

#include "msg/event_rental.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_rental_list_response.gen.h"
#include "rental/wire.h"

#define SUBJECT_SIZE 48

int rental_load(struct rental_app *app, struct rental_id id, struct rental *ret_rental,
                struct kit_error *err)
{
    bool found = false;
    int rc = rental_store_find(&app->store, id, ret_rental, &found, err);
    if (rc != KIT_OK)
        return rc;
    if (!found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no rental %" PRId64 "; look up the ids in the list.", id.v);
    return KIT_OK;
}

int rental_append(struct rental_app *app, const char *type, const struct rental *rental,
                  struct kit_error *err)
{
    char subject[SUBJECT_SIZE];
    struct msg_event_rental msg;
    struct kit_buf *data = kit_service_scratch(app->service);

    (void)snprintf(subject, sizeof(subject), "rental/%" PRId64, rental->id.v);
    rental_to_message(rental, &msg.rental);
    msg_event_rental_encode(&msg, data);
    struct kit_log_entry entry = {
        .type = type,
        .subject = subject,
        .version = rental->version,
        .data = data,
    };
    return kit_service_append_entry(app->service, &entry, err);
}

void rental_answer(const struct rental *rental, struct kit_buf *response)
{
    struct msg_rpc_rental_response msg;
    rental_to_response(rental, &msg);
    msg_rpc_rental_response_encode(&msg, response);
}

int rental_on_create(void *app_pointer, const struct kit_rpc_request *request,
                     struct kit_buf *response, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    struct msg_rpc_rental_create_request msg;
    struct rental rental;

    int rc = msg_rpc_rental_create_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;
    if (msg.has_locker && msg.fulfilment != FULFILMENT_LOCKER) /* rules 1.5 */
        return kit_error_at(err, KIT_E_INVALID, "/locker",
                            "a locker is wished only with the fulfilment locker: leave it out, or"
                            " order with \"fulfilment\": \"locker\"");

    rental_from_order(&msg, kit_service_now_ms(app->service), &rental);
    if (!msg.has_product_name) { /* rules 1.3 */
        rc = catalogue_find_name(&app->catalogue, msg.product_id, rental.product_name,
                                 sizeof(rental.product_name), err);
        if (rc != KIT_OK)
            return rc;
    }

    rc = rental_store_add(&app->store, &rental, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "taking an order of product %" PRId64, msg.product_id.v);
    rc = rental_append(app, "RentalOrdered", &rental, err);
    if (rc != KIT_OK)
        return rc;

    app->orders_total++;
    rental_answer(&rental, response);
    return KIT_OK;
}

int rental_on_get(void *app_pointer, const struct kit_rpc_request *request,
                  struct kit_buf *response, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    struct msg_rpc_get_request msg;
    struct rental rental;

    int rc = msg_rpc_get_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;
    rc = rental_load(app, (struct rental_id){ msg.id }, &rental, err);
    if (rc != KIT_OK)
        return rc;
    rental_answer(&rental, response);
    return KIT_OK;
}

int rental_on_list(void *app_pointer, const struct kit_rpc_request *request,
                   struct kit_buf *response, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    struct kit_arena *arena = kit_service_arena(app->service);
    struct msg_rpc_list_request msg;

    int rc = msg_rpc_list_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct rental_page page = {
        .rentals = kit_arena_take(arena, (size_t)msg.size * sizeof(struct rental)),
    };
    rc = rental_store_list(&app->store, msg.page, msg.size, &page, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing rentals");

    struct msg_rpc_rental_list_response *answer = kit_arena_take(arena, sizeof(*answer));
    answer->total = page.total;
    answer->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most msg.size, which is at most 100 */
        rental_to_response(&page.rentals[i], &answer->items[i]);
    msg_rpc_rental_list_response_encode(answer, response);
    return KIT_OK;
}

int rental_on_product_get(void *app_pointer, const struct kit_rpc_request *request,
                          struct kit_buf *response, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    return catalogue_get(&app->catalogue, request, response, err);
}

int rental_on_product_list(void *app_pointer, const struct kit_rpc_request *request,
                           struct kit_buf *response, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    return catalogue_list(&app->catalogue, request, response, err);
}

int rental_on_product_saved(void *app_pointer, const struct kit_event *event, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    return catalogue_on_saved(&app->catalogue, event, err);
}

int rental_on_stock_changed(void *app_pointer, const struct kit_event *event, struct kit_error *err)
{
    struct rental_app *app = app_pointer;
    return catalogue_on_stock_changed(&app->catalogue, event, err);
}

/* What customers ask of the read model. Runs on the loop inside the open transaction. */
#include "information/handlers.h"

#include <inttypes.h>

#include "information/app.h"
#include "information/wire.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_order_list_response.gen.h"

int information_on_get(void *app_pointer, const struct kit_rpc_request *request,
                       struct kit_buf *response, struct kit_error *err)
{
    struct information_app *app = app_pointer;
    struct msg_rpc_get_request msg;
    struct msg_rpc_order_response answer;
    struct information_order order;

    int rc = msg_rpc_get_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;
    rc = information_store_load(&app->store, (struct rental_id){ msg.id }, &order, err);
    if (rc != KIT_OK)
        return rc;
    if (!information_is_shown(&order))
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "There is no order %" PRId64
                             " here; it has the id of its rental, and a"
                             " new one arrives within a moment.",
                             msg.id);
    information_to_message(&order, &answer.order);
    msg_rpc_order_response_encode(&answer, response);
    return KIT_OK;
}

int information_on_list(void *app_pointer, const struct kit_rpc_request *request,
                        struct kit_buf *response, struct kit_error *err)
{
    struct information_app *app = app_pointer;
    struct kit_arena *arena = kit_service_arena(app->service);
    struct msg_rpc_list_request msg;

    int rc = msg_rpc_list_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct information_page page = {
        .orders = kit_arena_take(arena, (size_t)msg.size * sizeof(struct information_order)),
    };
    rc = information_store_list(&app->store, msg.page, msg.size, &page, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing orders");

    struct msg_rpc_order_list_response *answer = kit_arena_take(arena, sizeof(*answer));
    answer->total = page.total;
    answer->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most msg.size, which is at most 100 */
        information_to_message(&page.orders[i], &answer->items[i].order);
    msg_rpc_order_list_response_encode(answer, response);
    return KIT_OK;
}

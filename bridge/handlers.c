/* Requests outward: the customer's body becomes the service's request. Loop thread. */
#include "bridge/handlers.h"

#include <string.h>

#include "msg/http_product_create.gen.h"
#include "msg/http_product_update.gen.h"
#include "msg/http_rental_create.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_product_create_request.gen.h"
#include "msg/rpc_product_update_request.gen.h"
#include "msg/rpc_rental_create_request.gen.h"

/* Both texts have the same schema. */
#define COPY_TEXT(to, from)                                                                        \
    do {                                                                                           \
        _Static_assert(sizeof(to) == sizeof(from), "same text on both sides");                     \
        memcpy((to), (from), strlen(from) + 1);                                                    \
    } while (0)

int any_ask_get(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                struct kit_error *err)
{
    (void)body;
    (void)err;
    msg_rpc_get_request_encode(&(struct msg_rpc_get_request){ .id = exchange->id }, out);
    return KIT_OK;
}

int any_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                 struct kit_error *err)
{
    (void)body;
    (void)err;
    const struct msg_rpc_list_request request = {
        .page = exchange->page.number,
        .size = exchange->page.size,
    };
    msg_rpc_list_request_encode(&request, out);
    return KIT_OK;
}

/* ---- products ---- */

int product_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err)
{
    struct msg_http_product_create in;
    struct msg_rpc_product_create_request request = { .qty = PRODUCT_QTY_DEFAULT };

    (void)exchange;
    int rc = msg_http_product_create_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    COPY_TEXT(request.name, in.name);
    if (in.has_qty)
        request.qty = in.qty;
    msg_rpc_product_create_request_encode(&request, out);
    return KIT_OK;
}

int product_ask_update(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err)
{
    struct msg_http_product_update in;
    struct msg_rpc_product_update_request request = { .id = { exchange->id } };

    int rc = msg_http_product_update_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    if (in.has_name) {
        request.has_name = true;
        COPY_TEXT(request.name, in.name);
    }
    if (in.has_qty) {
        request.has_qty = true;
        request.qty = in.qty;
    }
    msg_rpc_product_update_request_encode(&request, out);
    return KIT_OK;
}

/* ---- rentals ---- */

int rental_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                      struct kit_error *err)
{
    struct msg_http_rental_create in;
    struct msg_rpc_rental_create_request request = { .fulfilment = MSG_FULFILMENT_DIRECT };

    (void)exchange;
    int rc = msg_http_rental_create_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    request.product_id = in.product_id;
    request.qty = in.qty;
    if (in.has_product_name) {
        request.has_product_name = true;
        COPY_TEXT(request.product_name, in.product_name);
    }
    if (in.has_fulfilment)
        request.fulfilment = in.fulfilment;
    msg_rpc_rental_create_request_encode(&request, out);
    return KIT_OK;
}

/* Requests outward: the customer's body becomes the service's request. Loop thread. */
#include "bridge/handlers.h"

#include <string.h>

#include "bridge/token.h"
#include "kit/base/text.h"
#include "kit/json/pointer.h"
#include "msg/http_asset_move.gen.h"
#include "msg/http_product_create.gen.h"
#include "msg/http_product_update.gen.h"
#include "msg/http_rental_create.gen.h"
#include "msg/rpc_asset_list_request.gen.h"
#include "msg/rpc_asset_move_request.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_locker_get_request.gen.h"
#include "msg/rpc_product_create_request.gen.h"
#include "msg/rpc_product_update_request.gen.h"
#include "msg/rpc_rental_create_request.gen.h"

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

/* GTIN-8, -12, -13 and -14 are one number with leading zeros; the check digit makes the sum, with
 * weights 3 and 1 from the right, a multiple of ten. */
static int read_gtin(const char *digits, char ret_gtin[15], struct kit_error *err)
{
    const size_t length = strlen(digits);
    int sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += (digits[length - 1 - i] - '0') * (i % 2 == 0 ? 1 : 3);
    if ((length != 8 && length < 12) || sum % 10 != 0)
        return kit_error_at(err, KIT_E_INVALID, "/gtin",
                            "a GTIN has 8, 12, 13 or 14 digits, and this one's check digit or "
                            "length is wrong; read it again from the label");
    memset(ret_gtin, '0', 14 - length);
    memcpy(ret_gtin + 14 - length, digits, length + 1);
    return KIT_OK;
}

int product_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err)
{
    struct msg_http_product_create in;
    struct msg_rpc_product_create_request request = { .tracking = TRACKING_BULK,
                                                      .size = PRODUCT_SIZE_S };

    (void)exchange;
    int rc = msg_http_product_create_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    kit_text_copy(request.name, sizeof(request.name), in.name);
    if (in.has_tracking)
        request.tracking = in.tracking;
    if (in.has_size)
        request.size = in.size;
    request.qty = request.tracking == TRACKING_BULK ? PRODUCT_QTY_DEFAULT : 0;
    if (in.has_qty)
        request.qty = in.qty;
    request.has_gtin = in.has_gtin;
    rc = in.has_gtin ? read_gtin(in.gtin, request.gtin, err) : KIT_OK;
    if (rc != KIT_OK)
        return rc;
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
    request.has_name = in.has_name;
    kit_text_copy(request.name, sizeof(request.name), in.name);
    request.has_qty = in.has_qty;
    request.qty = in.qty;
    request.has_size = in.has_size;
    request.size = in.size;
    request.has_gtin = in.has_gtin;
    rc = in.has_gtin ? read_gtin(in.gtin, request.gtin, err) : KIT_OK;
    if (rc != KIT_OK)
        return rc;
    msg_rpc_product_update_request_encode(&request, out);
    return KIT_OK;
}

/* ---- rentals ---- */

int rental_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                      struct kit_error *err)
{
    struct msg_http_rental_create in;
    struct msg_rpc_rental_create_request request = { .fulfilment = FULFILMENT_DIRECT };

    (void)exchange;
    int rc = msg_http_rental_create_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    request.product_id = in.product_id;
    request.qty = in.qty;
    request.rental_create = in.rental_create;
    if (in.has_fulfilment)
        request.fulfilment = in.fulfilment;
    msg_rpc_rental_create_request_encode(&request, out);
    return KIT_OK;
}

/* ---- deliveries ---- */

int delivery_ask_return(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                        struct kit_error *err)
{
    struct kit_pointer pointer;

    kit_pointer_init(&pointer);
    if (body != NULL && !cJSON_IsObject(body))
        return kit_error_at(err, KIT_E_INVALID, pointer.text,
                            "this request needs no body; send none, or {}");
    if (body != NULL && body->child != NULL) {
        const char *key = body->child->string;
        kit_pointer_add_key(&pointer, key, strlen(key));
        return kit_error_at(err, KIT_E_INVALID, pointer.text,
                            "%s is not known here; this request needs no body", pointer.text);
    }
    return any_ask_get(exchange, NULL, out, err);
}

/* ---- lockers ---- */

int locker_ask_get(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err)
{
    struct msg_rpc_locker_get_request request = { 0 };

    (void)body;
    if (!token_is_device(exchange->name, exchange->name_length))
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "there is no such locker: a name has small letters, digits and -, as "
                             "in /lockers/locker-1; GET /lockers lists them");
    CHECK(exchange->name_length < sizeof(request.device));
    memcpy(request.device, exchange->name, exchange->name_length);
    msg_rpc_locker_get_request_encode(&request, out);
    return KIT_OK;
}

/* ---- assets ---- */

int asset_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err)
{
    struct msg_rpc_asset_list_request request = {
        .page = exchange->page.number,
        .size = exchange->page.size,
        .has_label = exchange->label[0] != '\0',
    };

    (void)body;
    (void)err;
    kit_text_copy(request.label, sizeof(request.label), exchange->label);
    msg_rpc_asset_list_request_encode(&request, out);
    return KIT_OK;
}

int asset_ask_move(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err)
{
    struct msg_http_asset_move in;
    struct msg_rpc_asset_move_request request = { .id = { exchange->id } };

    int rc = msg_http_asset_move_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    request.state = in.state;
    request.has_bin = in.has_bin;
    kit_text_copy(request.bin, sizeof(request.bin), in.bin);
    msg_rpc_asset_move_request_encode(&request, out);
    return KIT_OK;
}

/* Requests outward: the customer's body becomes the service's request. Loop thread. */
#include "bridge/handlers.h"

#include <string.h>

#include "bridge/older.h"
#include "bridge/search.h"
#include "bridge/token.h"
#include "kit/base/text.h"
#include "kit/json/pointer.h"
#include "msg/http_asset_move.gen.h"
#include "msg/http_compartment.gen.h"
#include "msg/http_locker_act.gen.h"
#include "msg/http_product_create.gen.h"
#include "msg/http_product_update.gen.h"
#include "msg/http_rental_create.gen.h"
#include "msg/http_scan.gen.h"
#include "msg/http_simulator_act.gen.h"
#include "msg/rpc_asset_list_request.gen.h"
#include "msg/rpc_asset_move_request.gen.h"
#include "msg/rpc_compartment_request.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_locker_act_request.gen.h"
#include "msg/rpc_locker_get_request.gen.h"
#include "msg/rpc_pick_list_request.gen.h"
#include "msg/rpc_product_create_request.gen.h"
#include "msg/rpc_product_update_request.gen.h"
#include "msg/rpc_rental_create_request.gen.h"
#include "msg/rpc_scan_request.gen.h"
#include "msg/rpc_simulator_act_request.gen.h"
#include "msg/rpc_simulator_get_request.gen.h"

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

int any_ask_act(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
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

/* ---- products ---- */

int product_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err)
{
    struct msg_http_product_create in;
    struct msg_rpc_product_create_request request = { 0 };

    (void)exchange;
    int rc = msg_http_product_create_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    kit_text_copy(request.name, sizeof(request.name), in.name);
    request.has_tracking = in.has_tracking;
    request.tracking = in.tracking;
    request.has_size = in.has_size;
    request.size = in.size;
    request.has_qty = in.has_qty;
    request.qty = in.qty;
    request.has_gtin = in.has_gtin;
    rc = in.has_gtin ? older_read_gtin(in.gtin, request.gtin, err) : KIT_OK;
    if (rc != KIT_OK)
        return rc;
    older_fill_product(&request);
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
    rc = in.has_gtin ? older_read_gtin(in.gtin, request.gtin, err) : KIT_OK;
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
    struct msg_rpc_rental_create_request request = { 0 };

    (void)exchange;
    int rc = msg_http_rental_create_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    request.product_id = in.product_id;
    request.qty = in.qty;
    request.rental_create = in.rental_create;
    request.has_fulfilment = in.has_fulfilment;
    request.fulfilment = in.fulfilment;
    older_fill_rental(&request);
    msg_rpc_rental_create_request_encode(&request, out);
    return KIT_OK;
}

/* ---- lockers ---- */

static int check_device(const struct exchange *exchange, struct kit_error *err)
{
    if (token_is_device(exchange->name, exchange->name_length))
        return KIT_OK;
    return kit_error_set(err, KIT_E_NOT_FOUND,
                         "there is no such device: a name has small letters, digits and -, as in "
                         "locker-1; without it, the same path lists them");
}

int locker_ask_get(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err)
{
    struct msg_rpc_locker_get_request request = { 0 };

    (void)body;
    int rc = check_device(exchange, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(exchange->name_length < sizeof(request.device));
    memcpy(request.device, exchange->name, exchange->name_length);
    msg_rpc_locker_get_request_encode(&request, out);
    return KIT_OK;
}

int compartment_ask(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                    struct kit_error *err)
{
    struct msg_http_compartment in;
    struct msg_rpc_compartment_request request = { 0 };

    int rc = check_device(exchange, err);
    if (rc != KIT_OK)
        return rc;
    rc = msg_http_compartment_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(exchange->name_length < sizeof(request.device));
    memcpy(request.device, exchange->name, exchange->name_length);
    request.compartment = in.compartment;
    msg_rpc_compartment_request_encode(&request, out);
    return KIT_OK;
}

int locker_ask_act(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err)
{
    struct msg_http_locker_act in;

    int rc = check_device(exchange, err);
    if (rc != KIT_OK)
        return rc;
    rc = msg_http_locker_act_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    struct msg_rpc_locker_act_request request = { .staff_act = in.staff_act };
    CHECK(exchange->name_length < sizeof(request.device));
    memcpy(request.device, exchange->name, exchange->name_length);
    msg_rpc_locker_act_request_encode(&request, out);
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

/* ---- what is looked for ---- */

int product_ask_search(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err)
{
    struct search_query query;

    (void)body;
    int rc = search_read(exchange->place.query, QUERY_PRODUCT_SEARCH, &query, err);
    if (rc != KIT_OK)
        return rc;
    msg_rpc_product_search_request_encode(&query.product, out);
    return KIT_OK;
}

int asset_ask_search(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                     struct kit_error *err)
{
    struct search_query query;

    (void)body;
    int rc = search_read(exchange->place.query, QUERY_ASSET_SEARCH, &query, err);
    if (rc != KIT_OK)
        return rc;
    msg_rpc_asset_search_request_encode(&query.asset, out);
    return KIT_OK;
}

int order_ask_search(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                     struct kit_error *err)
{
    struct search_query query;

    (void)body;
    int rc = search_read(exchange->place.query, QUERY_ORDER_SEARCH, &query, err);
    if (rc != KIT_OK)
        return rc;
    msg_rpc_order_search_request_encode(&query.order, out);
    return KIT_OK;
}

/* ---- picks and scans ---- */

int pick_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                  struct kit_error *err)
{
    const struct msg_rpc_pick_list_request request = {
        .page = exchange->page.number,
        .size = exchange->page.size,
        .has_sort = exchange->page.is_tour,
        .sort = PICK_SORT_TOUR,
    };

    (void)body;
    (void)err;
    msg_rpc_pick_list_request_encode(&request, out);
    return KIT_OK;
}

int scan_ask(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
             struct kit_error *err)
{
    struct msg_http_scan in;
    struct msg_rpc_scan_request request = { 0 };

    (void)exchange;
    int rc = msg_http_scan_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    kit_text_copy(request.station, sizeof(request.station), in.station);
    kit_text_copy(request.label, sizeof(request.label), in.label);
    msg_rpc_scan_request_encode(&request, out);
    return KIT_OK;
}

/* ---- the simulator ---- */

#define DEVICES_MAX 32 /* of an answer */

int simulator_ask(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                  struct kit_error *err)
{
    const struct msg_rpc_simulator_get_request request = { .devices_max = DEVICES_MAX };

    (void)exchange;
    (void)body;
    (void)err;
    msg_rpc_simulator_get_request_encode(&request, out);
    return KIT_OK;
}

int simulator_ask_act(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                      struct kit_error *err)
{
    struct msg_http_simulator_act in;

    (void)exchange;
    int rc = msg_http_simulator_act_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    const struct msg_rpc_simulator_act_request request = { .simulator_act = in.simulator_act };
    msg_rpc_simulator_act_request_encode(&request, out);
    return KIT_OK;
}

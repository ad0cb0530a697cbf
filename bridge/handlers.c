/* Requests outward, answers inward. An answer has passed the gate but is judged by its schema here:
 * a service of another version must not make us print nonsense. */
#include "bridge/handlers.h"

#include <stdlib.h>
#include <string.h>

#include "msg/http_delivery.gen.h"
#include "msg/http_delivery_list.gen.h"
#include "msg/http_order.gen.h"
#include "msg/http_order_list.gen.h"
#include "msg/http_product.gen.h"
#include "msg/http_product_create.gen.h"
#include "msg/http_product_list.gen.h"
#include "msg/http_product_update.gen.h"
#include "msg/http_rental.gen.h"
#include "msg/http_rental_create.gen.h"
#include "msg/http_rental_list.gen.h"
#include "msg/rpc_delivery_list_response.gen.h"
#include "msg/rpc_delivery_response.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_order_list_response.gen.h"
#include "msg/rpc_order_response.gen.h"
#include "msg/rpc_product_create_request.gen.h"
#include "msg/rpc_product_list_response.gen.h"
#include "msg/rpc_product_response.gen.h"
#include "msg/rpc_product_update_request.gen.h"
#include "msg/rpc_rental_create_request.gen.h"
#include "msg/rpc_rental_list_response.gen.h"
#include "msg/rpc_rental_response.gen.h"

_Static_assert(sizeof(((struct msg_http_link *)0)->href) >= HAL_HREF_SIZE, "a href fits its link");

/* Both texts have the same schema. */
#define COPY_TEXT(to, from)                                                                        \
    do {                                                                                           \
        _Static_assert(sizeof(to) == sizeof(from), "same text on both sides");                     \
        memcpy((to), (from), strlen(from) + 1);                                                    \
    } while (0)

/* The self link, and the same again under the name of the object. */
static void fill_links(const struct exchange *exchange, int64_t id, struct msg_http_link *self,
                       struct msg_http_link *item)
{
    const size_t length = hal_item_href(&exchange->place, id, self->href);
    memcpy(item->href, self->href, length + 1);
}

/* The `_links` and `page` of a list, whose generated struct has a type of its own for each list. */
#define FILL_PAGE(list, page_info)                                                                 \
    do {                                                                                           \
        (list)->page.size = (page_info)->size;                                                     \
        (list)->page.total_elements = (page_info)->total_elements;                                 \
        (list)->page.total_pages = (page_info)->total_pages;                                       \
        (list)->page.number = (page_info)->number;                                                 \
        (list)->links.has_first = (page_info)->has_first;                                          \
        (list)->links.has_prev = (page_info)->has_prev;                                            \
        (list)->links.has_next = (page_info)->has_next;                                            \
        (list)->links.has_last = (page_info)->has_last;                                            \
        memcpy((list)->links.first.href, (page_info)->first, HAL_HREF_SIZE);                       \
        memcpy((list)->links.prev.href, (page_info)->prev, HAL_HREF_SIZE);                         \
        memcpy((list)->links.self.href, (page_info)->self, HAL_HREF_SIZE);                         \
        memcpy((list)->links.next.href, (page_info)->next, HAL_HREF_SIZE);                         \
        memcpy((list)->links.last.href, (page_info)->last, HAL_HREF_SIZE);                         \
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

static void product_fill(const struct exchange *exchange, const struct msg_rpc_product_response *in,
                         struct msg_http_product *ret)
{
    ret->id = in->id;
    COPY_TEXT(ret->name, in->name);
    ret->qty = in->qty;
    ret->registered_qty = in->registered_qty;
    ret->version = in->version;
    fill_links(exchange, in->id.v, &ret->links.self, &ret->links.product);
}

int product_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                 int64_t *ret_id, struct kit_error *err)
{
    struct msg_rpc_product_response in;
    struct msg_http_product product;

    int rc = msg_rpc_product_response_decode(answer, &in, err);
    if (rc != KIT_OK)
        return rc;
    product_fill(exchange, &in, &product);
    msg_http_product_encode(&product, out);
    *ret_id = in.id.v;
    return KIT_OK;
}

int product_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                      int64_t *ret_id, struct kit_error *err)
{
    struct {
        struct msg_rpc_product_list_response in;
        struct msg_http_product_list list;
        struct hal_page page;
    } *work = malloc(sizeof(*work));

    (void)ret_id;
    CHECK(work != NULL);
    int rc = msg_rpc_product_list_response_decode(answer, &work->in, err);
    if (rc != KIT_OK)
        goto out;
    for (size_t i = 0; i < work->in.items_count; i++)
        product_fill(exchange, &work->in.items[i], &work->list.embedded.products[i]);
    work->list.embedded.products_count = work->in.items_count;
    hal_page_fill(&exchange->place, &exchange->page, work->in.total, &work->page);
    FILL_PAGE(&work->list, &work->page);
    msg_http_product_list_encode(&work->list, out);
out:
    free(work);
    return rc;
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

static void rental_fill(const struct exchange *exchange, const struct msg_rpc_rental_response *in,
                        struct msg_http_rental *ret)
{
    ret->id = in->id;
    ret->product_id = in->product_id;
    ret->has_product_name = in->has_product_name;
    if (in->has_product_name)
        COPY_TEXT(ret->product_name, in->product_name);
    ret->qty = in->qty;
    ret->fulfilment = in->fulfilment;
    ret->status = in->status;
    ret->has_reason = in->has_reason;
    if (in->has_reason)
        COPY_TEXT(ret->reason, in->reason);
    ret->version = in->version;
    ret->ordered_at_ms = in->ordered_at_ms;
    ret->updated_at_ms = in->updated_at_ms;
    fill_links(exchange, in->id.v, &ret->links.self, &ret->links.rental);
}

int rental_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                int64_t *ret_id, struct kit_error *err)
{
    struct msg_rpc_rental_response in;
    struct msg_http_rental rental;

    int rc = msg_rpc_rental_response_decode(answer, &in, err);
    if (rc != KIT_OK)
        return rc;
    rental_fill(exchange, &in, &rental);
    msg_http_rental_encode(&rental, out);
    *ret_id = in.id.v;
    return KIT_OK;
}

int rental_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                     int64_t *ret_id, struct kit_error *err)
{
    struct {
        struct msg_rpc_rental_list_response in;
        struct msg_http_rental_list list;
        struct hal_page page;
    } *work = malloc(sizeof(*work));

    (void)ret_id;
    CHECK(work != NULL);
    int rc = msg_rpc_rental_list_response_decode(answer, &work->in, err);
    if (rc != KIT_OK)
        goto out;
    for (size_t i = 0; i < work->in.items_count; i++)
        rental_fill(exchange, &work->in.items[i], &work->list.embedded.rentals[i]);
    work->list.embedded.rentals_count = work->in.items_count;
    hal_page_fill(&exchange->place, &exchange->page, work->in.total, &work->page);
    FILL_PAGE(&work->list, &work->page);
    msg_http_rental_list_encode(&work->list, out);
out:
    free(work);
    return rc;
}

/* ---- deliveries ---- */

static void delivery_fill(const struct exchange *exchange,
                          const struct msg_rpc_delivery_response *in, struct msg_http_delivery *ret)
{
    ret->id = in->id;
    ret->rental_id = in->rental_id;
    ret->product_id = in->product_id;
    ret->qty = in->qty;
    ret->fulfilment = in->fulfilment;
    ret->status = in->status;
    ret->has_reason = in->has_reason;
    if (in->has_reason)
        COPY_TEXT(ret->reason, in->reason);
    ret->version = in->version;
    ret->updated_at_ms = in->updated_at_ms;
    fill_links(exchange, in->id.v, &ret->links.self, &ret->links.delivery);
}

int delivery_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                  int64_t *ret_id, struct kit_error *err)
{
    struct msg_rpc_delivery_response in;
    struct msg_http_delivery delivery;

    int rc = msg_rpc_delivery_response_decode(answer, &in, err);
    if (rc != KIT_OK)
        return rc;
    delivery_fill(exchange, &in, &delivery);
    msg_http_delivery_encode(&delivery, out);
    *ret_id = in.id.v;
    return KIT_OK;
}

int delivery_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                       int64_t *ret_id, struct kit_error *err)
{
    struct {
        struct msg_rpc_delivery_list_response in;
        struct msg_http_delivery_list list;
        struct hal_page page;
    } *work = malloc(sizeof(*work));

    (void)ret_id;
    CHECK(work != NULL);
    int rc = msg_rpc_delivery_list_response_decode(answer, &work->in, err);
    if (rc != KIT_OK)
        goto out;
    for (size_t i = 0; i < work->in.items_count; i++)
        delivery_fill(exchange, &work->in.items[i], &work->list.embedded.deliveries[i]);
    work->list.embedded.deliveries_count = work->in.items_count;
    hal_page_fill(&exchange->place, &exchange->page, work->in.total, &work->page);
    FILL_PAGE(&work->list, &work->page);
    msg_http_delivery_list_encode(&work->list, out);
out:
    free(work);
    return rc;
}

/* ---- my orders ---- */

static void order_fill(const struct exchange *exchange, const struct msg_rpc_order_response *in,
                       struct msg_http_order *ret)
{
    ret->id = in->id;
    ret->rental_id = in->rental_id;
    ret->product_id = in->product_id;
    ret->has_product_name = in->has_product_name;
    if (in->has_product_name)
        COPY_TEXT(ret->product_name, in->product_name);
    ret->rental_qty = in->rental_qty;
    ret->rental_status = in->rental_status;
    ret->has_delivery_status = in->has_delivery_status;
    ret->delivery_status = in->delivery_status;
    ret->has_reason = in->has_reason;
    if (in->has_reason)
        COPY_TEXT(ret->reason, in->reason);
    ret->ordered_at_ms = in->ordered_at_ms;
    ret->updated_at_ms = in->updated_at_ms;
    fill_links(exchange, in->id.v, &ret->links.self, &ret->links.my_order);
}

int order_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
               int64_t *ret_id, struct kit_error *err)
{
    struct msg_rpc_order_response in;
    struct msg_http_order order;

    int rc = msg_rpc_order_response_decode(answer, &in, err);
    if (rc != KIT_OK)
        return rc;
    order_fill(exchange, &in, &order);
    msg_http_order_encode(&order, out);
    *ret_id = in.id.v;
    return KIT_OK;
}

int order_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                    int64_t *ret_id, struct kit_error *err)
{
    struct {
        struct msg_rpc_order_list_response in;
        struct msg_http_order_list list;
        struct hal_page page;
    } *work = malloc(sizeof(*work));

    (void)ret_id;
    CHECK(work != NULL);
    int rc = msg_rpc_order_list_response_decode(answer, &work->in, err);
    if (rc != KIT_OK)
        goto out;
    for (size_t i = 0; i < work->in.items_count; i++)
        order_fill(exchange, &work->in.items[i], &work->list.embedded.my_orders[i]);
    work->list.embedded.my_orders_count = work->in.items_count;
    hal_page_fill(&exchange->place, &exchange->page, work->in.total, &work->page);
    FILL_PAGE(&work->list, &work->page);
    msg_http_order_list_encode(&work->list, out);
out:
    free(work);
    return rc;
}

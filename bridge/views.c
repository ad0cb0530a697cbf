/* One pair of functions serves every kind of object: they differ in their schemas and names only.
 */
#include "bridge/views.h"

#include <stdlib.h>
#include <string.h>

#include "kit/json/shape.h"
#include "msg/rpc_asset_list_response.gen.h"
#include "msg/rpc_asset_response.gen.h"
#include "msg/rpc_delivery_list_response.gen.h"
#include "msg/rpc_delivery_response.gen.h"
#include "msg/rpc_locker_list_response.gen.h"
#include "msg/rpc_locker_response.gen.h"
#include "msg/rpc_order_list_response.gen.h"
#include "msg/rpc_order_response.gen.h"
#include "msg/rpc_product_list_response.gen.h"
#include "msg/rpc_product_response.gen.h"
#include "msg/rpc_rental_list_response.gen.h"
#include "msg/rpc_rental_response.gen.h"

struct view {
    const struct kit_shape *item;
    const struct kit_shape *list;
    const char *rel;        /* the item's link beside self; NULL: it has no links */
    const char *collection; /* under _embedded */
};

#define CODE_SUFFIX "/pickup-code"

static void add_link(struct kit_buf *out, const char *rel, const char *href)
{
    kit_buf_add_json_string(out, rel);
    kit_buf_add_text(out, ":{\"href\":");
    kit_buf_add_json_string(out, href);
    kit_buf_add_char(out, '}');
}

/* Appends what the schema lets through. */
static int add_checked(const struct kit_shape *shape, const cJSON *node, struct kit_buf *out,
                       struct kit_error *err)
{
    void *message = calloc(1, shape->size_bytes);
    CHECK(message != NULL);
    int rc = kit_shape_decode(shape, node, message, err);
    if (rc == KIT_OK && out != NULL)
        kit_shape_encode(shape, message, out);
    free(message);
    return rc;
}

static int64_t id_of(const cJSON *item)
{
    return (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(item, "id"));
}

static bool has_text(const cJSON *node, const char *member, const char *text)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(node, member));
    return value != NULL && strcmp(value, text) == 0;
}

/* Whether a delivery's customer holds a code now (rules/delivery.md 9.2). */
static bool has_code(const struct view *view, const cJSON *node)
{
    return view->item == &msg_rpc_delivery_response_shape &&
           ((has_text(node, "status", "READY") && has_text(node, "compartmentUse", "loaded")) ||
            (has_text(node, "status", "RETURNING") &&
             has_text(node, "compartmentUse", "assigned")));
}

static int add_item(const struct view *view, const struct exchange *exchange, const cJSON *node,
                    struct kit_buf *out, struct kit_error *err)
{
    char href[HAL_HREF_SIZE];

    int rc = add_checked(view->item, node, out, err);
    if (rc != KIT_OK || out->overflow || view->rel == NULL)
        return rc;
    const size_t length = hal_item_href(&exchange->place, id_of(node), href);
    out->size_bytes--; /* the object goes on behind its last member */
    kit_buf_add_text(out, ",\"_links\":{");
    add_link(out, "self", href);
    kit_buf_add_char(out, ',');
    add_link(out, view->rel, href);
    if (has_code(view, node) && length + sizeof(CODE_SUFFIX) <= sizeof(href)) {
        memcpy(href + length, CODE_SUFFIX, sizeof(CODE_SUFFIX));
        kit_buf_add_char(out, ',');
        add_link(out, "pickupCode", href);
    }
    kit_buf_add_text(out, "}}");
    return KIT_OK;
}

static void add_page(const struct exchange *exchange, int64_t total, struct kit_buf *out)
{
    struct hal_page page;
    hal_page_fill(&exchange->place, &exchange->page, total, &page);
    const struct {
        bool is_there;
        const char *rel, *href;
    } links[] = {
        { page.has_first, "first", page.first },
        { page.has_prev, "prev", page.prev },
        { true, "self", page.self },
        { page.has_next, "next", page.next },
        { page.has_last, "last", page.last },
    };
    const char *separator = "";

    kit_buf_add_text(out, "\"_links\":{");
    for (size_t i = 0; i < KIT_COUNT(links); i++) {
        if (!links[i].is_there)
            continue;
        kit_buf_add_text(out, separator);
        add_link(out, links[i].rel, links[i].href);
        separator = ",";
    }
    kit_buf_add_text(out, "},\"page\":{\"size\":");
    kit_buf_add_int(out, page.size);
    kit_buf_add_text(out, ",\"totalElements\":");
    kit_buf_add_int(out, page.total_elements);
    kit_buf_add_text(out, ",\"totalPages\":");
    kit_buf_add_int(out, page.total_pages);
    kit_buf_add_text(out, ",\"number\":");
    kit_buf_add_int(out, page.number);
    kit_buf_add_text(out, "}}");
}

static int add_list(const struct view *view, const struct exchange *exchange, const cJSON *answer,
                    struct kit_buf *out, struct kit_error *err)
{
    const cJSON *node;
    bool is_first = true;

    int rc = add_checked(view->list, answer, NULL, err);
    if (rc != KIT_OK)
        return rc;
    kit_buf_add_text(out, "{\"_embedded\":{");
    kit_buf_add_json_string(out, view->collection);
    kit_buf_add_text(out, ":[");
    cJSON_ArrayForEach(node, cJSON_GetObjectItemCaseSensitive(answer, "items"))
    {
        if (!is_first)
            kit_buf_add_char(out, ',');
        is_first = false;
        rc = add_item(view, exchange, node, out, err);
        if (rc != KIT_OK)
            return rc;
    }
    kit_buf_add_text(out, "]},");
    const cJSON *total = cJSON_GetObjectItemCaseSensitive(answer, "total");
    add_page(exchange, (int64_t)cJSON_GetNumberValue(total), out);
    return KIT_OK;
}

#define DEFINE_VIEW(name, rel_text, collection_text)                                               \
    static const struct view name##_view = { &msg_rpc_##name##_response_shape,                     \
                                             &msg_rpc_##name##_list_response_shape, rel_text,      \
                                             collection_text };                                    \
    int name##_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,     \
                    int64_t *ret_id, struct kit_error *err)                                        \
    {                                                                                              \
        int rc = add_item(&name##_view, exchange, answer, out, err);                               \
        if (rc == KIT_OK)                                                                          \
            *ret_id = id_of(answer);                                                               \
        return rc;                                                                                 \
    }                                                                                              \
    int name##_show_list(const struct exchange *exchange, const cJSON *answer,                     \
                         struct kit_buf *out, int64_t *ret_id, struct kit_error *err)              \
    {                                                                                              \
        (void)ret_id;                                                                              \
        return add_list(&name##_view, exchange, answer, out, err);                                 \
    }

DEFINE_VIEW(product, "product", "products")
DEFINE_VIEW(rental, "rental", "rentals")
DEFINE_VIEW(delivery, "delivery", "deliveries")
DEFINE_VIEW(order, "myOrder", "myOrders")
DEFINE_VIEW(asset, "asset", "assets")

static const struct view locker_view = { &msg_rpc_locker_response_shape,
                                         &msg_rpc_locker_list_response_shape, NULL, "lockers" };

int locker_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                int64_t *ret_id, struct kit_error *err)
{
    (void)ret_id;
    return add_item(&locker_view, exchange, answer, out, err);
}

int locker_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                     int64_t *ret_id, struct kit_error *err)
{
    (void)ret_id;
    return add_list(&locker_view, exchange, answer, out, err);
}

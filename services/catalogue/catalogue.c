/* A service's own copy of the products: one table, two events, two requests. Decides nothing.
 * Runs on the loop inside the open transaction. */
#include "catalogue/catalogue.h"

#include <inttypes.h>

#include "msg/event_product.gen.h"
#include "msg/event_stock_changed.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_product_list_response.gen.h"
#include "msg/rpc_product_response.gen.h"

enum products_query {
    Q_SAVE = 0,
    Q_STOCK,
    Q_GET,
    Q_LIST,
    Q_COUNT,
    QUERY_COUNT,
};

/* Until stock has spoken, what is registered is available (rules/products.md 1.2). */
#define SHOWN_COLUMNS                                                                              \
    "id, name, coalesce(available_qty, registered_qty), registered_qty, product_version,"          \
    " tracking, size, gtin"

/* The two upserts commute: each writes the columns of its own source only, and only forward. */
static const char *const QUERIES[QUERY_COUNT] = {
    [Q_SAVE] = "INSERT INTO product (id, name, registered_qty, product_version, stock_version,"
               "  tracking, size, gtin) VALUES (?, ?, ?, ?, 0, ?, ?, nullif(?, ''))"
               " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
               "  registered_qty = excluded.registered_qty,"
               "  product_version = excluded.product_version, tracking = excluded.tracking,"
               "  size = excluded.size, gtin = excluded.gtin"
               " WHERE excluded.product_version > product.product_version",
    [Q_STOCK] = "INSERT INTO product (id, available_qty, product_version, stock_version)"
                " VALUES (?, ?, 0, ?)"
                " ON CONFLICT (id) DO UPDATE SET available_qty = excluded.available_qty,"
                "  stock_version = excluded.stock_version"
                " WHERE excluded.stock_version > product.stock_version",
    [Q_GET] = "SELECT " SHOWN_COLUMNS " FROM product WHERE id = ? AND product_version > 0",
    [Q_LIST] = "SELECT " SHOWN_COLUMNS " FROM product WHERE product_version > 0"
               " ORDER BY id LIMIT ? OFFSET ?",
    [Q_COUNT] = "SELECT count(*) FROM product WHERE product_version > 0",
};

int catalogue_open(struct catalogue *catalogue, struct kit_service *service, struct kit_error *err)
{
    catalogue->service = service;
    return kit_statements_prepare(&catalogue->statements, kit_service_db(service), QUERIES,
                                  QUERY_COUNT, err);
}

void catalogue_close(struct catalogue *catalogue)
{
    kit_statements_done(&catalogue->statements);
}

int catalogue_on_saved(struct catalogue *catalogue, const struct kit_event *event,
                       struct kit_error *err)
{
    PRE(kit_db_in_tx(catalogue->statements.db));
    struct msg_event_product msg;
    int rc = msg_event_product_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct kit_query q = kit_query_start(&catalogue->statements, Q_SAVE);
    kit_query_int(&q, msg.product.id.v);
    kit_query_text(&q, msg.product.name);
    kit_query_int(&q, msg.product.registered_qty);
    kit_query_int(&q, msg.product.version);
    kit_query_int(&q, msg.product.tracking);
    kit_query_int(&q, msg.product.size);
    kit_query_text(&q, msg.product.has_gtin ? msg.product.gtin : "");
    rc = kit_query_run(&q, NULL, err);
    return rc == KIT_OK ? rc
                        : kit_error_wrap(err, rc, "copying product %" PRId64, msg.product.id.v);
}

int catalogue_on_stock_changed(struct catalogue *catalogue, const struct kit_event *event,
                               struct kit_error *err)
{
    PRE(kit_db_in_tx(catalogue->statements.db));
    struct msg_event_stock_changed msg;
    int rc = msg_event_stock_changed_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct kit_query q = kit_query_start(&catalogue->statements, Q_STOCK);
    kit_query_int(&q, msg.product_id.v);
    kit_query_int(&q, msg.available_qty);
    kit_query_int(&q, msg.version);
    rc = kit_query_run(&q, NULL, err);
    return rc == KIT_OK
               ? rc
               : kit_error_wrap(err, rc, "copying the stock of product %" PRId64, msg.product_id.v);
}

static void read_row(struct kit_query *q, struct msg_rpc_product_response *ret)
{
    struct msg_product *product = &ret->product;

    product->id.v = kit_query_col_int(q, 0);
    kit_query_col_text(q, 1, product->name, sizeof(product->name));
    ret->qty = kit_query_col_int(q, 2);
    product->registered_qty = kit_query_col_int(q, 3);
    product->version = kit_query_col_int(q, 4);
    product->tracking = (enum tracking)kit_query_col_int(q, 5);
    product->size = (enum product_size)kit_query_col_int(q, 6);
    kit_query_col_text(q, 7, product->gtin, sizeof(product->gtin));
    product->has_gtin = product->gtin[0] != '\0';
}

int catalogue_find_name(struct catalogue *catalogue, struct product_id id, char *ret_name,
                        size_t size_bytes, struct kit_error *err)
{
    PRE(kit_db_in_tx(catalogue->statements.db) && size_bytes > 0);
    bool found = false;

    ret_name[0] = '\0';
    struct kit_query q = kit_query_start(&catalogue->statements, Q_GET);
    kit_query_int(&q, id.v);
    int rc = kit_query_row(&q, &found, err);
    if (rc == KIT_OK && found)
        kit_query_col_text(&q, 1, ret_name, size_bytes);
    kit_query_end(&q);
    return rc;
}

int catalogue_find_size(struct catalogue *catalogue, struct product_id id,
                        enum product_size *ret_size, bool *ret_found, struct kit_error *err)
{
    PRE(kit_db_in_tx(catalogue->statements.db));
    struct kit_query q = kit_query_start(&catalogue->statements, Q_GET);
    kit_query_int(&q, id.v);
    int rc = kit_query_row(&q, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        *ret_size = (enum product_size)kit_query_col_int(&q, 6);
    kit_query_end(&q);
    return rc;
}

int catalogue_get(struct catalogue *catalogue, const struct kit_rpc_request *request,
                  struct kit_buf *response, struct kit_error *err)
{
    struct msg_rpc_get_request msg;
    struct msg_rpc_product_response answer = { 0 };
    bool found = false;

    int rc = msg_rpc_get_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct kit_query q = kit_query_start(&catalogue->statements, Q_GET);
    kit_query_int(&q, msg.id);
    rc = kit_query_row(&q, &found, err);
    if (rc == KIT_OK && found)
        read_row(&q, &answer);
    kit_query_end(&q);
    if (rc != KIT_OK)
        return rc;
    if (!found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "Product %" PRId64 " is not known here; one that was just registered"
                             " arrives within a moment.",
                             msg.id);
    msg_rpc_product_response_encode(&answer, response);
    return KIT_OK;
}

int catalogue_list(struct catalogue *catalogue, const struct kit_rpc_request *request,
                   struct kit_buf *response, struct kit_error *err)
{
    struct msg_rpc_product_list_response *answer = kit_arena_take(
        kit_service_arena(catalogue->service), sizeof(*answer));
    struct msg_rpc_list_request msg;
    bool found = false;

    int rc = msg_rpc_list_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct kit_query q = kit_query_start(&catalogue->statements, Q_LIST);
    kit_query_int(&q, msg.size);
    kit_query_int(&q, msg.page * msg.size);
    rc = kit_query_row(&q, &found, err);
    while (rc == KIT_OK && found && answer->items_count < (size_t)msg.size) {
        read_row(&q, &answer->items[answer->items_count++]);
        rc = kit_query_row(&q, &found, err);
    }
    kit_query_end(&q);
    if (rc == KIT_OK)
        rc = kit_query_one_int(&catalogue->statements, Q_COUNT, &answer->total, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "listing the copies of products");
    msg_rpc_product_list_response_encode(answer, response);
    return KIT_OK;
}

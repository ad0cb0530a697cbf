/* Lists that are looked through: what may follow the "?" instead of a page, and where the answer
 * goes on. The text is as it came, "" if nothing did; nothing here trusts its length or content.
 * No I/O. */
#ifndef BRIDGE_SEARCH_H
#define BRIDGE_SEARCH_H

#include "bridge/hal.h"
#include "kit/base/buf.h"
#include "msg/http_search_links.gen.h"
#include "msg/rpc_asset_search_request.gen.h"
#include "msg/rpc_order_search_request.gen.h"
#include "msg/rpc_product_search_request.gen.h"

/* Lists that can be looked through; each takes its own members of a query. */
enum search_list {
    SEARCH_NONE = 0,
    SEARCH_ASSETS = 2,   /* ?order=3, ?product=1 or ?place=bin:A-01 */
    SEARCH_PRODUCTS = 3, /* ?q=standing%20desk */
    SEARCH_ORDERS = 1,   /* ?status=READY,PICKED&sort=newest&ids=3,7&product=1&locker=locker-1 */
};

/* What a query may say of any of them. Members that it does not name are 0. */
struct search_query {
    int64_t size;
    int64_t after; /* behind this one; 0: from the start */
    bool is_newest;
    struct msg_rpc_order_search_request order;     /* ids, states, products, locker */
    struct msg_rpc_asset_search_request asset;     /* order, product, place */
    struct msg_rpc_product_search_request product; /* text */
};

/* Does the query name anything that pages of this list do not take? */
bool search_is_asked(const char *query, enum search_list list);

/**
 * search_read() - Read the query of a list that is looked through.
 *
 * Values are percent-encoded where needed; several stand with commas between them.
 *
 * Errors: KIT_E_INVALID with type "invalid-query" and a sentence for a name that the list does not
 *         take, one given twice, or a value of another form; *ret is then worthless.
 */
int search_read(const char *query, enum search_list list, struct search_query *ret,
                struct kit_error *err) KIT_MUST_CHECK;

/* Writes the links of an answer: to itself, and with next > 0 to what follows behind that one. The
 * place's query has passed search_read(). */
void search_link(const struct hal_place *place, int64_t next, struct msg_http_search_links *ret);

#endif

/* Lists that are looked through: what may follow the "?" instead of a page, and where the answer
 * goes on. The text is as it came, "" if nothing did; nothing here trusts its length or content.
 * No I/O. */
#ifndef BRIDGE_SEARCH_H
#define BRIDGE_SEARCH_H

#include "bridge/route.h"
#include "msg/http_search_links.gen.h"
#include "msg/rpc_asset_search_request.gen.h"
#include "msg/rpc_order_search_request.gen.h"
#include "msg/rpc_product_search_request.gen.h"

/* What a query asks for: the request that it is for its list. The other two hold its size and place
 * alone. */
struct search_query {
    struct msg_rpc_order_search_request order;
    struct msg_rpc_asset_search_request asset;
    struct msg_rpc_product_search_request product;
};

/* Is it a list that is looked through? */
bool search_is_kind(enum query_kind kind);

/* Is it one, and does the query name anything that its pages do not take? */
bool search_is_asked(const char *query, enum query_kind kind);

/**
 * search_read() - Read the query of a list that is looked through.
 *
 * Each kind takes its own members, and size and after. Values are percent-encoded where needed;
 * several stand with commas between them.
 *
 * Errors: KIT_E_INVALID with type "invalid-query" and a sentence for a name that the list does not
 *         take, one given twice, or a value of another form; *ret is then worthless.
 */
int search_read(const char *query, enum query_kind kind, struct search_query *ret,
                struct kit_error *err) KIT_MUST_CHECK;

/* Writes the links of an answer: to itself, and with next > 0 to what follows behind that one. The
 * place's query has passed search_read(). */
void search_link(const struct hal_place *place, int64_t next, struct msg_http_search_links *ret);

#endif

/* Path, query, trace and key. See request_head.h. */
#include "bridge/request_head.h"

#include <stdio.h>
#include <string.h>

#include "bridge/feed_filter.h"
#include "bridge/request_access.h"
#include "bridge/search.h"
#include "bridge/token.h"

#define KEY_TIME_BYTES 6

void request_head_read(struct request *request, const char *method)
{
    struct route_match *match = &request->match;

    request->method = http_method_from_text(method);
    route_find(request->port, request->method, request->path, match);
    if (match->outcome == ROUTE_FOUND)
        match->route = route_for_query(match->route, request->query);
    if ((match->outcome == ROUTE_WRONG_METHOD && request->method != HTTP_UNKNOWN) ||
        match->outcome == ROUTE_OPTIONS)
        http_allow_text(match->allow, request->answer.allow);
    CHECK(match->collection_length < sizeof(request->collection));
    memcpy(request->collection, request->path, match->collection_length);
    request->collection[match->collection_length] = '\0';
    request->exchange = (struct exchange){
        .place = { .is_https = request->bridge->is_https,
                   .host = request->headers.host,
                   .collection = request->collection,
                   .query = request->query },
        .page = { .number = 0, .size = BRIDGE_PAGE_SIZE_DEFAULT },
        .id = match->id,
        .name = match->rest,
        .name_length = match->rest_length,
    };
}

void request_head_fill_trace(struct request *request)
{
    const char *given = request->headers.traceparent;
    uint8_t ids[24];

    if (given != NULL && header_is_traceparent(given)) {
        memcpy(request->traceparent, given, KIT_TRACEPARENT_SIZE);
        return;
    }
    entropy_take(&request->bridge->entropy, request->bridge->rng, ids, sizeof(ids));
    ids[0] |= 1; /* all zero is not allowed */
    ids[16] |= 1;
    memcpy(request->traceparent, "00-", 3);
    entropy_write_hex(ids, 16, request->traceparent + 3);
    request->traceparent[35] = '-';
    entropy_write_hex(ids + 16, 8, request->traceparent + 36);
    memcpy(request->traceparent + 52, "-01", 4);
}

/* ---- the idempotency key ---- */

/* A key of ours: time in front, as in a UUIDv7, so that the executor's index of keys grows at its
 * end instead of everywhere, and a commit writes a few pages instead of one for each request. */
static void make_key(struct request *request)
{
    const struct kit_clock *clock = request->bridge->clock;
    const int64_t now_ms = clock->wall_ms(clock->self);
    uint8_t bytes[16];

    entropy_take(&request->bridge->entropy, request->bridge->rng, bytes, sizeof(bytes));
    for (int i = 0; i < KEY_TIME_BYTES; i++)
        bytes[i] = (uint8_t)(now_ms >> (8 * (KEY_TIME_BYTES - 1 - i)));
    entropy_write_hex(bytes, sizeof(bytes), request->key);
    request->key[32] = '\0';
}

/* "h:" in front keeps the client's keys apart from ours. */
static int fill_key(struct request *request, struct kit_error *err)
{
    const char *given = request->headers.idempotency_key;

    if (request->match.route->kind != ROUTE_EFFECT)
        return KIT_OK;
    if (given == NULL) {
        make_key(request);
        return KIT_OK;
    }
    if (!header_is_key(given))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-idempotency-key",
                               "Idempotency-Key must be 1 to %d visible ASCII characters; "
                               "a UUID is fine",
                               BRIDGE_HEADER_KEY_MAX);
    snprintf(request->key, sizeof(request->key), "h:%s", given);
    request->has_client_key = true;
    return KIT_OK;
}

/* ---- judging ---- */

static int check_route(const struct request *request, struct kit_error *err)
{
    if (request->method == HTTP_UNKNOWN)
        return kit_error_typed(err, KIT_E_REFUSED, "method-not-implemented",
                               "nothing here knows that method; OPTIONS tells what a path takes");
    switch (request->match.outcome) {
    case ROUTE_FOUND:
    case ROUTE_OPTIONS:
        return KIT_OK;
    case ROUTE_UNKNOWN_PATH:
        return kit_error_typed(err, KIT_E_NOT_FOUND, "unknown-path",
                               "nothing is served at this path on this port; GET / lists what is");
    case ROUTE_WRONG_METHOD:
        return kit_error_typed(err, KIT_E_REFUSED, "method-not-allowed",
                               "this path does not take that method; it takes %s",
                               request->answer.allow);
    case ROUTE_BAD_ID:
        return kit_error_typed(
            err, KIT_E_INVALID, "invalid-id",
            "an id is a whole number from 1 to %lld in plain decimal, as in %s/1",
            (long long)BRIDGE_ID_MAX, request->collection);
    }
    UNREACHABLE("an outcome of route_find()");
}

static int refuse_query(const struct request *request, struct kit_error *err)
{
    if (request->query[0] == '\0')
        return KIT_OK;
    return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                           "this request takes no query; leave out the ? and what follows");
}

/* A label that is fine may still leave no room for a host that is long, too: the answer's own link
 * repeats both. */
static int read_label(struct exchange *exchange, struct kit_error *err)
{
    int rc = query_read_label(exchange->place.query, exchange->label, err);
    if (rc != KIT_OK)
        return rc;
    if (!hal_has_room(&exchange->place))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "label and host together are too long for a link; percent-encode "
                               "only what needs it");
    return KIT_OK;
}

static int check_feed_query(const char *query, struct kit_error *err)
{
    struct feed_query feed;
    return feed_query_read(query, &feed, err);
}

/* What is fine is read again for the service: most requests need no room for it. */
static int check_search(const char *query, enum query_kind kind, struct kit_error *err)
{
    struct search_query search;
    return search_read(query, kind, &search, err);
}

static int read_query(struct request *request, struct kit_error *err)
{
    struct exchange *exchange = &request->exchange;
    const char *query = request->query;

    if (request->match.route == NULL) /* OPTIONS */
        return refuse_query(request, err);
    switch (request->match.route->query) {
    case QUERY_NONE:
        return refuse_query(request, err);
    case QUERY_PAGE:
        return query_read_page(query, &exchange->page, err);
    case QUERY_SORTED_PAGE:
        return query_read_sorted_page(query, &exchange->page, err);
    case QUERY_PAGE_OR_LABEL:
        return query_has_label(query) ? read_label(exchange, err)
                                      : query_read_page(query, &exchange->page, err);
    case QUERY_ANY:
        return KIT_OK;
    case QUERY_SINCE:
        return query_read_since(query, &exchange->since_ms, err);
    case QUERY_FEED:
        return check_feed_query(query, err);
    case QUERY_ORDER_SEARCH:
    case QUERY_ASSET_SEARCH:
    case QUERY_PRODUCT_SEARCH:
        return check_search(query, request->match.route->query, err);
    case QUERY_FORMAT:
        return query_read_format(query, request->headers.accept, &exchange->format, err);
    }
    UNREACHABLE("a kind of query");
}

static int check_head(struct request *request, struct kit_error *err)
{
    if (request->is_target_too_long)
        return kit_error_typed(err, KIT_E_TOO_LARGE, "uri-too-long",
                               "path and query may have at most %d bytes", BRIDGE_TARGET_MAX);
    int rc = access_check_host(&request->bridge->hosts, request->headers.host, err);
    if (rc != KIT_OK)
        return rc;
    rc = access_check_site(&request->bridge->hosts, request->method, &request->headers, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_route(request, err);
    if (rc != KIT_OK)
        return rc;
    if (request->match.outcome == ROUTE_FOUND) {
        rc = request_access_check(request, err);
        if (rc != KIT_OK)
            return rc;
    }
    rc = read_query(request, err);
    if (rc != KIT_OK || request->match.outcome != ROUTE_FOUND)
        return rc;
    return fill_key(request, err);
}

void request_head_check(struct request *request)
{
    (void)check_head(request, &request->refusal);
}

/* No allocation; every loop ends with the text. See search.h. */
#include "bridge/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bridge/token.h"
#include "kit/base/check.h"
#include "kit/base/text.h"

#define VALUE_SIZE 1025 /* a target is not longer */
#define TEXT_CHARACTERS_MAX 64
#define AFTER "after="

/* ---- values ---- */

static int refuse(struct kit_error *err, const char *sentence)
{
    return kit_error_typed(err, KIT_E_INVALID, "invalid-query", "%s", sentence);
}

static bool read_id(const char *text, int64_t *ret)
{
    const struct token_range ids = { 1, BRIDGE_ID_MAX };
    return token_read_decimal(text, strlen(text), ids, ret);
}

static int set_size(struct search_query *query, const char *text, struct kit_error *err)
{
    const struct token_range range = { 1, BRIDGE_PAGE_SIZE_MAX };

    if (!token_read_decimal(text, strlen(text), range, &query->order.size))
        return refuse(err, "size must be a whole number from 1 to 100, as in ?size=20");
    query->asset.size = query->product.size = query->order.size;
    return KIT_OK;
}

static int set_after(struct search_query *query, const char *text, struct kit_error *err)
{
    if (!read_id(text, &query->order.after.v))
        return refuse(err, "after must be as the next link of an answer has it; follow that link");
    query->asset.after.v = query->product.after.v = query->order.after.v;
    query->order.has_after = query->asset.has_after = query->product.has_after = true;
    return KIT_OK;
}

static int set_sort(struct search_query *query, const char *text, struct kit_error *err)
{
    query->order.sort = ORDER_SORT_NEWEST;
    query->order.has_sort = strcmp(text, "newest") == 0;
    if (!query->order.has_sort && strcmp(text, "oldest") != 0)
        return refuse(err, "sort must be oldest or newest, as in ?sort=newest");
    return KIT_OK;
}

static int add_state(struct search_query *query, const char *text, struct kit_error *err)
{
    struct msg_rpc_order_search_request *order = &query->order;

    for (int state = 1; state <= ORDER_STATE_MAX; state++) {
        if (strcmp(text, order_state_text((enum order_state)state)) != 0)
            continue;
        if (order->states_count == KIT_COUNT(order->states))
            return refuse(err, "status names a state twice; name each once");
        order->has_states = true;
        order->states[order->states_count++].state = (enum order_state)state;
        return KIT_OK;
    }
    return refuse(err, "status must be ORDERED, RESERVED, PICKED, READY, DELIVERED, RETURNING, "
                       "RETURNED, CANCELED, CANCELED_OutOfStock, CANCELED_UnregisteredProduct or "
                       "EXPIRED, several with commas between them");
}

static int add_id(struct search_query *query, const char *text, struct kit_error *err)
{
    struct msg_rpc_order_search_request *order = &query->order;
    int64_t id;

    if (!read_id(text, &id) || order->ids_count == KIT_COUNT(order->ids))
        return refuse(err, "ids must be 1 to 100 ids with commas between them, as in ?ids=3,7");
    order->has_ids = true;
    order->ids[order->ids_count++].id.v = id;
    return KIT_OK;
}

static int add_product(struct search_query *query, const char *text, struct kit_error *err)
{
    struct msg_rpc_order_search_request *order = &query->order;
    int64_t id;

    if (!read_id(text, &id) || order->products_count == KIT_COUNT(order->products))
        return refuse(err, "product must be 1 to 10 ids of products with commas between them, as "
                           "in ?product=1");
    order->has_products = true;
    order->products[order->products_count++].id.v = id;
    return KIT_OK;
}

static int set_locker(struct search_query *query, const char *text, struct kit_error *err)
{
    struct msg_rpc_order_search_request *order = &query->order;

    if (!token_is_device(text, strlen(text)))
        return refuse(err, "locker must be the name of a locker, as in ?locker=locker-1");
    order->has_locker = true;
    kit_text_copy(order->locker, sizeof(order->locker), text);
    return KIT_OK;
}

static int set_order(struct search_query *query, const char *text, struct kit_error *err)
{
    query->asset.has_order = true;
    if (!read_id(text, &query->asset.order.v))
        return refuse(err, "order must be the id of an order, as in ?order=3");
    return KIT_OK;
}

static int set_asset_product(struct search_query *query, const char *text, struct kit_error *err)
{
    query->asset.has_product = true;
    if (!read_id(text, &query->asset.product.v))
        return refuse(err, "product must be the id of a product, as in ?product=1");
    return KIT_OK;
}

static int set_place(struct search_query *query, const char *text, struct kit_error *err)
{
    const struct token_range kinds = { 3, 11 };

    if (!token_is_kind_and_name(text, kinds))
        return refuse(err, "place must be kind and name, as in ?place=bin:A-01");
    query->asset.has_place = true;
    kit_text_copy(query->asset.place, sizeof(query->asset.place), text);
    return KIT_OK;
}

static int set_text(struct search_query *query, const char *text, struct kit_error *err)
{
    const size_t length = token_count_characters(text);

    if (length < 1 || length > TEXT_CHARACTERS_MAX)
        return refuse(err, "q must be 1 to 64 characters, percent-encoded UTF-8, as in ?q=desk");
    query->product.has_text = true;
    kit_text_copy(query->product.text, sizeof(query->product.text), text);
    return KIT_OK;
}

/* ---- members ---- */

#define IN(list) (1U << QUERY_##list##_SEARCH)
#define EVERYWHERE (IN(ORDER) | IN(ASSET) | IN(PRODUCT))

static const struct member {
    const char *name; /* with "=" */
    unsigned kinds;   /* bits of enum query_kind */
    bool is_several;  /* with commas between them */
    int (*set)(struct search_query *query, const char *text, struct kit_error *err);
} MEMBERS[] = {
    { "size=", EVERYWHERE, false, set_size },
    { AFTER, EVERYWHERE, false, set_after },
    { "sort=", IN(ORDER), false, set_sort },
    { "status=", IN(ORDER), true, add_state },
    { "ids=", IN(ORDER), true, add_id },
    { "product=", IN(ORDER), true, add_product },
    { "locker=", IN(ORDER), false, set_locker },
    { "order=", IN(ASSET), false, set_order },
    { "product=", IN(ASSET), false, set_asset_product },
    { "place=", IN(ASSET), false, set_place },
    { "q=", IN(PRODUCT), false, set_text },
};

static const char *const REFUSALS[] = {
    [QUERY_ORDER_SEARCH] =
        "the query may only hold page and size, or instead of a page status, sort, "
        "ids, product, locker, size and after, as in ?status=READY&sort=newest",
    [QUERY_ASSET_SEARCH] =
        "the query may only hold page and size, or label alone, or instead of a page "
        "order, product or place, and size and after, as in ?order=3",
    [QUERY_PRODUCT_SEARCH] =
        "the query may only hold page and size, or instead of a page q, size and "
        "after, as in ?q=desk",
};

/* NULL: the list takes no such member. */
static const struct member *find_member(const char *pair, enum query_kind kind)
{
    for (size_t i = 0; i < KIT_COUNT(MEMBERS); i++) {
        const struct member *member = &MEMBERS[i];
        if ((member->kinds & (1U << kind)) != 0 &&
            strncmp(pair, member->name, strlen(member->name)) == 0)
            return member;
    }
    return NULL;
}

/* Behind the pair and the "&" that follows it. */
static const char *next_pair(const char *pair)
{
    pair += strcspn(pair, "&");
    return *pair == '&' ? pair + 1 : pair;
}

bool search_is_kind(enum query_kind kind)
{
    return (EVERYWHERE & (1U << kind)) != 0;
}

bool search_is_asked(const char *query, enum query_kind kind)
{
    for (; *query != '\0'; query = next_pair(query)) {
        const struct member *member = find_member(query, kind);
        if (member != NULL && member->set != set_size)
            return true;
    }
    return false;
}

/* Hands over the value, or what stands between its commas. */
static int set_value(const struct member *member, char *value, struct search_query *query,
                     struct kit_error *err)
{
    for (;;) {
        const size_t length = strcspn(value, member->is_several ? "," : "");
        const bool is_last = value[length] == '\0';
        value[length] = '\0';
        int rc = member->set(query, value, err);
        if (rc != KIT_OK || is_last)
            return rc;
        value += length + 1;
    }
}

static int read_pair(const char *pair, const struct member *member, struct search_query *query,
                     struct kit_error *err)
{
    char value[VALUE_SIZE];
    const size_t name = strlen(member->name);

    if (!token_decode_percent(pair + name, strcspn(pair, "&") - name, sizeof(value), value))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "the value of %.*s is not percent-encoded as it should be",
                               (int)name - 1, member->name);
    return set_value(member, value, query, err);
}

/* No index has both. */
static int check_together(const struct search_query *query, struct kit_error *err)
{
    const struct msg_rpc_order_search_request *order = &query->order;

    if (query->asset.has_order + query->asset.has_product + query->asset.has_place > 1)
        return refuse(err, "order, product and place do not go together; give one of them");
    if (order->has_locker && order->products_count > 0 && order->ids_count == 0)
        return refuse(err, "product and locker go together only with ids; leave one of them out");
    return KIT_OK;
}

int search_read(const char *query, enum query_kind kind, struct search_query *ret,
                struct kit_error *err)
{
    unsigned seen = 0;

    PRE(search_is_kind(kind));
    *ret = (struct search_query){ .order.size = BRIDGE_PAGE_SIZE_DEFAULT,
                                  .asset.size = BRIDGE_PAGE_SIZE_DEFAULT,
                                  .product.size = BRIDGE_PAGE_SIZE_DEFAULT };
    for (; *query != '\0'; query = next_pair(query)) {
        const struct member *member = find_member(query, kind);
        if (member == NULL)
            return refuse(err, REFUSALS[kind]);
        const unsigned bit = 1U << (member - MEMBERS);
        if ((seen & bit) != 0)
            return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                                   "%.*s is given twice in the query; give it once",
                                   (int)strlen(member->name) - 1, member->name);
        seen |= bit;
        int rc = read_pair(query, member, ret, err);
        if (rc != KIT_OK)
            return rc;
    }
    return check_together(ret, err);
}

/* ---- links ---- */

/* The query without its place, and with another one. */
static void write_next(const struct hal_place *place, int64_t next, char *ret_href, size_t size)
{
    int length = snprintf(ret_href, size, "%s%s%s?", hal_scheme(place), place->host,
                          place->collection);

    for (const char *pair = place->query; *pair != '\0'; pair = next_pair(pair)) {
        if (strncmp(pair, AFTER, strlen(AFTER)) == 0)
            continue;
        CHECK(length > 0 && (size_t)length < size);
        length += snprintf(ret_href + length, size - (size_t)length, "%.*s&",
                           (int)strcspn(pair, "&"), pair);
    }
    CHECK(length > 0 && (size_t)length < size);
    length += snprintf(ret_href + length, size - (size_t)length, AFTER "%" PRId64, next);
    CHECK((size_t)length < size);
}

void search_link(const struct hal_place *place, int64_t next, struct msg_http_search_links *ret)
{
    const size_t size = sizeof(ret->self.href);
    int length = snprintf(ret->self.href, size, "%s%s%s?%s", hal_scheme(place), place->host,
                          place->collection, place->query);

    CHECK(length > 0 && (size_t)length < size);
    ret->has_next = next > 0;
    if (ret->has_next)
        write_next(place, next, ret->next.href, sizeof(ret->next.href));
}

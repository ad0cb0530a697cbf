/* No allocation; every loop ends with the text. See query.h. */
#include "bridge/query.h"

#include <string.h>

#include "bridge/token.h"
#include "kit/base/time.h"

#define LABEL_NAME "label="
#define SINCE_NAME "since="

/* ---- pages ---- */

static bool is_name(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(text, name, length) == 0;
}

static int read_page_number(const char *value, size_t length, struct page_query *page,
                            struct kit_error *err)
{
    const struct token_range range = { 0, BRIDGE_PAGE_NUMBER_MAX };

    if (!token_read_decimal(value, length, range, &page->number))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "page must be a whole number from 0 to %lld, as in ?page=0&size=20",
                               (long long)BRIDGE_PAGE_NUMBER_MAX);
    return KIT_OK;
}

static int read_page_size(const char *value, size_t length, struct page_query *page,
                          struct kit_error *err)
{
    const struct token_range range = { 1, BRIDGE_PAGE_SIZE_MAX };

    if (!token_read_decimal(value, length, range, &page->size))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "size must be a whole number from 1 to %d, as in ?page=0&size=20",
                               BRIDGE_PAGE_SIZE_MAX);
    return KIT_OK;
}

static int read_page_sort(const char *value, size_t length, struct page_query *page,
                          struct kit_error *err)
{
    page->is_tour = is_name(value, length, "tour");
    if (!page->is_tour && !is_name(value, length, "oldest"))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "sort must be oldest or tour, as in ?sort=tour");
    return KIT_OK;
}

static const struct page_member {
    const char *name;
    int (*read)(const char *value, size_t length, struct page_query *page, struct kit_error *err);
} PAGE_MEMBERS[] = {
    { "page", read_page_number },
    { "size", read_page_size },
    { "sort", read_page_sort },
};
#define PLAIN_MEMBERS 2 /* those of every list */

/* A query while it is read. */
struct page_reading {
    size_t member_count; /* of PAGE_MEMBERS that it may have */
    unsigned seen;       /* bits of those that it has */
    struct page_query page;
};

/* One "name=value". */
static int read_pair(const char *pair, size_t length, struct page_reading *reading,
                     struct kit_error *err)
{
    const char *equals = memchr(pair, '=', length);
    const size_t name_length = equals == NULL ? length : (size_t)(equals - pair);
    const char *value = equals == NULL ? "" : equals + 1;
    const size_t value_length = equals == NULL ? 0 : length - name_length - 1;

    for (size_t i = 0; i < reading->member_count; i++) {
        const struct page_member *member = &PAGE_MEMBERS[i];
        if (!is_name(pair, name_length, member->name))
            continue;
        if ((reading->seen & (1U << i)) != 0)
            return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                                   "%s is given twice in the query; give it once", member->name);
        reading->seen |= 1U << i;
        return member->read(value, value_length, &reading->page, err);
    }
    return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                           "the query may only hold page%s, as in ?page=0&size=20",
                           reading->member_count > PLAIN_MEMBERS ? ", size and sort" : " and size");
}

static int read_members(const char *query, size_t member_count, struct page_query *ret,
                        struct kit_error *err)
{
    struct page_reading reading = { .member_count = member_count,
                                    .page = { .size = BRIDGE_PAGE_SIZE_DEFAULT } };

    while (*query != '\0') {
        const size_t length = strcspn(query, "&");
        int rc = read_pair(query, length, &reading, err);
        if (rc != KIT_OK)
            return rc;
        query += length;
        if (*query == '&')
            query++;
    }
    *ret = reading.page;
    return KIT_OK;
}

int query_read_page(const char *query, struct page_query *ret, struct kit_error *err)
{
    return read_members(query, PLAIN_MEMBERS, ret, err);
}

int query_read_sorted_page(const char *query, struct page_query *ret, struct kit_error *err)
{
    return read_members(query, KIT_COUNT(PAGE_MEMBERS), ret, err);
}

/* ---- labels ---- */

bool query_has_label(const char *query)
{
    return strncmp(query, LABEL_NAME, strlen(LABEL_NAME)) == 0;
}

/* The value of "name=value", which stands alone; false: it does not, or is broken. */
static bool read_alone(const char *query, const char *name, size_t size_bytes, char *ret_value)
{
    const char *value = query + strlen(name);
    const size_t length = strcspn(value, "&");

    return value[length] == '\0' && token_decode_percent(value, length, size_bytes, ret_value);
}

int query_read_label(const char *query, char ret_label[BRIDGE_LABEL_SIZE], struct kit_error *err)
{
    const struct token_range kinds = { 4, 5 };
    char label[BRIDGE_LABEL_SIZE] = "";

    PRE(query_has_label(query));
    if (!read_alone(query, LABEL_NAME, sizeof(label), label) ||
        !token_is_kind_and_name(label, kinds))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "label must be that of an asset, kind and value, alone and "
                               "percent-encoded where needed, as in ?label=asset:DRILL-1");
    memcpy(ret_label, label, sizeof(label));
    return KIT_OK;
}

/* ---- times ---- */

int query_read_since(const char *query, int64_t *ret_ms, struct kit_error *err)
{
    char text[KIT_TIME_TEXT_SIZE];

    *ret_ms = 0;
    if (query[0] == '\0')
        return KIT_OK;
    if (strncmp(query, SINCE_NAME, strlen(SINCE_NAME)) != 0 ||
        !read_alone(query, SINCE_NAME, sizeof(text), text) || !kit_time_from_text(text, ret_ms))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "since must be a time in UTC with milliseconds, alone, as in "
                               "?since=2026-01-31T12:00:00.000Z");
    return KIT_OK;
}

/* ---- formats ---- */

int query_read_format(const char *query, const char *accept, enum answer_format *ret_format,
                      struct kit_error *err)
{
    static const char *const QUERIES[] = {
        [FORMAT_HAL] = "format=json",
        [FORMAT_PNG] = "format=png",
        [FORMAT_SVG] = "format=svg",
    };

    if (query[0] == '\0') {
        if (accept_choose(accept, ret_format))
            return KIT_OK;
        return kit_error_typed(err, KIT_E_INVALID, "not-acceptable",
                               "this is served as application/json, image/png and image/svg+xml; "
                               "accept one of them, or add ?format=json, png or svg");
    }
    for (int format = FORMAT_HAL; format <= FORMAT_SVG; format++) {
        if (strcmp(query, QUERIES[format]) == 0) {
            *ret_format = (enum answer_format)format;
            return KIT_OK;
        }
    }
    return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                           "this request takes ?format=json, ?format=png or ?format=svg");
}

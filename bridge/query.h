/* What may follow the "?" of a request: a page, its order, a label, a time or a format, whatever
 * the route takes. The text is as it came, "" if nothing did; nothing here trusts its length or
 * content. Pure. */
#ifndef BRIDGE_QUERY_H
#define BRIDGE_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/accept.h"
#include "kit/base/error.h"

#define BRIDGE_PAGE_NUMBER_MAX INT64_C(1000000000)
#define BRIDGE_PAGE_SIZE_MAX 100
#define BRIDGE_PAGE_SIZE_DEFAULT 20
#define BRIDGE_LABEL_SIZE 71 /* of an asset, as in the schemas */

struct page_query {
    int64_t number; /* from 0 */
    int64_t size;
    bool is_tour; /* ?sort=tour: in walking order */
};

/**
 * query_read_page() - Read "page=1&size=20", both optional.
 *
 * Errors: KIT_E_INVALID with type "invalid-query" for a name that is not page or size, one given
 *         twice, or a value out of range; *ret is then untouched.
 */
int query_read_page(const char *query, struct page_query *ret,
                    struct kit_error *err) KIT_MUST_CHECK;

/* Reads the same, and "sort=tour" or "sort=oldest". Errors as query_read_page(). */
int query_read_sorted_page(const char *query, struct page_query *ret,
                           struct kit_error *err) KIT_MUST_CHECK;

/* Does the query ask for a label? Then query_read_label() is to read it. */
bool query_has_label(const char *query);

/* Reads "label=asset:DRILL-1", percent-encoded where needed; it stands alone. ret_label is written
 * only on KIT_OK. Errors: KIT_E_INVALID with type "invalid-query". */
int query_read_label(const char *query, char ret_label[BRIDGE_LABEL_SIZE],
                     struct kit_error *err) KIT_MUST_CHECK;

/* Reads "since=2026-01-31T12:00:00.000Z", percent-encoded where needed; without it *ret_ms is 0.
 * Errors: KIT_E_INVALID with type "invalid-query". */
int query_read_since(const char *query, int64_t *ret_ms, struct kit_error *err) KIT_MUST_CHECK;

/* Reads "format=json", "format=png" or "format=svg"; without a query the Accept header counts.
 * Errors: KIT_E_INVALID with type "invalid-query", or "not-acceptable" when the header names none
 * of the three. */
int query_read_format(const char *query, const char *accept, enum answer_format *ret_format,
                      struct kit_error *err) KIT_MUST_CHECK;

#endif

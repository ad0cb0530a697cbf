/* What a request's line and headers may say, checked before anything else looks at it. Pure; text
 * in, verdict out. Texts come from the network: nothing here trusts their length or content. */
#ifndef BRIDGE_INPUTS_H
#define BRIDGE_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/error.h"

#define BRIDGE_ID_MAX INT64_C(9007199254740991) /* 2^53-1, as in the schemas */
#define BRIDGE_PAGE_NUMBER_MAX INT64_C(1000000000)
#define BRIDGE_PAGE_SIZE_MAX 100
#define BRIDGE_PAGE_SIZE_DEFAULT 20
#define BRIDGE_LABEL_SIZE 71     /* of an asset, as in the schemas */
#define BRIDGE_HOST_SIZE 200     /* with port; a href has room for it and a path */
#define BRIDGE_HEADER_KEY_MAX 94 /* "h:" goes in front, and the wire allows 96 */

/* In which form an answer goes out. Everything has the first; routes with images the others. */
enum answer_format {
    FORMAT_HAL = 0, /* application/hal+json */
    FORMAT_PNG = 1, /* image/png */
    FORMAT_SVG = 2, /* image/svg+xml */
};

struct page_query {
    int64_t number; /* from 0 */
    int64_t size;
};

/* A plain decimal from min to max: no sign, no leading zero, no space. false leaves *ret alone. */
bool input_decimal(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret);

/**
 * input_page() - Read "page=1&size=20", both optional.
 *
 * @query: what follows the "?", "" if nothing does.
 *
 * Errors: KIT_E_INVALID with type "invalid-query" for a name that is not page or size, one given
 *         twice, or a value out of range; *ret is then untouched.
 */
int input_page(const char *query, struct page_query *ret, struct kit_error *err) KIT_MUST_CHECK;

/* Reads "label=asset:DRILL-1", percent-encoded where needed; it stands alone. ret_label is written
 * only on KIT_OK. Errors: KIT_E_INVALID with type "invalid-query". */
int input_label(const char *query, char ret_label[BRIDGE_LABEL_SIZE],
                struct kit_error *err) KIT_MUST_CHECK;

/* Does the query ask for a label? Then input_label() reads it. */
bool input_has_label(const char *query);

/* As in the schemas: the name of a device. */
bool input_device_is_valid(const char *text, size_t length);

/* A host name, IPv4 address or [IPv6 address], and a port if any: what may go into our links. */
bool input_host_is_valid(const char *host);

/* W3C trace context, version 00: 00-<32 hex>-<16 hex>-<2 hex>, ids not all zero. */
bool input_traceparent_is_valid(const char *text);

/* Which of our forms the Accept header prefers; absent, or anything goes: JSON. false: none of
 * them. */
bool input_accept(const char *accept, enum answer_format *ret_format);

/* The same, unless the query is "format=json", "format=png" or "format=svg".
 * Errors: KIT_E_INVALID with type "invalid-query" or "not-acceptable". */
int input_format(const char *query, const char *accept, enum answer_format *ret_format,
                 struct kit_error *err) KIT_MUST_CHECK;

/* 1 to BRIDGE_HEADER_KEY_MAX visible ASCII characters. */
bool input_key_is_valid(const char *text);

/* application/json or application/hal+json, and application/merge-patch+json where it is a patch;
 * parameters are allowed, a charset only if it is utf-8. */
bool input_media_type_is_json(const char *content_type, bool is_patch);

#endif

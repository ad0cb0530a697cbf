/* The headers of a request that mean something to us, and what each may say. Texts come from the
 * network: nothing here trusts their length or content. Pure. */
#ifndef BRIDGE_HEADERS_H
#define BRIDGE_HEADERS_H

#include <stdbool.h>

#include "kit/base/error.h"

#define BRIDGE_BODY_BYTES_MAX 65536
#define BRIDGE_HOST_SIZE 200     /* with port; a href has room for it and a path */
#define BRIDGE_HEADER_KEY_MAX 94 /* "h:" goes in front, and the wire allows 96 */

/* What the adapter found in the headers. Texts are borrowed for the life of the request, NULL when
 * absent. */
struct request_headers {
    const char *host;
    const char *content_type;
    const char *idempotency_key;
    const char *accept; /* the first of them */
    const char *accept_encoding;
    const char *if_none_match;
    const char *last_event_id;
    const char *traceparent;
    const char *content_length;
    const char *authorization;
    const char *cookie;
    const char *csrf_token; /* X-CSRF-Token */
    const char *origin;
    const char *fetch_site; /* Sec-Fetch-Site */
    bool is_chunked;
    bool is_framed_otherwise; /* the Transfer-Encoding is another one */
    bool is_coded;            /* the body is compressed */
    const char *repeated;     /* name of one of the above that was given twice */
    bool is_broken; /* a control character in the head, a line that does not end with CR LF, or a
                     * name that is none */
};

/* Judges the headers that every request has, whatever its route: nothing is given twice, the body
 * has one length, the host is fit for links, and no byte hides behind a NUL. KIT_E_INVALID with
 * type "invalid-header" or "invalid-host": where such a request ends is anybody's guess, so nothing
 * behind it on its connection may be read as another one. */
int headers_check(const struct request_headers *headers, struct kit_error *err) KIT_MUST_CHECK;

/* Judges whether we shall read the body at all. KIT_E_TOO_LARGE when it is announced as longer than
 * BRIDGE_BODY_BYTES_MAX; KIT_E_INVALID with type "unknown-transfer-coding" or, when it is
 * compressed, "unsupported-media-type". */
int headers_check_body(const struct request_headers *headers, struct kit_error *err) KIT_MUST_CHECK;

/* The refusal of a body that is too long, announced or not: KIT_E_TOO_LARGE. */
int headers_refuse_size(struct kit_error *err);

/* The name of a header: a token of RFC 9110, so no space before its colon. */
bool header_is_name(const char *text);

/* A host name, IPv4 address or [IPv6 address], and a port if any: what may go into our links. */
bool header_is_host(const char *text);

/* W3C trace context, version 00: 00-<32 hex>-<16 hex>-<2 hex>, ids not all zero. */
bool header_is_traceparent(const char *text);

/* An Idempotency-Key: 1 to BRIDGE_HEADER_KEY_MAX visible ASCII characters. */
bool header_is_key(const char *text);

/* A Content-Type that we read: application/json or application/hal+json, of a patch also
 * application/merge-patch+json; parameters of RFC 9110 are allowed, a charset only if it is utf-8.
 */
bool header_is_json(const char *content_type, bool is_patch);

#endif

/* The form in which an answer goes out, and what the Accept header says about it; the
 * same of Accept-Encoding. Pure. */
#ifndef BRIDGE_ACCEPT_H
#define BRIDGE_ACCEPT_H

#include <stdbool.h>

/* Everything is served in the first form; a route that takes a format also in the others. */
enum answer_format {
    FORMAT_HAL = 0, /* application/hal+json */
    FORMAT_PNG = 1, /* image/png */
    FORMAT_SVG = 2, /* image/svg+xml */
};

/* Chooses the form that the client prefers by its weights (RFC 9110 12.5.1), the first of equal
 * ones. A header that is absent (NULL) or empty, and any wildcard but of images, means JSON. false:
 * it names none of ours; *ret_format is then FORMAT_HAL. */
bool accept_choose(const char *accept, enum answer_format *ret_format);

/* Would the client rather have a page than JSON? Only when it names text/html and gives it a higher
 * weight than every form of JSON that it takes: a wildcard never asks for a page. NULL is fine. */
bool accept_prefers_page(const char *accept);

/* Does an Accept-Encoding header allow gzip? NULL is fine: false. */
bool accept_takes_gzip(const char *accept_encoding);

#endif

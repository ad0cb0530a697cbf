/* One file of the pages, as it is answered. Read-only data. */
#ifndef BRIDGE_PAGE_H
#define BRIDGE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#define PAGE_PATH_SIZE 200
#define PAGE_TYPE_SIZE 80
#define PAGE_TAG_SIZE 24 /* "<16 hex digits>-gz" with its quotes */

struct page_bytes {
    char *data; /* owned; NULL: there are none */
    size_t size_bytes;
    char tag[PAGE_TAG_SIZE]; /* ETag, made of the bytes */
};

struct page {
    char path[PAGE_PATH_SIZE]; /* of the request: "/ui/js/app.3fa9c1d2.js" */
    char type[PAGE_TYPE_SIZE]; /* Content-Type */
    bool is_immutable;         /* its name holds a hash of its bytes */
    struct page_bytes plain;
    struct page_bytes gzip;
};

#endif

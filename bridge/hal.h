/* Links as Spring Data REST gave them: absolute, built from the Host of the request and the path as
 * it is served on that port. Pure. */
#ifndef BRIDGE_HAL_H
#define BRIDGE_HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/inputs.h"

#define HAL_HREF_SIZE 301 /* the schema's longest href, in ASCII, and NUL */

/* Where the client stands. Borrowed texts; host has passed input_host_is_valid(). */
struct hal_place {
    const char *host;       /* "localhost:8080" */
    const char *collection; /* "/rentals/products" */
    const char *query;      /* as it came, without "?"; "" if none */
};

/* One page of a list, and the links around it. first and last exist only if there is a previous or
 * a next page. */
struct hal_page {
    int64_t number;
    int64_t size;
    int64_t total_elements;
    int64_t total_pages;
    bool has_first, has_prev, has_next, has_last;
    char first[HAL_HREF_SIZE];
    char prev[HAL_HREF_SIZE];
    char self[HAL_HREF_SIZE];
    char next[HAL_HREF_SIZE];
    char last[HAL_HREF_SIZE];
};

/* http://<host><collection>/<id>. Returns the length. */
size_t hal_item_href(const struct hal_place *place, int64_t id, char ret[HAL_HREF_SIZE]);

/* @total: how many elements there are in all, >= 0. */
void hal_page_fill(const struct hal_place *place, const struct page_query *query, int64_t total,
                   struct hal_page *ret);

#endif

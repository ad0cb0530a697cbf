/* Links as Spring Data REST gave them: absolute, built from the Host of the request and the path as
 * it is served on that port. Pure. */
#ifndef BRIDGE_HAL_H
#define BRIDGE_HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/query.h"
#include "msg/paging.gen.h"

#define HAL_HREF_SIZE 301 /* the schema's longest href, in ASCII, and NUL */

/* Where the client stands. Borrowed texts; host has passed header_is_host(). */
struct hal_place {
    bool is_https;
    const char *host;       /* "localhost:8080" */
    const char *collection; /* "/rentals/products" */
    const char *query;      /* as it came, without "?"; "" if none */
};

/* What links to the place begin with: "https://" or "http://". Never NULL. */
const char *hal_scheme(const struct hal_place *place);

/* Writes <scheme><host><collection>/<id><rest>, which always fits. @rest: "", or "/pickup-code". */
void hal_write_item(const struct hal_place *place, int64_t id, const char *rest,
                    char ret_href[HAL_HREF_SIZE]);

/* Writes <scheme><host><path>, which always fits. */
void hal_write_path(const struct hal_place *place, const char *path, char ret_href[HAL_HREF_SIZE]);

/* Has a link to the place room for its query? A long host and a long label together may have none;
 * ask before hal_fill_paging(). */
bool hal_has_room(const struct hal_place *place);

/**
 * hal_fill_paging() - Place a page in its list, with the links around it.
 *
 * There are first and last only if there is a previous or a next page.
 *
 * @place:      hal_has_room() holds.
 * @query:      the page that was asked for; it may lie behind the end.
 * @total:      how many elements the list has in all, >= 0.
 * @ret_paging: written as a whole.
 */
void hal_fill_paging(const struct hal_place *place, const struct page_query *query, int64_t total,
                     struct msg_paging *ret_paging);

#endif

/* Links of items and pages. See hal.h. */
#include "bridge/hal.h"

#include <inttypes.h>
#include <stdio.h>

_Static_assert(sizeof(((struct msg_http_link *)NULL)->href) >= HAL_HREF_SIZE, "a href fits");

/* Takes what snprintf() returned. Hosts, paths and queries are bounded, see BRIDGE_HOST_SIZE: what
 * is cut is a bug. */
static void check_fits(int length)
{
    POST(length > 0 && length < HAL_HREF_SIZE);
}

const char *hal_scheme(const struct hal_place *place)
{
    return place->is_https ? "https://" : "http://";
}

void hal_write_path(const struct hal_place *place, const char *path, char ret_href[HAL_HREF_SIZE])
{
    check_fits(snprintf(ret_href, HAL_HREF_SIZE, "%s%s%s", hal_scheme(place), place->host, path));
}

void hal_write_item(const struct hal_place *place, int64_t id, const char *rest,
                    char ret_href[HAL_HREF_SIZE])
{
    check_fits(snprintf(ret_href, HAL_HREF_SIZE, "%s%s%s/%" PRId64 "%s", hal_scheme(place),
                        place->host, place->collection, id, rest));
}

/* Another page of the list that was asked for. */
static void link_page(const struct hal_place *place, const struct page_query *query, int64_t number,
                      struct msg_http_link *ret)
{
    check_fits(snprintf(ret->href, HAL_HREF_SIZE, "%s%s%s?page=%" PRId64 "&size=%" PRId64 "%s",
                        hal_scheme(place), place->host, place->collection, number, query->size,
                        query->is_tour ? "&sort=tour" : ""));
}

/* Returns the length that it needs, as snprintf() does. */
static int write_self(const struct hal_place *place, char ret_href[HAL_HREF_SIZE])
{
    return snprintf(ret_href, HAL_HREF_SIZE, "%s%s%s%s%s", hal_scheme(place), place->host,
                    place->collection, place->query[0] == '\0' ? "" : "?", place->query);
}

bool hal_has_room(const struct hal_place *place)
{
    char href[HAL_HREF_SIZE];
    return write_self(place, href) < HAL_HREF_SIZE;
}

void hal_fill_paging(const struct hal_place *place, const struct page_query *query, int64_t total,
                     struct msg_paging *ret_paging)
{
    PRE(query->size >= 1 && total >= 0);
    const int64_t pages = total / query->size + (total % query->size != 0);
    struct msg_paging_links *links = &ret_paging->links;

    ret_paging->page = (struct msg_paging_page){
        .size = query->size,
        .total_elements = total,
        .total_pages = pages,
        .number = query->number,
    };
    links->has_prev = query->number > 0;
    links->has_next = query->number + 1 < pages;
    links->has_first = links->has_prev || links->has_next;
    links->has_last = links->has_first;
    check_fits(write_self(place, links->self.href));
    if (links->has_first) {
        link_page(place, query, 0, &links->first);
        link_page(place, query, pages > 0 ? pages - 1 : 0, &links->last);
    }
    if (links->has_prev)
        link_page(place, query, query->number - 1, &links->prev);
    if (links->has_next)
        link_page(place, query, query->number + 1, &links->next);
}

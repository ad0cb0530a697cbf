/* Links of items and pages. */
#include "bridge/hal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static size_t written(int length)
{
    POST(length > 0 &&
         length < HAL_HREF_SIZE); /* hosts and paths are bounded; see BRIDGE_HOST_SIZE */
    return (size_t)length;
}

size_t hal_item_href(const struct hal_place *place, int64_t id, char ret[HAL_HREF_SIZE])
{
    return written(
        snprintf(ret, HAL_HREF_SIZE, "http://%s%s/%" PRId64, place->host, place->collection, id));
}

static void page_href(const struct hal_place *place, int64_t number, int64_t size,
                      char ret[HAL_HREF_SIZE])
{
    written(snprintf(ret, HAL_HREF_SIZE, "http://%s%s?page=%" PRId64 "&size=%" PRId64, place->host,
                     place->collection, number, size));
}

void hal_page_fill(const struct hal_place *place, const struct page_query *query, int64_t total,
                   struct hal_page *ret)
{
    PRE(query->size >= 1 && total >= 0);
    const int64_t pages = total / query->size + (total % query->size != 0);

    ret->number = query->number;
    ret->size = query->size;
    ret->total_elements = total;
    ret->total_pages = pages;
    ret->has_prev = query->number > 0;
    ret->has_next = query->number + 1 < pages;
    ret->has_first = ret->has_prev || ret->has_next;
    ret->has_last = ret->has_first;
    written(snprintf(ret->self, HAL_HREF_SIZE, "http://%s%s%s%s", place->host, place->collection,
                     place->query[0] == '\0' ? "" : "?", place->query));
    if (ret->has_first) {
        page_href(place, 0, query->size, ret->first);
        page_href(place, pages > 0 ? pages - 1 : 0, query->size, ret->last);
    }
    if (ret->has_prev)
        page_href(place, query->number - 1, query->size, ret->prev);
    if (ret->has_next)
        page_href(place, query->number + 1, query->size, ret->next);
}

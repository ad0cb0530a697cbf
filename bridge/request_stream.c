/* From a request to a reader. See request_stream.h. */
#include "bridge/request_stream.h"

#include <inttypes.h>

#include "bridge/request_access.h"
#include "bridge/request_answer.h"

/* The limit is apart from that of connections: a page that stays open all day is no request. */
static int check_room(const struct bridge *bridge, struct kit_error *err)
{
    if (bridge->is_draining)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the server is stopping");
    if (bridge->stream_count >= (size_t)bridge->streams_max)
        return kit_error_set(err, KIT_E_LIMIT,
                             "%" PRId64 " readers follow the events already; try again later, and "
                             "use one stream for all pages of a browser",
                             bridge->streams_max);
    return KIT_OK;
}

void request_begin_stream(struct request *request)
{
    struct bridge *bridge = request->bridge;

    if (check_room(bridge, &request->refusal) != KIT_OK) {
        request_answer_problem(request, &request->refusal);
        return;
    }
    request->answer.status = request->match.route->status;
    request->answer.content_type = "text/event-stream";
    request->state = request->method == HTTP_HEAD ? REQUEST_ANSWERED : REQUEST_STREAMING;
    if (request->state == REQUEST_STREAMING)
        metrics_add_answer(&bridge->metrics, request->match.route, request->answer.status,
                           bridge->clock->mono_ms(bridge->clock->self) - request->started_mono_ms);
}

/* What the browser sends by itself wins. An id that nobody can have given is of another history:
 * who comes with it must load anew, as a browser would come back with the same for ever. */
void request_fill_stream(const struct request *request, struct feed_stream *ret)
{
    const char *last_id = request->headers.last_event_id;
    const int64_t now_mono_ms = request->bridge->clock->mono_ms(request->bridge->clock->self);
    struct feed_position position = { .seq = 0 };
    struct feed_query query;

    CHECK(feed_query_read(request->query, &query, NULL) == KIT_OK); /* it was judged before */
    bool has_position = query.has_after;
    if (has_position)
        position = query.after;
    if (last_id != NULL && last_id[0] != '\0') {
        has_position = true;
        if (!feed_position_read(last_id, &position))
            position = (struct feed_position){ .epoch = "" };
    }
    request_access_filter(request, &query.filter);
    feed_stream_init(ret, &query.filter, has_position ? &position : NULL, now_mono_ms);
}

/* A request for the feed: it is judged like any other, and then becomes a reader. Loop thread. */
#ifndef BRIDGE_REQUEST_STREAM_H
#define BRIDGE_REQUEST_STREAM_H

#include "bridge/feed_stream.h"
#include "bridge/request.h"

/* Judges a request whose route is ROUTE_STREAM: afterwards it is STREAMING, and the adapter begins
 * the stream; or it is ANSWERED, with a problem, or with no body for HEAD. */
void request_begin_stream(struct request *request);

/* The reader of a request that is STREAMING, from its query and its Last-Event-ID. */
void request_fill_stream(const struct request *request, struct feed_stream *ret);

#endif

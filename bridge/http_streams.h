/* Readers of the feed between MHD and us. A reader for whom there is nothing is suspended, which
 * costs nothing; news resume it. Loop thread.
 *
 * Lifetimes: a stream lives from http_streams_begin() until its request ends. Its connection is not
 * used again: it closes with the stream. While the stream is suspended MHD does not touch the
 * connection, so we look ourselves whether the client is still there. */
#ifndef BRIDGE_HTTP_STREAMS_H
#define BRIDGE_HTTP_STREAMS_H

#include "bridge/http_parts.h"

#define HTTP_STREAM_SEND_BYTES 65536 /* of a reader's socket: a slow one holds no more */

/* Begins the answer of a request that is STREAMING. MHD_NO: hang up. */
enum MHD_Result http_streams_begin(struct request *request, struct MHD_Connection *mhd);

/* The request of a stream has ended; NULL is fine. */
void http_streams_end(struct http *http, struct connection *connection);

/* Resumes the readers for whom there is something, if anything has changed since the last call. */
void http_streams_tell(struct http *http, int64_t now_mono_ms);

/* Once a second: comments that are due, readers who left, and those who are too slow. */
void http_streams_sweep(struct http *http, int64_t now_mono_ms);

/* Ends every stream as if there were no more events; the readers come back elsewhere or later. */
void http_streams_finish(struct http *http);

#endif

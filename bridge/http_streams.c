/* Streams as answers of unknown length. See http_streams.h. */
#include "bridge/http_streams.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "bridge/http_connections.h"
#include "bridge/http_messages.h"
#include "bridge/request_stream.h"

#define BLOCK_BYTES 16384 /* what MHD asks for at a time, at most */

struct http_stream {
    struct http_stream *prev, *next;
    struct http *http;
    struct connection *connection;
    struct MHD_Connection *mhd;
    struct feed_stream reader;
    int64_t session, until_ms; /* of who reads; 0: nobody is asked */
    uint64_t access_news;      /* when it was last looked whether they still may */
    bool is_suspended;
    bool is_over;          /* the next read ends it */
    bool is_cut;           /* and not as if all had been told */
    int64_t asked_mono_ms; /* when MHD last wanted more: what it had is with the kernel */
};

static void resume(struct http_stream *stream)
{
    if (!stream->is_suspended)
        return;
    stream->is_suspended = false;
    stream->http->needs_run = true;
    MHD_resume_connection(stream->mhd);
}

/* Ends a stream whose reader will come back with what it has. */
static void cut(struct http_stream *stream)
{
    if (stream->is_over)
        return;
    stream->is_over = stream->is_cut = true;
    stream->http->bridge->metrics.sse_cut++;
    if (stream->is_suspended)
        resume(stream);
    else
        shutdown(stream->connection->fd, SHUT_RDWR); /* MHD sees the end and closes */
}

/* ---- MHD asks for more ---- */

static ssize_t read_more(void *context, uint64_t position, char *bytes, size_t size_bytes)
{
    struct http_stream *stream = context;
    const int64_t now_mono_ms = http_now_ms(stream->http);

    (void)position;
    stream->asked_mono_ms = now_mono_ms;
    if (stream->is_over)
        return stream->is_cut ? MHD_CONTENT_READER_END_WITH_ERROR
                              : MHD_CONTENT_READER_END_OF_STREAM;
    const size_t size = feed_stream_read(&stream->reader, &stream->http->bridge->feed.view,
                                         now_mono_ms, bytes, size_bytes);
    if (size == FEED_READ_CUT) {
        stream->is_over = stream->is_cut = true;
        stream->http->bridge->metrics.sse_cut++;
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (size == 0) {
        stream->is_suspended = true;
        MHD_suspend_connection(stream->mhd);
    }
    return (ssize_t)size;
}

/* ---- begin and end ---- */

static void link_stream(struct http *http, struct http_stream *stream)
{
    stream->next = http->first_stream;
    if (http->first_stream != NULL)
        http->first_stream->prev = stream;
    http->first_stream = stream;
    http->bridge->stream_count++;
}

static struct http_stream *make_stream(struct request *request, struct MHD_Connection *mhd)
{
    struct http_stream *stream = calloc(1, sizeof(*stream));
    const int send_bytes = HTTP_STREAM_SEND_BYTES;

    CHECK(stream != NULL);
    stream->http = request->bridge->adapter;
    stream->connection = http_connection_of(mhd);
    stream->mhd = mhd;
    stream->asked_mono_ms = http_now_ms(stream->http);
    stream->session = request->session.id;
    stream->until_ms = request->session.until_ms;
    stream->access_news = request->bridge->access.news;
    request_fill_stream(request, &stream->reader);
    (void)setsockopt(stream->connection->fd, SOL_SOCKET, SO_SNDBUF, &send_bytes,
                     sizeof(send_bytes));
    return stream;
}

enum MHD_Result http_streams_begin(struct request *request, struct MHD_Connection *mhd)
{
    struct http_stream *stream = make_stream(request, mhd);

    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
                                                                      read_more, stream, NULL);
    CHECK(response != NULL);
    http_add_headers(response, request);
    CHECK(MHD_add_response_header(response, "Connection", "close") == MHD_YES);
    CHECK(MHD_add_response_header(response, "X-Accel-Buffering", "no") == MHD_YES);
    const enum MHD_Result result = MHD_queue_response(mhd, (unsigned int)request->answer.status,
                                                      response);
    MHD_destroy_response(response);
    if (result != MHD_YES) {
        free(stream);
        return MHD_NO;
    }
    link_stream(stream->http, stream);
    stream->connection->stream = stream;
    http_connection_leave(stream->http, stream->connection);
    return MHD_YES;
}

void http_streams_end(struct http *http, struct connection *connection)
{
    struct http_stream *stream = connection->stream;

    if (stream == NULL)
        return;
    if (stream->prev != NULL)
        stream->prev->next = stream->next;
    else
        http->first_stream = stream->next;
    if (stream->next != NULL)
        stream->next->prev = stream->prev;
    http->bridge->stream_count--;
    connection->stream = NULL;
    free(stream);
}

/* ---- what resumes them ---- */

void http_streams_tell(struct http *http, int64_t now_mono_ms)
{
    struct feed *feed = &http->bridge->feed;

    if (http->told_news == feed->news)
        return;
    http->told_news = feed->news;
    for (struct http_stream *s = http->first_stream; s != NULL; s = s->next) {
        if (s->is_suspended && feed_stream_has_news(&s->reader, &feed->view, now_mono_ms))
            resume(s);
    }
}

/* Nobody else looks at the socket of a suspended connection. A peek would not do: TLS says goodbye
 * in front of the end. */
static bool has_left(const struct http_stream *stream)
{
    struct pollfd look = { .fd = stream->connection->fd, .events = POLLRDHUP };

    return poll(&look, 1, 0) > 0;
}

/* Whoever has signed out, or may no longer come in, hears no more. */
static bool is_out(struct http_stream *stream)
{
    struct access *access = &stream->http->bridge->access;
    const struct kit_clock *clock = stream->http->bridge->clock;

    if (stream->session == 0 ||
        (stream->access_news == access->news && clock->wall_ms(clock->self) < stream->until_ms))
        return false;
    stream->access_news = access->news;
    return !access_is_live(access, stream->session);
}

static void sweep_one(struct http_stream *stream, int64_t now_mono_ms)
{
    if (is_out(stream)) {
        cut(stream);
        return;
    }
    const struct bridge *bridge = stream->http->bridge;

    if (stream->is_suspended && has_left(stream)) {
        stream->is_over = stream->is_cut = true; /* gone by itself: not counted as cut */
        resume(stream);
    } else if (stream->is_suspended) {
        if (feed_stream_has_news(&stream->reader, &bridge->feed.view, now_mono_ms))
            resume(stream);
    } else if (now_mono_ms - stream->asked_mono_ms >= bridge->stream_slow_ms ||
               feed_stream_is_lost(&stream->reader, &bridge->feed.view)) {
        cut(stream);
    }
}

void http_streams_sweep(struct http *http, int64_t now_mono_ms)
{
    for (struct http_stream *s = http->first_stream; s != NULL; s = s->next)
        sweep_one(s, now_mono_ms);
}

void http_streams_finish(struct http *http)
{
    for (struct http_stream *s = http->first_stream; s != NULL; s = s->next) {
        s->is_over = true;
        resume(s);
    }
}

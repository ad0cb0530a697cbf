/* What a reader is told next. See feed_stream.h. */
#include "bridge/feed_stream.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define RETRY "retry: 1000\n\n"

void feed_stream_init(struct feed_stream *stream, const struct feed_filter *filter,
                      const struct feed_position *position, int64_t now_mono_ms)
{
    *stream = (struct feed_stream){
        .filter = *filter,
        .has_position = position != NULL,
        .told_state = -1,
        .gave_mono_ms = now_mono_ms,
    };
    if (position != NULL)
        stream->position = *position;
}

/* ---- where it is ---- */

/* Everything before the next event is with the reader. */
static int64_t find_seq(const struct feed_stream *stream, const struct feed_ring *ring)
{
    const struct feed_slot *slot = feed_ring_at(ring, stream->next);
    return slot == NULL ? ring->head : slot->seq - 1;
}

bool feed_stream_is_lost(const struct feed_stream *stream, const struct feed_view *view)
{
    return stream->is_live && stream->generation == view->ring.generation &&
           stream->next < view->ring.first;
}

/* The ring was begun anew: what the reader has is judged again, as if it came back. */
static void leave_if_begun(struct feed_stream *stream, const struct feed_view *view)
{
    if (stream->is_live && stream->generation != view->ring.generation)
        stream->is_live = false;
}

enum placing {
    PLACING_WAITS = 0,
    PLACING_HELLO = 1,
    PLACING_RESET = 2,
};

/* A new reader, and one that starts over, begins where the ring is level with its source: what it
 * loads is then no older than what it is told. */
static enum placing judge(const struct feed_stream *stream, const struct feed_view *view)
{
    if (view->ring.epoch[0] == '\0')
        return PLACING_WAITS;
    if (!stream->has_position)
        return view->is_level ? PLACING_HELLO : PLACING_WAITS;
    if (feed_ring_judge(&view->ring, &stream->position) == FEED_RESUME)
        return PLACING_HELLO;
    return view->is_level ? PLACING_RESET : PLACING_WAITS;
}

/* ---- what is not an event ---- */

static void KIT_FORMAT(2, 3) tell(struct feed_stream *stream, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    const int size = vsnprintf(stream->control, sizeof(stream->control), format, arguments);
    va_end(arguments);
    CHECK(size > 0 && (size_t)size < sizeof(stream->control));
    stream->control_size = (size_t)size;
    stream->control_done = 0;
}

static void tell_place(struct feed_stream *stream, struct feed_view *view, bool is_reset)
{
    const struct feed_ring *ring = &view->ring;
    const bool is_resumed = stream->has_position && !is_reset;
    const int64_t seq = is_resumed ? stream->position.seq : ring->head;
    char id[FEED_POSITION_SIZE];

    kit_text_copy(stream->position.epoch, sizeof(stream->position.epoch), ring->epoch);
    stream->position.seq = seq;
    stream->has_position = stream->is_live = true;
    stream->generation = ring->generation;
    stream->next = feed_ring_find(ring, seq);
    stream->done_bytes = 0;
    view->counters.resets += is_reset;
    feed_position_write(ring->epoch, seq, id);
    tell(stream, "id: %s\nevent: %s\ndata: {\"epoch\":\"%s\",\"seq\":%" PRId64 "}\n\n", id,
         is_reset ? "reset" : "hello", ring->epoch, seq);
}

/* A comment keeps the connection open on its way; the id keeps the reader's position young. */
static void tell_comment(struct feed_stream *stream, const struct feed_view *view)
{
    char id[FEED_POSITION_SIZE];

    if (!stream->is_live) {
        tell(stream, ": \n\n");
        return;
    }
    feed_position_write(view->ring.epoch, find_seq(stream, &view->ring), id);
    tell(stream, ": \nid: %s\n\n", id);
}

static int judge_state(const struct feed_view *view)
{
    return (int)view->is_online + 2 * (int)view->is_simulated;
}

/* A system without a simulator is not told of any. */
static void tell_state(struct feed_stream *stream, const struct feed_view *view)
{
    stream->told_state = judge_state(view);
    tell(stream, "event: state\ndata: {\"information\":\"%s\"%s}\n\n",
         view->is_online ? "online" : "offline",
         view->is_simulated ? ",\"simulator\":\"online\"" : "");
}

static bool is_comment_due(const struct feed_stream *stream, const struct feed_view *view,
                           int64_t now_mono_ms)
{
    return now_mono_ms - stream->gave_mono_ms >= view->comment_ms;
}

/* Between two texts: is there something to tell before the next event? */
static bool prepare_control(struct feed_stream *stream, struct feed_view *view, int64_t now_mono_ms)
{
    leave_if_begun(stream, view);
    const enum placing placing = stream->is_live ? PLACING_WAITS : judge(stream, view);
    if (!stream->is_greeted) {
        stream->is_greeted = true;
        tell(stream, RETRY);
    } else if (placing != PLACING_WAITS) {
        tell_place(stream, view, placing == PLACING_RESET);
    } else if (stream->told_state != judge_state(view)) {
        tell_state(stream, view);
    } else if (is_comment_due(stream, view, now_mono_ms)) {
        tell_comment(stream, view);
    } else {
        return false;
    }
    return true;
}

/* ---- events ---- */

/* The next event for this reader; NULL: there is none now. */
static const struct feed_slot *seek(struct feed_stream *stream, const struct feed_view *view)
{
    if (!stream->is_live)
        return NULL;
    stream->next = feed_ring_seek(&view->ring, stream->next, &stream->filter);
    if (stream->done_bytes == 0)
        stream->position.seq = find_seq(stream, &view->ring);
    return feed_ring_at(&view->ring, stream->next);
}

/* Copies as much of a text as fits; returns how much. */
static size_t copy(const char *text, size_t left, char *ret_bytes, size_t room)
{
    const size_t size = left < room ? left : room;
    memcpy(ret_bytes, text, size);
    return size;
}

static size_t give_control(struct feed_stream *stream, char *ret_bytes, size_t room)
{
    const size_t size = copy(stream->control + stream->control_done,
                             stream->control_size - stream->control_done, ret_bytes, room);
    stream->control_done += size;
    return size;
}

static size_t give_event(struct feed_stream *stream, struct feed_view *view,
                         const struct feed_slot *slot, char *ret_bytes, size_t room)
{
    const size_t size = copy(view->ring.bytes + slot->offset + stream->done_bytes,
                             slot->size_bytes - stream->done_bytes, ret_bytes, room);
    stream->done_bytes += size;
    if (stream->done_bytes == slot->size_bytes) {
        stream->done_bytes = 0;
        stream->next++;
        view->counters.events_sent++;
    }
    return size;
}

bool feed_stream_has_news(struct feed_stream *stream, const struct feed_view *view,
                          int64_t now_mono_ms)
{
    if (stream->control_done < stream->control_size || !stream->is_greeted ||
        stream->told_state != judge_state(view) || is_comment_due(stream, view, now_mono_ms))
        return true;
    if (!stream->is_live || stream->generation != view->ring.generation)
        return stream->is_live || judge(stream, view) != PLACING_WAITS;
    return feed_stream_is_lost(stream, view) || seek(stream, view) != NULL;
}

/* The next piece; 0: nothing now, or no room. */
static size_t give(struct feed_stream *stream, struct feed_view *view, int64_t now_mono_ms,
                   char *ret_bytes, size_t room)
{
    const struct feed_slot *slot = NULL;

    if (stream->control_done == stream->control_size && stream->done_bytes == 0)
        (void)prepare_control(stream, view, now_mono_ms);
    if (stream->control_done < stream->control_size)
        return give_control(stream, ret_bytes, room);
    slot = seek(stream, view);
    return slot == NULL ? 0 : give_event(stream, view, slot, ret_bytes, room);
}

/* In the middle of an event whose ring was begun anew, the rest is nowhere. */
static bool is_cut_short(const struct feed_stream *stream, const struct feed_view *view)
{
    return feed_stream_is_lost(stream, view) ||
           (stream->done_bytes > 0 && stream->generation != view->ring.generation);
}

size_t feed_stream_read(struct feed_stream *stream, struct feed_view *view, int64_t now_mono_ms,
                        char *ret_bytes, size_t size_bytes)
{
    size_t used = 0;

    while (used < size_bytes) {
        if (is_cut_short(stream, view))
            return used > 0 ? used : FEED_READ_CUT;
        const size_t size = give(stream, view, now_mono_ms, ret_bytes + used, size_bytes - used);
        if (size == 0)
            break;
        used += size;
        stream->gave_mono_ms = now_mono_ms;
    }
    return used;
}

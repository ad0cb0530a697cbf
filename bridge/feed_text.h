/* An event as its readers get it: a block of a Server-Sent Events stream. No I/O; any thread. */
#ifndef BRIDGE_FEED_TEXT_H
#define BRIDGE_FEED_TEXT_H

#include "bridge/feed_filter.h"
#include "kit/base/buf.h"
#include "msg/wire_event.gen.h"

/* Appends "id: ...", "event: ..." and "data: {seq, type, subject, time, data}", and an empty line.
 * seq is that of the envelope. Sets out->overflow if there is no room. */
void feed_text_write(const struct msg_wire_event *event, enum feed_kind kind, int64_t seq,
                     struct kit_buf *out);

#endif

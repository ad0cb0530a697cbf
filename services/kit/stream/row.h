/* One row of the event log, and the envelope that it travels in. A row says nothing of where it is:
 * the epoch, the position and the id are put in when it is read, so that a new epoch changes no
 * row. Its checksum is looked at then, too: what the disk gives back must be what was written.
 *
 * A row of before 0.4 is a whole envelope without a checksum. It is decoded, and its place written
 * anew; whether its values are those that were written, nobody can know. Any thread. */
#ifndef KIT_STREAM_ROW_H
#define KIT_STREAM_ROW_H

#include "kit/base/buf.h"

/* As the database has it. */
struct kit_row {
    int64_t seq;
    const char *text; /* borrowed; need not end with a NUL */
    size_t size_bytes;
    int64_t actor, account; /* 0: none */
    bool has_checksum;
    int64_t checksum;
};

/* Where a row is. */
struct kit_row_place {
    const char *source;
    const char *epoch;
    int64_t seq;
};

/* Over everything else that the row has. Its definition is on disks: it never changes. */
uint32_t kit_row_checksum(const struct kit_row *row);

/* Appends what is stored of an envelope that msg_wire_event_encode() has written. */
void kit_row_cut(const struct kit_buf *envelope, struct kit_buf *out);

/* Appends the envelope of the row at its place. NULL, or why it cannot be read, as the end of a
 * sentence (static); out holds nothing of use then. may_lack_checksum: the row is from before 0.4.
 */
const char *kit_row_write(const struct kit_row *row, const struct kit_row_place *place,
                          bool may_lack_checksum, struct kit_buf *out);

/* Appends the envelope of the event that is told in its stead: KIT_EVENT_DAMAGED. */
void kit_row_write_damaged(const struct kit_row_place *place, const char *why, struct kit_buf *out);

#endif

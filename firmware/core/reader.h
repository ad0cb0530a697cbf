/* A line reader: a serial line that gives one text for each read or each code typed. Finds the
 * lines, drops bounces, and opens the line again when it was unplugged. For scanners and for the
 * keypad or QR reader of a locker (schemas/rules/devices.md 3.1, 3.5). */
#ifndef FW_CORE_READER_H
#define FW_CORE_READER_H

#include "core/debounce.h"
#include "core/line.h"
#include "port/port.h"

#define FW_READER_CHUNK_BYTES 64
#define FW_READER_CHUNKS_MAX 16 /* of one step: then others have their turn */
#define FW_READER_REOPEN_MIN_MS 200
#define FW_READER_REOPEN_MAX_MS 5000
#define FW_READER_GAP_SCAN_MS 500    /* a scan head sends a line at once */
#define FW_READER_GAP_TYPED_MS 10000 /* a person at a keypad thinks */

enum fw_reader_event {
    FW_READER_LINE = 0,     /* bytes, size */
    FW_READER_BOUNCED = 1,  /* the same line within the dead time: dropped */
    FW_READER_TOO_LONG = 2, /* more than FW_LINE_BYTES_MAX bytes: dropped */
    FW_READER_LOST = 3,     /* the line has gone; it is opened again when it is back */
    FW_READER_BACK = 4,
    FW_READER_CUT_SHORT = 5, /* the end of a line did not come within gap_ms: dropped */
};
#define FW_READER_EVENTS 6

typedef void fw_reader_on_event(void *self, enum fw_reader_event event, const uint8_t *bytes,
                                size_t size);

/* All borrowed as long as the reader lives; the line may be unplugged now. */
struct fw_reader_setup {
    const struct fw_uart *uart;
    const struct fw_clock *clock;
    int32_t dead_time_ms; /* schemas/rules/devices.md 3.5 */
    int32_t gap_ms;       /* from a byte to the next one of its line, at most */
    fw_reader_on_event *on_event;
    void *self;
};

struct fw_reader {
    struct fw_reader_setup setup;
    struct fw_line line;
    struct fw_debounce debounce;
    uint64_t told_too_long;
    int64_t reopen_at_ms;
    int32_t reopen_ms;
    bool is_lost;
    bool is_late;     /* what is being read came while the loop was held up: nobody knows when */
    int64_t busy_ms;  /* that the loop was held up since the latest look at the line */
    int64_t heard_ms; /* when the latest byte was seen */
};

void fw_reader_init(struct fw_reader *reader, const struct fw_reader_setup *setup);

/* Reads what is there and tells it by on_event. Returns when (monotonic ms) it wants to be called
 * again even if nothing came: INT64_MAX while nothing is half read, now_ms when there may be more.
 */
int64_t fw_reader_step(struct fw_reader *reader, int64_t now_ms);

/* The owner has done other work for so long (flash may be slow). After more than the dead time,
 * what then lies on the line was read from labels at unknown times: no line of it is a bounce, for
 * a scan that is counted twice can be seen, and one that is lost cannot. on_event's own time is
 * known. */
void fw_reader_was_busy(struct fw_reader *reader, int64_t duration_ms);

#endif

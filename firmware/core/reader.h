/* A line reader: a serial line that gives one text for each scan, or for each code that is typed.
 * Finds the lines, drops bounces, and opens the serial line again when it was unplugged. For
 * scanners and for the keypad or QR reader of a locker (schemas/rules/devices.md 3.1, 3.5). Never
 * blocks but in its callback. */
#ifndef FW_CORE_READER_H
#define FW_CORE_READER_H

#include "core/debounce.h"
#include "core/line.h"
#include "port/port.h"

#define FW_READER_CHUNK_BYTES 64
#define FW_READER_CHUNKS_MAX 16 /* of one step: then other lines have their turn */
#define FW_READER_REOPEN_MIN_MS 200
#define FW_READER_REOPEN_MAX_MS 5000
#define FW_READER_GAP_SCAN_MS 500    /* a scan head sends a line at once */
#define FW_READER_GAP_TYPED_MS 10000 /* a person at a keypad thinks */

enum fw_reader_event {
    FW_READER_LINE = 0,      /* bytes, size */
    FW_READER_BOUNCED = 1,   /* the same line within the dead time: dropped */
    FW_READER_TOO_LONG = 2,  /* more than FW_LINE_BYTES_MAX bytes: dropped */
    FW_READER_LOST = 3,      /* the serial line is gone; the reader tries to open it again */
    FW_READER_BACK = 4,      /* the serial line is open again */
    FW_READER_CUT_SHORT = 5, /* a byte of a line did not come within gap_ms: dropped */
};
#define FW_READER_EVENTS 6

/* Tells one event; `bytes` is NULL but for FW_READER_LINE, and borrowed for the call. */
typedef void fw_reader_on_event(void *self, enum fw_reader_event event, const uint8_t *bytes,
                                size_t size);

/* What fw_reader_init() takes. The ports are borrowed for the reader's life. */
struct fw_reader_setup {
    const struct fw_uart *uart; /* open, or not plugged in yet */
    const struct fw_clock *clock;
    int32_t dead_time_ms; /* schemas/rules/devices.md 3.5 */
    int32_t gap_ms;       /* between two bytes of one line, at most */
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
    bool is_late;     /* the bytes being read came at unknown times, while the loop was busy */
    int64_t busy_ms;  /* how long the loop was busy since the latest read of the serial line */
    int64_t heard_ms; /* when the latest byte was read */
};

/** fw_reader_init() - A reader that has read nothing. @setup: copied. */
void fw_reader_init(struct fw_reader *reader, const struct fw_reader_setup *setup);

/**
 * fw_reader_step() - Read the bytes that are there, and tell what they make by on_event.
 *
 * Returns the monotonic ms at which it must be called again even if no byte comes: INT64_MAX while
 * no line is half read, @now_ms when there may be more bytes.
 */
int64_t fw_reader_step(struct fw_reader *reader, int64_t now_ms);

/**
 * fw_reader_was_busy() - The loop has done other work for that long; flash may be slow.
 *
 * After more than the dead time, the bytes on the line may be of scans at any time before. Then
 * none of their lines counts as a bounce: a scan that is counted twice can be seen, a lost one
 * cannot. The time that on_event takes is known without this call.
 */
void fw_reader_was_busy(struct fw_reader *reader, int64_t duration_ms);

#endif

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

enum fw_reader_event {
    FW_READER_LINE = 0,     /* bytes, size */
    FW_READER_BOUNCED = 1,  /* the same line within the dead time: dropped */
    FW_READER_TOO_LONG = 2, /* more than FW_LINE_BYTES_MAX bytes: dropped */
    FW_READER_LOST = 3,     /* the line has gone; it is opened again when it is back */
    FW_READER_BACK = 4,
};

typedef void fw_reader_on_event(void *self, enum fw_reader_event event, const uint8_t *bytes,
                                size_t size);

struct fw_reader {
    const struct fw_uart *uart;
    struct fw_line line;
    struct fw_debounce debounce;
    uint64_t told_too_long;
    int64_t reopen_at_ms;
    int32_t reopen_ms;
    bool is_lost;
    fw_reader_on_event *on_event;
    void *self;
};

/* @uart is borrowed as long as the reader lives; it may be unplugged now. */
void fw_reader_init(struct fw_reader *reader, const struct fw_uart *uart, int32_t dead_time_ms,
                    fw_reader_on_event *on_event, void *self);

/* Reads what is there and tells it by on_event. Returns when (monotonic ms) it wants to be called
 * again even if nothing came: INT64_MAX while the line is open, now_ms when there may be more. */
int64_t fw_reader_step(struct fw_reader *reader, int64_t now_ms);

#endif

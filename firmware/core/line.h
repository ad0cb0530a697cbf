/* Bytes of a serial line -> lines. CR, LF or both end a line; empty lines are passed over. A line
 * that is too long is counted and dropped, and the next line is read again (rules/devices.md 3.1).
 */
#ifndef FW_CORE_LINE_H
#define FW_CORE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_LINE_BYTES_MAX 128 /* without its end */

struct fw_line {
    uint8_t bytes[FW_LINE_BYTES_MAX]; /* the line, after fw_line_push() returned true */
    size_t size;
    uint64_t too_long_count; /* lines that were dropped, each counted once */
    bool ended;              /* the next byte begins a new line */
    bool too_long;           /* bytes up to the next end are dropped */
};

/** fw_line_init() - Nothing read, nothing counted. */
void fw_line_init(struct fw_line *line);

/** fw_line_reset() - Drop a line that has begun: its port was opened again. The count stays. */
void fw_line_reset(struct fw_line *line);

/** fw_line_is_half() - Has a line begun whose end has not come yet? */
bool fw_line_is_half(const struct fw_line *line);

/**
 * fw_line_push() - Take one byte from the serial line.
 *
 * Returns true when the byte ended a line. Then line->bytes and line->size hold the line until the
 * next push: 1 to FW_LINE_BYTES_MAX bytes, any values but CR and LF.
 */
bool fw_line_push(struct fw_line *line, uint8_t byte);

#endif

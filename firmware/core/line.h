/* Bytes of a serial line -> lines. Ends are CR, LF or both; empty lines are passed over. A line
 * that is too long is counted, and reading is in step again at the next end (rules/devices.md 3.1).
 */
#ifndef FW_CORE_LINE_H
#define FW_CORE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_LINE_BYTES_MAX 128 /* without its end */

struct fw_line {
    uint8_t bytes[FW_LINE_BYTES_MAX]; /* the line, after fw_line_push() said that there is one */
    size_t size;
    uint64_t too_long_count; /* ends up in `unreadable` */
    bool ended;              /* the next byte begins a new line */
    bool too_long;           /* passing over the rest of it */
};

void fw_line_init(struct fw_line *line);

/** fw_line_reset() - The port was opened anew: what came before is void. The count stays. */
void fw_line_reset(struct fw_line *line);

/* Has a line begun, and its end not come? */
bool fw_line_is_half(const struct fw_line *line);

/**
 * fw_line_push() - One byte from the wire.
 *
 * Returns true when it ended a line: then line->bytes and line->size hold it until the next push.
 *
 * Shapes:  1 to FW_LINE_BYTES_MAX bytes, any values but CR and LF.
 * Thread:  the firmware's loop.
 */
bool fw_line_push(struct fw_line *line, uint8_t byte);

#endif

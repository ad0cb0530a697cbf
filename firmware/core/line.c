/* Bytes -> lines (line.h). */
#include "core/line.h"

#include <string.h>

void fw_line_init(struct fw_line *line)
{
    memset(line, 0, sizeof(*line));
}

void fw_line_reset(struct fw_line *line)
{
    line->size = 0;
    line->ended = false;
    line->too_long = false;
}

bool fw_line_is_half(const struct fw_line *line)
{
    return line->too_long || (line->size > 0 && !line->ended);
}

bool fw_line_push(struct fw_line *line, uint8_t byte)
{
    if (line->ended) {
        line->ended = false;
        line->size = 0;
    }
    if (byte == '\r' || byte == '\n') {
        line->ended = line->size > 0 && !line->too_long;
        if (line->too_long)
            line->size = 0;
        line->too_long = false;
        return line->ended;
    }
    if (line->too_long)
        return false;
    if (line->size == FW_LINE_BYTES_MAX) {
        line->too_long = true; /* counted here, as the line's end may never come */
        line->too_long_count++;
        return false;
    }
    line->bytes[line->size++] = byte;
    return false;
}

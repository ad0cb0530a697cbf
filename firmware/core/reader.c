/* Bytes in, lines out (core/reader.h). */
#include "core/reader.h"

#include "core/check.h"

void fw_reader_init(struct fw_reader *reader, const struct fw_uart *uart, int32_t dead_time_ms,
                    fw_reader_on_event *on_event, void *self)
{
    FW_CHECK(uart != NULL && on_event != NULL);
    *reader = (struct fw_reader){
        .uart = uart, .on_event = on_event, .self = self, .reopen_ms = FW_READER_REOPEN_MIN_MS
    };
    fw_line_init(&reader->line);
    fw_debounce_init(&reader->debounce, dead_time_ms);
}

static void take_byte(struct fw_reader *reader, uint8_t byte, int64_t now_ms)
{
    struct fw_line *line = &reader->line;
    bool is_line = fw_line_push(line, byte);
    if (line->too_long_count != reader->told_too_long) {
        reader->told_too_long = line->too_long_count;
        reader->on_event(reader->self, FW_READER_TOO_LONG, NULL, 0);
    }
    if (!is_line)
        return;
    if (fw_debounce_take(&reader->debounce, line->bytes, line->size, now_ms))
        reader->on_event(reader->self, FW_READER_LINE, line->bytes, line->size);
    else
        reader->on_event(reader->self, FW_READER_BOUNCED, NULL, 0);
}

static void lose(struct fw_reader *reader, int64_t now_ms)
{
    reader->is_lost = true;
    reader->reopen_ms = FW_READER_REOPEN_MIN_MS;
    reader->reopen_at_ms = now_ms + reader->reopen_ms;
    fw_line_init(&reader->line); /* half a line and what comes after the gap make no line */
    reader->told_too_long = reader->line.too_long_count;
    reader->on_event(reader->self, FW_READER_LOST, NULL, 0);
}

static bool reopen(struct fw_reader *reader, int64_t now_ms)
{
    if (reader->uart->reopen(reader->uart->self) == FW_OK) {
        reader->is_lost = false;
        reader->on_event(reader->self, FW_READER_BACK, NULL, 0);
        return true;
    }
    reader->reopen_ms *= 2;
    if (reader->reopen_ms > FW_READER_REOPEN_MAX_MS)
        reader->reopen_ms = FW_READER_REOPEN_MAX_MS;
    reader->reopen_at_ms = now_ms + reader->reopen_ms;
    return false;
}

int64_t fw_reader_step(struct fw_reader *reader, int64_t now_ms)
{
    if (reader->is_lost && (now_ms < reader->reopen_at_ms || !reopen(reader, now_ms)))
        return reader->reopen_at_ms;

    uint8_t bytes[FW_READER_CHUNK_BYTES];
    for (int chunk = 0; chunk < FW_READER_CHUNKS_MAX; chunk++) {
        int size = reader->uart->read(reader->uart->self, bytes, sizeof(bytes));
        if (size == 0)
            return INT64_MAX;
        if (size < 0) {
            lose(reader, now_ms);
            return reader->reopen_at_ms;
        }
        for (int i = 0; i < size; i++)
            take_byte(reader, bytes[i], now_ms);
    }
    return now_ms;
}

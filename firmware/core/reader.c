/* The serial line of a reader (core/reader.h): opened, read, lost and opened again. */
#include "core/reader.h"

#include "port/check.h"

void fw_reader_init(struct fw_reader *reader, const struct fw_reader_setup *setup)
{
    FW_CHECK(setup->uart != NULL && setup->clock != NULL && setup->on_event != NULL);
    FW_CHECK(setup->gap_ms > 0);
    *reader = (struct fw_reader){ .setup = *setup, .reopen_ms = FW_READER_REOPEN_MIN_MS };
    fw_line_init(&reader->line);
    fw_debounce_init(&reader->debounce, setup->dead_time_ms);
}

void fw_reader_was_busy(struct fw_reader *reader, int64_t duration_ms)
{
    reader->busy_ms += duration_ms;
}

static int64_t get_mono_ms(const struct fw_reader *reader)
{
    return reader->setup.clock->mono_ms(reader->setup.clock->self);
}

static void tell(struct fw_reader *reader, enum fw_reader_event event, const uint8_t *bytes,
                 size_t size)
{
    int64_t begin_ms = get_mono_ms(reader);
    reader->setup.on_event(reader->setup.self, event, bytes, size);
    fw_reader_was_busy(reader, get_mono_ms(reader) - begin_ms);
}

static void take_byte(struct fw_reader *reader, uint8_t byte)
{
    struct fw_line *line = &reader->line;
    bool is_line = fw_line_push(line, byte);
    if (line->too_long_count != reader->told_too_long) {
        reader->told_too_long = line->too_long_count;
        tell(reader, FW_READER_TOO_LONG, NULL, 0);
    }
    if (!is_line)
        return;
    if (reader->is_late)
        fw_debounce_forget(&reader->debounce);
    if (fw_debounce_take(&reader->debounce, line->bytes, line->size, reader->heard_ms))
        tell(reader, FW_READER_LINE, line->bytes, line->size);
    else
        tell(reader, FW_READER_BOUNCED, NULL, 0);
}

static void lose(struct fw_reader *reader, int64_t now_ms)
{
    reader->is_lost = true;
    reader->reopen_ms = FW_READER_REOPEN_MIN_MS;
    reader->reopen_at_ms = now_ms + reader->reopen_ms;
    fw_line_reset(&reader->line); /* the bytes before the loss are not of the next line */
    tell(reader, FW_READER_LOST, NULL, 0);
}

static bool reopen(struct fw_reader *reader, int64_t now_ms)
{
    const struct fw_uart *uart = reader->setup.uart;
    if (uart->reopen(uart->self) == FW_OK) {
        reader->is_lost = false;
        tell(reader, FW_READER_BACK, NULL, 0);
        return true;
    }
    reader->reopen_ms *= 2;
    if (reader->reopen_ms > FW_READER_REOPEN_MAX_MS)
        reader->reopen_ms = FW_READER_REOPEN_MAX_MS;
    reader->reopen_at_ms = now_ms + reader->reopen_ms;
    return false;
}

/* No byte is left to read: drops half a line whose next byte has not come within gap_ms. */
static int64_t end_input(struct fw_reader *reader, int64_t now_ms)
{
    reader->is_late = false;
    if (!fw_line_is_half(&reader->line))
        return INT64_MAX;
    int64_t until_ms = reader->heard_ms + reader->setup.gap_ms;
    if (now_ms < until_ms)
        return until_ms;
    bool is_told = reader->line.too_long;
    fw_line_reset(&reader->line);
    if (!is_told)
        tell(reader, FW_READER_CUT_SHORT, NULL, 0);
    return INT64_MAX;
}

int64_t fw_reader_step(struct fw_reader *reader, int64_t now_ms)
{
    const struct fw_uart *uart = reader->setup.uart;
    if (reader->is_lost && (now_ms < reader->reopen_at_ms || !reopen(reader, now_ms)))
        return reader->reopen_at_ms;

    uint8_t bytes[FW_READER_CHUNK_BYTES];
    for (int chunk = 0; chunk < FW_READER_CHUNKS_MAX; chunk++) {
        if (reader->busy_ms > reader->setup.dead_time_ms)
            reader->is_late = true;
        reader->busy_ms = 0;
        int size = uart->read(uart->self, bytes, sizeof(bytes));
        if (size == 0)
            return end_input(reader, now_ms);
        if (size < 0) {
            lose(reader, now_ms);
            return reader->reopen_at_ms;
        }
        reader->heard_ms = get_mono_ms(reader);
        for (int i = 0; i < size; i++)
            take_byte(reader, bytes[i]);
    }
    return now_ms;
}

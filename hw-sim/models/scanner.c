/* Lines onto a serial line. One thread. */
#include "models/scanner.h"

#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define READ_BYTES 256

struct sim_scanner_options sim_scanner_options_default(void)
{
    return (struct sim_scanner_options){ .suffix = SIM_SUFFIX_CR };
}

int sim_scanner_open(struct sim_scanner *scanner, const char *name,
                     const struct sim_listener *listener, struct kit_error *err)
{
    memset(scanner, 0, sizeof(*scanner));
    kit_text_copy(scanner->name, sizeof(scanner->name), name);
    scanner->options = sim_scanner_options_default();
    if (listener != NULL)
        scanner->listener = *listener;
    sim_tx_init(&scanner->tx);
    return sim_pty_open(&scanner->pty, name, listener, err);
}

void sim_scanner_close(struct sim_scanner *scanner)
{
    sim_pty_close(&scanner->pty);
}

void sim_scanner_set_options(struct sim_scanner *scanner, const struct sim_scanner_options *options)
{
    PRE(options->bounce_count <= SIM_BOUNCES_MAX && options->byte_gap_ms >= 0);
    scanner->options = *options;
}

static void push(struct sim_scanner *scanner, const uint8_t *bytes, size_t size, int64_t due_ms)
{
    bool is_queued = sim_tx_push(&scanner->tx, bytes, size, due_ms, scanner->options.byte_gap_ms);
    CHECK(is_queued); /* The caller looked for room. */
}

bool sim_scanner_scan(struct sim_scanner *scanner, const uint8_t *label, size_t size,
                      int64_t now_ms)
{
    static const char *const suffixes[] = { [SIM_SUFFIX_CR] = "\r",
                                            [SIM_SUFFIX_LF] = "\n",
                                            [SIM_SUFFIX_CRLF] = "\r\n",
                                            [SIM_SUFFIX_NONE] = "" };
    const struct sim_scanner_options *options = &scanner->options;
    const char *suffix = suffixes[options->suffix];
    if (scanner->tx.count + options->bounce_count + 1 > SIM_TX_FRAMES_MAX || size == 0 ||
        size > SIM_LABEL_BYTES_MAX)
        return false;
    scanner->counts.scans++;
    uint8_t line[SIM_TX_FRAME_BYTES];
    size_t prefix_size = strnlen(options->symbology, SIM_SYMBOLOGY_SIZE - 1);
    memcpy(line, options->symbology, prefix_size);
    memcpy(line + prefix_size, label, size);
    memcpy(line + prefix_size + size, suffix, strlen(suffix));
    size_t line_size = prefix_size + size + strlen(suffix);
    for (uint32_t i = 0; i <= options->bounce_count; i++)
        push(scanner, line, line_size, now_ms + (int64_t)i * options->bounce_after_ms);
    scanner->counts.bounces += options->bounce_count;
    return true;
}

bool sim_scanner_is_idle(const struct sim_scanner *scanner)
{
    return scanner->tx.count == 0;
}

static void end_line(struct sim_scanner *scanner, int64_t now_ms)
{
    char text[SIM_EVENT_TEXT_SIZE];
    const struct sim_tx_frame *frame = sim_tx_ended(&scanner->tx);
    if (scanner->is_line_broken)
        scanner->counts.lines_lost++;
    else
        scanner->counts.lines_sent++;
    sim_tell(&scanner->listener, scanner->name,
             scanner->is_line_broken ? SIM_EVENT_LINE_LOST : SIM_EVENT_LINE_SENT, now_ms,
             sim_printable(frame->bytes, (uint32_t)frame->size, text));
    scanner->is_line_broken = false;
}

static void advance(void *self, int64_t now_ms)
{
    struct sim_scanner *scanner = self;
    uint8_t bytes[SIM_TX_FRAME_BYTES];
    bool has_ended;
    sim_pty_advance(&scanner->pty, now_ms);
    for (size_t i = 0; i < (size_t)SIM_TX_FRAMES_MAX * SIM_TX_FRAME_BYTES; i++) {
        size_t size = sim_tx_take(&scanner->tx, now_ms, bytes, sizeof(bytes), &has_ended);
        if (size == 0)
            return;
        if (sim_pty_write(&scanner->pty, bytes, size, now_ms) < size)
            scanner->is_line_broken = true;
        if (has_ended)
            end_line(scanner, now_ms);
    }
}

static int poll_fd(void *self)
{
    return sim_pty_poll_fd(&((struct sim_scanner *)self)->pty);
}

/* A real scanner may be told to beep; this one beeps by what the panel says. */
static void on_readable(void *self, int64_t now_ms)
{
    uint8_t ignored[READ_BYTES];
    (void)sim_pty_read(&((struct sim_scanner *)self)->pty, ignored, sizeof(ignored), now_ms);
}

static int64_t next_due_ms(void *self)
{
    const struct sim_scanner *scanner = self;
    return sim_earlier(sim_pty_next_due_ms(&scanner->pty), sim_tx_next_due_ms(&scanner->tx));
}

struct sim_model sim_scanner_model(struct sim_scanner *scanner)
{
    return (struct sim_model){ poll_fd, on_readable, next_due_ms, advance, scanner };
}

/* Lines on standard output (ports/linux/panel.h). */
#include "ports/linux/panel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/device.h"

#define HEAD_BYTES_MAX 160 /* of a trace line before its text */

/* ---- whole lines, never waiting ---- */

/* O_NONBLOCK belongs to the open file that fd 1 shares with the shell and its other programs. So it
 * is set on an opening of our own where that is possible: pipes, terminals and files, not sockets.
 */
static int open_own(int fd)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int own = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (own >= 0)
        return own;
    own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    int flags = own >= 0 ? fcntl(own, F_GETFL) : -1;
    if (flags >= 0)
        (void)fcntl(own, F_SETFL, flags | O_NONBLOCK);
    return own;
}

void fw_linux_panel_open(struct fw_linux_panel *panel, int fd, bool traces, struct fw_clock clock)
{
    memset(panel, 0, sizeof(*panel));
    panel->fd = fd >= 0 ? open_own(fd) : -1;
    panel->traces = traces;
    panel->clock = clock;
}

void fw_linux_panel_close(struct fw_linux_panel *panel)
{
    fw_linux_panel_flush(panel);
    if (panel->fd >= 0)
        close(panel->fd);
    panel->fd = -1;
    panel->size = 0;
}

bool fw_linux_panel_wants_out(const struct fw_linux_panel *panel)
{
    return panel->size > 0;
}

static void drop_waiting(struct fw_linux_panel *panel)
{
    for (size_t i = 0; i < panel->size; i++)
        panel->dropped += panel->waiting[i] == '\n';
    panel->size = 0;
}

void fw_linux_panel_flush(struct fw_linux_panel *panel)
{
    while (panel->size > 0) {
        ssize_t put = panel->fd >= 0 ? write(panel->fd, panel->waiting, panel->size) : -1;
        if (put < 0 && panel->fd >= 0 && errno == EINTR)
            continue;
        if (put < 0 && panel->fd >= 0 && errno == EAGAIN)
            return;
        if (put <= 0) { /* the reader is gone for good */
            drop_waiting(panel);
            return;
        }
        panel->size -= (size_t)put;
        memmove(panel->waiting, panel->waiting + put, panel->size);
    }
}

/* A line in the making, behind the waiting bytes; end_line() adds it to them. */
struct line {
    struct fw_linux_panel *panel;
    size_t size; /* of the waiting bytes and the line; beyond the maximum: no room */
};

static struct line begin_line(struct fw_linux_panel *panel)
{
    return (struct line){ panel, panel->size };
}

static void put_char(struct line *line, char byte)
{
    if (line->size < FW_LINUX_PANEL_BYTES_MAX)
        line->panel->waiting[line->size] = byte;
    line->size++;
}

static void put_text(struct line *line, const char *text)
{
    for (; *text != '\0'; text++)
        put_char(line, *text);
}

static void end_line(struct line *line)
{
    put_char(line, '\n');
    if (line->size > FW_LINUX_PANEL_BYTES_MAX)
        line->panel->dropped++;
    else
        line->panel->size = line->size;
    fw_linux_panel_flush(line->panel);
}

/* ---- what the lines say ---- */

/* is_utf8: the text comes from the core, which lets only UTF-8 through, so bytes above ASCII stay.
 * A message of a stranger may have any bytes: those above ASCII are escaped one by one. */
static void put_escaped(struct line *line, const char *text, size_t size, bool is_utf8)
{
    char code[8];
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\') {
            put_char(line, '\\');
            put_char(line, text[i]);
        } else if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !is_utf8)) {
            snprintf(code, sizeof(code), "\\u%04x", byte);
            put_text(line, code);
        } else {
            put_char(line, text[i]);
        }
    }
}

void fw_linux_panel_trace(struct fw_linux_panel *panel, const char *what, const char *name,
                          const char *text, size_t size)
{
    if (!panel->traces)
        return;
    char head[HEAD_BYTES_MAX];
    struct line line = begin_line(panel);
    snprintf(head, sizeof(head), "{\"ms\":%" PRId64 ",\"what\":\"%s\",\"name\":\"%s\",\"text\":\"",
             panel->clock.mono_ms(panel->clock.self), what, name);
    put_text(&line, head);
    put_escaped(&line, text, size, strcmp(what, "in") != 0);
    put_text(&line, "\"}");
    end_line(&line);
}

/* Control characters become spaces: a line end in a text would begin a line of its own. */
static void show(void *self, enum fw_signal signal, const char *text)
{
    struct fw_linux_panel *panel = self;
    const char *name = fw_signal_name(signal);
    struct line line = begin_line(panel);
    put_text(&line, "panel ");
    put_text(&line, name);
    put_char(&line, ' ');
    for (const char *at = text; *at != '\0'; at++)
        put_char(&line, (unsigned char)*at < 0x20 ? ' ' : *at);
    end_line(&line);
    fw_linux_panel_trace(panel, "panel", name, text, strlen(text));
}

static void write_note(void *self, const char *text)
{
    fw_linux_panel_trace(self, "note", "", text, strlen(text));
}

struct fw_panel fw_linux_panel_port(struct fw_linux_panel *panel)
{
    return (struct fw_panel){ .show = show, .self = panel };
}

struct fw_trace fw_linux_trace_port(struct fw_linux_panel *panel)
{
    return (struct fw_trace){ .write = write_note, .self = panel };
}

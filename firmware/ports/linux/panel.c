/* Lines on standard output (ports/linux/panel.h). */
#include "ports/linux/panel.h"

#include <inttypes.h>
#include <string.h>

const char *fw_linux_signal_name(enum fw_signal signal)
{
    switch (signal) {
    case FW_SIGNAL_NONE:
        return "none";
    case FW_SIGNAL_OK:
        return "ok";
    case FW_SIGNAL_DONE:
        return "done";
    case FW_SIGNAL_ERROR:
        return "error";
    case FW_SIGNAL_STORED:
        return "stored";
    }
    return "none";
}

/* Bytes above ASCII stay as they are when they came as UTF-8, which is all that the core lets
 * through; what a stranger sends may be anything, so they are escaped one by one there. */
static void put_escaped(FILE *out, const char *text, size_t size, bool is_utf8)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !is_utf8))
            fprintf(out, "\\u%04x", byte);
        else
            fputc(byte, out);
    }
}

void fw_linux_panel_trace(struct fw_linux_panel *panel, const char *what, const char *name,
                          const char *text, size_t size)
{
    if (!panel->traces)
        return;
    fprintf(panel->out, "{\"ms\":%" PRId64 ",\"what\":\"%s\",\"name\":\"%s\",\"text\":\"",
            panel->clock.mono_ms(panel->clock.self), what, name);
    put_escaped(panel->out, text, size, strcmp(what, "in") != 0);
    fputs("\"}\n", panel->out);
    fflush(panel->out);
}

/* A line end in a text would look like a line of its own. */
static void panel_show(void *self, enum fw_signal signal, const char *text)
{
    struct fw_linux_panel *panel = self;
    const char *name = fw_linux_signal_name(signal);
    fprintf(panel->out, "panel %s ", name);
    for (const char *at = text; *at != '\0'; at++)
        fputc((unsigned char)*at < 0x20 ? ' ' : *at, panel->out);
    fputc('\n', panel->out);
    fflush(panel->out);
    fw_linux_panel_trace(panel, "panel", name, text, strlen(text));
}

static void trace_write(void *self, const char *text)
{
    fw_linux_panel_trace(self, "note", "", text, strlen(text));
}

struct fw_panel fw_linux_panel_port(struct fw_linux_panel *panel)
{
    return (struct fw_panel){ .show = panel_show, .self = panel };
}

struct fw_trace fw_linux_trace_port(struct fw_linux_panel *panel)
{
    return (struct fw_trace){ .write = trace_write, .self = panel };
}

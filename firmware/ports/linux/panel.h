/* Standard output as a panel, and as a trace: `panel ok put it into bin A-01`, and with tracing one
 * JSON object a line for all that happens. Each line is written before the call returns, if
 * somebody reads. A device never waits for its reader: what cannot be written now waits in a
 * bounded buffer, and a line that does not fit into that is dropped as a whole, and counted. Loop's
 * thread. */
#ifndef FW_LINUX_PANEL_H
#define FW_LINUX_PANEL_H

#include "port/port.h"

#define FW_LINUX_PANEL_BYTES_MAX 65536 /* that wait for the reader */

struct fw_linux_panel {
    int fd; /* our own, never blocking; -1: there is none */
    bool traces;
    struct fw_clock clock; /* of the lines' "ms" */
    int64_t dropped;       /* lines */
    size_t size;           /* of what waits */
    char waiting[FW_LINUX_PANEL_BYTES_MAX];
};

/* @fd: stays the caller's, as it is; -1: every line is dropped. */
void fw_linux_panel_open(struct fw_linux_panel *panel, int fd, bool traces, struct fw_clock clock);
void fw_linux_panel_close(struct fw_linux_panel *panel);

/* Does something wait? Then flush when panel->fd can be written. */
bool fw_linux_panel_wants_out(const struct fw_linux_panel *panel);
void fw_linux_panel_flush(struct fw_linux_panel *panel);

struct fw_panel fw_linux_panel_port(struct fw_linux_panel *panel);
struct fw_trace fw_linux_trace_port(struct fw_linux_panel *panel);

/* Lines of the trace; nothing without tracing. @what: link, out, in, note; @name: a leaf or a
 * state;
 * @text: any bytes, escaped. */
void fw_linux_panel_trace(struct fw_linux_panel *panel, const char *what, const char *name,
                          const char *text, size_t size);

#endif

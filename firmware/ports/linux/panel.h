/* Standard output as a panel, and as a trace: `panel ok put it into bin A-01`, and with tracing one
 * JSON object a line for all that happens. Each line is flushed before the call returns. */
#ifndef FW_LINUX_PANEL_H
#define FW_LINUX_PANEL_H

#include <stdio.h>

#include "port/port.h"

struct fw_linux_panel {
    FILE *out;
    bool traces;
    struct fw_clock clock; /* of the lines' "ms" */
};

struct fw_panel fw_linux_panel_port(struct fw_linux_panel *panel);
struct fw_trace fw_linux_trace_port(struct fw_linux_panel *panel);

/* Lines of the trace; nothing without tracing. @what: link, out, in, note; @name: a leaf or a
 * state;
 * @text: any bytes, escaped. */
void fw_linux_panel_trace(struct fw_linux_panel *panel, const char *what, const char *name,
                          const char *text, size_t size);

/* "none", "ok", ... */
const char *fw_linux_signal_name(enum fw_signal signal);

#endif

/* Standard output as a panel, and as a trace: `panel ok put it into bin A-01`, and with --trace one
 * JSON object a line for each event. A line is written before the call returns, if its reader keeps
 * up. A device never waits for its reader: what cannot be written now waits in a bounded buffer,
 * and a line that does not fit into it is dropped as a whole, and counted. Loop's thread. */
#ifndef FW_PORTS_LINUX_PANEL_H
#define FW_PORTS_LINUX_PANEL_H

#include "port/port.h"

#define FW_LINUX_PANEL_BYTES_MAX 65536 /* that wait for the reader */

struct fw_linux_panel {
    int fd; /* an opening of our own, never blocking; -1: there is none */
    bool traces;
    struct fw_clock clock; /* of the lines' "ms" */
    int64_t dropped;       /* lines */
    size_t size;           /* bytes that wait */
    char waiting[FW_LINUX_PANEL_BYTES_MAX];
};

/**
 * fw_linux_panel_open() - Begin to write to what @fd is open for.
 *
 * @fd:    not changed, and stays the caller's; -1: every line is dropped.
 * @clock: copied; gives the trace its times.
 */
void fw_linux_panel_open(struct fw_linux_panel *panel, int fd, bool traces, struct fw_clock clock);

/** fw_linux_panel_close() - Write what can be written at once, and close. */
void fw_linux_panel_close(struct fw_linux_panel *panel);

/** fw_linux_panel_wants_out() - Do bytes wait? Then flush when panel->fd can be written. */
bool fw_linux_panel_wants_out(const struct fw_linux_panel *panel);

/** fw_linux_panel_flush() - Write waiting bytes, as many as the reader takes now. */
void fw_linux_panel_flush(struct fw_linux_panel *panel);

/** fw_linux_panel_port() - The panel as the core's; borrowed for the port's life. */
struct fw_panel fw_linux_panel_port(struct fw_linux_panel *panel);

/** fw_linux_trace_port() - The trace as the core's; borrowed for the port's life. */
struct fw_trace fw_linux_trace_port(struct fw_linux_panel *panel);

/**
 * fw_linux_panel_trace() - Write a line of the trace; does nothing without --trace.
 *
 * @what: link, out, in, panel or note.
 * @name: of the leaf, the state or the signal.
 * @text: any bytes; they are escaped.
 */
void fw_linux_panel_trace(struct fw_linux_panel *panel, const char *what, const char *name,
                          const char *text, size_t size);

#endif

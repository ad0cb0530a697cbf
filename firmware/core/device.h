/* What every device has: a part of its flash, the time, and the session with the service. The
 * scanner (core/scanner.h) and the locker (core/locker.h) are built on it. One thread.
 *
 *   flash:  | log: all blocks that are left | session 2 | extra blocks of the application |
 */
#ifndef FW_CORE_DEVICE_H
#define FW_CORE_DEVICE_H

#include "core/session.h"
#include "port/port.h"

#define FW_DEVICE_LOG_BLOCKS_MIN 2
#define FW_DEVICE_SESSION_BLOCKS 2
#define FW_DEVICE_SESSION_LAYOUT 2 /* version of the session's snapshot */
#define FW_DEVICE_TEXT_SIZE 96     /* of a line on the panel, with NUL */

/* The ports of one device, borrowed as long as the device lives. */
struct fw_device_setup {
    const struct fw_flash *flash;
    const struct fw_clock *clock;
    const struct fw_net *net;
    const struct fw_rng *rng;
    const struct fw_panel *panel;
    const struct fw_trace *trace; /* NULL: none */
    const char *firmware;         /* version: 1 to 32 of 0-9 A-Z a-z . + - */
};

/* Declared by the application. */
struct fw_device {
    struct fw_device_setup setup;
    struct fw_flash_log log;
    struct fw_snapshot snapshot;
    struct fw_clock_state clock;
    struct fw_session session;
    bool is_link_shown; /* the panel has shown the link, */
    bool was_link_up;   /* as up or down */
};

/* What the application adds to the session. */
struct fw_device_role {
    enum fw_msg_device_kind kind;
    const char *compartments;    /* NULL for a scanner */
    struct fw_identity identity; /* zeros for a device without a key */
    uint32_t extra_blocks;       /* of the application, at the end of the flash */
    void (*on_verdict)(void *self, const struct fw_device_verdict *verdict);
    void *self;
};

/**
 * fw_device_open() - Open log, snapshot and session, and count the start.
 *
 * Blocks while flash is read, and while the boot count is saved. The `start` record follows with
 * the first append or tick.
 *
 * @setup, @role: copied; what they point to is borrowed for the device's life.
 *
 * Errors:  FW_E_INVALID: the flash has too few or too small blocks. FW_E_IO, FW_E_CORRUPT.
 * Source:  schemas/rules/devices.md 1.1, 2.8.
 */
int fw_device_open(struct fw_device *device, const struct fw_device_setup *setup,
                   const struct fw_device_role *role);

/**
 * fw_device_extra_block() - The first of the application's own blocks, of which it has
 * @extra_blocks.
 */
uint32_t fw_device_extra_block(const struct fw_device *device, uint32_t extra_blocks);

/** fw_device_on_link() - The link came or went. The panel shows it when it changed. */
void fw_device_on_link(struct fw_device *device, bool is_up);

/** fw_device_on_ack() - A message on `ack`; a refusal goes to the trace. */
void fw_device_on_ack(struct fw_device *device, const char *payload, size_t size);

/** fw_signal_name() - "none", "ok", "done", "error" or "stored", for panels that write. */
const char *fw_signal_name(enum fw_signal signal);

/** fw_device_show() - Show a text on the panel, with a signal. */
void fw_device_show(const struct fw_device *device, enum fw_signal signal, const char *text);

/** fw_device_trace() - Write a line to the trace, if the port has one. */
void fw_device_trace(const struct fw_device *device, const char *text);

/**
 * fw_device_show_failure() - Tell the person why a record could not be stored. @status: FW_E_FULL,
 * or any other failure: then flash is broken.
 */
void fw_device_show_failure(const struct fw_device *device, int status);

#endif

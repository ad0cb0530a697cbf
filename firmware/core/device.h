/* What every device has: its part of the flash, its time, and its session with the service. The
 * scanner (core/scanner.h) and the locker (core/locker.h) are built on it.
 *
 *   flash:  | log: all blocks that are left | session 2 | more, for the application |
 */
#ifndef FW_CORE_DEVICE_H
#define FW_CORE_DEVICE_H

#include "core/session.h"
#include "port/port.h"

#define FW_DEVICE_LOG_BLOCKS_MIN 2
#define FW_DEVICE_SESSION_BLOCKS 2
#define FW_DEVICE_SESSION_LAYOUT 2 /* version of its snapshot */
#define FW_DEVICE_TEXT_SIZE 96     /* of a line on the panel, with NUL */

/* The world of one device; all of it is borrowed as long as the device lives. */
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
    bool is_link_shown; /* the person has heard of the link ... */
    bool was_link_up;   /* ... and this */
};

/* What the application adds to the session. */
struct fw_device_role {
    enum fw_msg_device_kind kind;
    const char *compartments; /* NULL for a scanner */
    uint32_t extra_blocks;    /* at the end of the flash, the application's own */
    void (*on_verdict)(void *self, const struct fw_device_verdict *verdict);
    void *self;
};

/**
 * fw_device_open() - Find what was stored, count the start, and say so in a record.
 *
 * Errors:  FW_E_INVALID: the flash has too few or too small blocks. FW_E_IO, FW_E_CORRUPT.
 * Source:  schemas/rules/devices.md 1.1, 2.8.
 */
int fw_device_open(struct fw_device *device, const struct fw_device_setup *setup,
                   const struct fw_device_role *role);

/* The first of the application's own blocks. */
uint32_t fw_device_extra_block(const struct fw_device *device, uint32_t extra_blocks);

/* The link came or went; the person hears it only when it is another than before. */
void fw_device_on_link(struct fw_device *device, bool is_up);

/* A message on `ack`; what is wrong with it goes to the trace. */
void fw_device_on_ack(struct fw_device *device, const char *payload, size_t size);

/* "none", "ok", ...: for panels that write. */
const char *fw_signal_name(enum fw_signal signal);

void fw_device_show(const struct fw_device *device, enum fw_signal signal, const char *text);
void fw_device_trace(const struct fw_device *device, const char *text);

/* Tells the person why a record could not be stored: FW_E_FULL or FW_E_IO. */
void fw_device_show_failure(const struct fw_device *device, int status);

#endif

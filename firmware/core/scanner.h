/* The scanner: reads a label, stores it in flash, and only then tells the person that it is stored;
 * the service's verdict follows when it comes. The struct has all the memory that a scanner needs.
 * One thread; calls block while flash is written, never for a line or the link.
 *
 *   reader line -> label -> log -> panel "stored" -> up ... ack -> panel: the verdict
 */
#ifndef FW_CORE_SCANNER_H
#define FW_CORE_SCANNER_H

#include "core/device.h"
#include "core/reader.h"

struct fw_scanner_setup {
    struct fw_device_setup device;
    const struct fw_uart *uart; /* of the scan head */
    int32_t dead_time_ms;       /* schemas/rules/devices.md 3.5: usually FW_DEBOUNCE_DEAD_TIME_MS */
};

struct fw_scanner {
    struct fw_device device;
    struct fw_reader reader;
};

/**
 * fw_scanner_open() - Begin after power-up.
 *
 * @setup: copied; the ports and the uart are borrowed for the scanner's life.
 *
 * Errors: those of fw_device_open().
 */
int fw_scanner_open(struct fw_scanner *scanner, const struct fw_scanner_setup *setup);

/**
 * fw_scanner_will() - The retained `state` that the port registers as its will.
 *
 * To be asked before each connect. Returns its size in bytes, or FW_E_TOO_LARGE.
 */
int fw_scanner_will(const struct fw_scanner *scanner, char *buf, size_t size_max);

/** fw_scanner_on_link() - The port says that the link came or went. Step afterwards. */
void fw_scanner_on_link(struct fw_scanner *scanner, bool is_up);

/** fw_scanner_on_message() - The port has a message; all but an ack is ignored. Step afterwards. */
void fw_scanner_on_message(struct fw_scanner *scanner, enum fw_leaf leaf, const char *payload,
                           size_t size);

/**
 * fw_scanner_step() - Read the line, store and send what is due.
 *
 * Returns the monotonic ms at which it must run again at the latest: earlier when the line has
 * bytes, or after on_link and on_message.
 */
int64_t fw_scanner_step(struct fw_scanner *scanner, int64_t now_ms);

/** fw_scanner_stop() - Save the counts before a clean stop; nothing else is lost without it. */
void fw_scanner_stop(struct fw_scanner *scanner);

#endif

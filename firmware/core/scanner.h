/* The scanner: a label is read, stored in flash, and only then acknowledged to the person; the
 * service's verdict follows when it comes. Holds everything a scanner needs; one thread.
 *
 *   reader line -> label -> log -> panel "stored" -> up ... ack -> panel: the verdict
 */
#ifndef FW_CORE_SCANNER_H
#define FW_CORE_SCANNER_H

#include "core/device.h"
#include "core/reader.h"

struct fw_scanner_setup {
    struct fw_device_setup device;
    const struct fw_uart *uart;
    int32_t dead_time_ms; /* schemas/rules/devices.md 3.5: usually FW_DEBOUNCE_DEAD_TIME_MS */
};

struct fw_scanner {
    struct fw_device device;
    struct fw_reader reader;
};

/* Errors: those of fw_device_open(). */
int fw_scanner_open(struct fw_scanner *scanner, const struct fw_scanner_setup *setup);

/* The retained `state` for the port to register as the will, once after open; bytes or < 0. */
int fw_scanner_will(const struct fw_scanner *scanner, char *buf, size_t size_max);

/* The port says: the link came or went; a message arrived. Step afterwards. */
void fw_scanner_on_link(struct fw_scanner *scanner, bool is_up);
void fw_scanner_on_message(struct fw_scanner *scanner, enum fw_leaf leaf, const char *payload,
                           size_t size);

/* Does what there is to do. Returns when (monotonic ms) it must run again at the latest; before
 * that when the line has bytes or the port has called one of the functions above. */
int64_t fw_scanner_step(struct fw_scanner *scanner, int64_t now_ms);

/* A clean stop: saves what may wait otherwise. Nothing is lost without it but counts. */
void fw_scanner_stop(struct fw_scanner *scanner);

#endif

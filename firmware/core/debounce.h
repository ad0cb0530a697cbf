/* Drops bounces: a trigger that bounces reads one label twice. The same line within the dead time
 * is a bounce; after the dead time it is an intended second scan (rules/devices.md 3.5). The dead
 * time begins at the last read that was taken, so that a scanner which repeats for ever still gives
 * one scan in each dead time. */
#ifndef FW_CORE_DEBOUNCE_H
#define FW_CORE_DEBOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/line.h"

#define FW_DEBOUNCE_DEAD_TIME_MS 500 /* unless the device is set to another one */

struct fw_debounce {
    uint8_t bytes[FW_LINE_BYTES_MAX];
    size_t size; /* 0: nothing taken yet */
    int64_t taken_ms;
    int32_t dead_time_ms;
    uint64_t bounced_count;
};

/** fw_debounce_init() - No line read yet. @dead_time_ms: 0 or more; 0 takes every read. */
void fw_debounce_init(struct fw_debounce *debounce, int32_t dead_time_ms);

/** fw_debounce_forget() - Take the next line, even if it equals the last one. */
void fw_debounce_forget(struct fw_debounce *debounce);

/**
 * fw_debounce_take() - Is this read a scan of its own?
 *
 * @line, @size: 1 to FW_LINE_BYTES_MAX bytes.
 * @now_ms:      monotonic.
 *
 * Returns false for a bounce, which is counted.
 */
bool fw_debounce_take(struct fw_debounce *debounce, const uint8_t *line, size_t size,
                      int64_t now_ms);

#endif

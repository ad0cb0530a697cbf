/* Random bytes, fetched many at a time: one system call serves some thirty requests. Loop thread.
 */
#ifndef BRIDGE_ENTROPY_H
#define BRIDGE_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#include "kit/port/ports.h"

#define BRIDGE_ENTROPY_BYTES 1024

/* All zero at first. */
struct entropy {
    uint8_t bytes[BRIDGE_ENTROPY_BYTES];
    size_t left;
};

/* Takes unpredictable bytes, at most BRIDGE_ENTROPY_BYTES; no byte is given twice. */
void entropy_take(struct entropy *entropy, const struct kit_rng *rng, uint8_t *ret_bytes,
                  size_t size_bytes);

/* Writes two small hex digits a byte, without a NUL. */
void entropy_write_hex(const uint8_t *bytes, size_t count, char *ret_text);

#endif

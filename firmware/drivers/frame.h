/* What the drivers of the KR-CU boards share: the sum of a frame, and the order of its bits. */
#ifndef FW_DRIVERS_FRAME_H
#define FW_DRIVERS_FRAME_H

#include <stddef.h>
#include <stdint.h>

/** fw_frame_sum() - The low byte of the sum of these bytes. */
static inline uint8_t fw_frame_sum(const uint8_t *bytes, size_t size)
{
    unsigned int sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += bytes[i];
    return (uint8_t)(sum & 0xFF);
}

/** fw_frame_bits() - The bits of two bytes; the first byte is of locks 1 to 8. */
static inline uint16_t fw_frame_bits(const uint8_t bytes[2])
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

#endif

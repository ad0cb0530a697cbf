/* CRC-32 (IEEE 802.3, reflected, as in zlib) with a table of 16 words: small rather than fast. */
#ifndef FW_CORE_CRC_H
#define FW_CORE_CRC_H

#include <stddef.h>
#include <stdint.h>

/**
 * fw_crc32() - Checksum of bytes, in one piece or many.
 *
 * @before: 0 for the first piece; for the next ones, what the call for the piece before returned.
 *
 * Units:   "123456789" gives 0xCBF43926.
 * Thread:  any.
 */
uint32_t fw_crc32(uint32_t before, const void *bytes, size_t size);

#endif

/* CRC-32 (IEEE 802.3, reflected): the checksum that zlib, and so every language, has, and that the
 * firmware's logs have too. It sees each change of up to 32 bits in a row. Pure. Any thread. */
#ifndef KIT_BASE_CRC_H
#define KIT_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of bytes, in one piece or many. before: 0 for the first piece; for the next ones
 * what the call for the piece before returned. "123456789" gives 0xCBF43926. */
uint32_t kit_crc32(uint32_t before, const void *bytes, size_t size_bytes);

#endif

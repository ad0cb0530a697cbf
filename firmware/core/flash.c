/* Flash that is read back after each write (flash.h). */
#include "core/flash.h"

#include <string.h>

#define CHUNK_BYTES 64
#define ERASED 0xFF

bool fw_flash_is_usable(const struct fw_flash *flash, uint32_t first_block, uint32_t block_count,
                        uint32_t block_bytes_min)
{
    uint32_t word = flash->word_size_bytes;
    return word > 0 && word <= FW_FLASH_WORD_BYTES_MAX && (word & (word - 1)) == 0 &&
           flash->block_size_bytes >= block_bytes_min &&
           flash->block_size_bytes % FW_FLASH_WORD_BYTES_MAX == 0 &&
           first_block <= flash->block_count && block_count <= flash->block_count - first_block &&
           flash->block_count <= UINT32_MAX / flash->block_size_bytes;
}

uint32_t fw_flash_round_up(const struct fw_flash *flash, uint32_t size_bytes)
{
    uint32_t mask = flash->word_size_bytes - 1;
    return (size_bytes + mask) & ~mask;
}

static uint32_t pick_smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

int fw_flash_program(const struct fw_flash *flash, uint32_t offset, const void *bytes,
                     uint32_t size_bytes)
{
    const uint8_t *wanted = bytes;
    uint8_t chunk[CHUNK_BYTES];
    int rc = flash->program(flash->self, offset, bytes, size_bytes);
    if (rc != FW_OK)
        return rc;
    for (uint32_t at = 0; at < size_bytes; at += CHUNK_BYTES) {
        uint32_t size = pick_smaller(CHUNK_BYTES, size_bytes - at);
        rc = flash->read(flash->self, offset + at, chunk, size);
        if (rc != FW_OK)
            return rc;
        if (memcmp(chunk, wanted + at, size) != 0)
            return FW_E_CORRUPT;
    }
    return FW_OK;
}

int fw_flash_erase(const struct fw_flash *flash, uint32_t block)
{
    uint32_t from = block * flash->block_size_bytes;
    uint32_t end = 0;
    int rc = flash->erase(flash->self, block);
    if (rc != FW_OK)
        return rc;
    rc = fw_flash_find_end(flash, from, from + flash->block_size_bytes, &end);
    if (rc != FW_OK)
        return rc;
    return end == from ? FW_OK : FW_E_CORRUPT;
}

/* How many bytes of the chunk lie before its blank rest. */
static uint32_t count_used(const uint8_t *chunk, uint32_t size)
{
    while (size > 0 && chunk[size - 1] == ERASED)
        size--;
    return size;
}

int fw_flash_find_end(const struct fw_flash *flash, uint32_t from, uint32_t to, uint32_t *ret_end)
{
    uint8_t chunk[CHUNK_BYTES];
    while (to > from) {
        uint32_t size = pick_smaller(CHUNK_BYTES, to - from);
        int rc = flash->read(flash->self, to - size, chunk, size);
        if (rc != FW_OK && rc != FW_E_CORRUPT)
            return rc;
        uint32_t count = rc == FW_OK ? count_used(chunk, size) : size;
        if (count > 0) {
            *ret_end = to - size + fw_flash_round_up(flash, count);
            return FW_OK;
        }
        to -= size;
    }
    *ret_end = from;
    return FW_OK;
}

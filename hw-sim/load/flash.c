/* NOR in memory: erased bytes are 0xFF, programming clears bits. One thread. */
#include "load/flash.h"

#include <string.h>

#define FLASH_BYTES ((uint32_t)LOAD_FLASH_BLOCKS * LOAD_FLASH_BLOCK_BYTES)

static uint8_t *find_bytes(void *self, uint32_t offset, uint32_t size_bytes)
{
    struct load_flash *flash = self;
    if (offset > FLASH_BYTES || size_bytes > FLASH_BYTES - offset)
        return NULL;
    return &flash->bytes[0][0] + offset;
}

static int read_flash(void *self, uint32_t offset, void *ret_bytes, uint32_t size_bytes)
{
    const uint8_t *from = find_bytes(self, offset, size_bytes);
    if (from == NULL)
        return FW_E_IO;
    memcpy(ret_bytes, from, size_bytes);
    return FW_OK;
}

static int program_flash(void *self, uint32_t offset, const void *bytes, uint32_t size_bytes)
{
    uint8_t *to = find_bytes(self, offset, size_bytes);
    if (to == NULL)
        return FW_E_IO;
    for (uint32_t i = 0; i < size_bytes; i++)
        to[i] = (uint8_t)(to[i] & ((const uint8_t *)bytes)[i]);
    return FW_OK;
}

static int erase_flash(void *self, uint32_t block)
{
    struct load_flash *flash = self;
    if (block >= LOAD_FLASH_BLOCKS)
        return FW_E_IO;
    memset(flash->bytes[block], 0xFF, LOAD_FLASH_BLOCK_BYTES);
    return FW_OK;
}

struct fw_flash load_flash_init(struct load_flash *flash)
{
    memset(flash->bytes, 0xFF, sizeof(flash->bytes));
    return (struct fw_flash){
        .block_size_bytes = LOAD_FLASH_BLOCK_BYTES,
        .block_count = LOAD_FLASH_BLOCKS,
        .word_size_bytes = 4,
        .read = read_flash,
        .program = program_flash,
        .erase = erase_flash,
        .self = flash,
    };
}

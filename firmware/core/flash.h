/* Steps on flash that trust nothing: what was programmed is read back, what was erased is looked
 * at. Shared by the log and the snapshot. FW_E_CORRUPT from the port's read (a part with error
 * correction finds a torn word) means other bytes; FW_E_IO means that the part does not answer. */
#ifndef FW_CORE_FLASH_H
#define FW_CORE_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/port.h"

#define FW_FLASH_WORD_BYTES_MAX 16

/** fw_flash_is_usable() - Has the flash that many blocks of that size, and words that we can use?
 */
bool fw_flash_is_usable(const struct fw_flash *flash, uint32_t first_block, uint32_t block_count,
                        uint32_t block_bytes_min);

/** fw_flash_round_up() - Size in whole words. */
uint32_t fw_flash_round_up(const struct fw_flash *flash, uint32_t size_bytes);

/** fw_flash_program() - Programs whole words and compares. FW_E_IO, FW_E_CORRUPT: do not use them.
 */
int fw_flash_program(const struct fw_flash *flash, uint32_t offset, const void *bytes,
                     uint32_t size_bytes);

/** fw_flash_erase() - Erases a block and looks whether it is blank. FW_E_IO, FW_E_CORRUPT. */
int fw_flash_erase(const struct fw_flash *flash, uint32_t block);

/**
 * fw_flash_find_end() - Where, between two offsets, does the blank rest begin? Whole words.
 *
 * @from, @to: offsets in whole words, @to - @from a multiple of 16.
 *
 * FW_E_IO, and *ret_end untouched, when the part does not answer.
 */
int fw_flash_find_end(const struct fw_flash *flash, uint32_t from, uint32_t to, uint32_t *ret_end);

#endif

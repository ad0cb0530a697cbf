/* Steps on flash that trust nothing: programmed bytes are read back and compared, an erased block
 * is checked to be blank. Shared by the log and the snapshot. All block while the part works.
 *
 * FW_E_CORRUPT from the port's read (a part with error correction found a torn word) counts as
 * other bytes; FW_E_IO means that the part does not answer. */
#ifndef FW_CORE_FLASH_H
#define FW_CORE_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/port.h"

#define FW_FLASH_WORD_BYTES_MAX 16

/**
 * fw_flash_is_usable() - Can the log or a snapshot live in these blocks?
 *
 * Checks that the blocks exist and have @block_bytes_min bytes or more, and that a word has 1 to
 * FW_FLASH_WORD_BYTES_MAX bytes, a power of two.
 */
bool fw_flash_is_usable(const struct fw_flash *flash, uint32_t first_block, uint32_t block_count,
                        uint32_t block_bytes_min);

/** fw_flash_round_up() - That size in whole words. */
uint32_t fw_flash_round_up(const struct fw_flash *flash, uint32_t size_bytes);

/**
 * fw_flash_program() - Program whole words, and compare what the flash then has.
 *
 * Errors: FW_E_IO, FW_E_CORRUPT: the words must not be used.
 */
int fw_flash_program(const struct fw_flash *flash, uint32_t offset, const void *bytes,
                     uint32_t size_bytes);

/** fw_flash_erase() - Erase a block, and check that it is blank. FW_E_IO, FW_E_CORRUPT. */
int fw_flash_erase(const struct fw_flash *flash, uint32_t block);

/**
 * fw_flash_find_end() - Where does the blank rest between two offsets begin? At a whole word.
 *
 * @from, @to: offsets in whole words, @to - @from a multiple of 16.
 * @ret_end:   @from when everything is blank; untouched on failure.
 *
 * Errors: FW_E_IO: the part does not answer.
 */
int fw_flash_find_end(const struct fw_flash *flash, uint32_t from, uint32_t to, uint32_t *ret_end);

#endif

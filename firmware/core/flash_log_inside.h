/* What flash_log.c (writing, reading) and flash_log_recover.c (opening) share: how the log lies in
 * flash (the picture is in flash_log.c), and how its entries are found. No other file includes it.
 */
#ifndef FW_CORE_FLASH_LOG_INSIDE_H
#define FW_CORE_FLASH_LOG_INSIDE_H

#include "core/flash_log.h"

#define FW_LOG_MAGIC 0x314C5346U /* "FSL1" */
#define FW_LOG_KIND_RECORD 0x5000U
#define FW_LOG_KIND_MARK 0xA000U
#define FW_LOG_KIND_MASK 0xF000U
#define FW_LOG_SIZE_MASK 0x0FFFU
#define FW_LOG_ENTRY_HEAD 8 /* kind and size, index, checksum; then the payload */

struct fw_log_header {
    int64_t first_seq;
    int64_t first_held;
    uint8_t epoch[FW_EPOCH_BYTES];
    uint32_t magic;
    uint32_t generation;
    uint32_t previous; /* generation of the block before; 0: none */
    uint32_t crc;      /* of the members above */
};
_Static_assert(sizeof(struct fw_log_header) == 48, "whole words, and no holes");

struct fw_log_entry {
    int64_t seq; /* of the record; of a mark: that of the next record */
    uint32_t kind;
    uint32_t size;
    uint32_t offset;     /* in the block */
    uint32_t end_offset; /* of the next whole word behind the entry */
};

/** fw_log_address() - Where in the flash that offset of a block of the log is. */
uint32_t fw_log_address(const struct fw_flash_log *log, uint32_t block, uint32_t offset);

/**
 * fw_log_find_entry() - The first entry of entry->seq or later that begins between two offsets.
 *
 * Passes over torn entries. Returns 1 when found, 0 when there is none, FW_E_IO when the flash does
 * not answer; *entry is written when found.
 */
int fw_log_find_entry(const struct fw_flash_log *log, const struct fw_flash_log_link *link,
                      uint32_t from, uint32_t to, struct fw_log_entry *entry);

/**
 * fw_log_recover() - Take epoch, chain, first_seq and next_seq from what the flash holds.
 *
 * Writes nothing. Returns 1 when a log was found, 0 when there is none, FW_E_IO when the flash does
 * not answer.
 */
int fw_log_recover(struct fw_flash_log *log);

/** fw_log_link() - The link that a block with that header makes. */
struct fw_flash_log_link fw_log_link(const struct fw_log_header *header, uint32_t block);

/** fw_log_trim() - Drop the oldest blocks whose records are all released; the newest one stays. */
void fw_log_trim(struct fw_flash_log *log);

#endif

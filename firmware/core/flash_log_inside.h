/* What the parts of the flash log share: how it lies in flash (the picture is in flash_log.c), and
 * how entries are found. Only flash_log.c and flash_log_recover.c include this. */
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
    uint32_t crc;      /* of all before it */
};
_Static_assert(sizeof(struct fw_log_header) == 48, "whole words, and no holes");

struct fw_log_entry {
    int64_t seq; /* of a mark: of the record behind it */
    uint32_t kind;
    uint32_t size;
    uint32_t offset;     /* in its block */
    uint32_t end_offset; /* behind it, in whole words */
};

/* Address of an offset in a block of the log. */
uint32_t fw_log_address(const struct fw_flash_log *log, uint32_t block, uint32_t offset);

/* The next entry of entry->seq or later between two offsets, passing over what is torn. 1: found,
 * 0: there is none, negative: the flash does not answer. */
int fw_log_find_entry(const struct fw_flash_log *log, const struct fw_flash_log_link *link,
                      uint32_t from, uint32_t to, struct fw_log_entry *entry);

/* Takes over what flash holds: epoch, chain, first_seq, next_seq. Writes nothing. As above. */
int fw_log_recover(struct fw_flash_log *log);

/* The link that a block with that header makes. */
struct fw_flash_log_link fw_log_link(const struct fw_log_header *header, uint32_t block);

/* Forgets blocks whose records are all released. The newest one stays. */
void fw_log_trim(struct fw_flash_log *log);

#endif

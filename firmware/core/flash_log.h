/* Records that survive. Appended to a ring of flash blocks, read again until released. A cut of
 * power at any byte, in open and append alike, loses no record whose append had returned FW_OK and
 * invents none. The oldest record that is not released is never overwritten. How: flash_log.c.
 *
 * One log owns its blocks. Memory: this struct alone, under 2 KiB. Called from the firmware's loop.
 */
#ifndef FW_CORE_FLASH_LOG_H
#define FW_CORE_FLASH_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/port.h"

#define FW_FLASH_LOG_RECORD_BYTES_MAX 256
#define FW_FLASH_LOG_BLOCKS_MAX 64
#define FW_FLASH_LOG_BLOCK_BYTES_MIN 512
#define FW_EPOCH_BYTES 16

/* A block that holds records, oldest first in fw_flash_log.chain. */
struct fw_flash_log_link {
    int64_t first_seq; /* of the first record in it; the next link's is its end */
    uint32_t generation;
    uint32_t seal;  /* checksum of its header, with which its records' checksums begin */
    uint32_t block; /* from 0 at first_block */
};

struct fw_flash_log {
    /* For the caller to read. Held: first_seq <= seq < next_seq. */
    int64_t first_seq;
    int64_t next_seq;
    uint8_t epoch[FW_EPOCH_BYTES];
    bool is_new;              /* open found nothing readable and began a new epoch */
    uint32_t bad_block_count; /* how often a block has failed since open */

    /* Its own. */
    const struct fw_flash *flash;
    uint32_t first_block;
    uint32_t block_count;
    struct fw_flash_log_link chain[FW_FLASH_LOG_BLOCKS_MAX];
    uint32_t chain_count;
    uint32_t write_offset;    /* in the last block of the chain; block size: it is closed */
    uint32_t generation_last; /* highest ever seen */
    int64_t marked_seq;       /* first_seq as flash has it */
    uint64_t bad_blocks;      /* a bit for each */
    int64_t cursor_seq;       /* record that begins at or after ... */
    uint32_t cursor_block;    /* ... this block (UINT32_MAX: none), at */
    uint32_t cursor_offset;   /* ... this offset */
};

/**
 * fw_flash_log_open() - Find what was logged before; or make a new log with a random epoch.
 *
 * @flash, @rng: borrowed; @flash for the log's life, @rng for the call.
 * @block_count: 2 to FW_FLASH_LOG_BLOCKS_MAX blocks from @first_block on are the log's own.
 *
 * Errors:  FW_E_INVALID: geometry. FW_E_IO: the flash does not answer (nothing was changed, call
 *          again), or a new log could not be written.
 */
int fw_flash_log_open(struct fw_flash_log *log, const struct fw_flash *flash, uint32_t first_block,
                      uint32_t block_count, const struct fw_rng *rng);

/**
 * fw_flash_log_append() - Add a record. FW_OK: it is in flash, read back and compared.
 *
 * @bytes, @size: 1 to FW_FLASH_LOG_RECORD_BYTES_MAX bytes.
 * @ret_seq:      its sequence: log->next_seq as it was before.
 *
 * Errors:  FW_E_FULL: no block is free until records are released; nothing was written.
 *          FW_E_TOO_LARGE. FW_E_IO: no free block takes it, or the flash does not answer. The
 * record may still be there after a restart: it was not promised, but it was wanted.
 */
int fw_flash_log_append(struct fw_flash_log *log, const void *bytes, size_t size, int64_t *ret_seq);

/**
 * fw_flash_log_read() - Copy a held record.
 *
 * Returns its size in bytes (1 or more), or
 * FW_E_INVALID: not held. FW_E_TOO_LARGE: more than size_max. FW_E_IO: try again.
 * FW_E_CORRUPT: the flash has lost this record since; pass over it, the next ones can be read.
 */
int fw_flash_log_read(struct fw_flash_log *log, int64_t seq, void *ret_bytes, size_t size_max);

/**
 * fw_flash_log_release() - Records up to and with @seq are no longer needed.
 *
 * Cumulative; a seq that is released already changes nothing, one at or above next_seq is
 * FW_E_INVALID. After a cut of power some of them may be held again.
 */
int fw_flash_log_release(struct fw_flash_log *log, int64_t seq);

/** fw_flash_log_is_full() - Would an append of @size bytes be refused with FW_E_FULL? */
bool fw_flash_log_is_full(const struct fw_flash_log *log, size_t size);

/** fw_flash_log_is_low() - Would an append of @size bytes leave less than a free block? */
bool fw_flash_log_is_low(const struct fw_flash_log *log, size_t size);

#endif

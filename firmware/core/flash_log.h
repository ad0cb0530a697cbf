/* Records that survive a cut of power: appended to a ring of flash blocks, read again until they
 * are released. A cut at any byte, in open and append alike, loses no record whose append had
 * returned FW_OK, and invents none. The oldest record that is not released is never overwritten.
 * How: flash_log.c.
 *
 * One log owns its blocks. Its memory is this struct alone, under 2 KiB. Runs on the firmware's
 * loop; append, release and open block while the part works. */
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
    int64_t first_seq; /* of the block's first record; its last one is before the next link's */
    uint32_t generation;
    uint32_t seal;  /* checksum of the block's header; the records' checksums begin with it */
    uint32_t block; /* from 0 at first_block */
};

struct fw_flash_log {
    /* For the caller to read. The records with first_seq <= seq < next_seq are held. */
    int64_t first_seq;
    int64_t next_seq;
    uint8_t epoch[FW_EPOCH_BYTES];
    bool is_new;              /* open found no readable log and began a new epoch */
    uint32_t bad_block_count; /* how often a block has failed since open */

    /* The log's own. */
    const struct fw_flash *flash;
    uint32_t first_block;
    uint32_t block_count;
    struct fw_flash_log_link chain[FW_FLASH_LOG_BLOCKS_MAX];
    uint32_t chain_count;
    uint32_t write_offset;    /* in the last block of the chain; block size: it is closed */
    uint32_t generation_last; /* highest ever seen */
    int64_t marked_seq;       /* first_seq as flash has it */
    uint64_t bad_blocks;      /* a bit for each */
    int64_t cursor_seq;       /* the record that begins at the cursor or behind it */
    uint32_t cursor_block;    /* UINT32_MAX: there is no cursor */
    uint32_t cursor_offset;   /* in cursor_block */
};

/**
 * fw_flash_log_open() - Find the log that the flash holds, or make a new one with a random epoch.
 *
 * @flash, @rng: borrowed; @flash for the log's life, @rng for the call.
 * @block_count: 2 to FW_FLASH_LOG_BLOCKS_MAX blocks from @first_block on are the log's own.
 *
 * Errors:  FW_E_INVALID: blocks or words that a log cannot use. FW_E_IO: the flash does not answer
 *          (nothing was changed, call again), or a new log could not be written.
 */
int fw_flash_log_open(struct fw_flash_log *log, const struct fw_flash *flash, uint32_t first_block,
                      uint32_t block_count, const struct fw_rng *rng);

/**
 * fw_flash_log_append() - Add a record. FW_OK: flash has it, read back and compared.
 *
 * @bytes, @size: 1 to FW_FLASH_LOG_RECORD_BYTES_MAX bytes.
 * @ret_seq:      the record's sequence number: log->next_seq before the call.
 *
 * Errors:  FW_E_FULL: no block is free until records are released; nothing was written.
 *          FW_E_TOO_LARGE: nothing was written. FW_E_IO: no free block takes the record, or the
 *          flash does not answer; a restart may find the record all the same.
 */
int fw_flash_log_append(struct fw_flash_log *log, const void *bytes, size_t size, int64_t *ret_seq);

/**
 * fw_flash_log_read() - Copy a held record. Returns its size in bytes, 1 or more.
 *
 * Errors:  FW_E_INVALID: not held. FW_E_TOO_LARGE: more than @size_max bytes. FW_E_IO: the flash
 *          does not answer, try again. FW_E_CORRUPT: the flash has lost this record; later ones can
 *          be read.
 */
int fw_flash_log_read(struct fw_flash_log *log, int64_t seq, void *ret_bytes, size_t size_max);

/**
 * fw_flash_log_release() - Free the records up to and with @seq.
 *
 * A @seq that is free already changes nothing. Flash learns of a release in steps: after a cut of
 * power some of the freed records may be held again.
 *
 * Errors:  FW_E_INVALID: @seq is next_seq or above.
 */
int fw_flash_log_release(struct fw_flash_log *log, int64_t seq);

/** fw_flash_log_is_full() - Would an append of @size bytes be refused with FW_E_FULL? */
bool fw_flash_log_is_full(const struct fw_flash_log *log, size_t size);

/** fw_flash_log_is_low() - Would an append of @size bytes leave no block free? */
bool fw_flash_log_is_low(const struct fw_flash_log *log, size_t size);

#endif

/* The newest copy of a small piece of state. Each save writes a whole copy into a ring of flash
 * blocks; after a cut of power at any byte the old copy or the new one is there.
 *
 * One snapshot owns its blocks. Runs on the firmware's loop; calls block while the part works. */
#ifndef FW_CORE_SNAPSHOT_H
#define FW_CORE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/port.h"

#define FW_SNAPSHOT_BYTES_MAX 3072
#define FW_SNAPSHOT_BLOCKS_MAX 32

struct fw_snapshot {
    /* For the caller to read: the newest copy. */
    uint32_t stored_size;    /* 0: there is none */
    uint32_t stored_version; /* of the copy's layout: read it before trusting the bytes */

    /* The snapshot's own. */
    const struct fw_flash *flash;
    uint32_t first_block;
    uint32_t block_count;
    uint32_t version;
    uint32_t generation;   /* of the newest copy, or of the last attempt */
    uint32_t block;        /* of the newest copy; from 0 at first_block */
    uint32_t offset;       /* of the newest copy in its block */
    uint32_t write_block;  /* of the next copy, if it has room */
    uint32_t write_offset; /* block size: the next block has to be erased first */
    uint32_t bad_blocks;   /* a bit for each block that failed since open */
};

/**
 * fw_snapshot_open() - Find the newest copy.
 *
 * @block_count: 2 to FW_SNAPSHOT_BLOCKS_MAX blocks from @first_block on are the snapshot's own; a
 *               block must hold a whole copy (3 KiB and 64 bytes for the largest).
 * @version:     saved with each copy from now on; the caller's number for the layout of the bytes.
 *
 * Errors:  FW_E_INVALID: blocks or words that a snapshot cannot use. FW_E_IO: the flash does not
 *          answer.
 */
int fw_snapshot_open(struct fw_snapshot *snapshot, const struct fw_flash *flash,
                     uint32_t first_block, uint32_t block_count, uint32_t version);

/**
 * fw_snapshot_load() - Copy the newest copy's bytes.
 *
 * Returns the copy's size in bytes, or 0 when there is none.
 *
 * Errors:  FW_E_TOO_LARGE: the copy has more than @size_max bytes. FW_E_CORRUPT: the flash has lost
 *          the copy since open. FW_E_IO: the flash does not answer.
 */
int fw_snapshot_load(const struct fw_snapshot *snapshot, void *ret_bytes, size_t size_max);

/** fw_snapshot_takes() - Does a copy of that size fit into a block? */
bool fw_snapshot_takes(const struct fw_snapshot *snapshot, size_t size);

/**
 * fw_snapshot_save() - Make these bytes the newest copy.
 *
 * @bytes: 1 to FW_SNAPSHOT_BYTES_MAX bytes.
 *
 * FW_OK: flash has them, read back and compared.
 *
 * Errors:  FW_E_TOO_LARGE: nothing was written. FW_E_IO: no block takes them; a restart finds the
 *          copy before, or this one.
 */
int fw_snapshot_save(struct fw_snapshot *snapshot, const void *bytes, size_t size);

#endif

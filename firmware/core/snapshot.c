/* The ring of copies (snapshot.h).
 *
 * A block holds copies one behind the other: a slot of 48 bytes, then the body. The body is
 * programmed first, straight from the caller's memory; the slot, which has the checksum of both and
 * the bytes that do not fill a word, makes it count. The newest copy has the highest generation.
 * The block that holds it is never erased. Behind what a cut has torn, nothing more is written into
 * that block. */
#include "core/snapshot.h"

#include <string.h>

#include "core/crc.h"
#include "core/flash.h"

#define MAGIC 0x31505346U /* "FSP1" */
#define CHUNK_BYTES 64
#define NO_BLOCK UINT32_MAX

struct slot {
    uint32_t magic;
    uint32_t generation;
    uint32_t version;
    uint32_t size;                         /* of body and tail together */
    uint8_t tail[FW_FLASH_WORD_BYTES_MAX]; /* the last bytes; zeros behind them */
    uint32_t zeros[3];
    uint32_t crc; /* of the slot before it, then of the body */
};
_Static_assert(sizeof(struct slot) == 48, "whole words, and no holes");

static uint32_t address(const struct fw_snapshot *snapshot, uint32_t block, uint32_t offset)
{
    return (snapshot->first_block + block) * snapshot->flash->block_size_bytes + offset;
}

/* The whole words of a copy of that size. */
static uint32_t body_bytes(const struct fw_snapshot *snapshot, uint32_t size)
{
    return size & ~(snapshot->flash->word_size_bytes - 1);
}

static uint32_t copy_bytes(const struct fw_snapshot *snapshot, uint32_t size)
{
    return (uint32_t)sizeof(struct slot) + body_bytes(snapshot, size);
}

static int read_crc(const struct fw_snapshot *snapshot, uint32_t at, uint32_t size, uint32_t *crc)
{
    uint8_t chunk[CHUNK_BYTES];
    while (size > 0) {
        uint32_t part = size < CHUNK_BYTES ? size : CHUNK_BYTES;
        int rc = snapshot->flash->read(snapshot->flash->self, at, chunk, part);
        if (rc != FW_OK)
            return rc;
        *crc = fw_crc32(*crc, chunk, part);
        at += part;
        size -= part;
    }
    return FW_OK;
}

/* 1: a whole copy begins there, 0: none does, negative: the flash does not answer. */
static int read_slot(const struct fw_snapshot *snapshot, uint32_t block, uint32_t offset,
                     struct slot *ret)
{
    uint32_t at = address(snapshot, block, offset), block_bytes = snapshot->flash->block_size_bytes;
    if (offset + sizeof(*ret) > block_bytes)
        return 0;
    int rc = snapshot->flash->read(snapshot->flash->self, at, ret, sizeof(*ret));
    if (rc != FW_OK)
        return rc == FW_E_CORRUPT ? 0 : rc;
    if (ret->magic != MAGIC || ret->size == 0 || ret->size > FW_SNAPSHOT_BYTES_MAX ||
        offset + copy_bytes(snapshot, ret->size) > block_bytes || ret->generation == 0 ||
        ret->generation >= UINT32_MAX / 2)
        return 0;
    uint32_t crc = fw_crc32(0, ret, offsetof(struct slot, crc));
    rc = read_crc(snapshot, at + (uint32_t)sizeof(*ret), body_bytes(snapshot, ret->size), &crc);
    if (rc != FW_OK)
        return rc == FW_E_CORRUPT ? 0 : rc;
    return crc == ret->crc;
}

/* Looks at every copy of a block, up to the first thing that is none. */
static int scan_block(struct fw_snapshot *snapshot, uint32_t block)
{
    struct slot slot;
    uint32_t offset = 0;
    int rc = 0;
    while ((rc = read_slot(snapshot, block, offset, &slot)) == 1) {
        uint32_t end = offset + copy_bytes(snapshot, slot.size);
        if (slot.generation > snapshot->generation) {
            snapshot->stored_size = slot.size;
            snapshot->stored_version = slot.version;
            snapshot->generation = slot.generation;
            snapshot->block = snapshot->write_block = block;
            snapshot->offset = offset;
            snapshot->write_offset = end;
        }
        offset = end;
    }
    return rc;
}

/* Behind the newest copy only if nothing is there. */
static int check_room(struct fw_snapshot *snapshot)
{
    uint32_t from = address(snapshot, snapshot->write_block, snapshot->write_offset), end = 0;
    uint32_t to = address(snapshot, snapshot->write_block + 1, 0);
    int rc = fw_flash_find_end(snapshot->flash, from, to, &end);
    if (rc == FW_OK && end != from)
        snapshot->write_offset = snapshot->flash->block_size_bytes;
    return rc;
}

int fw_snapshot_open(struct fw_snapshot *snapshot, const struct fw_flash *flash,
                     uint32_t first_block, uint32_t block_count, uint32_t version)
{
    memset(snapshot, 0, sizeof(*snapshot));
    if (block_count < 2 || block_count > FW_SNAPSHOT_BLOCKS_MAX ||
        !fw_flash_is_usable(flash, first_block, block_count, 2 * sizeof(struct slot)))
        return FW_E_INVALID;
    snapshot->flash = flash;
    snapshot->first_block = first_block;
    snapshot->block_count = block_count;
    snapshot->version = version;
    snapshot->write_block = block_count - 1; /* of an empty one: block 0 is erased first */
    snapshot->write_offset = flash->block_size_bytes;
    for (uint32_t block = 0; block < block_count; block++) {
        int rc = scan_block(snapshot, block);
        if (rc != 0)
            return rc;
    }
    return snapshot->stored_size > 0 ? check_room(snapshot) : FW_OK;
}

int fw_snapshot_load(const struct fw_snapshot *snapshot, void *ret_bytes, size_t size_max)
{
    struct slot slot;
    if (snapshot->stored_size == 0)
        return 0;
    if (snapshot->stored_size > size_max)
        return FW_E_TOO_LARGE;
    int rc = read_slot(snapshot, snapshot->block, snapshot->offset, &slot);
    if (rc < 0)
        return rc;
    if (rc == 0 || slot.size != snapshot->stored_size)
        return FW_E_CORRUPT;
    uint32_t body = body_bytes(snapshot, slot.size);
    uint32_t at = address(snapshot, snapshot->block, snapshot->offset + (uint32_t)sizeof(slot));
    if (body > 0 &&
        (rc = snapshot->flash->read(snapshot->flash->self, at, ret_bytes, body)) != FW_OK)
        return rc;
    memcpy((uint8_t *)ret_bytes + body, slot.tail, slot.size - body);
    return (int)slot.size;
}

/* ---- saving ---- */

static void note_bad(struct fw_snapshot *snapshot)
{
    snapshot->bad_blocks |= (uint32_t)1 << snapshot->write_block;
    snapshot->write_offset = snapshot->flash->block_size_bytes;
}

static uint32_t find_next_block(const struct fw_snapshot *snapshot)
{
    for (uint32_t i = 1; i <= snapshot->block_count; i++) {
        uint32_t block = (snapshot->write_block + i) % snapshot->block_count;
        bool newest = snapshot->stored_size > 0 && block == snapshot->block;
        if (!newest && (snapshot->bad_blocks >> block & 1) == 0)
            return block;
    }
    return NO_BLOCK;
}

static int write_copy(struct fw_snapshot *snapshot, const uint8_t *bytes, uint32_t size)
{
    uint32_t at = address(snapshot, snapshot->write_block, snapshot->write_offset);
    uint32_t body = body_bytes(snapshot, size);
    struct slot slot = { .magic = MAGIC,
                         .generation = ++snapshot->generation,
                         .version = snapshot->version,
                         .size = size };
    memcpy(slot.tail, bytes + body, size - body);
    slot.crc = fw_crc32(fw_crc32(0, &slot, offsetof(struct slot, crc)), bytes, body);
    if (body > 0) {
        int rc = fw_flash_program(snapshot->flash, at + (uint32_t)sizeof(slot), bytes, body);
        if (rc != FW_OK)
            return rc;
    }
    return fw_flash_program(snapshot->flash, at, &slot, sizeof(slot));
}

/* One try: in the block under way, or in the next one. */
static int try_save(struct fw_snapshot *snapshot, const uint8_t *bytes, uint32_t size)
{
    int rc = FW_OK;
    uint32_t all = copy_bytes(snapshot, size);
    if (snapshot->write_offset + all > snapshot->flash->block_size_bytes) {
        uint32_t next = find_next_block(snapshot);
        if (next == NO_BLOCK) {
            snapshot->bad_blocks = 0; /* it may have been a passing fault: all are tried again */
            return FW_E_IO;
        }
        snapshot->write_block = next;
        rc = fw_flash_erase(snapshot->flash, snapshot->first_block + snapshot->write_block);
        snapshot->write_offset = 0;
    }
    if (rc == FW_OK)
        rc = write_copy(snapshot, bytes, size);
    if (rc != FW_OK) {
        note_bad(snapshot);
        return rc;
    }
    snapshot->stored_size = size;
    snapshot->stored_version = snapshot->version;
    snapshot->block = snapshot->write_block;
    snapshot->offset = snapshot->write_offset;
    snapshot->write_offset += all;
    return FW_OK;
}

int fw_snapshot_save(struct fw_snapshot *snapshot, const void *bytes, size_t size)
{
    if (size == 0 || size > FW_SNAPSHOT_BYTES_MAX ||
        copy_bytes(snapshot, (uint32_t)size) > snapshot->flash->block_size_bytes)
        return FW_E_TOO_LARGE;
    for (uint32_t i = 0; i <= snapshot->block_count; i++) {
        if (try_save(snapshot, bytes, (uint32_t)size) == FW_OK)
            return FW_OK;
    }
    return FW_E_IO;
}

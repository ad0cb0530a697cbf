/* The ring of copies (snapshot.h).
 *
 * A block holds copies one behind the other, each a slot of 48 bytes and a body. The body is
 * programmed first, straight from the caller's memory. Then the slot makes the copy count: it has
 * the checksum of both, and the last bytes that do not fill a word. The newest copy has the highest
 * generation, and its block is never erased. Behind a torn copy a block is not written any more. */
#include "core/snapshot.h"

#include <string.h>

#include "core/crc.h"
#include "core/flash.h"

#define MAGIC 0x31505346U /* "FSP1" */
#define CHUNK_BYTES 64
#define NO_BLOCK UINT32_MAX
#define GENERATION_MAX (UINT32_MAX / 2) /* no part lives to see it */

struct slot {
    uint32_t magic;
    uint32_t generation;
    uint32_t version;
    uint32_t size;                         /* of body and tail together */
    uint8_t tail[FW_FLASH_WORD_BYTES_MAX]; /* the last bytes, then zeros */
    uint32_t zeros[3];
    uint32_t crc; /* of the members above, then of the body */
};
_Static_assert(sizeof(struct slot) == 48, "whole words, and no holes");

static uint32_t get_address(const struct fw_snapshot *snapshot, uint32_t block, uint32_t offset)
{
    return (snapshot->first_block + block) * snapshot->flash->block_size_bytes + offset;
}

/* How many bytes of a copy of that size fill whole words: its body. */
static uint32_t measure_body(const struct fw_snapshot *snapshot, uint32_t size)
{
    return size & ~(snapshot->flash->word_size_bytes - 1);
}

static uint32_t measure_copy(const struct fw_snapshot *snapshot, uint32_t size)
{
    return (uint32_t)sizeof(struct slot) + measure_body(snapshot, size);
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

/* Reads a slot and checks its body. 1: a whole copy begins there; 0: none; negative: the flash does
 * not answer. */
static int read_slot(const struct fw_snapshot *snapshot, uint32_t block, uint32_t offset,
                     struct slot *ret)
{
    uint32_t at = get_address(snapshot, block, offset),
             block_bytes = snapshot->flash->block_size_bytes;
    if (offset + sizeof(*ret) > block_bytes)
        return 0;
    int rc = snapshot->flash->read(snapshot->flash->self, at, ret, sizeof(*ret));
    if (rc != FW_OK)
        return rc == FW_E_CORRUPT ? 0 : rc;
    if (ret->magic != MAGIC || ret->size == 0 || ret->size > FW_SNAPSHOT_BYTES_MAX ||
        offset + measure_copy(snapshot, ret->size) > block_bytes || ret->generation == 0 ||
        ret->generation > GENERATION_MAX)
        return 0;
    uint32_t crc = fw_crc32(0, ret, offsetof(struct slot, crc));
    rc = read_crc(snapshot, at + (uint32_t)sizeof(*ret), measure_body(snapshot, ret->size), &crc);
    if (rc != FW_OK)
        return rc == FW_E_CORRUPT ? 0 : rc;
    return crc == ret->crc;
}

/* Looks at every copy of a block, up to the first bytes that are none. FW_OK, or what the flash
 * said. */
static int scan_block(struct fw_snapshot *snapshot, uint32_t block)
{
    struct slot slot;
    uint32_t offset = 0;
    int rc = 0;
    while ((rc = read_slot(snapshot, block, offset, &slot)) == 1) {
        uint32_t end = offset + measure_copy(snapshot, slot.size);
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

/* The next copy goes behind the newest one only if the rest of the block is blank. */
static int check_room(struct fw_snapshot *snapshot)
{
    uint32_t from = get_address(snapshot, snapshot->write_block, snapshot->write_offset), end = 0;
    uint32_t to = get_address(snapshot, snapshot->write_block + 1, 0);
    int rc = fw_flash_find_end(snapshot->flash, from, to, &end);
    if (rc != FW_OK)
        return rc;
    if (end != from)
        snapshot->write_offset = snapshot->flash->block_size_bytes;
    return FW_OK;
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
    snapshot->write_block = block_count - 1; /* without any copy, block 0 is erased first */
    snapshot->write_offset = flash->block_size_bytes;
    for (uint32_t block = 0; block < block_count; block++) {
        int rc = scan_block(snapshot, block);
        if (rc != 0)
            return rc;
    }
    if (snapshot->stored_size == 0)
        return FW_OK;
    return check_room(snapshot);
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
    uint32_t body = measure_body(snapshot, slot.size);
    uint32_t at = get_address(snapshot, snapshot->block, snapshot->offset + (uint32_t)sizeof(slot));
    if (body > 0) {
        rc = snapshot->flash->read(snapshot->flash->self, at, ret_bytes, body);
        if (rc != FW_OK)
            return rc;
    }
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
    uint32_t at = get_address(snapshot, snapshot->write_block, snapshot->write_offset);
    uint32_t body = measure_body(snapshot, size);
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

/* Erases the next block for the next copies. */
static int begin_block(struct fw_snapshot *snapshot)
{
    uint32_t next = find_next_block(snapshot);
    if (next == NO_BLOCK) {
        snapshot->bad_blocks = 0; /* the fault may have passed: the next save tries all again */
        return FW_E_IO;
    }
    snapshot->write_block = next;
    snapshot->write_offset = 0;
    int rc = fw_flash_erase(snapshot->flash, snapshot->first_block + next);
    if (rc != FW_OK)
        note_bad(snapshot);
    return rc;
}

/* One try: in the present block, or in the next one when it has no room. */
static int try_save(struct fw_snapshot *snapshot, const uint8_t *bytes, uint32_t size)
{
    uint32_t all = measure_copy(snapshot, size);
    if (snapshot->generation >= GENERATION_MAX)
        return FW_E_IO; /* a restart would not find the copy */
    if (snapshot->write_offset + all > snapshot->flash->block_size_bytes) {
        int rc = begin_block(snapshot);
        if (rc != FW_OK)
            return rc;
    }
    int rc = write_copy(snapshot, bytes, size);
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

bool fw_snapshot_takes(const struct fw_snapshot *snapshot, size_t size)
{
    return size > 0 && size <= FW_SNAPSHOT_BYTES_MAX &&
           measure_copy(snapshot, (uint32_t)size) <= snapshot->flash->block_size_bytes;
}

int fw_snapshot_save(struct fw_snapshot *snapshot, const void *bytes, size_t size)
{
    if (!fw_snapshot_takes(snapshot, size))
        return FW_E_TOO_LARGE;
    for (uint32_t i = 0; i <= snapshot->block_count; i++) {
        if (try_save(snapshot, bytes, (uint32_t)size) == FW_OK)
            return FW_OK;
    }
    return FW_E_IO;
}

/* The log in flash (flash_log.h).
 *
 * A block begins with a header, then come entries, oldest first:
 *
 *   | header 48 | entry | entry | torn | entry | mark | blank ...
 *
 * header: first_seq of the block's records; the log's first_held when the block was begun; epoch;
 *         magic; generation, higher for each block ever begun; that of the block before; checksum.
 * entry:  kind and size, index (seq - first_seq), checksum, payload, zeros up to a whole word.
 *         Kinds: a record, or a mark: "all before this seq is released".
 *
 * Every word is programmed once. The checksum of an entry begins with that of its block's header,
 * which covers epoch and generation: entries that an earlier use of the block left behind do not
 * pass. An entry that a cut has torn is passed over word by word, and writing goes on behind it.
 * Only the newest block is written. The next block is erased before it is begun, and never one that
 * holds an unreleased record. So at any moment at least one complete header is there. Open finds
 * it, and writes nothing but a new log.
 *
 * A block that fails is closed, and the entry is written to the next block under the same seq. The
 * next block's first_seq ends the closed one, so the entry that failed in it does not count. */
#include "core/flash_log_inside.h"

#include <string.h>

#include "core/crc.h"
#include "core/flash.h"
#include "port/check.h"

#define INDEX_MAX UINT16_MAX
#define NO_BLOCK UINT32_MAX
#define RELEASES_A_MARK 8 /* flash gets a mark after so many released records */
#define ENTRY_BYTES_MAX                                                                            \
    (FW_LOG_ENTRY_HEAD + FW_FLASH_LOG_RECORD_BYTES_MAX + FW_FLASH_WORD_BYTES_MAX)

static struct fw_flash_log_link *get_last_link(struct fw_flash_log *log)
{
    return &log->chain[log->chain_count - 1];
}

static bool is_bad(const struct fw_flash_log *log, uint32_t block)
{
    return (log->bad_blocks >> block & 1) != 0;
}

static void note_bad(struct fw_flash_log *log, uint32_t block)
{
    log->bad_blocks |= (uint64_t)1 << block;
    log->bad_block_count++;
}

static bool is_in_chain(const struct fw_flash_log *log, uint32_t block)
{
    for (uint32_t i = 0; i < log->chain_count; i++) {
        if (log->chain[i].block == block)
            return true;
    }
    return false;
}

/* The next block in ring order, behind the newest one, that may be erased; NO_BLOCK: none. */
static uint32_t find_free_block(const struct fw_flash_log *log)
{
    uint32_t start = log->chain_count > 0 ? log->chain[log->chain_count - 1].block + 1 : 0;
    for (uint32_t i = 0; i < log->block_count; i++) {
        uint32_t block = (start + i) % log->block_count;
        if (!is_bad(log, block) && !is_in_chain(log, block))
            return block;
    }
    return NO_BLOCK;
}

/* Erases a block and makes it the newest of the chain. */
static int begin_block(struct fw_flash_log *log, uint32_t block)
{
    struct fw_log_header header = { .first_seq = log->next_seq,
                                    .first_held = log->first_seq,
                                    .magic = FW_LOG_MAGIC,
                                    .generation = ++log->generation_last };
    FW_CHECK(log->chain_count < log->block_count);
    header.previous = log->chain_count > 0 ? get_last_link(log)->generation : 0;
    memcpy(header.epoch, log->epoch, FW_EPOCH_BYTES);
    header.crc = fw_crc32(0, &header, offsetof(struct fw_log_header, crc));

    if (log->cursor_block == block)
        log->cursor_block = NO_BLOCK;
    int rc = fw_flash_erase(log->flash, log->first_block + block);
    if (rc != FW_OK)
        return rc;
    rc = fw_flash_program(log->flash, fw_log_address(log, block, 0), &header, sizeof(header));
    if (rc != FW_OK)
        return rc;
    log->chain[log->chain_count++] = fw_log_link(&header, block);
    log->write_offset = sizeof(header);
    log->marked_seq = log->first_seq;
    fw_log_trim(log);
    return FW_OK;
}

/* Writes an entry at the end of the newest block, which has room for it. A failure closes the
 * block. */
static int write_entry(struct fw_flash_log *log, uint32_t kind, const void *bytes, uint32_t size)
{
    uint8_t entry[ENTRY_BYTES_MAX] = { 0 };
    const struct fw_flash_log_link *link = get_last_link(log);
    uint16_t head[2] = { (uint16_t)(kind | size), (uint16_t)(log->next_seq - link->first_seq) };
    uint32_t crc = fw_crc32(fw_crc32(link->seal, head, sizeof(head)), bytes, size);
    uint32_t all = fw_flash_round_up(log->flash, FW_LOG_ENTRY_HEAD + size);

    memcpy(entry, head, sizeof(head));
    memcpy(entry + sizeof(head), &crc, sizeof(crc));
    memcpy(entry + FW_LOG_ENTRY_HEAD, bytes, size);
    int rc = fw_flash_program(log->flash, fw_log_address(log, link->block, log->write_offset),
                              entry, all);
    if (rc != FW_OK) {
        note_bad(log, link->block);
        log->write_offset = log->flash->block_size_bytes;
        return rc;
    }
    log->write_offset += all;
    return FW_OK;
}

static uint32_t measure_mark(const struct fw_flash_log *log)
{
    return fw_flash_round_up(log->flash, FW_LOG_ENTRY_HEAD + sizeof(int64_t));
}

/* Writes what is released, if `reserve` bytes then are still free behind the mark. Without a mark,
 * a restart holds released records again, which is harmless. */
static void write_mark(struct fw_flash_log *log, uint32_t reserve)
{
    if (log->first_seq <= log->marked_seq ||
        log->write_offset + measure_mark(log) + reserve > log->flash->block_size_bytes)
        return;
    if (write_entry(log, FW_LOG_KIND_MARK, &log->first_seq, sizeof(log->first_seq)) == FW_OK)
        log->marked_seq = log->first_seq;
}

/* Does an entry of that size fit into the newest block, and a mark behind it? */
static bool has_room(const struct fw_flash_log *log, size_t size)
{
    const struct fw_flash_log_link *link = &log->chain[log->chain_count - 1];
    uint32_t all = fw_flash_round_up(log->flash, FW_LOG_ENTRY_HEAD + (uint32_t)size) +
                   measure_mark(log);
    return log->write_offset + all <= log->flash->block_size_bytes &&
           log->next_seq - link->first_seq < INDEX_MAX;
}

/* FW_E_FULL: every block that works holds records. FW_E_IO: there was a free block, but it failed.
 * The next call tries failed blocks again, as the fault may have passed. */
static int begin_next_block(struct fw_flash_log *log)
{
    int rc = log->chain_count > 1 ? FW_E_FULL : FW_E_IO;
    if (log->chain_count > 0)
        write_mark(log, 0); /* then open does not look for a block that is being erased */
    for (uint32_t i = 0; i < log->block_count; i++) {
        uint32_t block = find_free_block(log);
        if (block == NO_BLOCK)
            break;
        if (begin_block(log, block) == FW_OK)
            return FW_OK;
        note_bad(log, block);
        rc = FW_E_IO;
    }
    log->bad_blocks = 0;
    return rc;
}

/* ---- the interface ---- */

int fw_flash_log_open(struct fw_flash_log *log, const struct fw_flash *flash, uint32_t first_block,
                      uint32_t block_count, const struct fw_rng *rng)
{
    memset(log, 0, sizeof(*log));
    if (block_count < 2 || block_count > FW_FLASH_LOG_BLOCKS_MAX ||
        !fw_flash_is_usable(flash, first_block, block_count, FW_FLASH_LOG_BLOCK_BYTES_MIN))
        return FW_E_INVALID;
    log->flash = flash;
    log->first_block = first_block;
    log->block_count = block_count;
    log->cursor_block = NO_BLOCK;
    log->first_seq = log->next_seq = 1;

    int rc = fw_log_recover(log);
    if (rc < 0)
        return rc;
    if (rc == 1)
        return FW_OK;
    rng->fill(rng->self, log->epoch, sizeof(log->epoch));
    log->is_new = true;
    return begin_next_block(log);
}

int fw_flash_log_append(struct fw_flash_log *log, const void *bytes, size_t size, int64_t *ret_seq)
{
    FW_CHECK(log->chain_count > 0); /* open said FW_OK */
    if (size == 0 || size > FW_FLASH_LOG_RECORD_BYTES_MAX)
        return FW_E_TOO_LARGE;
    for (uint32_t i = 0; i < log->block_count; i++) {
        if (!has_room(log, size)) {
            int rc = begin_next_block(log);
            if (rc != FW_OK)
                return i == 0 ? rc : FW_E_IO; /* FW_E_FULL promises that nothing was written */
        }
        if (write_entry(log, FW_LOG_KIND_RECORD, bytes, (uint32_t)size) == FW_OK) {
            *ret_seq = log->next_seq++;
            return FW_OK;
        }
    }
    return FW_E_IO;
}

/* The block of a record. A cursor in another block, or behind the record, goes to its start. */
static const struct fw_flash_log_link *seek(struct fw_flash_log *log, int64_t seq)
{
    uint32_t i = log->chain_count - 1;
    while (i > 0 && log->chain[i].first_seq > seq)
        i--;
    const struct fw_flash_log_link *link = &log->chain[i];
    if (log->cursor_block != link->block || log->cursor_seq > seq ||
        log->cursor_seq < link->first_seq) {
        log->cursor_block = link->block;
        log->cursor_seq = link->first_seq;
        log->cursor_offset = sizeof(struct fw_log_header);
    }
    return link;
}

int fw_flash_log_read(struct fw_flash_log *log, int64_t seq, void *ret_bytes, size_t size_max)
{
    if (seq < log->first_seq || seq >= log->next_seq)
        return FW_E_INVALID;
    const struct fw_flash_log_link *link = seek(log, seq);
    uint32_t end = link == get_last_link(log) ? log->write_offset : log->flash->block_size_bytes;
    struct fw_log_entry entry = { .seq = log->cursor_seq };
    int rc = 0;
    while ((rc = fw_log_find_entry(log, link, log->cursor_offset, end, &entry)) == 1) {
        if (entry.kind == FW_LOG_KIND_RECORD && entry.seq >= seq)
            break;
        log->cursor_offset = entry.end_offset;
        entry.seq += entry.kind == FW_LOG_KIND_RECORD ? 1 : 0;
        log->cursor_seq = entry.seq;
    }
    if (rc < 0)
        return rc;
    if (rc == 0 || entry.seq != seq)
        return FW_E_CORRUPT;
    if (entry.size > size_max)
        return FW_E_TOO_LARGE;
    rc = log->flash->read(log->flash->self,
                          fw_log_address(log, link->block, entry.offset + FW_LOG_ENTRY_HEAD),
                          ret_bytes, entry.size);
    if (rc != FW_OK)
        return rc;
    return (int)entry.size;
}

int fw_flash_log_release(struct fw_flash_log *log, int64_t seq)
{
    if (seq >= log->next_seq)
        return FW_E_INVALID;
    if (seq < log->first_seq)
        return FW_OK;
    log->first_seq = seq + 1;
    fw_log_trim(log);
    if (log->first_seq - log->marked_seq >= RELEASES_A_MARK)
        write_mark(log, measure_mark(log));
    return FW_OK;
}

bool fw_flash_log_is_full(const struct fw_flash_log *log, size_t size)
{
    return !has_room(log, size) && find_free_block(log) == NO_BLOCK;
}

bool fw_flash_log_is_low(const struct fw_flash_log *log, size_t size)
{
    uint32_t free_count = 0;
    for (uint32_t block = 0; block < log->block_count; block++)
        free_count += !is_bad(log, block) && !is_in_chain(log, block);
    if (has_room(log, size))
        return free_count == 0;
    /* In an empty log the newest block becomes free as soon as the next one is begun. */
    bool is_empty = log->first_seq == log->next_seq;
    return free_count + (is_empty ? 1U : 0U) < 2;
}

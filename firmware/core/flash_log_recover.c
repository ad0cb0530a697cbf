/* Finds out what a flash log holds after a start (the picture is in flash_log.c). Trusts checksums
 * only: bytes are a header, an entry, or nothing. Writes nothing, so that a cut of power in between
 * is harmless. */
#include "core/flash_log_inside.h"

#include <string.h>

#include "core/crc.h"
#include "core/flash.h"

#define SEQ_MAX (INT64_C(9007199254740991) / 2) /* of a block's first record: behind it is room */
#define GENERATION_MAX (UINT32_MAX / 2)
#define CHUNK_BYTES 64

uint32_t fw_log_address(const struct fw_flash_log *log, uint32_t block, uint32_t offset)
{
    return (log->first_block + block) * log->flash->block_size_bytes + offset;
}

/* Reads the header of a block. 1: it has one; 0: none; negative: the flash does not answer. */
static int read_header(const struct fw_flash_log *log, uint32_t block, struct fw_log_header *ret)
{
    int rc = log->flash->read(log->flash->self, fw_log_address(log, block, 0), ret, sizeof(*ret));
    if (rc == FW_E_CORRUPT)
        return 0;
    if (rc != FW_OK)
        return rc;
    return ret->magic == FW_LOG_MAGIC &&
           ret->crc == fw_crc32(0, ret, offsetof(struct fw_log_header, crc)) &&
           ret->first_held >= 1 && ret->first_held <= ret->first_seq && ret->first_seq <= SEQ_MAX &&
           ret->previous < ret->generation && ret->generation <= GENERATION_MAX;
}

/* Continues the checksum *crc over `size` bytes of flash. */
static int read_crc(const struct fw_flash_log *log, uint32_t at, uint32_t size, uint32_t *crc)
{
    uint8_t chunk[CHUNK_BYTES];
    while (size > 0) {
        uint32_t part = size < CHUNK_BYTES ? size : CHUNK_BYTES;
        int rc = log->flash->read(log->flash->self, at, chunk, part);
        if (rc != FW_OK)
            return rc;
        *crc = fw_crc32(*crc, chunk, part);
        at += part;
        size -= part;
    }
    return FW_OK;
}

/* Reads the entry at that offset. 1: there is one, of min_seq or later; 0: none; negative: the
 * flash does not answer. */
static int read_entry(const struct fw_flash_log *log, const struct fw_flash_log_link *link,
                      uint32_t offset, int64_t min_seq, struct fw_log_entry *ret)
{
    uint16_t head[2];
    uint32_t crc = 0, crc_now = 0;
    uint32_t at = fw_log_address(log, link->block, offset);
    if (offset + FW_LOG_ENTRY_HEAD > log->flash->block_size_bytes)
        return 0;
    int rc = log->flash->read(log->flash->self, at, head, sizeof(head));
    if (rc != FW_OK)
        return rc == FW_E_CORRUPT ? 0 : rc;
    rc = log->flash->read(log->flash->self, at + sizeof(head), &crc, sizeof(crc));
    if (rc != FW_OK)
        return rc == FW_E_CORRUPT ? 0 : rc;

    uint32_t kind = head[0] & FW_LOG_KIND_MASK, size = head[0] & FW_LOG_SIZE_MASK;
    uint32_t end = offset + fw_flash_round_up(log->flash, FW_LOG_ENTRY_HEAD + size);
    bool sized = kind == FW_LOG_KIND_RECORD ? size > 0 && size <= FW_FLASH_LOG_RECORD_BYTES_MAX
                                            : kind == FW_LOG_KIND_MARK && size == sizeof(int64_t);
    if (!sized || end > log->flash->block_size_bytes || link->first_seq + head[1] < min_seq)
        return 0;
    crc_now = fw_crc32(link->seal, head, sizeof(head));
    rc = read_crc(log, at + FW_LOG_ENTRY_HEAD, size, &crc_now);
    if (rc != FW_OK)
        return rc == FW_E_CORRUPT ? 0 : rc;
    if (crc != crc_now)
        return 0;
    *ret = (struct fw_log_entry){ link->first_seq + head[1], kind, size, offset, end };
    return 1;
}

int fw_log_find_entry(const struct fw_flash_log *log, const struct fw_flash_log_link *link,
                      uint32_t from, uint32_t to, struct fw_log_entry *entry)
{
    int64_t min_seq = entry->seq;
    for (uint32_t at = from; at < to; at += log->flash->word_size_bytes) {
        int rc = read_entry(log, link, at, min_seq, entry);
        if (rc != 0)
            return rc;
    }
    return 0;
}

struct fw_flash_log_link fw_log_link(const struct fw_log_header *header, uint32_t block)
{
    return (struct fw_flash_log_link){ .first_seq = header->first_seq,
                                       .generation = header->generation,
                                       .seal = header->crc,
                                       .block = block };
}

/* The block of the highest generation. 1: found; 0: no block has a header; negative: the flash does
 * not answer. */
static int find_newest(struct fw_flash_log *log, struct fw_log_header *ret, uint32_t *ret_block)
{
    int found = 0;
    for (uint32_t block = 0; block < log->block_count; block++) {
        struct fw_log_header header;
        int rc = read_header(log, block, &header);
        if (rc < 0)
            return rc;
        if (rc == 0 || (found && header.generation < ret->generation))
            continue;
        found = 1;
        *ret = header;
        *ret_block = block;
    }
    return found;
}

/* The block that *header names as the one before; searched backwards in the ring, where it usually
 * is the first. 1: found, *header and *block are its own; 0: it is gone; negative: the flash does
 * not answer. */
static int find_previous(const struct fw_flash_log *log, struct fw_log_header *header,
                         uint32_t *block)
{
    for (uint32_t i = 1; i < log->block_count; i++) {
        struct fw_log_header other;
        uint32_t at = (*block + log->block_count - i) % log->block_count;
        int rc = read_header(log, at, &other);
        if (rc < 0)
            return rc;
        if (rc == 1 && other.generation == header->previous &&
            other.first_seq <= header->first_seq &&
            memcmp(other.epoch, header->epoch, FW_EPOCH_BYTES) == 0) {
            *header = other;
            *block = at;
            return 1;
        }
    }
    return 0;
}

/* Links from the newest block back to the one that holds the oldest record. */
static int build_chain(struct fw_flash_log *log, struct fw_log_header header, uint32_t block)
{
    int64_t first_held = header.first_held;
    uint32_t count = 0;
    int rc = 1;
    while (rc == 1 && count < log->block_count) {
        log->chain[count++] = fw_log_link(&header, block);
        if (header.first_seq <= first_held)
            break;
        rc = find_previous(log, &header, &block);
    }
    if (rc < 0)
        return rc;
    for (uint32_t i = 0; i < count / 2; i++) {
        struct fw_flash_log_link link = log->chain[i];
        log->chain[i] = log->chain[count - 1 - i];
        log->chain[count - 1 - i] = link;
    }
    log->chain_count = count;
    /* Later than first_held when the blocks with earlier records were released and erased since. */
    log->first_seq = first_held > log->chain[0].first_seq ? first_held : log->chain[0].first_seq;
    return FW_OK;
}

void fw_log_trim(struct fw_flash_log *log)
{
    uint32_t gone = 0;
    while (gone + 1 < log->chain_count && log->chain[gone + 1].first_seq <= log->first_seq)
        gone++;
    log->chain_count -= gone;
    memmove(log->chain, log->chain + gone, log->chain_count * sizeof(log->chain[0]));
}

static int apply_mark(struct fw_flash_log *log, const struct fw_log_entry *entry)
{
    int64_t first_held = 0;
    uint32_t at = fw_log_address(log, log->chain[log->chain_count - 1].block,
                                 entry->offset + FW_LOG_ENTRY_HEAD);
    int rc = log->flash->read(log->flash->self, at, &first_held, sizeof(first_held));
    if (rc != FW_OK)
        return rc == FW_E_CORRUPT ? FW_OK : rc;
    if (first_held > log->first_seq && first_held <= entry->seq)
        log->first_seq = first_held;
    return FW_OK;
}

/* Where writing goes on behind a torn entry. Its last words may be blank, and must stay blank, or
 * the next entry's bytes might complete it. So a torn entry is given the room of the largest entry;
 * so is each of several in a row, as each began where the room of the one before ended. */
static uint32_t pass_torn(const struct fw_flash_log *log, uint32_t offset, uint32_t end)
{
    uint32_t room = fw_flash_round_up(log->flash,
                                      FW_LOG_ENTRY_HEAD + FW_FLASH_LOG_RECORD_BYTES_MAX);
    while (offset < end)
        offset += room;
    return offset < log->flash->block_size_bytes ? offset : log->flash->block_size_bytes;
}

/* Takes next_seq, marks and the offset for writing from the newest block. */
static int scan_newest(struct fw_flash_log *log)
{
    const struct fw_flash_log_link *link = &log->chain[log->chain_count - 1];
    uint32_t offset = sizeof(struct fw_log_header), start = fw_log_address(log, link->block, 0),
             end = 0;
    struct fw_log_entry entry = { .seq = link->first_seq };
    int rc = fw_flash_find_end(log->flash, start + offset, start + log->flash->block_size_bytes,
                               &end);
    if (rc != FW_OK)
        return rc;
    end -= start;
    log->next_seq = link->first_seq;
    while ((rc = fw_log_find_entry(log, link, offset, end, &entry)) == 1) {
        offset = entry.end_offset;
        entry.seq += entry.kind == FW_LOG_KIND_RECORD ? 1 : 0;
        log->next_seq = entry.seq;
        if (entry.kind == FW_LOG_KIND_MARK && (rc = apply_mark(log, &entry)) != FW_OK)
            return rc;
    }
    if (rc != FW_OK)
        return rc;
    log->write_offset = pass_torn(log, offset, end);
    return FW_OK;
}

int fw_log_recover(struct fw_flash_log *log)
{
    struct fw_log_header newest;
    uint32_t block = 0;
    int rc = find_newest(log, &newest, &block);
    if (rc != 1)
        return rc;
    memcpy(log->epoch, newest.epoch, sizeof(log->epoch));
    log->generation_last = newest.generation;
    rc = build_chain(log, newest, block);
    if (rc != FW_OK)
        return rc;
    rc = scan_newest(log);
    if (rc != FW_OK)
        return rc;
    log->marked_seq = log->first_seq;
    fw_log_trim(log);
    return 1;
}

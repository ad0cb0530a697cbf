/* A flash log whose contents were tampered with. The first byte chooses the geometry, the next how
 * many records are written; then come edits of 4 bytes: offset (2), mask (1), and whether the
 * header of that block gets a right checksum again. Whatever is there then: open, read, append and
 * release neither crash nor write where they must not (the fake flash watches), and what was
 * appended after it is there after the next start, under the same epoch and seq. */
#include "fuzz/fuzz_json.h"

#include <string.h>

#include "core/crc.h"
#include "core/flash_log.h"
#include "fakes/fw_fake_flash.h"
#include "port/check.h"

#define BLOCK_BYTES FW_FLASH_LOG_BLOCK_BYTES_MIN
#define BLOCKS 4
#define READS_MAX 100
#define APPENDS 12
#define CRC_OFFSET 44
#define GENERATION_TOP 39 /* highest byte: numbers that no flash lives to see are left out */
#define FIRST_SEQ_TOP 6

static struct fw_fake_flash flash;
static struct fw_flash_log tested;
static const uint8_t filler[100] = { 0xAB };

static void open_log(void)
{
    uint64_t seed = 5;
    struct fw_rng rng = fw_fake_rng(&seed);
    FW_CHECK(fw_flash_log_open(&tested, &flash.port, 0, BLOCKS, &rng) == FW_OK);
    FW_CHECK(tested.first_seq >= 1 && tested.first_seq <= tested.next_seq);
}

static void edit(const uint8_t *data)
{
    uint32_t offset = (data[0] | (uint32_t)data[1] << 8) % (BLOCKS * BLOCK_BYTES);
    uint8_t *block = flash.bytes + offset / BLOCK_BYTES * BLOCK_BYTES;
    flash.bytes[offset] ^= data[2];
    if (data[3] % 2 == 0)
        return;
    block[GENERATION_TOP] &= 0x0F;
    block[FIRST_SEQ_TOP] &= 0x0F;
    block[FIRST_SEQ_TOP + 1] = 0;
    uint32_t crc = fw_crc32(0, block, CRC_OFFSET);
    memcpy(block + CRC_OFFSET, &crc, sizeof(crc));
}

static void read_some(void)
{
    uint8_t bytes[FW_FLASH_LOG_RECORD_BYTES_MAX];
    for (int64_t i = 0; i < READS_MAX; i++) {
        int64_t seq = i % 2 == 0 ? tested.first_seq + i / 2 : tested.next_seq - 1 - i / 2;
        int rc = fw_flash_log_read(&tested, seq, bytes, sizeof(bytes));
        if (seq < tested.first_seq || seq >= tested.next_seq)
            FW_CHECK(rc == FW_E_INVALID);
        else
            FW_CHECK(rc == FW_E_CORRUPT || (rc >= 1 && rc <= (int)sizeof(bytes)));
    }
}

/* Returns how many were taken. */
static int append_some(void)
{
    int count = 0;
    for (; count < APPENDS; count++) {
        uint8_t bytes[60];
        int64_t seq = 0, wanted = tested.next_seq;
        memset(bytes, count, sizeof(bytes));
        int rc = fw_flash_log_append(&tested, bytes, 20 + (size_t)count, &seq);
        FW_CHECK(rc == FW_OK || rc == FW_E_FULL);
        if (rc == FW_E_FULL)
            break;
        FW_CHECK(seq == wanted && tested.next_seq == wanted + 1);
    }
    return count;
}

static void check_appended(int64_t first, int count)
{
    for (int i = 0; i < count; i++) {
        uint8_t bytes[60], wanted[60];
        memset(wanted, i, sizeof(wanted));
        FW_CHECK(fw_flash_log_read(&tested, first + i, bytes, sizeof(bytes)) == 20 + i);
        FW_CHECK(memcmp(bytes, wanted, 20 + (size_t)i) == 0);
    }
}

static void append_and_restart(void)
{
    uint8_t epoch[FW_EPOCH_BYTES];
    int64_t first = tested.next_seq;
    int count = append_some();
    memcpy(epoch, tested.epoch, sizeof(epoch));
    open_log();
    FW_CHECK(memcmp(epoch, tested.epoch, sizeof(epoch)) == 0 && !tested.is_new);
    FW_CHECK(tested.next_seq == first + count);
    check_appended(first, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < 2)
        return 0;
    fw_fake_flash_init(&flash, BLOCK_BYTES, BLOCKS, (uint32_t)1 << data[0] % 5);
    open_log();
    for (int i = 0; i < data[1] % 64; i++) {
        int64_t seq = 0;
        if (fw_flash_log_append(&tested, filler, 1 + size_bytes % sizeof(filler), &seq) != FW_OK)
            break;
        if (data[0] >= 128)
            FW_CHECK(fw_flash_log_release(&tested, seq) == FW_OK);
    }
    for (size_t at = 2; at + 4 <= size_bytes; at += 4)
        edit(data + at);
    open_log();
    read_some();
    append_and_restart();
    FW_CHECK(fw_flash_log_release(&tested, tested.next_seq - 1) == FW_OK);
    append_and_restart();
    return 0;
}

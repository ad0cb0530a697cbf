/* See cut_flash.h. */
#include "world/cut_flash.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "world/cut_disk.h"
#include "world/device.h"

static struct fw_fake_flash copy;
static struct sim_rng rng;

/* The change happens to the copy, and power goes in it. */
static void cut(const struct fw_fake_flash *flash, const struct fw_fake_flash_change *change,
                enum fw_fake_cut kind)
{
    const struct fw_flash *port = &flash->port;
    const uint32_t words = change->is_erase ? 1 : change->size / port->word_size_bytes;
    fw_fake_flash_init(&copy, port->block_size_bytes, port->block_count, port->word_size_bytes);
    memcpy(copy.bytes, flash->bytes, (size_t)port->block_size_bytes * port->block_count);
    fw_fake_flash_cut_in(&copy, sim_rng_below(&rng, words), kind, sim_rng_next(&rng));
    if (change->is_erase)
        (void)copy.port.erase(copy.port.self, change->at);
    else
        (void)copy.port.program(copy.port.self, change->at, change->bytes, change->size);
    fw_fake_flash_power_on(&copy);
    cut_counts()->of_flash++;
}

/* What is wrong with the log on the copy; NULL: nothing. */
static const char *judge(const struct fw_flash_log *held)
{
    struct fw_flash_log before = *held, after = { .flash = NULL };
    uint8_t was[FW_FLASH_LOG_RECORD_BYTES_MAX], is[FW_FLASH_LOG_RECORD_BYTES_MAX];
    uint64_t random = sim_rng_next(&rng);
    const struct fw_rng port = fw_fake_rng(&random);
    if (fw_flash_log_open(&after, &copy.port, held->first_block, held->block_count, &port) != FW_OK)
        return "the log does not open";
    if (after.is_new || memcmp(after.epoch, held->epoch, sizeof(after.epoch)) != 0)
        return "the log is another one";
    if (after.next_seq != held->next_seq && after.next_seq != held->next_seq + 1)
        return "the log does not end where it ended";
    for (int64_t seq = held->first_seq; seq < held->next_seq; seq++) {
        const int size = fw_flash_log_read(&before, seq, was, sizeof(was));
        if (size <= 0 || fw_flash_log_read(&after, seq, is, sizeof(is)) != size ||
            memcmp(was, is, (size_t)size) != 0)
            return "a record that was stored is not there";
    }
    return NULL;
}

static void on_change(void *self, const struct fw_fake_flash *flash,
                      const struct fw_fake_flash_change *change)
{
    (void)self;
    if (flash == &copy)
        return;
    const struct world_device *device =
        (const struct world_device *)(const void *)((const char *)flash -
                                                    offsetof(struct world_device, flash));
    const struct fw_flash_log *log = device->is_locker ? &device->fw.locker.device.log
                                                       : &device->fw.scanner.device.log;
    if (!device->is_running)
        return;
    for (int kind = FW_FAKE_CUT_BEFORE; kind <= FW_FAKE_CUT_SCATTERED; kind++) {
        cut(flash, change, (enum fw_fake_cut)kind);
        const char *wrong = judge(log);
        if (wrong != NULL)
            cut_blame(device->id, &cut_counts()->lost, "%s", wrong);
    }
}

void cut_flash_begin(uint64_t seed)
{
    sim_rng_init(&rng, seed, "flash cuts");
    fw_fake_flash_watch(on_change, NULL);
}

void cut_flash_end(void)
{
    fw_fake_flash_watch(NULL, NULL);
}

/* Simulated NOR flash (fw_fake_flash.h). Breaking a rule of port.h is a bug of the code under test:
 * it aborts with a line on stderr. A word may be programmed once between erases, as parts with
 * error correction demand. */
#include "fakes/fw_fake_flash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/check.h"

#define ERASED 0xFF
#define WORD_BYTES_MAX 16

_Noreturn void fw_panic(const char *file, int line)
{
    fprintf(stderr, "fw_panic: %s:%d\n", file, line);
    abort();
}

#define MUST(truth)                                                                                \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            fprintf(stderr, "fw_fake_flash.c:%d: broken rule: %s\n", __LINE__, #truth);            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

uint64_t fw_fake_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15U;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static void rng_fill(void *self, void *ret_bytes, size_t size)
{
    uint8_t *bytes = ret_bytes;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)fw_fake_random(self);
}

struct fw_rng fw_fake_rng(uint64_t *state)
{
    return (struct fw_rng){ .fill = rng_fill, .self = state };
}

static fw_fake_flash_watch_cb watch; /* NULL: nobody */
static void *watcher;

void fw_fake_flash_watch(fw_fake_flash_watch_cb before_change, void *self)
{
    watch = before_change;
    watcher = self;
}

static void tell(const struct fw_fake_flash *fake, struct fw_fake_flash_change change)
{
    if (watch != NULL)
        watch(watcher, fake, &change);
}

static uint32_t size_bytes(const struct fw_fake_flash *fake)
{
    return fake->port.block_size_bytes * fake->port.block_count;
}

static int flash_read(void *self, uint32_t offset, void *ret_bytes, uint32_t size)
{
    struct fw_fake_flash *fake = self;
    MUST(offset <= size_bytes(fake) && size <= size_bytes(fake) - offset);
    if (fake->is_off || fake->reads_fail)
        return FW_E_IO;
    memcpy(ret_bytes, fake->bytes + offset, size);
    return FW_OK;
}

/* Counts a step; true when power goes with it. */
static bool step_cuts(struct fw_fake_flash *fake)
{
    if (fake->step_count++ != fake->cut_at_step)
        return false;
    fake->is_off = true;
    return true;
}

static void tear_word(struct fw_fake_flash *fake, uint32_t offset, const uint8_t *bytes)
{
    for (uint32_t i = 0; i < fake->port.word_size_bytes; i++)
        fake->bytes[offset + i] &= (uint8_t)(bytes[i] | fw_fake_random(&fake->seed));
}

static void write_word(struct fw_fake_flash *fake, uint32_t offset, const uint8_t *bytes)
{
    for (uint32_t i = 0; i < fake->port.word_size_bytes; i++) {
        MUST(fake->bytes[offset + i] == ERASED); /* one program for each erase */
        fake->bytes[offset + i] = bytes[i];
    }
}

/* None of the call's words has a known fate. */
static void scatter(struct fw_fake_flash *fake, uint32_t offset, const uint8_t *bytes,
                    uint32_t size)
{
    for (uint32_t at = 0; at < size; at += fake->port.word_size_bytes) {
        uint64_t fate = fw_fake_random(&fake->seed) % 8;
        if (fate == 0)
            tear_word(fake, offset + at, bytes + at);
        else if (fate % 2 == 0)
            memcpy(fake->bytes + offset + at, bytes + at, fake->port.word_size_bytes);
        else
            memset(fake->bytes + offset + at, ERASED, fake->port.word_size_bytes);
    }
}

static int program_words(struct fw_fake_flash *fake, uint32_t offset, const uint8_t *bytes,
                         uint32_t size)
{
    uint32_t word = fake->port.word_size_bytes;
    for (uint32_t at = 0; at < size; at += word) {
        if (!step_cuts(fake)) {
            write_word(fake, offset + at, bytes + at);
            continue;
        }
        if (fake->cut == FW_FAKE_CUT_TORN)
            tear_word(fake, offset + at, bytes + at);
        else if (fake->cut == FW_FAKE_CUT_AFTER)
            write_word(fake, offset + at, bytes + at);
        else if (fake->cut == FW_FAKE_CUT_SCATTERED)
            scatter(fake, offset, bytes, size);
        return FW_E_IO;
    }
    return FW_OK;
}

static int flash_program(void *self, uint32_t offset, const void *bytes, uint32_t size)
{
    struct fw_fake_flash *fake = self;
    uint32_t word = fake->port.word_size_bytes, block = offset / fake->port.block_size_bytes;
    MUST(size > 0 && offset < size_bytes(fake) && size <= size_bytes(fake) - offset);
    MUST(offset % word == 0 && size % word == 0);
    MUST((offset + size - 1) / fake->port.block_size_bytes == block);
    if (fake->is_off)
        return FW_E_IO;
    tell(fake, (struct fw_fake_flash_change){ .at = offset, .bytes = bytes, .size = size });
    if (fake->program_fails[block]) {
        tear_word(fake, offset, bytes);
        return FW_E_IO;
    }
    int rc = program_words(fake, offset, bytes, size);
    if (rc == FW_OK && fake->program_lies[block])
        fake->bytes[offset] ^= 0x01; /* the right one is not what was written either way */
    return rc;
}

static void tear_erase(struct fw_fake_flash *fake, uint32_t block)
{
    uint32_t word = fake->port.word_size_bytes, size = fake->port.block_size_bytes;
    uint8_t *bytes = fake->bytes + block * size;
    uint64_t fate = fw_fake_random(&fake->seed);
    uint32_t from = (uint32_t)(fw_fake_random(&fake->seed) % (size / word)) * word;
    if (fate % 3 == 0) {
        memset(bytes, ERASED, from);
    } else if (fate % 3 == 1) {
        memset(bytes + from, ERASED, size - from);
    } else {
        for (uint32_t i = 0; i < size; i++)
            bytes[i] |= (uint8_t)fw_fake_random(&fake->seed);
    }
}

static int flash_erase(void *self, uint32_t block)
{
    struct fw_fake_flash *fake = self;
    MUST(block < fake->port.block_count);
    if (fake->is_off)
        return FW_E_IO;
    tell(fake, (struct fw_fake_flash_change){ .is_erase = true, .at = block });
    bool cuts = step_cuts(fake);
    fake->erase_counts[block]++;
    if (fake->erase_fails[block] || (cuts && fake->cut != FW_FAKE_CUT_AFTER)) {
        if (!cuts || fake->cut != FW_FAKE_CUT_BEFORE)
            tear_erase(fake, block);
        return FW_E_IO;
    }
    uint8_t *bytes = fake->bytes + block * fake->port.block_size_bytes;
    uint8_t kept[WORD_BYTES_MAX];
    memcpy(kept, bytes, fake->port.word_size_bytes);
    memset(bytes, ERASED, fake->port.block_size_bytes);
    if (fake->erase_lies[block])
        memcpy(bytes, kept, fake->port.word_size_bytes);
    return cuts ? FW_E_IO : FW_OK;
}

void fw_fake_flash_init(struct fw_fake_flash *fake, uint32_t block_size_bytes, uint32_t block_count,
                        uint32_t word_size_bytes)
{
    MUST(block_count > 0 && block_count <= FW_FAKE_FLASH_BLOCKS_MAX);
    MUST(block_size_bytes <= FW_FAKE_FLASH_BYTES_MAX / block_count);
    MUST(word_size_bytes > 0 && word_size_bytes <= WORD_BYTES_MAX);
    MUST(block_size_bytes % word_size_bytes == 0);
    fw_fake_flash_heal(fake);
    fake->step_count = 0;
    memset(fake->erase_counts, 0, sizeof(fake->erase_counts));
    memset(fake->bytes, ERASED, block_size_bytes * block_count);
    fake->cut_at_step = FW_FAKE_FLASH_NO_CUT;
    fake->port = (struct fw_flash){ .block_size_bytes = block_size_bytes,
                                    .block_count = block_count,
                                    .word_size_bytes = word_size_bytes,
                                    .read = flash_read,
                                    .program = flash_program,
                                    .erase = flash_erase,
                                    .self = fake };
}

void fw_fake_flash_heal(struct fw_fake_flash *fake)
{
    memset(fake->erase_fails, 0, sizeof(fake->erase_fails));
    memset(fake->program_fails, 0, sizeof(fake->program_fails));
    memset(fake->program_lies, 0, sizeof(fake->program_lies));
    memset(fake->erase_lies, 0, sizeof(fake->erase_lies));
    fake->reads_fail = false;
    fw_fake_flash_power_on(fake);
}

void fw_fake_flash_power_on(struct fw_fake_flash *fake)
{
    fake->is_off = false;
    fake->cut_at_step = FW_FAKE_FLASH_NO_CUT;
}

void fw_fake_flash_cut_in(struct fw_fake_flash *fake, uint64_t steps, enum fw_fake_cut cut,
                          uint64_t seed)
{
    fake->cut_at_step = fake->step_count + steps;
    fake->cut = cut;
    fake->seed = seed;
}

void fw_fake_flash_cut_somewhere(struct fw_fake_flash *fake, uint64_t steps_max, uint64_t *random)
{
    uint64_t steps = fw_fake_random(random) % steps_max;
    uint64_t cut = fw_fake_random(random) % (FW_FAKE_CUT_SCATTERED + 1);
    fw_fake_flash_cut_in(fake, steps, (enum fw_fake_cut)cut, fw_fake_random(random));
}

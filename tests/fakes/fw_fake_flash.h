/* NOR flash in memory for tests of the firmware, with the rules of port.h enforced (aborts when
 * code breaks one) and every fault that a real part has: power cut at any word or inside it, half
 * erased blocks, worn-out blocks. Also a deterministic rng port and fw_panic(). */
#ifndef TESTS_FAKES_FW_FAKE_FLASH_H
#define TESTS_FAKES_FW_FAKE_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/port.h"

#define FW_FAKE_FLASH_BYTES_MAX (256 * 1024)
#define FW_FAKE_FLASH_BLOCKS_MAX 64
#define FW_FAKE_FLASH_NO_CUT UINT64_MAX

/* What the word (or block) that the cut hits looks like afterwards. */
enum fw_fake_cut {
    FW_FAKE_CUT_BEFORE = 0,    /* untouched */
    FW_FAKE_CUT_TORN = 1,      /* some of its bits programmed; of a block, some words erased */
    FW_FAKE_CUT_AFTER = 2,     /* done, but the caller never heard of it */
    FW_FAKE_CUT_SCATTERED = 3, /* any words of the whole call, in no order, as a PC's disk may */
};

struct fw_fake_flash {
    struct fw_flash port; /* give &fake->port to the code under test */
    uint8_t bytes[FW_FAKE_FLASH_BYTES_MAX];

    /* Steps are counted over the life of the fake: one for each word programmed or block erased. */
    uint64_t step_count;
    uint64_t cut_at_step; /* power goes at this step; FW_FAKE_FLASH_NO_CUT */
    enum fw_fake_cut cut;
    uint64_t seed; /* of what torn means */
    bool is_off;   /* after the cut every call fails until fw_fake_flash_power_on() */

    uint32_t erase_counts[FW_FAKE_FLASH_BLOCKS_MAX];
    bool erase_fails[FW_FAKE_FLASH_BLOCKS_MAX];   /* worn out: FW_E_IO, contents half erased */
    bool program_fails[FW_FAKE_FLASH_BLOCKS_MAX]; /* FW_E_IO, first word torn */
    bool program_lies[FW_FAKE_FLASH_BLOCKS_MAX];  /* FW_OK, but a bit stays set */
    bool erase_lies[FW_FAKE_FLASH_BLOCKS_MAX];    /* FW_OK, but a word stays as it was */
    bool reads_fail;                              /* FW_E_IO */
};

/** fw_fake_flash_init() - All erased, no faults; too large to stand on a stack. */
void fw_fake_flash_init(struct fw_fake_flash *fake, uint32_t block_size_bytes, uint32_t block_count,
                        uint32_t word_size_bytes);

/** fw_fake_flash_power_on() - After a cut: contents stay, no further cut is set. */
void fw_fake_flash_power_on(struct fw_fake_flash *fake);

/** fw_fake_flash_heal() - No faults any more, power is on; contents stay. */
void fw_fake_flash_heal(struct fw_fake_flash *fake);

/** fw_fake_flash_cut_in() - Power goes @steps steps from now (0: with the next one). */
void fw_fake_flash_cut_in(struct fw_fake_flash *fake, uint64_t steps, enum fw_fake_cut cut,
                          uint64_t seed);

/** fw_fake_flash_cut_somewhere() - The same at a random step below @steps_max, in a random way. */
void fw_fake_flash_cut_somewhere(struct fw_fake_flash *fake, uint64_t steps_max, uint64_t *random);

/* What is about to be done to a flash that has power. */
struct fw_fake_flash_change {
    bool is_erase;
    uint32_t at;       /* a block that is erased, or an offset in bytes */
    const void *bytes; /* borrowed; NULL of an erase */
    uint32_t size;
};
typedef void (*fw_fake_flash_watch_cb)(void *self, const struct fw_fake_flash *fake,
                                       const struct fw_fake_flash_change *change);

/** fw_fake_flash_watch() - From now on @before_change is told of each change of any fake; NULL:
 * nobody is. */
void fw_fake_flash_watch(fw_fake_flash_watch_cb before_change, void *self);

/** fw_fake_random() - Next number of a small generator (splitmix64). */
uint64_t fw_fake_random(uint64_t *state);

/** fw_fake_rng() - An rng port over *state, which the caller keeps. */
struct fw_rng fw_fake_rng(uint64_t *state);

#endif

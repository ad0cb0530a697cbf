/* The snapshot: newest copy wins, and a cut of power at any word or erase, inside it too, leaves
 * the copy before or the one under way. */
#include "fakes/cmocka_all.h"

#include <string.h>

#include "core/snapshot.h"
#include "fakes/fw_fake_flash.h"

#define BLOCK_BYTES 1024
#define BLOCKS 3
#define FIRST_BLOCK 1
#define VERSION 4
#define SLOT_BYTES 48

struct copy {
    uint8_t bytes[FW_SNAPSHOT_BYTES_MAX];
    size_t size; /* 0: none */
};

static struct fw_fake_flash flash;
static struct fw_snapshot snapshot;
static struct copy saved;   /* what a save that returned FW_OK gave */
static struct copy pending; /* what the save that was cut off would have given */
static uint64_t random_state;

static void reset(uint32_t word)
{
    fw_fake_flash_init(&flash, BLOCK_BYTES, BLOCKS + 2, word);
    saved.size = pending.size = 0;
    random_state = 3;
}

static int set_up(void **state)
{
    (void)state;
    reset(4);
    return fw_snapshot_open(&snapshot, &flash.port, FIRST_BLOCK, BLOCKS, VERSION);
}

static bool is_loaded(const struct copy *copy, const uint8_t *bytes, int size)
{
    return size == (int)copy->size && memcmp(bytes, copy->bytes, copy->size) == 0;
}

/* Opens as after a start: old or new, never neither. */
static int open_and_check(void)
{
    uint8_t bytes[FW_SNAPSHOT_BYTES_MAX];
    memset(&snapshot, 0x5A, sizeof(snapshot));
    int rc = fw_snapshot_open(&snapshot, &flash.port, FIRST_BLOCK, BLOCKS, VERSION);
    if (rc != FW_OK)
        return rc;
    int size = fw_snapshot_load(&snapshot, bytes, sizeof(bytes));
    if (pending.size > 0 && is_loaded(&pending, bytes, size))
        saved = pending;
    pending.size = 0;
    assert_true(is_loaded(&saved, bytes, size));
    assert_int_equal(snapshot.stored_size, saved.size);
    assert_int_equal(snapshot.stored_version, saved.size > 0 ? VERSION : 0);
    assert_int_equal(flash.erase_counts[0], 0);
    assert_int_equal(flash.erase_counts[BLOCKS + 1], 0);
    return FW_OK;
}

static int save(size_t size)
{
    pending.size = size;
    for (size_t i = 0; i < size; i++)
        pending.bytes[i] = (uint8_t)fw_fake_random(&random_state);
    int rc = fw_snapshot_save(&snapshot, pending.bytes, size);
    if (rc == FW_OK)
        saved = pending;
    if (rc != FW_E_IO)
        pending.size = 0;
    return rc;
}

/* Saves of many sizes; a start after each cut. Returns the number of cuts. */
static int work(int saves, int cuts_max, uint64_t *cut_random)
{
    int cuts = 0;
    bool is_open = false;
    for (int i = 0; i < saves;) {
        int rc = is_open ? save(1 + fw_fake_random(&random_state) % 500) : open_and_check();
        i += is_open ? 1 : 0;
        is_open = rc == FW_OK;
        if (is_open)
            continue;
        assert_true(flash.is_off);
        fw_fake_flash_power_on(&flash);
        if (++cuts < cuts_max)
            fw_fake_flash_cut_somewhere(&flash, 150, cut_random);
    }
    fw_fake_flash_power_on(&flash);
    assert_int_equal(open_and_check(), FW_OK);
    return cuts;
}

static void cut_everywhere(uint32_t word)
{
    reset(word);
    assert_int_equal(work(12, 1, NULL), 0);
    uint64_t steps = flash.step_count;
    assert_true(steps > 100);
    for (uint64_t step = 0; step < steps; step++) {
        for (int cut = FW_FAKE_CUT_BEFORE; cut <= FW_FAKE_CUT_SCATTERED; cut++) {
            reset(word);
            fw_fake_flash_cut_in(&flash, step, (enum fw_fake_cut)cut, step);
            assert_int_equal(work(12, 1, NULL), 1);
        }
    }
}

static void test_save_cut_at_every_word_leaves_old_or_new(void **state)
{
    (void)state;
    cut_everywhere(1);
    cut_everywhere(4);
    cut_everywhere(16);
}

static void test_save_many_cuts_in_a_row_leave_old_or_new(void **state)
{
    (void)state;
    int cuts = 0;
    for (uint64_t trial = 0; trial < 1000; trial++) {
        uint64_t cut_random = trial;
        reset((uint32_t)1 << trial % 5);
        random_state = trial;
        fw_fake_flash_cut_somewhere(&flash, 200, &cut_random);
        cuts += work(20, 10, &cut_random);
    }
    assert_true(cuts > 5000);
}

static void test_open_blank_flash_has_no_copy(void **state)
{
    (void)state;
    uint8_t byte = 7;
    assert_int_equal(snapshot.stored_size, 0);
    assert_int_equal(fw_snapshot_load(&snapshot, &byte, 1), 0);
    assert_int_equal(byte, 7);
    assert_int_equal(flash.step_count, 0);
}

static void test_open_wrong_geometry_is_invalid(void **state)
{
    (void)state;
    assert_int_equal(fw_snapshot_open(&snapshot, &flash.port, 0, 1, 1), FW_E_INVALID);
    assert_int_equal(fw_snapshot_open(&snapshot, &flash.port, 3, 3, 1), FW_E_INVALID);
    assert_int_equal(fw_snapshot_open(&snapshot, &flash.port, 0, FW_SNAPSHOT_BLOCKS_MAX + 1, 1),
                     FW_E_INVALID);
}

static void test_open_flash_that_does_not_answer_says_so(void **state)
{
    (void)state;
    uint8_t bytes[100];
    assert_int_equal(save(100), FW_OK);
    flash.reads_fail = true;
    assert_int_equal(fw_snapshot_load(&snapshot, bytes, sizeof(bytes)), FW_E_IO);
    assert_int_equal(open_and_check(), FW_E_IO);
    flash.reads_fail = false;
    assert_int_equal(open_and_check(), FW_OK);
}

static void test_save_sizes_at_the_limits_are_judged(void **state)
{
    (void)state;
    static const uint8_t bytes[FW_SNAPSHOT_BYTES_MAX + 1];
    uint8_t small[10];
    assert_int_equal(save(BLOCK_BYTES - SLOT_BYTES), FW_OK);
    assert_int_equal(fw_snapshot_load(&snapshot, small, sizeof(small)), FW_E_TOO_LARGE);
    assert_int_equal(save(BLOCK_BYTES - SLOT_BYTES + 4), FW_E_TOO_LARGE);
    assert_int_equal(fw_snapshot_save(&snapshot, bytes, 0), FW_E_TOO_LARGE);
    assert_int_equal(open_and_check(), FW_OK);
    assert_int_equal(save(1), FW_OK);
    assert_int_equal(open_and_check(), FW_OK);
    fw_fake_flash_init(&flash, 4096, 4, 8);
    assert_int_equal(fw_snapshot_open(&snapshot, &flash.port, 0, 4, 1), FW_OK);
    assert_int_equal(fw_snapshot_save(&snapshot, bytes, sizeof(bytes)), FW_E_TOO_LARGE);
    assert_int_equal(fw_snapshot_save(&snapshot, bytes, FW_SNAPSHOT_BYTES_MAX), FW_OK);
}

static void test_save_another_version_tells_what_is_stored(void **state)
{
    (void)state;
    assert_int_equal(save(100), FW_OK);
    assert_int_equal(fw_snapshot_open(&snapshot, &flash.port, FIRST_BLOCK, BLOCKS, VERSION + 1),
                     FW_OK);
    assert_int_equal(snapshot.stored_version, VERSION);
    assert_int_equal(save(100), FW_OK);
    assert_int_equal(snapshot.stored_version, VERSION + 1);
}

static void test_save_for_years_wears_all_blocks_alike(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++)
        assert_int_equal(save(200 + (size_t)i % 100), FW_OK);
    for (int block = FIRST_BLOCK; block < FIRST_BLOCK + BLOCKS; block++) {
        assert_in_range(flash.erase_counts[block], flash.erase_counts[FIRST_BLOCK] - 1,
                        flash.erase_counts[FIRST_BLOCK]);
        assert_true(flash.erase_counts[block] > 200);
    }
}

/* One block of three worn out in any way, at any time; then all of them for a while. */
static void test_save_failing_blocks_never_lose_the_newest_copy(void **state)
{
    (void)state;
    bool *faults[] = { flash.erase_fails, flash.program_fails, flash.program_lies,
                       flash.erase_lies };
    for (int trial = 0; trial < 4 * BLOCKS * 8; trial++) {
        assert_int_equal(set_up(NULL), FW_OK);
        for (int i = 0; i < trial / 12; i++)
            assert_int_equal(save(300), FW_OK);
        faults[trial % 4][FIRST_BLOCK + trial / 4 % BLOCKS] = true;
        for (int i = 0; i < 30; i++) {
            assert_int_equal(save(300), FW_OK);
            if (i % 7 == 6)
                assert_int_equal(open_and_check(), FW_OK);
        }
        memset(flash.program_fails, true, sizeof(flash.program_fails));
        for (int i = 0; i < 4; i++)
            assert_int_equal(save(300), FW_E_IO);
        fw_fake_flash_heal(&flash);
        assert_int_equal(open_and_check(), FW_OK);
        assert_int_equal(save(300), FW_OK);
        assert_int_equal(open_and_check(), FW_OK);
    }
}

static void test_load_rotten_newest_copy_is_corrupt_and_a_restart_finds_the_one_before(void **state)
{
    (void)state;
    uint8_t bytes[200];
    assert_int_equal(save(200), FW_OK);
    struct copy before = saved;
    assert_int_equal(save(200), FW_OK);
    flash.bytes[FIRST_BLOCK * BLOCK_BYTES + 2 * SLOT_BYTES + 200 + 5] ^= 0x40;
    assert_int_equal(fw_snapshot_load(&snapshot, bytes, sizeof(bytes)), FW_E_CORRUPT);
    saved = before;
    assert_int_equal(open_and_check(), FW_OK);
    assert_int_equal(save(200), FW_OK);
    assert_int_equal(open_and_check(), FW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_save_cut_at_every_word_leaves_old_or_new, set_up),
        cmocka_unit_test_setup(test_save_many_cuts_in_a_row_leave_old_or_new, set_up),
        cmocka_unit_test_setup(test_open_blank_flash_has_no_copy, set_up),
        cmocka_unit_test_setup(test_open_wrong_geometry_is_invalid, set_up),
        cmocka_unit_test_setup(test_open_flash_that_does_not_answer_says_so, set_up),
        cmocka_unit_test_setup(test_save_sizes_at_the_limits_are_judged, set_up),
        cmocka_unit_test_setup(test_save_another_version_tells_what_is_stored, set_up),
        cmocka_unit_test_setup(test_save_for_years_wears_all_blocks_alike, set_up),
        cmocka_unit_test_setup(test_save_failing_blocks_never_lose_the_newest_copy, set_up),
        cmocka_unit_test_setup(
            test_load_rotten_newest_copy_is_corrupt_and_a_restart_finds_the_one_before, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

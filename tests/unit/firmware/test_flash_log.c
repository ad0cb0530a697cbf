/* The flash log with power on: capacity, release, wear, blocks that fail, contents that rot, and
 * what earlier lives of the flash left behind. Power cuts: test_flash_log_cuts.c. */
#include "flash_log_model.h"

#define BLOCK_BYTES ((uint32_t)FW_FLASH_LOG_BLOCK_BYTES_MIN)
#define HEADER_BYTES 48
#define ENTRY_HEAD 8

static struct model model; /* too large for a stack */

static int set_up(void **state)
{
    model_init(&model, BLOCK_BYTES, 4, 4);
    assert_int_equal(model_open(&model), FW_OK);
    *state = &model;
    return 0;
}

static void append_all(struct model *m, int count, size_t size)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(model_append(m, size), FW_OK);
}

/* Where the n-th record of this size is, in the n-th block of an undisturbed log. */
static uint8_t *find_bytes(struct model *m, uint32_t block, int index, uint32_t size)
{
    return m->flash.bytes + (MODEL_FIRST_BLOCK + block) * BLOCK_BYTES + HEADER_BYTES +
           (uint32_t)index * (ENTRY_HEAD + size);
}

static void test_open_blank_flash_begins_a_log_at_1(void **state)
{
    struct model *m = *state;
    static const uint8_t zeros[FW_EPOCH_BYTES];
    assert_true(m->log.is_new);
    assert_int_equal(m->log.first_seq, 1);
    assert_int_equal(m->log.next_seq, 1);
    assert_memory_not_equal(m->log.epoch, zeros, FW_EPOCH_BYTES);
    uint64_t steps = m->flash.step_count;
    assert_int_equal(model_open(m), FW_OK); /* the same epoch, and nothing is written */
    assert_false(m->log.is_new);
    assert_int_equal(m->flash.step_count, steps);
}

static void test_open_flash_full_of_garbage_begins_a_log(void **state)
{
    struct model *m = *state;
    model_init(m, BLOCK_BYTES, 4, 4);
    for (uint32_t i = 0; i < 6 * BLOCK_BYTES; i++)
        m->flash.bytes[i] = (uint8_t)fw_fake_random(&m->random);
    assert_int_equal(model_open(m), FW_OK);
    append_all(m, 10, 60);
    assert_int_equal(model_open(m), FW_OK);
}

static void test_open_wrong_geometry_is_invalid(void **state)
{
    struct model *m = *state;
    struct fw_rng rng = fw_fake_rng(&m->rng_random);
    struct fw_flash *port = &m->flash.port;
    assert_int_equal(fw_flash_log_open(&m->log, port, 0, 1, &rng), FW_E_INVALID);
    assert_int_equal(fw_flash_log_open(&m->log, port, 3, 4, &rng), FW_E_INVALID);
    assert_int_equal(fw_flash_log_open(&m->log, port, 7, 2, &rng), FW_E_INVALID);
    assert_int_equal(fw_flash_log_open(&m->log, port, 0, FW_FLASH_LOG_BLOCKS_MAX + 1, &rng),
                     FW_E_INVALID);
    port->word_size_bytes = 3;
    assert_int_equal(fw_flash_log_open(&m->log, port, 0, 4, &rng), FW_E_INVALID);
    port->word_size_bytes = 32;
    assert_int_equal(fw_flash_log_open(&m->log, port, 0, 4, &rng), FW_E_INVALID);
    port->word_size_bytes = 4;
    port->block_size_bytes = BLOCK_BYTES / 2;
    assert_int_equal(fw_flash_log_open(&m->log, port, 0, 4, &rng), FW_E_INVALID);
}

static void test_open_flash_that_does_not_answer_keeps_the_epoch(void **state)
{
    struct model *m = *state;
    append_all(m, 10, 60);
    m->flash.reads_fail = true;
    assert_int_equal(model_open(m), FW_E_IO);
    m->flash.reads_fail = false;
    assert_int_equal(model_open(m), FW_OK);
}

static void test_append_full_log_is_refused_until_the_oldest_block_is_released(void **state)
{
    struct model *m = *state;
    int rc = FW_OK;
    while ((rc = model_append(m, 92)) == FW_OK) {
    }
    assert_int_equal(rc, FW_E_FULL);
    assert_int_equal(m->next_seq - 1, 16); /* four of 100 bytes in a block */
    uint64_t steps = m->flash.step_count;
    assert_int_equal(model_append(m, 92), FW_E_FULL);
    assert_int_equal(m->flash.step_count, steps);
    model_release(m, 3); /* one record of that block is still held */
    assert_int_equal(model_append(m, 92), FW_E_FULL);
    assert_int_equal(model_open(m), FW_OK);
    assert_int_equal(model_append(m, 92), FW_E_FULL);
    model_release(m, 4);
    assert_false(fw_flash_log_is_full(&m->log, 92));
    append_all(m, 4, 92);
    assert_int_equal(model_append(m, 92), FW_E_FULL);
    assert_int_equal(model_open(m), FW_OK);
}

static void test_append_sizes_at_the_limits_are_judged(void **state)
{
    struct model *m = *state;
    static const uint8_t bytes[FW_FLASH_LOG_RECORD_BYTES_MAX + 1];
    int64_t seq = 0;
    append_all(m, 1, 1);
    append_all(m, 1, FW_FLASH_LOG_RECORD_BYTES_MAX);
    assert_int_equal(fw_flash_log_append(&m->log, bytes, sizeof(bytes), &seq), FW_E_TOO_LARGE);
    assert_int_equal(fw_flash_log_append(&m->log, bytes, 0, &seq), FW_E_TOO_LARGE);
    assert_int_equal(seq, 0);
    assert_int_equal(model_open(m), FW_OK);
}

static void test_read_buffer_too_small_is_too_large(void **state)
{
    struct model *m = *state;
    uint8_t bytes[20] = { 0 };
    append_all(m, 1, 20);
    assert_int_equal(fw_flash_log_read(&m->log, 1, bytes, 19), FW_E_TOO_LARGE);
    assert_int_equal(bytes[0], 0);
    assert_int_equal(fw_flash_log_read(&m->log, 1, bytes, 20), 20);
}

static void test_release_is_cumulative_and_outlives_a_restart(void **state)
{
    struct model *m = *state;
    append_all(m, 20, 40);
    model_release(m, 12);
    assert_int_equal(fw_flash_log_release(&m->log, 5), FW_OK); /* long since */
    assert_int_equal(m->log.first_seq, 13);
    assert_int_equal(fw_flash_log_release(&m->log, 21), FW_E_INVALID);
    assert_int_equal(fw_flash_log_release(&m->log, INT64_MAX), FW_E_INVALID);
    assert_int_equal(model_open(m), FW_OK);
    assert_int_equal(m->log.first_seq, 13);
    model_release(m, 20);
    assert_int_equal(model_open(m), FW_OK);
    assert_int_equal(m->log.first_seq, 21);
    append_all(m, 1, 40);
    assert_int_equal(m->next_seq, 22);
}

static void test_append_for_years_wears_all_blocks_alike(void **state)
{
    struct model *m = *state;
    uint8_t bytes[100] = { 1 };
    int64_t seq = 0;
    for (int i = 0; i < 20000; i++) {
        assert_int_equal(fw_flash_log_append(&m->log, bytes, 50 + (size_t)i % 50, &seq), FW_OK);
        assert_int_equal(fw_flash_log_release(&m->log, seq), FW_OK);
    }
    assert_int_equal(seq, 20000);
    uint32_t least = UINT32_MAX, most = 0;
    for (int block = MODEL_FIRST_BLOCK; block < MODEL_FIRST_BLOCK + 4; block++) {
        uint32_t count = m->flash.erase_counts[block];
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    assert_true(least > 1000);
    assert_true(most - least <= 1);
}

/* Any two of four blocks worn out in any way: the log goes on with the others, over restarts too.
 */
static void test_append_worn_out_blocks_are_passed_over(void **state)
{
    struct model *m = *state;
    for (uint32_t trial = 0; trial < 4 * 4 * 4; trial++) {
        uint32_t first = trial % 4, second = trial / 4 % 4;
        model_init(m, BLOCK_BYTES, 4, 4);
        assert_int_equal(model_open(m), FW_OK);
        append_all(m, 5, 60);
        bool *faults[] = { m->flash.erase_fails, m->flash.program_fails, m->flash.program_lies,
                           m->flash.erase_lies };
        faults[trial / 16][MODEL_FIRST_BLOCK + first] = true;
        faults[trial / 16][MODEL_FIRST_BLOCK + second] = true;
        bool met = false;
        for (int i = 0; i < 60; i++) {
            assert_int_equal(model_append(m, 60), FW_OK);
            met = met || m->log.bad_block_count > 0;
            model_release(m, m->next_seq - 2);
            if (i % 11 == 10)
                assert_int_equal(model_open(m), FW_OK);
            model_release(m, m->next_seq - 2); /* again: the start may have taken it back */
        }
        assert_true(met);
    }
}

static void test_append_passing_fault_loses_nothing(void **state)
{
    struct model *m = *state;
    append_all(m, 5, 60);
    memset(m->flash.program_fails, true, sizeof(m->flash.program_fails));
    assert_int_equal(model_append(m, 60), FW_E_IO);
    assert_int_equal(model_append(m, 60), FW_E_IO);
    memset(m->flash.program_fails, false, sizeof(m->flash.program_fails));
    m->has_pending = false;
    append_all(m, 2, 60);
    model_check(m);
    assert_int_equal(model_open(m), FW_OK);
}

static void test_read_rotten_record_is_corrupt_and_the_others_are_there(void **state)
{
    struct model *m = *state;
    uint8_t bytes[60];
    append_all(m, 12, 60);                            /* six in a block */
    *find_bytes(m, 0, 2, 60) ^= 0x10;                 /* seq 3: its kind and size */
    *(find_bytes(m, 1, 3, 60) + ENTRY_HEAD + 7) ^= 1; /* seq 10: its payload */
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t seq = 1; seq <= 12; seq++) {
            int wanted = seq == 3 || seq == 10 ? FW_E_CORRUPT : 60;
            assert_int_equal(fw_flash_log_read(&m->log, seq, bytes, sizeof(bytes)), wanted);
        }
        struct fw_rng rng = fw_fake_rng(&m->rng_random);
        assert_int_equal(fw_flash_log_open(&m->log, &m->flash.port, MODEL_FIRST_BLOCK, 4, &rng),
                         FW_OK);
        assert_int_equal(m->log.next_seq, 13);
        assert_int_equal(m->log.first_seq, 1);
    }
}

/* What an erase that did not finish left of the block's earlier life: its checksums are right, but
 * for that life. */
static void test_open_entries_of_an_earlier_life_do_not_count(void **state)
{
    struct model *m = *state;
    uint8_t old[BLOCK_BYTES];
    memcpy(old, m->flash.bytes + MODEL_FIRST_BLOCK * BLOCK_BYTES, sizeof(old));
    append_all(m, 6, 60);
    memcpy(old, m->flash.bytes + MODEL_FIRST_BLOCK * BLOCK_BYTES, sizeof(old));
    for (int i = 0; i < 20; i++) { /* up to one record in the second life of the first block */
        append_all(m, 1, 60);
        model_release(m, m->next_seq - 1);
    }
    uint8_t *now = m->flash.bytes + MODEL_FIRST_BLOCK * BLOCK_BYTES;
    assert_memory_not_equal(now, old, HEADER_BYTES);
    uint32_t end = m->log.write_offset;
    assert_true(end > HEADER_BYTES && end + 2 * (ENTRY_HEAD + 60) < BLOCK_BYTES);
    memcpy(now + end, old + HEADER_BYTES, BLOCK_BYTES - end);
    assert_int_equal(model_open(m), FW_OK);
    append_all(m, 3, 60);
    assert_int_equal(model_open(m), FW_OK);
}

/* A block of another log, valid by itself, where the predecessor of the newest one was. */
static void test_open_block_of_another_log_does_not_count(void **state)
{
    struct model *m = *state;
    uint8_t other[BLOCK_BYTES];
    append_all(m, 6, 60);
    memcpy(other, m->flash.bytes + MODEL_FIRST_BLOCK * BLOCK_BYTES, sizeof(other));
    model_init(m, BLOCK_BYTES, 4, 4);
    m->rng_random = 12345;
    assert_int_equal(model_open(m), FW_OK);
    append_all(m, 8, 60); /* the last two in the second block */
    memcpy(m->flash.bytes + MODEL_FIRST_BLOCK * BLOCK_BYTES, other, sizeof(other));
    m->first_seq = 7; /* the first six are gone, but not replaced */
    assert_int_equal(model_open(m), FW_OK);
    assert_int_equal(m->log.first_seq, 7);
    append_all(m, 8, 60);
    assert_int_equal(model_open(m), FW_OK);
}

/* It could not be erased when its turn came, so that it has its records of long ago. */
static void test_open_retired_block_with_old_records_does_not_count(void **state)
{
    struct model *m = *state;
    uint8_t *second = m->flash.bytes + (MODEL_FIRST_BLOCK + 1) * BLOCK_BYTES;
    uint8_t old[BLOCK_BYTES];
    append_all(m, 12, 60);
    memcpy(old, second, sizeof(old));
    model_release(m, 12);
    append_all(m, 12, 60);
    model_release(m, 24);
    append_all(m, 6, 60); /* the first block again, and full */
    m->flash.erase_fails[MODEL_FIRST_BLOCK + 1] = true;
    append_all(m, 3, 60); /* in the third */
    assert_int_equal(m->log.bad_block_count, 1);
    memcpy(second, old, sizeof(old));
    assert_int_equal(model_open(m), FW_OK);
    assert_int_equal(m->log.first_seq, 25);
    append_all(m, 3, 60);
    assert_int_equal(model_open(m), FW_OK);
}

/* Not even for a moment are records held that an erase has taken away. */
static void test_append_erase_cut_in_a_released_block_holds_none_of_it(void **state)
{
    struct model *m = *state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        model_init(m, BLOCK_BYTES, 2, 4);
        m->is_strict = true;
        assert_int_equal(model_open(m), FW_OK);
        append_all(m, 12, 60); /* both blocks are full */
        model_release(m, 6);
        fw_fake_flash_cut_in(&m->flash, seed % 8, FW_FAKE_CUT_TORN, seed); /* mark, erase, header */
        assert_int_equal(model_append(m, 60), FW_E_IO);
        fw_fake_flash_power_on(&m->flash);
        assert_int_equal(model_open(m), FW_OK);
        assert_true(m->log.first_seq == 1 || m->log.first_seq == 7);
    }
}

/* Its last word is missing. Written right behind it, the next entry would begin with just that
 * word: its size is the byte that is lacking. */
static void test_append_behind_a_torn_record_does_not_complete_it(void **state)
{
    struct model *m = *state;
    uint8_t bytes[17] = { [16] = 84 };
    int64_t seq = 0;
    model_init(m, BLOCK_BYTES, 4, 2);
    assert_int_equal(model_open(m), FW_OK);
    fw_fake_flash_cut_in(&m->flash, 12, FW_FAKE_CUT_BEFORE, 1); /* the 13th word of 8 + 17 bytes */
    assert_int_equal(fw_flash_log_append(&m->log, bytes, sizeof(bytes), &seq), FW_E_IO);
    fw_fake_flash_power_on(&m->flash);
    assert_int_equal(model_open(m), FW_OK);
    append_all(m, 1, 84);
    assert_int_equal(model_open(m), FW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_open_blank_flash_begins_a_log_at_1, set_up),
        cmocka_unit_test_setup(test_open_flash_full_of_garbage_begins_a_log, set_up),
        cmocka_unit_test_setup(test_open_wrong_geometry_is_invalid, set_up),
        cmocka_unit_test_setup(test_open_flash_that_does_not_answer_keeps_the_epoch, set_up),
        cmocka_unit_test_setup(test_append_full_log_is_refused_until_the_oldest_block_is_released,
                               set_up),
        cmocka_unit_test_setup(test_append_sizes_at_the_limits_are_judged, set_up),
        cmocka_unit_test_setup(test_read_buffer_too_small_is_too_large, set_up),
        cmocka_unit_test_setup(test_release_is_cumulative_and_outlives_a_restart, set_up),
        cmocka_unit_test_setup(test_append_for_years_wears_all_blocks_alike, set_up),
        cmocka_unit_test_setup(test_append_worn_out_blocks_are_passed_over, set_up),
        cmocka_unit_test_setup(test_append_passing_fault_loses_nothing, set_up),
        cmocka_unit_test_setup(test_read_rotten_record_is_corrupt_and_the_others_are_there, set_up),
        cmocka_unit_test_setup(test_open_entries_of_an_earlier_life_do_not_count, set_up),
        cmocka_unit_test_setup(test_open_block_of_another_log_does_not_count, set_up),
        cmocka_unit_test_setup(test_open_retired_block_with_old_records_does_not_count, set_up),
        cmocka_unit_test_setup(test_append_erase_cut_in_a_released_block_holds_none_of_it, set_up),
        cmocka_unit_test_setup(test_append_behind_a_torn_record_does_not_complete_it, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

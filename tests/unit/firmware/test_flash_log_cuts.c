/* The flash log under cuts of power: at every word and erase, before, inside and after it, and with
 * any words of a call missing; then again while it recovers. What was promised is there, nothing is
 * invented, no seq is missing or double, the epoch stays. */
#include "flash_log_model.h"

#define BLOCK_BYTES ((uint32_t)FW_FLASH_LOG_BLOCK_BYTES_MIN)
#define STEPS_MAX 100000
#define RETRIES_MAX 3

static struct model model; /* too large for a stack */

/* One operation of a working day; FW_E_IO when power went in it. */
static int operate(struct model *m)
{
    uint64_t what = fw_fake_random(&m->random);
    if (what % 4 == 0 && m->log.first_seq < m->next_seq) {
        int64_t held = m->next_seq - m->first_seq;
        if (held > 0)
            model_release(m, m->first_seq + (int64_t)(what / 4 % (uint64_t)held));
        return m->flash.is_off ? FW_E_IO : FW_OK;
    }
    size_t size = 1 + what / 4 % (what % 16 == 1 ? FW_FLASH_LOG_RECORD_BYTES_MAX : 90);
    int rc = model_append(m, size);
    for (int i = 0; i < RETRIES_MAX && rc != FW_OK && !m->flash.is_off; i++) {
        assert_true(rc == FW_E_FULL || m->log.bad_block_count > 0);
        int64_t kept = i == 0 ? 1 : 0; /* of two blocks, one may hold it, the other be torn */
        if (m->log.first_seq < m->next_seq - kept) /* a start may have taken releases back */
            model_release(m, m->next_seq - 1 - kept);
        if (m->flash.is_off)
            return FW_E_IO;
        rc = model_append(m, size);
    }
    assert_true(rc == FW_OK || m->flash.is_off);
    return rc;
}

/* Opens and works; after each cut power comes back, and the next one may follow. Stops after so
 * many operations. Returns how many cuts there were. */
static int work(struct model *m, int operations, int cuts_max, uint64_t *cut_random)
{
    int cuts = 0;
    bool is_open = false;
    for (int i = 0; i < operations;) {
        int rc = is_open ? operate(m) : model_open(m);
        i += is_open ? 1 : 0;
        is_open = rc == FW_OK;
        if (is_open)
            continue;
        assert_true(m->flash.is_off);
        fw_fake_flash_power_on(&m->flash);
        if (++cuts < cuts_max)
            fw_fake_flash_cut_somewhere(&m->flash, 150, cut_random);
    }
    fw_fake_flash_power_on(&m->flash); /* no cut in the last look */
    assert_int_equal(model_open(m), FW_OK);
    return cuts;
}

/* The same work with one cut at each of its steps. */
static void cut_everywhere(uint32_t word, int operations, uint64_t seeds)
{
    model_init(&model, BLOCK_BYTES, 4, word);
    assert_int_equal(work(&model, operations, 1, NULL), 0);
    uint64_t steps = model.flash.step_count;
    assert_true(steps > 100 && steps < STEPS_MAX);

    for (uint64_t step = 0; step < steps; step++) {
        for (int cut = FW_FAKE_CUT_BEFORE; cut <= FW_FAKE_CUT_SCATTERED; cut++) {
            bool chance = cut == FW_FAKE_CUT_TORN || cut == FW_FAKE_CUT_SCATTERED;
            for (uint64_t seed = 0; seed < (chance ? seeds : 1); seed++) {
                model_init(&model, BLOCK_BYTES, 4, word);
                model.is_strict = true;
                fw_fake_flash_cut_in(&model.flash, step, (enum fw_fake_cut)cut, seed + step);
                assert_int_equal(work(&model, operations, 1, NULL), 1);
            }
        }
    }
}

static void test_append_cut_at_every_word_of_4_bytes_keeps_promises(void **state)
{
    (void)state;
    cut_everywhere(4, 60, 3);
}

static void test_append_cut_at_every_word_of_1_byte_keeps_promises(void **state)
{
    (void)state;
    cut_everywhere(1, 24, 1);
}

static void test_append_cut_at_every_word_of_16_bytes_keeps_promises(void **state)
{
    (void)state;
    cut_everywhere(16, 60, 4);
}

static void test_append_many_cuts_in_a_row_keep_promises(void **state)
{
    (void)state;
    int cuts = 0;
    for (uint64_t trial = 0; trial < 1500; trial++) {
        uint64_t random = trial;
        uint32_t word = (uint32_t)1 << (trial % 5);
        model_init(&model, BLOCK_BYTES << (trial % 3), 2 + (uint32_t)(trial % 4), word);
        model.random = trial;
        fw_fake_flash_cut_somewhere(&model.flash, 200, &random);
        cuts += work(&model, 100, 12, &random);
    }
    assert_true(cuts > 10000);
}

/* Blocks also wear out, one after the other, but two work. */
static void test_append_cuts_and_worn_out_blocks_keep_promises(void **state)
{
    (void)state;
    for (uint64_t trial = 0; trial < 600; trial++) {
        uint64_t random = trial;
        model_init(&model, BLOCK_BYTES, 5, 4);
        model.random = trial;
        bool *faults[] = { model.flash.erase_fails, model.flash.program_fails,
                           model.flash.program_lies, model.flash.erase_lies };
        for (int i = 0; i < 2; i++)
            faults[i == 0 ? trial % 4 : trial / 4 % 4][1 + fw_fake_random(&random) % 5] = true;
        fw_fake_flash_cut_somewhere(&model.flash, 200, &random);
        work(&model, 80, 6, &random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_cut_at_every_word_of_4_bytes_keeps_promises),
        cmocka_unit_test(test_append_cut_at_every_word_of_1_byte_keeps_promises),
        cmocka_unit_test(test_append_cut_at_every_word_of_16_bytes_keeps_promises),
        cmocka_unit_test(test_append_many_cuts_in_a_row_keep_promises),
        cmocka_unit_test(test_append_cuts_and_worn_out_blocks_keep_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

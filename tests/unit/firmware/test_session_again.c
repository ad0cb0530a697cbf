/* A log that the service has seen with other records (schemas/rules/devices.md 1.9): its flash was
 * restored from an older image, or lost its newest block. Whatever is made afterwards reaches the
 * service, once; what it had before has no second effect. */
#include "session_world.h"

static struct session_world at;

static int setup(void **state)
{
    (void)state;
    session_world_init(&at);
    return 0;
}

static void test_session_tick_first_up_of_a_start_asks_whatever_is_held(void **state)
{
    (void)state;
    session_scan(&at, 3);
    assert_int_equal(world_boot(&at.world), FW_OK);
    fw_session_set_config_revision(&at.world.session, 7);
    fw_session_on_link(&at.world.session, true);
    for (int i = 0; i < 3; i++) { /* nobody answers, and more is scanned */
        uint32_t count = at.world.up_count;
        world_tick(&at.world);
        assert_int_equal(at.world.up_count, count + 1);
        assert_int_equal(at.world.up.records_count, 0);
        assert_int_equal(at.world.up.config_revision, 0);
        session_scan(&at, 1);
        world_tick(&at.world);
        assert_int_equal(at.world.up_count, count + 1);
        at.world.mono_ms = at.world.session.resend_at_ms;
    }
    session_answer(&at, false);
    world_tick(&at.world);
    assert_int_equal(at.world.up.records_count, 8); /* two starts and six scans */
    assert_int_equal(at.world.up.config_revision, 7);
    session_check_effects(&at);
    assert_memory_equal(at.world.session.stored.log.told_epoch, at.world.log.epoch, FW_EPOCH_BYTES);
}

/* The ack was lost, and then the power: what the service knows of before is no sign of anything. */
static void test_session_on_ack_after_a_lost_ack_keeps_the_epoch(void **state)
{
    (void)state;
    session_scan(&at, 12);
    world_meet(&at.world);
    world_tick(&at.world);
    session_answer(&at, true);
    assert_int_equal(world_boot(&at.world), FW_OK);
    session_scan(&at, 2);
    session_check_effects(&at);
    assert_memory_equal(at.world.session.stored.log.told_epoch, at.world.log.epoch, FW_EPOCH_BYTES);
}

/* The image holds 3 that were sent later. Fewer, as many, and more scans follow than the service
 * has of after the image; some before it is connected, some after. */
static void test_session_restored_from_an_image_loses_no_new_scan(void **state)
{
    for (int later = 0; later < 24; later += 3) {
        for (int fresh = 0; fresh < 24; fresh += 4) {
            setup(state);
            session_scan(&at, 2);
            session_connect(&at);
            session_scan(&at, 3);
            session_keep_image(&at);
            session_scan(&at, later);
            session_connect(&at);
            session_restore_image(&at);
            session_scan(&at, fresh);
            session_connect(&at);
            session_scan(&at, 2);
            session_check_effects(&at);
        }
    }
}

static void test_session_restored_twice_from_an_image_loses_no_new_scan(void **state)
{
    (void)state;
    session_connect(&at);
    session_keep_image(&at);
    session_scan(&at, 6);
    session_connect(&at);
    for (int i = 0; i < 2; i++) {
        session_restore_image(&at);
        session_scan(&at, 4);
        session_connect(&at);
        session_scan(&at, 1);
        session_check_effects(&at);
        assert_int_equal(world_boot(&at.world), FW_OK); /* it remembers its new epoch */
        session_scan(&at, 1);
        session_check_effects(&at);
    }
}

static void test_session_renewed_epoch_is_said_online_before_its_records(void **state)
{
    (void)state;
    session_connect(&at);
    session_keep_image(&at);
    session_scan(&at, 6);
    session_connect(&at);
    session_restore_image(&at);
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    uint32_t states = at.world.state_count;
    session_answer(&at, false);
    assert_true(at.world.is_reconnect_due); /* the will of this connection names the one before */
    assert_int_equal(at.world.session.link, FW_SESSION_DOWN);
    world_tick(&at.world);
    assert_int_equal(at.world.state_count, states + 1);
    char wanted[FW_SESSION_EPOCH_SIZE];
    char will[FW_SESSION_STATE_BYTES_MAX + 1] = { 0 };
    fw_session_epoch(&at.world.session, wanted);
    assert_true(fw_session_will(&at.world.session, will, sizeof(will) - 1) > 0);
    assert_non_null(strstr(will, wanted));
    assert_string_equal(at.world.up.epoch, wanted);
    assert_non_null(strstr(at.world.state_text, wanted));
    assert_memory_not_equal(at.world.session.stored.log.told_epoch, at.world.log.epoch,
                            FW_EPOCH_BYTES);
}

/* Records go into the second block of the log from now on. */
static void fill_first_block(void)
{
    session_connect(&at);
    while (at.world.log.chain[at.world.log.chain_count - 1].block == 0) {
        at.scan_count = 0;
        session_scan(&at, 1);
        session_connect(&at);
    }
    at.scan_count = 0;
    memset(at.effects, 0, sizeof(at.effects));
}

/* The newest block does not say any more what it is. */
static void lose_second_block(void)
{
    at.world.flash.bytes[BLOCK_BYTES] ^= 1;
    assert_int_equal(world_boot(&at.world), FW_OK);
}

static void test_session_without_its_newest_block_loses_no_new_scan(void **state)
{
    (void)state;
    fill_first_block();
    session_scan(&at, 9);
    session_connect(&at);
    lose_second_block();
    session_scan(&at, 3);
    assert_int_equal(world_boot(&at.world), FW_OK); /* before it was connected */
    session_scan(&at, 3);
    session_check_effects(&at);
}

/* Its epoch was renewed at a number that it has not reached again. */
static void test_session_renewed_and_without_its_newest_block_loses_no_new_scan(void **state)
{
    (void)state;
    fill_first_block();
    session_scan(&at, 5);
    session_connect(&at);
    session_keep_image(&at);
    session_scan(&at, 3);
    session_connect(&at);
    session_restore_image(&at);
    session_connect(&at);
    lose_second_block();
    session_scan(&at, 20); /* beyond that number */
    assert_int_equal(world_boot(&at.world), FW_OK);
    session_scan(&at, 1);
    session_check_effects(&at);
}

static void test_session_on_ack_with_flash_that_fails_asks_again(void **state)
{
    (void)state;
    session_connect(&at);
    session_keep_image(&at);
    session_scan(&at, 6);
    session_connect(&at);
    session_restore_image(&at);
    session_scan(&at, 2);
    memset(at.world.flash.program_fails, true, sizeof(at.world.flash.program_fails));
    fw_session_on_link(&at.world.session, true);
    for (int i = 0; i < 2; i++) {
        world_tick(&at.world);
        assert_int_equal(at.world.up.records_count, 0);
        session_answer(&at, false);
        at.world.mono_ms = at.world.session.resend_at_ms;
    }
    assert_memory_equal(at.world.session.stored.log.told_epoch, at.world.log.epoch, FW_EPOCH_BYTES);
    memset(at.world.flash.program_fails, false, sizeof(at.world.flash.program_fails));
    session_check_effects(&at);
}

/* From the restored flash on, until all is told; power goes at that step. */
static void work_restored(void)
{
    session_scan(&at, 5);
    session_connect(&at);
    session_scan(&at, 2);
    session_connect(&at);
}

static void test_session_power_cut_at_every_step_after_a_restore_loses_no_new_scan(void **state)
{
    uint64_t steps = 1;
    for (uint64_t step = 0; step < steps; step++) {
        for (int cut = FW_FAKE_CUT_BEFORE; cut <= FW_FAKE_CUT_AFTER; cut++) {
            setup(state);
            session_connect(&at);
            session_scan(&at, 3);
            session_connect(&at);
            session_scan(&at, 2);
            session_keep_image(&at);
            session_scan(&at, 7);
            session_connect(&at);
            session_restore_image(&at);
            uint64_t begin = at.world.flash.step_count;
            fw_fake_flash_cut_in(&at.world.flash, step, (enum fw_fake_cut)cut, step);
            work_restored();
            if (!at.world.flash.is_off)
                steps = step; /* that was all of it */
            else
                steps = at.world.flash.step_count - begin + 2;
            assert_int_equal(world_boot(&at.world), FW_OK);
            session_scan(&at, 1);
            session_check_effects(&at);
        }
    }
    assert_true(steps > 30);
}

#define NEW(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NEW(test_session_tick_first_up_of_a_start_asks_whatever_is_held),
        NEW(test_session_on_ack_after_a_lost_ack_keeps_the_epoch),
        NEW(test_session_restored_from_an_image_loses_no_new_scan),
        NEW(test_session_restored_twice_from_an_image_loses_no_new_scan),
        NEW(test_session_renewed_epoch_is_said_online_before_its_records),
        NEW(test_session_without_its_newest_block_loses_no_new_scan),
        NEW(test_session_renewed_and_without_its_newest_block_loses_no_new_scan),
        NEW(test_session_on_ack_with_flash_that_fails_asks_again),
        cmocka_unit_test(test_session_power_cut_at_every_step_after_a_restore_loses_no_new_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A log that the service has seen with other records (schemas/rules/devices.md 1.9): its flash was
 * restored from an older image, or lost its newest block. Whatever is made afterwards reaches the
 * service, once; what it had before has no second effect. */
#include "session_world.h"

static int setup(void **state)
{
    (void)state;
    session_world_init();
    return 0;
}

static void test_session_tick_first_up_of_a_start_asks_whatever_is_held(void **state)
{
    (void)state;
    scan(3);
    assert_int_equal(world_boot(&world), FW_OK);
    fw_session_set_config_revision(&world.session, 7);
    fw_session_on_link(&world.session, true);
    for (int i = 0; i < 3; i++) { /* nobody answers, and more is scanned */
        uint32_t count = world.up_count;
        world_tick(&world);
        assert_int_equal(world.up_count, count + 1);
        assert_int_equal(world.up.records_count, 0);
        assert_int_equal(world.up.config_revision, 0);
        scan(1);
        world_tick(&world);
        assert_int_equal(world.up_count, count + 1);
        world.mono_ms = world.session.resend_at_ms;
    }
    answer(false);
    world_tick(&world);
    assert_int_equal(world.up.records_count, 8); /* two starts and six scans */
    assert_int_equal(world.up.config_revision, 7);
    check_each_scan_has_one_effect();
    assert_memory_equal(world.session.stored.log.told_epoch, world.log.epoch, FW_EPOCH_BYTES);
}

/* The ack was lost, and then the power: what the service knows of before is no sign of anything. */
static void test_session_on_ack_after_a_lost_ack_keeps_the_epoch(void **state)
{
    (void)state;
    scan(12);
    world_meet(&world);
    world_tick(&world);
    answer(true);
    assert_int_equal(world_boot(&world), FW_OK);
    scan(2);
    check_each_scan_has_one_effect();
    assert_memory_equal(world.session.stored.log.told_epoch, world.log.epoch, FW_EPOCH_BYTES);
}

/* The image holds 3 that were sent later. Fewer, as many, and more scans follow than the service
 * has of after the image; some before it is connected, some after. */
static void test_session_restored_from_an_image_loses_no_new_scan(void **state)
{
    for (int later = 0; later < 24; later += 3) {
        for (int fresh = 0; fresh < 24; fresh += 4) {
            setup(state);
            scan(2);
            connect();
            scan(3);
            keep_image();
            scan(later);
            connect();
            restore_image();
            scan(fresh);
            connect();
            scan(2);
            check_each_scan_has_one_effect();
        }
    }
}

static void test_session_restored_twice_from_an_image_loses_no_new_scan(void **state)
{
    (void)state;
    connect();
    keep_image();
    scan(6);
    connect();
    for (int i = 0; i < 2; i++) {
        restore_image();
        scan(4);
        connect();
        scan(1);
        check_each_scan_has_one_effect();
        assert_int_equal(world_boot(&world), FW_OK); /* it remembers its new epoch */
        scan(1);
        check_each_scan_has_one_effect();
    }
}

static void test_session_renewed_epoch_is_said_online_before_its_records(void **state)
{
    (void)state;
    connect();
    keep_image();
    scan(6);
    connect();
    restore_image();
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    uint32_t states = world.state_count;
    answer(false);
    assert_true(world.is_reconnect_due); /* the will of this connection names the one before */
    assert_false(world.session.is_link_up);
    world_tick(&world);
    assert_int_equal(world.state_count, states + 1);
    char wanted[FW_SESSION_EPOCH_SIZE];
    char will[FW_SESSION_STATE_BYTES_MAX + 1] = { 0 };
    fw_session_epoch(&world.session, wanted);
    assert_true(fw_session_will(&world.session, will, sizeof(will) - 1) > 0);
    assert_non_null(strstr(will, wanted));
    assert_string_equal(world.up.epoch, wanted);
    assert_non_null(strstr(world.state_text, wanted));
    assert_memory_not_equal(world.session.stored.log.told_epoch, world.log.epoch, FW_EPOCH_BYTES);
}

/* Records go into the second block of the log from now on. */
static void fill_first_block(void)
{
    connect();
    while (world.log.chain[world.log.chain_count - 1].block == 0) {
        scan_count = 0;
        scan(1);
        connect();
    }
    scan_count = 0;
    memset(effects, 0, sizeof(effects));
}

/* The newest block does not say any more what it is. */
static void lose_second_block(void)
{
    world.flash.bytes[BLOCK_BYTES] ^= 1;
    assert_int_equal(world_boot(&world), FW_OK);
}

static void test_session_without_its_newest_block_loses_no_new_scan(void **state)
{
    (void)state;
    fill_first_block();
    scan(9);
    connect();
    lose_second_block();
    scan(3);
    assert_int_equal(world_boot(&world), FW_OK); /* before it was connected */
    scan(3);
    check_each_scan_has_one_effect();
}

/* Its epoch was renewed at a number that it has not reached again. */
static void test_session_renewed_and_without_its_newest_block_loses_no_new_scan(void **state)
{
    (void)state;
    fill_first_block();
    scan(5);
    connect();
    keep_image();
    scan(3);
    connect();
    restore_image();
    connect();
    lose_second_block();
    scan(20); /* beyond that number */
    assert_int_equal(world_boot(&world), FW_OK);
    scan(1);
    check_each_scan_has_one_effect();
}

static void test_session_on_ack_with_flash_that_fails_asks_again(void **state)
{
    (void)state;
    connect();
    keep_image();
    scan(6);
    connect();
    restore_image();
    scan(2);
    memset(world.flash.program_fails, true, sizeof(world.flash.program_fails));
    fw_session_on_link(&world.session, true);
    for (int i = 0; i < 2; i++) {
        world_tick(&world);
        assert_int_equal(world.up.records_count, 0);
        answer(false);
        world.mono_ms = world.session.resend_at_ms;
    }
    assert_memory_equal(world.session.stored.log.told_epoch, world.log.epoch, FW_EPOCH_BYTES);
    memset(world.flash.program_fails, false, sizeof(world.flash.program_fails));
    check_each_scan_has_one_effect();
}

/* From the restored flash on, until all is told; power goes at that step. */
static void work_restored(void)
{
    scan(5);
    connect();
    scan(2);
    connect();
}

static void test_session_power_cut_at_every_step_after_a_restore_loses_no_new_scan(void **state)
{
    uint64_t steps = 1;
    for (uint64_t step = 0; step < steps; step++) {
        for (int cut = FW_FAKE_CUT_BEFORE; cut <= FW_FAKE_CUT_AFTER; cut++) {
            setup(state);
            connect();
            scan(3);
            connect();
            scan(2);
            keep_image();
            scan(7);
            connect();
            restore_image();
            uint64_t begin = world.flash.step_count;
            fw_fake_flash_cut_in(&world.flash, step, (enum fw_fake_cut)cut, step);
            work_restored();
            if (!world.flash.is_off)
                steps = step; /* that was all of it */
            else
                steps = world.flash.step_count - begin + 2;
            assert_int_equal(world_boot(&world), FW_OK);
            scan(1);
            check_each_scan_has_one_effect();
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

/* Unlocks of a bank: what is told, and what is never done. */
#include "bank_world.h"

static struct bank_world world;

static int set_up(void **state)
{
    (void)state;
    bank_world_init(&world);
    return 0;
}

static void test_unlock_cu16_opens_once_and_tells_effect_before_door(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 2);
    bank_start(&world, 16);
    bank_run_for(&world, 1000);
    world.event_count = 0;
    assert_int_equal(fw_bank_unlock(&world.bank, 16, world.now_ms), FW_OK);
    assert_true(fw_bank_is_busy(&world.bank, 16));
    assert_false(fw_bank_is_busy(&world.bank, 15));
    bank_run_for(&world, 1000);
    assert_int_equal(bank_pulses(board), 1);
    assert_int_equal(board->pulses[15], 1);
    assert_int_equal(world.event_count, 3); /* opening, effect, open */
    assert_int_equal(world.events[0].door, FW_DOOR_OPENING);
    assert_int_equal(world.events[1].kind, FW_BANK_EFFECT);
    assert_int_equal(world.events[1].effect, FW_UNLOCK_OPENED);
    assert_int_equal(world.events[2].door, FW_DOOR_OPEN);
    fw_fake_board_close(board, 15);
    board->presence_bits = 0x8000;
    bank_run_for(&world, 1000);
    assert_int_equal(bank_last(&world, FW_BANK_DOOR, 16).door, FW_DOOR_CLOSED);
    assert_int_equal(bank_last(&world, FW_BANK_DOOR, 16).presence, FW_PRESENCE_PRESENT);
    assert_false(fw_bank_is_busy(&world.bank, 16));
    assert_int_equal(bank_count(&world, FW_BANK_EFFECT, 16), 1);
    assert_int_equal(bank_pulses(board), 1);
}

static void test_unlock_cu12_taken_but_jammed_is_jammed_after_one_pulse(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu12, 0);
    bank_start(&world, 12);
    bank_run_for(&world, 1000);
    board->jammed_bits = 0x0004;
    assert_int_equal(fw_bank_unlock(&world.bank, 3, world.now_ms), FW_OK);
    bank_run_for(&world, 2900);
    assert_int_equal(bank_count(&world, FW_BANK_EFFECT, 3), 0);
    bank_run_for(&world, 200);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 3).effect, FW_UNLOCK_JAMMED);
    assert_int_equal(bank_door(&world, 3), FW_DOOR_JAMMED);
    assert_int_equal(board->pulses[2], 1);
}

static void test_unlock_cu12_refuses_is_asked_again_then_jammed(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu12, 0);
    bank_start(&world, 12);
    bank_run_for(&world, 1000);
    board->refusal = 0x11;
    int writes = world.lines[0].writes - board->statuses;
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    bank_run_for(&world, 3200);
    assert_int_equal(world.lines[0].writes - board->statuses - writes, FW_PULSES_MAX);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 1).effect, FW_UNLOCK_JAMMED);
    assert_false(fw_bank_board_is_silent(&world.bank, 0)); /* it does answer */
}

static void test_unlock_pulse_lost_on_the_way_is_repeated(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 2);
    bank_run_for(&world, 1000);
    board->pulse_lost = 2;
    fw_bank_unlock(&world.bank, 2, world.now_ms);
    bank_run_for(&world, 3500);
    assert_int_equal(board->pulses[1], 3);
    assert_int_equal(bank_count(&world, FW_BANK_EFFECT, 2), 1);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 2).effect, FW_UNLOCK_OPENED);
}

static void test_unlock_open_door_is_already_open_without_pulse(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    fw_fake_board_open(board, 0);
    bank_run_for(&world, 1000);
    assert_int_equal(fw_bank_unlock(&world.bank, 1, world.now_ms), FW_OK);
    assert_int_equal(fw_bank_unlock(&world.bank, 1, world.now_ms), FW_E_FULL);
    assert_int_equal(bank_count(&world, FW_BANK_EFFECT, 1), 0); /* told by a later step */
    bank_step(&world);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 1).effect, FW_UNLOCK_ALREADY_OPEN);
    bank_run_for(&world, 4000);
    assert_int_equal(bank_count(&world, FW_BANK_EFFECT, 1), 1);
    assert_int_equal(bank_pulses(board), 0);
}

static void test_unlock_wrong_or_busy_compartment_is_refused(void **state)
{
    (void)state;
    bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 2);
    assert_int_equal(fw_bank_unlock(&world.bank, 0, 0), FW_E_INVALID);
    assert_int_equal(fw_bank_unlock(&world.bank, 3, 0), FW_E_INVALID);
    assert_int_equal(fw_bank_unlock(&world.bank, 2, 0), FW_OK);
    assert_int_equal(fw_bank_unlock(&world.bank, 2, 0), FW_E_FULL);
    assert_int_equal(fw_bank_unlock(&world.bank, 1, 0), FW_OK);
}

static void test_unlock_dead_board_is_no_answer_and_nothing_moves_later(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    board->is_mute = true;
    bank_run_for(&world, 3000);
    assert_true(fw_bank_board_is_silent(&world.bank, 0));
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    bank_run_for(&world, 3100);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 1).effect, FW_UNLOCK_NO_ANSWER);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_UNKNOWN);
    board->is_mute = false;
    bank_run_for(&world, 10000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_CLOSED);
    assert_int_equal(bank_pulses(board), 0);
}

static void test_unlock_dead_board_back_in_time_opens(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    board->is_mute = true;
    bank_run_for(&world, 20000); /* the pauses are at their longest */
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    bank_run_for(&world, 1000);
    board->is_mute = false;
    bank_run_for(&world, 2500);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 1).effect, FW_UNLOCK_OPENED);
    assert_int_equal(bank_pulses(board), 1);
}

static void test_unlock_board_dies_after_the_pulse_is_no_answer(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    bank_run_for(&world, 1000);
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    bank_step(&world);
    assert_int_equal(bank_pulses(board), 1);
    board->is_mute = true;
    bank_run_for(&world, 3100);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 1).effect, FW_UNLOCK_NO_ANSWER);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_UNKNOWN);
    board->is_mute = false;
    bank_run_for(&world, 6000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_OPEN);
    assert_int_equal(bank_count(&world, FW_BANK_ALARM, 1), 0); /* we pulsed it: not forced */
    assert_int_equal(bank_pulses(board), 1);
}

/* The firmware stood still (a debugger, a stopped process) while the unlock grew old. */
static void test_unlock_step_comes_too_late_nothing_is_pulsed(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    bank_run_for(&world, 1000);
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    world.now_ms += FW_DOOR_JAM_MS;
    bank_run_for(&world, 5000);
    assert_int_equal(bank_pulses(board), 0);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 1).effect, FW_UNLOCK_NO_ANSWER);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_CLOSED);
}

static void test_map_in_order_goes_on_over_boards(void **state)
{
    (void)state;
    bank_add_board(&world, 0, &fw_cu12, 0);
    bank_add_board(&world, 0, &fw_cu12, 1);
    assert_int_equal(fw_bank_map_in_order(&world.config, 16, 0), FW_OK);
    assert_int_equal(world.config.locks[11].board, 0);
    assert_int_equal(world.config.locks[12].board, 1);
    assert_int_equal(world.config.locks[12].lock, 0);
    assert_int_equal(fw_bank_map_in_order(&world.config, 17, 0), FW_E_INVALID);
    assert_int_equal(fw_bank_map_in_order(&world.config, 0, 0), FW_E_INVALID);
    world.config.board_count = 1;
    assert_int_equal(fw_bank_map_in_order(&world.config, 13, 0), FW_E_INVALID);
    assert_int_equal(world.config.compartment_count, 12);
}

static void test_map_in_order_uses_so_many_locks_of_each_board(void **state)
{
    (void)state;
    bank_add_board(&world, 0, &fw_cu12, 0);
    bank_add_board(&world, 0, &fw_cu12, 1);
    assert_int_equal(fw_bank_map_in_order(&world.config, 6, 5), FW_OK);
    assert_int_equal(world.config.compartment_count, 6);
    assert_int_equal(world.config.locks[4].board, 0);
    assert_int_equal(world.config.locks[5].board, 1);
    assert_int_equal(world.config.locks[5].lock, 0);
    assert_int_equal(fw_bank_map_in_order(&world.config, 11, 5), FW_E_INVALID);
    assert_int_equal(world.config.compartment_count, 10);
    assert_int_equal(fw_bank_map_in_order(&world.config, 16, 13), FW_OK); /* a board has 12 */
    assert_int_equal(world.config.locks[12].board, 1);
}

static void expect_refused(struct fw_bank_config config)
{
    assert_int_equal(bank_init(&world, &config), FW_E_INVALID);
}

static void test_init_wrong_config_is_refused(void **state)
{
    (void)state;
    bank_add_board(&world, 0, &fw_cu12, 0);
    bank_add_board(&world, 0, &fw_cu12, 1);
    bank_start(&world, 14);
    const struct fw_bank_config good = world.config;
    struct fw_bank_config bad = good;
    bad.board_count = 0;
    expect_refused(bad);
    bad.board_count = FW_BANK_BOARDS_MAX + 1;
    expect_refused(bad);
    bad = good;
    bad.compartment_count = 0;
    expect_refused(bad);
    bad.compartment_count = FW_BANK_COMPARTMENTS_MAX + 1;
    expect_refused(bad);
    bad = good;
    bad.boards[1].address = 0; /* two of one address on one line */
    expect_refused(bad);
    bad.boards[1].uart = &world.lines[1].uart; /* but not on two */
    assert_int_equal(bank_init(&world, &bad), FW_OK);
    bad = good;
    bad.boards[0].address = 17;
    expect_refused(bad);
    bad = good;
    bad.locks[1] = bad.locks[0];
    expect_refused(bad);
    bad = good;
    bad.locks[0].lock = 12;
    expect_refused(bad);
    bad = good;
    bad.locks[0].board = 2;
    expect_refused(bad);
    bad = good;
    bad.timers.escalate_ms = bad.timers.remind_ms;
    expect_refused(bad);
    bad = good;
    bad.timers.jam_ms = 0;
    expect_refused(bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_unlock_cu16_opens_once_and_tells_effect_before_door, set_up),
        cmocka_unit_test_setup(test_unlock_cu12_taken_but_jammed_is_jammed_after_one_pulse, set_up),
        cmocka_unit_test_setup(test_unlock_cu12_refuses_is_asked_again_then_jammed, set_up),
        cmocka_unit_test_setup(test_unlock_pulse_lost_on_the_way_is_repeated, set_up),
        cmocka_unit_test_setup(test_unlock_open_door_is_already_open_without_pulse, set_up),
        cmocka_unit_test_setup(test_unlock_wrong_or_busy_compartment_is_refused, set_up),
        cmocka_unit_test_setup(test_unlock_dead_board_is_no_answer_and_nothing_moves_later, set_up),
        cmocka_unit_test_setup(test_unlock_dead_board_back_in_time_opens, set_up),
        cmocka_unit_test_setup(test_unlock_board_dies_after_the_pulse_is_no_answer, set_up),
        cmocka_unit_test_setup(test_unlock_step_comes_too_late_nothing_is_pulsed, set_up),
        cmocka_unit_test_setup(test_map_in_order_goes_on_over_boards, set_up),
        cmocka_unit_test_setup(test_map_in_order_uses_so_many_locks_of_each_board, set_up),
        cmocka_unit_test_setup(test_init_wrong_config_is_refused, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

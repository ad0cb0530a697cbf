/* A bank and its lines: boards that are dead, late, garbled or talk too much, lines that go. */
#include "bank_world.h"

static struct bank_world world;

static int set_up(void **state)
{
    (void)state;
    bank_world_init(&world);
    return 0;
}

static void test_step_all_boards_answer_doors_are_known(void **state)
{
    (void)state;
    struct fw_fake_board *first = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_add_board(&world, 1, &fw_cu12, 3);
    first->presence_bits = 0x0001;
    bank_start(&world, 16);
    bank_run_for(&world, 300);
    for (uint8_t i = 1; i <= 16; i++)
        assert_int_equal(bank_door(&world, i), FW_DOOR_CLOSED);
    assert_int_equal(fw_bank_compartment(&world.bank, 1)->presence, FW_PRESENCE_PRESENT);
    assert_int_equal(fw_bank_compartment(&world.bank, 2)->presence, FW_PRESENCE_ABSENT);
    assert_int_equal(bank_count(&world, FW_BANK_BOARD, 0), 2);
    assert_false(bank_last(&world, FW_BANK_BOARD, 0).is_silent);
    assert_int_equal(bank_pulses(first), 0); /* nothing opens because of a start */
}

static void test_step_dead_board_others_go_on(void **state)
{
    (void)state;
    struct fw_fake_board *dead = bank_add_board(&world, 0, &fw_cu16, 0);
    struct fw_fake_board *live = bank_add_board(&world, 0, &fw_cu16, 1);
    struct fw_fake_board *other = bank_add_board(&world, 1, &fw_cu12, 0);
    for (uint8_t i = 0; i < 3; i++)
        world.config.locks[i] = (struct fw_bank_lock){ .board = i, .lock = 0 };
    world.config.compartment_count = 3;
    assert_int_equal(bank_init(&world, &world.config), FW_OK);
    dead->is_mute = true;
    bank_run_for(&world, 30000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_UNKNOWN);
    assert_true(live->statuses >= 45);
    assert_true(other->statuses >= 58);
    assert_int_equal(world.lines[0].reopens, 0); /* the line is fine: a neighbour answers */
    fw_bank_unlock(&world.bank, 2, world.now_ms);
    fw_bank_unlock(&world.bank, 3, world.now_ms);
    bank_run_for(&world, 1500);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 2).effect, FW_UNLOCK_OPENED);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 3).effect, FW_UNLOCK_OPENED);
}

static void test_step_silent_board_is_told_after_three_and_again_when_back(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 2);
    bank_run_for(&world, 1000);
    world.event_count = 0;
    board->is_mute = true;
    bank_run_for(&world, 700);
    assert_int_equal(world.event_count, 0);
    bank_run_for(&world, 2000);
    assert_int_equal(bank_count(&world, FW_BANK_BOARD, 0), 1);
    assert_true(bank_last(&world, FW_BANK_BOARD, 0).is_silent);
    assert_int_equal(bank_last(&world, FW_BANK_DOOR, 2).door, FW_DOOR_UNKNOWN);
    assert_int_equal(bank_last(&world, FW_BANK_DOOR, 2).presence, FW_PRESENCE_UNKNOWN);
    assert_int_equal(bank_count(&world, FW_BANK_DOOR, 2), 1);
    board->is_mute = false;
    bank_run_for(&world, 6000);
    assert_int_equal(bank_count(&world, FW_BANK_BOARD, 0), 2);
    assert_false(bank_last(&world, FW_BANK_BOARD, 0).is_silent);
    assert_int_equal(bank_last(&world, FW_BANK_DOOR, 2).door, FW_DOOR_CLOSED);
}

static void test_step_pauses_grow_to_their_maximum(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    board->is_mute = true;
    bank_run_for(&world, 60000);
    int writes = world.lines[0].writes;
    assert_in_range(writes, 12, 18); /* 6 while it grows to 5 s, then one each 5.5 s */
    bank_run_for(&world, 55000);
    assert_in_range(world.lines[0].writes - writes, 9, 11);
}

static void test_step_stuck_line_is_reopened_after_five_failures(void **state)
{
    (void)state;
    bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    bank_run_for(&world, 1000);
    world.lines[0].is_stuck = true;
    bank_run_for(&world, 15000);
    assert_int_equal(world.lines[0].reopens, 1);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_CLOSED);
}

static void test_step_line_that_is_gone_is_opened_when_it_is_back(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    bank_run_for(&world, 1000);
    world.lines[0].is_gone = true;
    bank_run_for(&world, 9000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_UNKNOWN);
    assert_true(world.lines[0].reopens >= 3);
    world.lines[0].is_gone = false;
    bank_run_for(&world, 6000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_CLOSED);
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    bank_run_for(&world, 1000);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 1).effect, FW_UNLOCK_OPENED);
    assert_int_equal(bank_pulses(board), 1);
}

/* Goes while a request is under way: the read fails, not the write. */
static void test_step_line_gone_while_waiting_is_a_failure(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    board->delay_ms = 100;
    bank_start(&world, 1);
    bank_step(&world);
    world.lines[0].is_gone = true;
    world.now_ms += BANK_TICK_MS;
    bank_step(&world);
    assert_int_equal(world.bank.boards[0].failures, 1);
    world.lines[0].is_gone = false;
    bank_run_for(&world, 1000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_CLOSED);
    assert_int_equal(world.lines[0].reopens, 1);
}

static void test_step_garbled_replies_are_asked_again(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu12, 0);
    bank_start(&world, 1);
    board->garbled = 2;
    bank_run_for(&world, 2000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_CLOSED);
    assert_false(fw_bank_board_is_silent(&world.bank, 0));
    assert_int_equal(bank_count(&world, FW_BANK_BOARD, 0), 1);
}

/* Always late by more than the first patience: it waits longer the second time. */
static void test_step_late_board_is_not_silent(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    board->delay_ms = 280;
    bank_start(&world, 1);
    bank_run_for(&world, 10000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_CLOSED);
    assert_int_equal(bank_count(&world, FW_BANK_BOARD, 0), 1);
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    bank_run_for(&world, 3500);
    assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 1).effect, FW_UNLOCK_OPENED);
    assert_int_equal(bank_count(&world, FW_BANK_BOARD, 0), 1);
}

/* An answer to the last request, read as the answer to this one, would show the past. */
static void test_step_stale_bytes_are_flushed_before_asking(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    bank_run_for(&world, 1000);
    const uint8_t open[] = { 0x02, 0x00, 0x35, 0x00, 0x00, 0x00, 0x00, 0x03, 0x3A };
    fw_fake_line_inject(&world.lines[0], open, sizeof(open), world.now_ms);
    fw_fake_line_inject(&world.lines[0], open, sizeof(open), world.now_ms);
    world.event_count = 0;
    board->delay_ms = 20;
    bank_run_for(&world, 3000);
    assert_int_equal(world.event_count, 0);
}

static void test_step_reply_of_another_board_is_not_taken(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    board->is_mute = true;
    bank_start(&world, 1);
    const uint8_t other[] = { 0x02, 0x10, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x48 };
    for (int i = 0; i < 500; i++) {
        fw_fake_line_inject(&world.lines[0], other, sizeof(other), world.now_ms);
        bank_run_for(&world, BANK_TICK_MS);
    }
    assert_int_equal(bank_door(&world, 1), FW_DOOR_UNKNOWN);
    assert_true(fw_bank_board_is_silent(&world.bank, 0));
}

static void test_step_echo_noise_and_single_bytes_are_understood(void **state)
{
    (void)state;
    for (int is_cu12 = 0; is_cu12 < 2; is_cu12++) {
        set_up(NULL);
        bank_add_board(&world, 0, is_cu12 ? &fw_cu12 : &fw_cu16, 0);
        world.lines[0].has_echo = true;
        world.lines[0].noise = 5;
        world.lines[0].chunk = 3;
        bank_start(&world, 4);
        bank_run_for(&world, 1000);
        fw_bank_unlock(&world.bank, 4, world.now_ms);
        bank_run_for(&world, 2000);
        assert_int_equal(bank_last(&world, FW_BANK_EFFECT, 4).effect, FW_UNLOCK_OPENED);
        assert_int_equal(bank_count(&world, FW_BANK_BOARD, 0), 1);
    }
}

static void test_step_cu12_status_refused_is_never_shown_as_closed(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu12, 0);
    board->status_refusal = 0x12;
    bank_start(&world, 1);
    bank_run_for(&world, 5000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_UNKNOWN);
    assert_true(fw_bank_board_is_silent(&world.bank, 0));
}

static void test_step_polarity_options_turn_the_bits(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    world.config.boards[0].is_hook_inverted = true;
    world.config.boards[0].is_presence_inverted = true;
    board->is_hook_inverted = true;
    board->presence_bits = 0x0002;
    bank_start(&world, 2);
    bank_run_for(&world, 1000);
    assert_int_equal(bank_door(&world, 1), FW_DOOR_CLOSED);
    assert_int_equal(fw_bank_compartment(&world.bank, 1)->presence, FW_PRESENCE_PRESENT);
    assert_int_equal(fw_bank_compartment(&world.bank, 2)->presence, FW_PRESENCE_ABSENT);
    fw_fake_board_open(board, 1);
    bank_run_for(&world, 1000);
    assert_int_equal(bank_last(&world, FW_BANK_ALARM, 2).alarm, FW_ALARM_FORCED);
}

static void test_step_polls_fast_only_while_a_door_moves(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    bank_run_for(&world, 1000);
    int statuses = board->statuses;
    bank_run_for(&world, 10000);
    assert_in_range(board->statuses - statuses, 19, 20);
    board->jammed_bits = 1;
    statuses = board->statuses;
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    bank_run_for(&world, 3000);
    assert_in_range(board->statuses - statuses, 25, 30);
}

static void test_step_doors_of_sixteen_at_once_all_open(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 16);
    bank_run_for(&world, 1000);
    for (uint8_t i = 1; i <= 16; i++)
        assert_int_equal(fw_bank_unlock(&world.bank, i, world.now_ms), FW_OK);
    bank_run_for(&world, 1000);
    for (uint8_t i = 1; i <= 16; i++) {
        assert_int_equal(bank_last(&world, FW_BANK_EFFECT, i).effect, FW_UNLOCK_OPENED);
        assert_int_equal(board->pulses[i - 1], 1);
    }
}

static void test_step_open_for_long_alarms_then_cleared(void **state)
{
    (void)state;
    struct fw_fake_board *board = bank_add_board(&world, 0, &fw_cu16, 0);
    bank_start(&world, 1);
    bank_run_for(&world, 1000);
    fw_bank_unlock(&world.bank, 1, world.now_ms);
    bank_run_for(&world, 301000);
    assert_int_equal(bank_count(&world, FW_BANK_ALARM, 1), 3);
    assert_int_equal(bank_last(&world, FW_BANK_ALARM, 1).alarm, FW_ALARM_ALARM);
    fw_fake_board_close(board, 0);
    bank_run_for(&world, 1000);
    assert_int_equal(bank_count(&world, FW_BANK_ALARM, 1), 4);
    assert_int_equal(bank_last(&world, FW_BANK_ALARM, 1).alarm, FW_ALARM_CLEARED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_step_all_boards_answer_doors_are_known, set_up),
        cmocka_unit_test_setup(test_step_dead_board_others_go_on, set_up),
        cmocka_unit_test_setup(test_step_silent_board_is_told_after_three_and_again_when_back,
                               set_up),
        cmocka_unit_test_setup(test_step_pauses_grow_to_their_maximum, set_up),
        cmocka_unit_test_setup(test_step_stuck_line_is_reopened_after_five_failures, set_up),
        cmocka_unit_test_setup(test_step_line_that_is_gone_is_opened_when_it_is_back, set_up),
        cmocka_unit_test_setup(test_step_line_gone_while_waiting_is_a_failure, set_up),
        cmocka_unit_test_setup(test_step_garbled_replies_are_asked_again, set_up),
        cmocka_unit_test_setup(test_step_late_board_is_not_silent, set_up),
        cmocka_unit_test_setup(test_step_stale_bytes_are_flushed_before_asking, set_up),
        cmocka_unit_test_setup(test_step_reply_of_another_board_is_not_taken, set_up),
        cmocka_unit_test_setup(test_step_echo_noise_and_single_bytes_are_understood, set_up),
        cmocka_unit_test_setup(test_step_cu12_status_refused_is_never_shown_as_closed, set_up),
        cmocka_unit_test_setup(test_step_polarity_options_turn_the_bits, set_up),
        cmocka_unit_test_setup(test_step_polls_fast_only_while_a_door_moves, set_up),
        cmocka_unit_test_setup(test_step_doors_of_sixteen_at_once_all_open, set_up),
        cmocka_unit_test_setup(test_step_open_for_long_alarms_then_cleared, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

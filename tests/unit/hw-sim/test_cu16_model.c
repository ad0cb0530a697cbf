/* The KR-CU16 dialect, held to the frames that its documents give (golden), and to the rule that no
 * answer opens a door. */
#include "board_world.h"

static struct board_world world;

static const uint8_t status_0[] = { 0x02, 0x00, 0x30, 0x03, 0x35 };
static const uint8_t unlock_0_1[] = { 0x02, 0x00, 0x31, 0x03, 0x36 };

static int fresh(void **state)
{
    (void)state;
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    board_world_init(&world, &options);
    return 0;
}

static void test_status_of_a_shut_board_answers_all_hooked(void **state)
{
    (void)state;
    assert_answer(&world, 0, status_0, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38);
    assert_int_equal(world.board.counts.status, 1);
    assert_int_equal(sim_heard_count(&world.heard, SIM_EVENT_POLL), 1);
}

static void test_status_with_open_doors_and_goods_sets_bit_0_for_lock_1(void **state)
{
    (void)state;
    assert_int_equal(sim_compartment_force(&world.boxes[0], 0), SIM_HAND_DONE);
    assert_int_equal(sim_compartment_force(&world.boxes[9], 0), SIM_HAND_DONE);
    assert_int_equal(sim_compartment_put(&world.boxes[0], "saw", 0), SIM_HAND_DONE);
    assert_int_equal(sim_compartment_put(&world.boxes[9], "drill", 0), SIM_HAND_DONE);
    assert_answer(&world, 0, status_0, 0x02, 0x00, 0x35, 0xFE, 0xFD, 0x01, 0x02, 0x03, 0x38);
}

static void test_unlock_pulses_one_lock_says_nothing_and_opens_after_50_ms(void **state)
{
    (void)state;
    assert_silence(&world, 1000, unlock_0_1);
    assert_int_equal(world.boxes[0].pulse_count, 1);
    for (uint32_t i = 1; i < SIM_LOCKS_MAX; i++)
        assert_int_equal(world.boxes[i].pulse_count, 0);
    assert_answer(&world, 1049, status_0, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38);
    assert_answer(&world, 1050, status_0, 0x02, 0x00, 0x35, 0xFE, 0xFF, 0x00, 0x00, 0x03, 0x37);
}

static void test_unlock_that_is_answered_still_opens_nothing_by_itself(void **state)
{
    (void)state;
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    options.answers_unlock = true;
    board_world_init(&world, &options);
    sim_compartment_set_latch_fault(&world.boxes[0], SIM_LATCH_JAMMED);
    assert_answer(&world, 0, unlock_0_1, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38);
    sim_board_advance(&world.board, 100000);
    assert_true(sim_compartment_is_hooked(&world.boxes[0]));
    assert_int_equal(sim_heard_count(&world.heard, SIM_EVENT_DOOR_AJAR), 0);
}

static void test_unlock_of_the_last_lock_uses_the_low_nibble(void **state)
{
    (void)state;
    static const uint8_t unlock_16[] = { 0x02, 0x0F, 0x31, 0x03, 0x45 };
    assert_silence(&world, 0, unlock_16);
    assert_int_equal(world.boxes[15].pulse_count, 1);
    assert_string_equal(sim_heard_detail(&world.heard, SIM_EVENT_REQUEST), "02 0F 31 03 45");
}

static void test_request_to_another_board_is_passed_over(void **state)
{
    (void)state;
    static const uint8_t status_1[] = { 0x02, 0x10, 0x30, 0x03, 0x45 };
    static const uint8_t unlock_1_1[] = { 0x02, 0x10, 0x31, 0x03, 0x46 };
    assert_silence(&world, 0, status_1);
    assert_silence(&world, 0, unlock_1_1);
    assert_int_equal(world.boxes[0].pulse_count, 0);
    assert_int_equal(world.board.counts.status + world.board.counts.unlock, 0);
}

static void test_board_1_answers_with_its_own_address(void **state)
{
    (void)state;
    static const uint8_t status_1[] = { 0x02, 0x10, 0x30, 0x03, 0x45 };
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    options.address = 1;
    board_world_init(&world, &options);
    assert_answer(&world, 0, status_1, 0x02, 0x10, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x48);
    assert_silence(&world, 0, status_0);
}

static void test_wrong_sum_is_silent_and_pulses_nothing(void **state)
{
    (void)state;
    static const uint8_t damaged[] = { 0x02, 0x00, 0x31, 0x03, 0x37 };
    assert_silence(&world, 0, damaged);
    assert_int_equal(world.board.counts.bad_sum, 1);
    assert_int_equal(world.boxes[0].pulse_count, 0);
}

static void test_unknown_command_is_silent(void **state)
{
    (void)state;
    static const uint8_t unlock_all[] = { 0x02, 0x00, 0x33, 0x03, 0x38 };
    assert_silence(&world, 0, unlock_all);
    assert_int_equal(world.board.counts.other, 1);
    assert_int_equal(world.boxes[0].pulse_count, 0);
}

static void test_garbage_before_a_request_is_skipped(void **state)
{
    (void)state;
    static const uint8_t noisy[] = { 0x55, 0x02, 0x02, 0xFF, 0x02, 0x00, 0x30, 0x03, 0x35 };
    assert_answer(&world, 0, noisy, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38);
    assert_int_equal(world.board.counts.skipped, 4);
}

static void test_half_a_request_is_forgotten_after_a_pause(void **state)
{
    (void)state;
    static const uint8_t half[] = { 0x02, 0x00, 0x31 };
    static const uint8_t rest[] = { 0x03, 0x36 };
    assert_silence(&world, 0, half);
    assert_silence(&world, SIM_BOARD_GAP_MS + 1, rest);
    assert_int_equal(world.boxes[0].pulse_count, 0);
    assert_int_equal(world.board.counts.skipped, 5);
    assert_answer(&world, 200, status_0, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38);
}

static void test_request_in_pieces_within_the_gap_is_heard(void **state)
{
    (void)state;
    static const uint8_t half[] = { 0x02, 0x00, 0x30 };
    static const uint8_t rest[] = { 0x03, 0x35 };
    assert_silence(&world, 0, half);
    assert_answer(&world, SIM_BOARD_GAP_MS, rest, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03,
                  0x38);
}

static void test_two_requests_in_one_piece_are_both_answered(void **state)
{
    (void)state;
    static const uint8_t both[] = { 0x02, 0x00, 0x30, 0x03, 0x35, 0x02, 0x00, 0x30, 0x03, 0x35 };
    uint8_t answer[SIM_TX_FRAME_BYTES];
    assert_int_equal(board_ask(&world, both, sizeof(both), 0, answer), 18);
}

static void test_inverted_switches_turn_every_bit(void **state)
{
    (void)state;
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    options.is_hook_inverted = true;
    options.is_presence_inverted = true;
    board_world_init(&world, &options);
    assert_int_equal(sim_compartment_force(&world.boxes[1], 0), SIM_HAND_DONE);
    assert_int_equal(sim_compartment_put(&world.boxes[1], "saw", 0), SIM_HAND_DONE);
    assert_answer(&world, 0, status_0, 0x02, 0x00, 0x35, 0x02, 0x00, 0xFD, 0xFF, 0x03, 0x38);
}

static void test_unwired_locks_read_unlocked_and_empty(void **state)
{
    (void)state;
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    sim_board_init(&world.board, "bare", &options, 1, NULL);
    sim_board_wire(&world.board, 2, &world.boxes[1]);
    assert_silence(&world, 0, unlock_0_1);
    assert_int_equal(world.board.counts.unlock, 1);
    assert_answer(&world, 0, status_0, 0x02, 0x00, 0x35, 0x02, 0x00, 0x00, 0x00, 0x03, 0x3C);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_status_of_a_shut_board_answers_all_hooked, fresh),
        cmocka_unit_test_setup(test_status_with_open_doors_and_goods_sets_bit_0_for_lock_1, fresh),
        cmocka_unit_test_setup(test_unlock_pulses_one_lock_says_nothing_and_opens_after_50_ms,
                               fresh),
        cmocka_unit_test_setup(test_unlock_that_is_answered_still_opens_nothing_by_itself, fresh),
        cmocka_unit_test_setup(test_unlock_of_the_last_lock_uses_the_low_nibble, fresh),
        cmocka_unit_test_setup(test_request_to_another_board_is_passed_over, fresh),
        cmocka_unit_test_setup(test_board_1_answers_with_its_own_address, fresh),
        cmocka_unit_test_setup(test_wrong_sum_is_silent_and_pulses_nothing, fresh),
        cmocka_unit_test_setup(test_unknown_command_is_silent, fresh),
        cmocka_unit_test_setup(test_garbage_before_a_request_is_skipped, fresh),
        cmocka_unit_test_setup(test_half_a_request_is_forgotten_after_a_pause, fresh),
        cmocka_unit_test_setup(test_request_in_pieces_within_the_gap_is_heard, fresh),
        cmocka_unit_test_setup(test_two_requests_in_one_piece_are_both_answered, fresh),
        cmocka_unit_test_setup(test_inverted_switches_turn_every_bit, fresh),
        cmocka_unit_test_setup(test_unwired_locks_read_unlocked_and_empty, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

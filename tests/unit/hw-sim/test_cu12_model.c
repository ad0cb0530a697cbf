/* The KR-CU12 dialect, held to the frames that its documents give (golden). */
#include <string.h>

#include "board_world.h"

static struct board_world world;

static const uint8_t status_0[] = { 0x02, 0x00, 0x00, 0x80, 0x00, 0x00, 0x03, 0x85 };
static const uint8_t unlock_3[] = { 0x02, 0x00, 0x02, 0x81, 0x00, 0x00, 0x03, 0x88 };

static int fresh(void **state)
{
    (void)state;
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU12);
    board_world_init(&world, &options);
    return 0;
}

static void test_status_with_lock_2_alone_locked_is_the_golden_answer(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sim_board_lock_count(SIM_BOARD_CU12); i++) {
        if (i != 1)
            assert_int_equal(sim_compartment_force(&world.boxes[i], 0), SIM_HAND_DONE);
    }
    assert_answer(&world, 0, status_0, 0x02, 0x00, 0x00, 0x80, 0x10, 0x02, 0x03, 0x99, 0x02, 0x00);
}

static void test_status_of_a_shut_board_has_12_bits(void **state)
{
    (void)state;
    assert_answer(&world, 0, status_0, 0x02, 0x00, 0x00, 0x80, 0x10, 0x02, 0x03, 0xA5, 0xFF, 0x0F);
}

static void test_unlock_3_is_acknowledged_before_the_door_moves(void **state)
{
    (void)state;
    assert_answer(&world, 0, unlock_3, 0x02, 0x00, 0x02, 0x81, 0x10, 0x00, 0x03, 0x98);
    assert_true(sim_compartment_is_hooked(&world.boxes[2]));
    assert_int_equal(world.boxes[2].pulse_count, 1);
    sim_board_advance(&world.board, 50);
    assert_false(sim_compartment_is_hooked(&world.boxes[2]));
}

static void test_unlock_of_a_jammed_lock_is_acknowledged_and_stays_shut(void **state)
{
    (void)state;
    sim_compartment_set_latch_fault(&world.boxes[2], SIM_LATCH_JAMMED);
    assert_answer(&world, 0, unlock_3, 0x02, 0x00, 0x02, 0x81, 0x10, 0x00, 0x03, 0x98);
    assert_answer(&world, 9000, status_0, 0x02, 0x00, 0x00, 0x80, 0x10, 0x02, 0x03, 0xA5, 0xFF,
                  0x0F);
}

static void test_unlock_of_a_lock_that_is_not_there_fails(void **state)
{
    (void)state;
    static const uint8_t unlock_14[] = { 0x02, 0x00, 0x0D, 0x81, 0x00, 0x00, 0x03, 0x93 };
    assert_answer(&world, 0, unlock_14, 0x02, 0x00, 0x0D, 0x81, 0x11, 0x00, 0x03, 0xA4);
}

static void test_unlock_all_pulses_every_lock(void **state)
{
    (void)state;
    static const uint8_t unlock_all[] = { 0x02, 0x00, 0x0C, 0x81, 0x00, 0x00, 0x03, 0x92 };
    assert_answer(&world, 0, unlock_all, 0x02, 0x00, 0x0C, 0x81, 0x10, 0x00, 0x03, 0xA2);
    for (uint32_t i = 0; i < sim_board_lock_count(SIM_BOARD_CU12); i++)
        assert_int_equal(world.boxes[i].pulse_count, 1);
}

static void test_unknown_command_is_told_as_unknown(void **state)
{
    (void)state;
    static const uint8_t version[] = { 0x02, 0x00, 0x00, 0x8F, 0x00, 0x00, 0x03, 0x94 };
    assert_answer(&world, 0, version, 0x02, 0x00, 0x00, 0x8F, 0x13, 0x00, 0x03, 0xA7);
    assert_int_equal(world.board.counts.other, 1);
}

static void test_wrong_sum_is_told_and_pulses_nothing(void **state)
{
    (void)state;
    static const uint8_t damaged[] = { 0x02, 0x00, 0x02, 0x81, 0x00, 0x00, 0x03, 0x89 };
    assert_answer(&world, 0, damaged, 0x02, 0x00, 0x02, 0x81, 0x14, 0x00, 0x03, 0x9C);
    assert_int_equal(world.boxes[2].pulse_count, 0);
    assert_int_equal(world.board.counts.bad_sum, 1);
}

static void test_request_with_data_counts_the_data_in_its_sum(void **state)
{
    (void)state;
    static const uint8_t time_set[] = {
        0x02, 0x00, 0x00, 0x82, 0x00, 0x02, 0x03, 0xBC, 0x01, 0x32
    };
    static const uint8_t damaged[] = { 0x02, 0x00, 0x00, 0x82, 0x00, 0x02, 0x03, 0xBC, 0x01, 0x33 };
    assert_answer(&world, 0, time_set, 0x02, 0x00, 0x00, 0x82, 0x13, 0x00, 0x03, 0x9A);
    assert_answer(&world, 0, damaged, 0x02, 0x00, 0x00, 0x82, 0x14, 0x00, 0x03, 0x9B);
}

static void test_answers_of_other_boards_are_no_requests(void **state)
{
    (void)state;
    static const uint8_t other[] = { 0x02, 0x00, 0x02, 0x81, 0x10, 0x00, 0x03, 0x98 };
    assert_silence(&world, 0, other);
    assert_int_equal(world.boxes[2].pulse_count, 0);
}

static void test_request_to_another_address_is_passed_over(void **state)
{
    (void)state;
    static const uint8_t unlock_at_1[] = { 0x02, 0x01, 0x02, 0x81, 0x00, 0x00, 0x03, 0x89 };
    assert_silence(&world, 0, unlock_at_1);
    assert_int_equal(world.boxes[2].pulse_count, 0);
}

static void test_refusing_fault_answers_failed_and_pulses_nothing(void **state)
{
    (void)state;
    struct sim_fault fault = { .kind = SIM_FAULT_REFUSE, .on = SIM_REQUEST_UNLOCK, .every_nth = 1 };
    assert_true(sim_board_add_fault(&world.board, &fault));
    assert_answer(&world, 0, unlock_3, 0x02, 0x00, 0x02, 0x81, 0x11, 0x00, 0x03, 0x99);
    assert_int_equal(world.boxes[2].pulse_count, 0);
}

static void test_any_length_byte_never_overruns_and_resynchronises(void **state)
{
    (void)state;
    for (int length = 0; length < 256; length++) {
        uint8_t frame[] = { 0x02, 0x00, 0x00, 0x80, 0x00, (uint8_t)length, 0x03, 0x00 };
        uint8_t answer[SIM_TX_FRAME_BYTES];
        int64_t now_ms = (int64_t)length * 1000;
        (void)board_ask(&world, frame, sizeof(frame), now_ms, answer);
        now_ms += SIM_BOARD_GAP_MS + 1;
        assert_answer(&world, now_ms, status_0, 0x02, 0x00, 0x00, 0x80, 0x10, 0x02, 0x03, 0xA5,
                      0xFF, 0x0F);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_status_with_lock_2_alone_locked_is_the_golden_answer, fresh),
        cmocka_unit_test_setup(test_status_of_a_shut_board_has_12_bits, fresh),
        cmocka_unit_test_setup(test_unlock_3_is_acknowledged_before_the_door_moves, fresh),
        cmocka_unit_test_setup(test_unlock_of_a_jammed_lock_is_acknowledged_and_stays_shut, fresh),
        cmocka_unit_test_setup(test_unlock_of_a_lock_that_is_not_there_fails, fresh),
        cmocka_unit_test_setup(test_unlock_all_pulses_every_lock, fresh),
        cmocka_unit_test_setup(test_unknown_command_is_told_as_unknown, fresh),
        cmocka_unit_test_setup(test_wrong_sum_is_told_and_pulses_nothing, fresh),
        cmocka_unit_test_setup(test_request_with_data_counts_the_data_in_its_sum, fresh),
        cmocka_unit_test_setup(test_answers_of_other_boards_are_no_requests, fresh),
        cmocka_unit_test_setup(test_request_to_another_address_is_passed_over, fresh),
        cmocka_unit_test_setup(test_refusing_fault_answers_failed_and_pulses_nothing, fresh),
        cmocka_unit_test_setup(test_any_length_byte_never_overruns_and_resynchronises, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

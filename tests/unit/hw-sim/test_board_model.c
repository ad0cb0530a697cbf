/* What goes wrong at a board, and several boards on one line, on a real pseudo terminal. */
#include <string.h>
#include <unistd.h>

#include "board_world.h"

static struct board_world world;

static const uint8_t status_0[] = { 0x02, 0x00, 0x30, 0x03, 0x35 };
static const uint8_t unlock_0_1[] = { 0x02, 0x00, 0x31, 0x03, 0x36 };
static const uint8_t all_shut[] = { 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38 };

static int fresh(void **state)
{
    (void)state;
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    board_world_init(&world, &options);
    return 0;
}

static void add_fault(enum sim_fault_kind kind, enum sim_request_kind on, uint32_t every_nth)
{
    struct sim_fault fault = { .kind = kind, .on = on, .every_nth = every_nth, .delay_ms = 400 };
    assert_true(sim_board_add_fault(&world.board, &fault));
}

static size_t ask(int64_t now_ms, uint8_t ret_bytes[SIM_TX_FRAME_BYTES])
{
    return board_ask(&world, status_0, sizeof(status_0), now_ms, ret_bytes);
}

static void test_dropped_answer_to_an_unlock_opens_all_the_same(void **state)
{
    (void)state;
    world.board.options.answers_unlock = true;
    add_fault(SIM_FAULT_DROP, SIM_REQUEST_UNLOCK, 1);
    assert_silence(&world, 0, unlock_0_1);
    sim_board_advance(&world.board, 1000);
    assert_false(sim_compartment_is_hooked(&world.boxes[0]));
    assert_int_equal(world.board.counts.unlock, 1);
    assert_int_equal(world.board.counts.replies, 0);
    assert_string_equal(sim_heard_detail(&world.heard, SIM_EVENT_FAULT), "drop");
}

static void test_deaf_board_does_nothing_and_is_not_counted(void **state)
{
    (void)state;
    add_fault(SIM_FAULT_DEAF, SIM_REQUEST_ANY, 1);
    assert_silence(&world, 0, unlock_0_1);
    assert_silence(&world, 0, status_0);
    assert_int_equal(world.boxes[0].pulse_count, 0);
    assert_int_equal(world.board.counts.unlock, 0);
    assert_int_equal(world.board.counts.faults, 2);
}

static void test_every_third_status_dropped_leaves_the_others(void **state)
{
    (void)state;
    uint8_t answer[SIM_TX_FRAME_BYTES];
    add_fault(SIM_FAULT_DROP, SIM_REQUEST_STATUS, 3);
    for (int i = 1; i <= 9; i++)
        assert_int_equal(ask(i * 100, answer), i % 3 == 0 ? 0 : sizeof(all_shut));
}

static void test_delayed_answer_tells_the_switches_as_they_were_when_asked(void **state)
{
    (void)state;
    uint8_t answer[SIM_TX_FRAME_BYTES];
    add_fault(SIM_FAULT_DELAY, SIM_REQUEST_ANY, 1);
    assert_int_equal(ask(0, answer), 0);
    assert_int_equal(sim_board_next_due_ms(&world.board), 400 + SIM_BOARD_REPLY_MS);
    assert_int_equal(sim_compartment_force(&world.boxes[0], 100), SIM_HAND_DONE);
    assert_int_equal(sim_board_take(&world.board, 404, answer, sizeof(answer)), 0);
    assert_int_equal(sim_board_take(&world.board, 405, answer, sizeof(answer)), sizeof(all_shut));
    assert_memory_equal(answer, all_shut, sizeof(all_shut));
}

static void test_garbled_answer_differs_in_exactly_one_bit(void **state)
{
    (void)state;
    add_fault(SIM_FAULT_GARBLE, SIM_REQUEST_ANY, 1);
    for (int i = 0; i < 200; i++) {
        uint8_t answer[SIM_TX_FRAME_BYTES];
        assert_int_equal(ask(i * 100, answer), sizeof(all_shut));
        int bits = 0;
        for (size_t b = 0; b < sizeof(all_shut); b++)
            bits += __builtin_popcount((unsigned)(answer[b] ^ all_shut[b]));
        assert_int_equal(bits, 1);
    }
}

static void test_truncated_answer_is_its_first_half(void **state)
{
    (void)state;
    uint8_t answer[SIM_TX_FRAME_BYTES];
    add_fault(SIM_FAULT_TRUNCATE, SIM_REQUEST_ANY, 1);
    assert_int_equal(ask(0, answer), sizeof(all_shut) / 2);
    assert_memory_equal(answer, all_shut, sizeof(all_shut) / 2);
}

static void test_noise_comes_before_a_whole_answer(void **state)
{
    (void)state;
    uint8_t answer[SIM_TX_FRAME_BYTES];
    add_fault(SIM_FAULT_NOISE, SIM_REQUEST_ANY, 1);
    size_t size = ask(0, answer);
    assert_true(size > sizeof(all_shut));
    assert_memory_equal(answer + size - sizeof(all_shut), all_shut, sizeof(all_shut));
}

static void test_fault_by_chance_is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    uint8_t answer[SIM_TX_FRAME_BYTES];
    struct sim_fault fault = { .kind = SIM_FAULT_DROP, .permille = 300 };
    bool dropped[2][200];
    for (int run = 0; run < 2; run++) {
        (void)fresh(state);
        assert_true(sim_board_add_fault(&world.board, &fault));
        for (int i = 0; i < 200; i++)
            dropped[run][i] = ask(i * 100, answer) == 0;
        assert_in_range(world.board.counts.faults, 30, 90);
    }
    assert_memory_equal(dropped[0], dropped[1], sizeof(dropped[0]));
}

static void test_fault_with_a_limit_ends(void **state)
{
    (void)state;
    struct sim_fault fault = { .kind = SIM_FAULT_DROP, .every_nth = 1, .times_max = 2 };
    assert_true(sim_board_add_fault(&world.board, &fault));
    assert_silence(&world, 0, status_0);
    assert_silence(&world, 100, status_0);
    assert_answer(&world, 200, status_0, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38);
}

static void test_faults_are_at_most_four_and_can_be_cleared(void **state)
{
    (void)state;
    struct sim_fault fault = { .kind = SIM_FAULT_DROP, .every_nth = 1 };
    for (int i = 0; i < SIM_BOARD_FAULTS_MAX; i++)
        assert_true(sim_board_add_fault(&world.board, &fault));
    assert_false(sim_board_add_fault(&world.board, &fault));
    assert_silence(&world, 0, status_0);
    sim_board_clear_faults(&world.board);
    assert_answer(&world, 0, status_0, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38);
}

static void test_dead_board_forgets_what_it_was_about_to_say(void **state)
{
    (void)state;
    uint8_t answer[SIM_TX_FRAME_BYTES];
    sim_board_feed(&world.board, status_0, sizeof(status_0), 0);
    sim_board_feed(&world.board, unlock_0_1, 3, 0);
    sim_board_set_dead(&world.board, true);
    assert_int_equal(sim_board_take(&world.board, 100, answer, sizeof(answer)), 0);
    assert_silence(&world, 100, unlock_0_1);
    sim_board_set_dead(&world.board, false);
    assert_answer(&world, 110, status_0, 0x02, 0x00, 0x35, 0xFF, 0xFF, 0x00, 0x00, 0x03, 0x38);
    assert_int_equal(world.boxes[0].pulse_count, 0);
}

static void test_answers_beyond_the_queue_are_counted_as_overflow(void **state)
{
    (void)state;
    for (int i = 0; i < SIM_TX_FRAMES_MAX + 3; i++)
        sim_board_feed(&world.board, status_0, sizeof(status_0), 0);
    assert_int_equal(world.board.counts.overflows, 3);
}

static void test_any_bytes_never_pulse_a_lock_without_a_whole_request(void **state)
{
    (void)state;
    struct sim_rng rng;
    sim_rng_init(&rng, 7, "noise");
    for (int kind = SIM_BOARD_CU16; kind <= SIM_BOARD_CU12; kind++) {
        struct sim_board_options options = sim_board_options_default((enum sim_board_kind)kind);
        board_world_init(&world, &options);
        world.board.listener.fn = NULL;
        for (int i = 0; i < 100000; i++) {
            uint8_t answer[SIM_TX_FRAME_BYTES];
            uint8_t byte = (uint8_t)sim_rng_below(&rng, 256);
            byte = byte >= 0x31 && byte <= 0x33 ? 0x02 : byte == 0x81 ? 0x03 : byte;
            (void)board_ask(&world, &byte, 1, i, answer);
        }
        for (int i = 0; i < SIM_LOCKS_MAX; i++)
            assert_int_equal(world.boxes[i].pulse_count, 0);
        assert_true(world.board.counts.skipped > 50000);
    }
}

static struct sim_branch branch;

static void test_branch_with_two_boards_answers_on_the_line_for_each(void **state)
{
    (void)state;
    static const uint8_t status_1[] = { 0x02, 0x10, 0x30, 0x03, 0x45 };
    static const uint8_t from_1[] = { 0x02, 0x10, 0x35, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4A };
    static struct sim_board second;
    uint8_t answer[sizeof(all_shut)];
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    options.address = 1;
    options.byte_gap_ms = 1;
    sim_board_init(&second, "board-1", &options, 1, NULL);
    assert_int_equal(sim_branch_open(&branch, "line-0", NULL, NULL), KIT_OK);
    assert_int_equal(sim_branch_add(&branch, &world.board, NULL), KIT_OK);
    assert_int_equal(sim_branch_add(&branch, &second, NULL), KIT_OK);
    struct sim_model model = sim_branch_model(&branch);

    int fd = sim_open_line(branch.pty.path);
    sim_write_line(fd, status_0, sizeof(status_0));
    sim_pump_read(&model, fd, answer, sizeof(answer));
    assert_memory_equal(answer, all_shut, sizeof(all_shut));
    sim_write_line(fd, status_1, sizeof(status_1));
    sim_pump_read(&model, fd, answer, sizeof(answer));
    assert_memory_equal(answer, from_1, sizeof(from_1));

    sim_write_line(fd, unlock_0_1, sizeof(unlock_0_1));
    world.boxes[0].listener.fn = NULL;
    do {
        sim_write_line(fd, status_0, sizeof(status_0));
        sim_pump_read(&model, fd, answer, sizeof(answer));
    } while (answer[3] == 0xFF && world.board.counts.status < 10000);
    assert_int_equal(answer[3], 0xFE);
    assert_int_equal(close(fd), 0);
    sim_branch_close(&branch);
}

static void test_branch_add_of_a_board_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    static struct sim_board other;
    struct kit_error err;
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    assert_int_equal(sim_branch_open(&branch, "line-0", NULL, NULL), KIT_OK);
    assert_int_equal(sim_branch_add(&branch, &world.board, NULL), KIT_OK);
    sim_board_init(&other, "twin", &options, 1, NULL);
    assert_int_equal(sim_branch_add(&branch, &other, &err), KIT_E_INVALID);
    assert_non_null(strstr(err.text, "same address 0"));
    options = sim_board_options_default(SIM_BOARD_CU12);
    options.address = 1;
    sim_board_init(&other, "cu12", &options, 1, NULL);
    assert_int_equal(sim_branch_add(&branch, &other, &err), KIT_E_INVALID);
    assert_non_null(strstr(err.text, "two kinds"));
    options = sim_board_options_default(SIM_BOARD_CU16);
    options.address = 10;
    sim_board_init(&other, "far", &options, 1, NULL);
    assert_int_equal(sim_branch_add(&branch, &other, &err), KIT_E_INVALID);
    assert_non_null(strstr(err.text, "the highest is 9"));
    assert_int_equal(branch.board_count, 1);
    sim_branch_close(&branch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_dropped_answer_to_an_unlock_opens_all_the_same, fresh),
        cmocka_unit_test_setup(test_deaf_board_does_nothing_and_is_not_counted, fresh),
        cmocka_unit_test_setup(test_every_third_status_dropped_leaves_the_others, fresh),
        cmocka_unit_test_setup(test_delayed_answer_tells_the_switches_as_they_were_when_asked,
                               fresh),
        cmocka_unit_test_setup(test_garbled_answer_differs_in_exactly_one_bit, fresh),
        cmocka_unit_test_setup(test_truncated_answer_is_its_first_half, fresh),
        cmocka_unit_test_setup(test_noise_comes_before_a_whole_answer, fresh),
        cmocka_unit_test_setup(test_fault_by_chance_is_the_same_for_the_same_seed, fresh),
        cmocka_unit_test_setup(test_fault_with_a_limit_ends, fresh),
        cmocka_unit_test_setup(test_faults_are_at_most_four_and_can_be_cleared, fresh),
        cmocka_unit_test_setup(test_dead_board_forgets_what_it_was_about_to_say, fresh),
        cmocka_unit_test_setup(test_answers_beyond_the_queue_are_counted_as_overflow, fresh),
        cmocka_unit_test_setup(test_any_bytes_never_pulse_a_lock_without_a_whole_request, fresh),
        cmocka_unit_test_setup(test_branch_with_two_boards_answers_on_the_line_for_each, fresh),
        cmocka_unit_test_setup(test_branch_add_of_a_board_that_does_not_fit_is_refused, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

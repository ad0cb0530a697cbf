/* One line and one request at a time: which reply is taken, and which never. */
#include "fakes/cmocka_all.h"

#include "drivers/branch.h"
#include "drivers/cu12.h"
#include "drivers/cu16.h"
#include "fakes/fw_fake_line.h"

#define PATIENCE_MS 200

static const uint8_t status[] = { 0x02, 0x00, 0x00, 0x80, 0x10, 0x02, 0x03, 0x99, 0x02, 0x00 };
static const uint8_t status_refused[] = { 0x02, 0x00, 0x00, 0x80, 0x11, 0x00, 0x03, 0x96 };
static const uint8_t taken_third[] = { 0x02, 0x00, 0x02, 0x81, 0x10, 0x00, 0x03, 0x98 };
static const uint8_t taken_first[] = { 0x02, 0x00, 0x00, 0x81, 0x10, 0x00, 0x03, 0x96 };
static const uint8_t refused_first[] = { 0x02, 0x00, 0x00, 0x81, 0x11, 0x00, 0x03, 0x97 };

static struct fw_fake_line line; /* nobody is on it: replies are injected */
static struct fw_branch branch;
static struct fw_board_frame frame;

static int set_up(void **state)
{
    (void)state;
    fw_fake_line_init(&line);
    fw_branch_init(&branch, &line.uart);
    return 0;
}

static int begin(bool is_unlock, uint8_t lock)
{
    const struct fw_branch_request request = {
        .driver = &fw_cu12, .is_unlock = is_unlock, .lock = lock, .patience_ms = PATIENCE_MS
    };
    return fw_branch_begin(&branch, &request, line.now_ms);
}

static enum fw_branch_result hear(const uint8_t *bytes, size_t size)
{
    fw_fake_line_inject(&line, bytes, size, line.now_ms);
    return fw_branch_step(&branch, line.now_ms, &frame);
}

static void test_step_idle_says_so_and_is_never_due(void **state)
{
    (void)state;
    assert_int_equal(hear(status, sizeof(status)), FW_BRANCH_IDLE);
    assert_int_equal(fw_branch_due_ms(&branch), INT64_MAX);
}

static void test_step_unlock_takes_the_answer_for_its_lock_only(void **state)
{
    (void)state;
    assert_int_equal(begin(true, 2), FW_OK);
    assert_int_equal(hear(taken_first, sizeof(taken_first)), FW_BRANCH_WAITING);
    assert_int_equal(hear(refused_first, sizeof(refused_first)), FW_BRANCH_WAITING);
    assert_int_equal(hear(status, sizeof(status)), FW_BRANCH_WAITING);
    assert_int_equal(hear(status_refused, sizeof(status_refused)), FW_BRANCH_WAITING);
    assert_int_equal(branch.dropped_bytes, 8 + 8 + 10 + 8);
    assert_int_equal(hear(taken_third, sizeof(taken_third)), FW_BRANCH_REPLY);
    assert_int_equal(frame.reply, FW_BOARD_TAKEN);
    assert_int_equal(frame.lock, 2);
}

static void test_step_status_does_not_take_an_unlock_answer(void **state)
{
    (void)state;
    assert_int_equal(begin(false, 0), FW_OK);
    assert_int_equal(hear(taken_first, sizeof(taken_first)), FW_BRANCH_WAITING);
    assert_int_equal(hear(refused_first, sizeof(refused_first)), FW_BRANCH_WAITING);
    assert_int_equal(hear(status_refused, sizeof(status_refused)), FW_BRANCH_REPLY);
    assert_int_equal(frame.reply, FW_BOARD_REFUSED);
}

static void test_step_no_reply_until_due_ends(void **state)
{
    (void)state;
    assert_int_equal(begin(false, 0), FW_OK);
    assert_int_equal(fw_branch_due_ms(&branch), PATIENCE_MS);
    fw_fake_line_advance(&line, PATIENCE_MS - 1);
    assert_int_equal(hear(status, 9), FW_BRANCH_WAITING); /* its last byte is missing */
    fw_fake_line_advance(&line, PATIENCE_MS);
    assert_int_equal(fw_branch_step(&branch, line.now_ms, &frame), FW_BRANCH_NO_REPLY);
    assert_int_equal(fw_branch_step(&branch, line.now_ms, &frame), FW_BRANCH_IDLE);
}

/* What lay on the line, and what was read and not used, belongs to an earlier request. */
static void test_begin_forgets_all_that_came_before(void **state)
{
    (void)state;
    fw_fake_line_inject(&line, status, sizeof(status), line.now_ms);
    assert_int_equal(begin(false, 0), FW_OK);
    assert_int_equal(fw_branch_step(&branch, line.now_ms, &frame), FW_BRANCH_WAITING);

    fw_fake_line_inject(&line, status, sizeof(status), line.now_ms);
    assert_int_equal(hear(status, sizeof(status)), FW_BRANCH_REPLY); /* one of two read at once */
    assert_int_equal(begin(false, 0), FW_OK);
    assert_int_equal(hear(status, 1), FW_BRANCH_WAITING);
}

static void test_begin_line_gone_is_reopened_at_the_next(void **state)
{
    (void)state;
    line.is_gone = true;
    assert_int_equal(begin(false, 0), FW_E_IO);
    assert_int_equal(line.reopens, 0);
    assert_int_equal(begin(false, 0), FW_E_IO);
    assert_int_equal(line.reopens, 1);
    line.is_gone = false;
    assert_int_equal(begin(false, 0), FW_OK);
    assert_int_equal(line.reopens, 2);
    assert_int_equal(hear(status, sizeof(status)), FW_BRANCH_REPLY);
    assert_int_equal(begin(false, 0), FW_OK);
    assert_int_equal(line.reopens, 2);
}

static void test_step_endless_noise_ends_in_time(void **state)
{
    (void)state;
    uint8_t noise[FW_FAKE_LINE_BYTES_MAX];
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (uint8_t)(i % 3 == 0 ? 0x02 : i);
    assert_int_equal(begin(false, 0), FW_OK);
    for (int64_t now_ms = 0; now_ms < PATIENCE_MS; now_ms += 10) {
        fw_fake_line_advance(&line, now_ms);
        assert_int_equal(hear(noise, sizeof(noise)), FW_BRANCH_WAITING);
    }
    fw_fake_line_advance(&line, PATIENCE_MS);
    assert_int_equal(hear(noise, sizeof(noise)), FW_BRANCH_NO_REPLY);
}

/* An unlock that waits in the port must not leave when its caller has long been told. */
static void test_step_unlock_whose_time_is_up_is_taken_back(void **state)
{
    (void)state;
    struct fw_fake_board *board = fw_fake_line_add_board(&line, true, 0);
    line.is_stalled = true;
    assert_int_equal(begin(true, 2), FW_OK);
    fw_fake_line_advance(&line, PATIENCE_MS);
    assert_int_equal(fw_branch_step(&branch, line.now_ms, &frame), FW_BRANCH_NO_REPLY);
    fw_fake_line_unstall(&line);
    assert_int_equal(board->pulses[2], 0);
}

static void test_begin_takes_back_an_unlock_that_has_not_left(void **state)
{
    (void)state;
    struct fw_fake_board *board = fw_fake_line_add_board(&line, false, 0);
    struct fw_branch_request request = {
        .driver = &fw_cu16, .is_unlock = true, .lock = 4, .patience_ms = PATIENCE_MS
    };
    line.is_stalled = true;
    assert_int_equal(fw_branch_begin(&branch, &request, line.now_ms), FW_OK);
    fw_fake_line_advance(&line, FW_BRANCH_LEAVE_MS);
    assert_int_equal(fw_branch_step(&branch, line.now_ms, &frame), FW_BRANCH_REPLY);
    request.is_unlock = false;
    assert_int_equal(fw_branch_begin(&branch, &request, line.now_ms), FW_OK);
    fw_fake_line_unstall(&line);
    assert_int_equal(board->pulses[4], 0);
    assert_int_equal(board->statuses, 1);
}

/* Bytes that nobody asked for would wake the loop again and again. */
static void test_step_idle_drops_what_comes(void **state)
{
    (void)state;
    uint8_t byte;
    assert_int_equal(hear(status, sizeof(status)), FW_BRANCH_IDLE);
    assert_int_equal(line.uart.read(line.uart.self, &byte, 1), 0);
    assert_int_equal(branch.dropped_bytes, sizeof(status));
}

static void test_step_idle_on_a_line_that_went_reopens_it_at_the_next_request(void **state)
{
    (void)state;
    line.is_gone = true;
    assert_int_equal(fw_branch_step(&branch, line.now_ms, &frame), FW_BRANCH_IDLE);
    line.is_gone = false;
    assert_int_equal(begin(false, 0), FW_OK);
    assert_int_equal(line.reopens, 1);
}

static void test_begin_unlock_that_nobody_confirms_is_done_when_it_has_left(void **state)
{
    (void)state;
    const struct fw_branch_request request = {
        .driver = &fw_cu16, .address = 1, .is_unlock = true, .lock = 4, .patience_ms = PATIENCE_MS
    };
    assert_int_equal(fw_branch_begin(&branch, &request, 0), FW_OK);
    assert_int_equal(fw_branch_due_ms(&branch), FW_BRANCH_LEAVE_MS);
    assert_int_equal(fw_branch_step(&branch, FW_BRANCH_LEAVE_MS - 1, &frame), FW_BRANCH_WAITING);
    assert_int_equal(fw_branch_step(&branch, FW_BRANCH_LEAVE_MS, &frame), FW_BRANCH_REPLY);
    assert_int_equal(frame.reply, FW_BOARD_TAKEN);
    assert_int_equal(frame.lock, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_step_idle_says_so_and_is_never_due, set_up),
        cmocka_unit_test_setup(test_step_unlock_takes_the_answer_for_its_lock_only, set_up),
        cmocka_unit_test_setup(test_step_status_does_not_take_an_unlock_answer, set_up),
        cmocka_unit_test_setup(test_step_no_reply_until_due_ends, set_up),
        cmocka_unit_test_setup(test_begin_forgets_all_that_came_before, set_up),
        cmocka_unit_test_setup(test_begin_line_gone_is_reopened_at_the_next, set_up),
        cmocka_unit_test_setup(test_step_endless_noise_ends_in_time, set_up),
        cmocka_unit_test_setup(test_step_unlock_whose_time_is_up_is_taken_back, set_up),
        cmocka_unit_test_setup(test_begin_takes_back_an_unlock_that_has_not_left, set_up),
        cmocka_unit_test_setup(test_step_idle_drops_what_comes, set_up),
        cmocka_unit_test_setup(test_step_idle_on_a_line_that_went_reopens_it_at_the_next_request,
                               set_up),
        cmocka_unit_test_setup(test_begin_unlock_that_nobody_confirms_is_done_when_it_has_left,
                               set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

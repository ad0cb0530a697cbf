/* The KR-CU12 frames: golden vectors, refusals, and what is passed over. */
#include "fakes/cmocka_all.h"

#include <string.h>

#include "drivers/cu12.h"

#define STATUS_SIZE 10

static const uint8_t status[STATUS_SIZE] = { 0x02, 0x00, 0x00, 0x80, 0x10,
                                             0x02, 0x03, 0x99, 0x02, 0x00 };

static struct fw_board_frame decode_one(const uint8_t *bytes, size_t size)
{
    struct fw_board_frame frame = { 0 };
    bool is_found = false;
    assert_int_equal(fw_cu12.decode(bytes, size, &frame, &is_found), size);
    assert_true(is_found);
    return frame;
}

static void test_encode_golden_requests_match(void **state)
{
    (void)state;
    uint8_t bytes[FW_BOARD_REQUEST_BYTES_MAX];
    const uint8_t ask[] = { 0x02, 0x00, 0x00, 0x80, 0x00, 0x00, 0x03, 0x85 };
    assert_int_equal(fw_cu12.encode_status(0, bytes), sizeof(ask));
    assert_memory_equal(bytes, ask, sizeof(ask));
    const uint8_t unlock_third[] = { 0x02, 0x00, 0x02, 0x81, 0x00, 0x00, 0x03, 0x88 };
    assert_int_equal(fw_cu12.encode_unlock(0, 2, bytes), sizeof(unlock_third));
    assert_memory_equal(bytes, unlock_third, sizeof(unlock_third));
}

static void test_decode_golden_status_gives_bits(void **state)
{
    (void)state;
    struct fw_board_frame frame = decode_one(status, sizeof(status));
    assert_int_equal(frame.reply, FW_BOARD_STATUS);
    assert_int_equal(frame.address, 0);
    assert_int_equal(frame.hook_bits, 0x0002); /* lock 2 is locked */
    assert_int_equal(frame.presence_bits, 0);
}

static void test_decode_unlock_reply_is_taken_and_no_more(void **state)
{
    (void)state;
    const uint8_t reply[] = { 0x02, 0x00, 0x02, 0x81, 0x10, 0x00, 0x03, 0x98 };
    struct fw_board_frame frame = decode_one(reply, sizeof(reply));
    assert_int_equal(frame.reply, FW_BOARD_TAKEN);
    assert_int_equal(frame.lock, 2);
    assert_int_equal(frame.hook_bits, 0);
}

static void test_decode_each_refusal_is_refused(void **state)
{
    (void)state;
    for (uint8_t ask = 0x11; ask <= 0x14; ask++) {
        uint8_t reply[] = { 0x02, 0x05, 0x0B, 0x81, ask, 0x00, 0x03, 0 };
        reply[7] = (uint8_t)(0x02 + 0x05 + 0x0B + 0x81 + ask + 0x03);
        struct fw_board_frame frame = decode_one(reply, sizeof(reply));
        assert_int_equal(frame.reply, FW_BOARD_REFUSED);
        assert_true(frame.is_unlock);
        assert_int_equal(frame.address, 5);
        assert_int_equal(frame.lock, 11);

        reply[3] = 0x80;
        reply[7]--;
        frame = decode_one(reply, sizeof(reply));
        assert_int_equal(frame.reply, FW_BOARD_REFUSED);
        assert_false(frame.is_unlock);
    }
}

static void test_decode_any_part_of_a_status_waits(void **state)
{
    (void)state;
    struct fw_board_frame frame;
    for (size_t size = 0; size < STATUS_SIZE; size++) {
        bool is_found = true;
        assert_int_equal(fw_cu12.decode(status, size, &frame, &is_found), 0);
        assert_false(is_found);
    }
}

/* A turned bit in LEN may make it wait for more; it is never taken for a status. */
static void test_decode_any_turned_bit_is_never_a_status(void **state)
{
    (void)state;
    struct fw_board_frame frame;
    for (size_t bit = 0; bit < 8 * STATUS_SIZE; bit++) {
        uint8_t bytes[FW_BOARD_REPLY_BYTES_MAX] = { 0 };
        memcpy(bytes, status, sizeof(status));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bool is_found = true;
        size_t count = fw_cu12.decode(bytes, sizeof(bytes), &frame, &is_found);
        assert_false(is_found);
        assert_true(count > 0); /* so many bytes always decide */
    }
}

static void test_decode_status_of_other_length_is_passed_over(void **state)
{
    (void)state;
    const uint8_t reply[] = { 0x02, 0x00, 0x00, 0x80, 0x10, 0x01, 0x03, 0x98, 0x02 };
    struct fw_board_frame frame;
    bool is_found = true;
    assert_int_equal(fw_cu12.decode(reply, sizeof(reply), &frame, &is_found), 8);
    assert_false(is_found); /* and the last byte may begin a frame */
}

static void test_decode_after_own_echo_finds_the_status(void **state)
{
    (void)state;
    uint8_t bytes[8 + STATUS_SIZE] = { 0x02, 0x00, 0x00, 0x80, 0x00, 0x00, 0x03, 0x85 };
    memcpy(bytes + 8, status, sizeof(status));
    struct fw_board_frame frame;
    bool is_found = true;
    assert_int_equal(fw_cu12.decode(bytes, sizeof(bytes), &frame, &is_found), 8);
    assert_false(is_found);
    assert_int_equal(fw_cu12.decode(bytes + 8, STATUS_SIZE, &frame, &is_found), STATUS_SIZE);
    assert_true(is_found);
}

static void test_driver_says_what_the_board_can(void **state)
{
    (void)state;
    assert_string_equal(fw_cu12.name, "cu12");
    assert_int_equal(fw_cu12.lock_count, 12);
    assert_int_equal(fw_cu12.address_max, 16);
    assert_false(fw_cu12.has_presence);
    assert_true(fw_cu12.confirms_unlock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_golden_requests_match),
        cmocka_unit_test(test_decode_golden_status_gives_bits),
        cmocka_unit_test(test_decode_unlock_reply_is_taken_and_no_more),
        cmocka_unit_test(test_decode_each_refusal_is_refused),
        cmocka_unit_test(test_decode_any_part_of_a_status_waits),
        cmocka_unit_test(test_decode_any_turned_bit_is_never_a_status),
        cmocka_unit_test(test_decode_status_of_other_length_is_passed_over),
        cmocka_unit_test(test_decode_after_own_echo_finds_the_status),
        cmocka_unit_test(test_driver_says_what_the_board_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

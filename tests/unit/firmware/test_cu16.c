/* The KR-CU16 frames: golden vectors, and what is passed over. */
#include "fakes/cmocka_all.h"

#include <string.h>

#include "drivers/cu16.h"

#define STATUS_SIZE 9

/* Board 0: locks 2 to 16 locked, object in compartment 16. */
static const uint8_t status[STATUS_SIZE] = { 0x02, 0x00, 0x35, 0xFE, 0xFF, 0x00, 0x80, 0x03, 0xB7 };

static void test_encode_golden_requests_match(void **state)
{
    (void)state;
    uint8_t bytes[FW_BOARD_REQUEST_BYTES_MAX];
    const uint8_t ask[] = { 0x02, 0x00, 0x30, 0x03, 0x35 };
    assert_int_equal(fw_cu16.encode_status(0, bytes), sizeof(ask));
    assert_memory_equal(bytes, ask, sizeof(ask));
    const uint8_t unlock_first[] = { 0x02, 0x00, 0x31, 0x03, 0x36 };
    assert_int_equal(fw_cu16.encode_unlock(0, 0, bytes), sizeof(unlock_first));
    assert_memory_equal(bytes, unlock_first, sizeof(unlock_first));
    const uint8_t unlock_last[] = { 0x02, 0x9F, 0x31, 0x03, 0xD5 };
    assert_int_equal(fw_cu16.encode_unlock(9, 15, bytes), sizeof(unlock_last));
    assert_memory_equal(bytes, unlock_last, sizeof(unlock_last));
}

static void test_decode_status_gives_bits(void **state)
{
    (void)state;
    struct fw_board_frame frame;
    bool is_found = false;
    assert_int_equal(fw_cu16.decode(status, sizeof(status), &frame, &is_found), STATUS_SIZE);
    assert_true(is_found);
    assert_int_equal(frame.reply, FW_BOARD_STATUS);
    assert_int_equal(frame.address, 0);
    assert_int_equal(frame.hook_bits, 0xFFFE);
    assert_int_equal(frame.presence_bits, 0x8000);
}

static void test_decode_any_part_of_a_status_waits(void **state)
{
    (void)state;
    struct fw_board_frame frame;
    for (size_t size = 0; size < STATUS_SIZE; size++) {
        bool is_found = true;
        assert_int_equal(fw_cu16.decode(status, size, &frame, &is_found), 0);
        assert_false(is_found);
    }
}

static void test_decode_any_turned_bit_is_never_a_status(void **state)
{
    (void)state;
    struct fw_board_frame frame;
    for (size_t bit = 0; bit < 8 * STATUS_SIZE; bit++) {
        uint8_t bytes[STATUS_SIZE];
        memcpy(bytes, status, sizeof(bytes));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bool is_found = true;
        size_t count = fw_cu16.decode(bytes, sizeof(bytes), &frame, &is_found);
        assert_false(is_found);
        assert_in_range(count, 1, STATUS_SIZE);
    }
}

/* Two-wire adapters hear themselves; lines ring. Each byte of the noise alone, too. */
static void test_decode_after_echo_and_noise_finds_the_status(void **state)
{
    (void)state;
    uint8_t bytes[64] = { 0x02, 0x00, 0x30, 0x03, 0x35, 0x02, 0x02, 0x00, 0x35, 0xFF, 0x02 };
    size_t size = 11;
    memcpy(bytes + size, status, sizeof(status));
    size += sizeof(status);

    struct fw_board_frame frame;
    bool is_found = false;
    size_t start = 0;
    for (size_t turn = 0; turn < size && !is_found; turn++) {
        size_t count = fw_cu16.decode(bytes + start, size - start, &frame, &is_found);
        assert_true(count > 0);
        start += count;
    }
    assert_true(is_found);
    assert_int_equal(start, size);
    assert_int_equal(frame.hook_bits, 0xFFFE);
}

static void test_driver_says_what_the_board_can(void **state)
{
    (void)state;
    assert_string_equal(fw_cu16.name, "cu16");
    assert_int_equal(fw_cu16.lock_count, 16);
    assert_int_equal(fw_cu16.address_max, 9);
    assert_true(fw_cu16.has_presence);
    assert_false(fw_cu16.confirms_unlock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_golden_requests_match),
        cmocka_unit_test(test_decode_status_gives_bits),
        cmocka_unit_test(test_decode_any_part_of_a_status_waits),
        cmocka_unit_test(test_decode_any_turned_bit_is_never_a_status),
        cmocka_unit_test(test_decode_after_echo_and_noise_finds_the_status),
        cmocka_unit_test(test_driver_says_what_the_board_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The checksum is the one that everybody has, and sees each flipped bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/crc.h"

static void test_crc32_is_that_of_zlib(void **state)
{
    (void)state;
    assert_int_equal(kit_crc32(0, "", 0), 0);
    assert_int_equal(kit_crc32(0, "123456789", 9), 0xCBF43926);
}

static void test_crc32_of_pieces_is_that_of_the_whole(void **state)
{
    (void)state;
    assert_int_equal(kit_crc32(kit_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
}

static void test_crc32_every_flipped_bit_is_seen(void **state)
{
    uint8_t bytes[600];
    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    const uint32_t whole = kit_crc32(0, bytes, sizeof(bytes));
    for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(kit_crc32(0, bytes, sizeof(bytes)), whole);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc32_is_that_of_zlib),
        cmocka_unit_test(test_crc32_of_pieces_is_that_of_the_whole),
        cmocka_unit_test(test_crc32_every_flipped_bit_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

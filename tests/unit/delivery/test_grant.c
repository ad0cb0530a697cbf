/* Codes and MACs: golden values, computed apart from this code (Python's hmac), and how evenly
 * codes are spread. Pure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/domain/grant.h"
#include "fakes/mac_vectors.h"

static uint8_t KEY[KIT_MAC_BYTES];

static int make_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(KEY); i++)
        KEY[i] = (uint8_t)i;
    return 0;
}

static void assert_code(int64_t delivery, int64_t issue, const char *expected)
{
    char code[GRANT_CODE_SIZE];
    grant_code(KEY, (struct rental_id){ delivery }, issue, code);
    assert_string_equal(code, expected);
}

static void test_code_golden_values(void **state)
{
    (void)state;
    assert_code(1, 1, "29631600");
    assert_code(1, 2, "23010915");
    assert_code(12345, 7, "51159517");
    assert_code(10, 1, "09604920");  /* a leading zero is a digit */
    assert_code(135, 1, "08678554"); /* the first word would favour some codes: the second one */
    assert_code(201, 1, "49642665");
}

/* 40,000 codes over 10 first and 10 last digits: each digit within 5 standard deviations. */
static void test_code_digits_are_even(void **state)
{
    (void)state;
    enum { CODES = 40000 };
    int first[10] = { 0 }, last[10] = { 0 };
    char code[GRANT_CODE_SIZE];

    for (int64_t delivery = 1; delivery <= CODES; delivery++) {
        grant_code(KEY, (struct rental_id){ delivery }, 1, code);
        assert_int_equal(strspn(code, "0123456789"), GRANT_CODE_DIGITS);
        first[code[0] - '0']++;
        last[code[GRANT_CODE_DIGITS - 1] - '0']++;
    }
    for (int digit = 0; digit < 10; digit++) { /* sigma = sqrt(40000 * 0.1 * 0.9) = 60 */
        assert_in_range(first[digit], 3700, 4300);
        assert_in_range(last[digit], 3700, 4300);
    }
}

static void test_code_another_secret_gives_another(void **state)
{
    (void)state;
    uint8_t other[KIT_MAC_BYTES];
    char code[GRANT_CODE_SIZE];

    memcpy(other, KEY, sizeof(other));
    other[31] ^= 1;
    grant_code(other, (struct rental_id){ 1 }, 1, code);
    assert_string_not_equal(code, "29631600");
}

static void check_mac(const char *begin, const char *mac)
{
    struct mac_vector expected;
    mac_vector_find(begin, &expected);
    assert_string_equal(mac, expected.mac);
}

/* schemas/rules/devices.md 8.6 has the same, computed by Python's hmac. */
static void test_macs_are_those_of_the_rules(void **state)
{
    (void)state;
    struct grant_device device = { "main", "locker-1", KEY, GRANT_PROTOCOL_1 };
    const struct grant_command command = { "abababababababababababababababab", "unlock", 3,
                                           1767225630000, 4 };
    const struct grant_ack ack = { 4,
                                   "00112233445566778899aabbccddeeff",
                                   "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
                                   7,
                                   9,
                                   1790000000123 };
    struct grant grants[2] = {
        { .id = 77, .compartment = 3, .not_before_ms = 1, .expires_at_ms = 2 },
        { .id = 78, .compartment = 4, .not_before_ms = 5, .expires_at_ms = 6 },
    };
    const struct grant_config config = { 9, 1234567, grants, 2 };
    char mac[KIT_MAC_HEX_SIZE];

    for (size_t i = 0; i < 64; i++) {
        grants[0].code_hash[i] = "cd"[i % 2];
        grants[1].code_hash[i] = "ef"[i % 2];
    }
    grant_code_hash(&device, 77, "12345678", mac);
    check_mac("lockstock/v1/code", mac);
    grant_command_mac(&device, &command, mac);
    check_mac("lockstock/v1/cmd", mac);
    grant_config_mac(&device, &config, mac);
    check_mac("lockstock/v1/config", mac);
    device.protocol = GRANT_PROTOCOL_2;
    grant_command_mac(&device, &command, mac);
    check_mac("lockstock/v2/cmd", mac);
    grant_config_mac(&device, &config, mac);
    check_mac("lockstock/v2/config", mac);
    grant_ack_mac(&device, &ack, mac);
    check_mac("lockstock/v2/ack", mac);
}

/* The longest names and numbers still fit. */
static void test_config_mac_of_the_largest_configuration_fits(void **state)
{
    (void)state;
    char longest[48], mac[KIT_MAC_HEX_SIZE];
    static struct grant grants[GRANTS_MAX];

    memset(longest, 'l', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    for (size_t i = 0; i < GRANTS_MAX; i++) {
        grants[i] = (struct grant){ .id = GRANT_ID_MAX,
                                    .compartment = 16,
                                    .not_before_ms = GRANT_ID_MAX,
                                    .expires_at_ms = GRANT_ID_MAX };
        memset(grants[i].code_hash, 'f', 64);
    }
    const struct grant_device device = { longest, longest, KEY, GRANT_PROTOCOL_2 };
    const struct grant_config config = { GRANT_ID_MAX, GRANT_ID_MAX, grants, GRANTS_MAX };
    grant_config_mac(&device, &config, mac);
    assert_int_equal(strlen(mac), 64);
}

/* Rules 9.3, 5.2 of devices: also when the clock stands still, jumps back, or the database is old.
 */
static void test_next_number_only_grows(void **state)
{
    (void)state;
    static const int64_t cases[][3] = { /* last, now, next */
                                        { 0, 1000, 1000 },
                                        { 1000, 1000, 1001 },
                                        { 1001, 500, 1002 },
                                        { 1001, 9000, 9000 },
                                        { GRANT_ID_MAX - 1, 9000, GRANT_ID_MAX }
    };
    struct kit_error err = { 0 };
    int64_t next = 0;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(grant_next_number(cases[i][0], cases[i][1], &next, &err), KIT_OK);
        assert_int_equal(next, cases[i][2]);
    }
    assert_int_equal(grant_next_number(GRANT_ID_MAX, 9000, &next, &err), KIT_E_LIMIT);
    assert_int_equal(grant_next_number(-1, 9000, &next, &err), KIT_E_LIMIT);
}

static void test_is_believable_up_to_a_day_above_the_clock(void **state)
{
    (void)state;
    const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    assert_true(grant_is_believable(0, 1000));
    assert_true(grant_is_believable(1000 + day_ms, 1000));
    assert_false(grant_is_believable(1001 + day_ms, 1000));
    assert_false(grant_is_believable(GRANT_ID_MAX, 1000));
    assert_false(grant_is_believable(-1, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_golden_values),
        cmocka_unit_test(test_code_digits_are_even),
        cmocka_unit_test(test_code_another_secret_gives_another),
        cmocka_unit_test(test_macs_are_those_of_the_rules),
        cmocka_unit_test(test_config_mac_of_the_largest_configuration_fits),
        cmocka_unit_test(test_next_number_only_grows),
        cmocka_unit_test(test_is_believable_up_to_a_day_above_the_clock),
    };
    return cmocka_run_group_tests(tests, make_key, NULL);
}

/* Passwords as argon2id hashes: the text form, and that it fits its password alone. */
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/base/check.h"
#include "kit/base/password.h"

static const uint8_t SALT[KIT_PASSWORD_SALT_BYTES] = { 1, 2, 3 };

static void test_password_fits_its_hash_alone(void **state)
{
    char stored[KIT_PASSWORD_SIZE], other[KIT_PASSWORD_SIZE];

    (void)state;
    assert_true(kit_password_make("correct horse", SALT, stored));
    assert_memory_equal(stored, "$argon2id$v=19$m=19456,t=2,p=1$AQIDAAAAAAAAAAAAAAAAAA$", 54);
    assert_true(kit_password_fits("correct horse", stored));
    assert_false(kit_password_fits("correct horsf", stored));
    assert_false(kit_password_fits("", stored));
    assert_true(kit_password_make("correct horse", SALT, other));
    assert_string_equal(stored, other); /* the salt is all there is of chance */
}

static void test_what_is_no_hash_fits_nothing(void **state)
{
    static const char *const texts[] = { "", "$argon2id$", "correct horse",
                                         "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA" };
    char long_text[200];

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(texts); i++)
        assert_false(kit_password_fits("correct horse", texts[i]));
    memset(long_text, 'A', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    assert_false(kit_password_fits("correct horse", long_text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password_fits_its_hash_alone),
        cmocka_unit_test(test_what_is_no_hash_fits_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

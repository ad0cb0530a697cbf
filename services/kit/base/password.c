/* argon2id by libsodium; see password.h. Any thread. */
#include "kit/base/password.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"

#define HASH_BYTES 32
#define VARIANT sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define SALT_TEXT_SIZE sodium_base64_ENCODED_LEN(KIT_PASSWORD_SALT_BYTES, VARIANT)
#define HASH_TEXT_SIZE sodium_base64_ENCODED_LEN(HASH_BYTES, VARIANT)

_Static_assert(KIT_PASSWORD_SIZE == crypto_pwhash_STRBYTES, "the size of the text form");
_Static_assert(KIT_PASSWORD_SALT_BYTES == crypto_pwhash_SALTBYTES, "the size of a salt");

bool kit_password_make(const char *password, const uint8_t salt[KIT_PASSWORD_SALT_BYTES],
                       char ret_stored[KIT_PASSWORD_SIZE])
{
    uint8_t hash[HASH_BYTES];
    char salt_text[SALT_TEXT_SIZE], hash_text[HASH_TEXT_SIZE];

    if (crypto_pwhash(hash, sizeof(hash), password, strlen(password), salt, KIT_PASSWORD_PASSES,
                      KIT_PASSWORD_MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return false;
    (void)sodium_bin2base64(salt_text, sizeof(salt_text), salt, KIT_PASSWORD_SALT_BYTES, VARIANT);
    (void)sodium_bin2base64(hash_text, sizeof(hash_text), hash, sizeof(hash), VARIANT);
    const int length = snprintf(ret_stored, KIT_PASSWORD_SIZE, "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s",
                                KIT_PASSWORD_MEMORY_BYTES / 1024, KIT_PASSWORD_PASSES, salt_text,
                                hash_text);
    CHECK(length > 0 && length < KIT_PASSWORD_SIZE);
    return true;
}

bool kit_password_fits(const char *password, const char *stored)
{
    char text[KIT_PASSWORD_SIZE] = { 0 }; /* libsodium reads all of it */

    if (strlen(stored) >= sizeof(text))
        return false;
    memcpy(text, stored, strlen(stored));
    return crypto_pwhash_str_verify(text, password, strlen(password)) == 0;
}

/* Passwords as argon2id hashes, in the text form of the Password Hashing Competition:
 * "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>". Each call takes some 20 ms and 19 MiB, so the
 * loop is no place for it (kit_service_work). Any thread. */
#ifndef KIT_BASE_PASSWORD_H
#define KIT_BASE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KIT_PASSWORD_SIZE 128 /* of the text form, with its NUL */
#define KIT_PASSWORD_SALT_BYTES 16
#define KIT_PASSWORD_MEMORY_BYTES (19 << 20) /* OWASP's least for argon2id, with two passes */
#define KIT_PASSWORD_PASSES 2

/* Writes the text form of the password under a salt that nobody can predict. false: there is no
 * memory for it, and nothing was written. */
bool kit_password_make(const char *password, const uint8_t salt[KIT_PASSWORD_SALT_BYTES],
                       char ret_stored[KIT_PASSWORD_SIZE]);
/* Whether the password is the one of which the text form was made. false also for a text that is
 * none, and without memory. */
bool kit_password_fits(const char *password, const char *stored);

#endif

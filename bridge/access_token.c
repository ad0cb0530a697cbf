/* See access_token.h. */
#include "bridge/access_token.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "kit/base/text.h"

#define PREFIX_LENGTH 4
#define CSRF_TEXT "lockstock csrf 1"

static bool is_prefix(const char *text)
{
    static const char *const PREFIXES[] = { ACCESS_SESSION_PREFIX, ACCESS_API_PREFIX,
                                            ACCESS_LINK_PREFIX };

    for (size_t i = 0; i < KIT_COUNT(PREFIXES); i++) {
        if (strncmp(text, PREFIXES[i], PREFIX_LENGTH) == 0)
            return true;
    }
    return false;
}

bool access_token_is(const char *text)
{
    return strnlen(text, ACCESS_TOKEN_SIZE) == ACCESS_TOKEN_SIZE - 1 && is_prefix(text) &&
           strspn(text + PREFIX_LENGTH, "0123456789abcdef") == (size_t)(2 * ACCESS_TOKEN_BYTES);
}

/* Takes the first `length` bytes as the token; what is none is unreadable. */
static void take(struct access_proof *proof, enum access_way way, const char *text, size_t length)
{
    proof->way = ACCESS_UNREADABLE;
    if (length != ACCESS_TOKEN_SIZE - 1)
        return;
    memcpy(proof->token, text, length);
    proof->token[length] = '\0';
    if (access_token_is(proof->token))
        proof->way = way;
    else
        proof->token[0] = '\0';
}

static void read_authorization(const char *text, struct access_proof *ret)
{
    static const char scheme[] = "Bearer ";
    const size_t length = strlen(scheme);

    ret->way = ACCESS_UNREADABLE;
    if (strncasecmp(text, scheme, length) != 0)
        return;
    const char *token = text + length + strspn(text + length, " ");
    take(ret, ACCESS_BEARER, token, strlen(token));
}

/* name=value; name=value (RFC 6265, 4.2.1). */
static void read_cookie(const char *text, struct access_proof *ret)
{
    static const char name[] = ACCESS_COOKIE "=";
    const size_t name_length = strlen(name);
    size_t count = 0;

    while (*text != '\0') {
        const size_t length = strcspn(text, ";");
        if (length >= name_length && strncmp(text, name, name_length) == 0) {
            count++;
            take(ret, ACCESS_BY_COOKIE, text + name_length, length - name_length);
        }
        text += length;
        text += strspn(text, "; \t");
    }
    if (count > 1)
        *ret = (struct access_proof){ .way = ACCESS_UNREADABLE };
}

void access_proof_read(const char *authorization, const char *cookie, struct access_proof *ret)
{
    *ret = (struct access_proof){ .way = ACCESS_NOTHING };
    if (authorization != NULL)
        read_authorization(authorization, ret);
    else if (cookie != NULL)
        read_cookie(cookie, ret);
}

void access_token_write(const char *prefix, const uint8_t bytes[ACCESS_TOKEN_BYTES],
                        char ret_token[ACCESS_TOKEN_SIZE])
{
    PRE(strlen(prefix) == PREFIX_LENGTH);
    memcpy(ret_token, prefix, PREFIX_LENGTH);
    kit_hex(bytes, ACCESS_TOKEN_BYTES, ret_token + PREFIX_LENGTH,
            ACCESS_TOKEN_SIZE - PREFIX_LENGTH);
}

void access_token_hash(const char *token, char ret_hex[KIT_MAC_HEX_SIZE])
{
    kit_sha256_hex(token, strlen(token), ret_hex);
}

void access_token_csrf(const char *token, char ret_hex[KIT_MAC_HEX_SIZE])
{
    uint8_t key[32] = { 0 };

    PRE(access_token_is(token));
    for (size_t i = 0; i < 2 * sizeof(key); i++) {
        const char digit = token[PREFIX_LENGTH + i];
        const int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
        key[i / 2] = (uint8_t)(key[i / 2] << 4 | value);
    }
    kit_mac_hex(key, CSRF_TEXT, sizeof(CSRF_TEXT) - 1, ret_hex);
}

/* HMAC-SHA-256 by libsodium. Pure. Any thread. */
#include "kit/base/mac.h"

#include <sodium.h>

#include "kit/base/check.h"

_Static_assert(KIT_MAC_BYTES == crypto_auth_hmacsha256_BYTES, "size of a MAC");
_Static_assert(crypto_auth_hmacsha256_KEYBYTES == 32, "size of a key");

void kit_wipe(void *bytes, size_t size_bytes)
{
    sodium_memzero(bytes, size_bytes);
}

void kit_mac(const uint8_t key[32], const void *bytes, size_t size_bytes,
             uint8_t ret_mac[KIT_MAC_BYTES])
{
    (void)crypto_auth_hmacsha256(ret_mac, bytes, size_bytes, key); /* cannot fail */
}

void kit_mac_hex(const uint8_t key[32], const void *bytes, size_t size_bytes,
                 char ret_hex[KIT_MAC_HEX_SIZE])
{
    uint8_t mac[KIT_MAC_BYTES];
    kit_mac(key, bytes, size_bytes, mac);
    kit_hex(mac, sizeof(mac), ret_hex, KIT_MAC_HEX_SIZE);
}

void kit_sha256_hex(const void *bytes, size_t size_bytes, char ret_hex[KIT_MAC_HEX_SIZE])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, bytes, size_bytes); /* cannot fail */
    kit_hex(hash, sizeof(hash), ret_hex, KIT_MAC_HEX_SIZE);
}

bool kit_mac_hex_is_same(const char a[KIT_MAC_HEX_SIZE], const char b[KIT_MAC_HEX_SIZE])
{
    return sodium_memcmp(a, b, KIT_MAC_HEX_SIZE) == 0;
}

void kit_hex(const void *bytes, size_t size_bytes, char *ret_hex, size_t hex_size)
{
    PRE(hex_size > 2 * size_bytes);
    (void)sodium_bin2hex(ret_hex, hex_size, bytes, size_bytes);
}

/* HMAC-SHA-256, for what devices must be able to check (schemas/rules/devices.md 4, 5), and plain
 * SHA-256, for secrets that are random and long. Pure. Any thread. */
#ifndef KIT_BASE_MAC_H
#define KIT_BASE_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KIT_MAC_BYTES 32
#define KIT_MAC_HEX_SIZE 65 /* 64 hex digits and NUL */

/* Writes the HMAC of the bytes under the key. Cannot fail. */
void kit_mac(const uint8_t key[32], const void *bytes, size_t size_bytes,
             uint8_t ret_mac[KIT_MAC_BYTES]);
/* The same HMAC as 64 lower-case hexadecimal digits and a NUL. */
void kit_mac_hex(const uint8_t key[32], const void *bytes, size_t size_bytes,
                 char ret_hex[KIT_MAC_HEX_SIZE]);

/* Overwrites a key, or what it was made of, also where a compiler sees that nobody reads it again.
 */
void kit_wipe(void *bytes, size_t size_bytes);
/* Writes SHA-256 of the bytes as 64 lower-case hexadecimal digits and a NUL: so a token is stored,
 * which nobody can guess. A password needs more. */
void kit_sha256_hex(const void *bytes, size_t size_bytes, char ret_hex[KIT_MAC_HEX_SIZE]);

/* Are two MACs the same, as hexadecimal digits? It takes as long whatever they are. */
bool kit_mac_hex_is_same(const char a[KIT_MAC_HEX_SIZE], const char b[KIT_MAC_HEX_SIZE]);

/* Writes the bytes as lower-case hexadecimal digits, two a byte, and a NUL. A hex_size that has no
 * room for all of them is a bug. */
void kit_hex(const void *bytes, size_t size_bytes, char *ret_hex, size_t hex_size);

#endif

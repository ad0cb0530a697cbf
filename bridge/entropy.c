/* A supply of random bytes. See entropy.h. */
#include "bridge/entropy.h"

#include <string.h>

#include "kit/base/check.h"

void entropy_take(struct entropy *entropy, const struct kit_rng *rng, uint8_t *ret_bytes,
                  size_t size_bytes)
{
    PRE(size_bytes <= sizeof(entropy->bytes));
    if (entropy->left < size_bytes) {
        rng->fill(rng->self, entropy->bytes, sizeof(entropy->bytes));
        entropy->left = sizeof(entropy->bytes);
    }
    entropy->left -= size_bytes;
    memcpy(ret_bytes, entropy->bytes + entropy->left, size_bytes);
}

void entropy_write_hex(const uint8_t *bytes, size_t count, char *ret_text)
{
    static const char DIGITS[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        ret_text[2 * i] = DIGITS[bytes[i] >> 4];
        ret_text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
}

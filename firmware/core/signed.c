/* See signed.h. */
#include "core/signed.h"

#include "port/check.h"

void fw_signed_begin(struct fw_json_out *out, char *buf, size_t size_max, const char *what,
                     const struct fw_identity *identity)
{
    fw_json_out_init(out, buf, size_max);
    fw_signed_add_text(out, what);
    fw_signed_add_text(out, identity->site);
    fw_signed_add_text(out, identity->device);
}

void fw_signed_add_text(struct fw_json_out *out, const char *text)
{
    fw_json_out_add_text(out, text);
    fw_json_out_add_text(out, "\n");
}

void fw_signed_add_int(struct fw_json_out *out, int64_t value)
{
    fw_json_out_add_int(out, value);
    fw_json_out_add_text(out, "\n");
}

void fw_signed_make(const struct fw_json_out *out, const struct fw_identity *identity,
                    uint8_t ret_mac[FW_MAC_BYTES])
{
    FW_CHECK(!out->is_over);
    identity->mac->sign(identity->mac->self, out->bytes, out->size, ret_mac);
}

bool fw_signed_is_right(const struct fw_json_out *out, const struct fw_identity *identity,
                        const char *mac_hex)
{
    uint8_t mac[FW_MAC_BYTES];
    uint8_t given[FW_MAC_BYTES];
    fw_signed_make(out, identity, mac);
    fw_from_hex(mac_hex, given, sizeof(given));
    return fw_signed_equal(mac, given, sizeof(mac));
}

bool fw_signed_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    volatile uint8_t difference = 0; /* volatile: the compiler must not end the loop early */
    for (size_t i = 0; i < size; i++)
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    return difference == 0;
}

static uint8_t decode_digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

void fw_from_hex(const char *text, uint8_t *ret_bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ret_bytes[i] = (uint8_t)(decode_digit(text[2 * i]) << 4 | decode_digit(text[2 * i + 1]));
}

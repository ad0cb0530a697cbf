/* The texts whose MACs a device checks (schemas/rules/devices.md 8): lines that say what is signed,
 * for whom, and what it says. Owns nothing; the key never leaves the port. Any thread. */
#ifndef FW_CORE_SIGNED_H
#define FW_CORE_SIGNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/json.h"
#include "port/port.h"

#define FW_PROTOCOL_1 1 /* up to 0.3: time is not signed, nor is a start named */
#define FW_PROTOCOL_2 2

/* Who a device is, as the MACs name it; all borrowed. */
struct fw_identity {
    const char *site;
    const char *device;
    const struct fw_mac *mac; /* NULL: it has no key, and signs and checks nothing */
};

/**
 * fw_signed_begin() - Begin a text: what it is, site and device, a line each.
 *
 * @buf: room for the whole text; a text that does not fit is a bug of the caller.
 */
void fw_signed_begin(struct fw_json_out *out, char *buf, size_t size_max, const char *what,
                     const struct fw_identity *identity);

/** fw_signed_add_text() - Add a line. */
void fw_signed_add_text(struct fw_json_out *out, const char *text);

/** fw_signed_add_int() - Add a line with a number. */
void fw_signed_add_int(struct fw_json_out *out, int64_t value);

/** fw_signed_make() - The MAC of a text that is complete. */
void fw_signed_make(const struct fw_json_out *out, const struct fw_identity *identity,
                    uint8_t ret_mac[FW_MAC_BYTES]);

/** fw_signed_is_right() - Is that the MAC of the text, in hexadecimal digits? */
bool fw_signed_is_right(const struct fw_json_out *out, const struct fw_identity *identity,
                        const char *mac_hex);

/** fw_signed_equal() - Compare in a time that does not depend on where the bytes differ. */
bool fw_signed_equal(const uint8_t *a, const uint8_t *b, size_t size);

/** fw_from_hex() - @text: 2 * @size hexadecimal digits in small letters, as checked before. */
void fw_from_hex(const char *text, uint8_t *ret_bytes, size_t size);

#endif
